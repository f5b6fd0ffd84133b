/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Butterworth design: the magnitude that defines it, stability, and the customary order of sections.
 */
#include "math/butterworth.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Magnitude at a frequency in units of half the rate. */
static double magnitude(const biquad *sections, int64_t n, double frequency)
{
    double complex z = cexp((double complex)I * -M_PI * frequency), h = 1.0;
    for (int64_t i = 0; i < n; i++) {
        const biquad *s = &sections[i];
        h *= (s->b0 + (s->b1 + s->b2 * z) * z) / (1.0 + (s->a1 + s->a2 * z) * z);
    }
    return cabs(h);
}

/* 1 / sqrt(1 + r^(2 order)) with the ratio r of warped frequencies that each kind has. */
static double expected(butterworth_kind kind, int64_t order, double low, double high, double frequency)
{
    double w = tan(M_PI * frequency / 2), l = tan(M_PI * low / 2), h = tan(M_PI * high / 2), ratio = 0;
    if (kind == BUTTERWORTH_LOWPASS) ratio = w / l;
    if (kind == BUTTERWORTH_HIGHPASS) ratio = l / w;
    if (kind == BUTTERWORTH_BANDPASS) ratio = fabs(w * w - l * h) / (w * (h - l));
    if (kind == BUTTERWORTH_BANDSTOP) ratio = w * (h - l) / fabs(w * w - l * h);
    return 1.0 / sqrt(1.0 + pow(ratio, 2.0 * (double)order));
}

static void magnitudes_are_maximally_flat(void **state)
{
    (void)state;
    static const double bands[][2] = {{0.1, 0.3}, {0.02, 0.021}, {0.4, 0.9}, {0.0004, 0.028}};
    for (int kind = BUTTERWORTH_LOWPASS; kind <= BUTTERWORTH_BANDSTOP; kind++)
        for (int64_t order = 1; order <= BUTTERWORTH_ORDER_MAX; order++)
            for (int b = 0; b < 4; b++) {
                biquad sections[BUTTERWORTH_ORDER_MAX];
                int64_t n = butterworth_design(kind, order, bands[b][0], bands[b][1], sections);
                assert_int_equal(n, kind >= BUTTERWORTH_BANDPASS ? order : (order + 1) / 2);
                /* The smaller the frequency, the nearer the poles to 1: fewer digits are left. */
                double tolerance = bands[b][0] < 0.001 ? 1e-4 : 1e-6;
                for (double f = 0.013; f < 1.0; f += 0.0371)
                    assert_true(fabs(magnitude(sections, n, f) - expected(kind, order, bands[b][0], bands[b][1], f)) <
                                tolerance);
            }
}

static void half_the_power_passes_at_the_cutoff(void **state)
{
    (void)state;
    biquad sections[BUTTERWORTH_ORDER_MAX];
    int64_t n = butterworth_design(BUTTERWORTH_BANDPASS, 4, 0.2, 0.4, sections);
    assert_true(fabs(magnitude(sections, n, 0.2) - sqrt(0.5)) < 1e-12);
    assert_true(fabs(magnitude(sections, n, 0.4) - sqrt(0.5)) < 1e-12);
}

static void poles_are_inside_and_the_slowest_last(void **state)
{
    (void)state;
    biquad sections[BUTTERWORTH_ORDER_MAX];
    for (int64_t order = 1; order <= BUTTERWORTH_ORDER_MAX; order++) {
        int64_t n = butterworth_design(BUTTERWORTH_HIGHPASS, order, 0.0004, 0, sections);
        for (int64_t i = 0; i < n; i++) {
            assert_true(fabs(sections[i].a2) < 1 && fabs(sections[i].a1) < 1 + sections[i].a2);
            if (i > 0) assert_true(sections[i].a2 >= sections[i - 1].a2);
        }
    }
}

static void nothing_passes_at_zero(void **state)
{
    (void)state;
    biquad sections[BUTTERWORTH_ORDER_MAX];
    int64_t n = butterworth_design(BUTTERWORTH_HIGHPASS, 4, 0.0004, 0, sections);
    double product = 1;
    for (int64_t i = 0; i < n; i++) product *= sections[i].b0 + sections[i].b1 + sections[i].b2;
    assert_true(product == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(magnitudes_are_maximally_flat),
        cmocka_unit_test(half_the_power_passes_at_the_cutoff),
        cmocka_unit_test(poles_are_inside_and_the_slowest_last),
        cmocka_unit_test(nothing_passes_at_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
