/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive_node.h: one node of the recursive estimate: how its items lie, and the images that stand for all of
 * them one level up.
 *
 * Each item is registered onto its neighbour towards the middle one, and moved by the sum of what lies between them,
 * less the mean of all. Above the frames an item has three images: its first frame, the aggregate, and its last frame.
 * Aggregates are registered onto each other; where the frames next to the joint disagree by more than alt_error px and
 * need less motion, they decide.
 */
#ifndef LIMPID_MOVIE_MOTION_RECURSIVE_NODE_H
#define LIMPID_MOVIE_MOTION_RECURSIVE_NODE_H

#include "movie/motion_merge.h"
#include "movie/motion_pair.h"

typedef enum item_state {
    ITEM_GOOD,
    ITEM_DOUBTFUL, /* finds its own place, but nobody else's, and takes no part in the aggregate */
    ITEM_BLANK     /* no structure: lies as its neighbour towards the middle does */
} item_state;

/* Frames, and items where alt_error is 0, have the aggregate alone. */
typedef struct node_item {
    motion_image first, aggregate, last;
    item_state state;
} node_item;

/* Where the images of the result go; their types are those of the rule. */
typedef struct node_result {
    void *first, *aggregate, *last;
} node_result;

typedef struct node_rule {
    pair_plan plan;
    double alt_error; /* 0: items have no ends */
    bool takes_highest;
    bool is_exact; /* whole numbers are truncated, and the second frame is kept as the last one */
} node_rule;

/* One node's part of the rule. */
typedef struct node_kind {
    bool of_frames;
    bool is_whole;                     /* moved images are rounded to whole numbers */
    lmp_type end_type, aggregate_type; /* of the result */
} node_kind;

size_t node_scratch_bytes(int64_t height, int64_t width, int64_t n_part);

/* Scratch is aligned to 64 bytes. move: (dy, dx) of each item. Returns the state of the node as an item; of a blank one
 * the result is left as it is. */
item_state node_compute(const node_rule *rule, const node_kind *kind, const node_item *items, int64_t n_items,
                        void *scratch, double (*move)[2], const node_result *result);

#endif
