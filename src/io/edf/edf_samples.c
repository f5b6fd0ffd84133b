/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_samples.c: the 16-bit and 24-bit little-endian integers of EDF and BDF, from and to doubles.
 *
 * Both directions are the inner loops of every run on such files. 16-bit loops and all arithmetic vectorise as they
 * stand; 24-bit integers are moved as unaligned 32-bit words of which one byte belongs to the neighbour.
 */
#include "io/edf/edf_samples.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are moved as they lie in the file");

enum { CHUNK = 512 }; /* integers on their way, in the first cache */

static void decode_16(const uint8_t *bytes, int64_t count, const edf_scaling *s, double *restrict values)
{
    const double scale = s->scale, offset = s->offset;
    for (int64_t i = 0; i < count; i++) {
        int16_t digital;
        memcpy(&digital, bytes + 2 * i, sizeof digital);
        values[i] = scale * (double)digital + offset;
    }
}

static double decode_24(const uint8_t *bytes)
{
    const uint32_t bits = (uint32_t)bytes[0] << 8 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 24;
    return (double)((int32_t)bits >> 8);
}

static void decode_24s(const uint8_t *bytes, int64_t count, const edf_scaling *s, double *restrict values)
{
    const double scale = s->scale, offset = s->offset;
    for (int64_t i = 0; i < count - 1; i++) {
        uint32_t word; /* the highest byte is the next sample's */
        memcpy(&word, bytes + 3 * i, sizeof word);
        values[i] = scale * (double)((int32_t)(word << 8) >> 8) + offset;
    }
    if (count > 0) values[count - 1] = scale * decode_24(bytes + 3 * (count - 1)) + offset;
}

void edf_decode(const uint8_t *bytes, int sample_bytes, int64_t count, const edf_scaling *scaling, double *values)
{
    if (sample_bytes == 2)
        decode_16(bytes, count, scaling, values);
    else
        decode_24s(bytes, count, scaling, values);
}

/* At most CHUNK values as integers in [-limit, limit); 0 if one does not fit or is not a number. A double near 1.5 *
 * 2^52 has no fraction: adding that rounds to the nearest integer, ties to even, and the bits then count in ones. */
static int to_integers(const double *restrict values, int n, const edf_scaling *s, int64_t limit,
                       int32_t *restrict digital)
{
    const double magic = 6755399441055744.0;
    const double factor = 1 / s->scale, offset = s->offset;
    uint64_t zero, bits, outside = 0;
    memcpy(&zero, &magic, sizeof zero);
    const uint64_t spare = ~(uint64_t)(2 * limit - 1); /* bits that are 0 after adding the limit, if it fits */
    for (int i = 0; i < n; i++) {
        const double rounded = (values[i] - offset) * factor + magic;
        memcpy(&bits, &rounded, sizeof bits);
        outside |= (bits - zero + (uint64_t)limit) & spare;
        digital[i] = (int32_t)(uint32_t)(bits - zero);
    }
    return outside == 0;
}

static void widen(const int32_t *digital, int n, int32_t *lowest, int32_t *highest)
{
    int32_t low = *lowest, high = *highest;
    for (int i = 0; i < n; i++) {
        low = digital[i] < low ? digital[i] : low;
        high = digital[i] > high ? digital[i] : high;
    }
    *lowest = low;
    *highest = high;
}

static void put_16(const int32_t *restrict digital, int n, uint8_t *restrict bytes)
{
    for (int i = 0; i < n; i++) {
        const int16_t word = (int16_t)digital[i];
        memcpy(bytes + 2 * i, &word, sizeof word);
    }
}

static void put_24(const int32_t *restrict digital, int n, uint8_t *restrict bytes)
{
    for (int i = 0; i < n - 1; i++) memcpy(bytes + 3 * i, &digital[i], sizeof digital[i]); /* the next repairs byte 4 */
    if (n > 0) memcpy(bytes + 3 * (n - 1), &digital[n - 1], 3);
}

int64_t edf_encode(const double *values, int64_t count, int sample_bytes, const edf_scaling *scaling, uint8_t *bytes,
                   int32_t *lowest, int32_t *highest)
{
    const int64_t limit = sample_bytes == 2 ? 32768 : 8388608;
    int32_t digital[CHUNK];
    for (int64_t i = 0; i < count; i += CHUNK) {
        const int n = count - i < CHUNK ? (int)(count - i) : CHUNK;
        if (!to_integers(values + i, n, scaling, limit, digital)) {
            int64_t first = i; /* one at a time: where is it? */
            while (to_integers(values + first, 1, scaling, limit, digital)) first++;
            return first;
        }
        widen(digital, n, lowest, highest);
        if (sample_bytes == 2)
            put_16(digital, n, bytes + 2 * i);
        else
            put_24(digital, n, bytes + 3 * i);
    }
    return count;
}
