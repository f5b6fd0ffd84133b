/* SPDX-License-Identifier: BSD-3-Clause
 *
 * number.h: one number of any type a movie may have.
 */
#ifndef LIMPID_MOVIE_NUMBER_H
#define LIMPID_MOVIE_NUMBER_H

#include <limpid/limpid.h>

/* Number i of an array as a double: exact but for integers of 64 bits. */
static inline double number_get(lmp_type type, const void *array, int64_t i)
{
    switch (type) {
    case LMP_INT8:
        return ((const int8_t *)array)[i];
    case LMP_UINT8:
        return ((const uint8_t *)array)[i];
    case LMP_INT16:
        return ((const int16_t *)array)[i];
    case LMP_UINT16:
        return ((const uint16_t *)array)[i];
    case LMP_UINT32:
        return ((const uint32_t *)array)[i];
    case LMP_INT64:
        return (double)((const int64_t *)array)[i];
    case LMP_UINT64:
        return (double)((const uint64_t *)array)[i];
    case LMP_FLOAT32:
        return (double)((const float *)array)[i];
    case LMP_FLOAT64:
        return ((const double *)array)[i];
    case LMP_INT24:
    case LMP_INT32:
        break;
    }
    return ((const int32_t *)array)[i];
}

/* Stores a double in an array of floats of either width. */
static inline void number_put_float(lmp_type type, void *array, int64_t i, double x)
{
    if (type == LMP_FLOAT32)
        ((float *)array)[i] = (float)x;
    else
        ((double *)array)[i] = x;
}

/* Stores an integer in an array of a type that holds it. */
static inline void number_put_integer(lmp_type type, void *array, int64_t i, int64_t x)
{
    switch (type) {
    case LMP_INT8:
    case LMP_UINT8:
        ((uint8_t *)array)[i] = (uint8_t)x;
        return;
    case LMP_INT16:
    case LMP_UINT16:
        ((uint16_t *)array)[i] = (uint16_t)x;
        return;
    case LMP_INT64:
    case LMP_UINT64:
        ((uint64_t *)array)[i] = (uint64_t)x;
        return;
    case LMP_FLOAT32:
        ((float *)array)[i] = (float)x;
        return;
    case LMP_FLOAT64:
        ((double *)array)[i] = (double)x;
        return;
    case LMP_INT24:
    case LMP_INT32:
    case LMP_UINT32:
        break;
    }
    ((uint32_t *)array)[i] = (uint32_t)x;
}

static inline int number_is_float(lmp_type type)
{
    return type == LMP_FLOAT32 || type == LMP_FLOAT64;
}

/* The type of results computed from numbers of a type: float32 if it holds each of them exactly. */
static inline lmp_type number_result_type(lmp_type type)
{
    return type == LMP_FLOAT32 || lmp_type_bytes(type) <= 2 ? LMP_FLOAT32 : LMP_FLOAT64;
}

#endif
