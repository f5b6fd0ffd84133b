/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive.c: shifts by merging neighbours, from frames up to the whole movie (Minian's rigid estimate).
 *
 * The tree is known from the number of frames. A frame that comes is put into its leaf; whoever brings the last child
 * of a node computes that node, and so on upwards: each node once, in whatever order frames come, and only the images
 * that are still waited for are held.
 */
#include "movie/motion.h"

#include "core/budget.h"
#include "movie/load.h"
#include "movie/motion_recursive_node.h"
#include "movie/motion_recursive_state.h"
#include "movie/motion_recursive_tree.h"

#include <math.h>
#include <string.h>

/* ---- Opening ---- */

static lmp_status take_arrays(recursive *r, lmp_error *err)
{
    const merge_size size = merge_tree_size(&r->shape);
    const struct {
        void **array;
        int64_t count;
        size_t bytes;
    } arrays[] = {{(void **)&r->tree.nodes, size.n_nodes, sizeof *r->tree.nodes},
                  {(void **)&r->tree.children, size.n_slots, sizeof *r->tree.children},
                  {(void **)&r->tree.leaf_of, r->shape.n_frames, sizeof *r->tree.leaf_of},
                  {(void **)&r->n_missing, size.n_nodes, sizeof *r->n_missing},
                  {(void **)&r->images, size.n_slots, sizeof *r->images},
                  {(void **)&r->states, size.n_slots, sizeof *r->states},
                  {(void **)&r->moves, size.n_slots, sizeof *r->moves}};
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0] && status == LMP_OK; i++)
        status = lmp_take(r->budget, (size_t)arrays[i].count * arrays[i].bytes, arrays[i].array, err);
    return status;
}

static void close_recursive(void *state, lmp_budget *budget)
{
    recursive *r = state;
    if (r == NULL) return;
    for (int64_t i = 0; r->images != NULL && i < r->tree.size.n_slots; i++) lmp_give(budget, r->images[i]);
    void *const held[] = {r->result,    r->tree.nodes, r->tree.children, r->tree.leaf_of,
                          r->n_missing, r->images,     r->states,        r->moves};
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) lmp_give(budget, held[i]);
    fft2_plan_free(r->rule.plan.transforms);
    circular_plan_close(&r->circular);
    lmp_give(budget, r);
}

static lmp_status open_recursive(const motion_context *context, void **state, lmp_error *err)
{
    const motion_params *p = context->params;
    recursive *r;
    lmp_status status = lmp_take(context->budget, sizeof *r, (void **)&r, err);
    if (status != LMP_OK) return status;
    *r = (recursive){.rule = {.plan = {.height = context->region.height, .width = context->region.width},
                              .alt_error = p->alt_error > 0 ? p->alt_error : 0,
                              .takes_highest = p->aggregation == MOTION_AGGREGATE_MAX,
                              .is_exact = p->minian_exact != 0},
                     .least_circularity = p->circularity > 0 ? p->circularity : 0,
                     .shape = recursive_shape(context),
                     .held_type = motion_image_type(context->format->type),
                     .region = context->region,
                     .budget = context->budget,
                     .shifts = context->shifts};
    status = fft2_plan_new(r->region.height, r->region.width, r->region.height, &r->rule.plan.transforms, err);
    if (status == LMP_OK && r->least_circularity > 0)
        status = circular_plan_open(r->region.height, r->region.width, &r->circular, err);
    if (status == LMP_OK) status = take_arrays(r, err);
    if (status != LMP_OK) {
        close_recursive(r, context->budget);
        return status;
    }
    merge_tree_build(&r->shape, &r->tree);
    for (int64_t i = 0; i < r->tree.size.n_nodes; i++) atomic_init(&r->n_missing[i], r->tree.nodes[i].n_children);
    *state = r;
    return LMP_OK;
}

/* ---- Nodes ---- */

static int64_t pixels_of(const recursive *r)
{
    return r->region.height * r->region.width;
}

static node_kind kind_of(const recursive *r, const merge_node *node)
{
    return (node_kind){.of_frames = node->level == 0,
                       .is_whole = node->takes_whole,
                       .end_type = node->takes_whole ? r->held_type : LMP_FLOAT32,
                       .aggregate_type = node->gives_whole ? r->held_type : LMP_FLOAT32};
}

static node_result carve_result(const recursive *r, const node_kind *kind, void *memory)
{
    if (!(r->rule.alt_error > 0)) return (node_result){.aggregate = memory};
    const size_t end = recursive_whole_lines((size_t)pixels_of(r) * lmp_type_bytes(kind->end_type));
    char *bytes = memory;
    return (node_result){.first = bytes, .last = bytes + end, .aggregate = bytes + 2 * end};
}

