/* SPDX-License-Identifier: BSD-3-Clause
 *
 * matrix.h: signals stored as one array of lanes x times in a file: the formats differ in their headers only.
 */
#ifndef LIMPID_IO_MATRIX_H
#define LIMPID_IO_MATRIX_H

#include "io/file.h"
#include "io/samples.h"

enum { MATRIX_MOST_LANES = 65536 };

typedef struct matrix_layout {
    sample_type type;
    bool is_big_endian;
    bool is_interleaved; /* lane 0, lane 1, ... of time 0, then of time 1; else all times of lane 0, then lane 1 */
    int64_t offset;      /* of the first sample in the file, bytes */
    int64_t n_lanes;     /* in the file */
    int64_t n_times;     /* of a lane in the file, by the header; 0: as many as there are */
} matrix_layout;

/* How the array fits its file. */
typedef struct matrix_fit {
    int64_t n_times;      /* instants of which every lane is there */
    int64_t wanted_bytes; /* of the array by the header, INT64_MAX if that overflows; as found if n_times was 0 */
    int64_t found_bytes;  /* behind the offset */
} matrix_fit;

/* Needs n_lanes of at least 1 whose bytes are below 2^63; no other number of the layout is trusted. */
matrix_fit matrix_measure(const matrix_layout *layout, int64_t file_size);

typedef struct matrix_source {
    file_input input;
    matrix_layout layout; /* n_times not 0: it says where lanes start, even if the file ends early */
    double *scales;       /* per lane: value = scale * stored number */
} matrix_source;

/* New and empty; NULL if memory is out. Then for lmp_source: */
matrix_source *matrix_source_new(void);
lmp_status matrix_source_read(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err);
void matrix_source_close(void *state);
const char *matrix_source_path(void *state);
/* Raw bytes of one instant of all lanes. */
size_t matrix_source_bytes_per_time(const matrix_source *source);

#endif
