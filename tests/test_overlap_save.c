/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Overlap-save against the sums that define it: every length from one sample up, every cut, gaps, held lanes,
 * resampling.
 */
#include "math/overlap_save.h"

#include "core/budget.h"
#include "math/fir.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define X ((double)NAN)

static double *doubles(int64_t n)
{
    double *made = calloc((size_t)n + 8, sizeof *made);
    assert_non_null(made);
    return made;
}

static double *noise(int64_t n)
{
    double *made = doubles(n);
    uint64_t s = 7;
    for (int64_t i = 0; i < n; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        made[i] = (double)(s >> 11) / 9007199254740992.0 + 3.0;
    }
    return made;
}

/* Runs one lane in blocks of `cut`, checking counts. */
static double *stream(const overlap_layout *layout, const double *taps, overlap_mode mode, const double *in, int64_t n,
                      int64_t cut)
{
    lmp_budget *budget = NULL;
    overlap_save *shared = NULL;
    overlap_lane *lane = NULL;
    void *scratch = NULL;
    assert_int_equal(budget_new((uint64_t)1 << 30, &budget, NULL), LMP_OK);
    assert_int_equal(overlap_open(layout, taps, budget, &shared, NULL), LMP_OK);
    assert_int_equal(overlap_lane_open(shared, mode, budget, &lane, NULL), LMP_OK);
    assert_int_equal(lmp_take(budget, layout->scratch_bytes, &scratch, NULL), LMP_OK);
    int64_t total = overlap_ready(layout, n, true), given = 0;
    double *out = doubles(total);
    for (int64_t done = 0, take; done < n; done += take) {
        take = n - done < cut ? n - done : cut;
        bool ended = done + take == n;
        int64_t due = overlap_ready(layout, done + take, ended);
        int64_t got = overlap_lane_process(shared, lane, scratch, in + done, take, out + given, ended);
        assert_int_equal(got, due - given);
        given = due;
    }
    assert_int_equal(given, total);
    lmp_give(budget, scratch);
    overlap_lane_close(lane, budget);
    overlap_close(shared, budget);
    budget_free(budget);
    return out;
}

/* x beyond its ends: odd reflection, then zeros. Resampling is tried with signals longer than the kernel only. */
static double beyond(const double *x, int64_t n, int64_t i)
{
    if (i >= 0 && i < n) return x[i];
    int64_t k = i < 0 ? -i : i - (n - 1);
    if (k > n - 1) return 0.0;
    return i < 0 ? 2 * x[0] - x[k] : 2 * x[n - 1] - x[n - 1 - k];
}

static double convolve(const double *taps, int64_t half, const double *x, int64_t n, int64_t at)
{
    double sum = 0;
    for (int64_t k = -half; k <= half; k++) sum += taps[half + k] * beyond(x, n, at - k);
    return sum;
}

static double *design(int64_t half)
{
    double *taps = doubles(2 * half + 1);
    for (int64_t k = 0; k <= half; k++) taps[half + k] = taps[half - k] = cos((double)(k * k)) / (double)(k + 1);
    return taps;
}

static void filtering_equals_the_sum(void **state)
{
    (void)state;
    enum { HALF = 20 };
    double *taps = design(HALF);
    for (int64_t n = 1; n < 700; n += n < 100 ? 1 : 37) {
        overlap_layout layout;
        assert_true(overlap_lay_out(HALF, 1, 1, n, &layout));
        double *in = noise(n), *out = stream(&layout, taps, OVERLAP_FILTER, in, n, 13);
        for (int64_t i = 0; i < n; i++) assert_true(fabs(out[i] - convolve(taps, HALF, in, n, i)) < 1e-12);
        free(in);
        free(out);
    }
    free(taps);
}

static void cuts_do_not_matter(void **state)
{
    (void)state;
    enum { HALF = 150, N = 20011 };
    static const int64_t cuts[] = {1, 7, 4096, 19999};
    double *taps = design(HALF), *in = noise(N);
    in[5000] = in[5001] = in[12345] = X;
    overlap_layout layout;
    assert_true(overlap_lay_out(HALF, 1, 1, N, &layout));
    double *whole = stream(&layout, taps, OVERLAP_FILTER, in, N, N);
    for (int c = 0; c < 4; c++) {
        double *out = stream(&layout, taps, OVERLAP_FILTER, in, N, cuts[c]);
        assert_memory_equal(out, whole, N * sizeof(double));
        free(out);
    }
    free(taps);
    free(in);
    free(whole);
}

