/* SPDX-License-Identifier: BSD-3-Clause
 *
 * warp_bilinear.h: a line of an image, each pixel of which comes from a place of its own, between 2 x 2 neighbours:
 *
 *   v(r) = in(r, c) + tx (in(r, c + 1) - in(r, c)),   out = v(r) + ty (v(r + 1) - v(r))
 *
 * Integers up to 16 bits and float32 are computed in float, others in double. A place is inside of the image for
 * 0 <= y <= height - 1 and 0 <= x <= width - 1; pixels from elsewhere become `fill`.
 *
 * warp_bilinear() has a plain reference that ends in _plain: the same bits.
 */
#ifndef LIMPID_KERNELS_WARP_BILINEAR_H
#define LIMPID_KERNELS_WARP_BILINEAR_H

#include <limpid/limpid.h>

/* Pixel i of the result comes from (y + to_y[i], x + i + to_x[i]). */
typedef struct warp_line {
    lmp_type type;
    const void *in; /* height x width, tight rows; at least 2 x 2, height * width below 2^31 */
    int64_t height, width;
    int64_t y, x, n;
    const float *to_y, *to_x; /* finite, within +-2^20 */
    const void *fill;         /* one number of the type */
    void *out;                /* n */
} warp_line;

void warp_bilinear(const warp_line *line);
void warp_bilinear_plain(const warp_line *line);

#endif
