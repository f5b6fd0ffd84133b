/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series.h: a simulated image series: what a camera saw, and what was there.
 */
#ifndef LIMPID_SIMULATE_SERIES_H
#define LIMPID_SIMULATE_SERIES_H

#include "core/simulator.h"

typedef struct series_params {
    int64_t frames, height, width, type; /* type: index into "uint8|uint16|float32" */
    double rate_hz;
    double background, vignette_percent, drift_percent, flicker_percent;
    int64_t hot_pixels, spots;
    double hot_level, spot_level, spot_sigma_px, travel_px;
    double photons_per_level, read_noise;
    int64_t seed;
} series_params;

/* A spot runs on an ellipse: x(t) = x_px + reach_x_px sin(2 pi turns t / frames + phase), y alike with cos. */
typedef struct series_spot {
    double x_px, y_px, reach_x_px, reach_y_px, turns, phase, level;
} series_spot;

typedef struct series_hot {
    int64_t x, y;
    double level;
} series_hot;

typedef struct series {
    series_params p;
    bool is_truth;
    lmp_type type;
    series_spot *spots;
    series_hot *hot;
    uint64_t flicker_key, shot_key, read_key;
} series;

void series_spot_at(const series *s, int64_t spot, int64_t frame, double *x_px, double *y_px);

/* Factor on the light of a frame: 1 without flicker. */
double series_flicker(const series *s, int64_t frame);

/* lmp_source.read_frames; reads bands of rows too. */
lmp_status series_read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err);

#endif
