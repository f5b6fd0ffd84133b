/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_header.c: chunks of a PNG file up to its pixels (ISO/IEC 15948, section 11; eXIf and acTL of the third edition).
 */
#include "io/image/png_header.h"

#include <inttypes.h>
#include <string.h>

enum { SIGNATURE_BYTES = 8, CHUNK_HEAD_BYTES = 8, CRC_BYTES = 4, IHDR_BYTES = 13, MOST_CHUNKS = 10000 };

static uint32_t get_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

int64_t png_header_channels(const png_header *header)
{
    static const int64_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[header->colour_type];
}

int64_t png_header_colours(const png_header *header)
{
    return header->colour_type == PNG_PALETTE && !header->has_grey_palette ? 3 : png_header_channels(header);
}

static bool is_known(int64_t depth, int64_t colour_type)
{
    const bool is_power = depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    switch (colour_type) {
    case PNG_GREY:
        return is_power;
    case PNG_PALETTE:
        return is_power && depth <= 8;
    case PNG_RGB:
    case PNG_GREY_ALPHA:
    case PNG_RGB_ALPHA:
        return depth == 8 || depth == 16;
    default:
        return false;
    }
}

static lmp_status take_size(image_head *head, png_header *header, lmp_error *err)
{
    const char *path = head->input.path;
    const uint8_t *b = image_head_get(head, 0, SIGNATURE_BYTES);
    if (b == NULL || memcmp(b, "\x89PNG\r\n\x1A\n", SIGNATURE_BYTES) != 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s does not begin like a PNG file; get it again, without conversion of line ends", path);
    b = image_head_get(head, SIGNATURE_BYTES, CHUNK_HEAD_BYTES + IHDR_BYTES);
    if (b == NULL || get_u32(b) != IHDR_BYTES || memcmp(b + 4, "IHDR", 4) != 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: its PNG header is not at its place; get the file again",
                        path);
    b += CHUNK_HEAD_BYTES;
    header->width = get_u32(b);
    header->height = get_u32(b + 4);
    header->depth = b[8];
    header->colour_type = b[9];
    header->is_interlaced = b[12] == 1;
    if (header->width == 0 || header->height == 0 || !is_known(header->depth, header->colour_type) || b[10] != 0 ||
        b[11] != 0 || b[12] > 1)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is damaged: its PNG header says %" PRId64 " x %" PRId64 " pixels of %" PRId64
                        " bits and colour type %" PRId64 "; get the file again",
                        path, header->width, header->height, header->depth, header->colour_type);
    return LMP_OK;
}

static bool is_grey_palette(image_head *head, int64_t offset, size_t size)
{
    const uint8_t *b = size > 768 ? NULL : image_head_get(head, offset, size);
    if (b == NULL) return false;
    for (size_t i = 0; i + 2 < size; i += 3)
        if (b[i] != b[i + 1] || b[i] != b[i + 2]) return false;
    return true;
}

lmp_status png_header_read(image_head *head, png_header *header, lmp_error *err)
{
    *header = (png_header){.exif = {.orientation = 1}};
    lmp_status status = take_size(head, header, err);
    if (status != LMP_OK) return status;
    int64_t at = SIGNATURE_BYTES;
    for (int64_t i = 0; i < MOST_CHUNKS; i++) {
        const uint8_t *b = image_head_get(head, at, CHUNK_HEAD_BYTES);
        if (b == NULL || memcmp(b + 4, "IDAT", 4) == 0) break;
        const int64_t size = get_u32(b), data = at + CHUNK_HEAD_BYTES;
        const bool is_palette = memcmp(b + 4, "PLTE", 4) == 0, is_exif = memcmp(b + 4, "eXIf", 4) == 0;
        if (memcmp(b + 4, "tRNS", 4) == 0) header->has_transparency = true;
        if (memcmp(b + 4, "acTL", 4) == 0) header->is_animated = true;
        if (is_palette) header->has_grey_palette = is_grey_palette(head, data, (size_t)size);
        if (is_exif) {
            const size_t n = size < (int64_t)sizeof head->bytes ? (size_t)size : sizeof head->bytes;
            b = image_head_get(head, data, n);
            if (b != NULL) image_exif_parse(b, n, &header->exif);
        }
        at = data + size + CRC_BYTES;
    }
    return LMP_OK;
}
