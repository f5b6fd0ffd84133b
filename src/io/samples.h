/* SPDX-License-Identifier: BSD-3-Clause
 *
 * samples.h: the number types that files hold, and how they become doubles.
 */
#ifndef LIMPID_IO_SAMPLES_H
#define LIMPID_IO_SAMPLES_H

#include <limpid/limpid.h>
#include <stdbool.h>
#include <string.h>

typedef enum sample_type {
    SAMPLE_BOOL,
    SAMPLE_INT8,
    SAMPLE_UINT8,
    SAMPLE_INT16,
    SAMPLE_UINT16,
    SAMPLE_INT32,
    SAMPLE_UINT32,
    SAMPLE_INT64,
    SAMPLE_UINT64,
    SAMPLE_FLOAT16,
    SAMPLE_FLOAT32,
    SAMPLE_FLOAT64
} sample_type;

/* values[i] = scale * the number at bytes + i * stride. No alignment is needed. 64-bit integers beyond 2^53 are
 * rounded to the nearest double. */
typedef void sample_decoder(const uint8_t *bytes, size_t stride, int64_t count, double scale, double *values);

typedef struct sample_info {
    size_t bytes;
    lmp_type type;          /* nearest type of the public list */
    double lowest, highest; /* of integers; 0, 0 for floats */
    sample_decoder *decode_little, *decode_big;
} sample_info;

/* IEEE 754 binary16 (1 sign bit, 5 of exponent with bias 15, 10 of fraction) as the float of the same value. */
static inline float sample_from_half(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, fraction = half & 1023;
    const float tiny = (float)fraction * 0x1p-24f;
    uint32_t bits;
    if (exponent == 0)
        memcpy(&bits, &tiny, sizeof bits);
    else
        bits = (exponent == 31 ? 0x7F800000 : (exponent + 112) << 23) | fraction << 13;
    bits |= sign;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Static; never NULL for a value of the enumeration. */
const sample_info *sample_get_info(sample_type type);

#endif
