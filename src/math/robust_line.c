/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Robust lines and parabolas through the times of a clock.
 *
 * Start: the slope is the median of slopes between points half a series apart, the offset the median of what remains
 * (Theil 1950, Proc. K. Ned. Akad. Wet. 53; Sen 1968, J. Am. Stat. Assoc. 63:1379, with n/2 pairs instead of all).
 * Then iteratively reweighted least squares with Huber's weights (Huber 1964, Ann. Math. Stat. 35:73),
 *
 *   w = 1 / max(1, |r| / (1.5 s)),   s = max(1.4826 median |r|, floor).
 *
 * Rounding makes residuals that are not random: if the period is almost a whole number of samples they form a slow
 * sawtooth, which a parabola or a local fit would take for drift. So the error of the curvature is widened by the
 * residuals' own correlation, (1 + rho) / (1 - rho) (Bartlett 1935, J. R. Stat. Soc. 98:536), and local drift is
 * followed only where residuals are larger than rounding can make them.
 *
 * Sums run in the order of the points, so results do not depend on how the work is shared.
 */
#include "math/robust_line.h"

#include "math/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HUBER_TURN    1.5
#define MOST_ROUNDS   20
#define CONVERGED     1e-6 /* of the scale's floor */
#define LEAST_CURVED  8    /* points a parabola needs */
#define CURVED_ERRORS 4.0  /* standard errors that its bend must exceed */
#define CURVED_FLOORS 0.17 /* and floors: 0.05 samples for rounded times */
#define RUN           25   /* points in a mean that shows local drift */
#define LEAST_RUNS    4
#define LOCAL_REACH   50   /* half width of the local fit, in units of k */
#define BEYOND_FLOORS 2.6  /* a residual that rounding does not make: 0.75 samples */
#define BEYOND_SHARE  0.01 /* how many of them there must be */

/* Sums of a least-squares problem with up to three unknowns. */
typedef struct normal_equations {
    double a[3][3], b[3];
    int n;
} normal_equations;

static void add_point(normal_equations *eq, double u, double weight, double t)
{
    double power[3] = {1.0, u, u * u};
    for (int i = 0; i < eq->n; i++) {
        for (int j = 0; j < eq->n; j++) eq->a[i][j] += weight * power[i] * power[j];
        eq->b[i] += weight * power[i] * t;
    }
}

/* Gaussian elimination of a positive definite system; false if it is singular. */
static bool solve(normal_equations eq, double x[3])
{
    for (int i = 0; i < eq.n; i++) {
        if (!(eq.a[i][i] > 0.0)) return false;
        for (int r = i + 1; r < eq.n; r++) {
            double factor = eq.a[r][i] / eq.a[i][i];
            for (int c = i; c < eq.n; c++) eq.a[r][c] -= factor * eq.a[i][c];
            eq.b[r] -= factor * eq.b[i];
        }
    }
    for (int i = eq.n - 1; i >= 0; i--) {
        x[i] = eq.b[i];
        for (int c = i + 1; c < eq.n; c++) x[i] -= eq.a[i][c] * x[c];
        x[i] /= eq.a[i][i];
    }
    return true;
}

static double place(const robust_line *line, double k)
{
    return (k - line->centre) / line->half;
}

double robust_line_at(const robust_line *line, double k)
{
    double u = place(line, k);
    return line->a[0] + u * (line->a[1] + u * line->a[2]);
}

static void find_residuals(const robust_line *line, const double *k, const double *t, int64_t n, double *residual)
{
    for (int64_t i = 0; i < n; i++) residual[i] = t[i] - robust_line_at(line, k[i]);
}

static void start_line(robust_line *line, const double *k, const double *t, int64_t n, double *scratch)
{
    int64_t half = n / 2;
    line->centre = (k[0] + k[n - 1]) / 2.0;
    line->half = fmax((k[n - 1] - k[0]) / 2.0, 1.0);
    memset(line->a, 0, sizeof line->a);
    for (int64_t i = 0; i < n - half; i++)
        scratch[i] = n > 1 ? (t[i + half] - t[i]) / (place(line, k[i + half]) - place(line, k[i])) : 0.0;
    line->a[1] = median_take(scratch, n - half);
    for (int64_t i = 0; i < n; i++) scratch[i] = t[i] - line->a[1] * place(line, k[i]);
    line->a[0] = median_take(scratch, n);
}

/* Huber's iterations, from what is in `line`; leaves its residuals and their scale. */
static void reweight(robust_line *line, const double *k, const double *t, int64_t n, double floor, double *residual,
                     double *scratch)
{
    for (int round = 0; round < MOST_ROUNDS && n > 2; round++) {
        find_residuals(line, k, t, n, residual);
        double s = fmax(median_deviation(residual, n, scratch), floor), change = 0.0, step[3] = {0};
        normal_equations eq = {.n = line->is_curved ? 3 : 2};
        for (int64_t i = 0; i < n; i++)
            add_point(&eq, place(line, k[i]), 1.0 / fmax(1.0, fabs(residual[i]) / (HUBER_TURN * s)), residual[i]);
        if (!solve(eq, step)) break;
        for (int i = 0; i < eq.n; i++) {
            line->a[i] += step[i];
            change = fmax(change, fabs(step[i]));
        }
        if (change < CONVERGED * floor) break;
    }
    find_residuals(line, k, t, n, residual);
    line->scale = fmax(median_deviation(residual, n, scratch), floor);
}

