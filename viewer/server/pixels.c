/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixels.c: one loop per number type.
 */
#include "pixels.h"

const char *pixels_type_name(lmp_type type)
{
    static const char *const names[] = {"?",     "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

bool pixels_are_short(lmp_type type)
{
    return type == LMP_INT8 || type == LMP_UINT8 || type == LMP_INT16 || type == LMP_UINT16;
}

void pixels_to_doubles(lmp_type type, const void *from, int64_t first, int64_t n, double *to)
{
    switch (type) {
#define CONVERT(name, c)                                                                                               \
    case name:                                                                                                         \
        for (int64_t i = 0; i < n; i++) to[i] = (double)((const c *)from)[first + i];                                  \
        break;
        WHOLE_TYPES(CONVERT)
        FLOAT_TYPES(CONVERT)
#undef CONVERT
    case LMP_INT24: /* occurs in signals only */
        break;
    }
}

int64_t pixels_lowest(lmp_type type)
{
    return type == LMP_INT8 ? INT8_MIN : type == LMP_INT16 ? INT16_MIN : 0;
}

int64_t pixels_kinds(lmp_type type)
{
    return (int64_t)1 << 8 * lmp_type_bytes(type);
}

void pixels_count(lmp_type type, const void *from, int64_t n, uint32_t *counts)
{
    const int64_t lowest = pixels_lowest(type);
    switch (type) {
#define COUNT(name, c)                                                                                                 \
    case name:                                                                                                         \
        for (int64_t i = 0; i < n; i++) counts[((const c *)from)[i] - lowest]++;                                       \
        break;
        SHORT_TYPES(COUNT)
#undef COUNT
    default:
        break;
    }
}
