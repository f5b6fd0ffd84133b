/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_lane.h: one lane on its way through the step gradient.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_LANE_H
#define LIMPID_SIGNAL_GRADIENT_LANE_H

#include "signal/gradient_model.h"

/* What became of an epoch; the higher, the worse. */
typedef enum gradient_status {
    GRADIENT_CORRECTED,
    GRADIENT_EDGE,       /* its template had few epochs to be made from, or a pause begins or ends here */
    GRADIENT_WATCH,      /* it does not fit its neighbours well */
    GRADIENT_UNRELIABLE, /* it does not fit at all, or samples are missing or marked as bad */
    GRADIENT_FAILED,     /* nothing was subtracted */
    GRADIENT_STATUSES
} gradient_status;

typedef struct gradient_lane gradient_lane;

/* What a lane has to tell. Arrays belong to the lane. */
typedef struct gradient_report {
    int64_t lane; /* its number */
    bool has_artifact;
    const uint8_t *status; /* per epoch */
    const float *gain;     /* per epoch */
    const float *shape;    /* a template of `length` samples, from the middle of the recording */
    double energy;         /* of it, 0 if there is none */
} gradient_report;

/* The model must not change while lanes live. */
size_t gradient_lane_bytes(const gradient_model *model);
size_t gradient_lane_scratch_bytes(const gradient_model *model);
LMP_CHECKED lmp_status gradient_lane_open(const gradient_model *model, int64_t number, lmp_budget *budget,
                                          gradient_lane **lane, lmp_error *err);
void gradient_lane_close(gradient_lane *lane, lmp_budget *budget);

/* Takes n_in samples and gives as many as gradient_model_ready() promises; returns how many. */
int64_t gradient_lane_process(const gradient_model *model, gradient_lane *lane, double *scratch, const double *in,
                              int64_t n_in, double *out, bool ended);

gradient_report gradient_lane_report(const gradient_lane *lane);

#endif
