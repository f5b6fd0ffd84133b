/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FIR design: lengths, symmetry, and the gain at the frequencies that matter.
 */
#include "math/fir.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct kernel {
    double *taps;
    int64_t n;
    double rate_hz;
} kernel;

static kernel design(const fir_edge *edges, int64_t n_edges, double rate_hz)
{
    kernel k = {.n = fir_count_taps(edges, n_edges, rate_hz), .rate_hz = rate_hz};
    k.taps = calloc((size_t)k.n, sizeof *k.taps);
    assert_non_null(k.taps);
    fir_design_taps(edges, n_edges, rate_hz, k.taps);
    assert_int_equal(k.n % 2, 1);
    for (int64_t i = 0; i < k.n / 2; i++) assert_true(fabs(k.taps[i] - k.taps[k.n - 1 - i]) < 1e-15);
    return k;
}

/* Gain of a symmetric kernel, which is real. */
static double gain(const kernel *k, double hz)
{
    double sum = 0;
    for (int64_t i = 0; i < k->n; i++) sum += k->taps[i] * cos(2 * M_PI * hz / k->rate_hz * (double)(i - k->n / 2));
    return sum;
}

static void lengths_follow_the_transition(void **state)
{
    (void)state;
    fir_edge high = fir_edge_rising(1.0, fir_auto_rise_hz(1.0));
    fir_edge low = fir_edge_falling(70.0, fir_auto_fall_hz(70.0, 5000.0));
    assert_int_equal(fir_count_taps(&high, 1, 5000.0), 16501);
    assert_int_equal(fir_count_taps(&low, 1, 5000.0), 943);
    assert_true(fir_auto_rise_hz(0.1) == 0.1 && fir_auto_rise_hz(4.0) == 2.0 && fir_auto_rise_hz(100.0) == 25.0);
    assert_true(fir_auto_fall_hz(124.0, 250.0) == 1.0 && fir_auto_fall_hz(40.0, 1000.0) == 10.0);
}

static void highpass_passes_stops_and_halves(void **state)
{
    (void)state;
    fir_edge edge = fir_edge_rising(10.0, 2.5);
    kernel k = design(&edge, 1, 1000.0);
    assert_true(fabs(gain(&k, 0.0)) < 1e-13);
    assert_true(fabs(gain(&k, 7.0)) < 2.3e-3); /* -53 dB */
    assert_true(fabs(gain(&k, 8.75) - 0.5) < 1e-3);
    for (double hz = 10.0; hz <= 500.0; hz += 7.3) assert_true(fabs(gain(&k, hz) - 1.0) < 3.1e-3);
    free(k.taps);
}

static void lowpass_has_unit_gain_at_zero(void **state)
{
    (void)state;
    fir_edge edge = fir_edge_falling(40.0, 10.0);
    kernel k = design(&edge, 1, 500.0);
    assert_true(fabs(gain(&k, 0.0) - 1.0) < 1e-14);
    assert_true(fabs(gain(&k, 45.0) - 0.5) < 1e-3);
    for (double hz = 50.0; hz <= 250.0; hz += 3.1) assert_true(fabs(gain(&k, hz)) < 3.1e-3);
    free(k.taps);
}

static void many_edges_add_up(void **state)
{
    (void)state;
    fir_edge edges[] = {fir_edge_falling(49.0, 0.5), fir_edge_rising(51.0, 0.5), fir_edge_falling(98.5, 1.0),
                        fir_edge_rising(101.5, 1.0)};
    kernel k = design(edges, 4, 1000.0);
    assert_int_equal(k.n, 6601);
    assert_true(fabs(gain(&k, 50.0)) < 5e-3 && fabs(gain(&k, 100.0)) < 5e-3);
    assert_true(fabs(gain(&k, 0.0) - 1.0) < 5e-3 && fabs(gain(&k, 75.0) - 1.0) < 5e-3);
    assert_true(fabs(gain(&k, 500.0) - 1.0) < 5e-3);
    free(k.taps);
}

static void no_edge_is_an_impulse(void **state)
{
    (void)state;
    double tap = 0.0;
    assert_int_equal(fir_count_taps(NULL, 0, 100.0), 1);
    fir_design_taps(NULL, 0, 100.0, &tap);
    assert_true(tap == 1.0);
}

static void kaiser_keeps_its_promise(void **state)
{
    (void)state;
    kernel k = {.rate_hz = 1.0};
    int64_t half = fir_kaiser_half(0.045, 0.05, 140.0);
    k.n = 2 * half + 1;
    k.taps = calloc((size_t)k.n, sizeof *k.taps);
    assert_non_null(k.taps);
    fir_kaiser_taps(0.045, 0.05, 140.0, k.taps);
    assert_true(fabs(gain(&k, 0.0) - 1.0) < 1e-14);
    for (double f = 0.0; f <= 0.045; f += 0.0009) assert_true(fabs(gain(&k, f) - 1.0) < 3e-7);
    for (double f = 0.05; f <= 0.5; f += 0.0007) assert_true(fabs(gain(&k, f)) < 1.5e-7);
    free(k.taps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_follow_the_transition), cmocka_unit_test(highpass_passes_stops_and_halves),
        cmocka_unit_test(lowpass_has_unit_gain_at_zero), cmocka_unit_test(many_edges_add_up),
        cmocka_unit_test(no_edge_is_an_impulse),         cmocka_unit_test(kaiser_keeps_its_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
