/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trend.h: slow curves through one number a frame.
 */
#ifndef LIMPID_MOVIE_TREND_H
#define LIMPID_MOVIE_TREND_H

#include <stdint.h>

/* y[t] = base + height * shape(t): a straight line (shape t - (n - 1) / 2), or exp(-rate t). */
typedef struct trend {
    double base, height, rate;
} trend;

/* Least squares through `values`, of which NaN are left out; base alone if there are too few. */
trend trend_fit_line(const double *values, int64_t n);

/* The rate is searched between a tenth of a fall over the whole and a fall within a hundredth of it, where base and
 * height follow from least squares (variable projection: G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10, 1973). */
trend trend_fit_exponential(const double *values, int64_t n);

double trend_line_at(const trend *curve, int64_t n, int64_t t);
double trend_exponential_at(const trend *curve, int64_t t);

#endif
