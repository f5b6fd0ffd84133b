/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_encode.h: frames into an encoder, and its packets into a container.
 */
#ifndef LIMPID_IO_VIDEO_ENCODE_H
#define LIMPID_IO_VIDEO_ENCODE_H

#include "io/video/ffmpeg.h"
#include "io/file.h"
#include "io/video/video.h"

typedef struct video_encoder {
    const lmp_format *format; /* of the movie; lives as long as the encoder */
    file_output *output;
    int64_t position;   /* of the container's next byte */
    lmp_status trouble; /* of writing bytes, told in `why` */
    lmp_error why;

    struct AVFormatContext *muxer;
    struct AVIOContext *io;
    struct SwsContext *scaler;
    AVCodecContext *codec;
    AVFrame *frame;
    AVPacket *packet;
    int64_t next_frame;
    bool has_times; /* of each frame, not only a rate */
} video_encoder;

/* options: quality and threads. On failure close it all the same. */
LMP_CHECKED lmp_status video_encoder_open(video_encoder *e, const char *muxer, video_coding coding, file_output *output,
                                          const lmp_format *format, const lmp_write_options *options, lmp_error *err);
LMP_CHECKED lmp_status video_encoder_add(video_encoder *e, const void *pixels, int64_t number, lmp_error *err);
LMP_CHECKED lmp_status video_encoder_finish(video_encoder *e, lmp_error *err);
void video_encoder_close(video_encoder *e);

#endif