static node_item item_of(const recursive *r, const merge_node *node, int64_t slot)
{
    node_item item = {.state = r->states[slot]};
    if (node->level == 0) {
        item.aggregate = (motion_image){r->images[slot], r->held_type};
    } else if (r->images[slot] != NULL) {
        const node_kind kind = kind_of(r, &r->tree.nodes[r->tree.children[slot]]);
        const node_result made = carve_result(r, &kind, r->images[slot]);
        item.first = (motion_image){made.first, kind.end_type};
        item.aggregate = (motion_image){made.aggregate, kind.aggregate_type};
        item.last = (motion_image){made.last, kind.end_type};
    }
    return item;
}

/* Where all are doubtful, or blank, the doubtful are the best there is. */
static void trust_somebody(node_item *items, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (items[i].state == ITEM_GOOD) return;
    for (int64_t i = 0; i < n; i++)
        if (items[i].state == ITEM_DOUBTFUL) items[i].state = ITEM_GOOD;
}

/* Merges the children and lets go of their images. */
static lmp_status compute(recursive *r, const merge_node *node, void *scratch, void **images, item_state *state,
                          lmp_error *err)
{
    const node_kind kind = kind_of(r, node);
    const bool ends = r->rule.alt_error > 0;
    const lmp_status status = budget_take_raw(
        r->budget, recursive_result_bytes(pixels_of(r), kind.end_type, kind.aggregate_type, ends), images, err);
    if (status != LMP_OK) return status;
    node_item *items = scratch;
    for (int64_t i = 0; i < node->n_children; i++) items[i] = item_of(r, node, node->first_slot + i);
    trust_somebody(items, node->n_children);
    const node_result result = carve_result(r, &kind, *images);
    *state =
        node_compute(&r->rule, &kind, items, node->n_children, (char *)scratch + recursive_item_bytes(r->shape.n_part),
                     r->moves + node->first_slot, &result);
    for (int64_t i = node->first_slot; i < node->first_slot + node->n_children; i++) {
        lmp_give(r->budget, r->images[i]);
        r->images[i] = NULL;
    }
    atomic_fetch_add_explicit(&r->n_nodes_computed, 1, memory_order_relaxed);
    if (*state != ITEM_BLANK) return LMP_OK;
    lmp_give(r->budget, *images);
    *images = NULL;
    return LMP_OK;
}

/* A child of the node has come. Whoever brings the last one sees what all others have put down (acquire, release), and
 * goes on upwards. */
static lmp_status arrive(recursive *r, int64_t index, void *scratch, lmp_error *err)
{
    while (atomic_fetch_sub_explicit(&r->n_missing[index], 1, memory_order_acq_rel) == 1) {
        const merge_node *node = &r->tree.nodes[index];
        void *images;
        item_state state;
        const lmp_status status = compute(r, node, scratch, &images, &state, err);
        if (status != LMP_OK) return status;
        if (node->parent < 0) {
            r->result = images;
            r->result_state = state;
            return LMP_OK;
        }
        r->images[node->slot] = images;
        r->states[node->slot] = (uint8_t)state;
        index = node->parent;
    }
    return LMP_OK;
}

/* ---- Frames ---- */

/* Row y of the region of a frame as floats; `doubles` has room for one. */
static void load_row(const recursive *r, const lmp_frames *frame, int64_t y, double *doubles, float *to)
{
    const int64_t first = (r->region.y + y) * frame->width + r->region.x;
    const char *from = (const char *)frame->data + (size_t)first * lmp_type_bytes(frame->type);
    load_doubles(frame->type, from, r->region.width, doubles);
    for (int64_t x = 0; x < r->region.width; x++) to[x] = (float)doubles[x];
}

/* The region of a frame in the type that frames are held in. */
static void copy_region(const recursive *r, const lmp_frames *frame, void *scratch, void *to)
{
    const int64_t width = r->region.width;
    const size_t bytes = lmp_type_bytes(r->held_type);
    for (int64_t y = 0; y < r->region.height; y++) {
        char *row = (char *)to + (size_t)(y * width) * bytes;
        const size_t first = (size_t)((r->region.y + y) * frame->width + r->region.x) * bytes;
        if (frame->type == r->held_type)
            memcpy(row, (const char *)frame->data + first, (size_t)width * bytes);
        else
            load_row(r, frame, y, scratch, (float *)(void *)row);
    }
}

