/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bin_row.h: one row of sums over blocks of factor x factor pixels.
 *
 *   out[x] = scale * sum_{i,j < factor} in[i * stride + factor x + j],   x = 0 .. n-1
 *
 * Integers of up to 16 bits are added exactly; floats row by row, then from left to right. The same bits on every CPU.
 */
#ifndef LIMPID_KERNELS_BIN_ROW_H
#define LIMPID_KERNELS_BIN_ROW_H

#include <stdint.h>

enum { BIN_ROW_MOST_FACTOR = 16 };

/* stride in pixels; `sums` is scratch for 4 * n * factor bytes, aligned to 4. */
void bin_row_u8(const uint8_t *in, int64_t stride, int64_t factor, int64_t n, float scale, void *sums, float *out);
void bin_row_u16(const uint16_t *in, int64_t stride, int64_t factor, int64_t n, float scale, void *sums, float *out);
void bin_row_i16(const int16_t *in, int64_t stride, int64_t factor, int64_t n, float scale, void *sums, float *out);
void bin_row_f32(const float *in, int64_t stride, int64_t factor, int64_t n, float scale, void *sums, float *out);

#endif
