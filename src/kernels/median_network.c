/* SPDX-License-Identifier: BSD-3-Clause
 *
 * median_network.c: of one more than half of the values, neither the least nor the largest can be the median: they are
 * forgotten, and the next value comes in. Nine values by a shorter way.
 */
#include "kernels/median_network.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { SIDE = 2 * MEDIAN_NETWORK_RADIUS + 1, ROOM = SIDE * SIDE / 2 + 2 };

/* Medians with vectors `vector` of numbers `type`; load, least and most are its operations. */
#define NETWORK(name, attributes, type, vector, load, least, most)                                                     \
    attributes static inline __attribute__((always_inline))                                                            \
    vector name##_at(const type *const *rows, median_window w, int64_t at, int64_t k)                                  \
    {                                                                                                                  \
        const int64_t side = 2 * w.radius + 1;                                                                         \
        return load(rows[k / side] + at + k % side * w.step);                                                          \
    }                                                                                                                  \
    attributes static inline __attribute__((always_inline)) vector name##_middle(vector a, vector b, vector c)         \
    {                                                                                                                  \
        return most(least(a, b), least(most(a, b), c));                                                                \
    }                                                                                                                  \
    /* Out of m values the least and the largest are lost; the others lie in places 1 to m - 2. */                     \
    attributes static inline __attribute__((always_inline)) void name##_lose_ends(vector *p, int64_t m)                \
    {                                                                                                                  \
        vector low = least(p[0], p[m - 1]), high = most(p[0], p[m - 1]);                                               \
        for (int64_t i = 1; i < m / 2; i++) {                                                                          \
            const vector a = least(p[i], p[m - 1 - i]), b = most(p[i], p[m - 1 - i]);                                  \
            p[i] = most(low, a);                                                                                       \
            p[m - 1 - i] = least(high, b);                                                                             \
            low = least(low, a);                                                                                       \
            high = most(high, b);                                                                                      \
        }                                                                                                              \
        if (m % 2 == 1) p[m / 2] = name##_middle(low, high, p[m / 2]);                                                 \
    }                                                                                                                  \
    attributes static inline __attribute__((always_inline))                                                            \
    vector name##_forget(const type *const *rows, median_window w, int64_t at)                                         \
    {                                                                                                                  \
        const int64_t n = (2 * w.radius + 1) * (2 * w.radius + 1);                                                     \
        vector p[ROOM];                                                                                                \
        int64_t m = n / 2 + 2, next = m;                                                                               \
        for (int64_t k = 0; k < m; k++) p[k] = name##_at(rows, w, at, k);                                              \
        for (; next < n; next++, m--) {                                                                                \
            name##_lose_ends(p, m);                                                                                    \
            p[0] = name##_at(rows, w, at, next);                                                                       \
        }                                                                                                              \
        return name##_middle(p[0], p[1], p[2]);                                                                        \
    }                                                                                                                  \
    /* Sorted columns; the median of nine is that of the largest low, the middle middle and the smallest high. */      \
    attributes static inline __attribute__((always_inline))                                                            \
    vector name##_nine(const type *const *rows, median_window w, int64_t at)                                           \
    {                                                                                                                  \
        vector low[3], middle[3], high[3];                                                                             \
        for (int x = 0; x < 3; x++) {                                                                                  \
            const vector a = name##_at(rows, w, at, x), b = name##_at(rows, w, at, 3 + x),                             \
                         c = name##_at(rows, w, at, 6 + x);                                                            \
            low[x] = least(least(a, b), c);                                                                            \
            middle[x] = name##_middle(a, b, c);                                                                        \
            high[x] = most(most(a, b), c);                                                                             \
        }                                                                                                              \
        return name##_middle(most(most(low[0], low[1]), low[2]), name##_middle(middle[0], middle[1], middle[2]),       \
                             least(least(high[0], high[1]), high[2]));                                                 \
    }                                                                                                                  \
    attributes static void name(const type *const *rows, median_window w, int64_t n, type *out)                        \
    {                                                                                                                  \
        for (int64_t at = 0; at < n; at += (int64_t)(sizeof(vector) / sizeof(type))) {                                 \
            const vector made = w.radius == 1 ? name##_nine(rows, w, at) : name##_forget(rows, w, at);                 \
            memcpy(out + at, &made, sizeof made);                                                                      \
        }                                                                                                              \
    }

/* ---- One at a time ---- */

#define LOAD_ONE(x)    (*(x))
#define LEAST_OF(a, b) ((a) < (b) ? (a) : (b))
#define MOST_OF(a, b)  ((b) < (a) ? (a) : (b))

NETWORK(plain_u8, , uint8_t, uint8_t, LOAD_ONE, LEAST_OF, MOST_OF)
NETWORK(plain_u16, , uint16_t, uint16_t, LOAD_ONE, LEAST_OF, MOST_OF)
NETWORK(plain_f32, , float, float, LOAD_ONE, LEAST_OF, MOST_OF)

/* ---- 32 bytes at a time ---- */

#if defined(__x86_64__)

#define WIDE          __attribute__((target("avx2")))
#define LOAD_WHOLE(x) _mm256_loadu_si256((const __m256i *)(const void *)(x))

NETWORK(wide_u8, WIDE, uint8_t, __m256i, LOAD_WHOLE, _mm256_min_epu8, _mm256_max_epu8)
NETWORK(wide_u16, WIDE, uint16_t, __m256i, LOAD_WHOLE, _mm256_min_epu16, _mm256_max_epu16)
NETWORK(wide_f32, WIDE, float, __m256, _mm256_loadu_ps, _mm256_min_ps, _mm256_max_ps)

static bool has_wide(void)
{
    return __builtin_cpu_supports("avx2");
}

#else

#define wide_u8  plain_u8
#define wide_u16 plain_u16
#define wide_f32 plain_f32

static bool has_wide(void)
{
    return false;
}

#endif

#define CHOICE(suffix, type)                                                                                           \
    void median_network_##suffix(const type *const *rows, median_window w, int64_t n, type *out)                       \
    {                                                                                                                  \
        if (has_wide())                                                                                                \
            wide_##suffix(rows, w, n, out);                                                                            \
        else                                                                                                           \
            plain_##suffix(rows, w, n, out);                                                                           \
    }                                                                                                                  \
    void median_network_##suffix##_plain(const type *const *rows, median_window w, int64_t n, type *out)               \
    {                                                                                                                  \
        plain_##suffix(rows, w, n, out);                                                                               \
    }

CHOICE(u8, uint8_t)
CHOICE(u16, uint16_t)
CHOICE(f32, float)
