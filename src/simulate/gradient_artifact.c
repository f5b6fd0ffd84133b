/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_artifact.c: see gradient_artifact.h for the formula.
 *
 * Drift is a slow sine of one and a half periods over all scanning, with its own phase for each lane. A head movement
 * takes 0.3 s; after it every lane has another strength (1 +- 8 %) and mixing (+- 8 %), drawn from (movement, lane), so
 * nothing is stored per lane. Where slices differ, strength and mixing of each slice differ by up to 10 %, alike in all
 * volumes. The waveforms are 0 with slope 0 between slices, so all this makes no steps.
 */
#include "simulate/gradient_artifact.h"

#include "simulate/noise.h"
#include "simulate/oscillator.h"

#include <math.h>
#include <stdlib.h>

enum { STREAM_MAIN = 1, STREAM_SIDE, STREAM_SLICE, STREAM_MOVEMENT, STREAM_STRENGTH, STREAM_MIXING };

static const double SLICE_CHANGE = 0.1, MOVEMENT_CHANGE = 0.08, MOVEMENT_S = 0.3, DRIFT_PERIODS = 1.5;

static double symmetric(uint64_t key, int64_t index)
{
    return 2 * noise_uniform(key, index) - 1;
}

static void draw_slices(gradient_artifact *a)
{
    const uint64_t key = noise_key(a->settings.key, STREAM_SLICE, 0);
    const double change = a->settings.slices_differ ? SLICE_CHANGE : 0;
    for (int64_t s = 0; s < a->timetable.n_slices; s++) {
        a->slice_main[s] = 1 + change * symmetric(key, 2 * s);
        a->slice_side[s] = change * symmetric(key, 2 * s + 1);
    }
}

/* One in each of n equal parts of the scanning time, so that they do not crowd. */
static void draw_movements(gradient_artifact *a)
{
    const uint64_t key = noise_key(a->settings.key, STREAM_MOVEMENT, 0);
    const double part_s = (a->timetable.last_s - a->timetable.first_s) / fmax((double)a->settings.n_movements, 1);
    for (int64_t m = 0; m < a->settings.n_movements; m++)
        a->movement_s[m] = a->timetable.first_s + part_s * ((double)m + 0.1 + 0.8 * noise_uniform(key, m));
}

lmp_status gradient_artifact_init(gradient_artifact *a, const gradient_settings *settings, const scan *timetable,
                                  lmp_error *err)
{
    *a = (gradient_artifact){.settings = *settings, .timetable = *timetable};
    const double harmonics = floor(settings->bandwidth_hz * timetable->slice_s * (1 + 1e-12));
    if (!(harmonics >= 3 && harmonics <= GRADIENT_WAVEFORM_MOST_HARMONICS))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "eeg-fmri: artifact-bandwidth=%g Hz holds %g harmonics of the slice frequency of %g Hz: give a "
                        "bandwidth, or tr "
                        "and slices, with 3 to %d",
                        settings->bandwidth_hz, harmonics, 1 / timetable->slice_s, GRADIENT_WAVEFORM_MOST_HARMONICS);
    a->slice_main = calloc((size_t)timetable->n_slices, sizeof *a->slice_main);
    a->slice_side = calloc((size_t)timetable->n_slices, sizeof *a->slice_side);
    a->movement_s = calloc((size_t)settings->n_movements + 1, sizeof *a->movement_s);
    if (a->slice_main == NULL || a->slice_side == NULL || a->movement_s == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %lld slices",
                        (long long)timetable->n_slices);
    draw_slices(a);
    draw_movements(a);
    const int64_t n = (int64_t)harmonics;
    lmp_status status = gradient_waveform_init(&a->main, n, noise_key(settings->key, STREAM_MAIN, 0), err);
    if (status == LMP_OK) status = gradient_waveform_init(&a->side, n, noise_key(settings->key, STREAM_SIDE, 0), err);
    return status;
}

void gradient_artifact_clear(gradient_artifact *a)
{
    gradient_waveform_clear(&a->main);
    gradient_waveform_clear(&a->side);
    free(a->slice_main);
    free(a->slice_side);
    free(a->movement_s);
    *a = (gradient_artifact){0};
}

double gradient_artifact_gain(int64_t lane)
{
    return 0.5 + (double)(lane % 8) / 8;
}

double gradient_artifact_peak_uv(const gradient_artifact *a)
{
    const double slice = a->settings.slices_differ ? SLICE_CHANGE : 0,
                 movement = a->settings.n_movements > 0 ? MOVEMENT_CHANGE : 0;
    return a->settings.peak_uv * 1.375 * (1 + a->settings.drift) * ((1 + slice + slice) * (1 + movement) + movement);
}

