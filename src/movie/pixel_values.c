/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixel_values.c: one loop per number type.
 */
#include "movie/pixel_values.h"

#include <math.h>

#define GET(type)                                                                                                      \
    do {                                                                                                               \
        const type *x = (const type *)from + first;                                                                    \
        for (int64_t i = 0; i < count; i++) to[i] = (double)x[i * stride];                                             \
    } while (0)

void pixel_values_get(lmp_type type, const void *from, int64_t first, int64_t stride, int64_t count, double *to)
{
    switch (type) {
    case LMP_INT8:
        GET(int8_t);
        break;
    case LMP_UINT8:
        GET(uint8_t);
        break;
    case LMP_INT16:
        GET(int16_t);
        break;
    case LMP_UINT16:
        GET(uint16_t);
        break;
    case LMP_INT32:
        GET(int32_t);
        break;
    case LMP_UINT32:
        GET(uint32_t);
        break;
    case LMP_INT64:
        GET(int64_t);
        break;
    case LMP_UINT64:
        GET(uint64_t);
        break;
    case LMP_FLOAT32:
        GET(float);
        break;
    case LMP_FLOAT64:
        GET(double);
        break;
    default:
        break; /* int24 occurs in signals only */
    }
}

#define PUT(type)                                                                                                      \
    do {                                                                                                               \
        type *x = (type *)to + first;                                                                                  \
        for (int64_t i = 0; i < count; i++) x[i] = (type)from[i];                                                      \
    } while (0)

void pixel_values_put(lmp_type type, void *to, int64_t first, int64_t count, const double *from)
{
    switch (type) {
    case LMP_INT8:
        PUT(int8_t);
        break;
    case LMP_UINT8:
        PUT(uint8_t);
        break;
    case LMP_INT16:
        PUT(int16_t);
        break;
    case LMP_UINT16:
        PUT(uint16_t);
        break;
    case LMP_INT32:
        PUT(int32_t);
        break;
    case LMP_UINT32:
        PUT(uint32_t);
        break;
    case LMP_INT64:
        PUT(int64_t);
        break;
    case LMP_UINT64:
        PUT(uint64_t);
        break;
    case LMP_FLOAT32:
        PUT(float);
        break;
    case LMP_FLOAT64:
        PUT(double);
        break;
    default:
        break;
    }
}

bool pixel_type_is_integer(lmp_type type)
{
    return type != LMP_FLOAT32 && type != LMP_FLOAT64;
}

double pixel_type_highest(lmp_type type)
{
    const bool is_signed = type == LMP_INT8 || type == LMP_INT16 || type == LMP_INT32 || type == LMP_INT64;
    const int bits = 8 * (int)lmp_type_bytes(type) - is_signed;
    return bits < 63 ? ldexp(1, bits) - 1 : nextafter(ldexp(1, bits), 0);
}

double pixel_type_lowest(lmp_type type)
{
    const bool is_signed = type == LMP_INT8 || type == LMP_INT16 || type == LMP_INT32 || type == LMP_INT64;
    return is_signed ? -ldexp(1, 8 * (int)lmp_type_bytes(type) - 1) : 0;
}

lmp_type pixel_type_for_means(lmp_type type)
{
    return type == LMP_FLOAT32 || lmp_type_bytes(type) < 4 ? LMP_FLOAT32 : LMP_FLOAT64;
}

const char *pixel_colour_suffix(int64_t colour, int64_t n_colours)
{
    static const char *const suffixes[] = {".r", ".g", ".b"};
    return n_colours == 1 || colour > 2 ? "" : suffixes[colour];
}
