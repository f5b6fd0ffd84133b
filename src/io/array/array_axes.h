/* SPDX-License-Identifier: BSD-3-Clause
 *
 * array_axes.h: which dimension of a stored array is time, row, column or colour: from their names, else their order.
 */
#ifndef LIMPID_IO_ARRAY_AXES_H
#define LIMPID_IO_ARRAY_AXES_H

#include "io/array/array_shape.h"

enum { ARRAY_MOST_AXES = 8 };

/* Dimensions as the file has them. */
typedef struct array_dimensions {
    int64_t n;
    int64_t size[ARRAY_MOST_AXES];
    const char *name[ARRAY_MOST_AXES]; /* NULL: not said */
} array_dimensions;

/* The dimension of each axis, -1 where the array has none: it is of size 1 then. */
typedef struct array_axes {
    int64_t time, row, column, colour;
} array_axes;

/* Finds axes and what array_shape_choose() makes of them. Where every dimension of more than one element has a known
 * name ("t", "frame", "height", "x" ...) they may come in any order; names that are not known are passed over. Without
 * names, arrays of five dimensions are those of OME (T, C, Z, Y, X). Signals are refused. */
LMP_CHECKED lmp_status array_axes_find(const char *path, const array_dimensions *dimensions,
                                       const lmp_open_options *options, array_axes *axes, array_shape *shape,
                                       char **warnings, lmp_error *err);

#endif
