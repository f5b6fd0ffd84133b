/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fir32.h: an FIR filter of 32 taps applied directly, the inner loop of fractional delays.
 */
#ifndef LIMPID_KERNELS_FIR32_H
#define LIMPID_KERNELS_FIR32_H

#include <stdint.h>

#define FIR32_TAPS 32

/* out[m] = sum_i taps[i] in[m + i], i = 0 .. 31, summed in that order: the same bits on every path. Reads in[0] to
 * in[count + 30]; in and out must not overlap. */
void fir32_apply(const double *in, const double taps[FIR32_TAPS], double *out, int64_t count);

/* The plain reference. */
void fir32_apply_plain(const double *in, const double taps[FIR32_TAPS], double *out, int64_t count);

#endif
