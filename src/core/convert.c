/* SPDX-License-Identifier: BSD-3-Clause
 *
 * convert.c: one loop for each pair of types, made by macros so that each is a plain loop the compiler vectorises.
 *
 * Integers go to integers through comparison, to floats by a cast (which rounds to nearest even). Floats go to integers
 * by rint() and a check; NaN fails every comparison and so is a misfit.
 */
#include "core/convert.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The same loops serve narrow types, of which a comparison with a wide bound is always true. */
#pragma GCC diagnostic ignored "-Wtype-limits"

typedef int64_t convert_loop(const void *from, void *to, int64_t count);

/* The second pass that finds the first misfit is rare: the first only asks whether there is one. */
#define LOOP(name, FROM, TO, FITS, VALUE)                                                                              \
    static int64_t name(const void *from, void *to, int64_t count)                                                     \
    {                                                                                                                  \
        const FROM *a = from;                                                                                          \
        TO *b = to;                                                                                                    \
        int all = 1;                                                                                                   \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            const FROM v = a[i];                                                                                       \
            const int fits = (FITS);                                                                                   \
            all &= fits;                                                                                               \
            b[i] = fits ? (TO)(VALUE) : (TO)0;                                                                         \
        }                                                                                                              \
        if (all) return -1;                                                                                            \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            const FROM v = a[i];                                                                                       \
            if (!(FITS)) return i;                                                                                     \
        }                                                                                                              \
        return -1;                                                                                                     \
    }

#define EXACT(name, FROM, TO)                                                                                          \
    static int64_t name(const void *from, void *to, int64_t count)                                                     \
    {                                                                                                                  \
        const FROM *a = from;                                                                                          \
        TO *b = to;                                                                                                    \
        for (int64_t i = 0; i < count; i++) b[i] = (TO)a[i];                                                           \
        return -1;                                                                                                     \
    }

