/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Long convolution against the sum that defines it, and the same bits from every set of instructions.
 */
#include "kernels/convolve.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double *doubles(int64_t n)
{
    size_t bytes = ((size_t)n * sizeof(double) + 63) / 64 * 64;
    double *made = aligned_alloc(64, bytes);
    assert_non_null(made);
    memset(made, 0, bytes);
    return made;
}

static void fill_noise(double *values, int64_t n, uint64_t seed)
{
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        values[i] = (double)(seed >> 11) / 9007199254740992.0 - 0.25;
    }
}

typedef struct setup {
    int64_t n, half;
    double *constants, *taps, *spectrum, *in, *low, *high, *other;
} setup;

static setup prepare(int64_t n, int64_t half)
{
    setup s = {.n = n, .half = half};
    s.constants = doubles(convolve_count_constants(n));
    s.taps = doubles(2 * half + 1);
    s.spectrum = doubles(n / 2);
    s.in = doubles(n);
    s.low = doubles(n + CONVOLVE_GAP);
    s.high = s.low + n / 2 + CONVOLVE_GAP;
    s.other = doubles(n + CONVOLVE_GAP);
    fill_noise(s.in, n, 1);
    fill_noise(s.taps, half + 1, 2);
    for (int64_t k = 0; k <= half; k++) s.taps[2 * half - k] = s.taps[k];
    convolve_fill_constants(n, s.constants);
    convolve_transform_taps(n, s.constants, s.taps, half, s.low, s.spectrum);
    memset(s.low, 0, (size_t)(n + CONVOLVE_GAP) * sizeof(double));
    return s;
}

static void release(setup *s)
{
    free(s->constants);
    free(s->taps);
    free(s->spectrum);
    free(s->in);
    free(s->low);
    free(s->other);
}

static void products_equal_the_sum(void **state)
{
    (void)state;
    for (int64_t n = 32; n <= 4096; n *= 2)
        for (int64_t half = 0; half < n / 2; half = 3 * half + 1) {
            setup s = prepare(n, half);
            convolve_apply(n, s.constants, s.spectrum, s.in, s.low, s.high);
            convolve_apply_plain(n, s.taps, half, s.in, s.other);
            double tolerance = 1e-15 * (double)(20 + 2 * half);
            for (int64_t t = 0; t < n; t++) {
                double got = t < n / 2 ? s.low[t] : s.high[t - n / 2];
                assert_true(fabs(got - s.other[t]) < tolerance);
            }
            release(&s);
        }
}

static void every_path_gives_the_same_bits(void **state)
{
    (void)state;
    for (int64_t n = 32; n <= 65536; n *= 2) {
        setup s = prepare(n, n / 5);
        convolve_apply(n, s.constants, s.spectrum, s.in, s.low, s.high);
        convolve_apply_narrow(n, s.constants, s.spectrum, s.in, s.other, s.other + n / 2 + CONVOLVE_GAP);
        assert_memory_equal(s.low, s.other, (size_t)(n + CONVOLVE_GAP) * sizeof(double));
        release(&s);
    }
}

static void the_input_is_left_alone(void **state)
{
    (void)state;
    setup s = prepare(2048, 100);
    double *before = doubles(2048);
    memcpy(before, s.in, 2048 * sizeof(double));
    convolve_apply(2048, s.constants, s.spectrum, s.in, s.low, s.high);
    assert_memory_equal(before, s.in, 2048 * sizeof(double));
    free(before);
    release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_the_sum),
        cmocka_unit_test(every_path_gives_the_same_bits),
        cmocka_unit_test(the_input_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
