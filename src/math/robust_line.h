/* SPDX-License-Identifier: BSD-3-Clause
 *
 * robust_line.h: the slow curve that times recorded with errors lie on, as one clock runs against another.
 */
#ifndef LIMPID_MATH_ROBUST_LINE_H
#define LIMPID_MATH_ROBUST_LINE_H

#include <limpid/step.h>

/* t(k) = a0 + a1 u + a2 u^2, u = (k - centre) / half */
typedef struct robust_line {
    double centre, half;
    double a[3];
    double scale;   /* robust standard deviation of the residuals, at least the floor */
    bool is_curved; /* a2 is used */
    bool is_local;  /* a local drift is added: see robust_line_follow() */
} robust_line;

/* Standard deviation of the error of times that are rounded to whole samples: 1/sqrt(12), in samples. */
#define ROBUST_LINE_ROUNDING 0.29

/* Fits a line through n >= 1 points with ascending k. `floor`: smallest believable standard deviation of t. Fails only
 * for lack of memory. */
LMP_CHECKED lmp_status robust_line_fit(const double *k, const double *t, int64_t n, double floor, robust_line *line,
                                       lmp_error *err);

double robust_line_at(const robust_line *line, double k);

/* Fits a line, takes a parabola if that is clearly better, and follows slower drifts that remain in long series; then
 * gives the curve at the n_at ascending positions `at`. `line` tells what was used (its own value is without the local
 * drift). Fails only for lack of memory. */
LMP_CHECKED lmp_status robust_line_follow(const double *k, const double *t, int64_t n, double floor, const double *at,
                                          double *fitted, int64_t n_at, robust_line *line, lmp_error *err);

#endif
