/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_slice_search.h: finding the slices of volumes in the mean templates of a few lanes.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_SLICE_SEARCH_H
#define LIMPID_SIGNAL_GRADIENT_SLICE_SEARCH_H

#include "signal/gradient_slices.h"

/* What the learning lanes know: the mean template of each, and half the difference of those of odd and even blocks (its
 * noise), both of the model's width. */
typedef struct slice_evidence {
    int64_t n_lanes;
    float *const *mean, *const *noise;
} slice_evidence;

enum { SLICE_EVIDENCE_LANES = 64 };

/* Finds slices; *slices stays NULL if there are none, or if averaging would do no good. `wanted`: their number, 0 if
 * unknown. */
LMP_CHECKED lmp_status gradient_slices_find(const gradient_model *model, const slice_evidence *evidence, int64_t wanted,
                                            lmp_budget *budget, gradient_slices **slices, lmp_error *err);
void gradient_slices_free(gradient_slices *slices, lmp_budget *budget);

/* Most bytes that finding them takes, and that the result takes. */
size_t gradient_slices_find_bytes(const gradient_model *model);
size_t gradient_slices_bytes(const gradient_model *model);

#endif
