/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_errors.c: how far estimated shifts are from the known displacement.
 */
#include "score/motion_errors.h"

#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

double sorted_quantile(const double *sorted, int64_t n, double q)
{
    if (n < 1) return UNKNOWN;
    const double at = q * (double)(n - 1);
    const int64_t below = (int64_t)at, above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

/* Sorts `sizes`, all of them known. */
static error_spread spread_of(double *sizes, int64_t n)
{
    error_spread s = {.mean_px = metric_mean(sizes, n), .rmse_px = metric_rms(sizes, n)};
    (void)metric_median(sizes, n); /* sorts */
    s.p95_px = sorted_quantile(sizes, n, 0.95);
    s.max_px = sorted_quantile(sizes, n, 1);
    return s;
}

static error_spread axis_spread(const double *raw, int64_t n, double constant, double *scratch)
{
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(raw[i])) scratch[known++] = fabs(raw[i] - constant);
    return spread_of(scratch, known);
}

static error_spread both_spread(double *const raw[MOTION_AXES], int64_t n, double y, double x, double *scratch)
{
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(raw[0][i])) scratch[known++] = hypot(raw[0][i] - y, raw[1][i] - x);
    return spread_of(scratch, known);
}

/* Least squares of the shift on minus the truth. */
static double slope_of(const double *error, const double *truth, int64_t n)
{
    double mean_t = 0, mean_e = 0, te = 0, tt = 0;
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(error[i])) continue;
        mean_t += truth[i];
        mean_e += error[i];
        known++;
    }
    mean_t /= (double)known;
    mean_e /= (double)known;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(error[i])) continue;
        te += (truth[i] - mean_t) * (error[i] - mean_e);
        tt += (truth[i] - mean_t) * (truth[i] - mean_t);
    }
    /* shift = error - truth */
    return tt > 0 ? 1 - te / tt : UNKNOWN;
}

/* Over neighbours that both count. */
static double step_of(const double *error, int64_t n)
{
    double sum = 0, squares = 0;
    int64_t known = 0;
    for (int64_t i = 1; i < n; i++) {
        const double step = error[i] - error[i - 1];
        if (isnan(step)) continue;
        sum += step;
        known++;
    }
    const double mean = sum / (double)known;
    for (int64_t i = 1; i < n; i++) {
        const double step = error[i] - error[i - 1] - mean;
        if (!isnan(step)) squares += step * step;
    }
    return known > 0 ? sqrt(squares / (double)known) : UNKNOWN;
}

static void measure_axis(axis_errors *axis, const double *raw, const double *truth, int64_t n, double *scratch)
{
    memcpy(scratch, raw, (size_t)n * sizeof *raw);
    axis->median_px = metric_median(scratch, n);
    axis->mean_px = metric_mean(raw, n);
    axis->by_mean = axis_spread(raw, n, axis->mean_px, scratch);
    axis->by_median = axis_spread(raw, n, axis->median_px, scratch);
    axis->slope = slope_of(raw, truth, n);
    axis->step_px = step_of(raw, n);
}

static void measure(motion_errors *m, const motion_series *truth, double *scratch)
{
    const int64_t n = truth->n;
    for (int a = 0; a < MOTION_AXES; a++) measure_axis(&m->axes[a], m->error_px[a], truth->px[a], n, scratch);
    m->by_mean = both_spread(m->error_px, n, m->axes[0].mean_px, m->axes[1].mean_px, scratch);
    m->by_median = both_spread(m->error_px, n, m->axes[0].median_px, m->axes[1].median_px, scratch);
    for (int a = 0; a < MOTION_AXES; a++)
        for (int64_t i = 0; i < n; i++) m->error_px[a][i] -= m->axes[a].mean_px;
}

static bool counts(const motion_series *shifts, const motion_series *truth, int64_t i, bool with_flagged)
{
    if (shifts->is_flagged[i] && !with_flagged) return false;
    return isfinite(shifts->px[0][i] + shifts->px[1][i] + truth->px[0][i] + truth->px[1][i]);
}

lmp_status motion_errors_make(const motion_series *shifts, const motion_series *truth, bool with_flagged,
                              motion_errors *made, lmp_error *err)
{
    const int64_t n = shifts->n;
    motion_errors m = {0};
    double *scratch = calloc((size_t)n + 1, sizeof *scratch);
    for (int a = 0; a < MOTION_AXES; a++) m.error_px[a] = calloc((size_t)n + 1, sizeof *m.error_px[a]);
    if (scratch == NULL || m.error_px[0] == NULL || m.error_px[1] == NULL) {
        motion_errors_clear(&m);
        free(scratch);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the errors of %lld frames",
                        (long long)n);
    }
    for (int64_t i = 0; i < n; i++) {
        const bool known = counts(shifts, truth, i, with_flagged);
        m.n += known;
        for (int a = 0; a < MOTION_AXES; a++) m.error_px[a][i] = known ? shifts->px[a][i] + truth->px[a][i] : UNKNOWN;
    }
    measure(&m, truth, scratch);
    free(scratch);
    *made = m;
    return LMP_OK;
}

void motion_errors_clear(motion_errors *m)
{
    for (int a = 0; a < MOTION_AXES; a++) free(m->error_px[a]);
    *m = (motion_errors){0};
}
