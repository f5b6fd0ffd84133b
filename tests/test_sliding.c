/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sliding windows: against each window by itself, all statistics, lags, edges, types, NaN, outliers.
 */
#include "drive_movie.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_step lmp_step_sliding;

enum { T = 23, PIXELS = 15 };

static double noise(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / 16777216.0;
}

static drive_movie make(lmp_type type)
{
    drive_movie movie = drive_movie_new(type, T, 3, 5, 1);
    uint32_t seed = 11;
    for (int64_t i = 0; i < T * PIXELS; i++) drive_movie_set(&movie, i, noise(&seed) * 100);
    return movie;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double window_stat(const char *stat, double *x, int64_t n)
{
    double sum = 0, square = 0;
    if (n == 0) return (double)NAN;
    qsort(x, (size_t)n, sizeof *x, ascending);
    for (int64_t i = 0; i < n; i++) sum += x[i];
    for (int64_t i = 0; i < n; i++) square += (x[i] - sum / (double)n) * (x[i] - sum / (double)n);
    if (strcmp(stat, "mean") == 0) return sum / (double)n;
    if (strcmp(stat, "sum") == 0) return sum;
    if (strcmp(stat, "max") == 0) return x[n - 1];
    if (strcmp(stat, "min") == 0) return x[0];
    if (strcmp(stat, "std") == 0) return sqrt(square / (double)n);
    return (x[(n - 1) / 2] + x[n / 2]) / 2;
}

/* The result of frame n, pixel p. */
static double expect(const drive_movie *movie, const char *stat, int64_t n, int64_t p, int64_t window, int64_t lag,
                     bool whole)
{
    double *x = calloc((size_t)window, sizeof *x);
    int64_t count = 0;
    bool is_whole = true;
    for (int64_t t = n + lag; t < n + lag + window; t++) {
        is_whole = is_whole && t >= 0 && t < movie->n_times;
        const double value = t >= 0 && t < movie->n_times ? drive_movie_get(movie, t * PIXELS + p) : (double)NAN;
        if (!isnan(value)) x[count++] = value;
    }
    const double result = whole && !is_whole ? (double)NAN : window_stat(stat, x, count);
    free(x);
    return result;
}

static void check(const drive_movie *movie, const char *stat, int window, int lag, const char *edges)
{
    char settings[120];
    snprintf(settings, sizeof settings, "stat=%s window=%d lag=%d edges=%s", stat, window, lag, edges);
    const bool crops = strcmp(edges, "crop") == 0;
    const int64_t lowest = crops && lag < 0 ? -lag : 0;
    const int64_t last = T - window - lag, highest = crops && last < T - 1 ? last : T - 1;
    drive_movie result;
    drive_movie_all_cuts(&lmp_step_sliding, settings, movie, &result);
    assert_int_equal(result.n_times, highest - lowest + 1);
    const double tolerance = result.type == LMP_FLOAT64 ? 1e-12 : 2e-7;
    for (int64_t n = lowest; n <= highest; n++)
        for (int64_t p = 0; p < PIXELS; p++) {
            const double wanted = expect(movie, stat, n, p, window, lag, strcmp(edges, "nan") == 0);
            const double got = drive_movie_get(&result, (n - lowest) * PIXELS + p);
            if (!((isnan(got) && isnan(wanted)) || fabs(got - wanted) <= tolerance * (1 + fabs(wanted))))
                fail_msg("%s: frame %d, pixel %d: %g for %g", settings, (int)n, (int)p, got, wanted);
        }
    drive_movie_free(&result);
}

static const char *const stats[] = {"mean", "max", "min", "std", "median", "sum"};

static void every_window_agrees_with_itself_alone(void **state)
{
    (void)state;
    static const int windows[] = {1, 2, 7, 20, T}, lags[] = {0, -3, 4, -10};
    drive_movie movie = make(LMP_FLOAT32);
    for (int s = 0; s < 6; s++)
        for (int w = 0; w < 5; w++)
            for (int l = 0; l < 4; l++) {
                if (windows[w] + abs(lags[l]) <= T) check(&movie, stats[s], windows[w], lags[l], "crop");
                check(&movie, stats[s], windows[w], lags[l], "shrink");
                check(&movie, stats[s], windows[w], lags[l], "nan");
            }
    drive_movie_free(&movie);
}

static void windows_far_away_are_nan(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_UINT8);
    for (int s = 0; s < 6; s++) {
        check(&movie, stats[s], 5, 30, "shrink");
        check(&movie, stats[s], 5, -30, "shrink");
        check(&movie, stats[s], 5, 100, "shrink");
        check(&movie, stats[s], 5, -100, "nan");
        check(&movie, stats[s], 5, -15, "crop");
        check(&movie, stats[s], 5, 15, "crop");
    }
    drive_movie_free(&movie);
}

