/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fir32_single.h: an FIR filter of 32 taps in single precision, for what is made from averages anyway.
 */
#ifndef LIMPID_KERNELS_FIR32_SINGLE_H
#define LIMPID_KERNELS_FIR32_SINGLE_H

#include <stdint.h>

enum { FIR32_SINGLE_TAPS = 32 };

/* out[m] = sum_i taps[i] in[m + i], i = 0 .. 31: the same bits on every path. The order of the sum is i = 0, 8, 16, 24,
 * 1, 9, 17, 25, 2 .. 31, which lets a vector of inputs serve several taps. Reads in[0] to in[count + 30]; in and out
 * must not overlap. */
void fir32_single_apply(const float *in, const float taps[FIR32_SINGLE_TAPS], float *out, int64_t count);

/* The plain reference. */
void fir32_single_apply_plain(const float *in, const float taps[FIR32_SINGLE_TAPS], float *out, int64_t count);

#endif
