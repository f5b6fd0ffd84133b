/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statistics over time: against plain sums, all types, NaN, ranges, and what is refused.
 */
#include "drive_movie.h"
#include "movie/reduce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { T = 37, HEIGHT = 5, WIDTH = 7, PIXELS = HEIGHT * WIDTH };

static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                 LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};

static double noise(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / 16777216.0;
}

/* Numbers from 0 to 100 or, of signed types, -50 to 50. */
static drive_movie make(lmp_type type, int64_t n_times, int64_t height, int64_t width)
{
    drive_movie movie = drive_movie_new(type, n_times, height, width, 1);
    const bool is_signed = type != LMP_UINT8 && type != LMP_UINT16 && type != LMP_UINT32 && type != LMP_UINT64;
    uint32_t seed = 7;
    for (int64_t i = 0; i < n_times * height * width; i++)
        drive_movie_set(&movie, i, noise(&seed) * 100 - (is_signed ? 50 : 0));
    return movie;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct expected {
    double mean, sum, max, min, std, median, p30, argmax;
    int64_t n;
} expected;

static expected expect(const drive_movie *movie, int64_t pixel, int64_t ddof)
{
    const int64_t pixels = movie->height * movie->width;
    double *x = calloc((size_t)movie->n_times, sizeof *x);
    expected e = {.max = -(double)INFINITY, .min = (double)INFINITY, .argmax = -1};
    for (int64_t t = 0; t < movie->n_times; t++) {
        const double value = drive_movie_get(movie, t * pixels + pixel);
        if (isnan(value)) continue;
        if (value > e.max) e.argmax = (double)t;
        e.max = fmax(e.max, value);
        e.min = fmin(e.min, value);
        e.sum += value;
        x[e.n++] = value;
    }
    e.mean = e.sum / (double)e.n;
    for (int64_t i = 0; i < e.n; i++) e.std += (x[i] - e.mean) * (x[i] - e.mean);
    e.std = e.n > ddof ? sqrt(e.std / (double)(e.n - ddof)) : (double)NAN;
    qsort(x, (size_t)e.n, sizeof *x, ascending);
    e.median = e.n > 0 ? (x[(e.n - 1) / 2] + x[e.n / 2]) / 2 : (double)NAN;
    const double at = (double)(e.n - 1) * 0.3;
    const int64_t low = (int64_t)at;
    e.p30 = e.n == 0 ? (double)NAN : low + 1 < e.n ? x[low] + (x[low + 1] - x[low]) * (at - floor(at)) : x[low];
    if (e.n == 0) e.sum = e.max = e.min = e.argmax = (double)NAN;
    free(x);
    return e;
}

static bool near(double a, double b, double tolerance)
{
    return (isnan(a) && isnan(b)) || a == b || fabs(a - b) <= tolerance * (1 + fabs(b));
}

static void check_all(const drive_movie *movie, const drive_movie *result, double tolerance)
{
    const int64_t pixels = movie->height * movie->width;
    for (int64_t i = 0; i < pixels; i++) {
        const expected e = expect(movie, i, 1);
        const double wanted[] = {e.mean, e.sum, e.max, e.min, e.std, e.median, e.p30, e.argmax};
        for (int64_t s = 0; s < 8; s++) {
            const double got = drive_movie_get(result, s * pixels + i);
            if (!near(got, wanted[s], tolerance))
                fail_msg("statistic %d of %d: %g for %g", (int)s, (int)i, got, wanted[s]);
        }
    }
}

#define ALL "stat=mean,sum,max,min,std,median,p30,argmax ddof=1"

static void every_type_agrees_with_plain_sums(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        drive_movie movie = make(types[k], T, HEIGHT, WIDTH), result;
        drive_movie_all_cuts(&lmp_step_reduce, ALL, &movie, &result);
        assert_int_equal(result.type, LMP_FLOAT64);
        assert_int_equal(result.n_times, 8);
        check_all(&movie, &result, 1e-12);
        drive_movie_free(&result);
        drive_movie_free(&movie);
    }
}

