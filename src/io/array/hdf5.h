/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5.h: movies in HDF5 files.
 */
#ifndef LIMPID_IO_HDF5_H
#define LIMPID_IO_HDF5_H

#include "core/source.h"

extern const lmp_io lmp_io_hdf5;

LMP_CHECKED lmp_status hdf5_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err);
LMP_CHECKED lmp_status hdf5_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                                   bool force_range, lmp_writer *writer, lmp_error *err);

size_t hdf5_pack_bytes(const lmp_format *format, bool compress);

#endif
