/* SPDX-License-Identifier: BSD-3-Clause
 *
 * median_network.c: of one more than half of the values, neither the least nor the largest can be the median: they are
 * forgotten, and the next value comes in. Nine values by a shorter way.
 */
#include "kernels/median_network.h"

#include "kernels/temporal_types.h"

#include <string.h>

enum { SIDE = 2 * MEDIAN_NETWORK_RADIUS + 1, ROOM = SIDE * SIDE / 2 + 2 };

/* `lanes`: 64 bytes of them. */
#define NETWORK(suffix, type, lanes)                                                                                   \
    KERNEL_INLINE void order_##suffix(type *restrict a, type *restrict b)                                              \
    {                                                                                                                  \
        type low[lanes], high[lanes];                                                                                  \
        for (int i = 0; i < (lanes); i++) low[i] = a[i] < b[i] ? a[i] : b[i];                                          \
        for (int i = 0; i < (lanes); i++) high[i] = a[i] < b[i] ? b[i] : a[i];                                         \
        memcpy(a, low, sizeof low);                                                                                    \
        memcpy(b, high, sizeof high);                                                                                  \
    }                                                                                                                  \
    /* The least of m values goes to the first place, the largest to the last. */                                      \
    KERNEL_INLINE void part_ends_##suffix(type p[][lanes], int64_t m)                                                  \
    {                                                                                                                  \
        for (int64_t i = 0; i < m / 2; i++) order_##suffix(p[i], p[m - 1 - i]);                                        \
        for (int64_t i = 1; i < (m + 1) / 2; i++) order_##suffix(p[0], p[i]);                                          \
        for (int64_t i = m / 2; i < m - 1; i++) order_##suffix(p[i], p[m - 1]);                                        \
    }                                                                                                                  \
    KERNEL_INLINE void forget_##suffix(const type *const *rows, median_window w, int64_t at, type *out)                \
    {                                                                                                                  \
        const int64_t side = 2 * w.radius + 1, n = side * side;                                                        \
        type p[ROOM][lanes];                                                                                           \
        int64_t m = n / 2 + 2, next = m;                                                                               \
        for (int64_t k = 0; k < m; k++) memcpy(p[k], rows[k / side] + at + k % side * w.step, sizeof p[k]);            \
        for (; next < n; next++, m--) {                                                                                \
            part_ends_##suffix(p, m);                                                                                  \
            memcpy(p[0], rows[next / side] + at + next % side * w.step, sizeof p[0]);                                  \
        }                                                                                                              \
        part_ends_##suffix(p, 3);                                                                                      \
        memcpy(out + at, p[1], sizeof p[1]);                                                                           \
    }                                                                                                                  \
    /* Sorted columns; the median of nine is that of the largest low, the middle middle and the smallest high. */      \
    KERNEL_INLINE void nine_##suffix(const type *const *rows, int64_t step, int64_t at, type *out)                     \
    {                                                                                                                  \
        type p[3][3][lanes];                                                                                           \
        for (int64_t x = 0; x < 3; x++) {                                                                              \
            for (int64_t y = 0; y < 3; y++) memcpy(p[y][x], rows[y] + at + x * step, sizeof p[y][x]);                  \
            order_##suffix(p[0][x], p[1][x]);                                                                          \
            order_##suffix(p[1][x], p[2][x]);                                                                          \
            order_##suffix(p[0][x], p[1][x]);                                                                          \
        }                                                                                                              \
        order_##suffix(p[0][0], p[0][1]);                                                                              \
        order_##suffix(p[0][1], p[0][2]); /* the largest low */                                                        \
        order_##suffix(p[1][0], p[1][1]);                                                                              \
        order_##suffix(p[1][1], p[1][2]);                                                                              \
        order_##suffix(p[1][0], p[1][1]); /* the middle middle */                                                      \
        order_##suffix(p[2][1], p[2][2]);                                                                              \
        order_##suffix(p[2][0], p[2][1]); /* the smallest high */                                                      \
        order_##suffix(p[0][2], p[1][1]);                                                                              \
        order_##suffix(p[1][1], p[2][0]);                                                                              \
        order_##suffix(p[0][2], p[1][1]);                                                                              \
        memcpy(out + at, p[1][1], sizeof p[1][1]);                                                                     \
    }                                                                                                                  \
    KERNEL_INLINE bool medians_##suffix##_body(const type *const *rows, median_window w, int64_t n, type *out)         \
    {                                                                                                                  \
        for (int64_t at = 0; at < n; at += (lanes)) {                                                                  \
            if (w.radius == 1)                                                                                         \
                nine_##suffix(rows, w.step, at, out);                                                                  \
            else                                                                                                       \
                forget_##suffix(rows, w, at, out);                                                                     \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(medians_##suffix, (const type *const *rows, median_window w, int64_t n, type *out),                   \
                 (rows, w, n, out))                                                                                    \
    void median_network_##suffix(const type *const *rows, median_window w, int64_t n, type *out)                       \
    {                                                                                                                  \
        (void)KERNEL_PICK(medians_##suffix, (rows, w, n, out));                                                        \
    }

NETWORK(u8, uint8_t, 64)
NETWORK(u16, uint16_t, 32)
NETWORK(f32, float, 16)
