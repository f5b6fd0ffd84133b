/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_header.c: markers of a JPEG file up to the first scan (ITU-T T.81, annex B).
 */
#include "io/image/jpeg_header.h"

#include <inttypes.h>
#include <string.h>

enum { SOF0 = 0xC0, SOF2 = 0xC2, SOF9 = 0xC9, SOF10 = 0xCA, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC };
enum { RST0 = 0xD0, SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, APP1 = 0xE1, TEM = 0x01 };
enum { MOST_SEGMENTS = 10000, MOST_GARBAGE = 1 << 16 };

typedef struct segment {
    int marker;
    int64_t offset; /* of what follows its length */
    int64_t size;
} segment;

static lmp_status fail_damaged(const image_head *head, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is damaged: its JPEG header is cut short or is no header; get the file again",
                    head->input.path);
}

/* The next segment at or after *at, which moves behind it. Markers without a segment have size 0. */
static bool next_segment(image_head *head, int64_t *at, segment *found)
{
    const int64_t limit = *at + MOST_GARBAGE;
    const uint8_t *b = image_head_get(head, *at, 2);
    while (b != NULL && (b[0] != 0xFF || b[1] == 0xFF || b[1] == 0) && *at < limit) b = image_head_get(head, ++*at, 2);
    if (b == NULL || b[0] != 0xFF || *at >= limit) return false;
    *found = (segment){.marker = b[1], .offset = *at + 2};
    *at += 2;
    if (found->marker == TEM || (found->marker >= RST0 && found->marker <= EOI)) return true;
    b = image_head_get(head, *at, 2);
    if (b == NULL || b[0] * 256 + b[1] < 2) return false;
    found->offset = *at + 2;
    found->size = b[0] * 256 + b[1] - 2;
    *at = found->offset + found->size;
    return true;
}

static bool is_frame(int marker)
{
    return marker >= SOF0 && marker <= 0xCF && marker != DHT && marker != JPG && marker != DAC;
}

static lmp_status take_frame(image_head *head, const segment *s, jpeg_header *header, lmp_error *err)
{
    const char *path = head->input.path;
    const uint8_t *b = s->size < 6 ? NULL : image_head_get(head, s->offset, 6);
    if (b == NULL) return fail_damaged(head, err);
    header->height = b[1] * 256 + b[2];
    header->width = b[3] * 256 + b[4];
    header->n_components = b[5];
    header->keeps_coefficients = s->marker == SOF2 || s->marker == SOF10;
    if (s->marker > SOF2 && s->marker != SOF9 && s->marker != SOF10)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is a lossless or hierarchical JPEG file, which is not read; convert it to PNG", path);
    if (b[0] != 8)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is a JPEG file of %d bits, 8 are read; convert it to PNG or TIFF", path,
                        b[0]);
    if (header->n_components == 4)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is a JPEG file in the colours of print (CMYK); convert it to RGB",
                        path);
    if (header->n_components != 1 && header->n_components != 3)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is a JPEG file of %" PRId64 " colours, 1 and 3 are read; convert it to RGB", path,
                        header->n_components);
    if (header->height == 0 || header->width == 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s says that it holds %" PRId64 " x %" PRId64 " pixels; convert it to PNG",
                        path, header->width, header->height);
    return LMP_OK;
}

static void take_exif(image_head *head, const segment *s, jpeg_header *header)
{
    const size_t n = s->size < (int64_t)sizeof head->bytes ? (size_t)s->size : sizeof head->bytes;
    const int64_t left = head->input.info.size - s->offset;
    const uint8_t *b = left < 6 ? NULL : image_head_get(head, s->offset, (int64_t)n < left ? n : (size_t)left);
    if (b != NULL && n > 6 && memcmp(b, "Exif\0", 5) == 0)
        image_exif_parse(b + 6, ((int64_t)n < left ? n : (size_t)left) - 6, &header->exif);
}

lmp_status jpeg_header_read(image_head *head, jpeg_header *header, lmp_error *err)
{
    const uint8_t *b = image_head_get(head, 0, 3);
    int64_t at = 2;
    segment s;
    *header = (jpeg_header){.exif = {.orientation = 1}};
    if (b == NULL || memcmp(b, "\xFF\xD8\xFF", 3) != 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is not a JPEG file: it does not begin like one", head->input.path);
    for (int64_t i = 0; i < MOST_SEGMENTS && next_segment(head, &at, &s); i++) {
        if (s.marker == APP1 && header->exif.orientation == 1) take_exif(head, &s, header);
        if (is_frame(s.marker)) {
            if (header->height != 0) return fail_damaged(head, err);
            const lmp_status status = take_frame(head, &s, header, err);
            if (status != LMP_OK) return status;
        }
        if (s.marker == EOI) break;
        if (s.marker != SOS) continue;
        b = image_head_get(head, s.offset, 1);
        if (b == NULL || header->height == 0) break;
        if (b[0] < header->n_components) header->keeps_coefficients = true;
        return LMP_OK;
    }
    return fail_damaged(head, err);
}
