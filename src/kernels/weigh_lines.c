/* SPDX-License-Identifier: BSD-3-Clause
 *
 * weigh_lines.c: the sums of many pixels stay in registers while the lines are gone through.
 */
#include "kernels/weigh_lines.h"

#include "kernels/keep_if.h"
#include "kernels/temporal_types.h"

enum { LANES = 8, WIDE = 4 }; /* WIDE: vectors at once, to fill the time that each addition takes */

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_bits __attribute__((vector_size(32)));

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

/* ---- Where values are missing ---- */

/* What is present of eight values, as bits; and what it counts. */
KERNEL_INLINE void clean(eight *x, eight *counts)
{
    const eight_bits kept = (*x - *x == ALL(0.0f));
    *x = (eight)((eight_bits)*x & kept);
    *counts = (eight)((eight_bits)ALL(1.0f) & kept);
}

KERNEL_INLINE void present_eight(const float *const *lines, const float *weights, int64_t radius, int64_t at,
                                 float *out, float *present)
{
    eight middle = LOAD(lines[radius] + at), count;
    clean(&middle, &count);
    eight sums = ALL(weights[0]) * middle, all = ALL(weights[0]) * count;
    for (int64_t k = 1; k <= radius; k++) {
        const eight weight = ALL(weights[k]);
        eight a = LOAD(lines[radius - k] + at), b = LOAD(lines[radius + k] + at), a_count, b_count;
        clean(&a, &a_count);
        clean(&b, &b_count);
        sums += weight * (a + b);
        all += weight * (a_count + b_count);
    }
    STORE(out + at, sums);
    STORE(present + at, all);
}

KERNEL_INLINE void present_one(const float *const *lines, const float *weights, int64_t radius, int64_t at, float *out,
                               float *present)
{
    const float middle = lines[radius][at];
    float sum = weights[0] * keep_float_if(middle - middle == 0, middle),
          all = weights[0] * keep_float_if(middle - middle == 0, 1);
    for (int64_t k = 1; k <= radius; k++) {
        const float a = lines[radius - k][at], b = lines[radius + k][at];
        const bool has_a = a - a == 0, has_b = b - b == 0;
        sum += weights[k] * (keep_float_if(has_a, a) + keep_float_if(has_b, b));
        all += weights[k] * (keep_float_if(has_a, 1) + keep_float_if(has_b, 1));
    }
    out[at] = sum;
    present[at] = all;
}

KERNEL_INLINE bool present_body(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out,
                                float *present)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) present_eight(lines, weights, radius, i, out, present);
    for (; i < n; i++) present_one(lines, weights, radius, i, out, present);
    return true;
}

KERNEL_INLINE bool divide_body(const float *restrict present, const float *restrict centre, int64_t n,
                               float *restrict out)
{
    for (int64_t i = 0; i < n; i++) out[i] = choose_float(centre[i] - centre[i] == 0, out[i] / present[i], centre[i]);
    return true;
}

KERNEL_TWICE(present,
             (const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out, float *present),
             (lines, weights, radius, n, out, present))
KERNEL_TWICE(divide, (const float *present, const float *centre, int64_t n, float *out), (present, centre, n, out))

void weigh_lines(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out)
{
    (void)KERNEL_PICK(weigh, (lines, weights, radius, n, out));
}

void weigh_present(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out,
                   float *present)
{
    (void)KERNEL_PICK(present, (lines, weights, radius, n, out, present));
}

void weigh_divide(const float *present, const float *centre, int64_t n, float *out)
{
    (void)KERNEL_PICK(divide, (present, centre, n, out));
}

/* ---- Plain references ---- */

void weigh_lines_plain(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++) out[i] = weigh_one(lines, weights, radius, i);
}

void weigh_present_plain(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out,
                         float *present)
{
    for (int64_t i = 0; i < n; i++) present_one(lines, weights, radius, i, out, present);
}

void weigh_divide_plain(const float *present, const float *centre, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++) {
        if (centre[i] - centre[i] == 0)
            out[i] /= present[i];
        else
            out[i] = centre[i];
    }
}
