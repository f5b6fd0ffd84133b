/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Medians, robust lines, parabolas and local drift, on times as a scanner's triggers have them.
 */
#include "math/median.h"
#include "math/robust_line.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 2000 };

/* A small generator (xorshift, Marsaglia 2003) so that cases are the same everywhere. */
static uint64_t seed = 88172645463325252u;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void the_median_is_the_middle(void **state)
{
    double values[301], sorted[301];
    (void)state;
    assert_true(median_take(NULL, 0) == 0.0);
    for (int n = 1; n <= 301; n++) {
        for (int i = 0; i < n; i++) values[i] = n % 3 == 0 ? floor(5.0 * uniform()) : uniform();
        memcpy(sorted, values, sizeof sorted);
        qsort(sorted, (size_t)n, sizeof *sorted, compare);
        double want = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0;
        assert_true(median_take(values, n) == want);
    }
}

/* Orders that make quickselect slow must not: these take a second only if time is quadratic. */
static void the_median_of_many_is_quick(void **state)
{
    int64_t n = 1000000;
    double *values = malloc((size_t)n * sizeof *values);
    (void)state;
    assert_non_null(values);
    for (int order = 0; order < 4; order++) {
        for (int64_t i = 0; i < n; i++)
            values[i] = order == 0   ? (double)i
                        : order == 1 ? (double)(n - i)
                        : order == 2 ? 7.0
                                     : (double)(i < n / 2 ? i : n - i);
        double want = order == 0 ? 499999.5 : order == 1 ? 500000.5 : order == 2 ? 7.0 : 250000.0;
        assert_true(fabs(median_take(values, n) - want) <= 0.5);
    }
    free(values);
}

typedef double curve(double k, double n);

static double steady(double k, double n)
{
    (void)n;
    return 25000.3 + 357.17 * (1.0 + 20e-6) * k;
}

static double drifting(double k, double n)
{
    return 25000.0 + 357.17 * (k + 20e-6 * k * k / (2.0 * n));
}

static double wandering(double k, double n)
{
    return 25000.0 + 357.17 * k + 20e-6 * 357.17 * n / (2.0 * M_PI) * sin(2.0 * M_PI * k / n);
}

static double almost_whole(double k, double n)
{
    (void)n;
    return 25000.0 + 10000.01 * k;
}

/* rms of the error of the fit through rounded times, without a constant. */
static double error_of(curve *f, int n, robust_line *line)
{
    static double k[MOST], t[MOST], fitted[MOST];
    double mean = 0.0, square = 0.0;
    lmp_error err;
    for (int i = 0; i < n; i++) {
        k[i] = i;
        t[i] = rint(f(i, n));
    }
    assert_int_equal(robust_line_follow(k, t, n, ROBUST_LINE_ROUNDING, k, fitted, n, line, &err), LMP_OK);
    for (int i = 0; i < n; i++) mean += (fitted[i] - f(i, n)) / n;
    for (int i = 0; i < n; i++) square += pow(fitted[i] - f(i, n) - mean, 2) / n;
    return sqrt(square);
}

static void a_steady_clock_gives_a_line(void **state)
{
    robust_line line;
    (void)state;
    assert_true(error_of(steady, 700, &line) < 0.005);
    assert_false(line.is_curved);
    assert_false(line.is_local);
    assert_true(error_of(steady, 60, &line) < 0.035);
}

static void a_drifting_clock_gives_a_parabola(void **state)
{
    robust_line line;
    (void)state;
    assert_true(error_of(drifting, 700, &line) < 0.01);
    assert_true(line.is_curved);
    assert_true(error_of(drifting, 2000, &line) < 0.01);
}

static void a_wandering_clock_is_followed(void **state)
{
    robust_line line;
    (void)state;
    assert_true(error_of(wandering, 700, &line) < 0.03);
    assert_true(line.is_local);
}

/* Rounding of an almost whole period is a sawtooth that must not be taken for drift. */
static void slow_sawteeth_of_rounding_are_not_followed(void **state)
{
    robust_line line;
    (void)state;
    for (int n = 40; n <= 2000; n += 35) {
        double error = error_of(almost_whole, n, &line);
        assert_false(line.is_local);
        assert_false(line.is_curved);
        assert_true(error < (n < 300 ? 0.2 : 0.05));
    }
}

static void strangers_do_not_pull(void **state)
{
    double k[200], t[200];
    robust_line line;
    lmp_error err;
    (void)state;
    for (int i = 0; i < 200; i++) {
        k[i] = i;
        t[i] = rint(1000.0 + 357.17 * i) + (i % 5 == 0 ? 40.0 : 0.0);
    }
    assert_int_equal(robust_line_fit(k, t, 200, ROBUST_LINE_ROUNDING, &line, &err), LMP_OK);
    for (int i = 0; i < 200; i++) assert_true(fabs(robust_line_at(&line, i) - 1000.0 - 357.17 * i) < 0.35);
}

static void few_points_are_met(void **state)
{
    const double k[3] = {0.0, 1.0, 5.0}, t[3] = {7.0, 19.0, 67.0};
    double fitted[3];
    robust_line line;
    lmp_error err;
    (void)state;
    for (int n = 1; n <= 3; n++) {
        assert_int_equal(robust_line_follow(k, t, n, ROBUST_LINE_ROUNDING, k, fitted, n, &line, &err), LMP_OK);
        for (int i = 0; i < n; i++) assert_true(fabs(fitted[i] - t[i]) < 1e-9);
    }
}

static void gaps_are_bridged(void **state)
{
    static double k[MOST], t[MOST], at[MOST], fitted[MOST];
    robust_line line;
    lmp_error err;
    int n = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        at[i] = i;
        if (i % 100 >= 90) continue;
        k[n] = i;
        t[n++] = rint(steady(i, 1000));
    }
    assert_int_equal(robust_line_follow(k, t, n, ROBUST_LINE_ROUNDING, at, fitted, 1000, &line, &err), LMP_OK);
    for (int i = 0; i < 1000; i++) assert_true(fabs(fitted[i] - steady(i, 1000)) < 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_the_middle),
        cmocka_unit_test(the_median_of_many_is_quick),
        cmocka_unit_test(a_steady_clock_gives_a_line),
        cmocka_unit_test(a_drifting_clock_gives_a_parabola),
        cmocka_unit_test(a_wandering_clock_is_followed),
        cmocka_unit_test(slow_sawteeth_of_rounding_are_not_followed),
        cmocka_unit_test(strangers_do_not_pull),
        cmocka_unit_test(few_points_are_met),
        cmocka_unit_test(gaps_are_bridged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
