/* SPDX-License-Identifier: BSD-3-Clause
 *
 * timing.h: when the scanner scanned: epochs, blocks of the scan, and the parts without scanning.
 *
 * Times are seconds on the clock of the recording as it was before processing. A result that was cropped starts later
 * on that clock: see span_list_make().
 */
#ifndef LIMPID_SCORE_TIMING_H
#define LIMPID_SCORE_TIMING_H

#include "score/span.h"

#include <limpid/step.h>

typedef struct time_range {
    double first_s, last_s;
} time_range;

typedef struct timing {
    double *onset_s; /* of epochs, ascending */
    int64_t n_epochs;
    double length_s, period_s; /* of an epoch; from epoch to epoch, without pauses */
    double volume_s;           /* from volume to volume; NaN if unknown or the epochs are volumes */
    int64_t slices_per_volume; /* 0: unknown */
    time_range *blocks;        /* of the scan, ascending */
    int64_t n_blocks;
    double total_s; /* of the recording */
} timing;

/* From the times of triggers (any order), those outside [0, total_s) left out. length_s: NaN: the period. Fails if
 * fewer than two remain. */
LMP_CHECKED lmp_status timing_make(const double *onset_s, int64_t n, double length_s, double total_s, timing *t,
                                   lmp_error *err);
void timing_clear(timing *t);

/* Makes the epochs volumes of n slices, or slices of volumes of n slices: as the volume's length says. */
void timing_set_slices(timing *t, int64_t slices_per_volume, bool epochs_are_volumes);

/* Spans of a recording of n_times samples that starts at start_s: blocks of the scan, and the parts without scanning
 * that keep FREE_MARGIN_S away from them. */
#define FREE_MARGIN_S 0.1
LMP_CHECKED lmp_status span_list_make(const timing *t, double start_s, double rate_hz, int64_t n_times,
                                      span_list *spans, lmp_error *err);
void span_list_clear(span_list *spans);

#endif
