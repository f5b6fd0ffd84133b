/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive_node.c: how the items of a node lie, and what stands for them.
 */
#include "movie/motion_recursive_node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_PAIR_IMAGES = 5 };

/* The middle item; two that are source and target by turns; the ends at the joint. */
typedef struct chain_images {
    pair_image middle, turns[2], source_end, target_end;
    void *pair_scratch;
} chain_images;

typedef struct chain {
    const node_rule *rule;
    const node_item *items;
    int64_t n_items, middle;
    bool has_ends;
    chain_images at;
    double (*step)[2]; /* of each item onto its neighbour */
} chain;

static size_t pair_image_bytes(int64_t height, int64_t width)
{
    return sizeof(float) * (size_t)(pair_image_floats(height, width) + pair_spectrum_floats(height, width));
}

static size_t step_bytes(int64_t n_part)
{
    return ((size_t)n_part * 2 * sizeof(double) + 63) / 64 * 64;
}

static size_t merge_bytes(int64_t width, int64_t n_part)
{
    return (3 * (size_t)n_part * sizeof(merge_item) + 63) / 64 * 64 + merge_scratch_bytes(width, 3 * n_part);
}

size_t node_scratch_bytes(int64_t height, int64_t width, int64_t n_part)
{
    const size_t pairs =
        step_bytes(n_part) + N_PAIR_IMAGES * pair_image_bytes(height, width) + pair_scratch_bytes(height, width);
    const size_t merging = merge_bytes(width, n_part);
    return pairs > merging ? pairs : merging;
}

static pair_image carve_pair_image(const pair_plan *plan, char **scratch)
{
    float *floats = (float *)(void *)*scratch;
    *scratch += pair_image_bytes(plan->height, plan->width);
    return (pair_image){.image = floats, .spectrum = floats + pair_image_floats(plan->height, plan->width)};
}

static chain_images carve_images(const pair_plan *plan, char *scratch)
{
    chain_images made;
    made.middle = carve_pair_image(plan, &scratch);
    made.turns[0] = carve_pair_image(plan, &scratch);
    made.turns[1] = carve_pair_image(plan, &scratch);
    made.source_end = carve_pair_image(plan, &scratch);
    made.target_end = carve_pair_image(plan, &scratch);
    made.pair_scratch = scratch;
    return made;
}

/* ---- Where the items lie ---- */

static double sum_of(const double shift[2])
{
    return fabs(shift[0]) + fabs(shift[1]);
}

/* The frames at the joint: source's last on target's first, or the other way round behind the middle. */
static void register_ends(chain *c, const node_item *source, const node_item *target, bool is_before, double shift[2])
{
    chain_images *at = &c->at;
    const pair_plan *plan = &c->rule->plan;
    pair_prepare(plan, is_before ? &source->last : &source->first, &at->source_end, at->pair_scratch);
    pair_prepare(plan, is_before ? &target->first : &target->last, &at->target_end, at->pair_scratch);
    pair_register(plan, &at->source_end, &at->target_end, at->pair_scratch, shift);
}

/* The ends decide if they differ by more than alt_error in one axis and need less motion: impossible where the
 * aggregates need half of it at most, and then they need not be looked at. */
static void choose_step(chain *c, const node_item *source, const node_item *target, bool is_before, double step[2])
{
    const double alt_error = c->rule->alt_error;
    if (!c->has_ends || 2 * sum_of(step) < alt_error) return;
    double ends[2];
    register_ends(c, source, target, is_before, ends);
    const bool differ = fabs(step[0] - ends[0]) > alt_error || fabs(step[1] - ends[1]) > alt_error;
    if (differ && sum_of(step) > sum_of(ends)) memcpy(step, ends, sizeof ends);
}

/* From the middle outwards, direction -1 or 1. */
static void register_side(chain *c, int direction)
{
    const pair_plan *plan = &c->rule->plan;
    const node_item *target = &c->items[c->middle];
    const pair_image *target_image = &c->at.middle;
    int turn = 0;
    for (int64_t i = c->middle + direction; i >= 0 && i < c->n_items; i += direction) {
        const node_item *source = &c->items[i];
        if (source->state == ITEM_BLANK) continue;
        pair_image *source_image = &c->at.turns[turn];
        pair_prepare(plan, &source->aggregate, source_image, c->at.pair_scratch);
        pair_register(plan, source_image, target_image, c->at.pair_scratch, c->step[i]);
        choose_step(c, source, target, direction < 0, c->step[i]);
        if (source->state != ITEM_GOOD) continue;
        target = source;
        target_image = source_image;
        turn = 1 - turn;
    }
}

/* The good item nearest to half the number, the first of two; -1: none. */
static int64_t middle_of(const node_item *items, int64_t n_items)
{
    int64_t middle = -1;
    for (int64_t i = 0; i < n_items; i++) {
        if (items[i].state != ITEM_GOOD) continue;
        if (middle < 0 || llabs(2 * i - n_items) < llabs(2 * middle - n_items)) middle = i;
    }
    return middle;
}

