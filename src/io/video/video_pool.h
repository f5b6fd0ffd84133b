/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_pool.h: a few decoders that keep their places, so that reading on where one stopped needs no seek.
 */
#ifndef LIMPID_IO_VIDEO_POOL_H
#define LIMPID_IO_VIDEO_POOL_H

#include "io/video/video_decoder.h"
#include "io/video/video_pixels.h"

typedef struct video_reader {
    video_decoder decoder;
    video_converter converter;
    bool is_open, is_busy;
    int64_t used; /* turn at which it was given back */
} video_reader;

typedef struct video_pool video_pool;

LMP_CHECKED lmp_status video_pool_new(const video_track *track, video_pool **pool, lmp_error *err);
void video_pool_free(video_pool *pool);

/* The reader that is nearest before `frame`, or a new one; waits while all are busy. Any thread. */
LMP_CHECKED lmp_status video_pool_take(video_pool *pool, int64_t frame, video_reader **reader, lmp_error *err);
void video_pool_give(video_pool *pool, video_reader *reader);

#endif
