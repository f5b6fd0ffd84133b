/* SPDX-License-Identifier: BSD-3-Clause
 *
 * weigh_lines.c: the sums of many pixels stay in registers while the lines are gone through.
 */
#include "kernels/weigh_lines.h"

#include "kernels/temporal_types.h"

enum { LANES = 8, WIDE = 4 }; /* WIDE: vectors at once, to fill the time that each addition takes */

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));

#define LOAD(address)         (*(const eight *)(const void *)(address))
#define STORE(address, value) (*(eight *)(void *)(address) = (value))
#define ALL(x)                ((eight){x, x, x, x, x, x, x, x})

KERNEL_INLINE void weigh_vectors(const float *const *lines, const float *weights, int64_t radius, int64_t at,
                                 const int count, float *out)
{
    eight sums[WIDE];
    for (int j = 0; j < count; j++) sums[j] = ALL(weights[0]) * LOAD(lines[radius] + at + LANES * j);
    for (int64_t k = 1; k <= radius; k++) {
        const float *a = lines[radius - k] + at, *b = lines[radius + k] + at;
        const eight weight = ALL(weights[k]);
        for (int j = 0; j < count; j++) sums[j] += weight * (LOAD(a + LANES * j) + LOAD(b + LANES * j));
    }
    for (int j = 0; j < count; j++) STORE(out + at + LANES * j, sums[j]);
}

KERNEL_INLINE float weigh_one(const float *const *lines, const float *weights, int64_t radius, int64_t at)
{
    float sum = weights[0] * lines[radius][at];
    for (int64_t k = 1; k <= radius; k++) sum += weights[k] * (lines[radius - k][at] + lines[radius + k][at]);
    return sum;
}

KERNEL_INLINE bool weigh_body(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out)
{
    int64_t i = 0;
    for (; i + WIDE * LANES <= n; i += WIDE * LANES) weigh_vectors(lines, weights, radius, i, WIDE, out);
    for (; i + LANES <= n; i += LANES) weigh_vectors(lines, weights, radius, i, 1, out);
    for (; i < n; i++) out[i] = weigh_one(lines, weights, radius, i);
    return true;
}

KERNEL_TWICE(weigh, (const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out),
             (lines, weights, radius, n, out))

void weigh_lines(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out)
{
    (void)KERNEL_PICK(weigh, (lines, weights, radius, n, out));
}

void weigh_lines_plain(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++) out[i] = weigh_one(lines, weights, radius, i);
}
