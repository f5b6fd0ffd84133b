/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fractional delays: exact on what they must keep, accurate on sines, the same bits however they are cut.
 */
#include "kernels/fir32.h"
#include "math/fractional_delay.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static double sum_of(const double *h)
{
    double sum = 0.0;
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) sum += h[i];
    return sum;
}

static void a_whole_shift_is_an_impulse(void **state)
{
    double h[FRACTIONAL_DELAY_TAPS];
    (void)state;
    fractional_delay_kernel(0.0, h);
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) assert_true(h[i] == (i == FRACTIONAL_DELAY_BEFORE ? 1.0 : 0.0));
    fractional_delay_kernel(1.0, h);
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) assert_true(h[i] == (i == FRACTIONAL_DELAY_BEFORE + 1 ? 1.0 : 0.0));
}

static void taps_sum_to_one(void **state)
{
    double h[FRACTIONAL_DELAY_TAPS];
    (void)state;
    for (int i = 0; i <= 1000; i++) {
        fractional_delay_kernel(i / 1000.0, h);
        assert_true(fabs(sum_of(h) - 1.0) < 1e-14);
    }
}

/* Values of scipy.special.i0 and numpy.sinc put into the formula. */
static void taps_are_those_of_the_formula(void **state)
{
    double h[FRACTIONAL_DELAY_TAPS];
    (void)state;
    fractional_delay_kernel(0.25, h);
    assert_true(fabs(h[0] - -0.00010691232543575848) < 1e-15);
    assert_true(fabs(h[15] - 0.8995181953612211) < 1e-14);
    assert_true(fabs(h[31] - -5.2179635713549906e-05) < 1e-15);
    fractional_delay_kernel(0.5, h);
    assert_true(fabs(h[15] - 0.6343196004931815) < 1e-14);
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) assert_true(fabs(h[i] - h[31 - i]) < 1e-15);
}

/* Near 0 and 1 nothing is lost to cancellation: the kernel goes over into the impulse without a step. */
static void tiny_shifts_are_smooth(void **state)
{
    double h[FRACTIONAL_DELAY_TAPS];
    (void)state;
    fractional_delay_kernel(1e-12, h);
    assert_true(fabs(h[15] - 1.0) < 1e-11 && fabs(h[16]) < 2e-12 && h[16] > 0.9e-12);
    fractional_delay_kernel(1.0 - 1e-12, h);
    assert_true(fabs(h[16] - 1.0) < 1e-11 && fabs(h[15]) < 2e-12 && h[15] > 0.9e-12);
}

/* Largest error of a moved sine of unit amplitude, over its phases. */
static double sine_error(double frequency, double d)
{
    double in[128], out[64], h[FRACTIONAL_DELAY_TAPS], worst = 0.0;
    fractional_delay_kernel(d, h);
    for (int phase = 0; phase < 8; phase++) {
        for (int i = 0; i < 128; i++) in[i] = sin(2.0 * M_PI * frequency * i + phase);
        fractional_delay_advance(in + 32, h, out, 64);
        for (int i = 0; i < 64; i++)
            worst = fmax(worst, fabs(out[i] - sin(2.0 * M_PI * frequency * (32 + i + d) + phase)));
        fractional_delay_retard(in + 32, h, out, 64);
        for (int i = 0; i < 64; i++)
            worst = fmax(worst, fabs(out[i] - sin(2.0 * M_PI * frequency * (32 + i - d) + phase)));
    }
    return worst;
}

static void sines_move_without_error(void **state)
{
    (void)state;
    for (double d = 0.05; d < 1.0; d += 0.05)
        for (double frequency = 0.0; frequency < 0.405; frequency += 0.02)
            assert_true(sine_error(frequency, d) < 1.5e-4);
    assert_true(sine_error(0.1, 0.37) < 6e-5);
}

/* Cuts of any length give the bits of the plain reference. */
static void cuts_do_not_matter(void **state)
{
    double in[512], whole[400], cut[400], plain[400], h[FRACTIONAL_DELAY_TAPS];
    (void)state;
    for (int i = 0; i < 512; i++) in[i] = sin(0.1 * i * i);
    fractional_delay_kernel(0.3, h);
    fractional_delay_advance(in + 40, h, whole, 400);
    fir32_apply_plain(in + 40 - FRACTIONAL_DELAY_BEFORE, h, plain, 400);
    assert_memory_equal(whole, plain, sizeof whole);
    for (int length = 1; length < 70; length++) {
        memset(cut, 0, sizeof cut);
        for (int at = 0; at < 400; at += length)
            fractional_delay_advance(in + 40 + at, h, cut + at, length < 400 - at ? length : 400 - at);
        assert_memory_equal(whole, cut, sizeof whole);
    }
}

/* There and back again: what is brought to the grid of a template and back is the signal. */
static void retard_undoes_advance(void **state)
{
    double in[256], there[192], back[128], h[FRACTIONAL_DELAY_TAPS];
    (void)state;
    for (int i = 0; i < 256; i++) in[i] = sin(0.3 * i) + 0.5 * cos(1.1 * i);
    fractional_delay_kernel(0.61, h);
    fractional_delay_advance(in + 32, h, there, 192);
    fractional_delay_retard(there + 32, h, back, 128);
    for (int i = 0; i < 128; i++) assert_true(fabs(back[i] - in[64 + i]) < 2e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_shift_is_an_impulse),   cmocka_unit_test(taps_sum_to_one),
        cmocka_unit_test(taps_are_those_of_the_formula), cmocka_unit_test(tiny_shifts_are_smooth),
        cmocka_unit_test(sines_move_without_error),      cmocka_unit_test(cuts_do_not_matter),
        cmocka_unit_test(retard_undoes_advance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
