/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brain.h: the signal that cleaning must keep: background, alpha rhythm, tones, evoked responses.
 */
#ifndef LIMPID_SIMULATE_BRAIN_H
#define LIMPID_SIMULATE_BRAIN_H

#include "simulate/pink_noise.h"
#include "simulate/pulse_train.h"

typedef struct brain_settings {
    double rate_hz, seconds;
    double background_uv;                          /* root mean square */
    double alpha_uv, alpha_hz, tone_uv, evoked_uv; /* peak */
    double evoked_period_s;
    lmp_numbers tones_hz;
    uint64_t key;
} brain_settings;

/* Immutable after brain_init(). */
typedef struct brain {
    brain_settings settings; /* tones_hz.values is a copy of its own */
    pink_noise pink;
    pulse_train stimuli; /* empty without evoked responses */
} brain;

LMP_CHECKED lmp_status brain_init(brain *b, const brain_settings *settings, lmp_error *err);
void brain_clear(brain *b);

/* The evoked response at `count` ascending times, with a peak of 1: the same for all lanes. */
void brain_fill_evoked(const brain *b, const double *time_s, int64_t count, double *evoked);
/* How much of it a lane sees, 0.5 to 1. */
double brain_evoked_gain(const brain *b, int64_t lane);

/* Samples first .. first+count-1 of a lane in microvolts; time_s and evoked are those of the same samples; work holds
 * pink_noise_work_doubles(). */
void brain_fill_lane(const brain *b, int64_t lane, int64_t first, int64_t count, const double *time_s,
                     const double *evoked, double *values, double *work);

/* A bound on the absolute value: the sum of the peaks, the background taken at eight standard deviations. */
double brain_peak_uv(const brain *b);

#endif
