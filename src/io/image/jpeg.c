/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg.c: JPEG images, read and written.
 *
 * Read with TurboJPEG: straight to grey (the Y plane) where grey is wanted, and at 1/2, 1/4 or 1/8 of the size by fewer
 * coefficients where size_ratio allows, before the rest is done by area. Such images differ from the area average of
 * the whole image by the rounding of the codec and by what lies above the new Nyquist frequency.
 */
#include "core/budget.h"
#include "core/path.h"
#include "io/image/hikmicro.h"
#include "io/image/image_sequence.h"
#include "io/image/jpeg_header.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* A block of 8 x 8 pixels takes at least one bit of the first scan; arithmetic coding may take less, but does not for
 * anything that a camera saw. */
#define MOST_PIXELS_PER_BYTE 512.0

static lmp_status fail_decoding(const image_file *image, tjhandle codec, lmp_error *err)
{
    char why[200];
    snprintf(why, sizeof why, "%s", tjGetErrorStr2(codec));
    return image_file_fail(image, why, err);
}

static lmp_status decompress(const image_file *image, tjhandle codec, const uint8_t *bytes, size_t size, void *pixels,
                             lmp_error *err)
{
    const image_load *load = &image->load;
    const int format = load->decoded_colours == 1 ? TJPF_GRAY : TJPF_RGB;
    const int flags = TJFLAG_LIMITSCANS | (image->salvage ? 0 : TJFLAG_STOPONWARNING);
    int width = 0, height = 0, sampling = 0, colours = 0;
    if (tjDecompressHeader3(codec, bytes, size, &width, &height, &sampling, &colours) != 0)
        return fail_decoding(image, codec, err);
    if (width != load->full_width || height != load->full_height)
        return image_file_fail(image, "it has changed since it was opened", err);
    if (tjDecompress2(codec, bytes, size, pixels, (int)load->decoded_width, 0, (int)load->decoded_height, format,
                      flags) == 0)
        return LMP_OK;
    if (image->salvage && tjGetErrorCode(codec) == TJERR_WARNING) return LMP_OK;
    return fail_decoding(image, codec, err);
}

