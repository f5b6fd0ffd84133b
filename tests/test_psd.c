/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Welch spectra of signals whose spectrum is known, cut into blocks in several ways.
 */
#include "score/psd.h"

#include "core/budget.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static lmp_budget *budget;

static int open_budget(void **state)
{
    (void)state;
    return budget_new(1 << 28, &budget, NULL) == LMP_OK ? 0 : -1;
}

static int close_budget(void **state)
{
    (void)state;
    const bool clean = budget_used(budget) == 0;
    budget_free(budget);
    return clean ? 0 : -1;
}

/* Uniform in [-1, 1): variance 1/3. */
static double noise(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)*seed / 9223372036854775808.0;
}

static double *take_noise(int64_t n)
{
    uint64_t seed = 7;
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = noise(&seed);
    return x;
}

static const psd_band_edges bands[] = {{8, 12}, {20, 30}};

/* Opens, adds in blocks of `block`, and leaves the sums to look at. */
static void measure(const psd_options *options, const span_list *spans, const double *x, int64_t n, int64_t block,
                    psd **p, psd_lane **lane)
{
    void *scratch = NULL;
    assert_int_equal(psd_open(options, budget, p, NULL), LMP_OK);
    assert_int_equal(psd_lane_open(*p, budget, lane, NULL), LMP_OK);
    assert_int_equal(lmp_take(budget, psd_scratch_bytes(*p), &scratch, NULL), LMP_OK);
    for (int64_t first = 0; first < n; first += block)
        psd_lane_add(*p, *lane, spans, scratch, first, x + first, n - first < block ? n - first : block);
    lmp_give(budget, scratch);
}

static void finish(psd *p, psd_lane *lane)
{
    psd_lane_close(lane, budget);
    psd_close(p, budget);
}

static psd_options options_of(int64_t n, double keep_hz)
{
    return (psd_options){.rate_hz = 250, .keep_hz = keep_hz, .n = n, .bands = bands, .n_bands = 2};
}

/* White noise of variance v has the one-sided density 2 v / rate everywhere; Parseval's sum gives v back. */
static void test_white_noise(void **state)
{
    (void)state;
    enum { N = 400000, SEGMENT = 500 };
    span one = {0, N, PART_SCAN};
    const span_list spans = {&one, 1};
    const psd_options options = options_of(SEGMENT, 1000);
    double *x = take_noise(N), sum = 0;
    psd *p;
    psd_lane *lane;
    measure(&options, &spans, x, N, 10000, &p, &lane);
    assert_int_equal(psd_bin_count(p), SEGMENT / 2 + 1);
    double *power = calloc((size_t)psd_bin_count(p), sizeof *power);
    psd_lane_power(p, lane, PART_SCAN, power);
    for (int64_t k = 1; k < psd_bin_count(p); k++) sum += power[k] * psd_bin_hz(p);
    assert_true(fabs(sum - 1 / 3.0) < 0.005 / 3.0 + psd_bin_hz(p) * power[1]); /* 0 Hz went with the mean */
    assert_true(fabs(psd_lane_band(lane, PART_SCAN, 1) - 2 / 3.0 / 250) < 0.02 * 2 / 3.0 / 250);
    assert_int_equal(psd_lane_segments(lane, PART_SCAN), N / (SEGMENT / 2) - 1);
    assert_int_equal(psd_lane_segments(lane, PART_FREE), 0);
    psd_lane_power(p, lane, PART_FREE, power);
    assert_true(isnan(power[3]) && isnan(psd_lane_band(lane, PART_FREE, 0)));
    finish(p, lane);
    free(power);
    free(x);
}

/* A sine of amplitude 3 on a bin: its power, 4.5, lies in that bin and the two beside it; an offset does not matter. */
static void test_sine(void **state)
{
    (void)state;
    enum { N = 5000, SEGMENT = 500 };
    double x[N];
    span one = {0, N, PART_FREE};
    const span_list spans = {&one, 1};
    const psd_options options = options_of(SEGMENT, 40);
    for (int64_t i = 0; i < N; i++) x[i] = 1e4 + 3 * sin(2 * M_PI * 10 * (double)i / 250);
    psd *p;
    psd_lane *lane;
    measure(&options, &spans, x, N, N, &p, &lane);
    assert_int_equal(psd_bin_count(p), 81);
    double power[81];
    psd_lane_power(p, lane, PART_FREE, power);
    assert_true(fabs((power[19] + power[20] + power[21]) * 0.5 - 4.5) < 1e-6);
    const psd_line line = psd_find_line(power, 81, 0.5, 10, 0.5, 5);
    assert_true(fabs(line.peak - 3) < 1e-6 && line.around < 1e-9);
    assert_true(isnan(psd_find_line(power, 81, 0.5, 39.8, 0.5, 5).peak)); /* not wholly among the bins */
    finish(p, lane);
}

