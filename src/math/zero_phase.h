/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zero_phase.h: second-order sections run forward and then backward over endless signals, so that nothing is delayed.
 *
 * The forward pass is an ordinary recursion. The backward pass runs over segments of `hop` samples on a grid of
 * absolute sample numbers; it starts `ahead` samples later, so that what it cannot know (all that follows) has decayed
 * below 1e-15 of the signal when it reaches the segment. Ends: odd reflection by `edge` samples and steady state, as is
 * customary. Missing samples: see gap.h; a lane begins with its first sample that is not missing.
 */
#ifndef LIMPID_MATH_ZERO_PHASE_H
#define LIMPID_MATH_ZERO_PHASE_H

#include "math/butterworth.h"

#include <limpid/step.h>

enum { ZERO_PHASE_SECTIONS_MAX = 240 };

/* All sizes, known before anything is allocated. */
typedef struct zero_phase_layout {
    int64_t n_sections;
    int64_t edge;  /* samples the ends are continued by */
    int64_t ahead; /* look-ahead of the backward pass */
    int64_t hop;   /* samples a segment advances */
    int64_t room;  /* samples a lane keeps */
    int64_t burst; /* most outputs that come at once, beyond the inputs */
    size_t lane_bytes, scratch_bytes;
} zero_phase_layout;

/* 1 to ZERO_PHASE_SECTIONS_MAX sections. n_times is the length of the recording. False if the slowest pole asks for a
 * look-ahead beyond all bounds (2^27 samples). */
bool zero_phase_lay_out(const biquad *sections, int64_t n_sections, int64_t n_times, zero_phase_layout *layout);

/* Outputs given once n_in inputs have come (see step.h). */
int64_t zero_phase_ready(const zero_phase_layout *layout, int64_t n_in, bool ended);

typedef struct zero_phase_lane zero_phase_lane;

lmp_status zero_phase_lane_open(const zero_phase_layout *layout, lmp_budget *budget, zero_phase_lane **lane,
                                lmp_error *err);
void zero_phase_lane_close(zero_phase_lane *lane, lmp_budget *budget);

/* Takes n_in inputs, gives as many outputs as zero_phase_ready() says; returns them. `scratch`: layout->scratch_bytes.
 */
int64_t zero_phase_lane_process(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane,
                                double *scratch, const double *in, int64_t n_in, double *out, bool ended);

#endif
