/* SPDX-License-Identifier: BSD-3-Clause
 *
 * panel.h: a movie as a matrix with a row for each frame, a few rows and columns at a time: its values as doubles,
 * their sums, and products with matrices of few columns. Every sum grows by one term after the other in the order
 * given: the same bits however the matrix is cut.
 *
 * Each function has a plain reference of the same name that ends in _plain: the same bits.
 */
#ifndef LIMPID_KERNELS_PANEL_H
#define LIMPID_KERNELS_PANEL_H

#include <limpid/limpid.h>

/* to[i] = x[i] - mean[i]; 0 where that is NaN. x: numbers of `type`. */
void panel_centre(lmp_type type, const void *x, const double *mean, int64_t count, double *to);
void panel_centre_plain(lmp_type type, const void *x, const double *mean, int64_t count, double *to);

/* With d = x[i] - centre[i], where it is not NaN: valid[i] += 1, sums[i] += d, squares[i] += d^2. */
typedef struct panel_sums {
    double *valid, *sums, *squares;
} panel_sums;

void panel_add(lmp_type type, const void *x, const double *centre, int64_t count, const panel_sums *to);
void panel_add_plain(lmp_type type, const void *x, const double *centre, int64_t count, const panel_sums *to);

/* c[i * columns + j] += a[i * row + k * step] * b[k * columns + j] for k = 0, 1, ... below depth: the product of a
 * (rows x depth), of any layout, with b. */
typedef struct panel_factors {
    const double *a, *b;
    int64_t rows, depth, columns, row, step;
} panel_factors;

void panel_multiply(const panel_factors *f, double *c);
void panel_multiply_plain(const panel_factors *f, double *c);

#endif
