/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_choose.h: which of the files of a folder are the recording.
 */
#ifndef LIMPID_IO_SERIES_CHOOSE_H
#define LIMPID_IO_SERIES_CHOOSE_H

#include "core/source.h"
#include "io/series_names.h"

/* The files of the one group of images or movies that a folder has, of the group that the options name, or of a
 * pattern. `options` are those for the files. */
LMP_CHECKED lmp_status series_choose(const lmp_io *const *formats, const char *path, const char *group,
                                     const lmp_open_options *options, series_list *list, lmp_error *err);

#endif
