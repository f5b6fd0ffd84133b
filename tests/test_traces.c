/* SPDX-License-Identifier: BSD-3-Clause
 *
 * traces and mask: numbers of zones against plain loops, NaN, colours, number types.
 */
#include "drive_movie.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zones_support.h"

extern const lmp_step lmp_step_traces, lmp_step_mask;

#define TRIANGLE "[{\"name\": \"tri\", \"shape\": \"polygon\", \"points\": [[1, 0], [30, 7], [3, 19]]}]"
#define TWO                                                                                                            \
    "[{\"name\": \"a\", \"shape\": \"rectangle\", \"x\": 2, \"y\": 1, \"width\": 2, \"height\": 1},"                   \
    "{\"name\": \"b\", \"shape\": \"pixel\", \"x\": 7, \"y\": 3}]"

static const lmp_type all_types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                     LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { N_TYPES = sizeof all_types / sizeof *all_types };

static drive_movie counted(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours)
{
    drive_movie m = drive_movie_new(type, n_times, height, width, n_colours);
    m.rate_hz = 10;
    for (int64_t i = 0; i < n_times * height * width * n_colours; i++)
        drive_movie_set(&m, i, (double)((i * 7919 + i / 13) % 120));
    return m;
}

static void constant_images_have_that_mean(void **state)
{
    static const double values[N_TYPES] = {-7, 201, -12345, 54321, -2147483647, 4294967295.0, 1e15 + 1, 1e15 + 3, 0, 0};
    (void)state;
    for (int k = 0; k < N_TYPES; k++) {
        const double value = all_types[k] == LMP_FLOAT32   ? (double)0.1F
                             : all_types[k] == LMP_FLOAT64 ? 1 / 3.0
                                                           : values[k];
        drive_movie m = drive_movie_new(all_types[k], 3, 21, 33, 1), out;
        for (int64_t i = 0; i < 3 * 21 * 33; i++) drive_movie_set(&m, i, value);
        drive_movie_all_cuts(&lmp_step_traces, zones_setting(TRIANGLE, "stat=mean,std,min,max,median"), &m, &out);
        assert_int_equal(out.n_lanes, 5);
        for (int64_t t = 0; t < 3; t++) {
            assert_true(out.lanes[0][t] == value && out.lanes[1][t] == 0 && out.lanes[2][t] == value &&
                        out.lanes[3][t] == value && out.lanes[4][t] == value);
        }
        drive_movie_free(&out);
        drive_movie_free(&m);
    }
}

static int by_value(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* All statistics of the frame as the zone "all". */
static void statistics_of_the_whole_frame(void **state)
{
    enum { H = 9, W = 700, N = H * W };
    (void)state;
    drive_movie m = counted(LMP_FLOAT32, 4, H, W, 1), out;
    for (int64_t i = 0; i < 40; i++) drive_movie_set(&m, i * 17, (double)NAN);
    drive_movie_all_cuts(&lmp_step_traces, "stat=count,sum,mean,median,min,max,std", &m, &out);
    assert_string_equal(out.lane_names[3], "all.median");
    assert_true(out.rate_hz == 10);
    for (int64_t t = 0; t < 4; t++) {
        double *valid = calloc(N, sizeof *valid), sum = 0, squares = 0;
        assert_non_null(valid);
        int64_t n = 0;
        for (int64_t i = 0; i < N; i++) {
            const double x = drive_movie_get(&m, t * N + i);
            if (!isnan(x)) sum += valid[n++] = x;
        }
        for (int64_t i = 0; i < n; i++) squares += pow(valid[i] - sum / (double)n, 2);
        qsort(valid, (size_t)n, sizeof *valid, by_value);
        const double expected[] = {
            (double)n, sum,          sum / (double)n,          (valid[(n - 1) / 2] + valid[n / 2]) / 2,
            valid[0],  valid[n - 1], sqrt(squares / (double)n)};
        for (int k = 0; k < 7; k++) assert_true(fabs(out.lanes[k][t] - expected[k]) <= 1e-12 * fabs(expected[k]));
        free(valid);
    }
    char *record = drive_movie_record(&lmp_step_traces, "", &m);
    assert_non_null(strstr(record, "\"nan_pixels_ignored\":40"));
    free(record);
    drive_movie_free(&out);
    drive_movie_free(&m);
}

static void zones_and_colours_have_names(void **state)
{
    (void)state;
    drive_movie m = counted(LMP_UINT8, 2, 5, 9, 3), out;
    drive_movie_all_cuts(&lmp_step_traces, zones_setting(TWO, "stat=mean"), &m, &out);
    assert_int_equal(out.n_lanes, 6);
    assert_string_equal(out.lane_names[0], "a.r");
    assert_string_equal(out.lane_names[5], "b.b");
    for (int64_t c = 0; c < 3; c++)
        for (int64_t t = 0; t < 2; t++) {
            double sum = 0;
            for (int64_t k = 0; k < 6; k++) sum += drive_movie_get(&m, ((t * 5 + 1 + k / 3) * 9 + 2 + k % 3) * 3 + c);
            assert_true(out.lanes[c][t] == sum / 6);
            assert_true(out.lanes[3 + c][t] == drive_movie_get(&m, ((t * 5 + 3) * 9 + 7) * 3 + c));
        }
    drive_movie_free(&out);
    drive_movie_free(&m);
}

static void nothing_valid_is_nan(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_FLOAT32, 2, 5, 9, 1), out;
    for (int64_t i = 0; i < 45; i++) drive_movie_set(&m, i, (double)NAN);
    drive_movie_all_cuts(&lmp_step_traces, "stat=mean,std,median,max,sum,count", &m, &out);
    for (int k = 0; k < 6; k++) assert_true(k < 4 ? isnan(out.lanes[k][0]) : out.lanes[k][0] == 0);
    assert_true(out.lanes[5][1] == 45);
    drive_movie_free(&out);
    const char *far = "[{\"name\": \"far\", \"shape\": \"pixel\", \"x\": 99, \"y\": 3}]";
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_traces, zones_setting(far, "stat=sum"), &m), "no pixel"));
    drive_movie_all_cuts(&lmp_step_traces, zones_setting(far, "outside=nan"), &m, &out);
    assert_true(isnan(out.lanes[0][0]) && isnan(out.lanes[0][1]));
    drive_movie_free(&out);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_traces, "stat=mode", &m), "none of mean"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_traces, "stat=mean,mean", &m), "twice"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_traces, "zones=/nowhere.json", &m), "cannot be opened"));
    drive_movie_all_faults(&lmp_step_traces, "stat=median", &m);
    drive_movie_free(&m);
}

