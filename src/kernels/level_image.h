/* SPDX-License-Identifier: BSD-3-Clause
 *
 * level_image.h: an image made ready for comparison: brightness evened out, mean taken off, edges faded.
 */
#ifndef LIMPID_KERNELS_LEVEL_IMAGE_H
#define LIMPID_KERNELS_LEVEL_IMAGE_H

#include <stdint.h>

typedef struct level_sums {
    double weighted; /* sum of weights[i] * image[i], after the division */
    int64_t n_top;   /* pixels that were at least `top` before it */
} level_sums;

/* image[i] *= inverse[i]. The same bits on every CPU. */
level_sums level_image(float *image, const float *inverse, const float *weights, int64_t n, float top);

/* image[i] = (image[i] - mean) * weights[i] */
void fade_image(float *image, const float *weights, int64_t n, float mean);

#endif
