/* SPDX-License-Identifier: BSD-3-Clause
 *
 * eeg_fmri_read.c: makes samples.
 *
 * A stretch is made tile by tile: first what all lanes share (times, gradient waveforms, pulse shapes, evoked
 * response), then each lane: brain, artifacts, rounding to the recorder's grid. Every term is a function of the
 * absolute sample number and the lane, and terms are added in one order, so it does not matter how a recording is cut.
 */
#include "simulate/eeg_fmri.h"

#include "core/budget.h"
#include "simulate/heartbeat.h"
#include "simulate/noise.h"
#include "simulate/oscillator.h"

static const double ECG_UV = 1000; /* an R peak */

enum {
    STREAM_GAIN = 1,
    STREAM_MIXING,
    SLOW_WAVES = 3,
    /* arrays of one tile: time, evoked, ecg, noise; the pulse shapes; the gradient's */
    TILE_ARRAYS = 4 + HEARTBEAT_SHAPES + GRADIENT_STRETCH_ARRAYS
};

typedef struct tile {
    int64_t first, count;
    double *time_s, *evoked, *ecg, *noise, *pulse[HEARTBEAT_SHAPES];
    gradient_stretch gradient;
    double *work; /* of the background */
} tile;

static size_t work_doubles(const eeg_fmri *r, int64_t count)
{
    return (size_t)count * TILE_ARRAYS + pink_noise_work_doubles(&r->eeg.pink, count);
}

static void tile_place(tile *t, double *memory, int64_t count)
{
    double **const arrays[TILE_ARRAYS] = {
        &t->time_s,
        &t->evoked,
        &t->ecg,
        &t->noise,
        &t->pulse[0],
        &t->pulse[1],
        &t->gradient.w,
        &t->gradient.v,
        &t->gradient.drift_sine,
        &t->gradient.drift_cosine,
        &t->gradient.positions,
    };
    for (int i = 0; i < TILE_ARRAYS; i++) *arrays[i] = memory + (size_t)i * (size_t)count;
    t->work = memory + TILE_ARRAYS * (size_t)count;
}

/* ---- What all lanes share ---- */

static void fill_zero(double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++) values[i] = 0;
}

static void fill_shared(const eeg_fmri *r, tile *t)
{
    for (int64_t i = 0; i < t->count; i++) t->time_s[i] = (double)(t->first + i) / r->params.rate_hz;
    if (r->params.evoked_uv > 0) brain_fill_evoked(&r->eeg, t->time_s, t->count, t->evoked);
    if (r->ecg_lane >= 0) {
        fill_zero(t->ecg, t->count);
        heartbeat_add_ecg(&r->beats, t->time_s, t->count, t->ecg);
    }
    t->gradient.is_on = false;
    if (r->is_truth) return;
    if (r->params.artifact_uv > 0) gradient_artifact_fill(&r->gradient, t->time_s, t->count, &t->gradient);
    for (int shape = 0; shape < HEARTBEAT_SHAPES && r->ecg_lane >= 0; shape++) {
        fill_zero(t->pulse[shape], t->count);
        heartbeat_add_pulse(&r->beats, shape, t->time_s, t->count, t->pulse[shape]);
    }
}

/* ---- Lanes ---- */

double eeg_fmri_pulse_gain(const eeg_fmri *r, int64_t lane)
{
    /* Odd electrodes are left, even ones right, where the blood flows the other way round in the field. */
    const double size = 0.5 + 0.5 * noise_uniform(noise_key(r->pulse_key, STREAM_GAIN, 0), lane);
    return lane % 2 == 0 ? size : -size;
}

static void add_pulse(const eeg_fmri *r, const tile *t, int64_t lane, double *values)
{
    const double uv = r->params.heartbeat_uv * eeg_fmri_pulse_gain(r, lane);
    const double mixing = noise_uniform(noise_key(r->pulse_key, STREAM_MIXING, 0), lane) - 0.5;
    for (int64_t i = 0; i < t->count; i++) values[i] += uv * (t->pulse[0][i] + mixing * t->pulse[1][i]);
}