/* Integers: wide signed type for everything but uint64. */
#define INT_TO_INT(tag, FROM, to_tag, TO, LOW, HIGH)                                                                   \
    LOOP(tag##_to_##to_tag, FROM, TO, (int64_t)v >= (LOW) && (int64_t)v <= (HIGH), v)
#define U64_TO_INT(to_tag, TO, HIGH) LOOP(u64_to_##to_tag, uint64_t, TO, v <= (uint64_t)(HIGH), v)
#define FLOAT_TO_INT(tag, FROM, ROUND, to_tag, TO, LOW, HIGH)                                                          \
    LOOP(tag##_to_##to_tag, FROM, TO, ROUND(v) >= (FROM)(LOW) && ROUND(v) <= (FROM)(HIGH), ROUND(v))
/* The largest 64-bit integers are no floats: the bound is the power of two above them. */
#define FLOAT_TO_64(tag, FROM, ROUND, to_tag, TO, LOW, ABOVE)                                                          \
    LOOP(tag##_to_##to_tag, FROM, TO, ROUND(v) >= (FROM)(LOW) && ROUND(v) < (FROM)(ABOVE), ROUND(v))

#define FROM_INT(tag, FROM)                                                                                            \
    INT_TO_INT(tag, FROM, i8, int8_t, INT8_MIN, INT8_MAX)                                                              \
    INT_TO_INT(tag, FROM, u8, uint8_t, 0, UINT8_MAX)                                                                   \
    INT_TO_INT(tag, FROM, i16, int16_t, INT16_MIN, INT16_MAX)                                                          \
    INT_TO_INT(tag, FROM, u16, uint16_t, 0, UINT16_MAX)                                                                \
    INT_TO_INT(tag, FROM, i32, int32_t, INT32_MIN, INT32_MAX)                                                          \
    INT_TO_INT(tag, FROM, u32, uint32_t, 0, UINT32_MAX)                                                                \
    EXACT(tag##_to_i64, FROM, int64_t)                                                                                 \
    LOOP(tag##_to_u64, FROM, uint64_t, (int64_t)v >= 0, v)                                                             \
    EXACT(tag##_to_f32, FROM, float)                                                                                   \
    EXACT(tag##_to_f64, FROM, double)

#define FROM_FLOAT(tag, FROM, ROUND)                                                                                   \
    FLOAT_TO_INT(tag, FROM, ROUND, i8, int8_t, INT8_MIN, INT8_MAX)                                                     \
    FLOAT_TO_INT(tag, FROM, ROUND, u8, uint8_t, 0, UINT8_MAX)                                                          \
    FLOAT_TO_INT(tag, FROM, ROUND, i16, int16_t, INT16_MIN, INT16_MAX)                                                 \
    FLOAT_TO_INT(tag, FROM, ROUND, u16, uint16_t, 0, UINT16_MAX)                                                       \
    FLOAT_TO_64(tag, FROM, ROUND, i32, int32_t, INT32_MIN, 2147483648.0)                                               \
    FLOAT_TO_64(tag, FROM, ROUND, u32, uint32_t, 0, 4294967296.0)                                                      \
    FLOAT_TO_64(tag, FROM, ROUND, i64, int64_t, INT64_MIN, 9223372036854775808.0)                                      \
    FLOAT_TO_64(tag, FROM, ROUND, u64, uint64_t, 0, 18446744073709551616.0)

FROM_INT(i8, int8_t)
FROM_INT(u8, uint8_t)
FROM_INT(i16, int16_t)
FROM_INT(u16, uint16_t)
FROM_INT(i32, int32_t)
FROM_INT(u32, uint32_t)
FROM_INT(i64, int64_t)
U64_TO_INT(i8, int8_t, INT8_MAX)
U64_TO_INT(u8, uint8_t, UINT8_MAX)
U64_TO_INT(i16, int16_t, INT16_MAX)
U64_TO_INT(u16, uint16_t, UINT16_MAX)
U64_TO_INT(i32, int32_t, INT32_MAX)
U64_TO_INT(u32, uint32_t, UINT32_MAX)
U64_TO_INT(i64, int64_t, INT64_MAX)
EXACT(u64_to_u64, uint64_t, uint64_t)
EXACT(u64_to_f32, uint64_t, float)
EXACT(u64_to_f64, uint64_t, double)
FROM_FLOAT(f32, float, rintf)
EXACT(f32_to_f32, float, float)
EXACT(f32_to_f64, float, double)
FROM_FLOAT(f64, double, rint)
/* Infinities and NaN pass; a finite double beyond float32 does not become an infinity. */
LOOP(f64_to_f32, double, float, !(fabs(v) > (double)FLT_MAX) || fabs(v) > DBL_MAX, v)
EXACT(f64_to_f64, double, double)

#define ROW(tag)                                                                                                       \
    {                                                                                                                  \
        NULL, tag##_to_i8, tag##_to_u8, tag##_to_i16, tag##_to_u16, NULL, tag##_to_i32, tag##_to_u32, tag##_to_i64,    \
            tag##_to_u64, tag##_to_f32, tag##_to_f64                                                                   \
    }

/* By lmp_type. */
static convert_loop *const loops[12][12] = {{NULL},   ROW(i8),  ROW(u8),  ROW(i16), ROW(u16), {NULL},
                                            ROW(i32), ROW(u32), ROW(i64), ROW(u64), ROW(f32), ROW(f64)};

int64_t convert_values(lmp_type from_type, const void *from, lmp_type to_type, void *to, int64_t count)
{
    if (from_type == to_type) {
        memcpy(to, from, (size_t)count * lmp_type_bytes(from_type));
        return -1;
    }
    return loops[from_type][to_type](from, to, count);
}

bool convert_is_exact(lmp_type from, lmp_type to)
{
    static const int bits[] = {0, 7, 8, 15, 16, 23, 31, 32, 63, 64, 24, 53}; /* of the number without its sign */
    const bool from_float = from >= LMP_FLOAT32, to_float = to >= LMP_FLOAT32;
    const bool is_signed = from == LMP_INT8 || from == LMP_INT16 || from == LMP_INT24 || from == LMP_INT32 ||
                           from == LMP_INT64 || from_float;
    const bool holds_sign =
        to == LMP_INT8 || to == LMP_INT16 || to == LMP_INT24 || to == LMP_INT32 || to == LMP_INT64 || to_float;
    return bits[from] <= bits[to] && (!from_float || to_float) && (!is_signed || holds_sign);
}

/* ---- Frames ---- */

size_t frames_row_bytes(const lmp_frames *frames)
{
    return (size_t)(frames->width * frames->n_colours) * lmp_type_bytes(frames->type);
}

void *frames_row(const lmp_frames *frames, int64_t frame, int64_t row)
{
    return (char *)frames->data + (size_t)frame * frames->stride + (size_t)row * frames_row_bytes(frames);
}

lmp_status convert_frames(const lmp_frames *from, const lmp_frames *to, lmp_error *err)
{
    const int64_t row_values = from->width * from->n_colours, n = from->rows * row_values;
    for (int64_t i = 0; i < from->count; i++) {
        const int64_t bad = convert_values(from->type, frames_row(from, i, 0), to->type, frames_row(to, i, 0), n);
        if (bad < 0) continue;
        double value = 0;
        (void)convert_values(from->type, (char *)frames_row(from, i, 0) + (size_t)bad * lmp_type_bytes(from->type),
                             LMP_FLOAT64, &value, 1);
        return lmp_fail(err, LMP_ERR_RANGE,
                        "frame %lld holds %g at x=%lld, y=%lld, which its number type cannot hold: convert the movie "
                        "first (convert type=float32)",
                        (long long)(from->first + i), value, (long long)(bad % row_values / from->n_colours),
                        (long long)(from->row + bad / row_values));
    }
    return LMP_OK;
}

void copy_frames(const lmp_frames *from, const lmp_frames *to)
{
    const size_t bytes = (size_t)from->rows * frames_row_bytes(from);
    if (from->stride == bytes && to->stride == bytes) {
        memcpy(to->data, from->data, bytes * (size_t)from->count);
        return;
    }
    for (int64_t i = 0; i < from->count; i++) memcpy(frames_row(to, i, 0), frames_row(from, i, 0), bytes);
}
