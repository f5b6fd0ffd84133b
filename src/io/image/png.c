/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png.c: PNG images, read and written without loss.
 *
 * Numbers of 1, 2 and 4 bits become 8 (white is 255), palettes their colours (a palette of greys is grey), 16 bits
 * stay; transparency is dropped, gamma is left alone: the numbers are those of the file.
 */
#include "core/budget.h"
#include "core/path.h"
#include "io/image/image_sequence.h"
#include "io/image/png_header.h"

#include <inttypes.h>
#include <spng.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* Deflate makes at most 1032 bytes of one. */
#define MOST_DEFLATE 1032.0
/* Texts and profiles above this are damage or malice. */
enum { MOST_CHUNK_BYTES = 16 << 20, CODEC_BYTES = 160 << 10 };

typedef struct png_reader {
    const image_file *image;
    spng_ctx *codec;
    struct spng_ihdr header;
    struct spng_plte palette;
    size_t packed_bytes; /* of a row */
    image_rows rows;
    uint8_t *line;      /* a row with a byte for each number, where the file packs them */
    bool has_bad_index; /* beyond the palette */
} png_reader;

static bool is_packed(const struct spng_ihdr *header)
{
    return header->bit_depth < 8 || header->color_type == PNG_PALETTE;
}

/* Numbers of 1 to 8 bits, or colours of a palette, as bytes. */
static void unpack_row(png_reader *r, const uint8_t *packed)
{
    const unsigned depth = r->header.bit_depth, most = (1u << depth) - 1;
    const bool is_palette = r->header.color_type == PNG_PALETTE;
    const bool is_grey = r->image->load.decoded_colours == 1;
    uint8_t *to = r->line;
    for (size_t i = 0; i < r->header.width; i++) {
        const size_t bit = i * depth;
        const unsigned value = packed[bit / 8] >> (8 - depth - bit % 8) & most;
        if (!is_palette) {
            *to++ = (uint8_t)(value * 255 / most);
            continue;
        }
        if (value >= r->palette.n_entries) r->has_bad_index = true;
        const struct spng_plte_entry *colour = &r->palette.entries[value];
        *to++ = colour->red;
        if (is_grey) continue;
        *to++ = colour->green;
        *to++ = colour->blue;
    }
}

static void add_row(png_reader *r, const uint8_t *row)
{
    if (r->line != NULL) unpack_row(r, row);
    image_rows_add(&r->rows, r->line != NULL ? r->line : row, 0, 1);
}

static int decode_rows(png_reader *r, uint8_t *row)
{
    int code = spng_decode_image(r->codec, NULL, 0, SPNG_FMT_PNG, SPNG_DECODE_PROGRESSIVE);
    for (uint32_t i = 0; i < r->header.height && code == 0; i++) {
        code = spng_decode_row(r->codec, row, r->packed_bytes);
        if (code != 0 && code != SPNG_EOI) return code;
        add_row(r, row);
    }
    return code == SPNG_EOI ? 0 : code;
}

/* Interlaced rows come in pieces: the image as it is in the file is held whole. */
static int decode_interlaced(png_reader *r, uint8_t *packed)
{
    const size_t bytes = r->packed_bytes * r->header.height;
    memset(packed, 0, bytes);
    const int code = spng_decode_image(r->codec, packed, bytes, SPNG_FMT_PNG, 0);
    if (code != 0 && !r->image->salvage) return code;
    for (uint32_t i = 0; i < r->header.height; i++) add_row(r, packed + i * r->packed_bytes);
    return code;
}

static lmp_status decode_by_rows(png_reader *r, void *frame, int *code, lmp_budget *budget, lmp_error *err)
{
    const bool is_interlaced = r->header.interlace_method != 0;
    const image_load *load = &r->image->load;
    const size_t scratch_bytes = image_load_scratch_bytes(load);
    const size_t line_bytes = is_packed(&r->header) ? (size_t)(load->decoded_width * load->decoded_colours) : 0;
    const size_t packed_bytes = is_interlaced ? r->packed_bytes * r->header.height : r->packed_bytes;
    void *packed = NULL, *line = NULL, *scratch = NULL;
    lmp_status status = budget_take_raw(budget, packed_bytes, &packed, err);
    if (status == LMP_OK && line_bytes > 0) status = budget_take_raw(budget, line_bytes, &line, err);
    if (status == LMP_OK && scratch_bytes > 0) status = budget_take_raw(budget, scratch_bytes, &scratch, err);
    if (status == LMP_OK) {
        r->line = line;
        image_rows_begin(&r->rows, load, scratch, frame);
        *code = is_interlaced ? decode_interlaced(r, packed) : decode_rows(r, packed);
    }
    lmp_give(budget, scratch);
    lmp_give(budget, line);
    lmp_give(budget, packed);
    return status;
}

