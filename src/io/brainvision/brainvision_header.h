/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brainvision_header.h: the two text files of a BrainVision recording, header (.vhdr) and markers (.vmrk).
 */
#ifndef LIMPID_IO_BRAINVISION_HEADER_H
#define LIMPID_IO_BRAINVISION_HEADER_H

#include "io/samples.h"

#include <limpid/step.h>

enum { BRAINVISION_MOST_CHANNELS = 65535 };

typedef struct brainvision_channel {
    const char *name;       /* commas restored */
    const char *resolution; /* as in the file, "" if none */
    const char *unit;       /* as in the file, "" if none */
} brainvision_channel;

typedef struct brainvision_header {
    const char *data_file, *marker_file; /* as in the file, "" if not stated */
    sample_type type;
    bool is_big_endian, is_vectorized, is_segmented;
    int64_t n_points;   /* DataPoints; 0 if not stated */
    double interval_us; /* > 0 */
    int64_t n_channels;
    brainvision_channel *channels;
    char *text;     /* what all names point into */
    char *warnings; /* one a line; NULL if none */
} brainvision_header;

typedef struct brainvision_marker {
    const char *type, *description; /* commas restored, blanks kept */
    const char *date;               /* "20131113161403794232", "" if none */
    int64_t position;               /* in points, the first is 1 */
    int64_t size;                   /* in points */
} brainvision_marker;

typedef struct brainvision_markers {
    brainvision_marker *items;
    int64_t count;
    int64_t n_unreadable; /* lines that look like markers but are none */
    char *text;
} brainvision_markers;

/* True if the bytes start like a header (`kind` "Header") or marker file ("Marker") of any known version. */
bool brainvision_is_headed(const char *text, size_t size, const char *kind);

/* Parse the text of a file (UTF-8, ended by 0), which they take and change, on failure too. `path` is for the errors.
 * salvage: channels that [Channel Infos] does not describe get their number as name and 1 uV per unit. */
LMP_CHECKED lmp_status brainvision_header_parse(char *text, const char *path, bool salvage, brainvision_header *header,
                                                lmp_error *err);
LMP_CHECKED lmp_status brainvision_markers_parse(char *text, const char *path, brainvision_markers *markers,
                                                 lmp_error *err);
void brainvision_header_free(brainvision_header *header);
void brainvision_markers_free(brainvision_markers *markers);

/* Unix time of a marker's date (taken as UTC); NaN if it is none. */
double brainvision_date_to_unix(const char *date);

enum { BRAINVISION_DATE_ROOM = 24 };

/* The date of a Unix time; "" if it is NaN or outside the years 1 to 9999. */
void brainvision_date_from_unix(double unix_s, char date[BRAINVISION_DATE_ROOM]);

#endif
