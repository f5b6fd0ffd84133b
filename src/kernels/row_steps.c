/* SPDX-License-Identifier: BSD-3-Clause
 *
 * row_steps.c: eight pairs at a time on every CPU.
 */
#include "kernels/row_steps.h"

#include <math.h>

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define FOR_AVX2 __attribute__((target("avx2")))
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#else
#define FOR_AVX2
#define HAS_AVX2 0
#endif

enum { LANES = 8 };

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_counts __attribute__((vector_size(32)));

#define LOAD(address) (*(const eight *)(const void *)(address))

INLINE void absolute(eight *x)
{
    const eight_counts all_but_sign = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
                                       INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
    *x = (eight)((eight_counts)*x & all_but_sign);
}

INLINE double sum_body(const float *row, int64_t n)
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

INLINE int64_t count_body(const float *row, int64_t n, float step)
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

FOR_AVX2 static double sum_avx2(const float *row, int64_t n)
{
    return sum_body(row, n);
}

FOR_AVX2 static int64_t count_avx2(const float *row, int64_t n, float step)
{
    return count_body(row, n, step);
}

double row_steps_sum(const float *row, int64_t n)
{
    return HAS_AVX2 ? sum_avx2(row, n) : sum_body(row, n);
}

int64_t row_steps_count(const float *row, int64_t n, float step)
{
    return HAS_AVX2 ? count_avx2(row, n, step) : count_body(row, n, step);
}
