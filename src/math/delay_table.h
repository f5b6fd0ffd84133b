/* SPDX-License-Identifier: BSD-3-Clause
 *
 * delay_table.h: fractional delays in single precision with kernels from a table, for whoever needs one per epoch and
 * channel. Advance and retard are those of fractional_delay.h.
 */
#ifndef LIMPID_MATH_DELAY_TABLE_H
#define LIMPID_MATH_DELAY_TABLE_H

#include "math/fractional_delay.h"

enum { DELAY_TABLE_STEPS = 1024 };

/* Read-only once filled. */
typedef struct delay_table {
    float taps[DELAY_TABLE_STEPS + 1][FRACTIONAL_DELAY_TAPS];
} delay_table;

void delay_table_fill(delay_table *table);

/* out[m] = in(m + d), 0 <= d <= 1. Reads in[-15] to in[count + 15]. in and out must not overlap. */
void delay_table_advance(const delay_table *table, double d, const float *in, float *out, int64_t count);

/* out[m] = in(m - d), 0 <= d <= 1. Reads in[-16] to in[count + 14]. in and out must not overlap. */
void delay_table_retard(const delay_table *table, double d, const float *in, float *out, int64_t count);

#endif
