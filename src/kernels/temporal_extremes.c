/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Largest and smallest numbers over a stack, and numbers that are missing in it.
 */
#include "kernels/temporal.h"

#include "kernels/temporal_types.h"

#include <string.h>

#define LARGER(a, b)  ((a) > (b) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) ? (a) : (b))

/* `flag` is a signed integer as wide as the type; `lacks` says that a number is NaN. */
#define IS_NAN(x)   ((x) != (x))
#define IS_WHOLE(x) false

#define TAKE(take, lacks, flag, f)                                                                                     \
    spoilt |= lacks((f)[i]) ? (flag)-1 : (flag)0;                                                                      \
    b = take((f)[i], b)

#define EXTREME(name, type, take, lacks, flag)                                                                         \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, type *restrict best)                                   \
    {                                                                                                                  \
        flag spoilt = 0;                                                                                               \
        if (stack->frames == TEMPORAL_FRAMES) {                                                                        \
            const type *f0 = STACK_FRAME(type, stack, 0), *f1 = STACK_FRAME(type, stack, 1);                           \
            const type *f2 = STACK_FRAME(type, stack, 2), *f3 = STACK_FRAME(type, stack, 3);                           \
            const type *f4 = STACK_FRAME(type, stack, 4), *f5 = STACK_FRAME(type, stack, 5);                           \
            const type *f6 = STACK_FRAME(type, stack, 6), *f7 = STACK_FRAME(type, stack, 7);                           \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                type b = best[i];                                                                                      \
                TAKE(take, lacks, flag, f0);                                                                           \
                TAKE(take, lacks, flag, f1);                                                                           \
                TAKE(take, lacks, flag, f2);                                                                           \
                TAKE(take, lacks, flag, f3);                                                                           \
                TAKE(take, lacks, flag, f4);                                                                           \
                TAKE(take, lacks, flag, f5);                                                                           \
                TAKE(take, lacks, flag, f6);                                                                           \
                TAKE(take, lacks, flag, f7);                                                                           \
                best[i] = b;                                                                                           \
            }                                                                                                          \
            return spoilt != 0;                                                                                        \
        }                                                                                                              \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                type b = best[i];                                                                                      \
                TAKE(take, lacks, flag, f);                                                                            \
                best[i] = b;                                                                                           \
            }                                                                                                          \
        }                                                                                                              \
        return spoilt != 0;                                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, type *best), (stack, best))

#define RAISE_AT(name, type, lacks, flag)                                                                              \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, uint32_t frame, type *restrict best,                   \
                                   uint32_t *restrict at)                                                              \
    {                                                                                                                  \
        flag spoilt = 0;                                                                                               \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            const uint32_t now = frame + (uint32_t)k;                                                                  \
            for (int64_t i = 0; i < stack->values; i++) {                                                              \
                const type x = f[i], b = best[i];                                                                      \
                at[i] = x > b ? now : at[i];                                                                           \
                best[i] = x > b ? x : b;                                                                               \
                spoilt |= lacks(x) ? (flag)-1 : (flag)0;                                                               \
            }                                                                                                          \
        }                                                                                                              \
        return spoilt != 0;                                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, uint32_t frame, type *best, uint32_t *at),                        \
                 (stack, frame, best, at))

/* Each type, the suffix of its functions, how its numbers can be missing. */
#define ALL_TYPES(use)                                                                                                 \
    use(LMP_INT8, i8, int8_t, IS_WHOLE, int8_t) use(LMP_UINT8, u8, uint8_t, IS_WHOLE, int8_t)                          \
        use(LMP_INT16, i16, int16_t, IS_WHOLE, int16_t) use(LMP_UINT16, u16, uint16_t, IS_WHOLE, int16_t)              \
            use(LMP_INT32, i32, int32_t, IS_WHOLE, int32_t) use(LMP_UINT32, u32, uint32_t, IS_WHOLE, int32_t)          \
                use(LMP_INT64, i64, int64_t, IS_WHOLE, int64_t) use(LMP_UINT64, u64, uint64_t, IS_WHOLE, int64_t)      \
                    use(LMP_FLOAT32, f32, float, IS_NAN, int32_t) use(LMP_FLOAT64, f64, double, IS_NAN, int64_t)

