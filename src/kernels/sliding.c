/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One frame of a sliding window. All loops are over neighbouring pixels and become vectors.
 */
#include "kernels/sliding.h"

#include "kernels/temporal_types.h"

#include <math.h>

/* ---- Loading ---- */

#define LOAD(name, type)                                                                                               \
    KERNEL_INLINE bool name##_body(const type *restrict from, double sign, double *restrict to, int64_t n)             \
    {                                                                                                                  \
        int64_t is_nan = 0;                                                                                            \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const double x = sign * (double)from[i];                                                                   \
            is_nan |= x != x ? -1 : 0;                                                                                 \
            to[i] = x;                                                                                                 \
        }                                                                                                              \
        return is_nan != 0;                                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const type *from, double sign, double *to, int64_t n), (from, sign, to, n))

LOAD(load_i8, int8_t)
LOAD(load_u8, uint8_t)
LOAD(load_i16, int16_t)
LOAD(load_u16, uint16_t)
LOAD(load_i32, int32_t)
LOAD(load_u32, uint32_t)
LOAD(load_i64, int64_t)
LOAD(load_u64, uint64_t)
LOAD(load_f32, float)
LOAD(load_f64, double)

bool sliding_load(lmp_type type, const void *from, double sign, double *to, int64_t n)
{
    switch (type) {
    case LMP_INT8:
        return KERNEL_PICK(load_i8, (from, sign, to, n));
    case LMP_UINT8:
        return KERNEL_PICK(load_u8, (from, sign, to, n));
    case LMP_INT16:
        return KERNEL_PICK(load_i16, (from, sign, to, n));
    case LMP_UINT16:
        return KERNEL_PICK(load_u16, (from, sign, to, n));
    case LMP_UINT32:
        return KERNEL_PICK(load_u32, (from, sign, to, n));
    case LMP_INT64:
        return KERNEL_PICK(load_i64, (from, sign, to, n));
    case LMP_UINT64:
        return KERNEL_PICK(load_u64, (from, sign, to, n));
    case LMP_FLOAT32:
        return KERNEL_PICK(load_f32, (from, sign, to, n));
    case LMP_FLOAT64:
        return KERNEL_PICK(load_f64, (from, sign, to, n));
    case LMP_INT24:
    case LMP_INT32:
        break;
    }
    return KERNEL_PICK(load_i32, (from, sign, to, n));
}

void sliding_mark(double *x, double instead, int32_t *missing, int32_t *heads, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const bool is_nan = x[i] != x[i];
        missing[i] = is_nan;
        heads[i] += is_nan;
        x[i] = is_nan ? instead : x[i];
    }
}

/* Numbers that a part of the window has for pixel i. */
static inline double number_of(sliding_count count, int64_t i)
{
    return count.missing == NULL ? count.frames : count.frames - (double)count.missing[i];
}

/* ---- Sums ---- */

KERNEL_INLINE bool add_body(const double *restrict x, double *restrict head, const double *restrict tail,
                            double divisor, double *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double h = head[i] + x[i];
        head[i] = h;
        out[i] = (h + tail[i]) / divisor;
    }
    return true;
}
KERNEL_TWICE(add, (const double *x, double *head, const double *tail, double divisor, double *out, int64_t n),
             (x, head, tail, divisor, out, n))

KERNEL_INLINE bool plus_body(const double *restrict x, double *restrict head, const double *restrict tail,
                             double *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double h = head[i] + x[i];
        head[i] = h;
        out[i] = h + tail[i];
    }
    return true;
}
KERNEL_TWICE(plus, (const double *x, double *head, const double *tail, double *out, int64_t n), (x, head, tail, out, n))

void sliding_add(const double *x, double *head, const double *tail, sliding_count both, bool is_mean, double *out,
                 int64_t n)
{
    if (is_mean)
        KERNEL_PICK(add, (x, head, tail, both.frames, out, n));
    else
        KERNEL_PICK(plus, (x, head, tail, out, n));
}

void sliding_add_counted(const double *x, double *head, const double *tail, sliding_count head_count,
                         sliding_count tail_count, bool is_mean, double *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double h = head[i] + x[i], count = number_of(head_count, i) + number_of(tail_count, i);
        head[i] = h;
        out[i] = count > 0 ? (h + tail[i]) / (is_mean ? count : 1.0) : (double)NAN;
    }
}

/* ---- Extremes ---- */

