/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shift_area.h: a rectangle of an image and where in another image its pixels come from, and results rounded to
 * nearest (half to even) and saturated at the ends of a number type. Nothing is reassociated or fused.
 */
#ifndef LIMPID_KERNELS_SHIFT_AREA_H
#define LIMPID_KERNELS_SHIFT_AREA_H

#include <limpid/limpid.h>
#include <math.h>

/* The pixel in row y and column x of the result comes from `part_y` below and `part_x` to the right of the pixel in row
 * y and column x of `in`; both at least 0 and below 1. A part of 0: pixels below, or to the right, are not looked at.
 */
typedef struct shift_area {
    lmp_type type;
    const void *in;
    int64_t in_row; /* values from a row to the next */
    void *out;
    int64_t out_row;
    int64_t rows, values; /* of the result; values of a row: columns x colours */
    int64_t colours;      /* values from a pixel to the next */
    double part_y, part_x;
} shift_area;

/* Stores n values from[i] + anchor, `step` values apart, as numbers of a type. */
void shift_store(lmp_type type, const float *from, double anchor, int64_t n, int64_t step, void *to);

/* X(type, name, C type, lowest, highest) for types whose results float holds exactly, and those that need double. */
#define SHIFT_SINGLE_TYPES(X)                                                                                          \
    X(LMP_INT8, i8, int8_t, -128, 127)                                                                                 \
    X(LMP_UINT8, u8, uint8_t, 0, 255)                                                                                  \
    X(LMP_INT16, i16, int16_t, -32768, 32767)                                                                          \
    X(LMP_UINT16, u16, uint16_t, 0, 65535)

/* A number below 2^22 (2^51) plus and minus 1.5 * 2^23 (2^52) is rounded. Interpolations of 16 bits stay far below. */
#define SHIFT_PUT_SINGLE(code, name, type, lowest, highest)                                                            \
    static inline void shift_put_##name(type *to, float x)                                                             \
    {                                                                                                                  \
        const int32_t whole = (int32_t)(x + 0x1.8p23F - 0x1.8p23F);                                                    \
        const int32_t low = whole < (lowest) ? (lowest) : whole;                                                       \
        *to = (type)(low > (highest) ? (highest) : low);                                                               \
    }
#define SHIFT_PUT_DOUBLE(name, type, lowest, highest)                                                                  \
    static inline void shift_put_##name(type *to, double x)                                                            \
    {                                                                                                                  \
        const double low = x < (lowest) ? (lowest) : x, cut = low > (highest) ? (highest) : low;                       \
        *to = (type)(cut + 0x1.8p52 - 0x1.8p52);                                                                       \
    }

SHIFT_SINGLE_TYPES(SHIFT_PUT_SINGLE)
SHIFT_PUT_DOUBLE(i32, int32_t, -0x1p31, 2147483647.0)
SHIFT_PUT_DOUBLE(u32, uint32_t, 0.0, 4294967295.0)

static inline void shift_put_i64(int64_t *to, double x)
{
    *to = x >= 0x1p63 ? INT64_MAX : x <= -0x1p63 ? INT64_MIN : (int64_t)nearbyint(x);
}

static inline void shift_put_u64(uint64_t *to, double x)
{
    *to = x >= 0x1p64 ? UINT64_MAX : x <= 0 ? 0 : (uint64_t)nearbyint(x);
}

static inline void shift_put_f32(float *to, float x)
{
    *to = x;
}

static inline void shift_put_f64(double *to, double x)
{
    *to = x;
}

#undef SHIFT_PUT_SINGLE
#undef SHIFT_PUT_DOUBLE
#undef SHIFT_SINGLE_TYPES

#endif
