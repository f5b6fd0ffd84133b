/* SPDX-License-Identifier: BSD-3-Clause
 *
 * glow: minima over all frames and over some, number types, missing values.
 */
#include "frame_expect.h"

extern const lmp_step lmp_step_glow;

#define NO (double)NAN

static void the_minimum_goes(void **state)
{
    static const lmp_type types[] = {LMP_UINT8, LMP_UINT16, LMP_UINT32, LMP_FLOAT32, LMP_FLOAT64};
    (void)state;
    for (int t = 0; t < 5; t++) {
        drive_movie in = movie_of(types[t], 3, 1, 3, 1, (const double[]){5, 0, 255, 3, 7, 254, 4, 200, 255});
        expect(&lmp_step_glow, "", &in, types[t], 9, (const double[]){2, 0, 1, 0, 7, 0, 1, 200, 1});
        drive_movie_free(&in);
    }
}

static void differences_of_signed_numbers_fit(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_INT8, 2, 1, 2, 1, (const double[]){-128, 5, 127, -3});
    expect(&lmp_step_glow, "", &in, LMP_UINT8, 4, (const double[]){0, 8, 255, 0});
    drive_movie_free(&in);
    in = movie_of(LMP_INT16, 2, 1, 2, 1, (const double[]){-32768, 5, 32767, -3});
    expect(&lmp_step_glow, "", &in, LMP_UINT16, 4, (const double[]){0, 8, 65535, 0});
    drive_movie_free(&in);
    in = movie_of(LMP_INT32, 2, 1, 2, 1, (const double[]){-2147483648.0, 5, 2147483647, -3});
    expect(&lmp_step_glow, "", &in, LMP_UINT32, 4, (const double[]){0, 8, 4294967295.0, 0});
    drive_movie_free(&in);
    in = movie_of(LMP_INT64, 2, 1, 2, 1, (const double[]){-9, 5, 9, -3});
    expect(&lmp_step_glow, "", &in, LMP_FLOAT32, 4, (const double[]){0, 8, 18, 0});
    drive_movie_free(&in);
}

static void frames_outside_the_range_may_lie_below(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 3, 1, 2, 1, (const double[]){5, 9, 3, 7, 4, 200});
    expect(&lmp_step_glow, "range=0:3", &in, LMP_UINT8, 6, (const double[]){2, 2, 0, 0, 1, 193});
    expect(&lmp_step_glow, "range=::2", &in, LMP_FLOAT32, 6, (const double[]){1, 0, -1, -2, 0, 191});
    expect(&lmp_step_glow, "range=:1", &in, LMP_FLOAT32, 6, (const double[]){0, 0, -2, -2, -1, 191});
    expect_refusal(&lmp_step_glow, "range=5:", &in, "glow");
    drive_movie_all_faults(&lmp_step_glow, "", &in);
    drive_movie_all_faults(&lmp_step_glow, "range=1:", &in);
    drive_movie_free(&in);
}

static void missing_values(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 2, 1, 3, 1, (const double[]){5, NO, NO, 3, 7, NO});
    expect(&lmp_step_glow, "", &in, LMP_FLOAT32, 6, (const double[]){2, NO, NO, 0, 0, NO});
    drive_movie_free(&in);
}

static void bands_of_rows(void **state)
{
    (void)state;
    drive_movie in = drive_movie_new(LMP_UINT16, 5, 70, 90, 3), out;
    const int64_t n = 70 * 90 * 3;
    for (int64_t i = 0; i < 5 * n; i++) drive_movie_set(&in, i, (double)((i * 7919) % 5003));
    drive_movie_all_cuts(&lmp_step_glow, "", &in, &out);
    for (int64_t i = 0; i < n; i++) {
        double least = 5003;
        for (int64_t t = 0; t < 5; t++) least = fmin(least, drive_movie_get(&in, t * n + i));
        for (int64_t t = 0; t < 5; t++)
            assert_true(drive_movie_get(&out, t * n + i) == drive_movie_get(&in, t * n + i) - least);
    }
    drive_movie_free(&out);
    drive_movie_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_minimum_goes),
        cmocka_unit_test(differences_of_signed_numbers_fit),
        cmocka_unit_test(frames_outside_the_range_may_lie_below),
        cmocka_unit_test(missing_values),
        cmocka_unit_test(bands_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
