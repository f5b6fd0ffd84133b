/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stripe_lines.h: what the pixels of a line have above their neighbours in other lines, in double.
 */
#ifndef LIMPID_KERNELS_STRIPE_LINES_H
#define LIMPID_KERNELS_STRIPE_LINES_H

#include <stdint.h>

/* A line and what is taken from all of its pixels. */
typedef struct stripe_line {
    const float *values;
    double less;
} stripe_line;

/* rests[x]: line[x] less the middle one of a[x], b[x] and c[x]; any value where one of these is NaN or infinite. */
void stripe_above_middle(const float *line, const float *const three[3], int64_t n, double *rests);

/* Sums of columns lose one line and gain another, each without what it has `less`; `leaves` NULL: nothing leaves. Values
 * that are NaN or infinite count as 0, and in `missing`. */
void stripe_slide(const stripe_line *enters, const stripe_line *leaves, int64_t n, double *sums, double *missing);

/* rests[x]: line[x] less sums[x] / lines, and less moments[x] / squares * away unless `away` is 0. */
void stripe_above_sums(const float *line, const double *sums, double lines, const double *moments, double squares,
                       double away, int64_t n, double *rests);

/* Plain references: the same values. */
void stripe_above_middle_plain(const float *line, const float *const three[3], int64_t n, double *rests);
void stripe_slide_plain(const stripe_line *enters, const stripe_line *leaves, int64_t n, double *sums, double *missing);
void stripe_above_sums_plain(const float *line, const double *sums, double lines, const double *moments, double squares,
                             double away, int64_t n, double *rests);

#endif
