/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shift_bilinear.c: row by row: first between columns, then with the same of the row above, which has been kept in the
 * nearest cache. Integers of 8 and 16 bits are done in whole registers where there is AVX2.
 */
#include "kernels/shift_bilinear.h"

#include "kernels/temporal_types.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Numbers in between: 1/128 for 8 bits, so that differences of any two fit 16 bits. */
typedef int16_t fixed;
typedef float single;
typedef double twice;

enum { FIXED_BITS = 7, WEIGHT_BITS = 15, BLOCK_BYTES = 32 };

#define NARROW_TYPES(X)                                                                                                \
    X(LMP_INT8, i8, int8_t, fixed)                                                                                     \
    X(LMP_UINT8, u8, uint8_t, fixed)                                                                                   \
    X(LMP_INT16, i16, int16_t, single)                                                                                 \
    X(LMP_UINT16, u16, uint16_t, single)
#define TYPES(X)                                                                                                       \
    NARROW_TYPES(X)                                                                                                    \
    X(LMP_INT32, i32, int32_t, twice)                                                                                  \
    X(LMP_UINT32, u32, uint32_t, twice)                                                                                \
    X(LMP_INT64, i64, int64_t, twice)                                                                                  \
    X(LMP_UINT64, u64, uint64_t, twice)                                                                                \
    X(LMP_FLOAT32, f32, float, single)                                                                                 \
    X(LMP_FLOAT64, f64, double, twice)

/* ---- Numbers in between ---- */

static inline fixed weight_fixed(double part)
{
    const double weight = nearbyint(part * (1 << WEIGHT_BITS));
    return (fixed)(weight < INT16_MAX ? weight : INT16_MAX);
}

static inline single weight_single(double part)
{
    return (single)part;
}

static inline twice weight_twice(double part)
{
    return part;
}

