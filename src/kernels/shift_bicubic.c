/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shift_bicubic.c: row by row, by way of a row in the nearest cache.
 */
#include "kernels/shift_bicubic.h"

#include "kernels/pixel_types.h"
#include "kernels/temporal_types.h"

/* Of the neighbours before, next, and after the next. */
typedef struct twice_weights {
    twice before, next, after;
} twice_weights;
typedef struct single_weights {
    single before, next, after;
} single_weights;

static twice_weights weights_twice(double t)
{
    return (twice_weights){(-t + 2 * t * t - t * t * t) / 2, (t + 4 * t * t - 3 * t * t * t) / 2,
                           (-t * t + t * t * t) / 2};
}

static single_weights weights_single(double t)
{
    const twice_weights w = weights_twice(t);
    return (single_weights){(single)w.before, (single)w.next, (single)w.after};
}

#define MIX(wide)                                                                                                      \
    static inline wide mix_##wide(wide before, wide here, wide next, wide after, wide##_weights w)                     \
    {                                                                                                                  \
        return here + w.before * (before - here) + w.next * (next - here) + w.after * (after - here);                  \
    }

MIX(single)
MIX(twice)

/* In the middle of four numbers `step` apart. */
#define BETWEEN(wide, at, i, step, w)                                                                                  \
    mix_##wide((wide)(at)[(i) - (step)], (wide)(at)[i], (wide)(at)[(i) + (step)], (wide)(at)[(i) + 2 * (step)], w)

#define ROWS(code, name, type, wide)                                                                                   \
    KERNEL_INLINE void between_rows_##name(const type *restrict in, int64_t step, int64_t n, wide##_weights w,         \
                                           wide *restrict row)                                                         \
    {                                                                                                                  \
        if (step == 0)                                                                                                 \
            for (int64_t i = 0; i < n; i++) row[i] = (wide)in[i];                                                      \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) row[i] = BETWEEN(wide, in, i, step, w);                                    \
    }                                                                                                                  \
    KERNEL_INLINE void between_columns_##name(const wide *restrict row, int64_t step, int64_t n, wide##_weights w,     \
                                              type *restrict out)                                                      \
    {                                                                                                                  \
        if (step == 0)                                                                                                 \
            for (int64_t i = 0; i < n; i++) shift_put_##name(out + i, row[i]);                                         \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) shift_put_##name(out + i, BETWEEN(wide, row, i, step, w));                 \
    }                                                                                                                  \
    KERNEL_INLINE bool shift_##name##_body(const shift_area *a, wide *row)                                             \
    {                                                                                                                  \
        const int64_t step_y = a->part_y > 0 ? a->in_row : 0, step_x = a->part_x > 0 ? a->colours : 0;                 \
        const wide##_weights w_y = weights_##wide(a->part_y), w_x = weights_##wide(a->part_x);                         \
        const type *in = (const type *)a->in - step_x;                                                                 \
        type *out = a->out;                                                                                            \
        for (int64_t y = 0; y < a->rows; y++, in += a->in_row, out += a->out_row) {                                    \
            between_rows_##name(in, step_y, a->values + 3 * step_x, w_y, row);                                         \
            between_columns_##name(row + step_x, step_x, a->values, w_x, out);                                         \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(shift_##name, (const shift_area *a, wide *row), (a, row))

TYPES(ROWS)

/* ---- Plain reference ---- */

#define PLAIN(code, name, type, wide)                                                                                  \
    static wide column_##name(const shift_area *a, const type *in)                                                     \
    {                                                                                                                  \
        return a->part_y > 0 ? BETWEEN(wide, in, 0, a->in_row, weights_##wide(a->part_y)) : (wide)*in;                 \
    }                                                                                                                  \
    static void pixel_##name(const shift_area *a, int64_t y, int64_t i)                                                \
    {                                                                                                                  \
        const type *in = (const type *)a->in + y * a->in_row + i;                                                      \
        const int64_t step = a->part_x > 0 ? a->colours : 0;                                                           \
        wide line[4];                                                                                                  \
        for (int k = 0; k < 4; k++) line[k] = column_##name(a, in + (k - 1) * step);                                   \
        shift_put_##name((type *)a->out + y * a->out_row + i,                                                          \
                         step > 0 ? BETWEEN(wide, line, 1, 1, weights_##wide(a->part_x)) : line[1]);                   \
    }

TYPES(PLAIN)

/* ---- By type ---- */

#define CASE(code, name, type, wide)                                                                                   \
    case code:                                                                                                         \
        (void)KERNEL_PICK(shift_##name, (a, row));                                                                     \
        break;
#define CASE_PLAIN(code, name, type, wide)                                                                             \
    case code:                                                                                                         \
        pixel_##name(a, y, i);                                                                                         \
        break;

size_t shift_bicubic_row_bytes(int64_t values, int64_t colours)
{
    return (size_t)(values + 3 * colours) * sizeof(double);
}

void shift_bicubic(const shift_area *a, void *row)
{
    switch (a->type) {
        TYPES(CASE)
    case LMP_INT24:
        break;
    }
}

void shift_bicubic_plain(const shift_area *a)
{
    for (int64_t y = 0; y < a->rows; y++)
        for (int64_t i = 0; i < a->values; i++) switch (a->type) {
                TYPES(CASE_PLAIN)
            case LMP_INT24:
                break;
            }
}
