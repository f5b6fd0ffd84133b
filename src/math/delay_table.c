/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels at 1,025 fractions, and straight lines between them. The line is off by at most step^2/8 times the second
 * derivative of a tap, which is near pi^2/3: 4e-7, as much as single precision itself.
 */
#include "math/delay_table.h"

#include "kernels/fir32_single.h"

void delay_table_fill(delay_table *table)
{
    for (int i = 0; i <= DELAY_TABLE_STEPS; i++) {
        double h[FRACTIONAL_DELAY_TAPS];
        fractional_delay_kernel((double)i / DELAY_TABLE_STEPS, h);
        for (int k = 0; k < FRACTIONAL_DELAY_TAPS; k++) table->taps[i][k] = (float)h[k];
    }
}

/* The two rows that d lies between, and how far from the first to the second. */
static float find_rows(const delay_table *table, double d, const float **low, const float **high)
{
    const double place = d * DELAY_TABLE_STEPS;
    int i = (int)place;
    if (i >= DELAY_TABLE_STEPS) i = DELAY_TABLE_STEPS - 1;
    *low = table->taps[i];
    *high = table->taps[i + 1];
    return (float)(place - (double)i);
}

void delay_table_advance(const delay_table *table, double d, const float *in, float *out, int64_t count)
{
    float h[FRACTIONAL_DELAY_TAPS];
    const float *low, *high, share = find_rows(table, d, &low, &high);
    for (int k = 0; k < FRACTIONAL_DELAY_TAPS; k++) h[k] = low[k] + (high[k] - low[k]) * share;
    fir32_single_apply(in - FRACTIONAL_DELAY_BEFORE, h, out, count);
}

void delay_table_retard(const delay_table *table, double d, const float *in, float *out, int64_t count)
{
    float h[FRACTIONAL_DELAY_TAPS];
    const float *low, *high, share = find_rows(table, d, &low, &high);
    for (int k = 0; k < FRACTIONAL_DELAY_TAPS; k++)
        h[FRACTIONAL_DELAY_TAPS - 1 - k] = low[k] + (high[k] - low[k]) * share;
    fir32_single_apply(in - FRACTIONAL_DELAY_AFTER, h, out, count);
}
