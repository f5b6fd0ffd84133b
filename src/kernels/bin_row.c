/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bin_row.c: rows of a block are added first, in whole vectors; then neighbours. Compiled for AVX2 and for any CPU.
 */
#include "kernels/bin_row.h"

#include "kernels/wide.h"

/* T: of the pixels; SUM: holds the sum of a block exactly. */
#define DEFINE_BIN_ROW(NAME, T, SUM)                                                                                   \
    KERNEL_INLINE void NAME##_body(const T *in, int64_t stride, int64_t factor, int64_t n, float scale, void *memory,  \
                                   float *out)                                                                         \
    {                                                                                                                  \
        SUM *restrict sums = memory;                                                                                   \
        for (int64_t x = 0; x < n * factor; x++) sums[x] = in[x];                                                      \
        for (int64_t r = 1; r < factor; r++)                                                                           \
            for (int64_t x = 0; x < n * factor; x++) sums[x] = (SUM)(sums[x] + in[r * stride + x]);                    \
        if (factor == 1)                                                                                               \
            for (int64_t x = 0; x < n; x++) out[x] = (float)sums[x] * scale;                                           \
        else if (factor == 2)                                                                                          \
            for (int64_t x = 0; x < n; x++) out[x] = (float)(SUM)(sums[2 * x] + sums[2 * x + 1]) * scale;              \
        else                                                                                                           \
            for (int64_t x = 0; x < n; x++) {                                                                          \
                SUM sum = sums[factor * x];                                                                            \
                for (int64_t j = 1; j < factor; j++) sum = (SUM)(sum + sums[factor * x + j]);                          \
                out[x] = (float)sum * scale;                                                                           \
            }                                                                                                          \
    }                                                                                                                  \
    KERNEL_WIDE static void NAME##_wide(const T *in, int64_t stride, int64_t factor, int64_t n, float scale,           \
                                        void *memory, float *out)                                                      \
    {                                                                                                                  \
        NAME##_body(in, stride, factor, n, scale, memory, out);                                                        \
    }                                                                                                                  \
    void NAME(const T *in, int64_t stride, int64_t factor, int64_t n, float scale, void *sums, float *out)             \
    {                                                                                                                  \
        if (kernel_has_wide())                                                                                         \
            NAME##_wide(in, stride, factor, n, scale, sums, out);                                                      \
        else                                                                                                           \
            NAME##_body(in, stride, factor, n, scale, sums, out);                                                      \
    }

DEFINE_BIN_ROW(bin_row_u8, uint8_t, uint16_t)
DEFINE_BIN_ROW(bin_row_u16, uint16_t, uint32_t)
DEFINE_BIN_ROW(bin_row_i16, int16_t, int32_t)
DEFINE_BIN_ROW(bin_row_f32, float, float)
