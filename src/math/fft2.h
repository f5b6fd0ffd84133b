/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft2.h: Fourier transforms of real images in single precision, deterministic and safe for any number of threads.
 *
 *   forward   X[kx][ky] = sum_{y,x} image[y][x] e^{-2 pi i (ky y / height + kx x / width)}
 *   inverse   image[y][x] = sum_{ky,kx} X[kx][ky] e^{+2 pi i (...)}  (no 1/n: forward then inverse multiplies by
 *                                                                     height * width)
 *
 * for kx = 0 .. width/2 and ky = 0 .. height-1. A spectrum is stored column by column: the height pairs (real,
 * imaginary) of kx = 0, then those of kx = 1 and so on.
 *
 * Correlations are looked at near zero shift only: the inverse gives rows 0 .. reach and height-reach .. height-1 and
 * leaves the others as they are.
 */
#ifndef LIMPID_MATH_FFT2_H
#define LIMPID_MATH_FFT2_H

#include <limpid/step.h>

typedef struct fft2_plan fft2_plan;

/* Plans transforms of height x width (each 1 .. 2^15). reach: rows of the inverse on each side of row 0; height or
 * more: all. The plan is immutable: any number of threads may execute it at once. */
LMP_CHECKED lmp_status fft2_plan_new(int64_t height, int64_t width, int64_t reach, fft2_plan **plan, lmp_error *err);
void fft2_plan_free(fft2_plan *plan);

/* Floats of a spectrum; bytes that a plan takes at most, and that executing it needs as scratch. */
int64_t fft2_spectrum_floats(int64_t height, int64_t width);
size_t fft2_plan_bytes(int64_t height, int64_t width);
size_t fft2_scratch_bytes(int64_t height, int64_t width);

/* The image has `rows` <= height rows of `columns` <= width numbers, `stride` floats from one to the next; what is
 * missing counts as 0. Spectrum and scratch are aligned to 64 bytes and overlap with nothing. */
void fft2_forward(const fft2_plan *plan, const float *image, int64_t rows, int64_t columns, int64_t stride,
                  float *spectrum, void *scratch);
/* Destroys the spectrum. The image is height x width, its rows tight, aligned to 64 bytes. */
void fft2_inverse(const fft2_plan *plan, float *spectrum, float *image, void *scratch);

#endif
