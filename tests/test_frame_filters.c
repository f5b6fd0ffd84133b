/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Steps that make a pixel from its neighbours: small cases by hand, missing values, edges, refusals, memory. Large ones
 * are compared with other programs by oracle_frame_steps.py.
 */
#include "frame_expect.h"
#include "temporary.h"

#include "math/image_median.h"

#include <stdio.h>
#include <unistd.h>

extern const lmp_step lmp_step_bin, lmp_step_resize, lmp_step_smooth, lmp_step_hillshade, lmp_step_drainage,
    lmp_step_isolines;

#define NO (double)NAN

static void bin_ignores_nan_and_drops_what_is_left(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 3, 4, 1, (const double[]){1, 2, NO, NO, 3, NO, NO, NO, 9, 9, 9, 9});
    expect(&lmp_step_bin, "", &in, LMP_FLOAT32, 2, (const double[]){2, NO});
    expect(&lmp_step_bin, "stat=sum", &in, LMP_FLOAT32, 2, (const double[]){6, NO});
    expect(&lmp_step_bin, "stat=max", &in, LMP_FLOAT32, 2, (const double[]){3, NO});
    expect(&lmp_step_bin, "x=4 y=1", &in, LMP_FLOAT32, 3, (const double[]){1.5, 3, 9});
    expect_record(&lmp_step_bin, "", &in, "\"nan_values_ignored\":5");
    expect(&lmp_step_bin, "1", &in, LMP_FLOAT32, 12, (const double[]){1, 2, NO, NO, 3, NO, NO, NO, 9, 9, 9, 9});
    expect_record(&lmp_step_bin, "1", &in, "\"nan_values_ignored\":0");
    expect_refusal(&lmp_step_bin, "4", &in, "4 x 4");
    drive_movie_all_faults(&lmp_step_bin, "2", &in);
    drive_movie_free(&in);
}

static void bin_rounds_integers_to_even(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 1, 1, 6, 1, (const double[]){0, 1, 1, 2, 255, 254});
    expect(&lmp_step_bin, "x=2 y=1", &in, LMP_UINT8, 3, (const double[]){0, 2, 254});
    expect(&lmp_step_bin, "x=2 y=1 stat=sum", &in, LMP_FLOAT32, 3, (const double[]){1, 3, 509});
    drive_movie_free(&in);
    in = movie_of(LMP_INT16, 1, 1, 2, 3, (const double[]){-5, 7, 2, -3, 9, 4});
    expect(&lmp_step_bin, "x=2 y=1", &in, LMP_INT16, 3, (const double[]){-4, 8, 3});
    expect(&lmp_step_bin, "x=2 y=1 stat=max", &in, LMP_INT16, 3, (const double[]){-3, 9, 4});
    drive_movie_free(&in);
}

static void resize_by_hand(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 3, 1, (const double[]){0, 3, 12});
    expect(&lmp_step_resize, "width=2 height=1", &in, LMP_FLOAT32, 2, (const double[]){1, 9});
    expect(&lmp_step_resize, "width=1 height=1", &in, LMP_FLOAT32, 1, (const double[]){5});
    expect(&lmp_step_resize, "width=6 height=1 method=linear", &in, LMP_FLOAT32, 6,
           (const double[]){0, 0.75, 2.25, 5.25, 9.75, 12});
    expect(&lmp_step_resize, "width=6 height=1 method=nearest", &in, LMP_FLOAT32, 6,
           (const double[]){0, 0, 3, 3, 12, 12});
    expect(&lmp_step_resize, "ratio=1 method=cubic", &in, LMP_FLOAT32, 3, (const double[]){0, 3, 12});
    expect_refusal(&lmp_step_resize, "", &in, "width, height or ratio");
    expect_refusal(&lmp_step_resize, "width=2 ratio=2", &in, "not both");
    drive_movie_all_faults(&lmp_step_resize, "ratio=2", &in);
    drive_movie_free(&in);
}

static void resize_and_missing_values(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 2, 4, 1, (const double[]){NO, NO, 1, NO, NO, NO, 3, 8});
    expect(&lmp_step_resize, "width=2 height=1", &in, LMP_FLOAT32, 2, (const double[]){NO, 4});
    expect_record(&lmp_step_resize, "width=2 height=1", &in, "\"nan_values_ignored\":5");
    expect(&lmp_step_resize, "width=4 height=1 method=linear", &in, LMP_FLOAT32, 4, (const double[]){NO, NO, 2, NO});
    expect(&lmp_step_resize, "width=2 height=2 method=nearest", &in, LMP_FLOAT32, 4, (const double[]){NO, NO, NO, 8});
    drive_movie_free(&in);
}

