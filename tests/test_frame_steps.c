/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Steps that move, choose, convert and scale pixels: small cases by hand, missing values, types, refusals, memory.
 * Large ones are compared with other programs by oracle_frame_steps.py.
 */
#include "frame_expect.h"

extern const lmp_step lmp_step_frames, lmp_step_crop, lmp_step_convert, lmp_step_clip, lmp_step_flip, lmp_step_rotate,
    lmp_step_grey, lmp_step_log, lmp_step_gamma, lmp_step_normalise;

static const lmp_type all_types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                     LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { N_TYPES = sizeof all_types / sizeof *all_types };

/* ---- Choosing ---------------------------------------------------------------------------------------------- */

static void frames_chooses_by_number(void **state)
{
    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        drive_movie in = ramp(all_types[t], 23, 1, 1, 1), out;
        in.rate_hz = 30;
        expect(&lmp_step_frames, "3:20:5", &in, all_types[t], 4, (const double[]){3, 8, 13, 18});
        expect(&lmp_step_frames, "-3:", &in, all_types[t], 3, (const double[]){20, 21, 22});
        expect(&lmp_step_frames, "::22", &in, all_types[t], 2, (const double[]){0, 22});
        expect(&lmp_step_frames, "7:8:9", &in, all_types[t], 1, (const double[]){7});
        drive_movie_all_cuts(&lmp_step_frames, "::3", &in, &out);
        assert_true(out.rate_hz == 10);
        drive_movie_free(&out);
        drive_movie_free(&in);
    }
}

static void frames_works_in_bands(void **state)
{
    (void)state;
    drive_movie in = ramp(LMP_UINT16, 9, 5, 9000, 1), out;
    drive_movie_all_cuts(&lmp_step_frames, "1:9:4", &in, &out);
    assert_int_equal(out.n_times, 2);
    const size_t frame = 5 * 9000 * sizeof(uint16_t);
    assert_memory_equal(out.data, (char *)in.data + frame, frame);
    assert_memory_equal((char *)out.data + frame, (char *)in.data + 5 * frame, frame);
    drive_movie_free(&out);
    drive_movie_all_faults(&lmp_step_frames, "1:9:4", &in);
    expect_refusal(&lmp_step_frames, "9:", &in, "9");
    expect_refusal(&lmp_step_frames, "", &in, "range");
    drive_movie_free(&in);
}

static void crop_takes_a_rectangle(void **state)
{
    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        drive_movie in = ramp(all_types[t], 2, 3, 4, 1);
        expect(&lmp_step_crop, "x=1 y=1 width=2 height=2", &in, all_types[t], 8,
               (const double[]){5, 6, 9, 10, 17, 18, 21, 22});
        expect(&lmp_step_crop, "x=3", &in, all_types[t], 6, (const double[]){3, 7, 11, 15, 19, 23});
        drive_movie_free(&in);
    }
    drive_movie in = ramp(LMP_UINT8, 2, 2, 2, 3);
    expect(&lmp_step_crop, "x=1 height=1", &in, LMP_UINT8, 6, (const double[]){3, 4, 5, 15, 16, 17});
    drive_movie_all_faults(&lmp_step_crop, "x=1 height=1", &in);
    drive_movie_free(&in);
}

static void crop_takes_a_stretch(void **state)
{
    (void)state;
    drive_movie in = ramp(LMP_INT16, 10, 1, 1, 1);
    expect_refusal(&lmp_step_crop, "range=1-2", &in, "rate");
    in.rate_hz = 2;
    expect(&lmp_step_crop, "range=1-3", &in, LMP_INT16, 4, (const double[]){2, 3, 4, 5});
    expect(&lmp_step_crop, "4-", &in, LMP_INT16, 2, (const double[]){8, 9});
    expect_refusal(&lmp_step_crop, "range=1-3 x=0", &in, "crop twice");
    expect_refusal(&lmp_step_crop, "", &in, "range=10-20");
    expect_refusal(&lmp_step_crop, "range=5-6", &in, "5 s long");
    expect_refusal(&lmp_step_crop, "x=1", &in, "frames of 1");
    expect_refusal(&lmp_step_crop, "y=0 height=2", &in, "2 rows");
    drive_movie_free(&in);
}