static inline fixed mix_fixed(fixed a, fixed b, fixed weight)
{
    const fixed off = (fixed)(b - a);
    return (fixed)(a + (((int32_t)off * weight + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS));
}

static inline single mix_single(single a, single b, single weight)
{
    return a + weight * (b - a);
}

static inline twice mix_twice(twice a, twice b, twice weight)
{
    return a + weight * (b - a);
}

#define TAKE_fixed(x)  (fixed)((x) * (1 << FIXED_BITS))
#define TAKE_single(x) (single)(x)
#define TAKE_twice(x)  (twice)(x)

/* Half to even. */
#define ROUND_FIXED(x)                (((x) + (1 << (FIXED_BITS - 1)) - 1 + (((x) >> FIXED_BITS) & 1)) >> FIXED_BITS)
#define PUT_fixed(name, type, to, x)  (*(to) = (type)ROUND_FIXED(x))
#define PUT_single(name, type, to, x) shift_put_##name(to, x)
#define PUT_twice(name, type, to, x)  shift_put_##name(to, x)

/* ---- Rows ---- */

/* Between the columns of a row. */
#define BETWEEN(wide, at, i, colours, weight)                                                                          \
    mix_##wide(TAKE_##wide((at)[i]), TAKE_##wide((at)[(i) + (colours)]), weight)

#define ROWS(code, name, type, wide)                                                                                   \
    KERNEL_INLINE void first_row_##name(const type *restrict in, int64_t colours, int64_t n, wide weight,              \
                                        wide *restrict row)                                                            \
    {                                                                                                                  \
        if (weight == 0)                                                                                               \
            for (int64_t i = 0; i < n; i++) row[i] = TAKE_##wide(in[i]);                                               \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) row[i] = BETWEEN(wide, in, i, colours, weight);                            \
    }                                                                                                                  \
    /* row: of the row above; then of this one. */                                                                     \
    KERNEL_INLINE void next_row_##name(const type *restrict in, int64_t colours, int64_t n, wide weight_x,             \
                                       wide weight_y, wide *restrict row, type *restrict out)                          \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const wide lower = weight_x == 0 ? TAKE_##wide(in[i]) : BETWEEN(wide, in, i, colours, weight_x);           \
            PUT_##wide(name, type, out + i, mix_##wide(row[i], lower, weight_y));                                      \
            row[i] = lower;                                                                                            \
        }                                                                                                              \
    }                                                                                                                  \
    KERNEL_INLINE void only_row_##name(int64_t n, wide *restrict row, type *restrict out)                              \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) PUT_##wide(name, type, out + i, row[i]);                                       \
    }                                                                                                                  \
    KERNEL_INLINE bool shift_##name##_body(const shift_area *a, void *row)                                             \
    {                                                                                                                  \
        const type *in = a->in;                                                                                        \
        type *out = a->out;                                                                                            \
        const wide weight_y = weight_##wide(a->part_y), weight_x = weight_##wide(a->part_x);                           \
        for (int64_t y = 0; y < a->rows; y++, in += a->in_row, out += a->out_row) {                                    \
            if (y == 0 || weight_y == 0) first_row_##name(in, a->colours, a->values, weight_x, row);                   \
            if (weight_y == 0)                                                                                         \
                only_row_##name(a->values, row, out);                                                                  \
            else                                                                                                       \
                next_row_##name(in + a->in_row, a->colours, a->values, weight_x, weight_y, row, out);                  \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(shift_##name, (const shift_area *a, void *row), (a, row))

TYPES(ROWS)

/* ---- Integers of 8 and 16 bits, 32 bytes at a time ---- */

#if defined(__x86_64__)

#define WIDE_INLINE KERNEL_WIDE KERNEL_INLINE

typedef __m256i fixed_lanes; /* 16 */
typedef __m256 single_lanes; /* 8 */

#define SPREAD_fixed(weight)  _mm256_set1_epi16(weight)
#define SPREAD_single(weight) _mm256_set1_ps(weight)

#define TAKE_LANES_i8(from)  _mm256_slli_epi16(_mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(from))), FIXED_BITS)
#define TAKE_LANES_u8(from)  _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)(from))), FIXED_BITS)
#define TAKE_LANES_i16(from) _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const void *)(from))))
#define TAKE_LANES_u16(from) _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)(from))))

WIDE_INLINE fixed_lanes mix_lanes_fixed(fixed_lanes a, fixed_lanes b, fixed_lanes weight)
{
    return _mm256_add_epi16(a, _mm256_mulhrs_epi16(_mm256_sub_epi16(b, a), weight));
}

WIDE_INLINE single_lanes mix_lanes_single(single_lanes a, single_lanes b, single_lanes weight)
{
    return _mm256_add_ps(a, _mm256_mul_ps(weight, _mm256_sub_ps(b, a)));
}

/* The product with 2^8, of which 2^15 are one, adds the half and takes the bits off. */
WIDE_INLINE __m256i round_lanes_fixed(fixed_lanes x)
{
    const __m256i even = _mm256_andnot_si256(_mm256_srli_epi16(x, FIXED_BITS), _mm256_set1_epi16(1));
    return _mm256_mulhrs_epi16(_mm256_sub_epi16(x, even), _mm256_set1_epi16(1 << (WEIGHT_BITS - FIXED_BITS)));
}

WIDE_INLINE __m256i round_lanes_single(single_lanes x)
{
    return _mm256_cvtps_epi32(x);
}

#define PACK_i8  _mm256_packs_epi16
#define PACK_u8  _mm256_packus_epi16
#define PACK_i16 _mm256_packs_epi32
#define PACK_u16 _mm256_packus_epi32

/* Blocks of 32 bytes of the result; the last one ends with the row and may overlap the one before, each has its own
 * piece of `row`. */
#define LANES(code, name, type, wide)                                                                                  \
    WIDE_INLINE wide##_lanes between_lanes_##name(const type *in, int64_t colours, wide##_lanes weight)                \
    {                                                                                                                  \
        return mix_lanes_##wide(TAKE_LANES_##name(in), TAKE_LANES_##name(in + colours), weight);                       \
    }                                                                                                                  \
    WIDE_INLINE __m256i next_lanes_##name(const type *in, int64_t colours, wide##_lanes weight_x,                      \
                                          wide##_lanes weight_y, wide##_lanes *kept)                                   \
    {                                                                                                                  \
        const wide##_lanes upper = *kept, lower = between_lanes_##name(in, colours, weight_x);                         \
        *kept = lower;                                                                                                 \
        return round_lanes_##wide(mix_lanes_##wide(upper, lower, weight_y));                                           \
    }                                                                                                                  \
    WIDE_INLINE void keep_lanes_##name(const type *in, int64_t colours, int64_t n, wide##_lanes weight,                \
                                       wide##_lanes *kept)                                                             \
    {                                                                                                                  \
        enum { BLOCK = BLOCK_BYTES / sizeof(type), HALF = BLOCK / 2 };                                                 \
        for (int64_t i = 0; i < n; i += BLOCK) {                                                                       \
            const type *from = in + (i < n - BLOCK ? i : n - BLOCK);                                                   \
            *kept++ = between_lanes_##name(from, colours, weight);                                                     \
            *kept++ = between_lanes_##name(from + HALF, colours, weight);                                              \
        }                                                                                                              \
    }                                                                                                                  \
    KERNEL_WIDE static bool shift_##name##_lanes(const shift_area *a, wide##_lanes *row)                               \
    {                                                                                                                  \
        enum { BLOCK = BLOCK_BYTES / sizeof(type), HALF = BLOCK / 2 };                                                 \
        const wide one_y = weight_##wide(a->part_y), one_x = weight_##wide(a->part_x);                                 \
        const wide##_lanes weight_y = SPREAD_##wide(one_y), weight_x = SPREAD_##wide(one_x);                           \
        const int64_t colours = one_x == 0 ? 0 : a->colours, below = one_y == 0 ? 0 : a->in_row;                       \
        const int64_t n = a->values;                                                                                   \
        const type *in = a->in;                                                                                        \
        type *out = a->out;                                                                                            \
        for (int64_t y = 0; y < a->rows; y++, in += a->in_row, out += a->out_row) {                                    \
            wide##_lanes *kept = row;                                                                                  \
            if (y == 0 || one_y == 0) keep_lanes_##name(in, colours, n, weight_x, row);                                \
            for (int64_t i = 0; i < n; i += BLOCK, kept += 2) {                                                        \
                const int64_t at = i < n - BLOCK ? i : n - BLOCK;                                                      \
                const type *from = in + below + at;                                                                    \
                const __m256i first = next_lanes_##name(from, colours, weight_x, weight_y, kept);                      \
                const __m256i second = next_lanes_##name(from + HALF, colours, weight_x, weight_y, kept + 1);          \
                const __m256i packed = PACK_##name(first, second);                                                     \
                _mm256_storeu_si256((void *)(out + at), _mm256_permute4x64_epi64(packed, 0xd8));                       \
            }                                                                                                          \
        }                                                                                                              \
        return true;                                                                                                   \
    }

NARROW_TYPES(LANES)

#endif

/* ---- By type ---- */

#define CASE_ROW(code, name, type, wide)                                                                               \
    case code:                                                                                                         \
        return (size_t)(values + BLOCK_BYTES) * sizeof(wide);
#define CASE(code, name, type, wide)                                                                                   \
    case code:                                                                                                         \
        (void)KERNEL_PICK(shift_##name, (a, row));                                                                     \
        break;
#define CASE_LANES(code, name, type, wide)                                                                             \
    case code:                                                                                                         \
        return shift_##name##_lanes(a, row);
#define CASE_PLAIN(code, name, type, wide)                                                                             \
    case code:                                                                                                         \
        pixel_##name(a, y, i);                                                                                         \
        break;

size_t shift_bilinear_row_bytes(lmp_type type, int64_t values)
{
    switch (type) {
        TYPES(CASE_ROW)
    case LMP_INT24:
        break;
    }
    return 0;
}

/* False: not for this type or on this machine. */
static bool shift_in_lanes(const shift_area *a, void *row)
{
#if defined(__x86_64__)
    if (!kernel_has_wide() || a->values * (int64_t)lmp_type_bytes(a->type) < BLOCK_BYTES) return false;
    switch (a->type) {
        NARROW_TYPES(CASE_LANES)
    default:
        break;
    }
#else
    (void)a, (void)row;
#endif
    return false;
}

void shift_bilinear(const shift_area *a, void *row)
{
    if (shift_in_lanes(a, row)) return;
    switch (a->type) {
        TYPES(CASE)
    case LMP_INT24:
        break;
    }
}

/* ---- Plain reference ---- */

#define PLAIN(code, name, type, wide)                                                                                  \
    static wide between_##name(const shift_area *a, const type *in)                                                    \
    {                                                                                                                  \
        const wide weight = weight_##wide(a->part_x);                                                                  \
        return weight == 0 ? TAKE_##wide(*in) : BETWEEN(wide, in, 0, a->colours, weight);                              \
    }                                                                                                                  \
    static void pixel_##name(const shift_area *a, int64_t y, int64_t i)                                                \
    {                                                                                                                  \
        const type *in = (const type *)a->in + y * a->in_row + i;                                                      \
        type *out = (type *)a->out + y * a->out_row + i;                                                               \
        const wide weight = weight_##wide(a->part_y), upper = between_##name(a, in);                                   \
        if (weight == 0)                                                                                               \
            PUT_##wide(name, type, out, upper);                                                                        \
        else                                                                                                           \
            PUT_##wide(name, type, out, mix_##wide(upper, between_##name(a, in + a->in_row), weight));                 \
    }

TYPES(PLAIN)

void shift_bilinear_plain(const shift_area *a)
{
    for (int64_t y = 0; y < a->rows; y++)
        for (int64_t i = 0; i < a->values; i++) switch (a->type) {
                TYPES(CASE_PLAIN)
            case LMP_INT24:
                break;
            }
}
