/* SPDX-License-Identifier: BSD-3-Clause
 *
 * median_network.h: medians of small square windows by comparisons that do not depend on the values: many pixels at
 * once.
 */
#ifndef LIMPID_KERNELS_MEDIAN_NETWORK_H
#define LIMPID_KERNELS_MEDIAN_NETWORK_H

#include <stdint.h>

/* Pixels are computed by so many, to the end of the last: rows and out need room. */
enum { MEDIAN_NETWORK_RADIUS = 6, MEDIAN_NETWORK_AT_ONCE = 64 };

/* out[i], i below n: the median of rows[j][i + k * step], j and k from 0 to 2 radius; none of them NaN. */
typedef struct median_window {
    int64_t radius, step; /* radius: 1 to MEDIAN_NETWORK_RADIUS */
} median_window;

void median_network_u8(const uint8_t *const *rows, median_window w, int64_t n, uint8_t *out);
void median_network_u16(const uint16_t *const *rows, median_window w, int64_t n, uint16_t *out);
void median_network_f32(const float *const *rows, median_window w, int64_t n, float *out);

/* Plain references: the same values. */
void median_network_u8_plain(const uint8_t *const *rows, median_window w, int64_t n, uint8_t *out);
void median_network_u16_plain(const uint16_t *const *rows, median_window w, int64_t n, uint16_t *out);
void median_network_f32_plain(const float *const *rows, median_window w, int64_t n, float *out);

#endif