static void lengths_are_the_cheapest(void **state)
{
    (void)state;
    overlap_layout layout;
    assert_true(overlap_lay_out(8250, 1, 1, (int64_t)1 << 40, &layout));
    assert_int_equal(layout.n_in, 65536);
    assert_int_equal(layout.hop_in, 65536 - 16500);
    assert_true(overlap_lay_out(471, 1, 1, (int64_t)1 << 40, &layout));
    assert_int_equal(layout.n_in, 8192);
    /* A short recording does not get a long transform. */
    assert_true(overlap_lay_out(471, 1, 1, 100, &layout));
    assert_int_equal(layout.n_in, 2048);
    assert_false(overlap_lay_out((int64_t)1 << 24, 1, 1, (int64_t)1 << 40, &layout));
    assert_false(overlap_lay_out(100, 1, (int64_t)1 << 24, (int64_t)1 << 40, &layout));
    assert_false(overlap_lay_out(100, 0, 1, 100, &layout));
}

/* Missing samples: NaN where they are and nowhere else; the rest is filtered as if the line across had been recorded.
 */
static void gaps_stay_gaps(void **state)
{
    (void)state;
    enum { HALF = 60, N = 3000 };
    static const int64_t gaps[][2] = {{0, 5}, {700, 701}, {1000, 1040}, {1500, 1800}, {2990, 3000}};
    double *taps = design(HALF), *in = noise(N), *filled = noise(N);
    for (int g = 0; g < 5; g++) {
        int64_t a = gaps[g][0], b = gaps[g][1], line = b - a > HALF ? b - HALF - 1 : a - 1;
        for (int64_t i = a; i < b; i++) {
            double left = a ? filled[a - 1] : filled[b], right = b < N ? filled[b] : left;
            in[i] = i % 2 ? X : (double)INFINITY;
            filled[i] = i <= line ? left : left + (right - left) * (double)(i - line) / (double)(b - line);
        }
    }
    overlap_layout layout;
    assert_true(overlap_lay_out(HALF, 1, 1, (int64_t)1 << 40, &layout));
    assert_int_equal(layout.reach, HALF);
    double *out = stream(&layout, taps, OVERLAP_FILTER, in, N, 11);
    for (int64_t i = 0; i < N; i++) {
        assert_int_equal(isnan(out[i]), !isfinite(in[i]));
        if (isfinite(in[i])) assert_true(fabs(out[i] - convolve(taps, HALF, filled, N, i)) < 1e-11);
    }
    free(taps);
    free(in);
    free(filled);
    free(out);
}

static void nothing_but_gaps(void **state)
{
    (void)state;
    double *taps = design(10), in[50];
    for (int i = 0; i < 50; i++) in[i] = X;
    overlap_layout layout;
    assert_true(overlap_lay_out(10, 1, 1, 50, &layout));
    double *out = stream(&layout, taps, OVERLAP_FILTER, in, 50, 50);
    for (int i = 0; i < 50; i++) assert_true(isnan(out[i]));
    free(taps);
    free(out);
}

/* The interpolated signal at any time, from the kernel's definition. */
static double interpolate(const double *x, int64_t n, int64_t at, int64_t up, int64_t down)
{
    double lower = up < down ? (double)up / (double)down : 1.0, pass = 0.45 * lower, stop = 0.5 * lower;
    double half = (double)fir_kaiser_half(pass, stop, 140.0), time = (double)at * (double)down / (double)up, sum = 0,
           norm = 0;
    for (int64_t i = (int64_t)ceil(time - half); (double)i <= time + half; i++) {
        double d = time - (double)i, r = d / half, arg = 2 * M_PI * (pass + stop) / 2 * d, bessel = 1, term = 1;
        for (int k = 1; k < 60; k++) {
            term *= pow(0.1102 * 131.3 * sqrt(fmax(1 - r * r, 0)) / (2 * k), 2);
            bessel += term;
        }
        double weight = (d == 0 ? 1 : sin(arg) / arg) * bessel;
        sum += weight * beyond(x, n, i);
        norm += weight;
    }
    return sum / norm;
}