static void nan_is_ignored(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        drive_movie movie = make(wide ? LMP_FLOAT64 : LMP_FLOAT32, T, HEIGHT, WIDTH), result;
        uint32_t seed = 3;
        for (int64_t i = 0; i < T * PIXELS; i++)
            if (noise(&seed) < 0.3 || i % PIXELS == 4 || (i % PIXELS == 5 && i < 30 * PIXELS))
                drive_movie_set(&movie, i, (double)NAN);
        for (int64_t t = 0; t < T; t++)
            drive_movie_set(&movie, t * PIXELS + 6, t < 3 ? (double)NAN : -(double)INFINITY);
        drive_movie_all_cuts(&lmp_step_reduce, "stat=mean,sum,max,min,std,median,p30,argmax ddof=1", &movie, &result);
        assert_true(isnan(drive_movie_get(&result, 4)));
        assert_true(drive_movie_get(&result, 6) == -(double)INFINITY);
        assert_true(drive_movie_get(&result, 7 * PIXELS + 6) == 3.0);
        for (int64_t t = 0; t < T; t++) drive_movie_set(&movie, t * PIXELS + 6, 0);
        drive_movie_free(&result);
        drive_movie_all_cuts(&lmp_step_reduce, ALL, &movie, &result);
        check_all(&movie, &result, wide ? 1e-12 : 1e-6); /* percentiles of float32 differ by a float32 */
        drive_movie_free(&result);
        drive_movie_free(&movie);
    }
}

static void types_of_results(void **state)
{
    (void)state;
    static const struct {
        lmp_type in;
        const char *settings;
        lmp_type out;
    } cases[] = {
        {LMP_UINT8, "stat=mean", LMP_FLOAT32},     {LMP_UINT8, "stat=max", LMP_UINT8},
        {LMP_UINT8, "stat=max,min", LMP_UINT8},    {LMP_UINT8, "stat=max,mean", LMP_FLOAT32},
        {LMP_UINT8, "stat=sum", LMP_INT64},        {LMP_UINT8, "stat=sum,mean", LMP_FLOAT64},
        {LMP_UINT8, "stat=max,argmax", LMP_INT64}, {LMP_UINT64, "stat=sum", LMP_UINT64},
        {LMP_FLOAT32, "stat=sum", LMP_FLOAT64},    {LMP_FLOAT32, "stat=p5,median", LMP_FLOAT32},
        {LMP_INT32, "stat=mean", LMP_FLOAT64},     {LMP_UINT16, "stat=std", LMP_FLOAT32},
        {LMP_FLOAT64, "stat=min", LMP_FLOAT64},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        drive_movie movie = make(cases[k].in, 9, 3, 4), result;
        drive_movie_all_cuts(&lmp_step_reduce, cases[k].settings, &movie, &result);
        assert_int_equal(result.type, cases[k].out);
        drive_movie_free(&result);
        drive_movie_free(&movie);
    }
}

static void ranges_and_steps(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_UINT16, 20, 1, 1, 1), result;
    for (int64_t t = 0; t < 20; t++) drive_movie_set(&movie, t, (double)(t * t));
    drive_movie_all_cuts(&lmp_step_reduce, "stat=sum,argmax range=3:17:5", &movie, &result);
    assert_true(drive_movie_get(&result, 0) == 9 + 64 + 169);
    assert_true(drive_movie_get(&result, 1) == 13);
    drive_movie_free(&result);
    drive_movie_all_cuts(&lmp_step_reduce, "stat=sum range=-2:", &movie, &result);
    assert_true(drive_movie_get(&result, 0) == 18 * 18 + 19 * 19);
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

/* Far from zero, hardly any spread, and a first value far from all others. */
static void std_survives_offsets(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        drive_movie movie = drive_movie_new(wide ? LMP_FLOAT64 : LMP_FLOAT32, 1000, 1, 2, 1), result;
        for (int64_t t = 0; t < 1000; t++) {
            drive_movie_set(&movie, 2 * t, 1e6 + (t % 2 ? 0.125 : 0));
            drive_movie_set(&movie, 2 * t + 1, t == 0 ? 0 : 1e6 + (t % 2 ? 0.125 : 0));
        }
        drive_movie_all_cuts(&lmp_step_reduce, "stat=std", &movie, &result);
        assert_true(drive_movie_get(&result, 0) == 0.0625);
        const expected e = expect(&movie, 1, 0);
        assert_true(near(drive_movie_get(&result, 1), e.std, 1e-7));
        drive_movie_free(&result);
        drive_movie_free(&movie);
    }
}

