/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sums over a stack. Small integers are first added in the narrowest type that holds eight of them, which the compiler
 * turns into vectors of that width.
 */
#include "kernels/temporal.h"

#include "kernels/temporal_types.h"

#include <string.h>

/* The expression `term` of each frame's x, in their order. */
#define EIGHT(join, term)                                                                                              \
    term(f0[i]) join term(f1[i]) join term(f2[i]) join term(f3[i]) join term(f4[i]) join term(f5[i]) join term(f6[i])  \
        join                                                                                                           \
        term(f7[i])

#define EIGHT_FRAMES(type)                                                                                             \
    const type *f0 = STACK_FRAME(type, stack, 0), *f1 = STACK_FRAME(type, stack, 1);                                   \
    const type *f2 = STACK_FRAME(type, stack, 2), *f3 = STACK_FRAME(type, stack, 3);                                   \
    const type *f4 = STACK_FRAME(type, stack, 4), *f5 = STACK_FRAME(type, stack, 5);                                   \
    const type *f6 = STACK_FRAME(type, stack, 6), *f7 = STACK_FRAME(type, stack, 7)

/* ---- Sums ---- */

/* `part` holds the sum of eight numbers. */
#define ADD_INTEGERS(name, type, part, sum)                                                                            \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, sum *restrict sums)                                    \
    {                                                                                                                  \
        if (stack->frames == TEMPORAL_FRAMES) {                                                                        \
            EIGHT_FRAMES(type);                                                                                        \
            for (int64_t i = 0; i < stack->values; i++) sums[i] += (sum)(part)(EIGHT(+, (part)));                      \
            return false;                                                                                              \
        }                                                                                                              \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++) sums[i] += (sum)f[i];                                          \
        }                                                                                                              \
        return false;                                                                                                  \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, sum *sums), (stack, sums))

#define ADD_FLOATS(name, type)                                                                                         \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, double *restrict sums)                                 \
    {                                                                                                                  \
        int64_t spoilt = 0;                                                                                            \
        if (stack->frames == TEMPORAL_FRAMES) {                                                                        \
            EIGHT_FRAMES(type);                                                                                        \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                const double s = sums[i] + EIGHT(+, (double));                                                         \
                spoilt |= s != s ? -1 : 0;                                                                             \
                sums[i] = s;                                                                                           \
            }                                                                                                          \
            return spoilt != 0;                                                                                        \
        }                                                                                                              \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                const double s = sums[i] + (double)f[i];                                                               \
                spoilt |= s != s ? -1 : 0;                                                                             \
                sums[i] = s;                                                                                           \
            }                                                                                                          \
        }                                                                                                              \
        return spoilt != 0;                                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, double *sums), (stack, sums))

ADD_INTEGERS(add_i8, int8_t, int16_t, int32_t)
ADD_INTEGERS(add_u8, uint8_t, uint16_t, uint32_t)
ADD_INTEGERS(add_i16, int16_t, int32_t, int32_t)
ADD_INTEGERS(add_u16, uint16_t, uint32_t, uint32_t)
ADD_INTEGERS(add_i32, int32_t, int64_t, int64_t)
ADD_INTEGERS(add_u32, uint32_t, int64_t, int64_t)
ADD_FLOATS(add_f32, float)
ADD_FLOATS(add_f64, double)

static void add_wide(temporal_wide *sum, uint64_t x, int64_t sign)
{
    sum->low += x;
    sum->high += sign + (sum->low < x);
}

static bool add_64(const temporal_stack *stack, temporal_wide *sums)
{
    const uint64_t is_signed = stack->type == LMP_INT64;
    for (int64_t k = 0; k < stack->frames; k++) {
        const uint64_t *f = STACK_FRAME(uint64_t, stack, k);
        for (int64_t i = 0; i < stack->values; i++) add_wide(&sums[i], f[i], -(int64_t)(is_signed & (f[i] >> 63)));
    }
    return false;
}

