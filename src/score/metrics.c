/* SPDX-License-Identifier: BSD-3-Clause
 *
 * metrics.c: the formulas of the quality metrics.
 */
#include "score/metrics.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Moves what is known to the front. */
static int64_t drop_unknown(double *values, int64_t n)
{
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(values[i])) values[known++] = values[i];
    return known;
}

double metric_median(double *values, int64_t n)
{
    n = drop_unknown(values, n);
    if (n == 0) return UNKNOWN;
    qsort(values, (size_t)n, sizeof *values, compare_doubles);
    const double low = values[(n - 1) / 2], high = values[n / 2];
    return low == high ? low : low + (high - low) / 2; /* equal infinities have no difference */
}

double metric_mean(const double *values, int64_t n)
{
    double sum = 0;
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(values[i])) continue;
        sum += values[i];
        known++;
    }
    return known > 0 ? sum / (double)known : UNKNOWN;
}

double metric_rms(const double *values, int64_t n)
{
    double sum = 0;
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(values[i])) continue;
        sum += values[i] * values[i];
        known++;
    }
    return known > 0 ? sqrt(sum / (double)known) : UNKNOWN;
}

double metric_decibel(double power_ratio)
{
    return power_ratio > 0 ? 10 * log10(power_ratio) : UNKNOWN;
}

double metric_change_percent(double now, double reference)
{
    return reference > 0 ? (now - reference) / reference * 100 : UNKNOWN;
}

double metric_signal_to_residue(double var_scan, double var_free)
{
    if (isnan(var_scan) || !(var_free > 0)) return UNKNOWN;
    return var_scan > var_free ? var_free / (var_scan - var_free) : ENDLESS;
}

/* ---- Pairs ---- */

void pair_sums_add(pair_sums *sums, const double *a, const double *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(a[i]) || !isfinite(b[i])) continue;
        if (sums->n == 0) {
            sums->a_origin = a[i];
            sums->b_origin = b[i];
        }
        const double x = a[i] - sums->a_origin, y = b[i] - sums->b_origin, d = x - y;
        sums->a += x;
        sums->b += y;
        sums->aa += x * x;
        sums->bb += y * y;
        sums->ab += x * y;
        sums->d += d;
        sums->dd += d * d;
        sums->n++;
    }
}

static double variance(double sum, double squares, double n)
{
    return n > 0 ? fmax(squares / n - sum / n * (sum / n), 0) : UNKNOWN;
}

double pair_sums_error(const pair_sums *sums)
{
    return sqrt(variance(sums->d, sums->dd, (double)sums->n));
}

double pair_sums_deviation_b(const pair_sums *sums)
{
    return sqrt(variance(sums->b, sums->bb, (double)sums->n));
}

double pair_sums_correlation(const pair_sums *sums)
{
    const double n = (double)sums->n;
    const double of_a = variance(sums->a, sums->aa, n), of_b = variance(sums->b, sums->bb, n);
    if (!(of_a > 0) || !(of_b > 0)) return UNKNOWN;
    return (sums->ab / n - sums->a / n * (sums->b / n)) / sqrt(of_a * of_b);
}
