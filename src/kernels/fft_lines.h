/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_lines.h: constants of the Fourier transform of many lines of n complex numbers at once (fft_lines_body.h).
 *
 * A transform is a row of stages (Cooley and Tukey 1965, decimation in frequency, in place). A stage splits each block
 * of radix * m numbers into `radix` blocks of m; at the end the number of frequency k is found at order[k], that of -k
 * at mirrored[k].
 */
#ifndef LIMPID_KERNELS_FFT_LINES_H
#define LIMPID_KERNELS_FFT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FFT_LINES_STAGES = 16, FFT_LINES_LONGEST = 1 << 15, FFT_LINES_LARGEST_PRIME = 251, FFT_LINES_BEYOND = 16 };

typedef struct fft_lines_stage {
    int64_t radix, m;
    const float *turns; /* (cos, sin) of -2 pi j q / (radix m): for j = 1 .. m - 1, for q = 1 .. radix - 1 */
    const float *sums;  /* of a radix above 8: see fft_lines.c */
} fft_lines_stage;

typedef struct fft_lines {
    int64_t n;
    int stages;
    fft_lines_stage stage[FFT_LINES_STAGES];
    const int32_t *order, *mirrored; /* k = 0 .. n - 1 + FFT_LINES_BEYOND, modulo n */
} fft_lines;

/* Whether lines of n numbers, 1 to FFT_LINES_LONGEST, can be done: no prime factor is above FFT_LINES_LARGEST_PRIME. */
bool fft_lines_can(int64_t n);

/* Bytes of the constants, and the constants, which stay in `memory` (aligned to 64 bytes). */
size_t fft_lines_bytes(int64_t n);
void fft_lines_fill(int64_t n, void *memory, fft_lines *lines);

#endif
