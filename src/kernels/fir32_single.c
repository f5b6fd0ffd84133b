/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FIR filter of 32 taps in single precision. Loads are what limits such a filter: output vector k needs the inputs at
 * 8 k + i for tap i, so the inputs at r + 8 j serve tap r + 8 (j - k) of every output vector k. Nothing is fused and
 * each output adds in the order of the reference, so every path gives the same bits.
 */
#include "kernels/fir32_single.h"

enum { TAPS = FIR32_SINGLE_TAPS, STRIDE = 8 };

typedef float four_floats __attribute__((vector_size(16), aligned(4), may_alias));
typedef float eight_floats __attribute__((vector_size(32), aligned(4), may_alias));

#define LOAD(type, address)         (*(const type *)(const void *)(address))
#define STORE(type, address, value) (*(type *)(void *)(address) = (value))

void fir32_single_apply_plain(const float *in, const float taps[FIR32_SINGLE_TAPS], float *out, int64_t count)
{
    for (int64_t m = 0; m < count; m++) {
        float sum = 0.0F;
        for (int r = 0; r < STRIDE; r++)
            for (int i = r; i < TAPS; i += STRIDE) sum += taps[i] * in[m + i];
        out[m] = sum;
    }
}

/* Sixteen outputs at a time; returns how many are done. */
static int64_t apply_in_fours(const float *in, const float *taps, float *out, int64_t count)
{
    int64_t m = 0;
    for (; m + 16 <= count; m += 16) {
        four_floats a = {0}, b = {0}, c = {0}, d = {0};
        for (int r = 0; r < STRIDE; r++)
            for (int i = r; i < TAPS; i += STRIDE) {
                const float *p = in + m + i;
                a += taps[i] * LOAD(four_floats, p);
                b += taps[i] * LOAD(four_floats, p + 4);
                c += taps[i] * LOAD(four_floats, p + 8);
                d += taps[i] * LOAD(four_floats, p + 12);
            }
        STORE(four_floats, out + m, a);
        STORE(four_floats, out + m + 4, b);
        STORE(four_floats, out + m + 8, c);
        STORE(four_floats, out + m + 12, d);
    }
    return m;
}

#if defined(__x86_64__)
/* Forty-eight outputs at a time, then eight. */
__attribute__((target("avx2"))) static int64_t apply_in_eights(const float *in, const float *taps, float *out,
                                                               int64_t count)
{
    int64_t m = 0;
    for (; m + 48 <= count; m += 48) {
        eight_floats a = {0}, b = {0}, c = {0}, d = {0}, e = {0}, f = {0};
        for (int r = 0; r < STRIDE; r++) {
            const float *p = in + m + r, s = taps[r], t = taps[r + 8], u = taps[r + 16], v = taps[r + 24];
            eight_floats x = LOAD(eight_floats, p);
            a += s * x;
            x = LOAD(eight_floats, p + 8);
            a += t * x, b += s * x;
            x = LOAD(eight_floats, p + 16);
            a += u * x, b += t * x, c += s * x;
            x = LOAD(eight_floats, p + 24);
            a += v * x, b += u * x, c += t * x, d += s * x;
            x = LOAD(eight_floats, p + 32);
            b += v * x, c += u * x, d += t * x, e += s * x;
            x = LOAD(eight_floats, p + 40);
            c += v * x, d += u * x, e += t * x, f += s * x;
            x = LOAD(eight_floats, p + 48);
            d += v * x, e += u * x, f += t * x;
            x = LOAD(eight_floats, p + 56);
            e += v * x, f += u * x;
            x = LOAD(eight_floats, p + 64);
            f += v * x;
        }
        STORE(eight_floats, out + m, a);
        STORE(eight_floats, out + m + 8, b);
        STORE(eight_floats, out + m + 16, c);
        STORE(eight_floats, out + m + 24, d);
        STORE(eight_floats, out + m + 32, e);
        STORE(eight_floats, out + m + 40, f);
    }
    while (m < count && count >= 8) {
        if (m + 8 > count) m = count - 8; /* some outputs once more, with the same result */
        eight_floats a = {0};
        for (int r = 0; r < STRIDE; r++)
            for (int i = r; i < TAPS; i += STRIDE) a += taps[i] * LOAD(eight_floats, in + m + i);
        STORE(eight_floats, out + m, a);
        m += 8;
    }
    return m;
}
#endif

void fir32_single_apply(const float *in, const float taps[FIR32_SINGLE_TAPS], float *out, int64_t count)
{
    int64_t done;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        done = apply_in_eights(in, taps, out, count);
    else
#endif
        done = apply_in_fours(in, taps, out, count);
    fir32_single_apply_plain(in + done, taps, out + done, count - done);
}