/* ---- Moving ------------------------------------------------------------------------------------------------ */

static void pixels_move_in_any_type(void **state)
{
    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        const lmp_type type = all_types[t];
        drive_movie in = movie_of(type, 1, 2, 3, 1, (const double[]){1, 2, 3, 4, 5, 6});
        expect(&lmp_step_flip, "x", &in, type, 6, (const double[]){3, 2, 1, 6, 5, 4});
        expect(&lmp_step_flip, "y", &in, type, 6, (const double[]){4, 5, 6, 1, 2, 3});
        expect(&lmp_step_flip, "both", &in, type, 6, (const double[]){6, 5, 4, 3, 2, 1});
        expect(&lmp_step_flip, "diagonal", &in, type, 6, (const double[]){1, 4, 2, 5, 3, 6});
        expect(&lmp_step_rotate, "90", &in, type, 6, (const double[]){4, 1, 5, 2, 6, 3});
        expect(&lmp_step_rotate, "180", &in, type, 6, (const double[]){6, 5, 4, 3, 2, 1});
        expect(&lmp_step_rotate, "-90", &in, type, 6, (const double[]){3, 6, 2, 5, 1, 4});
        expect(&lmp_step_rotate, "0", &in, type, 6, (const double[]){1, 2, 3, 4, 5, 6});
        drive_movie_free(&in);
    }
    drive_movie in = ramp(LMP_UINT8, 1, 1, 2, 3);
    expect(&lmp_step_flip, "x", &in, LMP_UINT8, 6, (const double[]){3, 4, 5, 0, 1, 2});
    expect(&lmp_step_rotate, "90", &in, LMP_UINT8, 6, (const double[]){0, 1, 2, 3, 4, 5});
    drive_movie_all_faults(&lmp_step_flip, "y", &in);
    drive_movie_free(&in);
}

static void rotation_fills_what_comes_from_outside(void **state)
{
    (void)state;
    const double values[] = {0, 8, 0, 0, 8, 0, 0, 8, 0};
    drive_movie in = movie_of(LMP_FLOAT32, 1, 3, 3, 1, values), out;
    drive_movie_all_cuts(&lmp_step_rotate, "angle=45", &in, &out);
    assert_true(isnan(drive_movie_get(&out, 0)) && drive_movie_get(&out, 4) == 8);
    /* the middle of the right side comes from the upper right, half a diagonal away */
    assert_true(fabs(drive_movie_get(&out, 5) - 8 * (1 - sqrt(0.5))) < 1e-5);
    drive_movie_free(&out);
    drive_movie_free(&in);
    in = movie_of(LMP_UINT8, 1, 3, 3, 1, values);
    drive_movie_all_cuts(&lmp_step_rotate, "angle=45 fill=7", &in, &out);
    assert_int_equal(out.type, LMP_UINT8);
    assert_true(drive_movie_get(&out, 0) == 7 && drive_movie_get(&out, 5) == 2);
    drive_movie_free(&out);
    expect_refusal(&lmp_step_rotate, "angle=45 fill=300", &in, "uint8");
    drive_movie_all_faults(&lmp_step_rotate, "angle=45", &in);
    drive_movie_free(&in);
}

/* ---- Number types ------------------------------------------------------------------------------------------ */

static void convert_rounds_to_even(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT64, 1, 1, 6, 1, (const double[]){0.5, 1.5, 2.5, -0.5, 254.25, 255.25});
    expect(&lmp_step_convert, "uint8", &in, LMP_UINT8, 6, (const double[]){0, 2, 2, 0, 254, 255});
    expect(&lmp_step_convert, "int64", &in, LMP_INT64, 6, (const double[]){0, 2, 2, 0, 254, 255});
    expect(&lmp_step_convert, "float32", &in, LMP_FLOAT32, 6, (const double[]){0.5, 1.5, 2.5, -0.5, 254.25, 255.25});
    drive_movie_all_faults(&lmp_step_convert, "uint8", &in);
    drive_movie_free(&in);
}

