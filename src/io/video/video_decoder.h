/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_decoder.h: one decoder that walks through the packets of a track.
 */
#ifndef LIMPID_IO_VIDEO_DECODER_H
#define LIMPID_IO_VIDEO_DECODER_H

#include "io/video/video_track.h"

typedef enum video_event {
    VIDEO_PICTURE,    /* a picture: `frame`, of packet `packet` */
    VIDEO_DAMAGE,     /* the picture of `packet` cannot be decoded; `packet` is -1 if several threads decode */
    VIDEO_END,        /* all packets have been decoded */
    VIDEO_FAILED_READ /* the file or the memory */
} video_event;

typedef struct video_decoder {
    const video_track *track;
    AVCodecContext *codec;
    AVFrame *frame;
    AVPacket *sent;
    int64_t packet;      /* of the last event */
    int64_t next_packet; /* to be sent to the codec */
    int64_t next_frame;  /* the first that can still come without a seek; INT64_MAX: unknown */
    bool is_ended;
} video_decoder;

/* Starts at the first packet. */
LMP_CHECKED lmp_status video_decoder_open(const video_track *track, int threads, video_decoder *decoder,
                                          lmp_error *err);
void video_decoder_close(video_decoder *decoder);

/* Goes on at a packet from which decoding can begin. */
void video_decoder_seek(video_decoder *decoder, int64_t packet);

/* Until the next picture or trouble; every call sends packets or ends. */
video_event video_decoder_step(video_decoder *decoder, lmp_status *status, lmp_error *err);

/* The last packet from which a decoder can begin to reach a frame. */
int64_t video_decoder_start(const video_track *track, int64_t frame);

/* Threads of one decoder: pictures that depend on each other are decoded one after the other by few. */
int video_decoder_threads(const video_track *track);

/* Decodes everything once: finds the order of frames where packets do not tell it, and, to salvage, the damaged ones.
 */
LMP_CHECKED lmp_status video_scan(video_track *track, bool salvage, char **warnings, lmp_error *err);

#endif
