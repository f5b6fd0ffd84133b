/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca_randomised.c: Halko, Martinsson & Tropp, "Finding structure with randomness" (2011), algorithms 4.4 and 5.1: Y =
 * A O for normal random O, orthonormal; twice Z = A^T Q, made well-conditioned, and Y = A Z, orthonormal.
 */
#include "movie/pca_learn.h"

#include "kernels/panel.h"
#include "math/dense.h"

#include <math.h>
#include <string.h>

/* ---- The start ---- */

static uint64_t scramble(uint64_t x)
{
    x += 0x9E3779B97F4A7C15ULL; /* splitmix64 */
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/* Normal random number i of a seed (Box & Muller). */
static double normal(uint64_t seed, uint64_t i)
{
    const uint64_t a = scramble(scramble(seed) ^ (2 * i)), b = scramble(scramble(seed) ^ (2 * i + 1));
    const double u = ((double)(a >> 11) + 0.5) * 0x1p-53, v = (double)(b >> 11) * 0x1p-53;
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

void pca_start_rows(pca *p, const lmp_frames *in)
{
    const int64_t k = p->plan.n_work, from = pca_first_value(p, in->row) * k,
                  end = from + in->rows * p->plan.values_in_row * k;
    for (int64_t i = from; i < end; i++) p->z[i] = normal((uint64_t)p->plan.seed, (uint64_t)i);
}

/* ---- Y = A Z^T, band by band ---- */

void pca_project_rows(pca *p, int64_t lane, const lmp_frames *in)
{
    const int64_t k = p->plan.n_work, base = pca_first_value(p, in->row);
    double x[PCA_FRAMES * PCA_VALUES], *y = p->partial + (lane * p->plan.n_frames + in->first) * k;
    memset(y, 0, (size_t)(in->count * k) * sizeof *y);
    for (pca_tile tile = {0}; pca_next_tile(p, in, &tile, x);)
        for (int64_t i = 0; i < tile.values; i += PCA_AT_ONCE) {
            const int64_t n = tile.values - i < PCA_AT_ONCE ? tile.values - i : PCA_AT_ONCE;
            const double *z = p->z + (base + tile.first + i) * k;
            const panel_factors f = {x + i, z, tile.frames, n, k, PCA_VALUES, 1};
            panel_multiply(&f, y + tile.frame * k);
        }
}

static lmp_status no_basis(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "pca: the system has no memory left for a basis: ask for fewer components");
}

lmp_status pca_projected(pca *p, lmp_error *err)
{
    const int64_t n = p->plan.n_frames * p->plan.n_work;
    memset(p->q, 0, (size_t)n * sizeof *p->q);
    for (int64_t lane = 0; lane < p->plan.n_lanes; lane++)
        for (int64_t i = 0; i < n; i++) p->q[i] += p->partial[lane * n + i];
    memset(p->z, 0, (size_t)(p->plan.n_values * p->plan.n_work) * sizeof *p->z);
    return dense_orthonormal_rows(p->q, p->plan.n_work, p->plan.n_frames) ? LMP_OK : no_basis(err);
}

lmp_status pca_accumulated(pca *p, lmp_error *err)
{
    return dense_even_rows(p->z, p->plan.n_work, p->plan.n_values) ? LMP_OK : no_basis(err);
}
