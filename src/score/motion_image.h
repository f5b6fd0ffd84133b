/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_image.h: numbers of one image, over a region of it. Pixels that are NaN take no part.
 */
#ifndef LIMPID_SCORE_MOTION_IMAGE_H
#define LIMPID_SCORE_MOTION_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct image_region {
    int64_t top, left, height, width;
} image_region;

typedef struct image_sharpness {
    double crispness; /* square root of the sum of the squared gradient: NoRMCorre's */
    double acutance;  /* mean length of the gradient over the mean */
    double mean, deviation;
} image_sharpness;

/* `values` are rows of `stride`. Gradients are central differences, one-sided at the region's edge, as NumPy's. */
image_sharpness image_measure(const double *values, int64_t stride, image_region region);

/* Displacement of the content of `b` against that of `a`: b(y + dy, x + dx) = a(y, x), by the largest normalised
 * correlation within `search` pixels and a quadratic through the 3 x 3 values around it. `region` is of `a`; it must
 * lie at least `search` inside the images. */
typedef struct image_match {
    double dy, dx, peak; /* peak NaN: there is nothing to compare */
    bool is_at_edge;     /* the largest correlation is at the edge of the search */
} image_match;
image_match image_register(const float *a, const float *b, int64_t stride, image_region region, int64_t search);

#endif
