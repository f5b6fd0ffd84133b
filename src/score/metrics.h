/* SPDX-License-Identifier: BSD-3-Clause
 *
 * metrics.h: the formulas of the quality metrics, on plain numbers. NaN is "unknown" in and out; nothing has a floor,
 * so no result depends on the unit.
 */
#ifndef LIMPID_SCORE_METRICS_H
#define LIMPID_SCORE_METRICS_H

#include <math.h>
#include <stdint.h>

#define UNKNOWN ((double)NAN)
#define ENDLESS ((double)INFINITY)

/* Over what is known: NaN values are left out; NaN if nothing is known. The median sorts its values. */
double metric_median(double *values, int64_t n);
double metric_mean(const double *values, int64_t n);
double metric_rms(const double *values, int64_t n);

/* 10 log10 of a ratio of powers; NaN unless it is positive. */
double metric_decibel(double power_ratio);

/* (now - reference) / reference in percent. */
double metric_change_percent(double now, double reference);

/* Signal to residue: what is left of the artifact is the variance that the scan has more than the scan-free part, so
 * var_free / (var_scan - var_free). INFINITY if the scan has no more: no residue can be measured. */
double metric_signal_to_residue(double var_scan, double var_free);

/* Sums over pairs of values, for their difference and correlation. Each is counted from its first value. */
typedef struct pair_sums {
    double a_origin, b_origin;
    double a, b, aa, bb, ab, d, dd; /* d = a - b, from the first difference */
    int64_t n;
} pair_sums;

/* Pairs with a value that is not finite are left out. */
void pair_sums_add(pair_sums *sums, const double *a, const double *b, int64_t count);
double pair_sums_error(const pair_sums *sums);       /* standard deviation of a - b */
double pair_sums_deviation_b(const pair_sums *sums); /* standard deviation of b */
double pair_sums_correlation(const pair_sums *sums); /* Pearson's r; NaN if a or b is constant */

#endif
