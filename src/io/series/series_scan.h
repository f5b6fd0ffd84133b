/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_scan.h: what the files of a series say about themselves, found by many threads.
 */
#ifndef LIMPID_IO_SERIES_SCAN_H
#define LIMPID_IO_SERIES_SCAN_H

#include "core/source.h"

/* One file. With a status other than LMP_OK only `why` counts. */
typedef struct series_header {
    lmp_status status;
    char *why; /* malloc'd sentence, NULL if memory was out */
    const lmp_io *io;
    const char *format_name;
    lmp_format format; /* without channels, numbers and times */
    double *times_s;   /* malloc'd; NULL: the frames are equally spaced */
    char *warnings;    /* malloc'd or NULL */
    size_t bytes_per_time;
    int64_t file_bytes;
    bool reads_rows, in_order, is_cheap;
} series_header;

/* How the files of a series are opened. */
typedef struct series_opening {
    const lmp_io *const *formats; /* ended by NULL */
    lmp_open_options options;
    lmp_limits limits; /* of the whole series: each file gets one thread */
} series_opening;

/* Opens one file through the format that is surest of it; formats of folders do not count. *io may be known already. */
LMP_CHECKED lmp_status series_open_file(const series_opening *how, const char *path, const lmp_io **io,
                                        lmp_source *source, lmp_error *err);

/* Fills headers[i] for each path, whatever happens. `decode`: reads all their frames too, and what cannot be decoded
 * has failed. */
LMP_CHECKED lmp_status series_scan(const series_opening *how, char *const *paths, int64_t count, bool decode,
                                   series_header *headers, lmp_error *err);
void series_headers_free(series_header *headers, int64_t count);

#endif
