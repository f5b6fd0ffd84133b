/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bmp_header.c: headers and palettes of BMP files: OS/2 1 and 2, Windows 3, 4 and 5 (BITMAPCOREHEADER,
 * OS22XBITMAPHEADER, BITMAPINFOHEADER, BITMAPV4HEADER, BITMAPV5HEADER of Microsoft's and IBM's documents).
 */
#include "io/image/bmp_header.h"

#include <inttypes.h>
#include <string.h>

enum { FILE_HEADER_BYTES = 14, CORE_BYTES = 12, OS2_SHORT_BYTES = 16, INFO_BYTES = 40, OS2_BYTES = 64 };
enum { PLAIN = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3, ALPHA_BITFIELDS = 6 };

static uint32_t get_u32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint32_t get_u16(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static lmp_status fail_damaged(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is damaged: its BMP header is cut short or makes no sense; get the file again", path);
}

/* A mask of adjoining bits; false if there are gaps. */
static bool split_mask(uint32_t bits, bmp_mask *mask)
{
    *mask = (bmp_mask){0};
    if (bits == 0) return true;
    while ((bits >> mask->shift & 1) == 0) mask->shift++;
    mask->most = bits >> mask->shift;
    return (mask->most & (mask->most + 1)) == 0;
}

/* Masks of 16 and 32 bits: given behind the header or inside it, else 5 bits or 8 of each colour. */
static lmp_status take_masks(const char *path, const uint8_t *bytes, size_t size, uint32_t compression, bmp_header *h,
                             lmp_error *err)
{
    const bool is_given = compression == BITFIELDS || compression == ALPHA_BITFIELDS;
    const size_t at = FILE_HEADER_BYTES + INFO_BYTES, info = get_u32(bytes + FILE_HEADER_BYTES);
    const size_t count = compression == ALPHA_BITFIELDS || info >= INFO_BYTES + 16 ? 4 : 3;
    for (size_t i = 0; i < 3; i++) {
        const uint32_t usual = h->depth == 16 ? (uint32_t)0x7C00 >> 5 * i : (uint32_t)0xFF0000 >> 8 * i;
        if (is_given && at + 4 * count > size) return fail_damaged(path, err);
        if (!split_mask(is_given ? get_u32(bytes + at + 4 * i) : usual, &h->masks[i]))
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s has colours of scattered bits, which are not read; convert it to PNG", path);
    }
    h->has_alpha = is_given && count == 4 && get_u32(bytes + at + 12) != 0;
    return LMP_OK;
}

static void take_palette(const uint8_t *bytes, size_t size, size_t at, size_t entry, int64_t said, bmp_header *h)
{
    const int64_t most = (int64_t)1 << h->depth;
    const size_t end = (size_t)h->data_offset < size && h->data_offset > 0 ? (size_t)h->data_offset : size;
    const int64_t room = at < end ? (int64_t)((end - at) / entry) : 0;
    h->n_colours = said > 0 && said < most ? said : most;
    if (h->n_colours > room) h->n_colours = room;
    h->is_grey = h->n_colours > 0;
    for (int64_t i = 0; i < h->n_colours; i++) {
        const uint8_t *b = bytes + at + (size_t)i * entry;
        for (size_t c = 0; c < 3; c++) h->palette[i][c] = b[2 - c];
        if (b[0] != b[1] || b[0] != b[2]) h->is_grey = false;
    }
}

static lmp_status check_coding(const char *path, uint32_t compression, bmp_header *h, lmp_error *err)
{
    const int64_t d = h->depth;
    const bool masks = compression == BITFIELDS || compression == ALPHA_BITFIELDS;
    if (compression > ALPHA_BITFIELDS || compression == 4 || compression == 5)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is a BMP file in a coding (%u) that is not read; convert it to PNG",
                        path, compression);
    const bool is_sound = compression == RLE8   ? d == 8 && !h->is_top_down
                          : compression == RLE4 ? d == 4 && !h->is_top_down
                          : masks               ? d == 16 || d == 32
                                                : d == 1 || d == 2 || d == 4 || d == 8 || d == 16 || d == 24 || d == 32;
    h->is_run_length = compression == RLE8 || compression == RLE4;
    return is_sound ? LMP_OK : fail_damaged(path, err);
}

lmp_status bmp_header_parse(const char *path, const uint8_t *bytes, size_t size, bmp_header *h, lmp_error *err)
{
    *h = (bmp_header){0};
    if (size < FILE_HEADER_BYTES + CORE_BYTES || memcmp(bytes, "BM", 2) != 0) return fail_damaged(path, err);
    const uint8_t *info = bytes + FILE_HEADER_BYTES;
    const uint32_t info_bytes = get_u32(info);
    const bool is_core = info_bytes == CORE_BYTES;
    const bool is_known = is_core || info_bytes == OS2_SHORT_BYTES || (info_bytes >= INFO_BYTES && info_bytes <= 124);
    if (!is_known || size < FILE_HEADER_BYTES + info_bytes) return fail_damaged(path, err);
    const int64_t height = is_core ? (int64_t)get_u16(info + 6) : (int64_t)(int32_t)get_u32(info + 8);
    h->width = is_core ? (int64_t)get_u16(info + 4) : (int64_t)(int32_t)get_u32(info + 4);
    h->is_top_down = height < 0;
    h->height = height < 0 ? -height : height;
    h->depth = get_u16(info + (is_core ? 10 : 14));
    h->data_offset = get_u32(bytes + 10);
    const uint32_t compression = info_bytes >= INFO_BYTES ? get_u32(info + 16) : PLAIN;
    const int64_t said = info_bytes >= INFO_BYTES ? get_u32(info + 32) : 0;
    if (h->width < 1 || h->height < 1 || h->data_offset < FILE_HEADER_BYTES + (int64_t)info_bytes)
        return fail_damaged(path, err);
    lmp_status status = check_coding(path, compression, h, err);
    if (status != LMP_OK) return status;
    h->row_bytes = (h->width * h->depth + 31) / 32 * 4;
    if (info_bytes == OS2_BYTES && compression != PLAIN && !h->is_run_length)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is an OS/2 bitmap in a coding that is not read; convert it to PNG",
                        path);
    if (h->depth == 16 || h->depth == 32) return take_masks(path, bytes, size, compression, h, err);
    if (h->depth <= 8) {
        take_palette(bytes, size, FILE_HEADER_BYTES + info_bytes, is_core ? 3 : 4, said, h);
        if (h->n_colours == 0) return fail_damaged(path, err);
    }
    return LMP_OK;
}