static void every_type(void **state)
{
    (void)state;
    static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16, LMP_INT32,
                                     LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT64};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        drive_movie movie = make(types[k]);
        for (int s = 0; s < 6; s++) {
            check(&movie, stats[s], 6, 0, "crop");
            check(&movie, stats[s], 6, -2, "shrink");
        }
        drive_movie_free(&movie);
    }
}

static void nan_is_ignored_and_forgotten(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        drive_movie movie = make(wide ? LMP_FLOAT64 : LMP_FLOAT32);
        uint32_t seed = 5;
        for (int64_t i = 10 * PIXELS; i < 22 * PIXELS; i++)
            if (noise(&seed) < 0.3 || i % PIXELS == 7) drive_movie_set(&movie, i, (double)NAN);
        for (int s = 0; s < 6; s++) {
            check(&movie, stats[s], 5, 0, "crop");
            check(&movie, stats[s], 5, -2, "shrink");
            check(&movie, stats[s], 1, 0, "nan");
        }
        drive_movie_free(&movie);
    }
}

/* The window behind an outlier gives the same bits as if it had never been. */
static void outliers_leave_no_trace(void **state)
{
    (void)state;
    for (int s = 0; s < 6; s++) {
        char settings[64];
        snprintf(settings, sizeof settings, "stat=%s window=5", stats[s]);
        drive_movie movie = make(LMP_FLOAT32), spoilt = make(LMP_FLOAT32), a, b;
        for (int64_t p = 0; p < PIXELS; p++)
            drive_movie_set(&spoilt, 12 * PIXELS + p, p % 3 == 0 ? 1e30 : p % 3 == 1 ? (double)INFINITY : (double)NAN);
        drive_movie_all_cuts(&lmp_step_sliding, settings, &movie, &a);
        drive_movie_all_cuts(&lmp_step_sliding, settings, &spoilt, &b);
        assert_memory_equal((float *)a.data + 13 * PIXELS, (float *)b.data + 13 * PIXELS,
                            (size_t)((a.n_times - 13) * PIXELS) * sizeof(float));
        assert_memory_equal(a.data, b.data, 8 * PIXELS * sizeof(float));
        drive_movie_free(&a);
        drive_movie_free(&b);
        drive_movie_free(&movie);
        drive_movie_free(&spoilt);
    }
}

static void std_survives_offsets(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_FLOAT64, 500, 1, 1, 1), result;
    for (int64_t t = 0; t < 500; t++) drive_movie_set(&movie, t, (t < 100 ? 0 : 1e6) + (t % 2 ? 0.125 : 0));
    drive_movie_all_cuts(&lmp_step_sliding, "stat=std window=10", &movie, &result);
    for (int64_t n = 100; n < 490; n++) assert_true(fabs(drive_movie_get(&result, n) - 0.0625) < 1e-9);
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

static void types_of_results(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_UINT16), result;
    static const struct {
        const char *settings;
        lmp_type out;
    } cases[] = {{"stat=max window=3", LMP_UINT16},
                 {"stat=max window=3 edges=shrink", LMP_UINT16},
                 {"stat=max window=3 edges=nan", LMP_FLOAT32},
                 {"stat=min window=3 lag=1 edges=shrink", LMP_FLOAT32},
                 {"stat=mean window=3", LMP_FLOAT32}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        drive_movie_all_cuts(&lmp_step_sliding, cases[k].settings, &movie, &result);
        assert_int_equal(result.type, cases[k].out);
        drive_movie_free(&result);
    }
    drive_movie_free(&movie);
}

static void refusals(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_UINT8);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_sliding, "window=24", &movie), "23 frames"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_sliding, "window=5 lag=19", &movie), "lag=19"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_sliding, "window=0", &movie), "window=0"));
    drive_movie_free(&movie);
}

static void faults_are_reported(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_FLOAT32);
    drive_movie_all_faults(&lmp_step_sliding, "stat=std window=4 edges=shrink", &movie);
    drive_movie_free(&movie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window_agrees_with_itself_alone),
        cmocka_unit_test(windows_far_away_are_nan),
        cmocka_unit_test(every_type),
        cmocka_unit_test(nan_is_ignored_and_forgotten),
        cmocka_unit_test(outliers_leave_no_trace),
        cmocka_unit_test(std_survives_offsets),
        cmocka_unit_test(types_of_results),
        cmocka_unit_test(refusals),
        cmocka_unit_test(faults_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
