/* SPDX-License-Identifier: BSD-3-Clause
 *
 * array_movie.h: movies stored as one array of frames in a file: the formats differ in their headers only.
 */
#ifndef LIMPID_IO_ARRAY_MOVIE_H
#define LIMPID_IO_ARRAY_MOVIE_H

#include "io/array/array_shape.h"
#include "io/matrix.h"

typedef struct array_movie {
    file_input input;
    array_shape shape;
    matrix_layout layout; /* lanes: the numbers of a frame in the file; times: frames; interleaved: C order, a frame
                           * lies together; else Fortran order, all times of a pixel do, and columns after rows */
} array_movie;

/* Lays `shape` out as numbers of `type` from `offset` on. Afterwards matrix_measure() tells how it fits the file. */
void array_movie_lay_out(const array_shape *shape, sample_type type, bool is_big_endian, bool is_fortran_order,
                         int64_t offset, array_movie *movie);

/* Takes over `movie` (malloc'd) as the state of `source`: fills functions and format of n_times frames. */
void array_movie_give(array_movie *movie, int64_t n_times, double rate_hz, lmp_source *source);

/* Closes the input and frees. */
void array_movie_close(void *state);

/* Bytes of the file from its start that hold the frames before `end`. */
int64_t array_movie_needs(const array_movie *movie, int64_t end);

#endif
