/* SPDX-License-Identifier: BSD-3-Clause
 *
 * layout.c: which steps run together in one pass, and which lanes each of them sees.
 *
 * Steps are walked once forwards to cut the chain into stages at steps of grain frame and at sinks; then lanes are
 * walked backwards from the sinks (or the learner) to find which lanes are needed at all, so that a channel that is
 * dropped later is neither read nor filtered.
 */
#include "core/layout.h"

#include "core/digest.h"
#include "core/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
}

static bool is_whole(const lmp_step_plan *p, const lmp_stream *in)
{
    return p->first == 0 && p->count == in->format.n_times;
}

static bool works_on_data(const plan_step *ps)
{
    return !ps->plan.is_identity && (ps->step->process != NULL || ps->step->process_frames != NULL);
}

/* ---- Forwards: stages ---- */

static bool add_boundary(layout *l, const lmp_stream *stream)
{
    layout_boundary *grown = realloc(l->boundaries, (size_t)(l->n_stages + 1) * sizeof *grown);
    if (grown == NULL) return false;
    l->boundaries = grown;
    grown[l->n_stages] = (layout_boundary){.stream = stream};
    return true;
}

/* A new stage whose out boundary is at `stream`. */
static layout_stage *add_stage(layout *l, lmp_grain grain, const lmp_stream *stream)
{
    layout_stage *grown = realloc(l->stages, (size_t)(l->n_stages + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    l->stages = grown;
    l->stages[l->n_stages++] = (layout_stage){.grain = grain};
    return add_boundary(l, stream) ? &l->stages[l->n_stages - 1] : NULL;
}

/* Appends to the last stage, or begins one if it is of another grain or a sink stands behind it. */
static bool add_op(layout *l, lmp_grain grain, layout_op op, const lmp_stream *stream)
{
    layout_stage *stage = l->n_stages > 0 ? &l->stages[l->n_stages - 1] : NULL;
    if (stage == NULL || grain == LMP_GRAIN_FRAME || stage->grain != grain || l->boundaries[l->n_stages].n_sinks > 0)
        stage = add_stage(l, grain, stream);
    if (stage == NULL) return false;
    layout_op *grown = realloc(stage->ops, (size_t)(stage->n_ops + 1) * sizeof *grown);
    if (grown == NULL) return false;
    stage->ops = grown;
    stage->ops[stage->n_ops++] = op;
    l->boundaries[l->n_stages].stream = stream;
    return true;
}

static bool add_sink(layout_boundary *boundary, plan_step *sink)
{
    plan_step **grown = realloc(boundary->sinks, (size_t)(boundary->n_sinks + 1) * sizeof *grown);
    if (grown == NULL) return false;
    boundary->sinks = grown;
    boundary->sinks[boundary->n_sinks++] = sink;
    return true;
}

/* A crop before anything has happened to the data only moves the window that is read. */
static bool fold_crop(layout *l, const plan_step *ps)
{
    if (l->n_stages > 0 || l->boundaries[0].n_sinks > 0 || is_whole(&ps->plan, &ps->in)) return false;
    l->first += ps->plan.first;
    l->count = ps->plan.count;
    return true;
}

static bool add_step(layout *l, plan_step *ps)
{
    const lmp_stream *out = &ps->plan.out;
    if (ps->step->grain == LMP_GRAIN_SINK) return add_sink(&l->boundaries[l->n_stages], ps);
    if (works_on_data(ps)) {
        const lmp_grain grain = ps->step->process_frames != NULL ? LMP_GRAIN_FRAME : LMP_GRAIN_TIME;
        return add_op(l, grain, (layout_op){.kind = OP_PROCESS, .step = ps}, out);
    }
    const bool folded = fold_crop(l, ps);
    if (ps->plan.lane_source == NULL && (folded || is_whole(&ps->plan, &ps->in))) {
        l->boundaries[l->n_stages].stream = out; /* only names or events change */
        return true;
    }
    const layout_op route = {
        .kind = OP_ROUTE, .step = ps, .first = folded ? 0 : ps->plan.first, .count = ps->plan.count};
    return add_op(l, LMP_GRAIN_TIME, route, out);
}

/* ---- Backwards: lanes ---- */

static int64_t source_lane(const layout_op *op, int64_t lane)
{
    const int64_t *map = op->kind == OP_ROUTE ? op->step->plan.lane_source : NULL;
    return map != NULL ? map[lane] : lane;
}

static int64_t trace(const layout_stage *stage, int64_t lane)
{
    for (int64_t k = stage->n_ops - 1; k >= 0; k--) lane = source_lane(&stage->ops[k], lane);
    return lane;
}

/* needed[b]: per lane of boundary b's stream. */
static void find_needed(const layout *l, const plan_step *learner, bool **needed)
{
    for (int64_t b = l->n_stages; b >= 0; b--) {
        const layout_boundary *boundary = &l->boundaries[b];
        const int64_t n = stream_lane_count(boundary->stream);
        const bool *learn = b == l->n_stages && learner != NULL ? learner->plan.learn_lane : NULL;
        for (int64_t i = 0; i < n; i++)
            if (boundary->n_sinks > 0 || (b == l->n_stages && learner != NULL && (learn == NULL || learn[i])))
                needed[b][i] = true;
        if (b == 0) break;
        const layout_stage *stage = &l->stages[b - 1];
        const int64_t n_before = stream_lane_count(l->boundaries[b - 1].stream);
        for (int64_t i = 0; i < n_before && stage->grain == LMP_GRAIN_FRAME; i++) needed[b - 1][i] = true;
        for (int64_t i = 0; i < n && stage->grain == LMP_GRAIN_TIME; i++)
            if (needed[b][i]) needed[b - 1][trace(stage, i)] = true;
        if (stage->grain == LMP_GRAIN_FRAME)
            for (int64_t i = 0; i < n; i++) needed[b][i] = true;
    }
}

/* Forwards again: a lane stays only if the lane it comes from does. */
static void keep_group(const layout *l, const bool *only_lanes, bool **needed)
{
    const int64_t n_source = stream_lane_count(l->boundaries[0].stream);
    for (int64_t i = 0; i < n_source; i++) needed[0][i] = needed[0][i] && only_lanes[i];
    for (int64_t b = 1; b <= l->n_stages; b++)
        for (int64_t i = 0, n = stream_lane_count(l->boundaries[b].stream); i < n; i++)
            if (needed[b][i] && l->stages[b - 1].grain == LMP_GRAIN_TIME)
                needed[b][i] = needed[b - 1][trace(&l->stages[b - 1], i)];
}

static int64_t slot_of(const layout_boundary *boundary, int64_t lane)
{
    int64_t low = 0, high = boundary->n_lanes - 1;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (boundary->lanes[middle] < lane)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static lmp_status list_lanes(layout *l, bool *const *needed, lmp_error *err)
{
    for (int64_t b = 0; b <= l->n_stages; b++) {
        layout_boundary *boundary = &l->boundaries[b];
        const int64_t n = stream_lane_count(boundary->stream);
        boundary->lanes = calloc((size_t)n + 1, sizeof *boundary->lanes);
        if (boundary->lanes == NULL) return no_memory(err);
        for (int64_t i = 0; i < n; i++)
            if (needed[b][i]) boundary->lanes[boundary->n_lanes++] = i;
        if (boundary->n_lanes > l->n_lanes_max) l->n_lanes_max = boundary->n_lanes;
    }
    for (int64_t s = 0; s < l->n_stages; s++) {
        layout_stage *stage = &l->stages[s];
        const layout_boundary *out = &l->boundaries[s + 1];
        stage->n_slots = out->n_lanes;
        stage->in_slots = calloc((size_t)stage->n_slots + 1, sizeof *stage->in_slots);
        if (stage->in_slots == NULL) return no_memory(err);
        for (int64_t k = 0; k < stage->n_ops; k++) {
            stage->ops[k].lanes = calloc((size_t)stage->n_slots + 1, sizeof(int64_t));
            if (stage->ops[k].lanes == NULL) return no_memory(err);
        }
        if (stage->grain == LMP_GRAIN_FRAME) continue;
        for (int64_t j = 0; j < stage->n_slots; j++) {
            int64_t lane = out->lanes[j];
            for (int64_t k = stage->n_ops - 1; k >= 0; k--) {
                lane = source_lane(&stage->ops[k], lane);
                stage->ops[k].lanes[j] = lane;
            }
            stage->in_slots[j] = slot_of(&l->boundaries[s], lane);
        }
    }
    return LMP_OK;
}

static lmp_status assign_lanes(layout *l, const plan_step *learner, const bool *only_lanes, lmp_error *err)
{
    bool **needed = calloc((size_t)l->n_stages + 1, sizeof *needed);
    lmp_status status = needed == NULL ? no_memory(err) : LMP_OK;
    for (int64_t b = 0; b <= l->n_stages && status == LMP_OK; b++) {
        needed[b] = calloc((size_t)stream_lane_count(l->boundaries[b].stream) + 1, sizeof(bool));
        if (needed[b] == NULL) status = no_memory(err);
    }
    if (status == LMP_OK) {
        find_needed(l, learner, needed);
        if (only_lanes != NULL) keep_group(l, only_lanes, needed);
        status = list_lanes(l, needed, err);
    }
    for (int64_t b = 0; b <= l->n_stages && needed != NULL; b++) free(needed[b]);
    free(needed);
    return status;
}

/* ---- The whole ---- */

lmp_status layout_new(const run_plan *plan, int64_t n_steps, plan_step *learner, const bool *only_lanes, layout **made,
                      lmp_error *err)
{
    layout *l = calloc(1, sizeof *l);
    if (l == NULL) return no_memory(err);
    const lmp_stream *source = plan_stream(plan, 0);
    l->count = source->format.n_times;
    bool ok = add_boundary(l, source);
    for (int64_t i = 0; i < n_steps && ok; i++)
        if (learner == NULL || plan->steps[i].step->grain != LMP_GRAIN_SINK) ok = add_step(l, &plan->steps[i]);
    if (ok && learner != NULL)
        ok = add_op(l, LMP_GRAIN_TIME, (layout_op){.kind = OP_LEARN, .step = learner}, &learner->in);
    const lmp_status status = ok ? assign_lanes(l, learner, only_lanes, err) : no_memory(err);
    if (status != LMP_OK) {
        layout_free(l);
        return status;
    }
    *made = l;
    return LMP_OK;
}

void layout_free(layout *l)
{
    if (l == NULL) return;
    for (int64_t s = 0; s < l->n_stages; s++) {
        for (int64_t k = 0; k < l->stages[s].n_ops; k++) free(l->stages[s].ops[k].lanes);
        free(l->stages[s].ops);
        free(l->stages[s].in_slots);
    }
    for (int64_t b = 0; b <= l->n_stages && l->boundaries != NULL; b++) {
        free(l->boundaries[b].lanes);
        free(l->boundaries[b].sinks);
    }
    free(l->stages);
    free(l->boundaries);
    free(l);
}

bool layout_is_joined(const layout *l)
{
    for (int64_t s = 0; s < l->n_stages; s++)
        if (l->stages[s].grain == LMP_GRAIN_FRAME) return true;
    return false;
}

/* ---- Memory ---- */

static double rate_ratio(const plan_step *ps)
{
    const double in = ps->in.format.rate_hz, out = ps->plan.out.format.rate_hz;
    return in > 0 && out > 0 ? out / in : 1;
}

/* Values behind op k of a stage when `room` values may come in at once. */
static int64_t room_behind(const layout_op *op, int64_t room)
{
    if (op->kind != OP_PROCESS || op->step->step->ready == NULL) return room;
    return (int64_t)ceil((double)room * rate_ratio(op->step)) + op->step->plan.burst + 1;
}

int64_t layout_boundary_room(const layout *l, int64_t boundary, int64_t block_length)
{
    int64_t room = block_length;
    for (int64_t s = 0; s < boundary; s++)
        for (int64_t k = 0; k < l->stages[s].n_ops; k++) room = room_behind(&l->stages[s].ops[k], room);
    return room;
}

static bool is_active(const layout_op *op, int64_t slot)
{
    return op->step->plan.lane_active == NULL || op->step->plan.lane_active[op->lanes[slot]];
}

static uint64_t lane_state_bytes(const layout_stage *stage, int64_t block_length, size_t value_bytes)
{
    uint64_t bytes = 0;
    for (int64_t k = 0; k < stage->n_ops; k++) {
        const layout_op *op = &stage->ops[k];
        if (op->kind != OP_PROCESS || stage->grain != LMP_GRAIN_TIME) continue;
        const lmp_step_plan *p = &op->step->plan;
        for (int64_t j = 0; j < stage->n_slots; j++)
            bytes += is_active(op, j) ? p->lane_bytes : (uint64_t)(p->burst + block_length) * value_bytes;
    }
    return bytes;
}

uint64_t layout_bytes(const layout *l, const run_plan *plan, int64_t block_length, int64_t n_workers)
{
    const lmp_source *source = &plan->recording->source;
    const size_t value_bytes = stream_value_bytes(&source->stream);
    uint64_t bytes = 0, scratch = 0;
    int64_t widest = block_length, room = block_length;
    for (int64_t s = 0; s < l->n_stages; s++) {
        bytes += (uint64_t)(2 * room * l->boundaries[s].n_lanes) * value_bytes;
        for (int64_t k = 0; k < l->stages[s].n_ops; k++) {
            room = room_behind(&l->stages[s].ops[k], room);
            if (room > widest) widest = room;
            const size_t needs = l->stages[s].ops[k].step->plan.scratch_bytes;
            if (l->stages[s].ops[k].kind == OP_PROCESS && needs > scratch) scratch = needs;
        }
        bytes += lane_state_bytes(&l->stages[s], room, value_bytes);
    }
    const layout_boundary *last = &l->boundaries[l->n_stages];
    if (last->n_sinks > 0 || l->n_stages == 0) bytes += (uint64_t)(2 * room * last->n_lanes) * value_bytes;
    const int64_t slice = widest / n_workers + 1 + source->time_grain;
    uint64_t moving = (uint64_t)slice * (source->bytes_per_time + (uint64_t)last->n_lanes * value_bytes);
    if (moving < DIGEST_PART) moving = DIGEST_PART; /* a worker reads, writes, or digests a piece of the input */
    return bytes + (uint64_t)n_workers * (2 * (uint64_t)widest * value_bytes + scratch + moving);
}
