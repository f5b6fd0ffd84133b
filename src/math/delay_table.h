/* SPDX-License-Identifier: BSD-3-Clause
 *
 * delay_table.h: kernels of fractional delays from a table, for whoever needs one per epoch and channel.
 */
#ifndef LIMPID_MATH_DELAY_TABLE_H
#define LIMPID_MATH_DELAY_TABLE_H

#include "math/fractional_delay.h"

enum { DELAY_TABLE_STEPS = 1024 };

/* Read-only once filled. */
typedef struct delay_table {
    double taps[DELAY_TABLE_STEPS + 1][FRACTIONAL_DELAY_TAPS];
} delay_table;

void delay_table_fill(delay_table *table);

/* Taps as fractional_delay_kernel() makes them, within 2e-6 of the largest; 0 <= d <= 1. */
void delay_table_kernel(const delay_table *table, double d, double h[FRACTIONAL_DELAY_TAPS]);

#endif