static lmp_status begin_decoding(png_reader *r, const uint8_t *bytes, size_t size, lmp_error *err)
{
    const image_load *load = &r->image->load;
    int code = spng_set_crc_action(r->codec, SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
    if (code == 0) code = spng_set_chunk_limits(r->codec, MOST_CHUNK_BYTES, MOST_CHUNK_BYTES);
    if (code == 0) code = spng_set_png_buffer(r->codec, bytes, size);
    if (code == 0) code = spng_get_ihdr(r->codec, &r->header);
    if (code == 0 && r->header.color_type == PNG_PALETTE) code = spng_get_plte(r->codec, &r->palette);
    if (code == 0) code = spng_decoded_image_size(r->codec, SPNG_FMT_PNG, &r->packed_bytes);
    if (code != 0) return image_file_fail(r->image, spng_strerror(code), err);
    r->packed_bytes /= r->header.height;
    const png_header now = {.depth = r->header.bit_depth,
                            .colour_type = r->header.color_type,
                            .has_grey_palette = load->decoded_colours == 1};
    if (r->header.width != load->full_width || r->header.height != load->full_height ||
        png_header_colours(&now) != load->decoded_colours || (now.depth == 16) != (load->type == LMP_UINT16))
        return image_file_fail(r->image, "it has changed since it was opened", err);
    return LMP_OK;
}

static lmp_status decode_png(const image_file *image, const uint8_t *bytes, size_t size, void *frame,
                             lmp_budget *budget, lmp_error *err)
{
    png_reader r = {.image = image, .codec = spng_ctx_new(0)};
    int code = 0;
    if (r.codec == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to decode %s", image->path);
    const size_t frame_bytes = image_load_bytes(&image->load);
    if (image->salvage) memset(frame, 0, frame_bytes); /* what is lost is black */
    lmp_status status = begin_decoding(&r, bytes, size, err);
    if (status == LMP_OK && image_load_is_plain(&image->load) && !is_packed(&r.header))
        code = spng_decode_image(r.codec, frame, frame_bytes, SPNG_FMT_PNG, 0);
    else if (status == LMP_OK)
        status = decode_by_rows(&r, frame, &code, budget, err);
    /* The checksum of the last pixels stands behind them. */
    if (status == LMP_OK && code == 0 && spng_decode_chunks(r.codec) == SPNG_ECHUNK_CRC) code = SPNG_ECHUNK_CRC;
    spng_ctx_free(r.codec);
    if (status != LMP_OK || image->salvage) return status;
    if (code != 0) return image_file_fail(image, spng_strerror(code), err);
    return r.has_bad_index ? image_file_fail(image, "it uses colours beyond its palette", err) : LMP_OK;
}

/* Of the image as it is in the file if its rows come in pieces, else of a row, and of a row of bytes. */
static size_t measure_work(const png_header *header)
{
    const int64_t packed = (header->width * header->depth * png_header_channels(header) + 7) / 8;
    return (size_t)((header->is_interlaced ? header->height : 1) * packed + 4 * header->width);
}

static lmp_status open_image(const image_head *head, const png_header *header, const lmp_open_options *options,
                             lmp_source *source, lmp_error *err)
{
    const char *path = head->input.path;
    const int64_t file_bytes = head->input.info.size, channels = png_header_channels(header);
    const double most = MOST_DEFLATE * 8 / (double)(header->depth * channels);
    char *warnings = NULL;
    const lmp_status status = image_file_check_size(path, header->width, header->height, file_bytes, most, err);
    if (status != LMP_OK) return status;
    image_file image = {.path = head->input.path, .orientation = header->exif.orientation, .decode = decode_png};
    image.format = (lmp_format){.type = header->depth == 16 ? LMP_UINT16 : LMP_UINT8,
                                .height = header->height,
                                .width = header->width,
                                .n_colours = png_header_colours(header)};
    image.work_bytes = measure_work(header);
    image.codec_bytes = CODEC_BYTES + 4 * (size_t)(header->width * channels * (header->depth == 16 ? 2 : 1));
    if (header->has_transparency || image.format.n_colours == 2 || image.format.n_colours == 4)
        file_warn(&warnings, "%s: transparency is dropped", path);
    if (header->is_animated) file_warn(&warnings, "%s is animated; its first image is read", path);
    return image_file_open(&image, "PNG", options, file_bytes, warnings, source, err);
}

static lmp_status open_png(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    image_head head;
    png_header header;
    lmp_status status = image_head_open(path, &head, err);
    if (status != LMP_OK) return status;
    status = png_header_read(&head, &header, err);
    if (status == LMP_OK) status = open_image(&head, &header, options, source, err);
    image_head_close(&head);
    return status;
}

static int detect_png(const uint8_t *head, size_t n, const char *path)
{
    if (n >= 8 && memcmp(head, "\x89PNG\r\n\x1A\n", 8) == 0) return 100;
    return path_has_extension(path, "png") ? 30 : 0;
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

enum { QUICK = 1, SMALL = 6 }; /* levels of zlib */

typedef struct png_sink {
    file_output *output;
    int64_t written;
    lmp_status status;
    lmp_error *err;
} png_sink;

static int write_piece(spng_ctx *codec, void *user, void *bytes, size_t size)
{
    png_sink *sink = user;
    (void)codec;
    sink->status = file_output_write(sink->output, sink->written, bytes, size, sink->err);
    sink->written += (int64_t)size;
    return sink->status == LMP_OK ? 0 : SPNG_IO_ERROR;
}

static int encode(const image_sequence *s, spng_ctx *codec, const void *pixels, png_sink *sink)
{
    struct spng_ihdr header = {.width = (uint32_t)s->width,
                               .height = (uint32_t)s->height,
                               .bit_depth = s->type == LMP_UINT16 ? 16 : 8,
                               .color_type = s->n_colours == 1 ? PNG_GREY : PNG_RGB};
    const size_t bytes = (size_t)(s->height * s->width * s->n_colours) * lmp_type_bytes(s->type);
    int code = spng_set_png_stream(codec, write_piece, sink);
    if (code == 0) code = spng_set_option(codec, SPNG_IMG_COMPRESSION_LEVEL, s->compress ? SMALL : QUICK);
    if (code == 0) code = spng_set_ihdr(codec, &header);
    return code == 0 ? spng_encode_image(codec, pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) : code;
}

/* Measured: libspng takes 281 kB, most of it deflate's (its window and its hash tables), and three rows. */
enum { ENCODER_BYTES = 288 << 10, ENCODER_ROWS = 3 };

static size_t pack_bytes(const lmp_format *format, bool compress)
{
    (void)compress; /* the level changes nothing */
    return ENCODER_BYTES + ENCODER_ROWS * (size_t)(format->width * format->n_colours) * lmp_type_bytes(format->type);
}

static lmp_status encode_png(const image_sequence *sequence, const void *pixels, file_output *output,
                             lmp_budget *budget, lmp_error *err)
{
    png_sink sink = {.output = output, .err = err};
    const lmp_format format = {.type = sequence->type, .width = sequence->width, .n_colours = sequence->n_colours};
    const size_t room = pack_bytes(&format, sequence->compress);
    lmp_status status = budget_reserve(budget, room, err);
    if (status != LMP_OK) return status;
    spng_ctx *codec = spng_ctx_new(SPNG_CTX_ENCODER);
    const int code = codec == NULL ? SPNG_EMEM : encode(sequence, codec, pixels, &sink);
    if (codec != NULL) spng_ctx_free(codec);
    budget_release(budget, room);
    if (sink.status != LMP_OK || code == 0) return sink.status;
    return lmp_fail(err, LMP_ERR_MEMORY, "%s cannot be made (%s); use fewer threads", output->path,
                    spng_strerror(code));
}

static lmp_status create_png(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    const lmp_format *format = &stream->format;
    (void)force_range;
    if (format->kind == LMP_MOVIE && format->type != LMP_UINT8 && format->type != LMP_UINT16)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "%s: PNG holds uint8 or uint16 and the movie has another type of numbers; put `convert type=uint16` "
            "before `write`",
            path);
    return image_sequence_create(path, stream, options, encode_png, writer, err);
}

/* ---- The format ------------------------------------------------------------------------------------------- */

const lmp_io lmp_io_png = {
    .name = "PNG",
    .summary = "Images without loss, 1 to 16 bits; written as NAME_00000.png and so on, or where %05d says.",
    .kind = LMP_MOVIE,
    .extensions = "png",
    .can_read = true,
    .can_write = true,
    .is_sequence = true,
    .detect = detect_png,
    .open = open_png,
    .create = create_png,
    .pack_bytes = pack_bytes,
};
