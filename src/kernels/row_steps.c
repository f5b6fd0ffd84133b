/* SPDX-License-Identifier: BSD-3-Clause
 *
 * row_steps.c: eight pairs at a time on every CPU.
 */
#include "kernels/row_steps.h"

#include "kernels/wide.h"

#include <math.h>

enum { LANES = 8 };

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_counts __attribute__((vector_size(32)));

#define LOAD(address) (*(const eight *)(const void *)(address))

KERNEL_INLINE void absolute(eight *x)
{
    const eight_counts all_but_sign = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
                                       INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
    *x = (eight)((eight_counts)*x & all_but_sign);
}

KERNEL_INLINE double sum_body(const float *row, int64_t n)
{
    eight sums = {0};
    int64_t x = 0;
    for (; x + LANES < n; x += LANES) {
        eight step = LOAD(row + x + 1) - LOAD(row + x);
        absolute(&step);
        sums += step;
    }
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += (double)sums[i];
    for (; x + 1 < n; x++) sum += (double)fabsf(row[x + 1] - row[x]);
    return sum;
}

KERNEL_INLINE int64_t count_body(const float *row, int64_t n, float step)
{
    const eight steps = {step, step, step, step, step, step, step, step};
    eight_counts counts = {0};
    int64_t x = 0, count = 0;
    for (; x + LANES < n; x += LANES) {
        eight here = LOAD(row + x + 1) - LOAD(row + x);
        absolute(&here);
        counts -= (eight_counts)(here > steps); /* true is -1 */
    }
    for (int i = 0; i < LANES; i++) count += counts[i];
    for (; x + 1 < n; x++) count += fabsf(row[x + 1] - row[x]) > step;
    return count;
}

KERNEL_WIDE static double sum_wide(const float *row, int64_t n)
{
    return sum_body(row, n);
}

KERNEL_WIDE static int64_t count_wide(const float *row, int64_t n, float step)
{
    return count_body(row, n, step);
}

double row_steps_sum(const float *row, int64_t n)
{
    return kernel_has_wide() ? sum_wide(row, n) : sum_body(row, n);
}

int64_t row_steps_count(const float *row, int64_t n, float step)
{
    return kernel_has_wide() ? count_wide(row, n, step) : count_body(row, n, step);
}
