/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trigger_faults.h: the scanner's trigger pulses: when they were sent, and what the recorder made of them.
 */
#ifndef LIMPID_SIMULATE_TRIGGER_FAULTS_H
#define LIMPID_SIMULATE_TRIGGER_FAULTS_H

#include "simulate/scan.h"

typedef struct triggers_settings {
    bool per_slice; /* else per volume */
    bool is_rounded;
    double rate_hz, jitter_s;
    lmp_numbers missing_runs;
    int64_t n_extra;
    uint64_t key; /* stream of random numbers, see noise.h */
} triggers_settings;

typedef struct triggers {
    int64_t n;
    double *true_s, *recorded_s; /* ascending */
    bool *is_missing;            /* sent, not recorded */
    int64_t n_missing, n_extra;
    double *extra_s; /* recorded, never sent */
} triggers;

/* Refuses more missing or extra triggers than there is room for. On failure nothing is left to clear. */
LMP_CHECKED lmp_status triggers_init(triggers *t, const scan *s, const triggers_settings *settings, lmp_error *err);
void triggers_clear(triggers *t);

/* An event's time as a recorder writes it: the nearest sample. */
double triggers_round(double time_s, double rate_hz);

#endif
