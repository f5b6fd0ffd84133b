/* SPDX-License-Identifier: BSD-3-Clause
 *
 * extremes.h: lowest and highest values, and what else is told of a stretch of one channel. Plain functions on arrays.
 */
#ifndef LIMPID_VIEWER_EXTREMES_H
#define LIMPID_VIEWER_EXTREMES_H

#include <stdint.h>

/* Lowest and highest number as float32, rounded outward so that nothing is hidden; both NaN if there is none. */
typedef struct extremes {
    float low, high;
} extremes;

/* While numbers are gathered: low above high says that none has come yet. */
typedef struct bounds {
    double low, high;
} bounds;

bounds bounds_none(void);
/* Takes in `count` values; NaN is left out. */
bounds bounds_widen(bounds b, const double *values, int64_t count);
bounds bounds_join(bounds b, extremes e);
bounds bounds_unite(bounds a, bounds b);
extremes bounds_round(bounds b);

/* What a stretch of a channel says about it; stretches join in the order of time. */
typedef struct channel_sums {
    double low, high;      /* infinite if there is no number */
    double mean, squares;  /* of the numbers; sum of squared differences from their mean */
    int64_t n, n_nan;      /* numbers, NaNs */
    int64_t n_low, n_high; /* numbers that equal low, high */
    int64_t n_flat;        /* numbers that equal the sample before */
} channel_sums;

channel_sums sums_none(void);
/* Of values[0] to values[count - 1], whose bounds are known; values[-1] is the sample before if has_before. */
channel_sums sums_of(const double *values, int64_t count, int has_before, bounds b);
channel_sums sums_join(channel_sums a, channel_sums b);

#endif
