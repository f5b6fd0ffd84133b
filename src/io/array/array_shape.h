/* SPDX-License-Identifier: BSD-3-Clause
 *
 * array_shape.h: what the dimensions of an array mean: signals, images or movies.
 */
#ifndef LIMPID_IO_ARRAY_SHAPE_H
#define LIMPID_IO_ARRAY_SHAPE_H

#include "core/source.h"

typedef struct array_shape {
    lmp_kind kind;                  /* of signals only this is set */
    int64_t n_times, height, width; /* frames, rows, columns */
    int64_t n_stored, n_colours;    /* numbers of a pixel: in the file (4 with alpha), and given (1 or 3) */
} array_shape;

/* Refuses a shape that holds nothing: a dimension of no elements. */
LMP_CHECKED lmp_status array_shape_check(const char *path, int64_t n, const int64_t *shape, lmp_error *err);

/* Decides from the shape, --rate and --kind: one dimension is signals, two are signals where a rate is given and else
 * an image, three (frames, rows, columns) or one colour image, four (frames, rows, columns, colours). Empty arrays and
 * frames beyond 2^60 bytes are refused. `path` names the array in sentences. */
LMP_CHECKED lmp_status array_shape_choose(const char *path, int64_t n_dimensions, const int64_t *shape,
                                          const lmp_open_options *options, array_shape *chosen, char **warnings,
                                          lmp_error *err);

/* Refuses what no array of frames can be: another number type than the movie has, int24, no frame, colours other than 1
 * and 3, more than 2^59 bytes. `what` is the format's name in the sentence: "HDF5". */
LMP_CHECKED lmp_status array_shape_check_movie(const char *path, const char *what, const lmp_format *format,
                                               const lmp_write_options *options, lmp_error *err);

/* "6 frames of 9 x 5 pixels in 1 colours cannot be written" */
LMP_CHECKED lmp_status array_shape_refuse(const char *path, const lmp_format *format, lmp_error *err);

enum { ARRAY_SHAPE_ROOM = 96 };

/* "(64, 1000)"; cut where it is longer than the room. */
const char *array_shape_print(int64_t n_dimensions, const int64_t *shape, char text[ARRAY_SHAPE_ROOM]);

#endif
