/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_track.h: what a video file holds: its coded pictures (packets) and where they lie, and in which order they are
 * frames. Fixed once the file is open; shared by all decoders.
 *
 * Words: a packet has a place in the order of the file (which is that of decoding); a frame has a number in the order
 * of presentation. Packets that hold no frame have the number -1.
 */
#ifndef LIMPID_IO_VIDEO_TRACK_H
#define LIMPID_IO_VIDEO_TRACK_H

#include "io/video/ffmpeg.h"
#include "io/file.h"

typedef struct video_packet {
    int64_t position; /* in the file */
    int64_t pts, dts; /* in the track's time base; AV_NOPTS_VALUE where the file does not say */
    int64_t frame;
    int32_t size;
    bool is_key;      /* decoding can begin here */
    bool is_silent;   /* is decoded but not shown (edit lists) */
    uint8_t *palette; /* that holds from here on; AVPALETTE_SIZE bytes or NULL */
} video_packet;

/* What may be decoded. */
typedef struct video_codec {
    enum AVCodecID id;
    const char *decoder; /* FFmpeg's name; NULL: its own of this id */
    bool is_intra;       /* each picture stands by itself */
    bool is_in_step;     /* one packet in, one picture out, in the same order */
    bool hides;          /* some packets hold pictures that are never shown */
} video_codec;

typedef struct video_track {
    int64_t threads; /* set before video_track_open(): that may decode */
    file_input input;
    const video_codec *codec;
    AVCodecParameters *parameters;
    AVRational time_base;
    double said_rate_hz; /* by the container; 0 if it does not */
    int32_t matrix[9];   /* how pictures are turned for display */
    bool has_matrix;
    bool is_avi;
    bool has_sums;       /* pictures end with check sums (FFV1) */
    int64_t pixel_limit; /* of a picture; see video_track_open() */

    video_packet *packets;
    int64_t n_packets, packet_room;
    int32_t largest_packet;
    bool is_intra; /* every packet can be decoded by itself */

    int64_t *packet_of_frame; /* n_frames */
    int64_t n_frames;
    int64_t *stand_in; /* salvaged files: the frame shown instead of each (itself if it is sound); else NULL */
} video_track;

/* Opens the file and finds its packets. With `salvage`, files that are cut short are read as far as they go. */
LMP_CHECKED lmp_status video_track_open(const char *path, const char *demuxer, bool salvage, video_track *track,
                                        char **warnings, lmp_error *err);
void video_track_close(video_track *track);

/* ---- Parts ------------------------------------------------------------------------------------------------ */

/* Reads all packets of the stream that `demuxer` gives. */
struct AVFormatContext;
LMP_CHECKED lmp_status video_packets_read(video_track *track, struct AVFormatContext *demuxer, int stream, bool salvage,
                                          char **warnings, lmp_error *err);

/* Numbers the frames by what the packets say; false if that does not tell the order for sure. */
bool video_order_by_packets(video_track *track);
/* Numbers the frames in the order of `packets`, one packet each; true if there was memory for it. */
bool video_order_set(video_track *track, const int64_t *packets, int64_t n_frames);

/* Seconds of each frame from the first on (malloc'd, NULL without memory) and the rate; is_regular: frame n is at n /
 * rate as exactly as the file can say. */
double *video_times(const video_track *track, double *rate_hz, bool *is_regular);

LMP_CHECKED lmp_status video_no_memory(const video_track *track, lmp_error *err);

#endif
