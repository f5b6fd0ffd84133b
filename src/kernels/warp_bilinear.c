/* SPDX-License-Identifier: BSD-3-Clause
 *
 * warp_bilinear.c: the common types eight pixels at a time where there is AVX2. Both ways do the same operations on the
 * same numbers, and none is fused.
 */
#include "kernels/warp_bilinear.h"

#include "kernels/shift_area.h"
#include "kernels/pixel_types.h"
#include "kernels/temporal_types.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- Where a pixel comes from ---- */

/* Along one axis: `part` of the way from `first` to the next. The last pixel is the next of the one before it. */
typedef struct source {
    int64_t first;
    float part;
    bool is_inside;
} source;

KERNEL_INLINE source find_source(int64_t at, float to, int64_t n)
{
    const float whole = floorf(to);
    const source s = {at + (int64_t)whole, to - whole, true};
    if (s.first >= 0 && s.first < n - 1) return s;
    return (source){n - 2, 1, s.first == n - 1 && s.part == 0};
}

/* ---- Any type ---- */

#define PIXEL(code, name, type, wide)                                                                                  \
    KERNEL_INLINE void pixel_##name(const warp_line *line, int64_t i)                                                  \
    {                                                                                                                  \
        const source y = find_source(line->y, line->to_y[i], line->height),                                            \
                     x = find_source(line->x + i, line->to_x[i], line->width);                                         \
        type *out = (type *)line->out + i;                                                                             \
        if (!y.is_inside || !x.is_inside) {                                                                            \
            *out = *(const type *)line->fill;                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        const type *upper = (const type *)line->in + y.first * line->width + x.first, *lower = upper + line->width;    \
        const wide part_y = (wide)y.part, part_x = (wide)x.part;                                                       \
        const wide above = (wide)upper[0] + part_x * ((wide)upper[1] - (wide)upper[0]),                                \
                   below = (wide)lower[0] + part_x * ((wide)lower[1] - (wide)lower[0]);                                \
        shift_put_##name(out, above + part_y * (below - above));                                                       \
    }                                                                                                                  \
    static void line_##name(const warp_line *line, int64_t first)                                                      \
    {                                                                                                                  \
        for (int64_t i = first; i < line->n; i++) pixel_##name(line, i);                                               \
    }

TYPES(PIXEL)

#define CASE(code, name, type, wide)                                                                                   \
    case code:                                                                                                         \
        line_##name(line, first);                                                                                      \
        return;

static void finish_line(const warp_line *line, int64_t first)
{
    switch (line->type) {
        TYPES(CASE)
    case LMP_INT24:
        return;
    }
}

void warp_bilinear_plain(const warp_line *line)
{
    finish_line(line, 0);
}

/* ---- Eight pixels at a time ---- */

#if defined(__x86_64__)

#define WIDE_INLINE KERNEL_WIDE KERNEL_INLINE

enum { LANES = 8 };

typedef struct sources {
    __m256i first, is_inside;
    __m256 part;
} sources;

WIDE_INLINE sources find_sources(__m256i at, __m256 to, int64_t n)
{
    const __m256 whole = _mm256_floor_ps(to);
    const __m256i last = _mm256_set1_epi32((int32_t)(n - 1)), next = _mm256_set1_epi32((int32_t)(n - 2));
    const __m256i first = _mm256_add_epi32(at, _mm256_cvttps_epi32(whole));
    const __m256 part = _mm256_sub_ps(to, whole);
    const __m256i is_between = _mm256_andnot_si256(_mm256_srai_epi32(first, 31), _mm256_cmpgt_epi32(last, first));
    const __m256i is_whole = _mm256_castps_si256(_mm256_cmp_ps(part, _mm256_setzero_ps(), _CMP_EQ_OQ));
    const __m256i is_last = _mm256_and_si256(_mm256_cmpeq_epi32(first, last), is_whole);
    return (sources){_mm256_blendv_epi8(next, first, is_between), _mm256_or_si256(is_between, is_last),
                     _mm256_blendv_ps(_mm256_set1_ps(1), part, _mm256_castsi256_ps(is_between))};
}

typedef struct pairs {
    __m256 left, right;
} pairs;

/* Pixels at `places` (counted in pixels) and those to their right. A word of 32 bits holds both where they are narrow;
 * of 8 bits it also holds two more, which must be there. */
WIDE_INLINE pairs take_u8(const void *in, __m256i places)
{
    const __m256i words = _mm256_i32gather_epi32(in, places, 1), byte = _mm256_set1_epi32(255);
    return (pairs){_mm256_cvtepi32_ps(_mm256_and_si256(words, byte)),
                   _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(words, 8), byte))};
}

WIDE_INLINE pairs take_u16(const void *in, __m256i places)
{
    const __m256i words = _mm256_i32gather_epi32(in, places, 2);
    return (pairs){_mm256_cvtepi32_ps(_mm256_and_si256(words, _mm256_set1_epi32(65535))),
                   _mm256_cvtepi32_ps(_mm256_srli_epi32(words, 16))};
}

