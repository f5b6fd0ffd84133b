/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_slices.h: volumes are made of slices, and the slices of a volume repeat the same artifact.
 *
 * Where they do, the template of a volume is averaged over its slices: with some 30 slices a template is as good as one
 * from 30 times as many volumes. Slices are compared in CELLS parts each, so that what differs (a pulse that only some
 * slices have, a pause) stays as it is.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_SLICES_H
#define LIMPID_SIGNAL_GRADIENT_SLICES_H

#include "signal/gradient_model.h"

enum { SLICE_CELLS = 16 };

struct gradient_slices {
    double period;  /* samples */
    int64_t count;  /* slices in a volume */
    int64_t length; /* samples of a slice, rounded up */
    double weight;  /* of the template itself beside the mean over slices; 0: only the mean */
    double n_matching[SLICE_CELLS];
    bool *matches; /* slice k, cell j at k * SLICE_CELLS + j: takes part */
    float *blend;  /* per sample of an epoch: 1 - weight where its cell matches, else 0 */
};

/* What the learning lanes know: the mean template of each, and half the difference of those of odd and even blocks (its
 * noise), both of the model's width. */
typedef struct slice_evidence {
    int64_t n_lanes;
    float *const *mean, *const *noise;
} slice_evidence;

/* Finds slices; *slices stays NULL if there are none, or if averaging would do no good. `wanted`: their number, 0 if
 * unknown. */
LMP_CHECKED lmp_status gradient_slices_find(const gradient_model *model, const slice_evidence *evidence, int64_t wanted,
                                            lmp_budget *budget, gradient_slices **slices, lmp_error *err);
void gradient_slices_free(gradient_slices *slices, lmp_budget *budget);

/* Most bytes that finding them takes, and that the result takes. */
size_t gradient_slices_find_bytes(const gradient_model *model);
size_t gradient_slices_bytes(const gradient_model *model);

/* Makes the mean over slices, put where the slices are: `mean` (width) gets a value wherever there is anything to
 * blend, the rest stays as it is. `work`: gradient_slices_work() floats. */
void gradient_slices_average(const gradient_slices *slices, const gradient_model *model, const float *shape,
                             float *work, float *mean);
int64_t gradient_slices_work(const gradient_model *model);

/* shape += blend * (mean - shape) */
void gradient_slices_blend(const gradient_slices *slices, const gradient_model *model, const float *mean, float *shape);

#endif
