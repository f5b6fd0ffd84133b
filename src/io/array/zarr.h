/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr.h: movies in Zarr folders, version 2.
 */
#ifndef LIMPID_IO_ZARR_H
#define LIMPID_IO_ZARR_H

#include "io/array/zarr_header.h"

#include "core/source.h"

extern const lmp_io lmp_io_zarr;

/* Path of `name` in a folder; caller frees; NULL without memory. */
char *zarr_join(const char *folder, const char *name);
bool zarr_has(const char *folder, const char *name);

/* Header, names of dimensions and meaning of one array. `root` is the store as the user named it. */
typedef struct zarr_array {
    zarr_header header;
    zarr_attributes attributes;
    array_axes axes;
    array_shape shape;
} zarr_array;
LMP_CHECKED lmp_status zarr_array_read(const char *root, const char *folder, const lmp_open_options *options,
                                       zarr_array *array, char **warnings, lmp_error *err);

/* The folder of the array that the path and options->dataset mean; caller frees. */
LMP_CHECKED lmp_status zarr_find_array(const char *path, const lmp_open_options *options, char **folder,
                                       char **warnings, lmp_error *err);

LMP_CHECKED lmp_status zarr_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err);
LMP_CHECKED lmp_status zarr_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                                   bool force_range, lmp_writer *writer, lmp_error *err);

size_t zarr_pack_bytes(const lmp_format *format, bool compress);

#endif