KERNEL_INLINE bool raise_body(const double *restrict x, double *restrict head, const double *restrict tail,
                              double *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double h = x[i] > head[i] ? x[i] : head[i];
        head[i] = h;
        out[i] = tail[i] > h ? tail[i] : h;
    }
    return true;
}
KERNEL_TWICE(raise, (const double *x, double *head, const double *tail, double *out, int64_t n),
             (x, head, tail, out, n))

void sliding_raise(const double *x, double *head, const double *tail, double *out, int64_t n)
{
    KERNEL_PICK(raise, (x, head, tail, out, n));
}

void sliding_raise_counted(const double *x, double *head, const double *tail, sliding_count head_count,
                           sliding_count tail_count, double *out, int64_t n)
{
    sliding_raise(x, head, tail, out, n);
    for (int64_t i = 0; i < n; i++)
        if (!(number_of(head_count, i) + number_of(tail_count, i) > 0)) out[i] = (double)NAN;
}

/* ---- Tails ---- */

KERNEL_INLINE bool fold_sum_body(double *restrict row, const double *restrict next, int64_t n)
{
    for (int64_t i = 0; i < n; i++) row[i] += next[i];
    return true;
}
KERNEL_TWICE(fold_sum, (double *row, const double *next, int64_t n), (row, next, n))

void sliding_fold_sum(double *row, const double *next, int64_t n)
{
    KERNEL_PICK(fold_sum, (row, next, n));
}

KERNEL_INLINE bool fold_largest_body(double *restrict row, const double *restrict next, int64_t n)
{
    for (int64_t i = 0; i < n; i++) row[i] = next[i] > row[i] ? next[i] : row[i];
    return true;
}
KERNEL_TWICE(fold_largest, (double *row, const double *next, int64_t n), (row, next, n))

void sliding_fold_largest(double *row, const double *next, int64_t n)
{
    KERNEL_PICK(fold_largest, (row, next, n));
}

/* ---- Moments ---- */

KERNEL_INLINE bool spread_body(const double *restrict x, double *restrict mean, double *restrict square, double frames,
                               int64_t n)
{
    const double share = 1.0 / frames;
    for (int64_t i = 0; i < n; i++) {
        const double d = x[i] - mean[i], m = mean[i] + d * share;
        mean[i] = m;
        square[i] += d * (x[i] - m);
    }
    return true;
}
KERNEL_TWICE(spread, (const double *x, double *mean, double *square, double frames, int64_t n),
             (x, mean, square, frames, n))

void sliding_spread(const double *x, sliding_moments head, double frames, int64_t n)
{
    KERNEL_PICK(spread, (x, head.mean, head.square, frames, n));
}

void sliding_spread_counted(const double *x, const int32_t *missing, sliding_moments head, sliding_count head_count,
                            int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (missing[i]) continue;
        const double share = 1.0 / number_of(head_count, i);
        const double d = x[i] - head.mean[i], m = head.mean[i] + d * share;
        head.mean[i] = m;
        head.square[i] += d * (x[i] - m);
    }
}

KERNEL_INLINE bool join_body(sliding_moments head, sliding_moments tail, double head_frames, double tail_frames,
                             double *restrict out, int64_t n)
{
    const double *restrict hm = head.mean, *restrict hs = head.square;
    const double *restrict tm = tail.mean, *restrict ts = tail.square;
    const double both = head_frames + tail_frames, weight = head_frames * tail_frames / both;
    for (int64_t i = 0; i < n; i++) {
        const double d = tm[i] - hm[i];
        out[i] = sqrt((hs[i] + ts[i] + d * weight * d) / both);
    }
    return true;
}
KERNEL_TWICE(join,
             (sliding_moments head, sliding_moments tail, double head_frames, double tail_frames, double *out,
              int64_t n),
             (head, tail, head_frames, tail_frames, out, n))

void sliding_join(sliding_moments head, sliding_moments tail, double head_frames, double tail_frames, double *out,
                  int64_t n)
{
    KERNEL_PICK(join, (head, tail, head_frames, tail_frames, out, n));
}

void sliding_join_counted(sliding_moments head, sliding_moments tail, sliding_count head_count,
                          sliding_count tail_count, double *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double a = number_of(head_count, i), b = number_of(tail_count, i), both = a + b, weight = a * b / both;
        const double d = tail.mean[i] - head.mean[i];
        out[i] = both > 0 ? sqrt((head.square[i] + tail.square[i] + d * weight * d) / both) : (double)NAN;
    }
}
