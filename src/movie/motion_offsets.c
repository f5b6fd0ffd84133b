/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_offsets.c: robust least squares over pairs.
 */
#include "movie/motion_offsets.h"

#include <math.h>
#include <string.h>

enum { MOST = MOTION_MOST_STRETCHES, ROUNDS = 30 };

/* Residuals well below this keep their weight. At first that is much, so that pairs which are far off do not decide
 * which of the others are believed (graduated non-convexity, Blake and Zisserman, Visual Reconstruction, 1987). */
#define TOLERATED_PX    0.5
#define FIRST_TOLERATED 64.0
#define SHRINK          0.7

/* Solves the positive definite system by elimination without pivots. */
static void solve(double matrix[MOST][MOST], double right[MOST], int64_t n, double *x)
{
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = k + 1; i < n; i++) {
            const double factor = matrix[i][k] / matrix[k][k];
            for (int64_t j = k; j < n; j++) matrix[i][j] -= factor * matrix[k][j];
            right[i] -= factor * right[k];
        }
    for (int64_t i = n - 1; i >= 0; i--) {
        x[i] = right[i];
        for (int64_t j = i + 1; j < n; j++) x[i] -= matrix[i][j] * x[j];
        x[i] /= matrix[i][i];
    }
}

void motion_offsets(const offset_pair *pairs, int64_t n_pairs, int64_t n, double *offsets)
{
    memset(offsets, 0, (size_t)n * sizeof *offsets);
    double tolerated = FIRST_TOLERATED;
    for (int round = 0; round < ROUNDS; round++, tolerated = fmax(TOLERATED_PX, SHRINK * tolerated)) {
        double matrix[MOST][MOST], right[MOST] = {0}, total = 0;
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) matrix[i][j] = 1.0 / (double)n; /* fixes the mean at 0 */
        for (int64_t p = 0; p < n_pairs; p++) {
            const int64_t a = pairs[p].from, b = pairs[p].to;
            const double residual = (offsets[a] - offsets[b] - pairs[p].shift) / tolerated;
            const double trust = round == 0 ? 1 : 1 / (1 + residual * residual);
            const double w = pairs[p].weight * trust + 1e-12;
            matrix[a][a] += w;
            matrix[b][b] += w;
            matrix[a][b] -= w;
            matrix[b][a] -= w;
            right[a] += w * pairs[p].shift;
            right[b] -= w * pairs[p].shift;
            total += w;
        }
        if (!(total > 0)) return;
        solve(matrix, right, n, offsets);
    }
}
