/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What repeats with the epochs and what is chance, swings of epochs, amplitudes of tones.
 */
#include "score/locked.h"

#include "core/budget.h"
#include "score/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N_TIMES = 60000, N_EPOCHS = 500, FIRST = 2000 };
#define RATE_HZ  1000.0
#define PERIOD_S 0.10017 /* not a whole number of samples */

static lmp_budget *budget;
static double onset_s[N_EPOCHS];
static span spans_of_scan[] = {{0, FIRST - 100, PART_FREE}, {FIRST, 50085, PART_SCAN}, {52500, 7500, PART_FREE}};
static const span_list spans = {spans_of_scan, 3};

static int set_up(void **state)
{
    (void)state;
    for (int k = 0; k < N_EPOCHS; k++) onset_s[k] = FIRST / RATE_HZ + k * PERIOD_S;
    return budget_new(1 << 28, &budget, NULL) == LMP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    const bool clean = budget_used(budget) == 0;
    budget_free(budget);
    return clean ? 0 : -1;
}

static double gaussian(uint64_t *seed)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(*seed >> 11) / 9007199254740992.0;
    }
    return sum - 6;
}

/* White noise of `noise_uv`, an offset, and in every epoch a sine of `locked_uv` at the third harmonic. */
static double *make_signal(double noise_uv, double locked_uv)
{
    uint64_t seed = 3;
    double *x = malloc(N_TIMES * sizeof *x);
    for (int64_t i = 0; i < N_TIMES; i++) {
        const double s = (double)i / RATE_HZ - onset_s[0];
        x[i] = 40 + noise_uv * gaussian(&seed);
        if (s >= 0 && s < N_EPOCHS * PERIOD_S) x[i] += locked_uv * sin(2 * M_PI * 3 * s / PERIOD_S);
    }
    return x;
}

static locked_options options_of(bool with_null)
{
    return (locked_options){.rate_hz = RATE_HZ,
                            .onset_s = onset_s,
                            .n_epochs = N_EPOCHS,
                            .period_s = PERIOD_S,
                            .length_s = PERIOD_S,
                            .spans = &spans,
                            .with_null = with_null};
}

static void measure(const double *x, int64_t block, locked **l, locked_lane **lane)
{
    const locked_options options = options_of(true);
    assert_int_equal(locked_open(&options, budget, l, NULL), LMP_OK);
    assert_int_equal(locked_lane_open(*l, budget, lane, NULL), LMP_OK);
    for (int64_t first = 0; first < N_TIMES; first += block)
        locked_lane_add(*l, *lane, first, x + first, N_TIMES - first < block ? N_TIMES - first : block);
}

static void finish(locked *l, locked_lane *lane)
{
    locked_lane_close(lane, budget);
    locked_close(l, budget);
}

/* Nothing is locked: residue and null are both what noise leaves in a mean of some 500 epochs. */
static void test_noise_is_chance(void **state)
{
    (void)state;
    double *x = make_signal(10, 0);
    locked *l;
    locked_lane *lane;
    measure(x, 5000, &l, &lane);
    const double expected = 10 / sqrt((double)locked_epoch_count(l));
    assert_int_equal(locked_epoch_count(l), N_EPOCHS - 2); /* the first and last cannot be shifted both ways */
    assert_int_equal(locked_grid_count(l), 20);
    assert_true(fabs(locked_lane_residue(l, lane) / expected - 1) < 0.2);
    assert_true(fabs(locked_lane_null(l, lane) / expected - 1) < 0.1);
    finish(l, lane);
    free(x);
}

/* What is locked shows in full, and not at all in the null. */
static void test_locked_signal(void **state)
{
    (void)state;
    double *x = make_signal(0.01, 2);
    locked *l;
    locked_lane *lane;
    measure(x, 5000, &l, &lane);
    assert_true(fabs(locked_lane_residue(l, lane) - sqrt(2)) <
                0.02); /* times are rounded to samples: 33 of them a cycle */
    assert_true(locked_lane_null(l, lane) < 0.01);
    finish(l, lane);
    free(x);
}

