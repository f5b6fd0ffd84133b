/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_median.h: exact median of the (2 radius + 1)^2 pixels around each, of each colour by itself. Edges and missing
 * pixels as in image_smooth.h; the median of an even number of values is the mean of the two in the middle.
 */
#ifndef LIMPID_MATH_IMAGE_MEDIAN_H
#define LIMPID_MATH_IMAGE_MEDIAN_H

#include "math/image_smooth.h"

/* What is known of the values: whole numbers of 8 or 16 bits from `lowest` on, or nothing (bits 0). */
typedef struct image_values {
    int bits;
    int32_t lowest;
} image_values;

size_t image_median_scratch(image_values values, image_size size, int64_t radius);
void image_median(const float *in, image_size size, int64_t radius, image_values values, void *scratch, float *out);

#endif
