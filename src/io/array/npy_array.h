/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_array.h: one array in the form of .npy, as a file of its own or as a member of an .npz.
 */
#ifndef LIMPID_IO_NPY_ARRAY_H
#define LIMPID_IO_NPY_ARRAY_H

#include "io/file.h"
#include "io/array/npy_header.h"

/* Where an array lies: header and numbers are bytes [begin, begin + size) of a file. */
typedef struct npy_part {
    file_input *input;
    int64_t begin, size;
    const char *label; /* of the array, for sentences */
    /* Makes sure that bytes [0, end) of the input are there to be read; NULL: they are. */
    lmp_status (*fetch)(void *user, int64_t end, lmp_error *err);
    void *user;
} npy_part;

/* Reads the header; data_offset counts from the start of the input. */
LMP_CHECKED lmp_status npy_array_load_header(const npy_part *part, npy_header *header, lmp_error *err);

/* Opens the array as signals or a movie. Takes over *part->input, which is closed on failure too. */
LMP_CHECKED lmp_status npy_array_open(const npy_part *part, const lmp_open_options *options, lmp_source *source,
                                      lmp_error *err);

#endif
