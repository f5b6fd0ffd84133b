/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr_header.h: what the .zarray and .zattrs of a Zarr array say.
 */
#ifndef LIMPID_IO_ZARR_HEADER_H
#define LIMPID_IO_ZARR_HEADER_H

#include "io/array/array_axes.h"
#include "io/array/chunk_codec.h"
#include "io/samples.h"

typedef struct zarr_header {
    array_dimensions dimensions; /* without names */
    int64_t chunk[ARRAY_MOST_AXES];
    sample_type type;
    bool is_big_endian, is_fortran_order;
    chunk_codec codec;
    uint8_t fill[8]; /* as movies hold the numbers */
    char separator;  /* between the numbers in a chunk's name; 0: not said */
} zarr_header;

enum { ZARR_MOST_TEXT = 1 << 20 };

/* Reads the text of a .zarray. `path` names the array in sentences. */
LMP_CHECKED lmp_status zarr_header_parse(const char *text, size_t size, const char *path, zarr_header *header,
                                         lmp_error *err);

enum { ZARR_NAME_ROOM = 32 };

typedef struct zarr_attributes {
    char name[ARRAY_MOST_AXES][ZARR_NAME_ROOM];      /* of each dimension; "" if not said */
    double rate_hz, pixel_width_um, pixel_height_um; /* 0 if not said */
} zarr_attributes;

/* Adds what the .zattrs of an array (_ARRAY_DIMENSIONS, rate_hz ...) says; what makes no sense is passed over. */
void zarr_attributes_read(const char *text, size_t size, zarr_attributes *attributes);

/* Adds what the .zattrs of a group says (OME's multiscales) about its member `name`. */
void zarr_attributes_read_group(const char *text, size_t size, const char *name, zarr_attributes *attributes);

#endif
