/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bmp.c: BMP images: 1 to 32 bits a pixel, palettes, run lengths, masks, either way up.
 *
 * A palette of greys gives grey. Colours of 5 or 6 bits become 8, rounded to nearest.
 */
#include "core/budget.h"
#include "core/path.h"
#include "io/image/bmp_header.h"

#include <string.h>

/* Run lengths make at most 128 pixels of a byte, but may skip some. */
#define MOST_RUN 1024.0

/* ---- Run lengths ------------------------------------------------------------------------------------------- */

typedef struct run_reader {
    const bmp_header *header;
    const uint8_t *bytes;
    size_t size, at;
    uint8_t *indices; /* of the whole image, rows from the bottom */
    int64_t x, y;
} run_reader;

static bool put_index(run_reader *r, uint8_t index)
{
    if (r->x >= r->header->width || r->y >= r->header->height) return false;
    r->indices[r->y * r->header->width + r->x++] = index;
    return true;
}

/* `count` indices: of 8 bits or of two nibbles a byte. A run repeats one byte. */
static bool put_indices(run_reader *r, size_t count, bool is_run)
{
    const bool is_nibbles = r->header->depth == 4;
    const size_t bytes = is_run ? 1 : is_nibbles ? (count + 1) / 2 : count;
    if (bytes > r->size - r->at) return false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t byte = r->bytes[r->at + (is_run ? 0 : is_nibbles ? i / 2 : i)];
        const uint8_t nibble = i % 2 == 0 ? byte >> 4 : byte & 15;
        if (!put_index(r, is_nibbles ? nibble : byte)) return false;
    }
    r->at += bytes;
    return true;
}

/* Fills all indices; false if the data end too early or leave the image. */
static bool read_runs(run_reader *r)
{
    enum { END_OF_ROW = 0, END_OF_IMAGE = 1, SKIP = 2 };
    while (r->size - r->at >= 2) {
        const uint8_t count = r->bytes[r->at++];
        if (count > 0) {
            if (!put_indices(r, count, true)) return false;
            continue;
        }
        const uint8_t code = r->bytes[r->at++];
        if (code == END_OF_IMAGE) return true;
        if (code == END_OF_ROW) {
            r->x = 0;
            r->y++;
        } else if (code == SKIP) {
            if (r->size - r->at < 2) return false;
            r->x += r->bytes[r->at++];
            r->y += r->bytes[r->at++];
        } else {
            const size_t begin = r->at;
            if (!put_indices(r, code, false)) return false;
            r->at += (r->at - begin) % 2; /* padded to pairs */
            if (r->at > r->size) return false;
        }
    }
    return false;
}

/* ---- Rows ------------------------------------------------------------------------------------------------- */

static uint8_t take_bits(uint32_t pixel, const bmp_mask *mask)
{
    if (mask->most == 0) return 0;
    return (uint8_t)(((uint64_t)(pixel >> mask->shift & mask->most) * 255 + mask->most / 2) / mask->most);
}

static uint8_t *put_colour(uint8_t *to, const bmp_header *h, unsigned index)
{
    const uint8_t *colour = h->palette[index < 256 ? index : 255];
    *to++ = colour[0];
    if (h->is_grey) return to;
    *to++ = colour[1];
    *to++ = colour[2];
    return to;
}

/* A row of the file as grey or red, green, blue; false if an index is beyond the palette. */
static bool unpack_row(const bmp_header *h, int64_t depth, const uint8_t *row, uint8_t *to)
{
    bool is_sound = true;
    for (int64_t i = 0; i < h->width; i++) {
        if (depth <= 8) {
            const int64_t bit = i * depth;
            const unsigned index = row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1);
            is_sound &= (int64_t)index < h->n_colours;
            to = put_colour(to, h, index);
        } else if (depth == 24) {
            for (int64_t c = 0; c < 3; c++) *to++ = row[3 * i + 2 - c];
        } else {
            uint32_t pixel = 0;
            for (int64_t b = depth / 8; b-- > 0;) pixel = pixel << 8 | row[i * (depth / 8) + b];
            for (int64_t c = 0; c < 3; c++) *to++ = take_bits(pixel, &h->masks[c]);
        }
    }
    return is_sound;
}

typedef struct bmp_rows {
    const bmp_header *header;
    const uint8_t *bytes; /* of the rows as they are in the file */
    int64_t depth, stride, available;
    uint8_t *line;
    void *scratch;
} bmp_rows;

static bool unpack_rows(const bmp_rows *b, const image_load *load, void *frame)
{
    const bmp_header *h = b->header;
    const size_t line_bytes = (size_t)(load->decoded_width * load->decoded_colours);
    const int64_t needed = (h->width * b->depth + 7) / 8;
    bool is_sound = true;
    image_rows rows;
    image_rows_begin(&rows, load, b->scratch, frame);
    for (int64_t i = 0; i < h->height; i++) {
        const int64_t at = (h->is_top_down ? i : h->height - 1 - i) * b->stride;
        if (at + needed <= b->available)
            is_sound &= unpack_row(h, b->depth, b->bytes + at, b->line);
        else
            memset(b->line, 0, line_bytes);
        image_rows_add(&rows, b->line, line_bytes, 1);
    }
    return is_sound;
}

