/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_fourier.h: fourier_shift.h for images of any number type, with colours and missing pixels.
 */
#ifndef LIMPID_MOVIE_IMAGE_FOURIER_H
#define LIMPID_MOVIE_IMAGE_FOURIER_H

#include "kernels/shift_area.h"
#include "math/fourier_shift.h"

size_t image_fourier_scratch_bytes(int64_t height, int64_t width);

/* Of the whole image `image` (height x width, tight rows) the rectangle `area`, whose in is the pixel in `row` and
 * `column`. */
void image_fourier_move(const fourier_shift *f, const void *image, int64_t height, int64_t width, int64_t row,
                        int64_t column, const shift_area *area, void *scratch);

#endif
