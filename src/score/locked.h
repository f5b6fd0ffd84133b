/* SPDX-License-Identifier: BSD-3-Clause
 *
 * locked.h: what in a channel is locked to the epochs of the scan, and how large its swings are.
 *
 * The mean over all epochs keeps what repeats with them; everything else shrinks with the square root of their number,
 * but is not nothing. How much it is, is measured, not assumed: by the same mean over grids of epochs that are not
 * locked to the scan. Moving a periodic grid as a whole would only turn the mean epoch around, so each epoch k of
 * shifted grid j is moved by its own amount,
 *
 *     shift = P (frac(j k / N + 1/2) - 1/2)       P: period, N: number of epochs, j = +-10, +-11, ...
 *
 * j whole turns over the recording: harmonics of the epoch rate cancel, and the grid looks at frequencies j / (N P)
 * beside them, where the brain's signal is as strong as at the harmonics themselves. Times are taken to the nearest
 * sample.
 */
#ifndef LIMPID_SCORE_LOCKED_H
#define LIMPID_SCORE_LOCKED_H

#include "score/span.h"

#include <limpid/step.h>

typedef struct locked_options {
    double rate_hz;
    const double *onset_s; /* ascending, on the recording's clock; borrowed until locked_open() returns */
    int64_t n_epochs;
    double period_s, length_s;
    const span_list *spans; /* borrowed until locked_open() returns */
    bool with_null;         /* shifted grids too */
} locked_options;

/* What channels share; read-only once open. */
typedef struct locked locked;

LMP_CHECKED lmp_status locked_open(const locked_options *options, lmp_budget *budget, locked **made, lmp_error *err);
void locked_close(locked *l, lmp_budget *budget);

/* Epochs in the mean: those that lie in the scan however they are shifted. */
int64_t locked_epoch_count(const locked *l);
int64_t locked_grid_count(const locked *l);

typedef struct locked_lane locked_lane;

size_t locked_lane_bytes(const locked *l);
LMP_CHECKED lmp_status locked_lane_open(const locked *l, lmp_budget *budget, locked_lane **lane, lmp_error *err);
void locked_lane_close(locked_lane *lane, lmp_budget *budget);

/* Takes the next `count` samples, all finite, of which the first is number `first`. */
void locked_lane_add(const locked *l, locked_lane *lane, int64_t first, const double *values, int64_t count);

/* Root mean square of the mean epoch about its own mean; NaN with fewer than 4 epochs. And the same for the shifted
 * grids: the root of the mean of their squares, NaN if there are none. */
double locked_lane_residue(const locked *l, const locked_lane *lane);
double locked_lane_null(const locked *l, const locked_lane *lane);

/* Peak-to-peak values: of each epoch (PART_SCAN), and of stretches of the same length in the parts without scanning. */
int64_t locked_extent_count(const locked *l, scan_part part);
double locked_lane_extent(const locked *l, const locked_lane *lane, scan_part part, int64_t i);

#endif
