/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video.c: the containers of video: AVI, MP4 and QuickTime, Matroska and WebM, GIF.
 */
#include "io/video/video.h"

#include "core/path.h"
#include "io/video/ffmpeg.h"

#include <string.h>

static bool holds(const uint8_t *head, size_t n, size_t at, const char *letters)
{
    const size_t length = strlen(letters);
    return n >= at + length && memcmp(head + at, letters, length) == 0;
}

/* ---- AVI -------------------------------------------------------------------------------------------------- */

static int detect_avi(const uint8_t *head, size_t n, const char *path)
{
    if (holds(head, n, 0, "RIFF") && holds(head, n, 8, "AVI")) return 100;
    return path_has_extension(path, "avi") ? 30 : 0;
}

static lmp_status open_avi(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    return video_read_open("avi", "AVI", path, options, source, err);
}

static lmp_status create_avi(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    (void)force_range;
    return video_write_create("avi", VIDEO_FFV1, path, stream, options, writer, err);
}

const lmp_io lmp_io_avi = {
    .name = "AVI",
    .summary = "Video as cameras and miniscopes record it: raw, FFV1, MJPEG, MPEG-4 and others are read; FFV1, which "
               "loses nothing, is written.",
    .kind = LMP_MOVIE,
    .extensions = "avi",
    .can_read = true,
    .can_write = true,
    .detect = detect_avi,
    .open = open_avi,
    .create = create_avi,
};

/* ---- MP4 and QuickTime ------------------------------------------------------------------------------------ */

static int detect_mp4(const uint8_t *head, size_t n, const char *path)
{
    static const char *const first[] = {"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"};
    const bool is_named = path_has_extension(path, "mp4|m4v|mov|qt|3gp");
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        if (holds(head, n, 4, first[i])) return i < 2 || is_named ? 100 : 40;
    return is_named ? 30 : 0;
}

static lmp_status open_mp4(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    return video_read_open("mov", "MP4", path, options, source, err);
}

static lmp_status create_mp4(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    (void)force_range;
    return video_write_create("mp4", VIDEO_H264, path, stream, options, writer, err);
}

const lmp_io lmp_io_mp4 = {
    .name = "MP4",
    .summary = "MP4 and QuickTime video: H.264, HEVC, MPEG-4, ProRes and others are read; H.264, for looking at, is "
               "written.",
    .kind = LMP_MOVIE,
    .extensions = "mp4|m4v|mov|qt|3gp",
    .can_read = true,
    .can_write = true,
    .detect = detect_mp4,
    .open = open_mp4,
    .create = create_mp4,
};

/* ---- Matroska and WebM ------------------------------------------------------------------------------------ */

static int detect_matroska(const uint8_t *head, size_t n, const char *path)
{
    if (holds(head, n, 0, "\x1A\x45\xDF\xA3")) return 100;
    return path_has_extension(path, "mkv|webm") ? 30 : 0;
}

static lmp_status open_matroska(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    return video_read_open("matroska", "Matroska", path, options, source, err);
}

static lmp_status create_matroska(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                                  bool force_range, lmp_writer *writer, lmp_error *err)
{
    (void)force_range;
    return video_write_create("matroska", VIDEO_FFV1, path, stream, options, writer, err);
}

const lmp_io lmp_io_matroska = {
    .name = "Matroska",
    .summary = "Matroska and WebM video: H.264, HEVC, VP8, VP9, AV1, FFV1 and others are read; FFV1, which loses "
               "nothing, is written.",
    .kind = LMP_MOVIE,
    .extensions = "mkv|webm",
    .can_read = true,
    .can_write = true,
    .detect = detect_matroska,
    .open = open_matroska,
    .create = create_matroska,
};

/* ---- GIF -------------------------------------------------------------------------------------------------- */

static int detect_gif(const uint8_t *head, size_t n, const char *path)
{
    if (holds(head, n, 0, "GIF87a") || holds(head, n, 0, "GIF89a")) return 100;
    return path_has_extension(path, "gif") ? 30 : 0;
}

static lmp_status open_gif(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    return video_read_open("gif", "GIF", path, options, source, err);
}

const lmp_io lmp_io_gif = {
    .name = "GIF",
    .summary = "Animated GIF, read as it is shown: red, green and blue, with the times of its frames.",
    .kind = LMP_MOVIE,
    .extensions = "gif",
    .can_read = true,
    .detect = detect_gif,
    .open = open_gif,
};
