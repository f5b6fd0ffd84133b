/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stripe_lines.h: what the pixels of a line have above their neighbours in other lines, in double.
 */
#ifndef LIMPID_KERNELS_STRIPE_LINES_H
#define LIMPID_KERNELS_STRIPE_LINES_H

#include <stdint.h>

/* A line, and what is taken from all of its pixels. */
typedef struct stripe_line {
    const float *values;
    double less;
} stripe_line;

/* What is known of the columns of a window. */
typedef struct stripe_columns {
    double *sums, *missing; /* of lines; how many of their pixels were NaN or infinite, and counted as 0 */
    const double *moments;
    double share, tilt; /* background: sums * share + moments * tilt; without moments if tilt is 0 */
} stripe_columns;

/* rests[x]: line[x] less the middle one of three lines; NaN where one of them is NaN or infinite. */
void stripe_above_middle(const float *line, const float *const three[3], int64_t n, double *rests);

/* The columns lose one line and gain another; `leaves` NULL: nothing leaves. */
void stripe_slide(const stripe_columns *columns, const stripe_line *leaves, const stripe_line *enters, int64_t n);

/* rests[x]: line[x] less the background; NaN where pixels are missing in the column. */
void stripe_above_columns(const stripe_columns *columns, const float *line, int64_t n, double *rests);

/* How many of n values are less than `low`, and how many at most `high`. */
typedef struct stripe_counts {
    int64_t below, up_to;
} stripe_counts;
stripe_counts stripe_count(const double *values, int64_t n, double low, double high);

/* Plain references: the same values. */
void stripe_above_middle_plain(const float *line, const float *const three[3], int64_t n, double *rests);
void stripe_slide_plain(const stripe_columns *columns, const stripe_line *leaves, const stripe_line *enters, int64_t n);
void stripe_above_columns_plain(const stripe_columns *columns, const float *line, int64_t n, double *rests);
stripe_counts stripe_count_plain(const double *values, int64_t n, double low, double high);

#endif
