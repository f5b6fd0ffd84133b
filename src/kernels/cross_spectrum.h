/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cross_spectrum.h: products of spectra stored column by column, as math/fft2.h has them: `rows` pairs (real,
 * imaginary) for each of `columns` frequencies.
 */
#ifndef LIMPID_KERNELS_CROSS_SPECTRUM_H
#define LIMPID_KERNELS_CROSS_SPECTRUM_H

#include <stdint.h>

/* A difference of Gaussians in both frequencies: k(ky, kx) = fine_y[ky] fine_x[kx] - coarse_y[ky] coarse_x[kx]. The
 * factors of ky are stored twice, for real and imaginary part; those of kx hold the weight of a column in sums over the
 * whole plane: 1 for those that are their own mirror image, else 2. */
typedef struct band_filter {
    int64_t rows, columns;
    const float *fine_y, *coarse_y; /* 2 * rows */
    const float *fine_x, *coarse_x; /* columns */
} band_filter;

/* spectrum *= target; returns sum k |spectrum|^2 over the whole plane of what it was. */
double cross_spectrum(const band_filter *filter, float *spectrum, const float *target);

/* The same sum alone. */
double band_power(const band_filter *filter, const float *spectrum);

/* sum += spectrum * e^(i (angle_y ky + angle_x kx)): an image moved by angle / (2 pi) * size pixels backwards. `ramp`
 * is scratch of 2 * rows. */
void add_moved_spectrum(int64_t rows, int64_t columns, const float *spectrum, double angle_y, double angle_x,
                        float *ramp, float *sum);

#endif
