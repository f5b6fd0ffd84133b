/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_movie.h: movies stored as an array that is cut into chunks of equal shape (Zarr, HDF5).
 */
#ifndef LIMPID_IO_CHUNK_MOVIE_H
#define LIMPID_IO_CHUNK_MOVIE_H

#include "io/array/array_axes.h"
#include "io/samples.h"

#include "core/source.h"

typedef struct chunk_movie {
    /* Set by the format: */
    array_dimensions dimensions;
    int64_t chunk[ARRAY_MOST_AXES]; /* the shape of every chunk; those at the end may reach beyond the array */
    bool is_fortran_order;          /* the first index of a chunk runs fastest */
    sample_type type;
    bool is_big_endian;
    array_axes axes;
    array_shape shape;
    uint8_t fill[8];      /* a number of missing chunks, as the movie holds it */
    size_t loading_bytes; /* that `load` takes from the budget */
    void *user;
    /* By a chunk's place in the grid: whether it is stored, and its chunk_bytes bytes in the order of the file. Any
     * thread. */
    bool (*has)(void *user, const int64_t *place);
    lmp_status (*load)(void *user, const int64_t *place, void *to, lmp_budget *budget, lmp_error *err);
    void (*close)(void *user);
    const char *(*data_path)(void *user);
    bool (*is_member)(void *user, const char *path);
    /* Set by chunk_movie_prepare(): */
    size_t chunk_bytes;
    int64_t stride[ARRAY_MOST_AXES]; /* in a chunk, in numbers */
    struct chunk_spool *spool;       /* NULL: chunks are decoded where they are read */
    bool is_direct;                  /* a chunk is whole frames, number for number */
} chunk_movie;

/* Checks the shapes and finds what follows from them, as the last thing before giving. `path` names the array in
 * sentences. */
LMP_CHECKED lmp_status chunk_movie_prepare(const char *path, const char *scratch_dir, chunk_movie *movie,
                                           char **warnings, lmp_error *err);

/* Takes over `movie` (malloc'd) as the state of `source`; fills its functions and the format of the stream. */
void chunk_movie_give(chunk_movie *movie, double rate_hz, lmp_source *source);

#endif
