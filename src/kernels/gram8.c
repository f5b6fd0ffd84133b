/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gram8.c: bytes widened to 16 bits, products of pairs of columns added in 32 bits: integers, so in any order. Six rows
 * by sixteen stay in registers.
 */
#include "kernels/gram8.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LEFT = 6, DEPTH = 512 };

_Static_assert(GRAM8_ROWS % LEFT == 0 && GRAM8_ROWS % GRAM8_GROUP == 0, "whole groups");

static int16_t value_at(const gram8 *g, int64_t t, int64_t i)
{
    const uint8_t byte = g->bytes[gram8_place(g->columns, t, i)];
    return (int16_t)(g->is_signed ? (int8_t)byte : byte);
}

void gram8_multiply_plain(const gram8 *g, int64_t first, int64_t n, int64_t from, int64_t end, int32_t *sums)
{
    memset(sums, 0, (size_t)(GRAM8_ROWS * n) * sizeof *sums);
    for (int64_t r = 0; r < GRAM8_ROWS && first + r < n; r++)
        for (int64_t s = 0; s < n; s++)
            for (int64_t i = from; i < end; i++)
                sums[r * n + s] += (int32_t)value_at(g, first + r, i) * value_at(g, s, i);
}

#if defined(__x86_64__)

/* Rows on the left: for each pair of columns six pairs, LEFT rows; the next LEFT rows behind. */
static void widen_left(const gram8 *g, int64_t first, int64_t n, int64_t from, int64_t end, int16_t *to)
{
    for (int64_t r0 = 0; r0 < GRAM8_ROWS; r0 += LEFT)
        for (int64_t i = from; i < end; i += 2)
            for (int64_t r = r0; r < r0 + LEFT; r++) {
                const bool is_there = first + r < n;
                *to++ = is_there ? value_at(g, first + r, i) : 0;
                *to++ = is_there ? value_at(g, first + r, i + 1) : 0;
            }
}

/* Six rows on the left by a group on the right, added to sums. */
__attribute__((target("avx2"))) static inline __attribute__((always_inline)) void
multiply_group(const int16_t *left, const uint8_t *right, int64_t pairs, bool is_signed, int32_t *sums, int64_t n)
{
    __m256i low[LEFT], high[LEFT];
#pragma GCC unroll 8
    for (int r = 0; r < LEFT; r++) low[r] = high[r] = _mm256_setzero_si256();
    for (int64_t k = 0; k < pairs; k++, left += 2 * LEFT, right += 2 * GRAM8_GROUP) {
        const __m128i a = _mm_loadu_si128((const void *)right), b = _mm_loadu_si128((const void *)(right + 16));
        const __m256i first = is_signed ? _mm256_cvtepi8_epi16(a) : _mm256_cvtepu8_epi16(a);
        const __m256i second = is_signed ? _mm256_cvtepi8_epi16(b) : _mm256_cvtepu8_epi16(b);
#pragma GCC unroll 8
        for (int r = 0; r < LEFT; r++) {
            int32_t pair;
            memcpy(&pair, left + 2 * r, sizeof pair);
            const __m256i both = _mm256_set1_epi32(pair);
            low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(both, first));
            high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(both, second));
            /* One row after the other: all at once do not fit the registers. */
            __asm__ volatile("" : "+x"(low[r]), "+x"(high[r]));
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < LEFT; r++) {
        __m256i *to = (__m256i *)(void *)(sums + r * n);
        _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), low[r]));
        _mm256_storeu_si256(to + 1, _mm256_add_epi32(_mm256_loadu_si256(to + 1), high[r]));
    }
}

__attribute__((target("avx2"))) static void multiply_wide(const gram8 *g, int64_t first, int64_t n, int64_t from,
                                                          int64_t end, int32_t *sums)
{
    int16_t left[GRAM8_ROWS * DEPTH];
    memset(sums, 0, (size_t)(GRAM8_ROWS * n) * sizeof *sums);
    for (int64_t at = from; at < end; at += DEPTH) {
        const int64_t depth = end - at < DEPTH ? end - at : DEPTH;
        widen_left(g, first, n, at, at + depth, left);
        for (int64_t s = 0; s < n; s += GRAM8_GROUP) {
            const uint8_t *right = g->bytes + gram8_place(g->columns, s, at);
            for (int64_t r = 0; r < GRAM8_ROWS; r += LEFT) {
                if (g->is_signed)
                    multiply_group(left + r * depth, right, depth / 2, true, sums + r * n + s, n);
                else
                    multiply_group(left + r * depth, right, depth / 2, false, sums + r * n + s, n);
            }
        }
    }
}

#endif

void gram8_multiply(const gram8 *g, int64_t first, int64_t n, int64_t from, int64_t end, int32_t *sums)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        multiply_wide(g, first, n, from, end, sums);
        return;
    }
#endif
    gram8_multiply_plain(g, first, n, from, end, sums);
}
