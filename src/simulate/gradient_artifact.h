/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_artifact.h: the gradient artifact of every lane: timetable, waveform, drift and head movements together.
 *
 *   artifact(lane, t) = peak * gain(lane) * (1 + drift(lane, t)) * (strength(lane, t) * w(t) + mixing(lane, t) * v(t))
 *
 * w and v, two waveforms that follow the scanner's clock, are the same for all lanes and are made once per stretch.
 */
#ifndef LIMPID_SIMULATE_GRADIENT_ARTIFACT_H
#define LIMPID_SIMULATE_GRADIENT_ARTIFACT_H

#include "simulate/gradient_waveform.h"
#include "simulate/scan.h"

typedef struct gradient_settings {
    double peak_uv, bandwidth_hz, drift; /* drift: a share, 0.02 for 2 % */
    bool slices_differ;
    int64_t n_movements;
    uint64_t key;
} gradient_settings;

/* Immutable after gradient_artifact_init(). */
typedef struct gradient_artifact {
    gradient_settings settings;
    scan timetable;
    gradient_waveform main, side;
    double *slice_main, *slice_side; /* per slice of a volume: how much of each waveform w holds */
    double *movement_s;              /* ascending; each takes 0.3 s */
} gradient_artifact;

/* What all lanes share in a stretch. */
typedef struct gradient_stretch {
    bool is_on; /* false: no scanning, nothing else is filled */
    bool is_moving;
    double position; /* head position at its start: movements done, a fraction within one */
    double *w, *v, *drift_sine, *drift_cosine, *positions;
} gradient_stretch;

enum { GRADIENT_STRETCH_ARRAYS = 5 };

/* Refuses a bandwidth that holds less than three harmonics of the slice frequency. Clear after failure too. */
LMP_CHECKED lmp_status gradient_artifact_init(gradient_artifact *a, const gradient_settings *settings,
                                              const scan *timetable, lmp_error *err);
void gradient_artifact_clear(gradient_artifact *a);

/* The arrays of `stretch` point at room for `count` (> 0) values. */
void gradient_artifact_fill(const gradient_artifact *a, const double *time_s, int64_t count, gradient_stretch *stretch);
void gradient_artifact_add(const gradient_artifact *a, const gradient_stretch *stretch, int64_t lane, int64_t count,
                           double *values);

/* 0.5 to 1.375, in steps over eight neighbours. */
double gradient_artifact_gain(int64_t lane);
double gradient_artifact_peak_uv(const gradient_artifact *a);

#endif
