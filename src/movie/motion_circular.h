/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_circular.h: how well a frame says in every direction that it has been moved.
 *
 * The frame T is laid over itself, surrounded by zeros and displaced by s, up to 100 px up, down, left and right:
 *
 *   R(s) = sum (T - T_s)^2 / sqrt( sum T^2 sum T_s^2 )
 *
 * Where R < 1 the two are alike. If these places make one connected shape (by corners too), its circularity is
 * 4 pi area / perimeter^2 of the way along the centres of its outermost pixels: 1 for a large circle, less for what is
 * long, which is a frame that does not tell how far it was moved along that direction. Otherwise it is 0.
 */
#ifndef LIMPID_MOVIE_MOTION_CIRCULAR_H
#define LIMPID_MOVIE_MOTION_CIRCULAR_H

#include "math/fft2.h"
#include "movie/motion_image.h"

typedef struct circular_plan {
    int64_t height, width; /* of frames */
    int64_t rows, columns; /* of transforms: nothing comes round within 100 px */
    fft2_plan *transforms;
} circular_plan;

/* Bytes that a plan takes at most, and of scratch, aligned to 64 bytes. */
size_t circular_plan_bytes(int64_t height, int64_t width);
size_t circular_scratch_bytes(int64_t height, int64_t width);

LMP_CHECKED lmp_status circular_plan_open(int64_t height, int64_t width, circular_plan *plan, lmp_error *err);
void circular_plan_close(circular_plan *plan);

double circular_measure(const circular_plan *plan, const motion_image *image, void *scratch);

/* Of the pixels that are not 0 in a map of height x width whose outermost pixels are; 0 if they make no shape, or
 * several that do not lie in each other. Changes the map. */
double circular_shape(uint8_t *map, int64_t height, int64_t width);

#endif