/* ---- What all lanes share ---- */

static bool fill_waveforms(const gradient_artifact *a, const double *time_s, int64_t count, gradient_stretch *stretch)
{
    const bool needs_side = a->settings.slices_differ || a->settings.n_movements > 0;
    bool is_on = false;
    for (int64_t i = 0; i < count; i++) {
        int64_t slice;
        double phase;
        stretch->w[i] = stretch->v[i] = 0;
        if (!scan_position(&a->timetable, time_s[i], &slice, &phase)) continue;
        is_on = true;
        const double main = gradient_waveform_at(&a->main, phase);
        const double side = needs_side ? gradient_waveform_at(&a->side, phase) : 0;
        stretch->w[i] = a->slice_main[slice] * main + a->slice_side[slice] * side;
        stretch->v[i] = side;
    }
    return is_on;
}

/* Movements done at time t: 2.3 is the third movement at three tenths of its way, which starts and ends smoothly. */
static double position_at(const gradient_artifact *a, int64_t n_done, double t)
{
    double position = (double)n_done;
    for (int64_t m = n_done; m < a->settings.n_movements && a->movement_s[m] < t; m++) {
        const double s = fmin((t - a->movement_s[m]) / MOVEMENT_S, 1);
        position += s * s * (3 - 2 * s);
    }
    return position;
}

static void fill_positions(const gradient_artifact *a, const double *time_s, int64_t count, gradient_stretch *stretch)
{
    int64_t n_done = 0;
    while (n_done < a->settings.n_movements && (time_s[0] - a->movement_s[n_done]) / MOVEMENT_S >= 1) n_done++;
    stretch->position = position_at(a, n_done, time_s[0]);
    stretch->is_moving = position_at(a, n_done, time_s[count - 1]) != stretch->position;
    if (!stretch->is_moving) return;
    for (int64_t i = 0; i < count; i++) stretch->positions[i] = position_at(a, n_done, time_s[i]);
}

void gradient_artifact_fill(const gradient_artifact *a, const double *time_s, int64_t count, gradient_stretch *stretch)
{
    stretch->is_on = time_s[count - 1] >= a->timetable.first_s && time_s[0] <= a->timetable.last_s &&
                     fill_waveforms(a, time_s, count, stretch);
    if (!stretch->is_on) return;
    fill_positions(a, time_s, count, stretch);
    const double hz = DRIFT_PERIODS / (a->timetable.last_s - a->timetable.first_s);
    for (int64_t i = 0; i < count; i++) {
        const double turns = hz * (time_s[i] - a->timetable.first_s);
        stretch->drift_sine[i] = oscillator_sine(turns);
        stretch->drift_cosine[i] = oscillator_cosine(turns);
    }
}

/* ---- What each lane makes of it ---- */

typedef struct head {
    double strength, mixing;
} head;

static head head_after(const gradient_artifact *a, int64_t lane, int64_t movement)
{
    if (movement == 0) return (head){1, 0};
    const uint64_t strength = noise_key(a->settings.key, STREAM_STRENGTH, (uint64_t)lane);
    const uint64_t mixing = noise_key(a->settings.key, STREAM_MIXING, (uint64_t)lane);
    return (head){1 + MOVEMENT_CHANGE * symmetric(strength, movement), MOVEMENT_CHANGE * symmetric(mixing, movement)};
}

static head head_at(const gradient_artifact *a, int64_t lane, double position)
{
    const int64_t done = (int64_t)position;
    const double share = position - (double)done;
    const head from = head_after(a, lane, done);
    if (!(share > 0)) return from;
    const head to = head_after(a, lane, done + 1);
    return (head){from.strength + share * (to.strength - from.strength),
                  from.mixing + share * (to.mixing - from.mixing)};
}

void gradient_artifact_add(const gradient_artifact *a, const gradient_stretch *stretch, int64_t lane, int64_t count,
                           double *values)
{
    if (!stretch->is_on) return;
    const double peak = a->settings.peak_uv * gradient_artifact_gain(lane);
    const double turns = (double)lane / 7;
    const double sine = a->settings.drift * oscillator_cosine(turns),
                 cosine = a->settings.drift * oscillator_sine(turns);
    const head still = head_at(a, lane, stretch->position);
    for (int64_t i = 0; i < count; i++) {
        const head now = stretch->is_moving ? head_at(a, lane, stretch->positions[i]) : still;
        const double drift = 1 + (sine * stretch->drift_sine[i] + cosine * stretch->drift_cosine[i]);
        values[i] += peak * drift * (now.strength * stretch->w[i] + now.mixing * stretch->v[i]);
    }
}
