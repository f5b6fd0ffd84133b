/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft2_general.h: the transforms of fft2.h for any size, over FFTW 3 in single precision.
 */
#ifndef LIMPID_MATH_FFT2_GENERAL_H
#define LIMPID_MATH_FFT2_GENERAL_H

#include <stddef.h>
#include <stdint.h>

typedef struct fft2_general fft2_general;

/* NULL: there is no memory. reach < height. */
fft2_general *fft2_general_new(int64_t height, int64_t width, int64_t reach);
void fft2_general_free(fft2_general *plan);
size_t fft2_general_bytes(int64_t height, int64_t width);
size_t fft2_general_scratch_bytes(int64_t height, int64_t width);

void fft2_general_forward(const fft2_general *plan, const float *image, int64_t rows, int64_t columns, int64_t stride,
                          float *spectrum, void *scratch);
void fft2_general_inverse(const fft2_general *plan, float *spectrum, float *image);

#endif
