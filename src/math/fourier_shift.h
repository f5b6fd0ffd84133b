/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fourier_shift.h: an image moved by a fraction of a pixel in its Fourier series: all frequencies keep their amplitude.
 *
 * The series is periodic; so that the last row does not meet the first one in a step, which would ring through the
 * whole image, rows and columns are added between them that fade from the mirrored end into the mirrored beginning.
 */
#ifndef LIMPID_MATH_FOURIER_SHIFT_H
#define LIMPID_MATH_FOURIER_SHIFT_H

#include <limpid/step.h>

/* Immutable: any number of threads. */
typedef struct fourier_shift fourier_shift;

/* Longest side of an image that can be moved. */
enum { FOURIER_SHIFT_LONGEST = 32736 };

/* For images of height x width. */
LMP_CHECKED lmp_status fourier_shift_new(int64_t height, int64_t width, fourier_shift **made, lmp_error *err);
void fourier_shift_free(fourier_shift *f);

/* That the plan takes at most, and scratch of one worker, aligned to 64 bytes. */
size_t fourier_shift_bytes(int64_t height, int64_t width);
size_t fourier_shift_scratch_bytes(int64_t height, int64_t width);

/* Where in the scratch the image lies, before and after. */
float *fourier_shift_image(const fourier_shift *f, void *scratch);
int64_t fourier_shift_stride(const fourier_shift *f); /* floats from a row to the next */

/* The pixel in row y and column x becomes what lies part_y below and part_x to the right of it, each from 0 to below 1.
 */
void fourier_shift_apply(const fourier_shift *f, double part_y, double part_x, void *scratch);

#endif