bool temporal_add(const temporal_stack *stack, void *sums)
{
    switch (stack->type) {
    case LMP_INT8:
        return KERNEL_PICK(add_i8, (stack, sums));
    case LMP_UINT8:
        return KERNEL_PICK(add_u8, (stack, sums));
    case LMP_INT16:
        return KERNEL_PICK(add_i16, (stack, sums));
    case LMP_UINT16:
        return KERNEL_PICK(add_u16, (stack, sums));
    case LMP_INT32:
        return KERNEL_PICK(add_i32, (stack, sums));
    case LMP_UINT32:
        return KERNEL_PICK(add_u32, (stack, sums));
    case LMP_FLOAT32:
        return KERNEL_PICK(add_f32, (stack, sums));
    case LMP_FLOAT64:
        return KERNEL_PICK(add_f64, (stack, sums));
    case LMP_INT64:
    case LMP_UINT64:
    case LMP_INT24:
        break;
    }
    return add_64(stack, sums);
}

/* ---- Sums and squares ---- */

/* Integers: exact. `product` is a type that the square of one number fits. */
#define ADD_EXACT_SQUARES(name, type, product, sum, square)                                                            \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, sum *restrict sums, square *restrict squares)          \
    {                                                                                                                  \
        add_##name##_body(stack, sums);                                                                                \
        if (stack->frames == TEMPORAL_FRAMES) {                                                                        \
            EIGHT_FRAMES(type);                                                                                        \
            for (int64_t i = 0; i < stack->values; i++)                                                                \
                squares[i] += SQUARE(product, square, f0) + SQUARE(product, square, f1) +                              \
                              SQUARE(product, square, f2) + SQUARE(product, square, f3) +                              \
                              SQUARE(product, square, f4) + SQUARE(product, square, f5) +                              \
                              SQUARE(product, square, f6) + SQUARE(product, square, f7);                               \
            return false;                                                                                              \
        }                                                                                                              \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++) squares[i] += SQUARE(product, square, f);                      \
        }                                                                                                              \
        return false;                                                                                                  \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, sum *sums, square *squares), (stack, sums, squares))

#define SQUARE(product, square, f) ((square)((product)(f)[i] * (product)(f)[i]))

ADD_EXACT_SQUARES(i8, int8_t, int16_t, int32_t, uint32_t)
ADD_EXACT_SQUARES(u8, uint8_t, uint16_t, uint32_t, uint32_t)
ADD_EXACT_SQUARES(i16, int16_t, int32_t, int32_t, uint64_t)
ADD_EXACT_SQUARES(u16, uint16_t, uint32_t, uint32_t, uint64_t)

#define ONE_SQUARE(f)                                                                                                  \
    d = (double)(f)[i] - c;                                                                                            \
    s += d;                                                                                                            \
    q += d * d

#define ADD_SQUARES(name, type)                                                                                        \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, const double *restrict centre, double *restrict sums,  \
                                   double *restrict squares)                                                           \
    {                                                                                                                  \
        int64_t spoilt = 0;                                                                                            \
        if (stack->frames == TEMPORAL_FRAMES) {                                                                        \
            EIGHT_FRAMES(type);                                                                                        \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                double c = centre[i], s = sums[i], q = squares[i], d;                                                  \
                ONE_SQUARE(f0);                                                                                        \
                ONE_SQUARE(f1);                                                                                        \
                ONE_SQUARE(f2);                                                                                        \
                ONE_SQUARE(f3);                                                                                        \
                ONE_SQUARE(f4);                                                                                        \
                ONE_SQUARE(f5);                                                                                        \
                ONE_SQUARE(f6);                                                                                        \
                ONE_SQUARE(f7);                                                                                        \
                spoilt |= s != s ? -1 : 0;                                                                             \
                sums[i] = s;                                                                                           \
                squares[i] = q;                                                                                        \
            }                                                                                                          \
            return spoilt != 0;                                                                                        \
        }                                                                                                              \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                double c = centre[i], s = sums[i], q = squares[i], d;                                                  \
                ONE_SQUARE(f);                                                                                         \
                spoilt |= s != s ? -1 : 0;                                                                             \
                sums[i] = s;                                                                                           \
                squares[i] = q;                                                                                        \
            }                                                                                                          \
        }                                                                                                              \
        return spoilt != 0;                                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, const double *centre, double *sums, double *squares),             \
                 (stack, centre, sums, squares))

