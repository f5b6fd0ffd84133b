/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixel_types.h: the number types of pixels, and in which precision weighted means of them are computed. Inside
 * src/kernels only.
 */
#ifndef LIMPID_KERNELS_PIXEL_TYPES_H
#define LIMPID_KERNELS_PIXEL_TYPES_H

#include <limpid/limpid.h>

typedef float single;
typedef double twice;

#define TYPES(X)                                                                                                       \
    X(LMP_INT8, i8, int8_t, single)                                                                                    \
    X(LMP_UINT8, u8, uint8_t, single)                                                                                  \
    X(LMP_INT16, i16, int16_t, single)                                                                                 \
    X(LMP_UINT16, u16, uint16_t, single)                                                                               \
    X(LMP_INT32, i32, int32_t, twice)                                                                                  \
    X(LMP_UINT32, u32, uint32_t, twice)                                                                                \
    X(LMP_INT64, i64, int64_t, twice)                                                                                  \
    X(LMP_UINT64, u64, uint64_t, twice)                                                                                \
    X(LMP_FLOAT32, f32, float, single)                                                                                 \
    X(LMP_FLOAT64, f64, double, twice)

#endif
