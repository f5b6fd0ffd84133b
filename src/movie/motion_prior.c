/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_prior.c: how far a movie's tissue bends, over which distance, and how noisy its patches are.
 */
#include "movie/motion_prior.h"

#include <math.h>
#include <string.h>

/* Steps of the grid: a field is neither rougher than its patches nor smoother than this. */
static const double LEAST_LENGTH = 1.2, MOST_LENGTH = 20;
/* Neighbours share pixels, and some of their noise, which lines through three of them do not show. On two
 * simulated bends 3 and 8 did as well, and 1 had errors 5 to 8 % larger than 3. */
static const double SHARED = 5;
/* Weak patches have correlations of their neighbours in their own: so much of the noise may look like a field. */
static const double DOUBTFUL = 0.04;
/* Noise is at least so much of the mean over all nodes. */
static const double LEAST_NOISE = 0.1;

static int64_t count_of(const field_grid *g)
{
    return g->rows * g->columns;
}

/* The matrix, mean and variance of each node. */
int64_t prior_work_doubles(const field_grid *grid)
{
    const int64_t n = count_of(grid);
    return n * n + 4 * n;
}

int64_t prior_smoother_floats(const field_grid *grid)
{
    const field_grid wide = prior_wide_grid(grid);
    return count_of(&wide) * count_of(grid);
}

field_grid prior_wide_grid(const field_grid *g)
{
    return (field_grid){.rows = g->rows + 2,
                        .columns = g->columns + 2,
                        .first_y = g->first_y - g->step_y,
                        .first_x = g->first_x - g->step_x,
                        .step_y = g->step_y,
                        .step_x = g->step_x};
}

/* ---- Covariances ---- */

static int64_t find_means(const field_sample *s, int64_t n_values, double *mean)
{
    int64_t n_used = 0;
    memset(mean, 0, (size_t)n_values * sizeof *mean);
    for (int64_t t = 0; t < s->count; t++) {
        if (!s->is_used[t]) continue;
        n_used++;
        for (int64_t i = 0; i < n_values; i++) mean[i] += (double)s->values[t * n_values + i];
    }
    for (int64_t i = 0; i < n_values; i++) mean[i] = s->is_centred && n_used > 0 ? mean[i] / (double)n_used : 0;
    return n_used;
}

/* Sums over pairs of nodes (j, i), (j + down, i + right), each weighted by what it tells. */
typedef struct pair_sums {
    double products, weights;
} pair_sums;

static void add_pairs(const field_grid *g, const float *values, const double *mean, const double *noise, int64_t down,
                      int64_t right, pair_sums *sums)
{
    const int64_t n = count_of(g), off = down * g->columns + right;
    for (int64_t j = 0; j + down < g->rows; j++)
        for (int64_t i = 0; i + right < g->columns; i++) {
            const int64_t at = j * g->columns + i, to = at + off;
            if (!(noise[at] > 0) || !(noise[to] > 0)) continue;
            const double weight = 1 / (noise[at] * noise[to]);
            for (int64_t k = 0; k < 2 * n; k += n)
                sums->products +=
                    weight * ((double)values[k + at] - mean[k + at]) * ((double)values[k + to] - mean[k + to]);
            sums->weights += 2 * weight;
        }
}

static double covariance(const field_grid *g, const field_sample *s, const double *mean, const double *noise,
                         int64_t steps)
{
    pair_sums sums = {0, 0};
    for (int64_t t = 0; t < s->count; t++) {
        const float *values = s->values + t * 2 * count_of(g);
        if (!s->is_used[t]) continue;
        add_pairs(g, values, mean, noise, steps, 0, &sums);
        add_pairs(g, values, mean, noise, 0, steps, &sums);
    }
    return sums.weights > 0 ? sums.products / sums.weights : 0;
}

/* What three nodes in a row, `step` apart, differ by from a straight line: of variance 6 d in each component. */
static double bent_by(const field_sample *s, int64_t n, const double *mean, int64_t middle, int64_t step)
{
    double sum = 0;
    for (int64_t t = 0; t < s->count; t++)
        for (int64_t k = 0; k < 2 * n && s->is_used[t]; k += n) {
            const float *values = s->values + t * 2 * n + k + middle;
            const double *about = mean + k + middle;
            const double off = (double)values[-step] - about[-step] + (double)values[step] - about[step] -
                               2 * ((double)values[0] - about[0]);
            sum += off * off;
        }
    return sum;
}

static int64_t inner(int64_t i, int64_t n)
{
    return i < 1 ? 1 : i > n - 2 ? n - 2 : i;
}

/* Variance of the noise at each node: from the rows and columns of three that it is in the middle of, or at the end. */
static void find_noise(const field_grid *g, const field_sample *s, const double *mean, int64_t n_used, double *noise)
{
    const int64_t n = count_of(g);
    for (int64_t i = 0; i < n; i++) {
        const int64_t row = i / g->columns, column = i % g->columns;
        double sum = 0, count = 0;
        if (g->rows > 2) {
            sum += bent_by(s, n, mean, inner(row, g->rows) * g->columns + column, g->columns);
            count += 12 * (double)n_used;
        }
        if (g->columns > 2) {
            sum += bent_by(s, n, mean, row * g->columns + inner(column, g->columns), 1);
            count += 12 * (double)n_used;
        }
        noise[i] = count > 0 ? SHARED * sum / count : 1;
    }
}

