/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pulse_train.h: the same short waves after each of many instants: heartbeats, evoked responses.
 */
#ifndef LIMPID_SIMULATE_PULSE_TRAIN_H
#define LIMPID_SIMULATE_PULSE_TRAIN_H

#include <limpid/step.h>

/* A raised cosine: `peak` at centre_s relative to the instant, 0 from half_width_s away on. */
typedef struct pulse_wave {
    double centre_s, half_width_s, peak;
} pulse_wave;

typedef struct pulse_train {
    int64_t n;
    double *onset_s;  /* ascending */
    double *strength; /* factor of each pulse; NULL: 1 */
} pulse_train;

/* Room for `most` pulses, none there yet. Clear after failure too. */
LMP_CHECKED lmp_status pulse_train_init(pulse_train *train, int64_t most, bool with_strength, lmp_error *err);
void pulse_train_clear(pulse_train *train);

/* Adds the waves of every pulse at `count` (> 0) ascending times. */
void pulse_train_add(const pulse_train *train, const pulse_wave *waves, int n_waves, const double *time_s,
                     int64_t count, double *values);

#endif
