/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_prior.h: how far a movie's tissue bends, over which distance, and how noisy its patches are.
 *
 * What is measured at node i is m_i = v_i + e_i: noise e_i of variance d_i, independent of its neighbours', and a
 * smooth field v whose covariance at nodes r steps apart is s^2 exp(-r^2 / 2 l^2). The covariances of measured
 * neighbours (c1) and next but one (c2), over some frames, tell s and l; how far three in a row lie off a straight line
 * tells d_i. Then the field expected from measurements is linear in them (Gaussian process regression, kriging):
 *
 *   v = S (S + diag d)^-1 m
 *
 * Where nothing bends, c1 is next to 0, and so is v: the frame moves as one.
 */
#ifndef LIMPID_MOVIE_MOTION_PRIOR_H
#define LIMPID_MOVIE_MOTION_PRIOR_H

#include "movie/motion_field.h"

typedef struct field_prior {
    double deviation; /* s */
    double length;    /* l, steps of the grid */
    double noise;     /* root of the mean of d */
} field_prior;

/* Measured fields, y of all nodes, then x, of each frame used. */
typedef struct field_sample {
    const float *values;
    const uint8_t *is_used;
    int64_t count;
    bool is_centred; /* about its mean: what has been averaged has no shape of its own */
} field_sample;

/* Fields also have what is expected one step beyond the measured nodes, on all sides: as much as these tell of it. */
field_grid prior_wide_grid(const field_grid *grid);

/* Doubles of `work`; floats of a smoother. */
int64_t prior_work_doubles(const field_grid *grid);
int64_t prior_smoother_floats(const field_grid *grid);

void prior_learn(const field_grid *grid, const field_sample *sample, double *work, float *smoother, field_prior *prior);

/* The field of one component: nodes of the wide grid. */
void prior_smooth(const field_grid *grid, const float *smoother, const float *measured, float *smooth);

/* While nothing is known of the movie: weights 1, 2, 1 along both axes, the outermost nodes repeated. */
void prior_smooth_blindly(const field_grid *grid, const float *measured, float *smooth);

#endif