WIDE_INLINE pairs take_i16(const void *in, __m256i places)
{
    const __m256i words = _mm256_i32gather_epi32(in, places, 2);
    return (pairs){_mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(words, 16), 16)),
                   _mm256_cvtepi32_ps(_mm256_srai_epi32(words, 16))};
}

WIDE_INLINE pairs take_f32(const void *in, __m256i places)
{
    return (pairs){_mm256_i32gather_ps(in, places, 4), _mm256_i32gather_ps((const float *)in + 1, places, 4)};
}

WIDE_INLINE void put_u8(void *out, __m256 values, __m256i is_inside, const void *fill)
{
    const __m256i whole =
        _mm256_blendv_epi8(_mm256_set1_epi32(*(const uint8_t *)fill), _mm256_cvtps_epi32(values), is_inside);
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(out, _mm_packus_epi16(words, words));
}

WIDE_INLINE void put_u16(void *out, __m256 values, __m256i is_inside, const void *fill)
{
    const __m256i whole =
        _mm256_blendv_epi8(_mm256_set1_epi32(*(const uint16_t *)fill), _mm256_cvtps_epi32(values), is_inside);
    _mm_storeu_si128(out, _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1)));
}

WIDE_INLINE void put_i16(void *out, __m256 values, __m256i is_inside, const void *fill)
{
    const __m256i whole =
        _mm256_blendv_epi8(_mm256_set1_epi32(*(const int16_t *)fill), _mm256_cvtps_epi32(values), is_inside);
    _mm_storeu_si128(out, _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1)));
}

WIDE_INLINE void put_f32(void *out, __m256 values, __m256i is_inside, const void *fill)
{
    _mm256_storeu_ps(out,
                     _mm256_blendv_ps(_mm256_set1_ps(*(const float *)fill), values, _mm256_castsi256_ps(is_inside)));
}

/* Whole groups of eight; gives how many pixels that is. Groups that touch the last two rows at their end (where a word
 * of 32 bits may reach beyond the image) are done pixel by pixel. */
#define LINE_LANES(name, type)                                                                                         \
    KERNEL_WIDE static int64_t lanes_##name(const warp_line *line)                                                     \
    {                                                                                                                  \
        const __m256i counting = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);                                            \
        const __m256i at_y = _mm256_set1_epi32((int32_t)line->y), width = _mm256_set1_epi32((int32_t)line->width);     \
        const __m256i most = _mm256_set1_epi32((int32_t)((line->height - 1) * line->width) - 4);                       \
        int64_t i = 0;                                                                                                 \
        for (; i + LANES <= line->n; i += LANES) {                                                                     \
            const __m256i at_x = _mm256_add_epi32(_mm256_set1_epi32((int32_t)(line->x + i)), counting);                \
            const sources y = find_sources(at_y, _mm256_loadu_ps(line->to_y + i), line->height),                       \
                          x = find_sources(at_x, _mm256_loadu_ps(line->to_x + i), line->width);                        \
            const __m256i places = _mm256_add_epi32(_mm256_mullo_epi32(y.first, width), x.first);                      \
            const __m256i is_inside = _mm256_and_si256(y.is_inside, x.is_inside);                                      \
            if (_mm256_movemask_epi8(_mm256_cmpgt_epi32(places, most)) != 0) {                                         \
                for (int64_t k = i; k < i + LANES; k++) pixel_##name(line, k);                                         \
                continue;                                                                                              \
            }                                                                                                          \
            const pairs upper = take_##name(line->in, places),                                                         \
                        lower = take_##name((const type *)line->in + line->width, places);                             \
            const __m256 above =                                                                                       \
                _mm256_add_ps(upper.left, _mm256_mul_ps(x.part, _mm256_sub_ps(upper.right, upper.left)));              \
            const __m256 below =                                                                                       \
                _mm256_add_ps(lower.left, _mm256_mul_ps(x.part, _mm256_sub_ps(lower.right, lower.left)));              \
            put_##name((type *)line->out + i,                                                                          \
                       _mm256_add_ps(above, _mm256_mul_ps(y.part, _mm256_sub_ps(below, above))), is_inside,            \
                       line->fill);                                                                                    \
        }                                                                                                              \
        return i;                                                                                                      \
    }

LINE_LANES(u8, uint8_t)
LINE_LANES(u16, uint16_t)
LINE_LANES(i16, int16_t)
LINE_LANES(f32, float)

static int64_t line_in_lanes(const warp_line *line)
{
    if (!kernel_has_wide()) return 0;
    switch (line->type) {
    case LMP_UINT8:
        return lanes_u8(line);
    case LMP_UINT16:
        return lanes_u16(line);
    case LMP_INT16:
        return lanes_i16(line);
    case LMP_FLOAT32:
        return lanes_f32(line);
    default:
        return 0;
    }
}

#else

static int64_t line_in_lanes(const warp_line *line)
{
    (void)line;
    return 0;
}

#endif

void warp_bilinear(const warp_line *line)
{
    finish_line(line, line_in_lanes(line));
}
