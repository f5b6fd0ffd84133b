/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_header.h: the header of NumPy's .npy files.
 */
#ifndef LIMPID_IO_NPY_HEADER_H
#define LIMPID_IO_NPY_HEADER_H

#include "io/samples.h"

#include <limpid/step.h>

enum { NPY_MOST_DIMENSIONS = 64, NPY_PRELUDE_BYTES = 12, NPY_MOST_HEADER_BYTES = 1 << 20 };

typedef struct npy_header {
    sample_type type;
    bool is_big_endian;
    bool is_fortran_order; /* the first index runs fastest */
    int64_t n_dimensions;
    int64_t shape[NPY_MOST_DIMENSIONS];
    int64_t data_offset;
} npy_header;

bool npy_is_headed(const uint8_t *bytes, size_t size);

/* Reads magic, version and length: *size is that of the whole header, *first where its dictionary starts. Give
 * NPY_PRELUDE_BYTES or all there is. `path` is for the errors. */
LMP_CHECKED lmp_status npy_header_measure(const uint8_t *bytes, size_t n, const char *path, size_t *first, size_t *size,
                                          lmp_error *err);

/* Reads the dictionary, text [first, size) of the header. The product of the shape is not looked at. */
LMP_CHECKED lmp_status npy_header_parse(const uint8_t *bytes, size_t first, size_t size, const char *path,
                                        npy_header *header, lmp_error *err);

enum { NPY_WRITTEN_BYTES = 128 };

/* Header (version 1.0, NPY_WRITTEN_BYTES long) of an array of 2 to 4 dimensions in this machine's byte order. Not for
 * LMP_INT24, which NumPy does not have. */
void npy_header_print(lmp_type type, int64_t n_dimensions, const int64_t *shape, uint8_t header[NPY_WRITTEN_BYTES]);

#endif
