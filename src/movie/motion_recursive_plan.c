/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_recursive_plan.c: what the recursive estimate takes.
 */
#include "movie/motion_recursive_state.h"

enum { LINE = 64, DEFAULT_CHUNK = 250, MOST_WORKERS = 8 };

size_t recursive_whole_lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

static bool has_ends(const motion_params *p)
{
    return p->alt_error > 0;
}

static bool measures_circularity(const motion_params *p)
{
    return p->circularity > 0;
}

merge_rule recursive_shape(const motion_context *context)
{
    const motion_params *p = context->params;
    return (merge_rule){.n_frames = context->format->n_times,
                        .n_part = p->n_part,
                        .chunk = p->chunk == LMP_AUTO_INTEGER ? DEFAULT_CHUNK : p->chunk,
                        .is_whole = context->format->type != LMP_FLOAT32 && context->format->type != LMP_FLOAT64,
                        .keeps_whole = p->aggregation == MOTION_AGGREGATE_MAX};
}

size_t recursive_result_bytes(int64_t n_pixels, lmp_type end_type, lmp_type aggregate_type, bool with_ends)
{
    const size_t aggregate = recursive_whole_lines((size_t)n_pixels * lmp_type_bytes(aggregate_type));
    return with_ends ? aggregate + 2 * recursive_whole_lines((size_t)n_pixels * lmp_type_bytes(end_type)) : aggregate;
}

/* The tree and what is held of each node, slot and frame. */
static size_t array_bytes(const merge_size *size, int64_t n_frames)
{
    const size_t slot = sizeof(int64_t) + sizeof(void *) + sizeof(uint8_t) + 2 * sizeof(double);
    const size_t node = sizeof(merge_node) + sizeof(atomic_int);
    return recursive_whole_lines((size_t)size->n_slots * slot) + recursive_whole_lines((size_t)size->n_nodes * node) +
           recursive_whole_lines((size_t)n_frames * sizeof(int64_t)) + 7 * (size_t)LINE;
}

/* Frames come about in order: on each level wait at most n_part - 1 results, and each worker holds some more near the
 * frames. With more workers than MOST_WORKERS the limit may be passed where memory is very short. */
static size_t image_bytes(const motion_context *context, const merge_rule *shape, const merge_size *size)
{
    const lmp_type held = motion_image_type(context->format->type);
    const int64_t n_pixels = context->region.height * context->region.width, waiting = shape->n_part - 1;
    const bool ends = has_ends(context->params);
    const lmp_type narrow = shape->keeps_whole ? held : LMP_FLOAT32;
    const size_t frame = recursive_whole_lines((size_t)n_pixels * lmp_type_bytes(held));
    const size_t low = recursive_result_bytes(n_pixels, held, narrow, ends),
                 high = recursive_result_bytes(n_pixels, narrow, narrow, ends);
    const int64_t n_high = size->n_levels > 1 ? (size->n_levels - 2) * waiting + 2 : 0;
    return (size_t)n_high * high + (size_t)(waiting + 2 * MOST_WORKERS) * low +
           (size_t)(MOST_WORKERS + 1) * (size_t)shape->n_part * frame;
}

size_t recursive_item_bytes(int64_t n_part)
{
    return recursive_whole_lines((size_t)n_part * sizeof(node_item));
}

static size_t scratch_bytes(const motion_context *context)
{
    const int64_t height = context->region.height, width = context->region.width, n_part = context->params->n_part;
    const size_t node = recursive_item_bytes(n_part) + node_scratch_bytes(height, width, n_part);
    const size_t circular = measures_circularity(context->params) ? circular_scratch_bytes(height, width) : 0;
    return node > circular ? node : circular;
}

lmp_status recursive_plan(const motion_context *context, lmp_step_plan *plan, lmp_error *err)
{
    (void)err;
    const merge_rule shape = recursive_shape(context);
    const merge_size size = merge_tree_size(&shape);
    const int64_t height = context->region.height, width = context->region.width;
    plan->learn_passes = 1;
    plan->shared_bytes += sizeof(recursive) + array_bytes(&size, shape.n_frames) + fft2_plan_bytes(height, width) +
                          image_bytes(context, &shape, &size);
    if (measures_circularity(context->params)) plan->shared_bytes += circular_plan_bytes(height, width);
    plan->scratch_bytes += scratch_bytes(context);
    return LMP_OK;
}
