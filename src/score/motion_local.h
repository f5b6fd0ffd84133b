/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_local.h: is there motion left, also where only a part of the image moves?
 *
 * The frames with the lowest third of shifts are averaged, and those with the highest third; the same along x, and for
 * the first and last third of the movie. If the correction left nothing, both means show the same picture at the same
 * place. They are band-passed (differences of Gaussians, so that light that stays with the sensor does not count) and
 * registered against each other as a whole and block by block. The idea is that of suite2p's regDX, with shifts in the
 * place of principal components.
 */
#ifndef LIMPID_SCORE_MOTION_LOCAL_H
#define LIMPID_SCORE_MOTION_LOCAL_H

#include "score/motion_series.h"
#include "score/motion_sums.h"

enum { LOCAL_PAIRS = SUMS_MOST_GROUPS / 2, LOCAL_GRID = 4 };

typedef struct local_block {
    int64_t y, x; /* its middle in the image */
    double dy, dx, peak;
    bool is_used; /* there is structure enough to tell */
} local_block;

typedef struct local_pair {
    bool is_known;
    const char *by;          /* "dy", "dx", "time" */
    int64_t n_frames;        /* of each of the two means */
    double apart_px;         /* mean shift of one third from that of the other; NaN for time */
    double rigid_px, dy, dx; /* of the whole region */
    double local_mean_px, local_max_px;
    local_block blocks[LOCAL_GRID * LOCAL_GRID];
    int64_t n_blocks, n_used;
} local_pair;

typedef struct motion_local {
    bool is_known;
    int64_t rows, columns; /* of the grid */
    local_pair pairs[LOCAL_PAIRS];
    double rigid_px, local_px; /* the largest over the pairs */
} motion_local;

/* Sets the bits of the groups of each frame whose bit SUMS_COUNTS is set; which groups there are. `shifts` may be
 * NULL. */
LMP_CHECKED lmp_status motion_local_groups(const motion_series *shifts, int64_t n, uint8_t *groups, uint8_t *wanted,
                                           motion_local *made, lmp_error *err);

/* Registers the means of the groups. */
LMP_CHECKED lmp_status motion_local_measure(const motion_sums *sums, image_region region, pool *workers,
                                            lmp_budget *budget, motion_local *made, lmp_error *err);

#endif