ADD_SQUARES(squares_i32, int32_t)
ADD_SQUARES(squares_u32, uint32_t)
ADD_SQUARES(squares_i64, int64_t)
ADD_SQUARES(squares_u64, uint64_t)
ADD_SQUARES(squares_f32, float)
ADD_SQUARES(squares_f64, double)

bool temporal_add_squares(const temporal_stack *stack, const double *centre, void *sums, void *squares)
{
    switch (stack->type) {
    case LMP_INT8:
        return KERNEL_PICK(i8, (stack, sums, squares));
    case LMP_UINT8:
        return KERNEL_PICK(u8, (stack, sums, squares));
    case LMP_INT16:
        return KERNEL_PICK(i16, (stack, sums, squares));
    case LMP_UINT16:
        return KERNEL_PICK(u16, (stack, sums, squares));
    case LMP_UINT32:
        return KERNEL_PICK(squares_u32, (stack, centre, sums, squares));
    case LMP_INT64:
        return KERNEL_PICK(squares_i64, (stack, centre, sums, squares));
    case LMP_UINT64:
        return KERNEL_PICK(squares_u64, (stack, centre, sums, squares));
    case LMP_FLOAT32:
        return KERNEL_PICK(squares_f32, (stack, centre, sums, squares));
    case LMP_FLOAT64:
        return KERNEL_PICK(squares_f64, (stack, centre, sums, squares));
    case LMP_INT24:
    case LMP_INT32:
        break;
    }
    return KERNEL_PICK(squares_i32, (stack, centre, sums, squares));
}

/* ---- Plain references ---- */

static double number_at(const temporal_stack *stack, int64_t k, int64_t i)
{
    switch (stack->type) {
    case LMP_INT8:
        return STACK_FRAME(int8_t, stack, k)[i];
    case LMP_UINT8:
        return STACK_FRAME(uint8_t, stack, k)[i];
    case LMP_INT16:
        return STACK_FRAME(int16_t, stack, k)[i];
    case LMP_UINT16:
        return STACK_FRAME(uint16_t, stack, k)[i];
    case LMP_UINT32:
        return STACK_FRAME(uint32_t, stack, k)[i];
    case LMP_INT64:
        return (double)STACK_FRAME(int64_t, stack, k)[i];
    case LMP_UINT64:
        return (double)STACK_FRAME(uint64_t, stack, k)[i];
    case LMP_FLOAT32:
        return (double)STACK_FRAME(float, stack, k)[i];
    case LMP_FLOAT64:
        return STACK_FRAME(double, stack, k)[i];
    case LMP_INT24:
    case LMP_INT32:
        break;
    }
    return STACK_FRAME(int32_t, stack, k)[i];
}

void temporal_add_plain(const temporal_stack *stack, void *sums)
{
    if (stack->type == LMP_INT64 || stack->type == LMP_UINT64) {
        add_64(stack, sums);
        return;
    }
    for (int64_t k = 0; k < stack->frames; k++)
        for (int64_t i = 0; i < stack->values; i++) {
            const double x = number_at(stack, k, i);
            if (stack->type == LMP_FLOAT32 || stack->type == LMP_FLOAT64)
                ((double *)sums)[i] += x;
            else if (stack->type == LMP_INT32 || stack->type == LMP_UINT32)
                ((int64_t *)sums)[i] += (int64_t)x;
            else
                ((int32_t *)sums)[i] += (int32_t)x;
        }
}

void temporal_add_squares_plain(const temporal_stack *stack, const double *centre, void *sums, void *squares)
{
    const bool small = lmp_type_bytes(stack->type) <= 2;
    if (small) temporal_add_plain(stack, sums);
    for (int64_t k = 0; k < stack->frames; k++)
        for (int64_t i = 0; i < stack->values; i++) {
            const double d = number_at(stack, k, i) - (small ? 0.0 : centre[i]);
            if (!small) ((double *)sums)[i] += d;
            if (!small)
                ((double *)squares)[i] += d * d;
            else if (lmp_type_bytes(stack->type) == 2)
                ((uint64_t *)squares)[i] += (uint64_t)(d * d);
            else
                ((uint32_t *)squares)[i] += (uint32_t)(d * d);
        }
}