/* What the frame looks like by itself. */
static item_state look(recursive *r, int64_t frame, void *pixels, void *scratch)
{
    const int64_t n = pixels_of(r);
    motion_shift *shift = &r->shifts[frame];
    *shift = (motion_shift){.peak = NAN, .ratio = NAN};
    const int64_t n_missing = r->held_type == LMP_FLOAT32 ? motion_image_fill_missing(pixels, n) : 0;
    const motion_image image = {pixels, r->held_type};
    const double power = motion_image_power(&image, n);
    shift->power = (float)power;
    if (2 * n_missing > n)
        shift->flags = MOTION_CORRUPT;
    else if (!(power > 0))
        shift->flags = MOTION_BLANK;
    if (shift->flags != 0) return ITEM_BLANK;
    if (!(r->least_circularity > 0) || circular_measure(&r->circular, &image, scratch) > r->least_circularity)
        return ITEM_GOOD;
    atomic_fetch_add_explicit(&r->n_doubtful, 1, memory_order_relaxed);
    return ITEM_DOUBTFUL;
}

/* The slot of a frame: leaves hold consecutive ones. */
static int64_t slot_of(const merge_tree *tree, int64_t frame)
{
    const int64_t first = tree->nodes[tree->leaf_of[frame]].first_slot;
    return first + frame - tree->children[first];
}

static lmp_status take_frame(recursive *r, const lmp_frames *in, int64_t i, void *scratch, lmp_error *err)
{
    lmp_frames one = *in;
    one.data = (char *)in->data + (size_t)i * in->stride;
    const int64_t frame = in->first + i, slot = slot_of(&r->tree, frame);
    void *pixels;
    const lmp_status status =
        budget_take_raw(r->budget, (size_t)pixels_of(r) * lmp_type_bytes(r->held_type), &pixels, err);
    if (status != LMP_OK) return status;
    copy_region(r, &one, scratch, pixels);
    r->images[slot] = pixels;
    r->states[slot] = (uint8_t)look(r, frame, pixels, scratch);
    return arrive(r, r->tree.leaf_of[frame], scratch, err);
}

static lmp_status learn(void *state, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err)
{
    (void)pass;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < in->count && status == LMP_OK; i++) status = take_frame(state, in, i, scratch, err);
    return status;
}

/* A frame moves with all nodes that it is in. */
static void add_up(const recursive *r, int64_t frame, motion_shift *shift)
{
    int64_t slot = slot_of(&r->tree, frame);
    for (int64_t node = r->tree.leaf_of[frame]; node >= 0; node = r->tree.nodes[node].parent) {
        shift->dy += r->moves[slot][0];
        shift->dx += r->moves[slot][1];
        slot = r->tree.nodes[node].slot;
    }
}

static lmp_status learned(void *state, int64_t pass, lmp_error *err)
{
    (void)pass;
    (void)err;
    recursive *r = state;
    for (int64_t i = 0; i < r->shape.n_frames; i++) add_up(r, i, &r->shifts[i]);
    for (int64_t i = 0; i < r->tree.size.n_slots; i++)
        r->largest = fmax(r->largest, hypot(r->moves[i][0], r->moves[i][1]));
    return LMP_OK;
}

/* ---- What is left to say ---- */

/* The aggregate of the whole movie; 0 where all of it is blank. */
static void paint(const void *state, float *image)
{
    const recursive *r = state;
    memset(image, 0, (size_t)pixels_of(r) * sizeof *image);
    if (r->result == NULL) return;
    const node_kind kind = kind_of(r, &r->tree.nodes[r->tree.size.n_nodes - 1]);
    const node_result made = carve_result(r, &kind, r->result);
    motion_image_load(&(motion_image){made.aggregate, kind.aggregate_type}, 0, pixels_of(r), image);
}

static void record(const void *state, lmp_record *record)
{
    const recursive *r = state;
    lmp_record_number(record, "nodes", (double)r->tree.size.n_nodes);
    lmp_record_number(record, "nodes_computed", (double)r->n_nodes_computed);
    lmp_record_number(record, "levels", (double)r->tree.size.n_levels);
    lmp_record_number(record, "largest_move_of_a_node_px", r->largest);
    if (!(r->least_circularity > 0)) return;
    lmp_record_number(record, "frames_that_move_no_others", (double)r->n_doubtful);
    if (10 * r->n_doubtful > r->shape.n_frames)
        lmp_record_warn(record,
                        "%lld of %lld frames do not reach circularity=%g: they move no others; a lower value may do",
                        (long long)r->n_doubtful, (long long)r->shape.n_frames, r->least_circularity);
}

const motion_method motion_recursive = {
    .name = "recursive",
    .plan = recursive_plan,
    .open = open_recursive,
    .learn = learn,
    .learned = learned,
    .paint = paint,
    .record = record,
    .close = close_recursive,
};
