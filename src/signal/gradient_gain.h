/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_gain.h: the strength of the artifact in each epoch, relative to a reference, and which epochs to trust.
 *
 *   g_i = <D E_i, D R> / <D R, D R>,   (D v)[m] = v[m + lag] - v[m]
 *
 * R is the mean of the first epochs of a lane; the difference D whitens the signal, so that the least squares are
 * decided by what stands out from the EEG. Gains are smoothed over epochs, because that of a single one fits its EEG.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_GAIN_H
#define LIMPID_SIGNAL_GRADIENT_GAIN_H

#include "kernels/epoch_sums.h"
#include "signal/carve.h"
#include "signal/gradient_model.h"

/* One epoch against the reference. */
typedef struct gain_fit {
    double gain;
    double energy;      /* sum of (E - g R)^2 over the epoch */
    double correlation; /* of D E with D R */
} gain_fit;

typedef struct gain_reference {
    float *shape;       /* R, with margins */
    double whitened;    /* <D R, D R> */
    int64_t first, end; /* epochs it was made from */
    double level;       /* median energy of their fits */
    double correlation; /* median correlation of the valid ones */
} gain_reference;

gain_fit gain_fit_epoch(const gain_reference *reference, const gradient_model *model, const float *epoch);

/* Products of the whitened forms of two arrays of a template's width: <D a, D b> and <D a, D a>. */
epoch_products gain_whitened_products(const gradient_model *model, const float *a, const float *b);

/* What is known of an epoch. */
typedef struct gain_entry {
    gain_fit fit;
    double middle; /* running median of gains */
    double smooth; /* the gain that is used */
    double level;  /* usual energy of a fit around this epoch */
    bool is_finite, is_valid, has_middle;
} gain_entry;

/* Values in ascending order, those of a window that moves on. */
typedef struct sorted_window {
    double *values;
    int64_t n, room;
} sorted_window;

/* Epochs go through four stations in order: fitted, judged, (median) middled, smoothed; each waits for as many later
 * epochs as it needs. Numbers are the first epoch that has not passed. */
typedef struct gain_track {
    gain_entry *entries; /* epoch i at i & mask */
    int64_t mask;
    int64_t first;       /* windows reach back to here */
    int64_t section_end; /* and ahead to here */
    int64_t fitted, judged, middled, smoothed;
    int64_t energies_first, gains_first, gains_end; /* epochs in the two windows below */
    sorted_window energies, gains;
    double *weights; /* of the Hann window, from its centre */
    double *work;    /* regime_epochs + 1 */
} gain_track;

/* Epochs that a track must remember; `ahead`: how far fits may run ahead of what is used. */
void gain_track_carve(gain_track *track, const gradient_model *model, int64_t ahead, carve *memory);

/* Begins at an epoch whose section ends at `section_end`; `anew`: what was before is of no use for what follows. */
void gain_track_begin(gain_track *track, const gradient_model *model, int64_t epoch, int64_t section_end, bool anew);
void gain_track_add(gain_track *track, const gain_fit *fit, bool is_finite);

/* Moves epochs on as far as they can go. */
void gain_track_advance(gain_track *track, const gradient_model *model, const gain_reference *reference);

static inline gain_entry *gain_track_at(const gain_track *track, int64_t epoch)
{
    return &track->entries[epoch & track->mask];
}

/* Epochs of the Hann window that smooths over `smoothing` epochs. */
int64_t gain_hann_epochs(int64_t smoothing);
/* Weight of the k-th neighbour in a Hann window over `epochs` (odd). */
double gain_hann(int64_t k, int64_t epochs);

#endif
