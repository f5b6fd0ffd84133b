/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pyramid.h: lowest and highest value of every channel over blocks of samples, at several sizes of block.
 *
 * Level 0 has blocks of `block` samples, each further level blocks of four times as many. A stretch is one block of the
 * highest level, of all channels: it is read and built at once, in any order, by any thread; what is not built yet is
 * not known. Blocks and stretches lie on a grid that begins with the recording.
 */
#ifndef LIMPID_VIEWER_PYRAMID_H
#define LIMPID_VIEWER_PYRAMID_H

#include "extremes.h"

#include <limpid/limpid.h>
#include <stdatomic.h>
#include <stdbool.h>

enum {
    PYRAMID_LEVELS = 5,
    PYRAMID_BLOCKS = 256,                  /* of level 0 in a stretch: 4^(levels - 1) */
    PYRAMID_NODES = 256 + 64 + 16 + 4 + 1, /* of all levels in a stretch */
    PYRAMID_FACTOR = 4,                    /* blocks of a level in one of the next */
    PYRAMID_FINEST = 64,                   /* samples of a block at best */
    PYRAMID_COARSEST = 16384,              /* and at worst, where memory is scarce */
};

typedef enum stretch_state { STRETCH_UNKNOWN, STRETCH_TAKEN, STRETCH_KNOWN } stretch_state;

typedef struct pyramid {
    lmp_recording *recording;
    int64_t n_channels, n_times;
    int64_t block;   /* samples of a block of level 0 */
    int64_t stretch; /* samples of a stretch */
    int64_t n_stretches;
    extremes *nodes; /* of all levels, finest first: [channel][block] */
    extremes *levels[PYRAMID_LEVELS];
    int64_t n_blocks[PYRAMID_LEVELS]; /* of a channel: of whole stretches */
    channel_sums *sums;               /* [stretch][channel] */
    atomic_uchar *states;
    atomic_llong n_known;
} pyramid;

/* Bytes that pyramid_init() will take for blocks of this many samples. */
uint64_t pyramid_bytes(const lmp_format *format, int64_t block);
/* Borrows the recording. false if memory is out: there is nothing to clear then. */
bool pyramid_init(pyramid *p, lmp_recording *recording, int64_t block);
void pyramid_clear(pyramid *p);

/* True if the stretch was unknown: it is the caller's now, to be built or given back. */
bool pyramid_take(pyramid *p, int64_t stretch);
void pyramid_give_back(pyramid *p, int64_t stretch);
/* Builds one channel of a stretch that was taken. values: room for p->stretch + 1. */
LMP_CHECKED lmp_status pyramid_build(pyramid *p, int64_t stretch, int64_t channel, double *values, lmp_error *err);
/* All channels are built. */
void pyramid_publish(pyramid *p, int64_t stretch);
stretch_state pyramid_state(const pyramid *p, int64_t stretch);

/* Samples of a block of this level. */
int64_t pyramid_block(const pyramid *p, int level);
/* Lowest and highest value of blocks [first, end) of a level as far as they are known. */
bounds pyramid_bounds(const pyramid *p, int64_t channel, int level, int64_t first, int64_t end, bounds b);
/* What the stretches known so far say about a channel, joined in the order of time. */
channel_sums pyramid_sums(const pyramid *p, int64_t channel);

#endif
