/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels at 1,025 fractions, and straight lines between them. The line is off by at most step^2/8 times the second
 * derivative of a tap, which is near pi^2/3: 4e-7. Taps of a sum of kernels that sum to 1 sum to 1.
 */
#include "math/delay_table.h"

void delay_table_fill(delay_table *table)
{
    for (int i = 0; i <= DELAY_TABLE_STEPS; i++)
        fractional_delay_kernel((double)i / DELAY_TABLE_STEPS, table->taps[i]);
}

void delay_table_kernel(const delay_table *table, double d, double h[FRACTIONAL_DELAY_TAPS])
{
    const double place = d * DELAY_TABLE_STEPS;
    int i = (int)place;
    if (i >= DELAY_TABLE_STEPS) i = DELAY_TABLE_STEPS - 1;
    const double share = place - (double)i;
    const double *low = table->taps[i], *high = table->taps[i + 1];
    for (int k = 0; k < FRACTIONAL_DELAY_TAPS; k++) h[k] = low[k] + (high[k] - low[k]) * share;
}
