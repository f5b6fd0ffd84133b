/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_smooth.h: smoothing of one image of floats, rows x columns x colours. Beyond the edge the image goes on
 * mirrored, without the outermost pixel twice (d c b | a b c d | c b a). Pixels that are NaN or infinite take no part
 * and stay what they are.
 */
#ifndef LIMPID_MATH_IMAGE_SMOOTH_H
#define LIMPID_MATH_IMAGE_SMOOTH_H

#include <stddef.h>
#include <stdint.h>

typedef struct image_size {
    int64_t height, width, n_colours;
} image_size;

/* Index of the pixel of an axis of n that stands for `at`. */
int64_t image_mirror(int64_t at, int64_t n);

/* Pixels that are NaN or infinite. */
int64_t image_count_missing(const float *values, int64_t n);

/* The Gaussian ends at 4 standard deviations. weights[k], k from 0 to radius, add up to 1 with their mirror images. */
int64_t gaussian_radius(double sigma);
void gaussian_weights(double sigma, float *weights);
size_t image_gaussian_scratch(image_size size, int64_t radius);
void image_gaussian(const float *in, image_size size, const float *weights, int64_t radius, void *scratch, float *out);

/* Mean of (2 radius + 1)^2 pixels; time does not depend on the radius. Sums in double. */
size_t image_box_scratch(image_size size);
void image_box(const float *in, image_size size, int64_t radius, void *scratch, float *out);

/* Gaussian in space times Gaussian in the difference of values (Euclidean over the colours, of which there are at most
 * 4). In single precision. */
size_t image_bilateral_scratch(image_size size, int64_t radius);
void image_bilateral(const float *in, image_size size, int64_t radius, double sigma, double sigma_value, void *scratch,
                     float *out);

#endif
