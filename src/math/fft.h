/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft.h: Fourier transforms of real sequences, deterministic and safe for any number of threads.
 *
 *   forward   X[k] = sum_{t=0}^{n-1} x[t] e^{-2 pi i k t / n},   k = 0 .. n/2
 *   inverse   x[t] = sum_{k=0}^{n-1} X[k] e^{+2 pi i k t / n}    (no 1/n: forward then inverse multiplies by n)
 *
 * A spectrum is stored as pairs (real, imaginary): 2 * (n/2 + 1) doubles.
 */
#ifndef LIMPID_MATH_FFT_H
#define LIMPID_MATH_FFT_H

#include <limpid/step.h>

typedef struct fft_plan fft_plan;

/* Plans transforms of length n (1 .. 2^26). The plan is immutable: any number of threads may execute it at once. */
lmp_status fft_plan_new(int64_t n, fft_plan **plan, lmp_error *err);
void fft_plan_free(fft_plan *plan);
int64_t fft_plan_length(const fft_plan *plan);

/* Doubles that a spectrum of length n takes; bytes a plan of length n takes at most (tables of twiddle factors). */
int64_t fft_spectrum_doubles(int64_t n);
size_t fft_plan_bytes(int64_t n);

/* Both arrays must be aligned to 64 bytes and must not overlap. The input is preserved forward, DESTROYED inverse. */
void fft_forward(const fft_plan *plan, const double *time, double *spectrum);
void fft_inverse(const fft_plan *plan, double *spectrum, double *time);

/* Smallest even product of 2, 3 and 5 that is >= n: lengths that transform fast. */
int64_t fft_good_length(int64_t n);

#endif
