/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_side.h: one movie, before or after the correction, in numbers.
 */
#ifndef LIMPID_SCORE_MOTION_SIDE_H
#define LIMPID_SCORE_MOTION_SIDE_H

#include "score/motion_local.h"
#include "score/motion_movie.h"

#include <jansson.h>

/* What the step `motion` finds if it looks again; lengths of shifts without their mean. */
typedef struct motion_residual {
    bool is_known;
    motion_series shifts;
    double rms_px, p95_px, max_px;
    int64_t n_flagged; /* of the frames that count */
} motion_residual;

typedef struct motion_side {
    bool is_known;
    motion_movie movie;
    image_region region;
    double *mean, *local; /* images, whole; NaN where unknown */
    double *correlation;  /* of each frame with the mean, inside the region */
    image_sharpness sharpness, local_sharpness;
    double correlation_mean, correlation_least, correlation_p05; /* over the frames that count */
    motion_residual residual;
} motion_side;

/* Two walks over the movie, which is open. `groups` as motion_sums_add() wants them; `local` may be NULL. */
LMP_CHECKED lmp_status motion_side_measure(motion_side *side, const uint8_t *groups, uint8_t wanted,
                                           motion_local *local, lmp_error *err);

/* Runs `motion apply=no` over the movie; `groups` as above. Where that is impossible, a sentence goes to the warnings.
 */
LMP_CHECKED lmp_status motion_side_look_again(motion_side *side, const char *name, const uint8_t *groups,
                                              json_t *warnings, lmp_error *err);
void motion_side_clear(motion_side *side);

#endif
