/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_write.c: movies as TIFF stacks that ImageJ reads.
 *
 * Pages without compression lie one behind the other, so that any frames, and any rows of them, can be written at any
 * time, and ImageJ reads them as one block. Above 4 GB the file is BigTIFF with a directory for every page: ImageJ's
 * own form for that (a classic file with one directory) looks like a single image to everything else.
 */
#include "io/tiff/tiff.h"
#include "io/tiff/tiff_directory.h"
#include "io/tiff/tiff_ifd.h"

#include "core/budget.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

enum { STRIP_BYTES = 1 << 20, MOST_CLASSIC_MARGIN = 1 << 16, LEVEL = 6 };

typedef struct tiff_writer {
    file_output output;
    tiff_layout layout;
    tiff_strip *strips; /* compressed */
    size_t row_bytes, frame_bytes;
    int64_t end; /* compressed: of what is written so far */
} tiff_writer;

/* ---- Frames ----------------------------------------------------------------------------------------------- */

static lmp_status write_frames(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    tiff_writer *w = state;
    return file_output_write_frames(&w->output, w->layout.data, w->frame_bytes, frames, err);
}

static int64_t rows_per_strip(const lmp_format *format, size_t row_bytes)
{
    const int64_t rows = STRIP_BYTES / (int64_t)row_bytes;
    return rows < 1 ? 1 : rows > format->height ? format->height : rows;
}

static size_t row_bytes_of(const lmp_format *format)
{
    return (size_t)(format->width * format->n_colours) * lmp_type_bytes(format->type);
}

/* One packed strip. */
size_t tiff_pack_bytes(const lmp_format *format, bool compress)
{
    const size_t row_bytes = row_bytes_of(format);
    return compress && row_bytes > 0 ? compressBound((uLong)((size_t)rows_per_strip(format, row_bytes) * row_bytes))
                                     : 0;
}

static size_t packed_room(const tiff_writer *w)
{
    return tiff_pack_bytes(&w->layout.format, true);
}

static lmp_status write_strips(tiff_writer *w, int64_t page, const char *pixels, void *packed, lmp_error *err)
{
    const int64_t height = w->layout.format.height, rows = w->layout.rows_per_strip;
    for (int64_t i = 0; i < w->layout.n_strips; i++) {
        const int64_t first = i * rows, n = height - first < rows ? height - first : rows;
        uLongf bytes = (uLongf)packed_room(w);
        if (compress2(packed, &bytes, (const Bytef *)pixels + (size_t)first * w->row_bytes,
                      (uLong)((size_t)n * w->row_bytes), LEVEL) != Z_OK)
            return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to compress %s", w->output.path);
        const lmp_status status = file_output_write(&w->output, w->end, packed, bytes, err);
        if (status != LMP_OK) return status;
        w->strips[page * w->layout.n_strips + i] = (tiff_strip){.offset = w->end, .bytes = (int64_t)bytes};
        w->end += (int64_t)bytes;
    }
    return LMP_OK;
}