/* The same bits however the stream is cut, and segments of one part only. */
static void test_any_cut(void **state)
{
    (void)state;
    enum { N = 6000, SEGMENT = 256 };
    static const int64_t blocks[] = {1, 7, 1000, 4096, N};
    span three[] = {{10, 700, PART_FREE}, {800, 3001, PART_SCAN}, {3900, 2000, PART_FREE}};
    const span_list spans = {three, 3};
    const psd_options options = options_of(SEGMENT, 125);
    double *x = take_noise(N), first[SCAN_PARTS][129], power[129];
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        psd *p;
        psd_lane *lane;
        measure(&options, &spans, x, N, blocks[b], &p, &lane);
        assert_int_equal(psd_lane_segments(lane, PART_FREE), (700 - 128) / 128 + (2000 - 128) / 128);
        assert_int_equal(psd_lane_segments(lane, PART_SCAN), (3001 - 128) / 128);
        for (scan_part part = PART_SCAN; part < SCAN_PARTS; part++) {
            psd_lane_power(p, lane, part, power);
            if (b == 0) memcpy(first[part], power, sizeof power);
            assert_memory_equal(first[part], power, sizeof power);
        }
        finish(p, lane);
    }
    free(x);
}

/* One bad sample costs the segments that hold it, no more. */
static void test_missing_samples(void **state)
{
    (void)state;
    enum { N = 4000, SEGMENT = 400 };
    span one = {0, N, PART_SCAN};
    const span_list spans = {&one, 1};
    const psd_options options = options_of(SEGMENT, 125);
    double *x = take_noise(N);
    psd *p;
    psd_lane *lane;
    x[1000] = (double)NAN;
    measure(&options, &spans, x, N, 333, &p, &lane);
    assert_int_equal(psd_lane_segments(lane, PART_SCAN), 19 - 2);
    assert_true(isfinite(psd_lane_band(lane, PART_SCAN, 0)));
    finish(p, lane);
    free(x);
}

static void test_band_deviation(void **state)
{
    (void)state;
    enum { N = 40000, SEGMENT = 250 };
    double *x = take_noise(N);
    span few = {0, 400, PART_SCAN}, many = {0, N, PART_SCAN};
    const span_list short_list = {&few, 1}, long_list = {&many, 1};
    const psd_options options = options_of(SEGMENT, 125);
    psd *p;
    psd_lane *lane;
    measure(&options, &short_list, x, N, N, &p, &lane);
    assert_true(isnan(psd_lane_band_deviation(lane, PART_SCAN, 0))); /* two segments */
    finish(p, lane);
    measure(&options, &long_list, x, N, N, &p, &lane);
    /* The mean of n independent bins of a Gaussian spectrum deviates by 1/sqrt(n); Hann bins of five are some three. */
    const double relative = psd_lane_band_deviation(lane, PART_SCAN, 0) / psd_lane_band(lane, PART_SCAN, 0);
    assert_true(relative > 0.4 && relative < 0.75);
    finish(p, lane);
    free(x);
}

static void test_mean_of_bins(void **state)
{
    (void)state;
    const double power[] = {1, 2, 4, 8, 16};
    assert_true(psd_mean(power, 5, 0.1, 0.1, 0.3) == 14 / 3.0); /* 3 * 0.1 > 0.3 in binary; still inside */
    assert_true(psd_mean(power, 5, 0.1, 0, 100) == 31 / 5.0);
    assert_true(isnan(psd_mean(power, 5, 0.1, 0.11, 0.19)));
    assert_true(isnan(psd_mean(power, 5, 0.1, 7, 8)));
    /* Around a line: the median of the bins beside it. */
    const psd_line line = psd_find_line(power, 5, 1, 2, 0, 2);
    assert_true(line.peak == 4 && line.around == 5);
}

static void test_faults(void **state)
{
    (void)state;
    const psd_options options = options_of(100, 125), too_long = options_of((int64_t)1 << 27, 125);
    psd *p = NULL;
    psd_lane *lane = NULL;
    lmp_error err = {0};
    budget_fail_at(budget, 1);
    assert_int_equal(psd_open(&options, budget, &p, &err), LMP_ERR_MEMORY);
    assert_int_not_equal(psd_open(&too_long, budget, &p, &err), LMP_OK);
    assert_int_equal(psd_open(&options, budget, &p, &err), LMP_OK);
    budget_fail_at(budget, 1);
    assert_int_equal(psd_lane_open(p, budget, &lane, &err), LMP_ERR_MEMORY);
    assert_null(lane);
    psd_close(p, budget);
    psd_close(NULL, budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_white_noise),    cmocka_unit_test(test_sine),
        cmocka_unit_test(test_any_cut),        cmocka_unit_test(test_missing_samples),
        cmocka_unit_test(test_band_deviation), cmocka_unit_test(test_mean_of_bins),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, open_budget, close_budget);
}
