/* SPDX-License-Identifier: BSD-3-Clause
 *
 * heartbeat.c: beats, ECG and the ballistocardiogram (pulse artifact).
 *
 * The interval between beats varies with respiration (4 % at 0.25 Hz) and at random (2 %). Every wave is a raised
 * cosine with a place relative to the R peak: P, Q, R, S and T for the ECG; for the pulse artifact four waves from 50
 * to 650 ms after it, the largest at the usual 210 ms (Allen et al. 1998, NeuroImage 8:229). The pulse artifact of a
 * beat is up to 20 % weaker or stronger than its mean.
 */
#include "simulate/heartbeat.h"

#include "simulate/noise.h"
#include "simulate/oscillator.h"

enum { STREAM_INTERVAL = 1, STREAM_STRENGTH, ECG_WAVES = 5, PULSE_WAVES = 4 };

static const double MARGIN_S = 1; /* no wave is farther from its R peak */

static const pulse_wave ecg_waves[ECG_WAVES] = {
    {-0.17, 0.05, 0.12}, {-0.03, 0.02, -0.12}, {0, 0.025, 1}, {0.035, 0.02, -0.2}, {0.28, 0.12, 0.28},
};
static const pulse_wave pulse_waves[HEARTBEAT_SHAPES][PULSE_WAVES] = {
    {{0.12, 0.07, -0.4}, {0.21, 0.08, 1}, {0.32, 0.09, -0.8}, {0.46, 0.12, 0.35}},
    {{0.16, 0.08, 0.6}, {0.28, 0.09, -1}, {0.40, 0.10, 0.6}, {0.54, 0.11, -0.2}},
};

lmp_status heartbeat_init(pulse_train *beats, double rate_bpm, double seconds, uint64_t key, lmp_error *err)
{
    const double mean_s = 60 / rate_bpm;
    /* No interval is below 0.8 of the mean: less 4 %, less seven times 2 %. */
    const int64_t most = (int64_t)((seconds + 2 * MARGIN_S) / (0.8 * mean_s)) + 3;
    const lmp_status status = pulse_train_init(beats, most, true, err);
    if (status != LMP_OK) return status;
    const uint64_t interval = noise_key(key, STREAM_INTERVAL, 0), strength = noise_key(key, STREAM_STRENGTH, 0);
    double at = -MARGIN_S - mean_s * noise_uniform(interval, -1);
    for (int64_t i = 0; i < most && at < seconds + MARGIN_S; i++) {
        beats->onset_s[i] = at;
        beats->strength[i] = 0.8 + 0.4 * noise_uniform(strength, i);
        beats->n = i + 1;
        at += mean_s * (1 + 0.04 * oscillator_sine(0.25 * at) + 0.02 * noise_gaussian(interval, i));
    }
    return LMP_OK;
}

void heartbeat_add_ecg(const pulse_train *beats, const double *time_s, int64_t count, double *ecg)
{
    const pulse_train alike = {.n = beats->n, .onset_s = beats->onset_s};
    pulse_train_add(&alike, ecg_waves, ECG_WAVES, time_s, count, ecg);
}

void heartbeat_add_pulse(const pulse_train *beats, int shape, const double *time_s, int64_t count, double *pulse)
{
    pulse_train_add(beats, pulse_waves[shape], PULSE_WAVES, time_s, count, pulse);
}