static void resampling_equals_the_sum(void **state)
{
    (void)state;
    static const int64_t ratios[][2] = {{1, 4}, {5, 1}, {25, 16}, {7, 10}, {1, 25}};
    for (int r = 0; r < 5; r++) {
        int64_t up = ratios[r][0], down = ratios[r][1], n = 4000 + 13 * r;
        double lower = up < down ? (double)up / (double)down : 1.0;
        int64_t half = fir_kaiser_half(0.45 * lower, 0.5 * lower, 140.0);
        double *taps = doubles(2 * half + 1), *in = noise(n);
        fir_kaiser_taps(0.45 * lower, 0.5 * lower, 140.0, taps);
        overlap_layout layout;
        assert_true(overlap_lay_out(half, up, down, (int64_t)1 << 40, &layout));
        double *out = stream(&layout, taps, OVERLAP_FILTER, in, n, 100),
               *whole = stream(&layout, taps, OVERLAP_FILTER, in, n, n);
        int64_t total = overlap_ready(&layout, n, true);
        assert_int_equal(total, (2 * n * up + down) / (2 * down));
        assert_memory_equal(out, whole, (size_t)total * sizeof(double));
        for (int64_t m = 0; m < total; m += 1 + total / 97)
            assert_true(fabs(out[m] - interpolate(in, n, m, up, down)) < 1e-6);
        free(taps);
        free(in);
        free(out);
        free(whole);
    }
}

static void held_lanes_are_not_computed(void **state)
{
    (void)state;
    enum { N = 30000 };
    double *in = doubles(N), *taps = doubles(2 * fir_kaiser_half(0.045, 0.05, 140.0) + 1);
    fir_kaiser_taps(0.045, 0.05, 140.0, taps);
    for (int64_t i = 0; i < N; i++) in[i] = (double)(i / 100);
    in[12345] = X;
    overlap_layout layout;
    assert_true(overlap_lay_out(fir_kaiser_half(0.045, 0.05, 140.0), 1, 10, N, &layout));
    double *out = stream(&layout, taps, OVERLAP_HOLD, in, N, 77);
    for (int64_t m = 0; m < N / 10; m++) assert_true(out[m] == (double)(m / 10));
    free(out);

    /* Codes: a pulse of one sample shows in one output sample; long ones begin where they begin. */
    memset(in, 0, N * sizeof *in);
    in[3] = 1;
    in[1015] = 2;
    in[20009] = 3;
    for (int64_t i = 20020; i < 20100; i++) in[i] = 4;
    out = stream(&layout, taps, OVERLAP_CODES, in, N, 4096);
    for (int64_t m = 0; m < N / 10; m++) {
        double expected = m == 0 ? 1 : m == 101 ? 2 : m == 2000 ? 3 : m >= 2002 && m < 2010 ? 4 : 0;
        assert_true(out[m] == expected);
    }
    free(out);

    /* Upwards every value is held. */
    assert_true(overlap_lay_out(100, 3, 1, N, &layout));
    double *flat = design(100);
    out = stream(&layout, flat, OVERLAP_CODES, in, 1100, 7);
    for (int64_t m = 0; m < 3300; m++) assert_true(out[m] == in[m / 3]);
    free(out);
    free(flat);
    free(in);
    free(taps);
}

static void missing_samples_make_few_missing(void **state)
{
    (void)state;
    enum { N = 2000 };
    int64_t half = fir_kaiser_half(0.45, 0.5, 140.0);
    double *in = noise(N), *taps = doubles(2 * half + 1);
    fir_kaiser_taps(0.45, 0.5, 140.0, taps);
    in[700] = X;
    in[N - 1] = X;
    overlap_layout layout;
    assert_true(overlap_lay_out(half, 4, 1, N, &layout));
    double *out = stream(&layout, taps, OVERLAP_FILTER, in, N, 333);
    for (int64_t m = 0; m < 4 * N; m++) {
        bool missing = (m >= 2798 && m < 2802) || m >= 4 * (N - 1) - 2;
        assert_int_equal(isnan(out[m]), missing);
    }
    free(out);
    free(in);
    free(taps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filtering_equals_the_sum),
        cmocka_unit_test(cuts_do_not_matter),
        cmocka_unit_test(lengths_are_the_cheapest),
        cmocka_unit_test(gaps_stay_gaps),
        cmocka_unit_test(nothing_but_gaps),
        cmocka_unit_test(resampling_equals_the_sum),
        cmocka_unit_test(held_lanes_are_not_computed),
        cmocka_unit_test(missing_samples_make_few_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
