/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_pixels.h: decoded pictures, of the many pixel formats that codecs give, as rows of grey or of red, green, blue.
 *
 * Grey codecs stay as they are: 8 bits as uint8, more as uint16 with the numbers that were coded. Colour becomes RGB of
 * 8 bits, or of 16 where the codec has more than 8. Where grey is asked for, it is the luma of YUV, expanded
 * from 16..235 to 0..255 where it is coded in that range.
 */
#ifndef LIMPID_IO_VIDEO_PIXELS_H
#define LIMPID_IO_VIDEO_PIXELS_H

#include "io/video/ffmpeg.h"
#include <limpid/step.h>

typedef enum video_pixel_source {
    VIDEO_FROM_PLANE,   /* the first component: grey, or luma */
    VIDEO_FROM_PALETTE, /* a palette of greys */
    VIDEO_FROM_SCALER   /* swscale makes RGB */
} video_pixel_source;

typedef struct video_pixels {
    video_pixel_source source;
    enum AVPixelFormat target; /* of the scaler */
    int64_t height, width, n_colours;
    lmp_type type;
    int depth;        /* bits of the first component */
    bool is_luma;     /* to be expanded */
    uint16_t *levels; /* of coded luma in the limited range: 1 << depth of them; NULL where there is no luma */
} video_pixels;

/* What becomes of pictures like this one. */
LMP_CHECKED lmp_status video_pixels_choose(const AVFrame *frame, bool wants_grey, const char *path,
                                           video_pixels *pixels, lmp_error *err);
void video_pixels_clear(video_pixels *pixels);

/* What one decoder needs to convert. */
typedef struct video_converter {
    struct SwsContext *scaler;
    AVFrame *scaled;
} video_converter;
void video_converter_clear(video_converter *converter);

/* False if there is no memory, or the picture is not like the chosen one. `out`: rows without gaps. */
bool video_pixels_take(const video_pixels *pixels, video_converter *converter, const AVFrame *frame, void *out);

size_t video_pixels_bytes(const video_pixels *pixels);

#endif
