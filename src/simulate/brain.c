/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brain.c: simulated EEG.
 *
 * Background: 1/f noise above 0.5 Hz, independent between lanes. Alpha: one sine of constant amplitude whose frequency
 * wanders by 0.3 Hz within 20 s; lane c starts at phase c and wanders with phase c (radians), so neighbours differ.
 * Stimuli come after 0.8 to 1.2 times the period, at random: not locked to anything the scanner does. Their response is
 * a negative wave at 100 ms and a positive one at 330 ms, as in an oddball experiment.
 */
#include "simulate/brain.h"

#include "simulate/noise.h"
#include "simulate/oscillator.h"

#include <math.h>
#include <stdlib.h>

enum { STREAM_BACKGROUND = 1, STREAM_TONE, STREAM_STIMULUS, STREAM_EVOKED_GAIN, EVOKED_WAVES = 2 };

static const double LOW_HZ = 0.5;                           /* of the background */
static const double WANDER_HZ = 0.3, WANDER_RATE_HZ = 0.05; /* of the alpha rhythm */
static const pulse_wave evoked_waves[EVOKED_WAVES] = {{0.10, 0.05, -0.6}, {0.33, 0.15, 1}};

static lmp_status init_stimuli(brain *b, lmp_error *err)
{
    const brain_settings *s = &b->settings;
    const int64_t most = (int64_t)(s->seconds / (0.8 * s->evoked_period_s)) + 1;
    const lmp_status status = pulse_train_init(&b->stimuli, most, false, err);
    if (status != LMP_OK) return status;
    const uint64_t key = noise_key(s->key, STREAM_STIMULUS, 0);
    double at = 0;
    for (int64_t i = 0; i < most; i++) {
        at += s->evoked_period_s * (0.8 + 0.4 * noise_uniform(key, i));
        if (at >= s->seconds - 0.5) break; /* a response cut off by the end would be of no use */
        b->stimuli.onset_s[i] = at;
        b->stimuli.n = i + 1;
    }
    return LMP_OK;
}

lmp_status brain_init(brain *b, const brain_settings *settings, lmp_error *err)
{
    *b = (brain){.settings = *settings};
    pink_noise_init(&b->pink, settings->rate_hz, LOW_HZ);
    const size_t n = (size_t)settings->tones_hz.count;
    double *tones = calloc(n + 1, sizeof *tones);
    b->settings.tones_hz.values = tones;
    if (tones == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %zu tones", n);
    for (size_t i = 0; i < n; i++) tones[i] = settings->tones_hz.values[i];
    return settings->evoked_uv > 0 ? init_stimuli(b, err) : LMP_OK;
}

void brain_clear(brain *b)
{
    free((double *)(uintptr_t)b->settings.tones_hz.values);
    pulse_train_clear(&b->stimuli);
}

void brain_fill_evoked(const brain *b, const double *time_s, int64_t count, double *evoked)
{
    for (int64_t i = 0; i < count; i++) evoked[i] = 0;
    pulse_train_add(&b->stimuli, evoked_waves, EVOKED_WAVES, time_s, count, evoked);
}

double brain_evoked_gain(const brain *b, int64_t lane)
{
    return 0.5 + 0.5 * noise_uniform(noise_key(b->settings.key, STREAM_EVOKED_GAIN, 0), lane);
}

/* The phase is the integral of the frequency f + WANDER_HZ sin(2 pi WANDER_RATE_HZ t + lane). */
static void add_alpha(const brain *b, int64_t lane, const double *time_s, int64_t count, double *values)
{
    const double swing = WANDER_HZ / (2 * M_PI * WANDER_RATE_HZ), lane_turns = (double)lane / (2 * M_PI);
    const double start_turns = swing * oscillator_cosine(lane_turns) + lane_turns;
    const double hz = b->settings.alpha_hz, uv = b->settings.alpha_uv;
    for (int64_t i = 0; i < count; i++) {
        const double wander = swing * oscillator_cosine(WANDER_RATE_HZ * time_s[i] + lane_turns);
        values[i] += uv * oscillator_sine(hz * time_s[i] + (start_turns - wander));
    }
}

void brain_fill_lane(const brain *b, int64_t lane, int64_t first, int64_t count, const double *time_s,
                     const double *evoked, double *values, double *work)
{
    const brain_settings *s = &b->settings;
    if (s->background_uv > 0) {
        pink_noise_fill(&b->pink, noise_key(s->key, STREAM_BACKGROUND, (uint64_t)lane), first, count, values, work);
        for (int64_t i = 0; i < count; i++) values[i] *= s->background_uv;
    } else {
        for (int64_t i = 0; i < count; i++) values[i] = 0;
    }
    if (s->alpha_uv > 0) add_alpha(b, lane, time_s, count, values);
    const uint64_t phases = noise_key(s->key, STREAM_TONE, (uint64_t)lane);
    for (int64_t t = 0; t < s->tones_hz.count && s->tone_uv > 0; t++)
        oscillator_add(s->tone_uv, s->tones_hz.values[t], noise_uniform(phases, t), time_s, count, values);
    if (s->evoked_uv > 0) {
        const double uv = s->evoked_uv * brain_evoked_gain(b, lane);
        for (int64_t i = 0; i < count; i++) values[i] += uv * evoked[i];
    }
}

double brain_peak_uv(const brain *b)
{
    const brain_settings *s = &b->settings;
    return 8 * s->background_uv + s->alpha_uv + (double)s->tones_hz.count * s->tone_uv + s->evoked_uv;
}
