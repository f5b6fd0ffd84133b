/* SPDX-License-Identifier: BSD-3-Clause
 *
 * samples.c: the number types that files hold, and how they become doubles.
 *
 * One loop per type and byte order, made from one macro. A stride equal to the number's size has a loop of its own,
 * which compilers vectorise; the other stride is that of interleaved channels. Bytes are fetched with memcpy, so files
 * need no alignment and the machine's byte order does not matter.
 */
#include "io/samples.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LITTLE_16(x) __builtin_bswap16(x)
#define LITTLE_32(x) __builtin_bswap32(x)
#define LITTLE_64(x) __builtin_bswap64(x)
#define BIG_16(x)    (x)
#define BIG_32(x)    (x)
#define BIG_64(x)    (x)
#else
#define LITTLE_16(x) (x)
#define LITTLE_32(x) (x)
#define LITTLE_64(x) (x)
#define BIG_16(x)    __builtin_bswap16(x)
#define BIG_32(x)    __builtin_bswap32(x)
#define BIG_64(x)    __builtin_bswap64(x)
#endif

/* The bits of a fetched word as the number they stand for. */

static inline double number_bool(uint8_t bits)
{
    return bits != 0;
}

static inline double number_int8(uint8_t bits)
{
    return (int8_t)bits;
}

static inline double number_uint8(uint8_t bits)
{
    return bits;
}

static inline double number_int16(uint16_t bits)
{
    return (int16_t)bits;
}

static inline double number_uint16(uint16_t bits)
{
    return bits;
}

static inline double number_int32(uint32_t bits)
{
    return (int32_t)bits;
}

static inline double number_uint32(uint32_t bits)
{
    return bits;
}

static inline double number_int64(uint64_t bits)
{
    return (double)(int64_t)bits;
}

static inline double number_uint64(uint64_t bits)
{
    return (double)bits;
}

static inline double number_float16(uint16_t bits)
{
    return (double)sample_from_half(bits);
}

static inline double number_float32(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static inline double number_float64(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define AS_IT_IS(x) (x)

#define DECODER(name, word, in_order, number)                                                                          \
    static void name(const uint8_t *bytes, size_t stride, int64_t count, double scale, double *values)                 \
    {                                                                                                                  \
        if (stride == sizeof(word)) {                                                                                  \
            for (int64_t i = 0; i < count; i++) {                                                                      \
                word bits;                                                                                             \
                memcpy(&bits, bytes + (size_t)i * sizeof bits, sizeof bits);                                           \
                values[i] = scale * number((word)in_order(bits));                                                      \
            }                                                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        for (int64_t i = 0; i < count; i++, bytes += stride) {                                                         \
            word bits;                                                                                                 \
            memcpy(&bits, bytes, sizeof bits);                                                                         \
            values[i] = scale * number((word)in_order(bits));                                                          \
        }                                                                                                              \
    }

DECODER(decode_bool, uint8_t, AS_IT_IS, number_bool)
DECODER(decode_int8, uint8_t, AS_IT_IS, number_int8)
DECODER(decode_uint8, uint8_t, AS_IT_IS, number_uint8)
DECODER(decode_int16_little, uint16_t, LITTLE_16, number_int16)
DECODER(decode_int16_big, uint16_t, BIG_16, number_int16)
DECODER(decode_uint16_little, uint16_t, LITTLE_16, number_uint16)
DECODER(decode_uint16_big, uint16_t, BIG_16, number_uint16)
DECODER(decode_int32_little, uint32_t, LITTLE_32, number_int32)
DECODER(decode_int32_big, uint32_t, BIG_32, number_int32)
DECODER(decode_uint32_little, uint32_t, LITTLE_32, number_uint32)
DECODER(decode_uint32_big, uint32_t, BIG_32, number_uint32)
DECODER(decode_int64_little, uint64_t, LITTLE_64, number_int64)
DECODER(decode_int64_big, uint64_t, BIG_64, number_int64)
DECODER(decode_uint64_little, uint64_t, LITTLE_64, number_uint64)
DECODER(decode_uint64_big, uint64_t, BIG_64, number_uint64)
DECODER(decode_float16_little, uint16_t, LITTLE_16, number_float16)
DECODER(decode_float16_big, uint16_t, BIG_16, number_float16)
DECODER(decode_float32_little, uint32_t, LITTLE_32, number_float32)
DECODER(decode_float32_big, uint32_t, BIG_32, number_float32)
DECODER(decode_float64_little, uint64_t, LITTLE_64, number_float64)
DECODER(decode_float64_big, uint64_t, BIG_64, number_float64)

static const sample_info infos[] = {
    [SAMPLE_BOOL] = {1, LMP_UINT8, 0, 1, decode_bool, decode_bool},
    [SAMPLE_INT8] = {1, LMP_INT8, INT8_MIN, INT8_MAX, decode_int8, decode_int8},
    [SAMPLE_UINT8] = {1, LMP_UINT8, 0, UINT8_MAX, decode_uint8, decode_uint8},
    [SAMPLE_INT16] = {2, LMP_INT16, INT16_MIN, INT16_MAX, decode_int16_little, decode_int16_big},
    [SAMPLE_UINT16] = {2, LMP_UINT16, 0, UINT16_MAX, decode_uint16_little, decode_uint16_big},
    [SAMPLE_INT32] = {4, LMP_INT32, INT32_MIN, INT32_MAX, decode_int32_little, decode_int32_big},
    [SAMPLE_UINT32] = {4, LMP_UINT32, 0, UINT32_MAX, decode_uint32_little, decode_uint32_big},
    [SAMPLE_INT64] = {8, LMP_INT64, (double)INT64_MIN, (double)INT64_MAX, decode_int64_little, decode_int64_big},
    [SAMPLE_UINT64] = {8, LMP_UINT64, 0, (double)UINT64_MAX, decode_uint64_little, decode_uint64_big},
    [SAMPLE_FLOAT16] = {2, LMP_FLOAT32, 0, 0, decode_float16_little, decode_float16_big},
    [SAMPLE_FLOAT32] = {4, LMP_FLOAT32, 0, 0, decode_float32_little, decode_float32_big},
    [SAMPLE_FLOAT64] = {8, LMP_FLOAT64, 0, 0, decode_float64_little, decode_float64_big},
};

const sample_info *sample_get_info(sample_type type)
{
    return &infos[type];
}
