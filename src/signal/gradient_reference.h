/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_reference.h: bringing epochs to the grid, and making the reference of a lane's gain from its first epochs.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_REFERENCE_H
#define LIMPID_SIGNAL_GRADIENT_REFERENCE_H

#include "signal/gradient_gain.h"
#include "signal/sample_ring.h"

/* Brings epoch i, less its mean, to the grid: out[EPOCH_MARGIN + m] is the signal at its start + m. True if all samples
 * that it and the interpolation need are finite, inside the recording, and not marked as bad. `window`:
 * gradient_grid_window() floats. */
bool gradient_grid_epoch(const gradient_model *model, const sample_ring *samples, int64_t i, float *window, float *out);
int64_t gradient_grid_window(const gradient_model *model);

/* Where epochs on the grid come from: false if epoch i is of no use. */
typedef struct epoch_source {
    bool (*fetch)(const void *from, int64_t i, float *out);
    const void *from;
} epoch_source;

/* Makes the reference from epochs [first, end). False if the lane has no artifact there: fewer than 4 epochs fit, or
 * the means of odd and even epochs correlate less than `repeatability`. `scratch`: gradient_reference_scratch() bytes,
 * aligned to 64. */
bool gradient_reference_make(const gradient_model *model, epoch_source source, int64_t first, int64_t end,
                             double repeatability, void *scratch, gain_reference *reference);

/* That of EEG alone has a standard deviation below 0.08; who tries over and over again must ask for more. */
#define REFERENCE_REPEATABILITY       0.3
#define REFERENCE_REPEATABILITY_AGAIN 0.6
size_t gradient_reference_scratch(const gradient_model *model);

/* Fits a finite epoch on the grid; false if the numbers are beyond all bounds. */
bool gradient_reference_fit(const gradient_model *model, const gain_reference *reference, const float *epoch,
                            gain_fit *fit);

#endif
