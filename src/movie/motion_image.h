/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_image.h: images of the recursive estimate: float32, or a small integer type where that holds them.
 */
#ifndef LIMPID_MOVIE_MOTION_IMAGE_H
#define LIMPID_MOVIE_MOTION_IMAGE_H

#include <limpid/step.h>

typedef struct motion_image {
    const void *pixels; /* rows tight */
    lmp_type type;      /* LMP_FLOAT32 or what motion_image_type() gives */
} motion_image;

typedef enum motion_rounding { MOTION_ROUND_NOT, MOTION_ROUND_NEAREST, MOTION_TRUNCATE } motion_rounding;

/* The type that frames of `type` are held in: itself if an integer of 1 or 2 bytes, else float32. */
lmp_type motion_image_type(lmp_type type);

/* n pixels from `from` on, as floats; stores floats that the type holds. */
void motion_image_load(const motion_image *image, int64_t from, int64_t n, float *to);
void motion_image_store(const float *values, int64_t n, lmp_type type, void *pixels, int64_t to);

/* To whole numbers, half to even or towards zero. */
void motion_image_round(motion_rounding rounding, lmp_type type, float *values, int64_t n);

/* About the mean: that of every eighth stretch of pixels. Equal pixels give just their value. */
double motion_image_level(const motion_image *image, int64_t n);

/* Mean square of the pixels less their mean: 0 if and only if all of them are equal. */
double motion_image_power(const motion_image *image, int64_t n);

/* Replaces pixels that are not finite by the mean of those that are (0: none is); returns how many. */
int64_t motion_image_fill_missing(float *pixels, int64_t n);

#endif