/* Correlation of neighbouring residuals, within 0 and almost 1. */
static double neighbour_correlation(const double *residual, int64_t n)
{
    double own = 0.0, cross = 0.0;
    for (int64_t i = 0; i < n; i++) own += residual[i] * residual[i];
    for (int64_t i = 1; i < n; i++) cross += residual[i] * residual[i - 1];
    return own > 0.0 ? fmin(fmax(cross / own, 0.0), 0.999) : 0.0;
}

static bool is_bend_real(const robust_line *line, const double *k, const double *residual, int64_t n, double floor)
{
    normal_equations eq = {.n = 3, .b = {0.0, 0.0, 1.0}};
    double inverse[3] = {0}, rho = neighbour_correlation(residual, n);
    for (int64_t i = 0; i < n; i++) add_point(&eq, place(line, k[i]), 1.0, 0.0);
    if (!solve(eq, inverse)) return false;
    double error = line->scale * sqrt(inverse[2] * (1.0 + rho) / (1.0 - rho));
    return fabs(line->a[2]) > CURVED_ERRORS * error && fabs(line->a[2]) > CURVED_FLOORS * floor;
}

static double clip(double value, double limit)
{
    return fmin(fmax(value, -limit), limit);
}

/* Means of neighbouring residuals that are too large to be chance, and residuals too large to be rounding. */
static bool drifts_locally(const double *residual, int64_t n, double scale, double floor)
{
    int64_t runs = n / RUN, beyond = 0;
    double square = 0.0;
    if (runs < LEAST_RUNS) return false;
    for (int64_t i = 0; i < runs; i++) {
        double mean = 0.0;
        for (int64_t j = 0; j < RUN; j++) mean += clip(residual[i * RUN + j], 3.0 * scale) / RUN;
        square += mean * mean;
    }
    for (int64_t i = 0; i < n; i++) beyond += fabs(residual[i]) > BEYOND_FLOORS * floor;
    return square / (double)runs > 3.0 * scale * scale / RUN && (double)beyond > BEYOND_SHARE * (double)n;
}

/* A line through the residuals of points [first, last) near k, with Hann weights, at k. */
static double local_line(const double *k, const double *residual, int64_t first, int64_t last, double at, double limit)
{
    normal_equations eq = {.n = 2};
    double x[3] = {0};
    for (int64_t i = first; i < last; i++) {
        double u = (k[i] - at) / (LOCAL_REACH + 1.0);
        add_point(&eq, u, 0.5 + 0.5 * cos(M_PI * u), clip(residual[i], limit));
    }
    double spread = eq.a[0][0] * eq.a[1][1] - eq.a[0][1] * eq.a[0][1];
    if (spread > 1e-9 * eq.a[0][0] * eq.a[1][1] && solve(eq, x)) return x[0];
    return eq.a[0][0] > 0.0 ? eq.b[0] / eq.a[0][0] : 0.0;
}

static void add_local(const robust_line *line, const double *k, const double *residual, int64_t n, const double *at,
                      double *fitted, int64_t n_at)
{
    int64_t first = 0, last = 0;
    for (int64_t i = 0; i < n_at; i++) {
        while (first < n && k[first] < at[i] - LOCAL_REACH) first++;
        while (last < n && k[last] <= at[i] + LOCAL_REACH) last++;
        fitted[i] += local_line(k, residual, first, last, at[i], 3.0 * line->scale);
    }
}

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to fit trigger times");
}

lmp_status robust_line_fit(const double *k, const double *t, int64_t n, double floor, robust_line *line, lmp_error *err)
{
    double *residual = malloc(2 * (size_t)n * sizeof *residual);
    if (residual == NULL) return no_memory(err);
    *line = (robust_line){0};
    start_line(line, k, t, n, residual);
    reweight(line, k, t, n, floor, residual, residual + n);
    free(residual);
    return LMP_OK;
}

lmp_status robust_line_follow(const double *k, const double *t, int64_t n, double floor, const double *at,
                              double *fitted, int64_t n_at, robust_line *line, lmp_error *err)
{
    double *residual = malloc(3 * (size_t)n * sizeof *residual);
    if (residual == NULL) return no_memory(err);
    double *curved_residual = residual + n, *scratch = residual + 2 * n;
    *line = (robust_line){0};
    start_line(line, k, t, n, scratch);
    reweight(line, k, t, n, floor, residual, scratch);
    if (n >= LEAST_CURVED) {
        robust_line curved = *line;
        curved.is_curved = true;
        reweight(&curved, k, t, n, floor, curved_residual, scratch);
        if (is_bend_real(&curved, k, curved_residual, n, floor)) {
            *line = curved;
            memcpy(residual, curved_residual, (size_t)n * sizeof *residual);
        }
    }
    for (int64_t i = 0; i < n_at; i++) fitted[i] = robust_line_at(line, at[i]);
    line->is_local = drifts_locally(residual, n, line->scale, floor);
    if (line->is_local) add_local(line, k, residual, n, at, fitted, n_at);
    free(residual);
    return LMP_OK;
}
