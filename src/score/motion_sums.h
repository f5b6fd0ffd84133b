/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_sums.h: what one walk over a movie adds up for each pixel: its mean, its correlation with its neighbours, and
 * mean images of groups of frames. Memory does not depend on the number of frames.
 */
#ifndef LIMPID_SCORE_MOTION_SUMS_H
#define LIMPID_SCORE_MOTION_SUMS_H

#include "core/pool.h"
#include "score/motion_image.h"

#include <limpid/step.h>

/* Neighbours to the right and in the row below: each pair of pixels once. */
enum { SUMS_NEIGHBOURS = 4, SUMS_MOST_GROUPS = 6 };

typedef struct motion_sums {
    int64_t height, width, n;        /* n: frames that counted */
    float *origin;                   /* the first frame: values are counted from it */
    double *sum, *square;            /* of values from the origin */
    double *pairs[SUMS_NEIGHBOURS];  /* products with the neighbours; NULL: not wanted */
    double *group[SUMS_MOST_GROUPS]; /* sums over groups of frames; NULL: none */
    int64_t group_n[SUMS_MOST_GROUPS];
} motion_sums;

/* `groups`: bit g for each group that is wanted. */
LMP_CHECKED lmp_status motion_sums_open(int64_t height, int64_t width, uint8_t groups, lmp_budget *budget,
                                        motion_sums *made, lmp_error *err);
void motion_sums_close(motion_sums *sums, lmp_budget *budget);

/* Adds `count` frames, one behind the other. groups[i] has bit g set if frame i is in group g; bit SUMS_COUNTS if it
 * counts at all. The result does not depend on the number of workers. */
enum { SUMS_COUNTS = 7 };
void motion_sums_add(motion_sums *sums, pool *workers, const float *frames, const uint8_t *groups, int64_t count);

/* The mean image, of all frames that count or of group g. */
void motion_sums_mean(const motion_sums *sums, double *mean);
void motion_sums_group_mean(const motion_sums *sums, int64_t g, float *mean);

/* The mean of each pixel's correlations over time with its neighbours inside the region; NaN outside, and where a pixel
 * or all around it never change. */
void motion_sums_local_correlation(const motion_sums *sums, image_region region, double *local);

#endif
