/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_image.h: Fourier transforms of real images by SIMD across lines; what is computed is said in math/fft2.h.
 *
 * `lanes` is how many lines are done at once: 1 (plain C), 4 (SSE2, NEON), 8 (AVX2) or 16 (AVX-512). The bits are the
 * same.
 */
#ifndef LIMPID_KERNELS_FFT_IMAGE_H
#define LIMPID_KERNELS_FFT_IMAGE_H

#include "kernels/fft_lines.h"

typedef struct fft_image {
    int64_t height, width, reach; /* reach < height */
    fft_lines columns, rows;
} fft_image;

/* The most that this processor can do at once. */
int fft_image_lanes(void);
/* For any number of lanes. */
size_t fft_image_scratch_bytes(int64_t height, int64_t width);

void fft_image_forward(int lanes, const fft_image *plan, const float *image, int64_t rows, int64_t columns,
                       int64_t stride, float *spectrum, float *scratch);
void fft_image_inverse(int lanes, const fft_image *plan, const float *spectrum, float *image, float *scratch);

#endif
