/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pink_noise.h: noise whose power falls as 1/f, any stretch of it on demand.
 */
#ifndef LIMPID_SIMULATE_PINK_NOISE_H
#define LIMPID_SIMULATE_PINK_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PINK_NOISE_MOST_LEVELS = 24,
    PINK_NOISE_BAND_PAIRS = 20,   /* the filter of one octave has 1 + 2 * 20 taps */
    PINK_NOISE_BOTTOM_PAIRS = 64, /* that of everything below the octaves 1 + 2 * 64 */
    PINK_NOISE_HALF_PAIRS = 8     /* interpolation by two: 2 * 8 taps */
};

/* A symmetric filter: y[i] = centre * x[i] + sum_t pairs[t] * (x[i-1-t] + x[i+1+t]). */
typedef struct pink_noise_filter {
    double centre, pairs[PINK_NOISE_BOTTOM_PAIRS];
    int n_pairs;
} pink_noise_filter;

/* Immutable after pink_noise_init(). */
typedef struct pink_noise {
    int n_levels; /* levels 0 (the recording's rate) .. n_levels (the lowest rate) */
    pink_noise_filter top, octave, bottom;
    double half[PINK_NOISE_HALF_PAIRS];
} pink_noise;

/* Power density proportional to 1/f from low_hz to the Nyquist frequency, nothing below; standard deviation 1.
 * rate_hz must be at least 64 * low_hz. */
void pink_noise_init(pink_noise *pink, double rate_hz, double low_hz);

/* Doubles of workspace that stretches of up to `count` samples take. */
size_t pink_noise_work_doubles(const pink_noise *pink, int64_t count);

/* Samples first .. first+count-1 of the stream `key` (see noise.h). The same bits however a recording is cut. */
void pink_noise_fill(const pink_noise *pink, uint64_t key, int64_t first, int64_t count, double *values, double *work);

#endif
