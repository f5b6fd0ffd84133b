/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixel_values.h: pixels of any number type as doubles, a row's worth at a time.
 */
#ifndef LIMPID_MOVIE_PIXEL_VALUES_H
#define LIMPID_MOVIE_PIXEL_VALUES_H

#include <limpid/step.h>

/* Numbers first, first + stride, ... of an array; 64-bit integers beyond 2^53 are rounded. */
void pixel_values_get(lmp_type type, const void *from, int64_t first, int64_t stride, int64_t count, double *to);
/* Numbers as doubles into an array; for integer types they must be whole and fit. */
void pixel_values_put(lmp_type type, void *to, int64_t first, int64_t count, const double *from);

bool pixel_type_is_integer(lmp_type type);
/* The largest and smallest number of an integer type. */
double pixel_type_highest(lmp_type type);
double pixel_type_lowest(lmp_type type);
/* float64 for numbers that float32 cannot hold exactly: 32 and 64 bits; else float32. */
lmp_type pixel_type_for_means(lmp_type type);

/* The suffix of colour c of n: "" if there is one, else ".r", ".g", ".b". */
const char *pixel_colour_suffix(int64_t colour, int64_t n_colours);

#endif
