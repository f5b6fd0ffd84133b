/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series.h: a folder, or the files that fit a pattern, as one movie.
 */
#ifndef LIMPID_IO_SERIES_H
#define LIMPID_IO_SERIES_H

#include "core/source.h"

extern const lmp_io lmp_io_series;

/* As lmp_io_series opens, with files of these formats. */
LMP_CHECKED lmp_status series_open(const lmp_io *const *formats, const char *path, const lmp_open_options *options,
                                   lmp_source *source, lmp_error *err);

#endif