static void resize_keeps_types_unless_it_overshoots(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 1, 1, 4, 1, (const double[]){255, 255, 0, 0}), out;
    expect(&lmp_step_resize, "width=3 height=1", &in, LMP_UINT8, 3, (const double[]){255, 128, 0});
    drive_movie_all_cuts(&lmp_step_resize, "width=8 height=1 method=cubic", &in, &out);
    assert_int_equal(out.type, LMP_FLOAT32);
    assert_true(drive_movie_get(&out, 2) > 255 && drive_movie_get(&out, 5) < 0);
    drive_movie_free(&out);
    drive_movie_free(&in);
}

/* ---- Smoothing --------------------------------------------------------------------------------------------- */

static void mirrors_do_not_repeat_the_edge(void **state)
{
    (void)state;
    const int64_t expected[] = {2, 1, 0, 1, 2, 3, 2, 1, 0, 1};
    for (int64_t i = 0; i < 10; i++) assert_int_equal(image_mirror(i - 2, 4), expected[i]);
    assert_int_equal(image_mirror(-77, 1), 0);
    assert_int_equal(image_mirror(5, 2), 1);
}

static void smooth_by_hand(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 5, 1, (const double[]){0, 0, 9, 0, 6});
    expect(&lmp_step_smooth, "box size=3", &in, LMP_FLOAT32, 5, (const double[]){0, 3, 3, 5, 2});
    expect(&lmp_step_smooth, "median size=3", &in, LMP_FLOAT32, 5, (const double[]){0, 0, 0, 6, 0});
    const double e = exp(-0.5 / 0.09), sum = 1 + 2 * e; /* sigma 0.3: one neighbour on each side */
    expect(&lmp_step_smooth, "sigma=0.3", &in, LMP_FLOAT32, 5,
           (const double[]){0, 9 * e / sum, 9 / sum, 15 * e / sum, 6 / sum});
    expect(&lmp_step_smooth, "box size=1", &in, LMP_FLOAT32, 5, (const double[]){0, 0, 9, 0, 6});
    expect_refusal(&lmp_step_smooth, "box size=4", &in, "odd");
    expect_refusal(&lmp_step_smooth, "gaussian size=5", &in, "sigma");
    expect_refusal(&lmp_step_smooth, "bilateral", &in, "sigma-value");
    drive_movie_free(&in);
}

static void smooth_leaves_missing_values_out(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 6, 1, (const double[]){2, NO, 4, inf, 6, 6});
    expect(&lmp_step_smooth, "box size=3", &in, LMP_FLOAT32, 6, (const double[]){2, NO, 4, inf, 6, 6});
    expect(&lmp_step_smooth, "median size=5", &in, LMP_FLOAT32, 6, (const double[]){4, NO, 4, inf, 6, 6});
    expect(&lmp_step_smooth, "sigma=0.3", &in, LMP_FLOAT32, 6, (const double[]){2, NO, 4, inf, 6, 6});
    expect(&lmp_step_smooth, "bilateral sigma=0.3 sigma-value=1", &in, LMP_FLOAT32, 6,
           (const double[]){2, NO, 4, inf, 6, 6});
    expect_record(&lmp_step_smooth, "sigma=0.3", &in, "\"missing_values_ignored\":2");
    drive_movie_free(&in);
}

/* Constant frames stay constant, also at the ends of the types. */
static void smooth_keeps_constants(void **state)
{
    static const char *const settings[] = {"sigma=3", "box size=7", "median size=3", "median size=11",
                                           "bilateral sigma=1 sigma-value=5"};
    static const lmp_type types[] = {LMP_UINT8, LMP_INT8, LMP_UINT16, LMP_INT16, LMP_FLOAT32};
    (void)state;
    for (size_t t = 0; t < 5; t++) {
        const double value = types[t] == LMP_UINT8    ? 255
                             : types[t] == LMP_UINT16 ? 65535
                             : types[t] == LMP_INT8   ? -128
                                                      : -32768;
        drive_movie in = drive_movie_new(types[t], 2, 5, 4, 3), out;
        for (int64_t i = 0; i < 120; i++) drive_movie_set(&in, i, value);
        for (size_t k = 0; k < 5; k++) {
            drive_movie_all_cuts(&lmp_step_smooth, settings[k], &in, &out);
            assert_int_equal(out.type, types[t]);
            for (int64_t i = 0; i < 120; i++) assert_true(fabs(drive_movie_get(&out, i) - value) <= fabs(value) * 1e-6);
            drive_movie_free(&out);
        }
        drive_movie_free(&in);
    }
}

