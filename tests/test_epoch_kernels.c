/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels on epochs in single precision: the same bits as their plain references at every length, and fractional delays
 * from a table as good as single precision lets them be.
 */
#include "kernels/epoch_sums.h"
#include "kernels/fir32_single.h"
#include "math/delay_table.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 1200 };

static void fill(float *values, int64_t count, int64_t step)
{
    for (int64_t i = 0; i < count; i++) values[i] = (float)(700.0 * sin(0.37 * (double)(i * i % 1013) + (double)step));
}

static void filters_give_the_bits_of_the_reference(void **state)
{
    static float in[LONGEST + 64], out[LONGEST], plain[LONGEST];
    float taps[FIR32_SINGLE_TAPS];
    (void)state;
    fill(in, LONGEST + 64, 1);
    fill(taps, FIR32_SINGLE_TAPS, 2);
    for (int64_t n = 0; n < 300; n++) {
        memset(out, 0, sizeof out);
        memset(plain, 0, sizeof plain);
        fir32_single_apply(in + n % 17, taps, out, n);
        fir32_single_apply_plain(in + n % 17, taps, plain, n);
        assert_memory_equal(out, plain, sizeof out);
    }
}

static void sums_give_the_bits_of_the_reference(void **state)
{
    static float a[LONGEST + 64], b[LONGEST + 64];
    (void)state;
    fill(a, LONGEST + 64, 3);
    fill(b, LONGEST + 64, 4);
    for (int64_t n = 0; n < LONGEST; n += n < 300 ? 1 : 97) {
        const int64_t lag = 1 + n % 7;
        const epoch_products x = epoch_sums_whitened(a + n % 3, b, lag, n);
        const epoch_products y = epoch_sums_whitened_plain(a + n % 3, b, lag, n);
        assert_true(x.both == y.both && x.own == y.own);
        assert_true(epoch_sums_difference(a, b, 0.75F, n) == epoch_sums_difference_plain(a, b, 0.75F, n));
    }
}

static void sums_are_what_they_say(void **state)
{
    static float a[LONGEST + 64], b[LONGEST + 64];
    double both = 0.0, own = 0.0, difference = 0.0;
    (void)state;
    fill(a, LONGEST + 64, 5);
    fill(b, LONGEST + 64, 6);
    for (int i = 0; i < LONGEST; i++) {
        const double d = (double)a[i + 4] - (double)a[i], e = (double)b[i + 4] - (double)b[i];
        const double r = (double)a[i] - 0.75 * (double)b[i];
        both += d * e;
        own += d * d;
        difference += r * r;
    }
    const epoch_products sums = epoch_sums_whitened(a, b, 4, LONGEST);
    assert_true(fabs(sums.both - both) < 1e-6 * own);
    assert_true(fabs(sums.own - own) < 1e-6 * own);
    assert_true(fabs(epoch_sums_difference(a, b, 0.75F, LONGEST) - difference) < 1e-6 * difference);
}

/* Against the same shift in double precision with the exact kernel. */
static void delays_from_the_table_are_precise(void **state)
{
    static double in[600], exact[400];
    static float in_single[600], out[400];
    delay_table *table = malloc(sizeof *table);
    (void)state;
    assert_non_null(table);
    delay_table_fill(table);
    for (int i = 0; i < 600; i++) {
        in[i] = 1000.0 * (sin(0.21 * i) + cos(1.3 * i));
        in_single[i] = (float)in[i];
    }
    for (int step = 0; step <= 1000; step += 37) {
        const double d = step / 1000.0;
        double h[FRACTIONAL_DELAY_TAPS], worst = 0.0;
        fractional_delay_kernel(d, h);
        fractional_delay_advance(in + 100, h, exact, 400);
        delay_table_advance(table, d, in_single + 100, out, 400);
        for (int i = 0; i < 400; i++) worst = fmax(worst, fabs((double)out[i] - exact[i]));
        fractional_delay_retard(in + 100, h, exact, 400);
        delay_table_retard(table, d, in_single + 100, out, 400);
        for (int i = 0; i < 400; i++) worst = fmax(worst, fabs((double)out[i] - exact[i]));
        assert_true(worst < 3e-6 * 2000.0);
    }
    delay_table_retard(table, 1.0, in_single + 100, out, 400);
    for (int i = 0; i < 400; i++) assert_true(out[i] == in_single[99 + i]);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_give_the_bits_of_the_reference),
        cmocka_unit_test(sums_give_the_bits_of_the_reference),
        cmocka_unit_test(sums_are_what_they_say),
        cmocka_unit_test(delays_from_the_table_are_precise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