/* ---- mask ---- */

static bool in_two(int64_t pixel)
{
    const int64_t x = pixel % 9, y = pixel / 9;
    return (x >= 2 && x <= 4 && y >= 1 && y <= 2) || (x == 7 && y == 3);
}

static void mask_keeps_types_and_values(void **state)
{
    (void)state;
    for (int k = 0; k < N_TYPES; k++) {
        drive_movie m = counted(all_types[k], 3, 5, 9, 3), blank, filled;
        drive_movie_all_cuts(&lmp_step_mask, zones_setting(TWO, "keep=outside"), &m, &blank);
        drive_movie_all_cuts(&lmp_step_mask, zones_setting(TWO, "fill=3"), &m, &filled);
        assert_int_equal(filled.type, all_types[k]);
        assert_int_equal(blank.type, k < 4 || k == 8 ? LMP_FLOAT32 : LMP_FLOAT64);
        for (int64_t i = 0; i < 3 * 45 * 3; i++) {
            const double x = drive_movie_get(&m, i);
            const bool inside = in_two(i / 3 % 45);
            assert_true(inside ? isnan(drive_movie_get(&blank, i)) : drive_movie_get(&blank, i) == x);
            assert_true(drive_movie_get(&filled, i) == (inside ? x : 3));
        }
        drive_movie_free(&blank);
        drive_movie_free(&filled);
        drive_movie_free(&m);
    }
}

static void mask_copies_long_runs(void **state)
{
    enum { H = 4, W = 3000 };
    (void)state;
    drive_movie m = counted(LMP_INT64, 2, H, W, 1), out;
    for (int64_t i = 0; i < 2 * H * W; i++) ((int64_t *)m.data)[i] = ((int64_t)1 << 60) + i;
    const char *thin = "[{\"name\": \"a\", \"shape\": \"line\", \"points\": [[1500, 0], [1500, 9]]}]";
    drive_movie_all_cuts(&lmp_step_mask, zones_setting(thin, "fill=-1"), &m, &out);
    for (int64_t i = 0; i < 2 * H * W; i++)
        assert_true(((int64_t *)out.data)[i] == (i % W == 1500 ? ((int64_t)1 << 60) + i : -1));
    drive_movie_free(&out);
    drive_movie_free(&m);
}

static void mask_refusals(void **state)
{
    (void)state;
    drive_movie m = counted(LMP_UINT8, 1, 5, 9, 1);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_mask, "", &m), "either"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_mask, zones_setting(TWO, "fill=256"), &m), "0 to 255"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_mask, zones_setting(TWO, "fill=0.5"), &m), "whole"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_mask, zones_setting(TWO, "fill=x"), &m), "neither"));
    drive_movie_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_images_have_that_mean),
        cmocka_unit_test(statistics_of_the_whole_frame),
        cmocka_unit_test(zones_and_colours_have_names),
        cmocka_unit_test(nothing_valid_is_nan),
        cmocka_unit_test(mask_keeps_types_and_values),
        cmocka_unit_test(mask_copies_long_runs),
        cmocka_unit_test(mask_refusals),
    };
    return cmocka_run_group_tests(tests, zones_folder_make, zones_folder_remove);
}
