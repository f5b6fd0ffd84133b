/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_errors.h: how far estimated shifts are from the known displacement.
 *
 * A shift is the correction, minus the displacement plus a constant, since no estimate can know where "unmoved" is. So
 * e[t] = shift[t] + truth[t] without its mean (or median) over the frames that count.
 */
#ifndef LIMPID_SCORE_MOTION_ERRORS_H
#define LIMPID_SCORE_MOTION_ERRORS_H

#include "score/motion_series.h"

/* NaN: unknown. */
typedef struct error_spread {
    double mean_px, p95_px, max_px, rmse_px; /* of |e| */
} error_spread;

typedef struct axis_errors {
    error_spread by_mean, by_median; /* after the mean or the median is removed */
    double mean_px, median_px;       /* the constant */
    double slope;                    /* regression of the shift on minus the truth: below 1, something holds it back */
    double step_px;                  /* standard deviation of the error's step from a frame to the next */
} axis_errors;

typedef struct motion_errors {
    int64_t n; /* frames that count */
    axis_errors axes[MOTION_AXES];
    error_spread by_mean, by_median; /* of the length of (ey, ex) */
    double *error_px[MOTION_AXES];   /* of each frame, without the mean; NaN where it does not count */
} motion_errors;

/* Over all frames whose shift is known, or those that are not flagged. Series of equal length. */
LMP_CHECKED lmp_status motion_errors_make(const motion_series *shifts, const motion_series *truth, bool with_flagged,
                                          motion_errors *made, lmp_error *err);
void motion_errors_clear(motion_errors *errors);

/* Between the values of a sorted list: q 0 the first, 1 the last. NaN if there is none. */
double sorted_quantile(const double *sorted, int64_t n, double q);

#endif
