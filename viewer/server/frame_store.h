/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_store.h: frames as they are looked at: of movies that must be decoded, those that were seen stay in the cache,
 * and the next ones in the direction of play are decoded before they are asked for.
 */
#ifndef LIMPID_VIEWER_FRAME_STORE_H
#define LIMPID_VIEWER_FRAME_STORE_H

#include "server.h"

typedef struct frame_part {
    int64_t x, y, width, height;
} frame_part;

frame_part frame_whole(const opened *o);
size_t frame_part_bytes(const opened *o, const frame_part *part);

/* A part of one frame: its rows one behind the other. */
LMP_CHECKED lmp_status frame_read(server *s, opened *o, int64_t frame, const frame_part *part, void *to,
                                  lmp_error *err);

/* For parts of one frame, one after the other: of movies that must be decoded it is decoded once and kept meanwhile. */
typedef struct frame_hold {
    int64_t frame;
    const blob *decoded; /* NULL: needs no decoding */
} frame_hold;
LMP_CHECKED lmp_status frame_hold_make(server *s, opened *o, int64_t frame, frame_hold *h, lmp_error *err);
LMP_CHECKED lmp_status frame_hold_read(const opened *o, const frame_hold *h, const frame_part *part, void *to,
                                       lmp_error *err);
void frame_hold_end(server *s, frame_hold *h);

/* The frame is looked at: those that will follow are worth decoding. */
void frame_look(server *s, opened *o, int64_t frame);

#endif