/* ---- The source -------------------------------------------------------------------------------------------- */

static lmp_status decode_runs(const image_file *image, bmp_rows *b, void **indices, lmp_budget *budget, lmp_error *err)
{
    const bmp_header *h = b->header;
    const lmp_status status = lmp_take(budget, (size_t)(h->width * h->height), indices, err);
    if (status != LMP_OK) return status;
    run_reader r = {.header = h, .bytes = b->bytes, .size = (size_t)b->available, .indices = *indices};
    if (!read_runs(&r) && !image->salvage)
        return image_file_fail(image, "its run lengths leave the image or the file", err);
    b->bytes = *indices;
    b->depth = 8;
    b->stride = h->width;
    b->available = h->width * h->height;
    return LMP_OK;
}

static lmp_status decode_bmp(const image_file *image, const uint8_t *bytes, size_t size, void *frame,
                             lmp_budget *budget, lmp_error *err)
{
    const image_load *load = &image->load;
    const size_t scratch_bytes = image_load_scratch_bytes(load);
    bmp_header h;
    lmp_status status = bmp_header_parse(image->path, bytes, size < BMP_MOST_HEADER ? size : BMP_MOST_HEADER, &h, err);
    if (status != LMP_OK) return status;
    if (h.width != load->full_width || h.height != load->full_height || (h.is_grey ? 1 : 3) != load->decoded_colours ||
        h.data_offset > (int64_t)size)
        return image_file_fail(image, "it has changed since it was opened", err);
    bmp_rows b = {.header = &h, .bytes = bytes + h.data_offset, .depth = h.depth, .stride = h.row_bytes};
    b.available = (int64_t)size - h.data_offset;
    void *indices = NULL, *line = NULL;
    status = budget_take_raw(budget, (size_t)(h.width * load->decoded_colours), &line, err);
    if (status == LMP_OK && scratch_bytes > 0) status = budget_take_raw(budget, scratch_bytes, &b.scratch, err);
    if (status == LMP_OK && h.is_run_length) status = decode_runs(image, &b, &indices, budget, err);
    if (status == LMP_OK) {
        b.line = line;
        if (!unpack_rows(&b, load, frame) && !image->salvage)
            status = image_file_fail(image, "it uses colours beyond its palette", err);
    }
    lmp_give(budget, b.scratch);
    lmp_give(budget, line);
    lmp_give(budget, indices);
    return status;
}

static lmp_status check_room(const image_file *image, const bmp_header *h, int64_t file_bytes, bool salvage,
                             lmp_error *err)
{
    const int64_t room = file_bytes - h->data_offset;
    const double needed = (double)(h->height - 1) * (double)h->row_bytes + (double)((h->width * h->depth + 7) / 8);
    if (h->is_run_length) return image_file_check_size(image->path, h->width, h->height, file_bytes, MOST_RUN, err);
    if (room > 0 && (double)room >= needed) return LMP_OK;
    if (salvage && room > 0 && needed <= MOST_RUN * (double)room) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is cut short: its pixels take %.0f bytes, %lld are there; get the complete file again",
                    image->path, needed, (long long)(room > 0 ? room : 0));
}

static lmp_status open_bmp(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    image_head head;
    bmp_header h;
    char *warnings = NULL;
    lmp_status status = image_head_open(path, &head, err);
    if (status != LMP_OK) return status;
    const int64_t file_bytes = head.input.info.size;
    const size_t n = file_bytes < BMP_MOST_HEADER ? (size_t)file_bytes : BMP_MOST_HEADER;
    const uint8_t *bytes = image_head_get(&head, 0, n);
    image_file image = {.path = head.input.path, .orientation = 1, .decode = decode_bmp};
    status = bytes == NULL ? lmp_fail(err, LMP_ERR_IO, "%s cannot be read; check the disk", path)
                           : bmp_header_parse(path, bytes, n, &h, err);
    if (status == LMP_OK) status = check_room(&image, &h, file_bytes, options->salvage != 0, err);
    if (status == LMP_OK) {
        if (h.has_alpha) file_warn(&warnings, "%s: transparency is dropped", path);
        image.format =
            (lmp_format){.type = LMP_UINT8, .height = h.height, .width = h.width, .n_colours = h.is_grey ? 1 : 3};
        image.work_bytes = (size_t)(4 * h.width + (h.is_run_length ? h.height * h.width : 0));
        status = image_file_open(&image, "BMP", options, file_bytes, warnings, source, err);
    }
    image_head_close(&head);
    return status;
}

static int detect_bmp(const uint8_t *head, size_t n, const char *path)
{
    const bool is_sound = n >= 18 && memcmp(head, "BM", 2) == 0 && head[14] >= 12 && head[14] <= 124 && head[15] == 0 &&
                          head[16] == 0 && head[17] == 0;
    return is_sound ? 90 : path_has_extension(path, "bmp|dib") ? 30 : 0;
}

const lmp_io lmp_io_bmp = {
    .name = "BMP",
    .summary = "Windows and OS/2 bitmaps, 1 to 32 bits a pixel.",
    .kind = LMP_MOVIE,
    .extensions = "bmp|dib",
    .can_read = true,
    .detect = detect_bmp,
    .open = open_bmp,
};