static void smooth_faults_are_reported(void **state)
{
    (void)state;
    drive_movie in = ramp(LMP_UINT16, 2, 9, 8, 1);
    drive_movie_all_faults(&lmp_step_smooth, "sigma=1", &in);
    drive_movie_all_faults(&lmp_step_smooth, "median size=9", &in);
    drive_movie_free(&in);
}

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* By sorting, for windows on both sides of every change of method. */
static void medians_are_exact(void **state)
{
    enum { H = 13, W = 17 };
    static const int bits[] = {0, 8, 16};
    (void)state;
    for (int b = 0; b < 3; b++) {
        float image[H * W], out[H * W], window[21 * 21];
        uint32_t seed = 7;
        for (int i = 0; i < H * W; i++) {
            seed = seed * 1664525u + 1013904223u;
            image[i] =
                (float)(int32_t)((seed >> 12) % (bits[b] == 8 ? 256 : 65536)) - (bits[b] == 16 ? 32768.0f : 0.0f);
        }
        const image_values values = {.bits = bits[b], .lowest = bits[b] == 16 ? -32768 : 0};
        const image_size size = {H, W, 1};
        for (int64_t radius = 1; radius <= 10; radius++) {
            void *scratch = malloc(image_median_scratch(values, size, radius));
            assert_non_null(scratch);
            image_median(image, size, radius, values, scratch, out);
            free(scratch);
            for (int64_t i = 0; i < H * W; i++) {
                size_t n = 0;
                for (int64_t y = -radius; y <= radius; y++)
                    for (int64_t x = -radius; x <= radius; x++)
                        window[n++] = image[image_mirror(i / W + y, H) * W + image_mirror(i % W + x, W)];
                qsort(window, n, sizeof *window, compare);
                assert_true(out[i] == window[n / 2]);
            }
        }
    }
}

/* ---- Landscapes -------------------------------------------------------------------------------------------- */

static void hillshade_of_a_slope(void **state)
{
    (void)state;
    /* heights fall by 1 to the right: the surface looks to the right, 45 degrees up */
    drive_movie in = movie_of(LMP_UINT8, 1, 2, 3, 1, (const double[]){2, 1, 0, 2, 1, 0});
    const double lit[] = {1, 1, 1, 1, 1, 1}, dark[] = {0, 0, 0, 0, 0, 0};
    expect(&lmp_step_hillshade, "azimuth=90 elevation=45", &in, LMP_FLOAT32, 6, lit);
    expect(&lmp_step_hillshade, "azimuth=-90 elevation=30", &in, LMP_FLOAT32, 6, dark);
    const double half = sqrt(0.5);
    expect(&lmp_step_hillshade, "azimuth=0 elevation=90", &in, LMP_FLOAT32, 6,
           (const double[]){half, half, half, half, half, half});
    drive_movie_all_faults(&lmp_step_hillshade, "", &in);
    drive_movie_free(&in);
    in = movie_of(LMP_FLOAT32, 1, 1, 5, 1, (const double[]){1, 1, NO, 1, 1});
    expect(&lmp_step_hillshade, "elevation=90", &in, LMP_FLOAT32, 5, (const double[]){1, NO, NO, NO, 1});
    drive_movie_free(&in);
    in = ramp(LMP_UINT8, 1, 2, 2, 3);
    expect_refusal(&lmp_step_hillshade, "", &in, "grey");
    expect_refusal(&lmp_step_drainage, "", &in, "grey");
    expect_refusal(&lmp_step_isolines, "table=x.csv", &in, "grey");
    drive_movie_free(&in);
}

static void drainage_counts(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 1, 3, 3, 1, (const double[]){9, 8, 9, 8, 5, 8, 9, 4, 9});
    /* the upper corners and the three next to the middle drain to it, the lower corners straight to the lowest */
    expect(&lmp_step_drainage, "", &in, LMP_FLOAT64, 9, (const double[]){1, 1, 1, 1, 6, 1, 1, 9, 1});
    expect(&lmp_step_drainage, "log=yes", &in, LMP_FLOAT64, 9,
           (const double[]){0, 0, 0, 0, log10(6), 0, 0, log10(9), 0});
    drive_movie_all_faults(&lmp_step_drainage, "", &in);
    drive_movie_free(&in);
    in = movie_of(LMP_FLOAT32, 1, 1, 5, 1, (const double[]){3, 3, 2, NO, 1});
    expect(&lmp_step_drainage, "", &in, LMP_FLOAT64, 5, (const double[]){1, 1, 2, NO, 1});
    drive_movie_free(&in);
    /* equally steep to both sides: the right one counts */
    in = movie_of(LMP_FLOAT32, 1, 1, 3, 1, (const double[]){1, 2, 1});
    expect(&lmp_step_drainage, "", &in, LMP_FLOAT64, 3, (const double[]){1, 1, 2});
    drive_movie_free(&in);
}

/* ---- Isolines ---------------------------------------------------------------------------------------------- */

