/* SPDX-License-Identifier: BSD-3-Clause
 *
 * least_lines.c: eight lines at a time, so that what has been found so far is read and written once for eight.
 */
#include "kernels/least_lines.h"

#include "kernels/temporal_types.h"

#include <string.h>

enum { AT_ONCE = 8 };

#define LESSER(a, b) ((a) < (b) ? (a) : (b))

#define LEAST(suffix, type)                                                                                            \
    KERNEL_INLINE bool shifted_##suffix##_body(const type *restrict from, int64_t offset, int64_t n,                   \
                                               type *restrict to)                                                      \
    {                                                                                                                  \
        const type *restrict other = from + offset;                                                                    \
        for (int64_t i = 0; i < n; i++) to[i] = LESSER(from[i], other[i]);                                             \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(shifted_##suffix, (const type *from, int64_t offset, int64_t n, type *to), (from, offset, n, to))     \
    KERNEL_INLINE bool eight_##suffix##_body(const void *const *lines, int64_t n, type *restrict to)                   \
    {                                                                                                                  \
        const type *l0 = lines[0], *l1 = lines[1], *l2 = lines[2], *l3 = lines[3];                                     \
        const type *l4 = lines[4], *l5 = lines[5], *l6 = lines[6], *l7 = lines[7];                                     \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const type a = LESSER(l0[i], l1[i]), b = LESSER(l2[i], l3[i]);                                             \
            const type c = LESSER(l4[i], l5[i]), d = LESSER(l6[i], l7[i]);                                             \
            const type e = LESSER(a, b), f = LESSER(c, d), g = LESSER(e, f);                                           \
            to[i] = LESSER(g, to[i]);                                                                                  \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(eight_##suffix, (const void *const *lines, int64_t n, type *to), (lines, n, to))                      \
    static void shifted_##suffix##_plain(const type *from, int64_t offset, int64_t n, type *to)                        \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) to[i] = from[i + offset] < from[i] ? from[i + offset] : from[i];               \
    }                                                                                                                  \
    static void lines_##suffix##_plain(const void *const *lines, int64_t count, int64_t n, type *to)                   \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            to[i] = ((const type *)lines[0])[i];                                                                       \
            for (int64_t k = 1; k < count; k++)                                                                        \
                to[i] = ((const type *)lines[k])[i] < to[i] ? ((const type *)lines[k])[i] : to[i];                     \
        }                                                                                                              \
    }

#define ALL_TYPES(use)                                                                                                 \
    use(LMP_INT8, i8, int8_t) use(LMP_UINT8, u8, uint8_t) use(LMP_INT16, i16, int16_t) use(LMP_UINT16, u16, uint16_t)  \
        use(LMP_INT32, i32, int32_t) use(LMP_UINT32, u32, uint32_t) use(LMP_INT64, i64, int64_t)                       \
            use(LMP_UINT64, u64, uint64_t) use(LMP_FLOAT32, f32, float) use(LMP_FLOAT64, f64, double)

#define MAKE(code, suffix, type) LEAST(suffix, type)
ALL_TYPES(MAKE)

void least_shifted(lmp_type type, const void *from, int64_t offset, int64_t n, void *to)
{
    switch (type) {
#define CASE_SHIFTED(code, suffix, c)                                                                                  \
    case code:                                                                                                         \
        (void)KERNEL_PICK(shifted_##suffix, (from, offset, n, to));                                                    \
        break;
        ALL_TYPES(CASE_SHIFTED)
    case LMP_INT24:
        break;
    }
}

static void take_eight(lmp_type type, const void *const *lines, int64_t n, void *to)
{
    switch (type) {
#define CASE_EIGHT(code, suffix, c)                                                                                    \
    case code:                                                                                                         \
        (void)KERNEL_PICK(eight_##suffix, (lines, n, to));                                                             \
        break;
        ALL_TYPES(CASE_EIGHT)
    case LMP_INT24:
        break;
    }
}

void least_lines(lmp_type type, const void *const *lines, int64_t count, int64_t n, void *to)
{
    memcpy(to, lines[0], (size_t)n * lmp_type_bytes(type));
    int64_t k = 1;
    for (; k + AT_ONCE <= count; k += AT_ONCE) take_eight(type, lines + k, n, to);
    if (k == count) return;
    const void *rest[AT_ONCE]; /* the last one as often as needed */
    for (int64_t i = 0; i < AT_ONCE; i++) rest[i] = lines[k + i < count ? k + i : count - 1];
    take_eight(type, rest, n, to);
}

/* ---- Plain references ---- */

void least_shifted_plain(lmp_type type, const void *from, int64_t offset, int64_t n, void *to)
{
    switch (type) {
#define CASE_SHIFTED_PLAIN(code, suffix, c)                                                                            \
    case code:                                                                                                         \
        shifted_##suffix##_plain(from, offset, n, to);                                                                 \
        break;
        ALL_TYPES(CASE_SHIFTED_PLAIN)
    case LMP_INT24:
        break;
    }
}

void least_lines_plain(lmp_type type, const void *const *lines, int64_t count, int64_t n, void *to)
{
    switch (type) {
#define CASE_LINES_PLAIN(code, suffix, c)                                                                              \
    case code:                                                                                                         \
        lines_##suffix##_plain(lines, count, n, to);                                                                   \
        break;
        ALL_TYPES(CASE_LINES_PLAIN)
    case LMP_INT24:
        break;
    }
}
