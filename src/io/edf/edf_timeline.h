/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_timeline.h: what the annotation signals of a file say: events, and when its records were made.
 */
#ifndef LIMPID_IO_EDF_TIMELINE_H
#define LIMPID_IO_EDF_TIMELINE_H

#include "io/edf/edf_header.h"

/* A seam of a file with gaps. */
typedef struct edf_gap {
    int64_t record;   /* the first one behind it */
    double start_s;   /* of that record, after the first record's start, gaps included */
    double skipped_s; /* what is missing before it */
} edf_gap;

typedef struct edf_timeline {
    lmp_event *events; /* seconds after the first sample, gaps left out; an event BAD_ACQ_SKIP at each seam */
    int64_t n_events;
    char *text;     /* what the labels point into */
    double first_s; /* start of the first record after the header's start */
    edf_gap *gaps;  /* ascending */
    int64_t n_gaps;
} edf_timeline;

/* rate_hz: of the fastest signal; 0: there is none. */
LMP_CHECKED lmp_status edf_timeline_read(const file_input *input, const edf_header *header, int64_t n_records,
                                         double rate_hz, bool salvage, edf_timeline *timeline, char **warnings,
                                         lmp_error *err);
void edf_timeline_free(edf_timeline *timeline);

#endif