/* More frames than 32-bit sums hold. */
static void long_movies_stay_exact(void **state)
{
    (void)state;
    const int64_t n = 70001;
    drive_movie movie = drive_movie_new(LMP_UINT16, n, 1, 1, 1), result;
    for (int64_t t = 0; t < n; t++) drive_movie_set(&movie, t, t == 5 ? 65534 : 65535);
    drive_movie_all_cuts(&lmp_step_reduce, "stat=sum,std", &movie, &result);
    assert_true(drive_movie_get(&result, 0) == 65535.0 * (double)n - 1);
    assert_true(near(drive_movie_get(&result, 1), sqrt((double)(n - 1)) / (double)n, 1e-14));
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

static void wide_integers_are_exact_or_refused(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_INT64, 4, 1, 1, 1), result;
    int64_t *x = movie.data;
    x[0] = INT64_MAX, x[1] = INT64_MAX - 2, x[2] = INT64_MIN, x[3] = INT64_MIN + 3;
    drive_movie_all_cuts(&lmp_step_reduce, "stat=sum", &movie, &result);
    assert_true(*(int64_t *)result.data == -1);
    drive_movie_free(&result);
    lmp_error err = {0};
    const int64_t whole[] = {4, 0};
    assert_int_equal(drive_movie_step(&lmp_step_reduce, "stat=sum range=:2", &movie, whole, &result, &err),
                     LMP_ERR_RANGE);
    assert_non_null(strstr(err.text, "does not fit"));
    drive_movie_free(&movie);
}

static void constant_zero_has_its_argmax_at_the_start(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_UINT8, 5, 1, 1, 1), result;
    drive_movie_all_cuts(&lmp_step_reduce, "stat=argmax", &movie, &result);
    assert_true(drive_movie_get(&result, 0) == 0);
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

/* Bands of two rows and of one; rows wider than a stack of the kernels. */
static void bands_and_wide_rows(void **state)
{
    (void)state;
    static const char *const stats[] = {"stat=mean", "stat=max", "stat=median"};
    drive_movie movie = make(LMP_FLOAT32, 3, 3, 5501), result;
    for (int64_t i = 0; i < 49000; i += 611) drive_movie_set(&movie, i, (double)NAN);
    for (int s = 0; s < 3; s++) {
        drive_movie_all_cuts(&lmp_step_reduce, stats[s], &movie, &result);
        for (int64_t i = 0; i < 3 * 5501; i++) {
            const expected e = expect(&movie, i, 0);
            assert_true(near(drive_movie_get(&result, i), s == 0 ? e.mean : s == 1 ? e.max : e.median, 1e-6));
        }
        drive_movie_free(&result);
    }
    drive_movie_free(&movie);
}

static void refusals(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_UINT8, 5, 2, 2);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_reduce, "stat=mode", &movie), "\"mode\" in stat=mode"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_reduce, "stat=mean,", &movie), "is not one of"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_reduce, "stat=p101", &movie), "p0 to p100"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_reduce, "stat=p-1", &movie), "p0 to p100"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_reduce, "range=7:", &movie), "leaves no frame"));
    assert_string_equal(drive_movie_refusal(&lmp_step_reduce, "stat=p0,p100,p2.5", &movie), "");
    drive_movie_free(&movie);
}

static void faults_are_reported(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_FLOAT32, 6, 2, 3);
    drive_movie_all_faults(&lmp_step_reduce, "stat=mean,median", &movie);
    drive_movie_free(&movie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_agrees_with_plain_sums),
        cmocka_unit_test(nan_is_ignored),
        cmocka_unit_test(types_of_results),
        cmocka_unit_test(ranges_and_steps),
        cmocka_unit_test(std_survives_offsets),
        cmocka_unit_test(long_movies_stay_exact),
        cmocka_unit_test(wide_integers_are_exact_or_refused),
        cmocka_unit_test(constant_zero_has_its_argmax_at_the_start),
        cmocka_unit_test(bands_and_wide_rows),
        cmocka_unit_test(refusals),
        cmocka_unit_test(faults_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