/* Fails in the run, naming the place. */
static void expect_overflow(const char *settings, const drive_movie *in, const char *part)
{
    static const int64_t one[] = {1, 0};
    lmp_error err = {0};
    drive_movie out;
    assert_int_equal(drive_movie_step(&lmp_step_convert, settings, in, one, &out, &err), LMP_ERR_RANGE);
    if (strstr(err.text, part) == NULL) fail_msg("convert %s: \"%s\" does not say %s", settings, err.text, part);
}

static void convert_refuses_or_counts_what_does_not_fit(void **state)
{
    (void)state;
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 300, -9, 10, 11, (double)NAN};
    drive_movie in = movie_of(LMP_FLOAT32, 2, 2, 3, 1, values);
    expect_overflow("uint8", &in, "300 in frame 1, column 1, row 0 does not fit into uint8");
    expect(&lmp_step_convert, "uint8 overflow=clip", &in, LMP_UINT8, 12,
           (const double[]){1, 2, 3, 4, 5, 6, 7, 255, 0, 10, 11, 0});
    expect_record(&lmp_step_convert, "uint8 overflow=clip", &in, "\"clipped_values\":2");
    expect_record(&lmp_step_convert, "uint8 overflow=clip", &in, "\"nan_values\":1");
    expect(&lmp_step_convert, "float64", &in, LMP_FLOAT64, 12, values);
    drive_movie_set(&in, 7, 8);
    drive_movie_set(&in, 8, 9);
    expect_overflow("int64", &in, "nan in frame 1, column 2, row 1");
    drive_movie_free(&in);
    in = movie_of(LMP_FLOAT64, 1, 1, 2, 1, (const double[]){-1e300, (double)INFINITY});
    expect_overflow("float32", &in, "-1e+300 in frame 0, column 0");
    expect_record(&lmp_step_convert, "float32 overflow=clip", &in, "\"clipped_values\":1");
    drive_movie_free(&in);
}

static void convert_maps_ranges(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT16, 1, 1, 4, 1, (const double[]){0, 257, 32896, 65535});
    expect(&lmp_step_convert, "uint8 map=full", &in, LMP_UINT8, 4, (const double[]){0, 1, 128, 255});
    expect(&lmp_step_convert, "int8 map=full", &in, LMP_INT8, 4, (const double[]){-128, -127, 0, 127});
    expect(&lmp_step_convert, "float64 map=full", &in, LMP_FLOAT64, 4,
           (const double[]){0, 257 / 65535.0, 32896 / 65535.0, 1});
    expect(&lmp_step_convert, "uint8 map=range low=0 high=65535", &in, LMP_UINT8, 4, (const double[]){0, 1, 128, 255});
    expect_overflow("uint8 map=range low=0 high=1000", &in, "as mapped");
    expect_refusal(&lmp_step_convert, "uint8 map=range low=5", &in, "low and high");
    expect_refusal(&lmp_step_convert, "uint8 map=range low=5 high=5", &in, "low below high");
    expect_refusal(&lmp_step_convert, "uint8 low=5", &in, "map=range");
    expect_refusal(&lmp_step_convert, "complex", &in, "complex");
    drive_movie_free(&in);
    in = ramp(LMP_FLOAT32, 1, 1, 1, 1);
    expect_refusal(&lmp_step_convert, "uint8 map=full", &in, "float32");
    drive_movie_free(&in);
}

static void sixty_four_bits_stay(void **state)
{
    (void)state;
    static const int64_t values[] = {INT64_MIN, INT64_MAX, INT64_MAX - 1, (1LL << 53) + 1, -1};
    drive_movie in = drive_movie_new(LMP_INT64, 1, 1, 5, 1), out, back;
    memcpy(in.data, values, sizeof values);
    drive_movie_all_cuts(&lmp_step_convert, "uint64 map=full", &in, &out);
    for (int i = 0; i < 5; i++) assert_true(((uint64_t *)out.data)[i] == (uint64_t)values[i] + (1ULL << 63));
    drive_movie_all_cuts(&lmp_step_convert, "int64 map=full", &out, &back);
    assert_memory_equal(back.data, values, sizeof values);
    drive_movie_free(&back);
    drive_movie_free(&out);
    expect_overflow("uint64", &in, "column 0");
    drive_movie_free(&in);
}

