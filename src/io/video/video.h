/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video.h: movies as video files, read and written with FFmpeg's libraries.
 */
#ifndef LIMPID_IO_VIDEO_H
#define LIMPID_IO_VIDEO_H

#include "core/source.h"

extern const lmp_io lmp_io_avi, lmp_io_mp4, lmp_io_matroska, lmp_io_gif;

/* `demuxer` is FFmpeg's name of the container. */
lmp_status video_read_open(const char *demuxer, const char *format_name, const char *path,
                           const lmp_open_options *options, lmp_source *source, lmp_error *err);

typedef enum video_coding { VIDEO_FFV1, VIDEO_H264 } video_coding;

lmp_status video_write_create(const char *muxer, video_coding coding, const char *path, const lmp_stream *stream,
                              const lmp_write_options *options, lmp_writer *writer, lmp_error *err);

#endif