static void add(double to[2], const double from[2], double sign)
{
    to[0] += sign * from[0];
    to[1] += sign * from[1];
}

static void add_up(const chain *c, double (*move)[2])
{
    memset(move, 0, (size_t)c->n_items * sizeof *move);
    for (int64_t i = 0; i < c->n_items; i++) {
        if (i == c->middle || c->items[i].state == ITEM_BLANK) continue;
        const bool is_alone = c->items[i].state != ITEM_GOOD;
        const int64_t first = is_alone || i > c->middle ? i : 0;
        const int64_t last = is_alone || i < c->middle ? i : c->n_items - 1;
        for (int64_t k = first; k <= last; k++) add(move[k], c->step[i], 1);
    }
}

static void take_mean_off(const node_item *items, int64_t n_items, double (*move)[2])
{
    double mean[2] = {0, 0};
    int64_t n = 0;
    for (int64_t i = 0; i < n_items; i++) {
        if (items[i].state == ITEM_BLANK) continue;
        add(mean, move[i], 1);
        n++;
    }
    mean[0] /= (double)n;
    mean[1] /= (double)n;
    for (int64_t i = 0; i < n_items; i++) add(move[i], mean, -1);
}

static void find_moves(const node_rule *rule, const node_kind *kind, const node_item *items, int64_t n_items,
                       int64_t middle, char *scratch, double (*move)[2])
{
    chain c = {.rule = rule,
               .items = items,
               .n_items = n_items,
               .middle = middle,
               .has_ends = !kind->of_frames && rule->alt_error > 0,
               .at = carve_images(&rule->plan, scratch + step_bytes(n_items)),
               .step = (double(*)[2])(void *)scratch};
    if (n_items > 1) pair_prepare(&rule->plan, &items[middle].aggregate, &c.at.middle, c.at.pair_scratch);
    register_side(&c, -1);
    register_side(&c, 1);
    add_up(&c, move);
    take_mean_off(items, n_items, move);
}

/* ---- What stands for them ---- */

/* Numbers of the items whose ends are the ends of the node. */
static void choose_ends(const node_rule *rule, const node_kind *kind, const node_item *items, int64_t n_items,
                        int64_t *first, int64_t *last)
{
    *first = *last = -1;
    for (int64_t i = 0; i < n_items; i++) {
        if (items[i].state != ITEM_GOOD) continue;
        const bool is_second = *first >= 0 && *last == *first;
        if (*first < 0) *first = i;
        if (!(rule->is_exact && kind->of_frames) || *last < 0 || is_second) *last = i;
    }
}

static merge_item item_of(const motion_image *image, const double move[2], void *kept, lmp_type type)
{
    return (merge_item){.image = *image, .dy = move[0], .dx = move[1], .kept = kept, .kept_type = type};
}

static void merge(const node_rule *rule, const node_kind *kind, const node_item *items, int64_t n_items, char *scratch,
                  double (*move)[2], const node_result *result)
{
    merge_item *list = (merge_item *)(void *)scratch;
    const lmp_type type = kind->end_type;
    int64_t first, last, n = 0;
    choose_ends(rule, kind, items, n_items, &first, &last);
    for (int64_t i = 0; i < n_items; i++) {
        if (items[i].state != ITEM_GOOD) continue;
        void *kept_first = i == first ? result->first : NULL, *kept_last = i == last ? result->last : NULL;
        if (!kind->of_frames && rule->alt_error > 0) {
            list[n++] = item_of(&items[i].first, move[i], kept_first, type);
            list[n++] = item_of(&items[i].aggregate, move[i], NULL, type);
            list[n++] = item_of(&items[i].last, move[i], kept_last, type);
        } else {
            list[n++] = item_of(&items[i].aggregate, move[i], kept_first != NULL ? kept_first : kept_last, type);
        }
    }
    const motion_rounding rounding = rule->is_exact ? MOTION_TRUNCATE : MOTION_ROUND_NEAREST;
    const merge_order order = {.height = rule->plan.height,
                               .width = rule->plan.width,
                               .rounding = kind->is_whole ? rounding : MOTION_ROUND_NOT,
                               .takes_highest = rule->takes_highest,
                               .type = kind->aggregate_type};
    merge_images(&order, list, n, scratch + (3 * (size_t)n_items * sizeof *list + 63) / 64 * 64, result->aggregate);
    /* One frame that is both ends was kept once. */
    const size_t bytes = (size_t)(order.height * order.width) * lmp_type_bytes(type);
    if (kind->of_frames && first == last && result->last != NULL) memcpy(result->last, result->first, bytes);
}

item_state node_compute(const node_rule *rule, const node_kind *kind, const node_item *items, int64_t n_items,
                        void *scratch, double (*move)[2], const node_result *result)
{
    const int64_t middle = middle_of(items, n_items);
    if (middle < 0) {
        memset(move, 0, (size_t)n_items * sizeof *move);
        return ITEM_BLANK;
    }
    find_moves(rule, kind, items, n_items, middle, scratch, move);
    merge(rule, kind, items, n_items, scratch, move, result);
    return ITEM_GOOD;
}
