/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_unpack.c: from rows of a decoded strip or tile to rows of an image.
 *
 * Numbers of other than 8, 16, 32, 64 bits lie packed, the highest bit first, each row from a full byte on (TIFF 6.0,
 * section 3); 24 bits come from libtiff in the machine's byte order. They keep their values: 0 to 2^bits - 1.
 */
#include "io/tiff/tiff_unpack.h"

#include "io/pixels.h"

#include <math.h>

#define HOST_IS_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* ---- Packed numbers --------------------------------------------------------------------------------------- */

static uint32_t bits_at(const uint8_t *row, int64_t first, int64_t n)
{
    uint64_t value = 0;
    const int64_t last = first + n - 1;
    for (int64_t byte = first / 8; byte <= last / 8; byte++) value = value << 8 | row[byte];
    value >>= 7 - last % 8;
    return (uint32_t)(value & (((uint64_t)1 << n) - 1));
}

static uint32_t number_of_24(const uint8_t *bytes)
{
    return HOST_IS_BIG ? (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2]
                       : (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static void put_number(uint32_t value, lmp_type type, void *to)
{
    const uint8_t small = (uint8_t)value;
    const uint16_t medium = (uint16_t)value;
    switch (lmp_type_bytes(type)) {
    case 1:
        memcpy(to, &small, 1);
        break;
    case 2:
        memcpy(to, &medium, 2);
        break;
    default:
        memcpy(to, &value, 4);
    }
}

/* Every `step`-th number from number `first` of the row on. */
static void unpack_bits(const tiff_unpack *u, const uint8_t *row, int64_t first, int64_t step, int64_t count, char *to,
                        size_t to_stride)
{
    const int64_t bits = u->ifd->bits;
    const lmp_type type = sample_get_info(u->kind->stored)->type;
    const uint32_t sign = u->ifd->format == TIFF_FORMAT_SIGNED ? (uint32_t)1 << (bits - 1) : 0;
    for (int64_t i = 0; i < count; i++) {
        const int64_t number = first + i * step;
        uint32_t value = bits == 24 ? number_of_24(row + 3 * number) : bits_at(row, number * bits, bits);
        if ((value & sign) != 0) value |= ~(uint32_t)0 << (bits - 1);
        put_number(value, type, to + (size_t)i * to_stride);
    }
}

static void take_numbers(const tiff_unpack *u, const void *row, int64_t first, int64_t step, int64_t count, char *to,
                         size_t to_stride)
{
    if (u->kind->is_packed) {
        unpack_bits(u, row, first, step, count, to, to_stride);
        return;
    }
    const size_t bytes = sample_get_info(u->kind->stored)->bytes;
    pixels_copy(u->kind->stored, HOST_IS_BIG, (const char *)row + (size_t)first * bytes, (size_t)step * bytes, count,
                to, to_stride);
}

/* ---- Brightness and colours ------------------------------------------------------------------------------- */

#define INVERT(type, top)                                                                                              \
    for (int64_t i = 0; i < count; i++, to += stride) {                                                                \
        type value;                                                                                                    \
        memcpy(&value, to, sizeof value);                                                                              \
        value = (type)((top)-value);                                                                                   \
        memcpy(to, &value, sizeof value);                                                                              \
    }

/* Unsigned v becomes 2^bits - 1 - v, signed v becomes -1 - v: the order turns, the range stays. */
static void invert(const tiff_unpack *u, int64_t count, char *to, size_t stride)
{
    const bool is_signed = u->ifd->format == TIFF_FORMAT_SIGNED;
    const uint64_t top = is_signed || u->ifd->bits == 64 ? UINT64_MAX : ((uint64_t)1 << u->ifd->bits) - 1;
    switch (lmp_type_bytes(u->kind->type)) {
    case 1:
        INVERT(uint8_t, top) break;
    case 2:
        INVERT(uint16_t, top) break;
    case 4:
        INVERT(uint32_t, top) break;
    default:
        INVERT(uint64_t, top)
    }
}

static void look_up(const tiff_unpack *u, const void *line, int64_t width, uint8_t *rgb)
{
    const bool is_wide = u->kind->stored == SAMPLE_UINT16;
    for (int64_t i = 0; i < width; i++, rgb += 3) {
        const unsigned index = is_wide ? ((const uint16_t *)line)[i] : ((const uint8_t *)line)[i];
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(u->palette_is_small ? u->palette[c][index] : u->palette[c][index] >> 8);
    }
}

/* Without a profile of the inks: R = (1 - C) (1 - K), and so on. */
#define MIX_INKS(type, top, round)                                                                                     \
    for (int64_t i = 0; i < width; i++) {                                                                              \
        const type *ink = (const type *)line + 4 * i;                                                                  \
        type *rgb = (type *)pixels + 3 * i;                                                                            \
        for (int c = 0; c < 3; c++) rgb[c] = (type)round(((top) - (double)ink[c]) * ((top) - (double)ink[3]) / (top)); \
    }
#define AS_IT_IS(x) (x)

static void mix_inks(const tiff_unpack *u, const void *line, int64_t width, void *pixels)
{
    if (u->kind->stored == SAMPLE_UINT8) {
        MIX_INKS(uint8_t, 255.0, lrint)
    } else if (u->kind->stored == SAMPLE_UINT16) {
        MIX_INKS(uint16_t, 65535.0, lrint)
    } else {
        MIX_INKS(float, 1.0, AS_IT_IS)
    }
}

/* The same with one ink after the other: the image holds 1 - C, 1 - M, 1 - Y until K comes. */
#define MIX_PLANE(type, top, round)                                                                                    \
    for (int64_t i = 0; i < width; i++) {                                                                              \
        const type *ink = (const type *)line + i;                                                                      \
        type *rgb = (type *)pixels + 3 * i;                                                                            \
        if (plane < 3) rgb[plane] = (type)((top) - *ink);                                                              \
        for (int c = 0; c < 3 && plane == 3; c++)                                                                      \
            rgb[c] = (type)round((double)rgb[c] * ((top) - (double)*ink) / (top));                                     \
    }

static void mix_plane(const tiff_unpack *u, const void *line, int64_t plane, int64_t width, void *pixels)
{
    if (u->kind->stored == SAMPLE_UINT8) {
        MIX_PLANE(uint8_t, 255, lrint)
    } else if (u->kind->stored == SAMPLE_UINT16) {
        MIX_PLANE(uint16_t, 65535, lrint)
    } else {
        MIX_PLANE(float, 1, AS_IT_IS)
    }
}

/* ---- Rows ------------------------------------------------------------------------------------------------- */

static bool makes_colours(const tiff_ifd *ifd)
{
    return ifd->photometric == TIFF_PALETTE || ifd->photometric == TIFF_CMYK;
}

static size_t stored_bytes(const tiff_kind *kind)
{
    return lmp_type_bytes(sample_get_info(kind->stored)->type);
}

bool tiff_unpack_is_copy(const tiff_ifd *ifd, const tiff_kind *kind)
{
    return !kind->is_packed && !kind->is_inverted && !makes_colours(ifd) && !ifd->is_planar &&
           kind->n_used == ifd->samples && kind->stored != SAMPLE_FLOAT16;
}

void tiff_unpack_row(const tiff_unpack *unpack, const void *row, int64_t plane, int64_t width, void *pixels)
{
    const tiff_ifd *ifd = unpack->ifd;
    const int64_t n = unpack->kind->n_used;
    const size_t bytes = stored_bytes(unpack->kind), pixel = (size_t)n * bytes;
    char *to = makes_colours(ifd) ? unpack->line : pixels;
    if (plane >= 0 && ifd->photometric == TIFF_CMYK) {
        take_numbers(unpack, row, 0, 1, width, to, bytes);
        mix_plane(unpack, to, plane, width, pixels);
        return;
    }
    if (plane < 0 && n == ifd->samples)
        take_numbers(unpack, row, 0, 1, width * n, to, bytes);
    else if (plane < 0)
        for (int64_t c = 0; c < n; c++)
            take_numbers(unpack, row, c, ifd->samples, width, to + (size_t)c * bytes, pixel);
    else
        take_numbers(unpack, row, 0, 1, width, to + (size_t)plane * bytes, pixel);
    if (unpack->kind->is_inverted) invert(unpack, width, to, pixel);
    if (ifd->photometric == TIFF_PALETTE) look_up(unpack, unpack->line, width, pixels);
    if (ifd->photometric == TIFF_CMYK) mix_inks(unpack, unpack->line, width, pixels);
}
