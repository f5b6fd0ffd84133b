/* SPDX-License-Identifier: BSD-3-Clause
 *
 * align_refine.h: corrects trigger times by the shifts measured on several channels.
 */
#ifndef LIMPID_SIGNAL_ALIGN_REFINE_H
#define LIMPID_SIGNAL_ALIGN_REFINE_H

#include "signal/epoch_shift.h"
#include "signal/trigger_lattice.h"

enum { REFINE_LANES = 4 };

typedef struct refinement {
    int64_t lanes[REFINE_LANES]; /* positions of the channels used */
    int64_t n_lanes;             /* 0: no channel shows the artifact, nothing was corrected */
    int64_t n_measured;          /* epochs */
    double moved;                /* rms of the corrections, samples */
    double noise;                /* of one epoch's shift about the line, samples */
    double jitter;               /* real jitter of the scanner, samples */
    int64_t n_jittering;         /* scan blocks in which it was followed */
} refinement;

/* Corrects `times`, one per trigger of the lattice. recorded_noise: standard deviation of a recorded time about the
 * curve fitted to it, per scan block, in samples. */
LMP_CHECKED lmp_status align_refine(const trigger_lattice *lattice, const double *recorded_noise,
                                    shift_lane *const *lanes, int64_t n_lanes, double *times, refinement *done,
                                    lmp_error *err);

#endif
