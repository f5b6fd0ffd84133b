/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive_tree.h: which frames are merged with which: the tree of the recursive estimate. It depends on the
 * number of frames and two parameters alone.
 *
 * Frames are cut into chunks. Within a chunk, items (first frames, then merged images) are merged in groups of at most
 * n_part until one is left, in ceil(items / n_part) groups whose sizes differ by one at most, larger ones first (the
 * rule of NumPy's array_split). Then chunks are merged, n_part at a time, the last group as it comes.
 */
#ifndef LIMPID_MOVIE_MOTION_RECURSIVE_TREE_H
#define LIMPID_MOVIE_MOTION_RECURSIVE_TREE_H

#include <stdbool.h>
#include <stdint.h>

/* Merges the children of slots [first_slot, first_slot + n_children). */
typedef struct merge_node {
    int64_t first_slot;
    int64_t parent, slot; /* the node that this one is a child of, and its slot there; -1: the root */
    int32_t n_children;
    int32_t level;    /* 0: children are frames */
    bool takes_whole; /* all that is merged at once are whole numbers */
    bool gives_whole; /* and so is the result */
} merge_node;

typedef struct merge_size {
    int64_t n_nodes, n_slots, n_levels;
} merge_size;

typedef struct merge_rule {
    int64_t n_frames, n_part, chunk; /* 1 or more, 2 or more, 1 or more */
    bool is_whole;                   /* frames are whole numbers */
    bool keeps_whole;                /* merging whole numbers gives whole numbers */
} merge_rule;

typedef struct merge_tree {
    merge_size size;
    merge_node *nodes; /* children before parents */
    int64_t *children; /* of each slot: a frame or a node */
    int64_t *leaf_of;  /* of each frame: the node it belongs to */
} merge_tree;

merge_size merge_tree_size(const merge_rule *rule);

/* Fills arrays of the sizes that merge_tree_size() says; leaf_of has n_frames. */
void merge_tree_build(const merge_rule *rule, merge_tree *tree);

#endif