#define MAKE(code, suffix, type, lacks, flag)                                                                          \
    EXTREME(raise_##suffix, type, LARGER, lacks, flag)                                                                 \
    EXTREME(lower_##suffix, type, SMALLER, lacks, flag)                                                                \
    RAISE_AT(raise_at_##suffix, type, lacks, flag)
ALL_TYPES(MAKE)

#define CASE_RAISE(code, suffix, type, lacks, flag)                                                                    \
    case code:                                                                                                         \
        return KERNEL_PICK(raise_##suffix, (stack, best));
#define CASE_LOWER(code, suffix, type, lacks, flag)                                                                    \
    case code:                                                                                                         \
        return KERNEL_PICK(lower_##suffix, (stack, best));
#define CASE_RAISE_AT(code, suffix, type, lacks, flag)                                                                 \
    case code:                                                                                                         \
        return KERNEL_PICK(raise_at_##suffix, (stack, frame, best, at));

bool temporal_raise(const temporal_stack *stack, void *best)
{
    switch (stack->type) {
        ALL_TYPES(CASE_RAISE)
    case LMP_INT24:
        break;
    }
    return false;
}

bool temporal_lower(const temporal_stack *stack, void *best)
{
    switch (stack->type) {
        ALL_TYPES(CASE_LOWER)
    case LMP_INT24:
        break;
    }
    return false;
}

bool temporal_raise_at(const temporal_stack *stack, uint32_t frame, void *best, uint32_t *at)
{
    switch (stack->type) {
        ALL_TYPES(CASE_RAISE_AT)
    case LMP_INT24:
        break;
    }
    return false;
}

/* ---- Missing numbers ---- */

#define MISSING(name, type)                                                                                            \
    static void name##_count(const temporal_stack *stack, uint32_t *missing)                                           \
    {                                                                                                                  \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++) missing[i] += IS_NAN(f[i]);                                    \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_fill(const temporal_stack *stack, const type *instead, type *copy)                              \
    {                                                                                                                  \
        for (int64_t k = 0; k < stack->frames; k++) {                                                                  \
            const type *f = STACK_FRAME(type, stack, k);                                                               \
            for (int64_t i = 0; i < stack->values; i++)                                                                \
                copy[k * stack->values + i] = IS_NAN(f[i]) ? instead[i] : f[i];                                        \
        }                                                                                                              \
    }

MISSING(missing_f32, float)
MISSING(missing_f64, double)

void temporal_count_missing(const temporal_stack *stack, uint32_t *missing)
{
    if (stack->type == LMP_FLOAT32) missing_f32_count(stack, missing);
    if (stack->type == LMP_FLOAT64) missing_f64_count(stack, missing);
}

void temporal_fill_missing(const temporal_stack *stack, const void *instead, void *copy)
{
    if (stack->type == LMP_FLOAT32) missing_f32_fill(stack, instead, copy);
    if (stack->type == LMP_FLOAT64) missing_f64_fill(stack, instead, copy);
}

/* ---- Plain references ---- */

#define CASE_RAISE_PLAIN(code, suffix, type, lacks, flag)                                                              \
    case code:                                                                                                         \
        for (int64_t k = 0; k < stack->frames; k++)                                                                    \
            for (int64_t i = 0; i < stack->values; i++)                                                                \
                if (STACK_FRAME(type, stack, k)[i] > ((type *)best)[i]) {                                              \
                    ((type *)best)[i] = STACK_FRAME(type, stack, k)[i];                                                \
                    if (at != NULL) at[i] = frame + (uint32_t)k;                                                       \
                }                                                                                                      \
        break;
#define CASE_LOWER_PLAIN(code, suffix, type, lacks, flag)                                                              \
    case code:                                                                                                         \
        for (int64_t k = 0; k < stack->frames; k++)                                                                    \
            for (int64_t i = 0; i < stack->values; i++)                                                                \
                if (STACK_FRAME(type, stack, k)[i] < ((type *)best)[i])                                                \
                    ((type *)best)[i] = STACK_FRAME(type, stack, k)[i];                                                \
        break;

void temporal_raise_at_plain(const temporal_stack *stack, uint32_t frame, void *best, uint32_t *at)
{
    switch (stack->type) {
        ALL_TYPES(CASE_RAISE_PLAIN)
    case LMP_INT24:
        break;
    }
}

void temporal_raise_plain(const temporal_stack *stack, void *best)
{
    temporal_raise_at_plain(stack, 0, best, NULL);
}

void temporal_lower_plain(const temporal_stack *stack, void *best)
{
    switch (stack->type) {
        ALL_TYPES(CASE_LOWER_PLAIN)
    case LMP_INT24:
        break;
    }
}
