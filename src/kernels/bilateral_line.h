/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bilateral_line.h: one row of the bilateral filter.
 */
#ifndef LIMPID_KERNELS_BILATERAL_LINE_H
#define LIMPID_KERNELS_BILATERAL_LINE_H

#include <stdint.h>

enum { BILATERAL_LANES = 8, BILATERAL_MOST_COLOURS = 4 };

/* The 2 radius + 1 rows around the one to make, the colours of each one behind the other, `plane` floats apart. Each
 * has `radius` pixels more on both sides. */
typedef struct bilateral_rows {
    const float *const *rows;
    const float *distances; /* [2 radius + 1]: what a step from the middle, along either axis, adds to the exponent */
    int64_t radius, n_colours, plane;
    float by_value; /* its square times that of a difference of values is added to the exponent */
} bilateral_rows;

/* out[c * plane + x] for x below n, a multiple of BILATERAL_LANES: the mean of the window's pixels, weighted by 2 to
 * the minus exponent, which is within 2e-7; weights below 2^-64 are 0. Pixels of which a colour is NaN or infinite take
 * no part and stay what they are. In single precision, of differences from the pixel in the middle; the same bits on
 * every CPU. */
void bilateral_line(const bilateral_rows *rows, int64_t n, float *out);

/* Plain reference: the same values. */
void bilateral_line_plain(const bilateral_rows *rows, int64_t n, float *out);

#endif
