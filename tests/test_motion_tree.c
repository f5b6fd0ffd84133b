/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which frames the recursive motion estimate merges with which, against a plain restatement.
 */
#include "movie/motion_recursive_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Consecutive frames, as item of a group. */
typedef struct span {
    int64_t first, count;
} span;

/* Groups in the order in which they are made: what they cover and how many items they hold. */
typedef struct plain_tree {
    span *covers;
    int64_t *n_items;
    int64_t count;
} plain_tree;

static void group(plain_tree *t, span *items, int64_t n, int64_t at)
{
    span all = {items[0].first, 0};
    for (int64_t i = 0; i < n; i++) all.count += items[i].count;
    t->covers[t->count] = all;
    t->n_items[t->count++] = n;
    items[at] = all;
}

/* Returns how many items are left. */
static int64_t split_evenly(plain_tree *t, span *items, int64_t n, int64_t n_groups)
{
    int64_t first = 0;
    for (int64_t g = 0; g < n_groups; g++) {
        const int64_t size = n / n_groups + (g < n % n_groups ? 1 : 0);
        group(t, items + first, size, 0);
        const span made = items[first];
        first += size;
        items[g] = made;
    }
    return n_groups;
}

static void restate(plain_tree *t, int64_t n_frames, int64_t chunk, int64_t n_part, span *items)
{
    int64_t n_roots = 0;
    span *roots = calloc((size_t)n_frames, sizeof *roots);
    for (int64_t first = 0; first < n_frames; first += chunk) {
        int64_t n = n_frames - first < chunk ? n_frames - first : chunk;
        for (int64_t i = 0; i < n; i++) items[i] = (span){first + i, 1};
        while (n > n_part) n = split_evenly(t, items, n, (n + n_part - 1) / n_part);
        group(t, items, n, 0);
        roots[n_roots++] = items[0];
    }
    while (n_roots > 1) {
        int64_t made = 0;
        for (int64_t first = 0; first < n_roots; first += n_part) {
            group(t, roots + first, n_roots - first < n_part ? n_roots - first : n_part, 0);
            roots[made++] = roots[first];
        }
        n_roots = made;
    }
    free(roots);
}

/* What a node covers, found by going down. */
static span covered(const merge_tree *t, int64_t node)
{
    const merge_node *n = &t->nodes[node];
    span all = {0, 0};
    for (int64_t i = 0; i < n->n_children; i++) {
        const int64_t child = t->children[n->first_slot + i];
        const span one = n->level == 0 ? (span){child, 1} : covered(t, child);
        if (i == 0) all.first = one.first;
        assert_int_equal(one.first, all.first + all.count);
        all.count += one.count;
        if (n->level == 0) {
            assert_int_equal(t->leaf_of[child], node);
        } else {
            assert_int_equal(t->nodes[child].parent, node);
            assert_int_equal(t->nodes[child].slot, n->first_slot + i);
            assert_true(t->nodes[child].level < n->level);
        }
    }
    return all;
}

static void check_tree(int64_t n_frames, int64_t chunk, int64_t n_part)
{
    const merge_rule rule = {.n_frames = n_frames, .n_part = n_part, .chunk = chunk, .is_whole = true};
    const size_t most = 3 * (size_t)n_frames + 64;
    plain_tree plain = {calloc(most, sizeof(span)), calloc(most, sizeof(int64_t)), 0};
    span *items = calloc(most, sizeof *items);
    restate(&plain, n_frames, chunk, n_part, items);
    const merge_size size = merge_tree_size(&rule);
    assert_int_equal(size.n_nodes, plain.count);
    assert_int_equal(size.n_slots, n_frames + size.n_nodes - 1);
    merge_tree t = {.nodes = calloc((size_t)size.n_nodes, sizeof(merge_node)),
                    .children = calloc((size_t)size.n_slots, sizeof(int64_t)),
                    .leaf_of = calloc((size_t)n_frames, sizeof(int64_t))};
    merge_tree_build(&rule, &t);
    assert_memory_equal(&t.size, &size, sizeof size);
    for (int64_t i = 0; i < size.n_nodes; i++) {
        const span all = covered(&t, i);
        assert_int_equal(t.nodes[i].n_children, plain.n_items[i]);
        assert_int_equal(all.first, plain.covers[i].first);
        assert_int_equal(all.count, plain.covers[i].count);
        assert_int_equal(t.nodes[i].parent < 0, i == size.n_nodes - 1);
    }
    assert_int_equal(covered(&t, size.n_nodes - 1).count, n_frames);
    free(t.nodes);
    free(t.children);
    free(t.leaf_of);
    free(items);
    free(plain.covers);
    free(plain.n_items);
}

static void tree_is_that_of_array_split(void **state)
{
    (void)state;
    static const int64_t frames[] = {1, 2, 3, 4, 5, 7, 10, 19, 28, 84, 85, 249, 250, 251, 500, 503, 1000, 1751};
    static const int64_t chunks[] = {1, 2, 3, 7, 20, 92, 250, 5000}, parts[] = {2, 3, 4, 5, 10};
    for (size_t n = 0; n < sizeof frames / sizeof *frames; n++)
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++)
            for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) check_tree(frames[n], chunks[c], parts[p]);
}

/* 250 frames: 84, 28, 10, 4, 2, 1. */
static void tree_of_250_frames(void **state)
{
    (void)state;
    const merge_rule rule = {.n_frames = 250, .n_part = 3, .chunk = 250};
    const merge_size size = merge_tree_size(&rule);
    assert_int_equal(size.n_nodes, 84 + 28 + 10 + 4 + 2 + 1);
    assert_int_equal(size.n_levels, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_is_that_of_array_split),
        cmocka_unit_test(tree_of_250_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
