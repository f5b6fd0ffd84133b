/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_write.h: writing signals and movies as NumPy arrays (.npy).
 */
#ifndef LIMPID_IO_NPY_WRITE_H
#define LIMPID_IO_NPY_WRITE_H

#include "core/source.h"

/* For lmp_io.create. */
lmp_status npy_create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                      lmp_writer *writer, lmp_error *err);

#endif
