/* SPDX-License-Identifier: BSD-3-Clause
 *
 * compare.c: both references in one pass. A movie streams through at the speed of memory, so the loops are vectors of
 * any number type.
 */
#include "kernels/compare.h"

#include "kernels/temporal_types.h"

#define COMPARE(name, type)                                                                                            \
    KERNEL_INLINE bool name##_body(const type *restrict x, const double *restrict less, const double *restrict over,   \
                                   float *restrict y, int64_t n)                                                       \
    {                                                                                                                  \
        if (over == NULL)                                                                                              \
            for (int64_t i = 0; i < n; i++) y[i] = (float)((double)x[i] - less[i]);                                    \
        else if (less == NULL)                                                                                         \
            for (int64_t i = 0; i < n; i++) y[i] = (float)((double)x[i] / over[i]);                                    \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) y[i] = (float)(((double)x[i] - less[i]) / over[i]);                        \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const type *x, const double *less, const double *over, float *y, int64_t n),                   \
                 (x, less, over, y, n))

COMPARE(compare_i8, int8_t)
COMPARE(compare_u8, uint8_t)
COMPARE(compare_i16, int16_t)
COMPARE(compare_u16, uint16_t)
COMPARE(compare_i32, int32_t)
COMPARE(compare_u32, uint32_t)
COMPARE(compare_i64, int64_t)
COMPARE(compare_u64, uint64_t)
COMPARE(compare_f32, float)
COMPARE(compare_f64, double)

void compare_values(lmp_type type, const void *x, const double *less, const double *over, float *y, int64_t n)
{
    switch (type) {
    case LMP_INT8:
        KERNEL_PICK(compare_i8, (x, less, over, y, n));
        return;
    case LMP_UINT8:
        KERNEL_PICK(compare_u8, (x, less, over, y, n));
        return;
    case LMP_INT16:
        KERNEL_PICK(compare_i16, (x, less, over, y, n));
        return;
    case LMP_UINT16:
        KERNEL_PICK(compare_u16, (x, less, over, y, n));
        return;
    case LMP_UINT32:
        KERNEL_PICK(compare_u32, (x, less, over, y, n));
        return;
    case LMP_INT64:
        KERNEL_PICK(compare_i64, (x, less, over, y, n));
        return;
    case LMP_UINT64:
        KERNEL_PICK(compare_u64, (x, less, over, y, n));
        return;
    case LMP_FLOAT32:
        KERNEL_PICK(compare_f32, (x, less, over, y, n));
        return;
    case LMP_FLOAT64:
        KERNEL_PICK(compare_f64, (x, less, over, y, n));
        return;
    case LMP_INT24:
    case LMP_INT32:
        break;
    }
    KERNEL_PICK(compare_i32, (x, less, over, y, n));
}
