/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scan.h: the timetable of a scanner, kept by its own clock: blocks, volumes, slices.
 *
 * Two clocks: t is the recorder's, in which all samples and events are given; tau is the scanner's, in which the
 * timetable is regular. Both are in seconds and 0 at the first sample.
 */
#ifndef LIMPID_SIMULATE_SCAN_H
#define LIMPID_SIMULATE_SCAN_H

#include <limpid/step.h>

/* tau = rate * t + bend * t^2 */
typedef struct scan_clock {
    double rate, bend;
} scan_clock;

double scan_clock_scanner(const scan_clock *clock, double t);
double scan_clock_recorder(const scan_clock *clock, double tau);

typedef struct scan_settings {
    double seconds, lead_in_s, block_pause_s;
    double tr_s, volume_pause_s;
    int64_t n_blocks, n_slices;      /* slices per volume */
    double clock_ratio, clock_drift; /* parts per million: constant, and gained over the recording */
} scan_settings;

typedef struct scan {
    scan_clock clock;
    int64_t n_blocks, n_volumes, n_slices;      /* volumes per block, slices per volume */
    double first_tau, block_tau, tr_s, slice_s; /* start of the first block, from block to block, ... */
    double first_s, last_s;                     /* of all scanning, in recorder time */
} scan;

/* Fills the time between the lead-ins with whole volumes; refuses settings in which none fits. */
LMP_CHECKED lmp_status scan_init(scan *s, const scan_settings *settings, lmp_error *err);

/* Recorder times at which slice `slice` of a volume starts, and at which a block ends. */
double scan_slice_start(const scan *s, int64_t block, int64_t volume, int64_t slice);
double scan_block_end(const scan *s, int64_t block);

/* Where the scanner is at recorder time t: slice of the volume, and how far in it (0 to 1); false in pauses. */
bool scan_position(const scan *s, double t, int64_t *slice, double *phase);

#endif
