/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff.h: images and movies as TIFF, classic and BigTIFF.
 */
#ifndef LIMPID_IO_TIFF_H
#define LIMPID_IO_TIFF_H

#include "core/source.h"

extern const lmp_io lmp_io_tiff;

LMP_CHECKED lmp_status tiff_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err);
LMP_CHECKED lmp_status tiff_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                                   bool force_range, lmp_writer *writer, lmp_error *err);

size_t tiff_pack_bytes(const lmp_format *format, bool compress);

#endif
