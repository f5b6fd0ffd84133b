/* SPDX-License-Identifier: BSD-3-Clause
 *
 * median.h: the middle of numbers, and other ranks.
 */
#ifndef LIMPID_MATH_MEDIAN_H
#define LIMPID_MATH_MEDIAN_H

#include <stdint.h>

/* The median of `count` numbers, none of them NaN; the mean of the two in the middle if there are two; 0 if count is 0.
 * Changes the order of `values`. */
double median_take(double *values, int64_t count);

/* The value of rank `rank` (0: the smallest, below count) of numbers, none of them NaN. Changes their order. */
double median_select(double *values, int64_t count, int64_t rank);

/* Robust standard deviation about zero: 1.4826 times the median of |values|. Overwrites `scratch`. */
double median_deviation(const double *values, int64_t count, double *scratch);

#endif
