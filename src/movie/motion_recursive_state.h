/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive_state.h: what the recursive estimate holds, for itself and for tests.
 */
#ifndef LIMPID_MOVIE_MOTION_RECURSIVE_STATE_H
#define LIMPID_MOVIE_MOTION_RECURSIVE_STATE_H

#include "movie/motion.h"
#include "movie/motion_circular.h"
#include "movie/motion_recursive_node.h"
#include "movie/motion_recursive_tree.h"

#include <stdatomic.h>

typedef struct recursive {
    node_rule rule;
    merge_rule shape;
    merge_tree tree;
    lmp_type held_type; /* of frames */
    circular_plan circular;
    double least_circularity; /* of frames that may move others; 0: all may */
    image_window region;
    lmp_budget *budget;
    motion_shift *shifts;

    atomic_int *n_missing; /* of each node: children that have not come yet */
    void **images;         /* of each slot: what its child has become; NULL: not yet, or no more */
    uint8_t *states;       /* of each slot: item_state */
    double (*moves)[2];    /* of each slot: (dy, dx) of its child within the node, px */
    void *result;          /* of the root; NULL: not yet */
    item_state result_state;
    double largest; /* move of a node's item, px */
    atomic_int_least64_t n_nodes_computed, n_doubtful;
} recursive;

size_t recursive_whole_lines(size_t bytes);
merge_rule recursive_shape(const motion_context *context);

/* What stands for a node: first frame, aggregate, last frame; or the aggregate alone. */
size_t recursive_result_bytes(int64_t n_pixels, lmp_type end_type, lmp_type aggregate_type, bool with_ends);

/* The items of a node, at the beginning of the scratch. */
size_t recursive_item_bytes(int64_t n_part);

lmp_status recursive_plan(const motion_context *context, lmp_step_plan *plan, lmp_error *err);

#endif
