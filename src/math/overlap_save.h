/* SPDX-License-Identifier: BSD-3-Clause
 *
 * overlap_save.h: zero-phase FIR filtering and rational resampling of endless signals, segment by segment.
 *
 * Output j * hop_out .. (j+1) * hop_out - 1 comes from one Fourier transform of the inputs around
 * j * hop_in .. (j+1) * hop_in - 1: segments sit on a grid of absolute sample numbers, so results do not depend on how
 * the signal was cut into blocks. Output m belongs to the time of input m * down / up.
 *
 * Ends: the recording is continued by reflection about its first and last value, 2 x[0] - x[k]; farther out than it is
 * long by zeros when filtering, by the value reached when the rate changes. Missing samples: see gap.h; an output is
 * NaN where the input nearest to it is missing.
 */
#ifndef LIMPID_MATH_OVERLAP_SAVE_H
#define LIMPID_MATH_OVERLAP_SAVE_H

#include <limpid/step.h>

/* All sizes, known before anything is allocated. */
typedef struct overlap_layout {
    int64_t up, down;        /* ratio of the rates, in lowest terms; 1, 1: filtering */
    int64_t half;            /* the kernel has 2 * half + 1 taps at the input's rate */
    int64_t pad;             /* inputs before and after those of a hop that a segment sees, >= half */
    int64_t reach;           /* look-ahead for gaps */
    int64_t hop_in, hop_out; /* samples a segment advances */
    int64_t n_in, n_out;     /* lengths of its transforms */
    int64_t burst;           /* most outputs that come at once, beyond inputs times up / down */
    size_t lane_bytes, shared_bytes, scratch_bytes;
} overlap_layout;

/* Picks the cheapest transforms for a kernel; n_times is the length of the recording (longer transforms are no use).
 * up and down must have no common factor. False if the transforms would be too long to do. */
bool overlap_lay_out(int64_t half, int64_t up, int64_t down, int64_t n_times, overlap_layout *layout);

typedef struct overlap_save overlap_save;
typedef struct overlap_lane overlap_lane;

/* `taps` are symmetric, 2 * half + 1 of them. The result is read-only: any number of lanes share it. */
lmp_status overlap_open(const overlap_layout *layout, const double *taps, lmp_budget *budget, overlap_save **shared,
                        lmp_error *err);
void overlap_close(overlap_save *shared, lmp_budget *budget);
const overlap_layout *overlap_get_layout(const overlap_save *shared);

/* Outputs given once n_in inputs have come (see step.h). */
int64_t overlap_ready(const overlap_layout *layout, int64_t n_in, bool ended);

/* What becomes of a lane: filtered; or, when the rate changes, values that are only held (nothing is computed from
 * them), or codes (held, and a code that is shorter than an output sample still shows in one). */
typedef enum overlap_mode { OVERLAP_FILTER, OVERLAP_HOLD, OVERLAP_CODES } overlap_mode;

lmp_status overlap_lane_open(const overlap_save *shared, overlap_mode mode, lmp_budget *budget, overlap_lane **lane,
                             lmp_error *err);
void overlap_lane_close(overlap_lane *lane, lmp_budget *budget);

/* Takes n_in inputs, gives as many outputs as overlap_ready() says; returns them. `scratch`: layout->scratch_bytes,
 * aligned to 64. */
int64_t overlap_lane_process(const overlap_save *shared, overlap_lane *lane, void *scratch, const double *in,
                             int64_t n_in, double *out, bool ended);

#endif