static void clip_limits_and_counts(void **state)
{
    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        drive_movie in = movie_of(all_types[t], 1, 1, 5, 1, (const double[]){1, 20, 40, 60, 100});
        expect(&lmp_step_clip, "low=20 high=60", &in, all_types[t], 5, (const double[]){20, 20, 40, 60, 60});
        expect(&lmp_step_clip, "high=60", &in, all_types[t], 5, (const double[]){1, 20, 40, 60, 60});
        expect_record(&lmp_step_clip, "low=30 high=60", &in, "\"values_above\":1,\"values_below\":2");
        drive_movie_free(&in);
    }
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 3, 1, (const double[]){(double)NAN, -(double)INFINITY, 0.25});
    expect(&lmp_step_clip, "low=0.1", &in, LMP_FLOAT32, 3, (const double[]){(double)NAN, 0.1, 0.25});
    expect_refusal(&lmp_step_clip, "low=3 high=2", &in, "above");
    expect_refusal(&lmp_step_clip, "", &in, "low, high");
    drive_movie_all_faults(&lmp_step_clip, "low=1", &in);
    drive_movie_free(&in);
    in = ramp(LMP_UINT8, 1, 1, 1, 1);
    expect_refusal(&lmp_step_clip, "low=0.5", &in, "uint8");
    expect_refusal(&lmp_step_clip, "high=256", &in, "uint8");
    drive_movie_free(&in);
}

/* ---- Arithmetic -------------------------------------------------------------------------------------------- */

static void grey_weighs_colours(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 1, 1, 3, 3, (const double[]){255, 255, 255, 100, 50, 200, 1, 0, 0});
    expect(&lmp_step_grey, "", &in, LMP_UINT8, 3, (const double[]){255, 82, 0});
    expect(&lmp_step_grey, "mean", &in, LMP_UINT8, 3, (const double[]){255, 117, 0});
    expect(&lmp_step_grey, "max", &in, LMP_UINT8, 3, (const double[]){255, 200, 1});
    expect(&lmp_step_grey, "blue", &in, LMP_UINT8, 3, (const double[]){255, 200, 0});
    drive_movie_all_faults(&lmp_step_grey, "", &in);
    drive_movie_free(&in);
    in = movie_of(LMP_FLOAT64, 1, 1, 2, 3, (const double[]){1, 2, 3, (double)NAN, 1, 7});
    expect(&lmp_step_grey, "", &in, LMP_FLOAT64, 2, (const double[]){1.815, (double)NAN});
    expect(&lmp_step_grey, "max", &in, LMP_FLOAT64, 2, (const double[]){3, (double)NAN});
    expect(&lmp_step_grey, "green", &in, LMP_FLOAT64, 2, (const double[]){2, 1});
    drive_movie_free(&in);
    in = ramp(LMP_INT32, 2, 2, 2, 1);
    expect(&lmp_step_grey, "", &in, LMP_INT32, 8, (const double[]){0, 1, 2, 3, 4, 5, 6, 7});
    drive_movie_free(&in);
}

static void log_counts_what_has_none(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 5, 1, (const double[]){1, M_E, 0, -1, (double)NAN});
    const double nan = (double)NAN;
    expect(&lmp_step_log, "", &in, LMP_FLOAT32, 5, (const double[]){0, 1, nan, nan, nan});
    expect_record(&lmp_step_log, "", &in, "\"values_without_logarithm\":2");
    expect(&lmp_step_log, "offset=1 base=2", &in, LMP_FLOAT32, 5, (const double[]){1, log2(M_E + 1), 0, nan, nan});
    drive_movie_all_faults(&lmp_step_log, "", &in);
    drive_movie_free(&in);
    in = movie_of(LMP_UINT16, 1, 1, 2, 1, (const double[]){1000, 10});
    expect(&lmp_step_log, "base=10", &in, LMP_FLOAT32, 2, (const double[]){3, 1});
    drive_movie_free(&in);
}

