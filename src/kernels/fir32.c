/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FIR filter of 32 taps. Several outputs are summed side by side in vector registers; each output adds its taps in the
 * order of the reference and nothing is fused, so every path gives the same bits.
 */
#include "kernels/fir32.h"

typedef double two_doubles __attribute__((vector_size(16), aligned(8), may_alias));
typedef double four_doubles __attribute__((vector_size(32), aligned(8), may_alias));

#define LOAD(type, address)         (*(const type *)(const void *)(address))
#define STORE(type, address, value) (*(type *)(void *)(address) = (value))

void fir32_apply_plain(const double *in, const double taps[FIR32_TAPS], double *out, int64_t count)
{
    for (int64_t m = 0; m < count; m++) {
        double sum = 0.0;
        for (int i = 0; i < FIR32_TAPS; i++) sum += taps[i] * in[m + i];
        out[m] = sum;
    }
}

/* Four vectors at a time; returns how many outputs are done. */
#define APPLY_IN_VECTORS(type, width)                                                                                  \
    int64_t m = 0;                                                                                                     \
    for (; m + 4 * (width) <= count; m += 4 * (width)) {                                                               \
        type a = {0}, b = {0}, c = {0}, d = {0};                                                                       \
        for (int i = 0; i < FIR32_TAPS; i++) {                                                                         \
            const double *p = in + m + i;                                                                              \
            a += taps[i] * LOAD(type, p);                                                                              \
            b += taps[i] * LOAD(type, p + (width));                                                                    \
            c += taps[i] * LOAD(type, p + 2 * (width));                                                                \
            d += taps[i] * LOAD(type, p + 3 * (width));                                                                \
        }                                                                                                              \
        STORE(type, out + m, a);                                                                                       \
        STORE(type, out + m + (width), b);                                                                             \
        STORE(type, out + m + 2 * (width), c);                                                                         \
        STORE(type, out + m + 3 * (width), d);                                                                         \
    }                                                                                                                  \
    return m

static int64_t apply_in_twos(const double *in, const double *taps, double *out, int64_t count)
{
    APPLY_IN_VECTORS(two_doubles, 2);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static int64_t apply_in_fours(const double *in, const double *taps, double *out,
                                                              int64_t count)
{
    APPLY_IN_VECTORS(four_doubles, 4);
}
#endif

void fir32_apply(const double *in, const double taps[FIR32_TAPS], double *out, int64_t count)
{
    int64_t done;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        done = apply_in_fours(in, taps, out, count);
    else
#endif
        done = apply_in_twos(in, taps, out, count);
    fir32_apply_plain(in + done, taps, out + done, count - done);
}
