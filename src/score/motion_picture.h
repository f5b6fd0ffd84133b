/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_picture.h: an image inside a page.
 */
#ifndef LIMPID_SCORE_MOTION_PICTURE_H
#define LIMPID_SCORE_MOTION_PICTURE_H

#include "score/motion_image.h"

#include <limpid/step.h>
#include <stdio.h>

/* Values that become black and white. */
typedef struct picture_range {
    double low, high;
} picture_range;

/* From the first to the last but a share `trim` of the values at each end, of two images together (b may be NULL),
 * each in its region. */
LMP_CHECKED lmp_status picture_find_range(const double *a, int64_t a_stride, image_region a_region, const double *b,
                                          int64_t b_stride, image_region b_region, double trim, picture_range *range,
                                          lmp_error *err);

/* "data:image/png;base64,...": a grey PNG. What is not known is black. */
LMP_CHECKED lmp_status picture_write(FILE *out, const float *values, int64_t height, int64_t width, picture_range range,
                                     lmp_error *err);

#endif