static lmp_status decode_jpeg(const image_file *image, const uint8_t *bytes, size_t size, void *frame,
                              lmp_budget *budget, lmp_error *err)
{
    const image_load *load = &image->load;
    const size_t n_colours = (size_t)load->decoded_colours;
    void *pixels = frame;
    tjhandle codec = tjInitDecompress();
    if (codec == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to decode %s", image->path);
    lmp_status status = LMP_OK;
    if (!image_load_is_plain(load)) status = budget_take_raw(budget, image_load_decoded_bytes(load), &pixels, err);
    if (status == LMP_OK) {
        status = decompress(image, codec, bytes, size, pixels, err);
        if (status == LMP_OK && pixels != frame)
            status = image_load_finish(load, pixels, (size_t)load->decoded_width * n_colours, frame, budget, err);
        if (pixels != frame) lmp_give(budget, pixels);
    }
    (void)tjDestroy(codec);
    return status;
}

static lmp_status open_image(const image_head *head, const jpeg_header *header, const lmp_open_options *options,
                             lmp_source *source, lmp_error *err)
{
    const int64_t file_bytes = head->input.info.size, pixels = header->height * header->width;
    image_file image = {
        .path = head->input.path, .orientation = header->exif.orientation, .decode = decode_jpeg, .scales = true};
    lmp_status status =
        image_file_check_size(image.path, header->width, header->height, file_bytes, MOST_PIXELS_PER_BYTE, err);
    if (status != LMP_OK) return status;
    image.format = (lmp_format){.type = LMP_UINT8,
                                .height = header->height,
                                .width = header->width,
                                .n_colours = options->grey != 0 ? 1 : header->n_components};
    /* Coefficients are of 16 bits; else some rows of blocks are held. */
    const size_t held = (size_t)(header->keeps_coefficients ? 2 * pixels : 64 * header->width);
    image.codec_bytes = 65536 + held * (size_t)header->n_components;
    return image_file_open(&image, "JPEG", options, file_bytes, NULL, source, err);
}

static lmp_status open_jpeg(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    image_head head;
    jpeg_header header;
    int64_t thermal = -1;
    lmp_status status = image_head_open(path, &head, err);
    if (status != LMP_OK) return status;
    status = jpeg_header_read(&head, &header, err);
    if (status == LMP_OK) status = hikmicro_find(&head, &header.exif, &thermal, err);
    if (status == LMP_OK)
        status = thermal >= 0 ? hikmicro_open(&head, thermal, options, source, err)
                              : open_image(&head, &header, options, source, err);
    image_head_close(&head);
    return status;
}

static int detect_jpeg(const uint8_t *head, size_t n, const char *path)
{
    if (n >= 3 && memcmp(head, "\xFF\xD8\xFF", 3) == 0) return 95;
    return path_has_extension(path, "jpg|jpeg") ? 30 : 0;
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

enum { MOST_SIDE = 65500, DEFAULT_QUALITY = 92 };

static int sampling_of(int64_t n_colours)
{
    return n_colours == 1 ? TJSAMP_GRAY : TJSAMP_444;
}

/* The largest file that an image can become. */
static size_t pack_bytes(const lmp_format *format, bool compress)
{
    (void)compress;
    if (format->width > MOST_SIDE || format->height > MOST_SIDE) return 0; /* refused by create */
    return tjBufSize((int)format->width, (int)format->height, sampling_of(format->n_colours));
}

static lmp_status encode_jpeg(const image_sequence *sequence, const void *pixels, file_output *output,
                              lmp_budget *budget, lmp_error *err)
{
    const int width = (int)sequence->width, height = (int)sequence->height;
    const bool is_grey = sequence->n_colours == 1;
    const int sampling = sampling_of(sequence->n_colours);
    const int quality = sequence->quality == 0 ? DEFAULT_QUALITY : (int)lround(sequence->quality);
    unsigned long size = tjBufSize(width, height, sampling);
    void *room = NULL;
    lmp_status status = budget_take_raw(budget, size, &room, err);
    if (status != LMP_OK) return status;
    unsigned char *bytes = room;
    tjhandle codec = tjInitCompress();
    if (codec == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to write %s", output->path);
    else if (tjCompress2(codec, pixels, width, 0, height, is_grey ? TJPF_GRAY : TJPF_RGB, &bytes, &size, sampling,
                         quality, TJFLAG_NOREALLOC) != 0)
        status = lmp_fail(err, LMP_ERR_IO, "%s cannot be made (%s); write PNG", output->path, tjGetErrorStr2(codec));
    else
        status = file_output_write(output, 0, bytes, size, err);
    if (codec != NULL) (void)tjDestroy(codec);
    lmp_give(budget, room);
    return status;
}

static lmp_status create_jpeg(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                              bool force_range, lmp_writer *writer, lmp_error *err)
{
    const lmp_format *format = &stream->format;
    (void)force_range;
    if (format->kind == LMP_MOVIE && format->type != LMP_UINT8)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "%s: JPEG holds uint8 and the movie has another type of numbers; put `convert type=uint8` before "
            "`write`, or write PNG after `convert type=uint16`",
            path);
    if (format->kind == LMP_MOVIE && (format->height > MOST_SIDE || format->width > MOST_SIDE))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: JPEG holds up to %d pixels a side; write PNG", path, MOST_SIDE);
    if (!(options->quality == 0 || (options->quality >= 1 && options->quality <= 100)))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: a quality of %g makes no sense; choose 1 to 100", path,
                        options->quality);
    return image_sequence_create(path, stream, options, encode_jpeg, writer, err);
}

/* ---- The format ------------------------------------------------------------------------------------------- */

const lmp_io lmp_io_jpeg = {
    .name = "JPEG",
    .summary =
        "Images with loss, upright as their EXIF says; HIKMICRO thermal images; written as NAME_00000.jpg and so on.",
    .kind = LMP_MOVIE,
    .extensions = "jpg|jpeg",
    .can_read = true,
    .can_write = true,
    .is_sequence = true,
    .detect = detect_jpeg,
    .open = open_jpeg,
    .create = create_jpeg,
    .pack_bytes = pack_bytes,
};
