/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_join.h: the headers of many files become one recording.
 */
#ifndef LIMPID_IO_SERIES_JOIN_H
#define LIMPID_IO_SERIES_JOIN_H

#include "core/source.h"
#include "io/series/series_scan.h"

/* One file of a series. */
typedef struct series_member {
    const char *path;
    const lmp_io *io;
    int64_t first; /* number of its first frame in the series */
} series_member;

typedef struct series_joined {
    series_member *members; /* malloc'd, in order, and one more whose `first` is the number of all frames */
    int64_t count;
    bool is_cropped; /* some files are larger than the frames of the series */
} series_joined;

/* Fills members, and of `source` the stream, warnings, facts and costs; on failure the caller clears it. Files that
 * failed, of other sizes, types or colours are refused or dealt with as the options say. Paths are borrowed. */
LMP_CHECKED lmp_status series_join(const char *path, char *const *paths, int64_t count, const series_header *headers,
                                   const lmp_open_options *options, series_joined *joined, lmp_source *source,
                                   lmp_error *err);

#endif