/* Three sines with periods between 12 s and 8 min, which the eye takes for a wandering base line. */
static void add_slow_drift(const eeg_fmri *r, const tile *t, int64_t lane, double *values)
{
    static const double share[SLOW_WAVES] = {0.5, 0.3, 0.2}, from_hz[SLOW_WAVES] = {0.002, 0.01, 0.03},
                        to_hz[SLOW_WAVES] = {0.01, 0.03, 0.08};
    const uint64_t key = noise_key(r->drift_key, 0, (uint64_t)lane);
    for (int w = 0; w < SLOW_WAVES; w++) {
        const double hz = from_hz[w] + (to_hz[w] - from_hz[w]) * noise_uniform(key, 2 * w);
        oscillator_add(share[w] * r->params.drift_uv, hz, noise_uniform(key, 2 * w + 1), t->time_s, t->count, values);
    }
}

static void add_artifacts(const eeg_fmri *r, const tile *t, int64_t lane, double *values)
{
    const eeg_fmri_params *p = &r->params;
    gradient_artifact_add(&r->gradient, &t->gradient, lane, t->count, values);
    if (r->ecg_lane >= 0 && lane != r->ecg_lane) add_pulse(r, t, lane, values);
    if (p->line_uv > 0) {
        const uint64_t key = noise_key(r->line_key, 0, (uint64_t)lane);
        const double uv = p->line_uv * (0.5 + 0.5 * noise_uniform(key, 0));
        oscillator_add(uv, p->line_hz, noise_uniform(key, 1), t->time_s, t->count, values);
    }
    if (p->drift_uv > 0) add_slow_drift(r, t, lane, values);
    if (p->electrode_noise_uv > 0) {
        noise_fill_gaussian(noise_key(r->noise_key, 0, (uint64_t)lane), t->first, t->count, t->noise);
        for (int64_t i = 0; i < t->count; i++) values[i] += p->electrode_noise_uv * t->noise[i];
    }
}

/* To the nearest step of the grid; what lies beyond it stays at its end, as in a saturated amplifier. */
static void round_to_grid(const eeg_fmri_grid *grid, int64_t count, double *values)
{
    const double big = 0x1.8p52; /* adding and taking it away rounds to the nearest integer */
    const double steps_per_uv = 1 / grid->scale, most = grid->digital_max, lowest_uv = -grid->physical_max;
    for (int64_t i = 0; i < count; i++) {
        double steps = (values[i] * steps_per_uv + big) - big;
        steps = steps > most ? most : steps;
        steps = steps < -most ? -most : steps;
        values[i] = grid->scale * (steps + most) + lowest_uv;
    }
}

static void fill_lane(const eeg_fmri *r, const tile *t, int64_t lane, double *values)
{
    if (lane == r->ecg_lane)
        for (int64_t i = 0; i < t->count; i++) values[i] = ECG_UV * t->ecg[i];
    else
        brain_fill_lane(&r->eeg, lane, t->first, t->count, t->time_s, t->evoked, values, t->work);
    if (r->is_truth) return;
    add_artifacts(r, t, lane, values);
    round_to_grid(&r->grid, t->count, values);
}

double eeg_fmri_peak_uv(const eeg_fmri *r)
{
    const eeg_fmri_params *p = &r->params;
    const double gradient = p->artifact_uv > 0 ? gradient_artifact_peak_uv(&r->gradient) : 0;
    const double pulse = 3 * p->heartbeat_uv; /* two shapes, of which one may be half as strong, beats up to 1.2 */
    const double signal = brain_peak_uv(&r->eeg) + pulse, ecg = r->ecg_lane >= 0 ? 1.5 * ECG_UV : 0;
    return fmax(signal, ecg) + gradient + p->line_uv + p->drift_uv + 8 * p->electrode_noise_uv;
}

lmp_status eeg_fmri_read(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err)
{
    const eeg_fmri *r = state;
    const int64_t widest = request->count < EEG_FMRI_TILE ? request->count : EEG_FMRI_TILE;
    if (widest <= 0) return LMP_OK;
    void *memory;
    const lmp_status status = lmp_take(budget, work_doubles(r, widest) * sizeof(double), &memory, err);
    if (status != LMP_OK) return status;
    tile t = {0};
    tile_place(&t, memory, widest);
    const int64_t end = request->first + request->count;
    for (t.first = request->first; t.first < end; t.first += t.count) {
        t.count = end - t.first < widest ? end - t.first : widest;
        fill_shared(r, &t);
        for (int64_t i = 0; i < request->n_lanes; i++)
            fill_lane(r, &t, request->lanes[i], (double *)request->out[i] + (t.first - request->first));
    }
    lmp_give(budget, memory);
    return LMP_OK;
}