static lmp_status write_compressed(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    tiff_writer *w = state;
    void *packed = NULL;
    lmp_status status = budget_take_raw(budget, packed_room(w), &packed, err);
    for (int64_t t = 0; t < frames->count && status == LMP_OK; t++)
        status =
            write_strips(w, frames->first + t, (const char *)frames->data + (size_t)t * frames->stride, packed, err);
    lmp_give(budget, packed);
    return status;
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

static lmp_status finish(void *state, lmp_error *err)
{
    tiff_writer *w = state;
    const int64_t at = (w->end + 15) / 16 * 16;
    lmp_status status = LMP_OK;
    if (!w->layout.is_big && at + tiff_directory_bytes(&w->layout) > UINT32_MAX)
        return lmp_fail(err, LMP_ERR_IO, "%s: compression has made the data larger; write it without", w->output.path);
    status = tiff_directory_write(&w->output, &w->layout, at, err);
    return status == LMP_OK ? file_output_commit(&w->output, err) : status;
}

static void close_writer(void *state)
{
    tiff_writer *w = state;
    file_output_discard(&w->output);
    free(w->strips);
    free(w);
}

static const char *data_path(void *state)
{
    const tiff_writer *w = state;
    return w->output.path;
}

static lmp_status check_format(const char *path, const lmp_format *f, const lmp_write_options *options, lmp_error *err)
{
    if (f->kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: TIFF holds images; write signals as EDF, BrainVision or .npy", path);
    if (f->type == LMP_INT64 || f->type == LMP_UINT64)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: no program reads TIFF with integers of 64 bits; say convert type=float64 before", path);
    if (f->type == LMP_INT24 || (options->type != 0 && options->type != (int64_t)f->type))
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "%s: a movie is written as TIFF in the number type it has; leave type away or convert it before", path);
    const int64_t number = (int64_t)lmp_type_bytes(f->type);
    if (f->n_times < 1 || f->height < 1 || f->width < 1 || f->height > INT32_MAX || f->width > INT32_MAX ||
        (f->n_colours != 1 && f->n_colours != 3) ||
        f->n_times > INT64_MAX / 64 / number / f->n_colours / f->height / f->width)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: %" PRId64 " frames of %" PRId64 " x %" PRId64 " pixels in %" PRId64
                        " colours cannot be written",
                        path, f->n_times, f->width, f->height, f->n_colours);
    return LMP_OK;
}

static void lay_out(tiff_writer *w, const lmp_format *format, bool compress)
{
    tiff_layout *l = &w->layout;
    *l = (tiff_layout){.format = *format, .compression = TIFF_UNCOMPRESSED, .data = TIFF_HEAD_BYTES};
    w->row_bytes = row_bytes_of(format);
    w->frame_bytes = (size_t)format->height * w->row_bytes;
    l->rows_per_strip = format->height;
    l->n_strips = 1;
    if (compress) {
        l->compression = TIFF_DEFLATE;
        l->rows_per_strip = rows_per_strip(format, w->row_bytes);
        l->n_strips = (format->height + l->rows_per_strip - 1) / l->rows_per_strip;
    }
    const int64_t pixels = format->n_times * (int64_t)w->frame_bytes;
    /* What cannot be compressed grows by less than 1 in 1000. */
    const int64_t most = pixels + (compress ? pixels / 1000 + 64 * format->n_times * l->n_strips : 0);
    l->is_big = most + tiff_directory_bytes(l) + MOST_CLASSIC_MARGIN > UINT32_MAX;
    w->end = TIFF_HEAD_BYTES + (compress ? 0 : pixels);
}

static lmp_status start(const char *path, const lmp_format *format, const lmp_write_options *options,
                        tiff_writer **started, lmp_error *err)
{
    tiff_writer *w = calloc(1, sizeof *w);
    lmp_status status = LMP_ERR_MEMORY;
    if (w != NULL) lay_out(w, format, options->compress != 0);
    if (w != NULL && options->compress != 0) {
        w->strips = calloc((size_t)(format->n_times * w->layout.n_strips), sizeof *w->strips);
        w->layout.strips = w->strips;
    }
    if (w == NULL || (options->compress != 0 && w->strips == NULL))
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    else
        status = file_output_open(path, options->overwrite != 0, &w->output, err);
    if (status == LMP_OK) {
        w->output.digest = options->digest;
        *started = w;
        return LMP_OK;
    }
    if (w != NULL) free(w->strips);
    free(w);
    return status;
}

lmp_status tiff_create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                       lmp_writer *writer, lmp_error *err)
{
    (void)force_range; /* numbers are written as they are */
    tiff_writer *w = NULL;
    const bool compress = options->compress != 0;
    lmp_status status = check_format(path, &stream->format, options, err);
    if (status == LMP_OK) status = start(path, &stream->format, options, &w, err);
    if (status != LMP_OK) return status;
    *writer = (lmp_writer){.time_grain = 1,
                           .state = w,
                           .needs_all_lanes = compress,
                           .in_order = compress,
                           .copies = !compress,
                           .write_frames = compress ? write_compressed : write_frames,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}
