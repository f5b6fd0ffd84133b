/* SPDX-License-Identifier: BSD-3-Clause
 *
 * convolve.h: long convolution of a real sequence with a symmetric kernel, the inner loop of FIR filters.
 *
 * Sequences of n samples are multiplied as polynomials modulo Z^n + 1: like a circular convolution of length n, except
 * that what runs over either end comes back with its sign changed. n is a power of 2, at least 32. All arrays are
 * aligned to 64 bytes.
 */
#ifndef LIMPID_KERNELS_CONVOLVE_H
#define LIMPID_KERNELS_CONVOLVE_H

#include <stdint.h>

/* Constants for one n: convolve_count_constants() doubles. */
int64_t convolve_count_constants(int64_t n);
void convolve_fill_constants(int64_t n, double *constants);

/* Spectrum (n/2 real values) of a symmetric kernel of 2 * half + 1 taps, half < n/2, around taps[half]. `work`: n
 * doubles. */
void convolve_transform_taps(int64_t n, const double *constants, const double *taps, int64_t half, double *work,
                             double *spectrum);

/* out[t] = sum_{k=-half}^{half} taps[half + k] in[t - k] for n of them, where in[t +- n] is -in[t]. The first half of
 * out goes to `low`, the second to `high`: leave CONVOLVE_GAP doubles between the two, for the caches' sake. Neither
 * overlaps `in`. */
enum { CONVOLVE_GAP = 64 };
void convolve_apply(int64_t n, const double *constants, const double *spectrum, const double *in, double *low,
                    double *high);

/* The same without vectors of four, for machines that have none: the same bits. */
void convolve_apply_narrow(int64_t n, const double *constants, const double *spectrum, const double *in, double *low,
                           double *high);

/* The plain reference: the sum itself. in and out must not overlap. */
void convolve_apply_plain(int64_t n, const double *taps, int64_t half, const double *in, double *out);

#endif