static void test_any_cut(void **state)
{
    (void)state;
    static const int64_t blocks[] = {1, 7, 99, 4096, N_TIMES};
    double *x = make_signal(10, 1), residue = 0, null = 0, extent = 0;
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        locked *l;
        locked_lane *lane;
        measure(x, blocks[b], &l, &lane);
        if (b == 0) {
            residue = locked_lane_residue(l, lane);
            null = locked_lane_null(l, lane);
            extent = locked_lane_extent(l, lane, PART_SCAN, 77);
        }
        assert_true(locked_lane_residue(l, lane) == residue && locked_lane_null(l, lane) == null);
        assert_true(locked_lane_extent(l, lane, PART_SCAN, 77) == extent);
        finish(l, lane);
    }
    free(x);
}

static void test_swings(void **state)
{
    (void)state;
    double *x = calloc(N_TIMES, sizeof *x);
    locked *l;
    locked_lane *lane;
    x[FIRST + 3] = 5;    /* first epoch */
    x[FIRST + 250] = -2; /* third */
    x[150] = 7;          /* second stretch without scanning */
    measure(x, 5000, &l, &lane);
    assert_int_equal(locked_extent_count(l, PART_SCAN), N_EPOCHS);
    assert_int_equal(locked_extent_count(l, PART_FREE), (FIRST - 100) / 100 + 75);
    assert_true(locked_lane_extent(l, lane, PART_SCAN, 0) == 5 && locked_lane_extent(l, lane, PART_SCAN, 1) == 0 &&
                locked_lane_extent(l, lane, PART_SCAN, 2) == 2);
    assert_true(locked_lane_extent(l, lane, PART_FREE, 0) == 0 && locked_lane_extent(l, lane, PART_FREE, 1) == 7);
    finish(l, lane);
    free(x);
}

static void test_refusals(void **state)
{
    (void)state;
    locked *l = NULL;
    locked_lane *lane = NULL;
    lmp_error err = {0};
    locked_options options = options_of(true);
    options.length_s = 1e-4;
    assert_int_equal(locked_open(&options, budget, &l, &err), LMP_ERR_INPUT);
    options = options_of(true);
    options.n_epochs = 3; /* too few for a mean */
    assert_int_equal(locked_open(&options, budget, &l, &err), LMP_OK);
    assert_int_equal(locked_lane_open(l, budget, &lane, &err), LMP_OK);
    assert_true(isnan(locked_lane_residue(l, lane)) && isnan(locked_lane_null(l, lane)));
    finish(l, lane);
    options = options_of(true);
    budget_fail_at(budget, 1);
    assert_int_equal(locked_open(&options, budget, &l, &err), LMP_ERR_MEMORY);
}

/* ---- Tones ---- */

static double amplitude_of(const double *x, const double *hz, int64_t n, int64_t i, int64_t block)
{
    tone_table *t = NULL;
    tone_lane *lane = NULL;
    assert_int_equal(tone_table_open(hz, n, RATE_HZ, &spans, budget, &t, NULL), LMP_OK);
    assert_int_equal(tone_lane_open(t, budget, &lane, NULL), LMP_OK);
    for (int64_t first = 0; first < N_TIMES; first += block)
        tone_lane_add(t, lane, first, x + first, N_TIMES - first < block ? N_TIMES - first : block);
    const double amplitude = tone_lane_amplitude(t, lane, i);
    tone_lane_close(lane, budget);
    tone_table_close(t, budget);
    return amplitude;
}

/* The amplitude of a tone inside the scan, beside one a hundred times as strong a hertz away. */
static void test_tones(void **state)
{
    (void)state;
    const double hz[] = {7.3, 11.9};
    double *x = calloc(N_TIMES, sizeof *x);
    for (int64_t i = 0; i < N_TIMES; i++)
        x[i] = 2 * cos(2 * M_PI * 11.9 * (double)i / RATE_HZ + 1) + 200 * sin(2 * M_PI * 12.9 * (double)i / RATE_HZ);
    const double whole = amplitude_of(x, hz, 2, 1, N_TIMES);
    assert_true(fabs(whole - 2) < 0.002);
    assert_true(amplitude_of(x, hz, 2, 0, N_TIMES) < 0.01);
    assert_true(amplitude_of(x, hz, 2, 1, 7) == whole && amplitude_of(x, hz, 2, 1, 1000) == whole);
    for (int64_t i = FIRST; i < 52085; i++) x[i] = 0; /* what is outside the scan does not count */
    assert_true(amplitude_of(x, hz, 2, 1, 5000) == 0);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_is_chance), cmocka_unit_test(test_locked_signal), cmocka_unit_test(test_any_cut),
        cmocka_unit_test(test_swings),          cmocka_unit_test(test_refusals),      cmocka_unit_test(test_tones),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