/* From c1 = s^2 exp(-1 / 2 l^2) and c2 = s^2 exp(-4 / 2 l^2). Patches beside each other share pixels, and so some of
 * their noise: what the next but one does not confirm does not count. */
static void find_shape(double c1, double c2, double noise, field_prior *prior)
{
    *prior = (field_prior){0, LEAST_LENGTH, 0};
    if (!(c1 > 0) || !(c2 > 0)) return;
    const double ratio = log(c1 / c2), length = ratio > 0 ? sqrt(1.5 / ratio) : MOST_LENGTH;
    prior->length = fmin(fmax(length, LEAST_LENGTH), MOST_LENGTH);
    const double from = length < LEAST_LENGTH ? c2 : c1, steps = length < LEAST_LENGTH ? 2 : 1;
    const double variance = from * exp(steps * steps / (2 * prior->length * prior->length));
    prior->deviation = sqrt(fmax(0, variance - DOUBTFUL * noise));
}

/* ---- Regression ---- */

/* Of nodes so many rows and columns apart. */
static double expected(const field_prior *p, int64_t down, int64_t right)
{
    return p->deviation * p->deviation * exp(-(double)(down * down + right * right) / (2 * p->length * p->length));
}

/* The lower triangle of S + D becomes that of its Cholesky factor. */
static void factorise(int64_t n, double *a)
{
    for (int64_t j = 0; j < n; j++) {
        for (int64_t k = 0; k < j; k++) a[j * n + j] -= a[j * n + k] * a[j * n + k];
        a[j * n + j] = sqrt(fmax(a[j * n + j], 1e-300));
        for (int64_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (int64_t k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = sum / a[j * n + j];
        }
    }
}

static void solve(int64_t n, const double *a, double *x)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < i; k++) x[i] -= a[i * n + k] * x[k];
        x[i] /= a[i * n + i];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < n; k++) x[i] -= a[k * n + i] * x[k];
        x[i] /= a[i * n + i];
    }
}

/* The weights of all measurements in a node of the wide grid solve (S + D) w = (its covariances with them). */
static void fill_smoother(const field_grid *g, const field_prior *p, const double *noise, double *matrix, double *x,
                          float *smoother)
{
    const field_grid wide = prior_wide_grid(g);
    const int64_t n = count_of(g), n_wide = count_of(&wide), c = g->columns;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            matrix[i * n + j] = expected(p, i / c - j / c, i % c - j % c) + (i == j ? noise[i] : 0);
    factorise(n, matrix);
    for (int64_t i = 0; i < n_wide; i++) {
        for (int64_t j = 0; j < n; j++) x[j] = expected(p, i / wide.columns - 1 - j / c, i % wide.columns - 1 - j % c);
        solve(n, matrix, x);
        for (int64_t j = 0; j < n; j++) smoother[j * n_wide + i] = (float)x[j];
    }
}

void prior_learn(const field_grid *grid, const field_sample *sample, double *work, float *smoother, field_prior *prior)
{
    const int64_t n = count_of(grid);
    double *matrix = work, *mean = work + n * n, *noise = mean + 2 * n, *x = noise + n, sum = 0;
    const int64_t n_used = find_means(sample, 2 * n, mean);
    memset(smoother, 0, (size_t)prior_smoother_floats(grid) * sizeof *smoother);
    *prior = (field_prior){0};
    if (n_used == 0) return;
    find_noise(grid, sample, mean, n_used, noise);
    for (int64_t i = 0; i < n; i++) sum += noise[i];
    const double c1 = covariance(grid, sample, mean, noise, 1), c2 = covariance(grid, sample, mean, noise, 2);
    find_shape(c1, c2, sum / (double)n, prior);
    prior->noise = sqrt(sum / (double)n);
    if (!(prior->deviation > 0)) return;
    const double least = fmax(LEAST_NOISE * sum / (double)n, 1e-6 * prior->deviation * prior->deviation);
    for (int64_t i = 0; i < n; i++) noise[i] = fmax(noise[i], least);
    fill_smoother(grid, prior, noise, matrix, x, smoother);
}

/* ---- Smoothing ---- */

void prior_smooth(const field_grid *grid, const float *smoother, const float *measured, float *smooth)
{
    const field_grid wide = prior_wide_grid(grid);
    const int64_t n = count_of(grid), n_wide = count_of(&wide);
    memset(smooth, 0, (size_t)n_wide * sizeof *smooth);
    for (int64_t j = 0; j < n; j++) {
        const float value = measured[j], *column = smoother + j * n_wide;
        for (int64_t i = 0; i < n_wide; i++) smooth[i] += value * column[i];
    }
}

static int64_t nearest(int64_t i, int64_t n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

void prior_smooth_blindly(const field_grid *grid, const float *measured, float *smooth)
{
    for (int64_t j = -1; j <= grid->rows; j++)
        for (int64_t i = -1; i <= grid->columns; i++) {
            float sum = 0;
            for (int64_t y = -1; y <= 1; y++)
                for (int64_t x = -1; x <= 1; x++)
                    sum += (y == 0 ? 2.0F : 1.0F) * (x == 0 ? 2.0F : 1.0F) *
                           measured[nearest(j + y, grid->rows) * grid->columns + nearest(i + x, grid->columns)];
            smooth[(j + 1) * (grid->columns + 2) + i + 1] = sum / 16;
        }
}
