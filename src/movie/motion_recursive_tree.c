/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive_tree.c: which frames are merged with which.
 */
#include "movie/motion_recursive_tree.h"

#include <stddef.h>

/* Items of one level, in the order of time: first, first + step, ..., and `last`, which may lie elsewhere. */
typedef struct items {
    int64_t first, step, last, count;
    int32_t level; /* of the nodes that merge them */
    bool are_whole, last_is_whole;
} items;

/* Counts only where `tree` has no arrays. */
typedef struct builder {
    const merge_rule *rule;
    merge_tree *tree;
    merge_size made;
} builder;

static void put_child(builder *b, int64_t node, int64_t slot, int64_t child, int32_t level)
{
    merge_tree *tree = b->tree;
    tree->children[slot] = child;
    if (level == 0) {
        tree->leaf_of[child] = node;
    } else {
        tree->nodes[child].parent = node;
        tree->nodes[child].slot = slot;
    }
}

static int64_t nth(const items *from, int64_t i)
{
    return i == from->count - 1 ? from->last : from->first + i * from->step;
}

/* Merges items [first, first + count) and says whether the result holds whole numbers. */
static bool add_node(builder *b, const items *from, int64_t first, int64_t count, bool takes_whole)
{
    const int64_t node = b->made.n_nodes++, slot = b->made.n_slots;
    const bool gives_whole = takes_whole && (b->rule->keeps_whole || (from->level == 0 && count == 1));
    b->made.n_slots += count;
    if (b->made.n_levels <= from->level) b->made.n_levels = from->level + 1;
    if (b->tree == NULL) return gives_whole;
    b->tree->nodes[node] = (merge_node){.first_slot = slot,
                                        .parent = -1,
                                        .slot = -1,
                                        .n_children = (int32_t)count,
                                        .level = from->level,
                                        .takes_whole = takes_whole,
                                        .gives_whole = gives_whole};
    for (int64_t i = 0; i < count; i++) put_child(b, node, slot + i, nth(from, first + i), from->level);
    return gives_whole;
}

/* Merges all items of a chunk in groups of almost equal size; they become the groups. */
static void merge_evenly(builder *b, items *level)
{
    const int64_t n_groups = (level->count + b->rule->n_part - 1) / b->rule->n_part;
    const int64_t size = level->count / n_groups, n_larger = level->count % n_groups;
    items next = {.first = b->made.n_nodes, .step = 1, .count = n_groups, .level = level->level + 1, .are_whole = true};
    int64_t first = 0;
    for (int64_t g = 0; g < n_groups; g++) {
        const int64_t count = size + (g < n_larger);
        next.are_whole = add_node(b, level, first, count, level->are_whole) && next.are_whole;
        first += count;
    }
    next.last = b->made.n_nodes - 1;
    *level = next;
}

/* True if what is left of the chunk holds whole numbers. */
static bool add_chunk(builder *b, int64_t first, int64_t count)
{
    items level = {
        .first = first, .step = 1, .last = first + count - 1, .count = count, .are_whole = b->rule->is_whole};
    do merge_evenly(b, &level);
    while (level.count > 1);
    return level.are_whole;
}

/* Merges chunks n_part at a time; they become the groups. */
static void merge_in_turn(builder *b, items *level)
{
    const int64_t n_part = b->rule->n_part;
    items next = {.first = b->made.n_nodes, .step = 1, .level = level->level + 1, .are_whole = true};
    for (int64_t first = 0; first < level->count; first += n_part) {
        const bool is_last = level->count - first <= n_part;
        const int64_t count = is_last ? level->count - first : n_part;
        const bool whole = (!is_last || level->last_is_whole) && (level->are_whole || (is_last && count == 1));
        next.last_is_whole = add_node(b, level, first, count, whole);
        if (!is_last) next.are_whole = next.are_whole && next.last_is_whole;
        next.count++;
    }
    next.last = b->made.n_nodes - 1;
    *level = next;
}

static void build(builder *b)
{
    const merge_rule *rule = b->rule;
    items roots = {.count = (rule->n_frames + rule->chunk - 1) / rule->chunk, .are_whole = true};
    for (int64_t c = 0; c < roots.count; c++) {
        const int64_t first = c * rule->chunk, left = rule->n_frames - first;
        roots.last_is_whole = add_chunk(b, first, left < rule->chunk ? left : rule->chunk);
        if (c == 0) roots.first = b->made.n_nodes - 1;
        if (c == 0) roots.step = b->made.n_nodes;
        if (c + 1 < roots.count) roots.are_whole = roots.last_is_whole;
    }
    roots.last = b->made.n_nodes - 1;
    roots.level = (int32_t)b->made.n_levels;
    while (roots.count > 1) merge_in_turn(b, &roots);
}

merge_size merge_tree_size(const merge_rule *rule)
{
    builder b = {.rule = rule};
    build(&b);
    return b.made;
}

void merge_tree_build(const merge_rule *rule, merge_tree *tree)
{
    builder b = {.rule = rule, .tree = tree};
    build(&b);
    tree->size = b.made;
}
