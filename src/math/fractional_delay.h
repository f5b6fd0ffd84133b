/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fractional_delay.h: signals between the samples, by a Kaiser-windowed sinc of 32 taps.
 *
 * An epoch that starts at t = n + d (n whole, 0 <= d < 1) is brought to the sample grid of an artifact template with
 * fractional_delay_advance(), and a template is brought to the epoch's samples with fractional_delay_retard(); both
 * take the kernel of the same d.
 */
#ifndef LIMPID_MATH_FRACTIONAL_DELAY_H
#define LIMPID_MATH_FRACTIONAL_DELAY_H

#include <stdint.h>

#define FRACTIONAL_DELAY_TAPS   32
#define FRACTIONAL_DELAY_BEFORE 15 /* samples needed before the one asked for ... */
#define FRACTIONAL_DELAY_AFTER  16 /* ... and after it (the other way round for retard) */

/* Taps h[j + 15], j = -15 .. 16, for a shift of d samples, 0 <= d <= 1. They sum to 1; d = 0 is a unit impulse. */
void fractional_delay_kernel(double d, double h[FRACTIONAL_DELAY_TAPS]);

/* out[m] = in(m + d) = sum_j in[m + j] h[j + 15]. Reads in[-15] to in[count + 15]. in and out must not overlap. */
void fractional_delay_advance(const double *in, const double h[FRACTIONAL_DELAY_TAPS], double *out, int64_t count);

/* out[m] = in(m - d) = sum_j in[m - j] h[j + 15]. Reads in[-16] to in[count + 14]. in and out must not overlap. */
void fractional_delay_retard(const double *in, const double h[FRACTIONAL_DELAY_TAPS], double *out, int64_t count);

#endif
