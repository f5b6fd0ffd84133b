/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf.h: EDF, EDF+C, EDF+D (16 bit) and BDF, BDF+C, BDF+D (24 bit) as formats of the catalog.
 */
#ifndef LIMPID_IO_EDF_H
#define LIMPID_IO_EDF_H

#include "core/source.h"

extern const lmp_io lmp_io_edf, lmp_io_bdf;

/* The callbacks behind both; edf_read.c, edf_write.c. */
LMP_CHECKED lmp_status edf_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err);
LMP_CHECKED lmp_status edf_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                                  bool force_range, bool is_bdf, lmp_writer *writer, lmp_error *err);

#endif
