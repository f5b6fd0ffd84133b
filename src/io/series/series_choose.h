/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_choose.h: which of the files of a folder are the recording.
 */
#ifndef LIMPID_IO_SERIES_CHOOSE_H
#define LIMPID_IO_SERIES_CHOOSE_H

#include "io/series/series_names.h"
#include "io/series/series_scan.h"

/* The files of the one group of images or movies that a folder has, of the group that the options name, or of a
 * pattern. */
LMP_CHECKED lmp_status series_choose(const series_opening *how, const char *path, const char *group, series_list *list,
                                     lmp_error *err);

#endif