static void gamma_spreads_tones(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 1, 1, 3, 1, (const double[]){0, 51, 255});
    expect(&lmp_step_gamma, "2", &in, LMP_FLOAT32, 3, (const double[]){0, 0.04, 1});
    expect(&lmp_step_gamma, "0.5 low=51 high=102", &in, LMP_FLOAT32, 3, (const double[]){(double)NAN, 0, 2});
    expect_record(&lmp_step_gamma, "0.5 low=51 high=102", &in, "\"values_below_range\":1");
    expect_refusal(&lmp_step_gamma, "2 low=300", &in, "below");
    expect_refusal(&lmp_step_gamma, "", &in, "exponent");
    drive_movie_free(&in);
}

static void normalise_handles_flat_and_missing(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    const double values[] = {2, 4, 6, nan, 0.1f, 0.1f, 0.1f, 0.1f, nan, nan, nan, nan};
    drive_movie in = movie_of(LMP_FLOAT32, 3, 2, 2, 1, values);
    expect(&lmp_step_normalise, "", &in, LMP_FLOAT32, 12,
           (const double[]){0, 0.5, 1, nan, 0, 0, 0, 0, nan, nan, nan, nan});
    expect_record(&lmp_step_normalise, "", &in, "\"flat_frames\":2");
    expect(&lmp_step_normalise, "zscore", &in, LMP_FLOAT32, 12,
           (const double[]){-sqrt(1.5), 0, sqrt(1.5), nan, 0, 0, 0, 0, nan, nan, nan, nan});
    expect(&lmp_step_normalise, "mean", &in, LMP_FLOAT32, 12,
           (const double[]){0.5, 1, 1.5, nan, 1, 1, 1, 1, nan, nan, nan, nan});
    expect(&lmp_step_normalise, "percentile low=25 high=75", &in, LMP_FLOAT32, 12,
           (const double[]){-0.5, 0.5, 1.5, nan, 0, 0, 0, 0, nan, nan, nan, nan});
    drive_movie_all_faults(&lmp_step_normalise, "percentile", &in);
    expect_refusal(&lmp_step_normalise, "percentile low=50 high=50", &in, "less than");
    expect_refusal(&lmp_step_normalise, "to=type", &in, "float32");
    drive_movie_free(&in);
}

static void normalise_to_a_type(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_INT8, 2, 1, 3, 1, (const double[]){10, 20, 30, 5, 5, 5});
    expect(&lmp_step_normalise, "to=type", &in, LMP_INT8, 6, (const double[]){-128, 0, 127, -128, -128, -128});
    expect(&lmp_step_normalise, "percentile low=50 high=100 to=type", &in, LMP_INT8, 6,
           (const double[]){-128, -128, 127, -128, -128, -128});
    expect_record(&lmp_step_normalise, "percentile low=50 high=100 to=type", &in, "\"clipped_values\":1");
    expect_refusal(&lmp_step_normalise, "zscore to=type", &in, "minmax");
    drive_movie_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_chooses_by_number),
        cmocka_unit_test(frames_works_in_bands),
        cmocka_unit_test(crop_takes_a_rectangle),
        cmocka_unit_test(crop_takes_a_stretch),
        cmocka_unit_test(pixels_move_in_any_type),
        cmocka_unit_test(rotation_fills_what_comes_from_outside),
        cmocka_unit_test(convert_rounds_to_even),
        cmocka_unit_test(convert_refuses_or_counts_what_does_not_fit),
        cmocka_unit_test(convert_maps_ranges),
        cmocka_unit_test(sixty_four_bits_stay),
        cmocka_unit_test(clip_limits_and_counts),
        cmocka_unit_test(grey_weighs_colours),
        cmocka_unit_test(log_counts_what_has_none),
        cmocka_unit_test(gamma_spreads_tones),
        cmocka_unit_test(normalise_handles_flat_and_missing),
        cmocka_unit_test(normalise_to_a_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
