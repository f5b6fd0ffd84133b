/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_pair.h: how one image lies over another of the same size, by circular correlation of the whole images.
 *
 *   c(p) = sum_n source(n + p) target(n),  indices modulo the size
 *
 * The best match is the highest c, the first in rows if several are equal, refined along each axis by the parabola
 * through it and its two neighbours. Transforms in single precision find it; what decides (values that come close to
 * the highest, and the three of each parabola) is summed up again in double precision, so that the result does not
 * carry the rounding of the transforms.
 */
#ifndef LIMPID_MOVIE_MOTION_PAIR_H
#define LIMPID_MOVIE_MOTION_PAIR_H

#include "math/fft2.h"
#include "movie/motion_image.h"

typedef struct pair_plan {
    int64_t height, width;
    fft2_plan *transforms; /* reach: all rows */
} pair_plan;

/* An image less its mean, and its spectrum. */
typedef struct pair_image {
    float *image, *spectrum;
    double energy; /* sum of squares */
} pair_image;

/* Floats of the parts of a pair_image, in whole cache lines. */
int64_t pair_image_floats(int64_t height, int64_t width);
int64_t pair_spectrum_floats(int64_t height, int64_t width);
size_t pair_scratch_bytes(int64_t height, int64_t width);

void pair_prepare(const pair_plan *plan, const motion_image *image, pair_image *made, void *scratch);

/* shift: (dy, dx) to move the source by so that it lies over the target; 0 if one of them has no structure. */
void pair_register(const pair_plan *plan, const pair_image *source, const pair_image *target, void *scratch,
                   double shift[2]);

#endif
