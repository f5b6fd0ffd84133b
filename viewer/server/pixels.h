/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixels.h: loops over pixels of any number type. Plain functions on arrays.
 */
#ifndef LIMPID_VIEWER_PIXELS_H
#define LIMPID_VIEWER_PIXELS_H

#include <limpid/limpid.h>
#include <stdbool.h>

/* X(lmp_type, C type): whole numbers of up to 16 bits, all whole numbers, all that movies hold. */
#define SHORT_TYPES(X) X(LMP_INT8, int8_t) X(LMP_UINT8, uint8_t) X(LMP_INT16, int16_t) X(LMP_UINT16, uint16_t)
#define WHOLE_TYPES(X)                                                                                                 \
    SHORT_TYPES(X)                                                                                                     \
    X(LMP_INT32, int32_t) X(LMP_UINT32, uint32_t) X(LMP_INT64, int64_t) X(LMP_UINT64, uint64_t)
#define FLOAT_TYPES(X) X(LMP_FLOAT32, float) X(LMP_FLOAT64, double)

const char *pixels_type_name(lmp_type type); /* "uint16" */

/* Whole numbers of up to 16 bits. */
bool pixels_are_short(lmp_type type);

/* n numbers from number `first` on. 64-bit integers beyond 2^53 are rounded. */
void pixels_to_doubles(lmp_type type, const void *from, int64_t first, int64_t n, double *to);

/* How many times each number occurs is added to counts[number - pixels_lowest(type)]. Short types alone. */
void pixels_count(lmp_type type, const void *from, int64_t n, uint32_t *counts);
int64_t pixels_lowest(lmp_type type);
int64_t pixels_kinds(lmp_type type); /* how many numbers there are: 256 or 65536 */

#endif
