/* SPDX-License-Identifier: BSD-3-Clause
 *
 * epoch_sums.h: sums over an epoch that decide how strong an artifact is and how well it fits.
 *
 * Whatever the path, sums run in EPOCH_SUMS_PARTS interleaved parts over at most EPOCH_SUMS_CHUNK values before they go
 * on in double precision, part by part: the same bits everywhere.
 */
#ifndef LIMPID_KERNELS_EPOCH_SUMS_H
#define LIMPID_KERNELS_EPOCH_SUMS_H

#include <stdint.h>

enum { EPOCH_SUMS_PARTS = 8, EPOCH_SUMS_CHUNK = 256 };

/* sum of (D a)[m] (D b)[m], and of (D a)[m]^2, m = 0 .. count - 1; (D v)[m] = v[m + lag] - v[m]. */
typedef struct epoch_products {
    double both, own;
} epoch_products;

epoch_products epoch_sums_whitened(const float *a, const float *b, int64_t lag, int64_t count);
epoch_products epoch_sums_whitened_plain(const float *a, const float *b, int64_t lag, int64_t count);

/* sum of (a[m] - gain * b[m])^2 */
double epoch_sums_difference(const float *a, const float *b, float gain, int64_t count);
double epoch_sums_difference_plain(const float *a, const float *b, float gain, int64_t count);

#endif
