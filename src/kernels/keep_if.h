/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keep_if.h: choices made on the bits of results, not by branches, so that loops become vectors. Inside src/kernels
 * only.
 */
#ifndef LIMPID_KERNELS_KEEP_IF_H
#define LIMPID_KERNELS_KEEP_IF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define KEEP_IF(name, type, bits_type)                                                                                 \
    static inline __attribute__((always_inline)) type name(bool kept, type x)                                          \
    {                                                                                                                  \
        bits_type bits;                                                                                                \
        memcpy(&bits, &x, sizeof bits);                                                                                \
        bits &= -(bits_type)kept;                                                                                      \
        memcpy(&x, &bits, sizeof x);                                                                                   \
        return x;                                                                                                      \
    }

/* x, or 0 if not `kept`. */
KEEP_IF(keep_float_if, float, int32_t)
KEEP_IF(keep_double_if, double, int64_t)

/* a if `first`, else b. */
static inline __attribute__((always_inline)) float choose_float(bool first, float a, float b)
{
    int32_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    x = (x & -(int32_t)first) | (y & ((int32_t)first - 1));
    memcpy(&a, &x, sizeof a);
    return a;
}

#endif
