/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_write.c: movies as video files: FFV1 without loss, H.264 for looking at.
 *
 * The same movie gives the same bytes on every machine: FFV1's slices and x264's threads are fixed in number, and
 * nothing random or dated is written.
 */
#include "io/video/video.h"

#include "core/stream.h"
#include "io/video/video_encode.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct video_writer {
    file_output output;
    video_encoder encoder;
    lmp_stream stream;
} video_writer;

static lmp_status write_frames(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    video_writer *w = state;
    lmp_status status = LMP_OK;
    (void)budget; /* the encoder's pictures live from the first frame to the last */
    for (int64_t i = 0; i < frames->count && status == LMP_OK; i++)
        status = video_encoder_add(&w->encoder, (const char *)frames->data + (size_t)i * frames->stride,
                                   frames->first + i, err);
    return status;
}

static lmp_status finish(void *state, lmp_error *err)
{
    video_writer *w = state;
    const lmp_status status = video_encoder_finish(&w->encoder, err);
    return status == LMP_OK ? file_output_commit(&w->output, err) : status;
}

static void close_writer(void *state)
{
    video_writer *w = state;
    video_encoder_close(&w->encoder);
    file_output_discard(&w->output);
    stream_clear(&w->stream);
    free(w);
}

static const char *data_path(void *state)
{
    const video_writer *w = state;
    return w->output.path;
}

/* ---- What can be written ---------------------------------------------------------------------------------- */

static lmp_status check_size(const lmp_format *format, video_coding coding, const char *path, lmp_error *err)
{
    const int64_t most = coding == VIDEO_H264 ? 16384 : 65500;
    const int64_t least = coding == VIDEO_H264 ? 16 : 2; /* FFmpeg's FFV1 loses single rows and columns */
    if (format->width < least || format->height < least || format->width > most || format->height > most)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: frames of %" PRId64 " x %" PRId64
                        " pixels cannot be written as video; crop or resize them, "
                        "or write .npy",
                        path, format->width, format->height);
    if (coding == VIDEO_H264 && (format->width % 2 != 0 || format->height % 2 != 0))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: H.264 needs even width and height, the frames have %" PRId64 " x %" PRId64
                        "; crop a row or "
                        "column, or write .avi",
                        path, format->width, format->height);
    return LMP_OK;
}

static lmp_status check_movie(const lmp_format *format, const lmp_write_options *options, video_coding coding,
                              const char *path, lmp_error *err)
{
    const bool is_byte = format->type == LMP_UINT8, is_word = format->type == LMP_UINT16;
    if (format->kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: signals cannot be written as video; choose .npy or .edf", path);
    if (!is_byte && (!is_word || coding == VIDEO_H264))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: %s; put 'convert type=uint8' before it, or write .npy", path,
                        coding == VIDEO_H264 ? "H.264 holds pixels of 8 bits"
                                             : "FFV1 holds whole numbers of 8 or 16 bits");
    if (options->type != 0 && options->type != (int64_t)format->type)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: video keeps the number type of the movie; put 'convert' before it",
                        path);
    if (format->n_colours != 1 && format->n_colours != 3)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: video holds 1 or 3 colours, not %" PRId64 "; choose another format",
                        path, format->n_colours);
    return check_size(format, coding, path, err);
}

lmp_status video_write_create(const char *muxer, video_coding coding, const char *path, const lmp_stream *stream,
                              const lmp_write_options *options, lmp_writer *writer, lmp_error *err)
{
    lmp_status status = check_movie(&stream->format, options, coding, path, err);
    if (status == LMP_OK) status = ffmpeg_load(err);
    if (status != LMP_OK) return status;
    video_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    w->output.file.fd = -1;
    status = stream_copy(&w->stream, stream, err);
    if (status == LMP_OK) status = file_output_open(path, options->overwrite != 0, &w->output, err);
    w->output.digest = options->digest;
    if (status == LMP_OK)
        status = video_encoder_open(&w->encoder, muxer, coding, &w->output, &w->stream.format, options, err);
    if (status != LMP_OK) {
        close_writer(w);
        return status;
    }
    *writer = (lmp_writer){.needs_all_lanes = true,
                           .in_order = true,
                           .time_grain = 1,
                           .state = w,
                           .write_frames = write_frames,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}
