/* SPDX-License-Identifier: BSD-3-Clause
 *
 * row_steps.h: how much neighbours in a row differ.
 */
#ifndef LIMPID_KERNELS_ROW_STEPS_H
#define LIMPID_KERNELS_ROW_STEPS_H

#include <stdint.h>

/* Sum of |row[x + 1] - row[x]| over the n - 1 pairs of neighbours; the same bits on every CPU. */
double row_steps_sum(const float *row, int64_t n);

/* How many of them are larger than `step`. */
int64_t row_steps_count(const float *row, int64_t n, float step);

#endif
