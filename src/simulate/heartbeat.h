/* SPDX-License-Identifier: BSD-3-Clause
 *
 * heartbeat.h: when the heart beats, what an ECG electrode sees of it, and what the pulse makes of EEG in a strong
 * field.
 */
#ifndef LIMPID_SIMULATE_HEARTBEAT_H
#define LIMPID_SIMULATE_HEARTBEAT_H

#include "simulate/pulse_train.h"

enum { HEARTBEAT_SHAPES = 2 };

/* Fills R peaks at `rate_bpm` on average, from before 0 to after `seconds`, with the strength of the pulse artifact of
 * each beat (about 1). Clear the train after failure too. */
LMP_CHECKED lmp_status heartbeat_init(pulse_train *beats, double rate_bpm, double seconds, uint64_t key,
                                      lmp_error *err);

/* Adds, at `count` ascending times, an ECG with R peaks of 1. */
void heartbeat_add_ecg(const pulse_train *beats, const double *time_s, int64_t count, double *ecg);

/* Adds one of the shapes of the pulse artifact, with peaks near 1: each electrode sees its own mixture of them. */
void heartbeat_add_pulse(const pulse_train *beats, int shape, const double *time_s, int64_t count, double *pulse);

#endif
