/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixels.c: numbers of a file as movies hold them.
 *
 * One loop for each width and byte order, made from one macro; neighbours in file and memory have a loop of their own,
 * which compilers vectorise. Bytes move with memcpy, so nothing needs alignment.
 */
#include "io/pixels.h"

#define AS_IT_IS(x)     (x)
#define TRUTH(x)        ((uint8_t)((x) != 0))
#define SWAPPED_HALF(x) sample_from_half(__builtin_bswap16(x))

#define ONE(word, made, change, from, to)                                                                              \
    do {                                                                                                               \
        word bits;                                                                                                     \
        memcpy(&bits, from, sizeof bits);                                                                              \
        const made value = (made)change(bits);                                                                         \
        memcpy(to, &value, sizeof value);                                                                              \
    } while (0)

#define MOVER(name, word, made, change)                                                                                \
    static void name(const uint8_t *from, size_t from_stride, int64_t count, uint8_t *to, size_t to_stride)            \
    {                                                                                                                  \
        if (from_stride == sizeof(word) && to_stride == sizeof(made)) {                                                \
            for (int64_t i = 0; i < count; i++)                                                                        \
                ONE(word, made, change, from + (size_t)i * sizeof(word), to + (size_t)i * sizeof(made));               \
            return;                                                                                                    \
        }                                                                                                              \
        for (int64_t i = 0; i < count; i++, from += from_stride, to += to_stride) ONE(word, made, change, from, to);   \
    }

MOVER(move_truth, uint8_t, uint8_t, TRUTH)
MOVER(move_8, uint8_t, uint8_t, AS_IT_IS)
MOVER(move_16, uint16_t, uint16_t, AS_IT_IS)
MOVER(move_32, uint32_t, uint32_t, AS_IT_IS)
MOVER(move_64, uint64_t, uint64_t, AS_IT_IS)
MOVER(swap_16, uint16_t, uint16_t, __builtin_bswap16)
MOVER(swap_32, uint32_t, uint32_t, __builtin_bswap32)
MOVER(swap_64, uint64_t, uint64_t, __builtin_bswap64)
MOVER(move_half, uint16_t, float, sample_from_half)
MOVER(swap_half, uint16_t, float, SWAPPED_HALF)

static bool is_swapped(bool is_big_endian)
{
    const uint16_t one = 1;
    const bool is_big_machine = *(const uint8_t *)&one == 0;
    return is_big_endian != is_big_machine;
}

void pixels_copy(sample_type type, bool is_big_endian, const void *from, size_t from_stride, int64_t count, void *to,
                 size_t to_stride)
{
    const bool swap = is_swapped(is_big_endian);
    if (type == SAMPLE_BOOL) {
        move_truth(from, from_stride, count, to, to_stride);
        return;
    }
    if (type == SAMPLE_FLOAT16) {
        (swap ? swap_half : move_half)(from, from_stride, count, to, to_stride);
        return;
    }
    switch (sample_get_info(type)->bytes) {
    case 1:
        move_8(from, from_stride, count, to, to_stride);
        break;
    case 2:
        (swap ? swap_16 : move_16)(from, from_stride, count, to, to_stride);
        break;
    case 4:
        (swap ? swap_32 : move_32)(from, from_stride, count, to, to_stride);
        break;
    default:
        (swap ? swap_64 : move_64)(from, from_stride, count, to, to_stride);
    }
}

bool pixels_are_native(sample_type type, bool is_big_endian)
{
    if (type == SAMPLE_BOOL || type == SAMPLE_FLOAT16) return false;
    return sample_get_info(type)->bytes == 1 || !is_swapped(is_big_endian);
}