static char *file_text(const char *path)
{
    static char text[4096];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

enum { WORDS = TEMPORARY_ROOM + 100 };

/* A file that is there, so that nobody else's is written over; "SETTINGS table=PATH". */
static void with_table(const char *settings, char path[TEMPORARY_ROOM], char words[WORDS])
{
    const int file = mkstemp(temporary_name(path, "limpid-isolines-XXXXXX"));
    assert_true(file >= 0);
    close(file);
    snprintf(words, WORDS, "%s table=%s", settings, path);
}

static void expect_table(const char *settings, const drive_movie *in, const char *table)
{
    char path[TEMPORARY_ROOM], words[WORDS];
    drive_movie out;
    with_table(settings, path, words);
    drive_movie_all_cuts(&lmp_step_isolines, words, in, &out);
    assert_int_equal(out.type, in->type);
    for (int64_t i = 0; i < in->n_times * in->height * in->width; i++)
        assert_true(drive_movie_get(&out, i) == drive_movie_get(in, i) || isnan(drive_movie_get(in, i)));
    assert_string_equal(file_text(path), table);
    unlink(path);
    drive_movie_free(&out);
}

static void isolines_of_a_peak(void **state)
{
    (void)state;
    drive_movie in = drive_movie_new(LMP_UINT8, 3, 3, 3, 1);
    for (int64_t t = 0; t < 3; t++) drive_movie_set(&in, 9 * t + 4, 10);
    expect_table(
        "levels=5 frames=2:", &in,
        "frame,level,line,point,x,y\n2,5,0,0,0.5,1\n2,5,0,1,1,0.5\n2,5,0,2,1.5,1\n2,5,0,3,1,1.5\n2,5,0,4,0.5,1\n");
    expect_table(
        "count=1 frames=0:3:2", &in,
        "frame,level,line,point,x,y\n0,5,0,0,0.5,1\n0,5,0,1,1,0.5\n0,5,0,2,1.5,1\n0,5,0,3,1,1.5\n0,5,0,4,0.5,1\n"
        "2,5,0,0,0.5,1\n2,5,0,1,1,0.5\n2,5,0,2,1.5,1\n2,5,0,3,1,1.5\n2,5,0,4,0.5,1\n");
    expect_table("levels=11", &in, "frame,level,line,point,x,y\n");
    expect_refusal(&lmp_step_isolines, "frames=3: table=x.csv", &in, "3");
    expect_refusal(&lmp_step_isolines, "levels=5", &in, "table");
    drive_movie_free(&in);
}

static void isolines_end_at_edges_and_gaps(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 3, 2, 1, (const double[]){0, 4, 0, 4, NO, 4});
    expect_table("levels=1", &in, "frame,level,line,point,x,y\n0,1,0,0,0.25,1\n0,1,0,1,0.25,0\n");
    drive_movie_free(&in);
    /* a saddle whose mean lies below: two lines around the high corners */
    in = movie_of(LMP_FLOAT32, 1, 2, 2, 1, (const double[]){4, 0, 0, 4});
    expect_table("levels=3", &in,
                 "frame,level,line,point,x,y\n0,3,0,0,0.25,0\n0,3,0,1,0,0.25\n0,3,1,0,0.75,1\n0,3,1,1,1,0.75\n");
    /* and above: around the low ones */
    expect_table("levels=1", &in,
                 "frame,level,line,point,x,y\n0,1,0,0,0.75,0\n0,1,0,1,1,0.25\n0,1,1,0,0.25,1\n0,1,1,1,0,0.75\n");
    drive_movie_free(&in);
}

static void isolines_need_room(void **state)
{
    static const int64_t one[] = {1, 0};
    (void)state;
    drive_movie in = ramp(LMP_UINT8, 2, 20, 20, 1), out;
    lmp_error err = {0};
    assert_int_equal(drive_movie_step(&lmp_step_isolines, "points=10 table=none.csv", &in, one, &out, &err),
                     LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "10 points"));
    char path[TEMPORARY_ROOM], words[WORDS];
    with_table("smooth=2", path, words);
    drive_movie_all_faults(&lmp_step_isolines, words, &in);
    unlink(path);
    drive_movie_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bin_ignores_nan_and_drops_what_is_left),
        cmocka_unit_test(bin_rounds_integers_to_even),
        cmocka_unit_test(resize_by_hand),
        cmocka_unit_test(resize_and_missing_values),
        cmocka_unit_test(resize_keeps_types_unless_it_overshoots),
        cmocka_unit_test(mirrors_do_not_repeat_the_edge),
        cmocka_unit_test(smooth_by_hand),
        cmocka_unit_test(smooth_leaves_missing_values_out),
        cmocka_unit_test(smooth_keeps_constants),
        cmocka_unit_test(smooth_faults_are_reported),
        cmocka_unit_test(medians_are_exact),
        cmocka_unit_test(hillshade_of_a_slope),
        cmocka_unit_test(drainage_counts),
        cmocka_unit_test(isolines_of_a_peak),
        cmocka_unit_test(isolines_end_at_edges_and_gaps),
        cmocka_unit_test(isolines_need_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
