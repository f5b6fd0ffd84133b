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
#include "core/sink.h"
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

/* ---- Forwards: stages ---- */

static bool add_boundary(layout *l, const lmp_format *format)
{
    layout_boundary *grown = realloc(l->boundaries, (size_t)(l->n_stages + 1) * sizeof *grown);
    if (grown == NULL) return false;
    l->boundaries = grown;
    grown[l->n_stages] = (layout_boundary){.format = *format};
    return true;
}

/* A new stage whose out boundary holds `format`. */
static layout_stage *add_stage(layout *l, lmp_grain grain, const lmp_format *format)
{
    layout_stage *grown = realloc(l->stages, (size_t)(l->n_stages + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    l->stages = grown;
    l->stages[l->n_stages++] = (layout_stage){.grain = grain};
    return add_boundary(l, format) ? &l->stages[l->n_stages - 1] : NULL;
}

/* Steps of grain time run together while the lanes stay the same; of grain frame, on movies that stay movies. */
static bool may_join(const layout *l, lmp_grain grain)
{
    if (l->n_stages == 0 || l->boundaries[l->n_stages].n_sinks > 0) return false;
    if (l->stages[l->n_stages - 1].grain != grain) return false;
    return grain == LMP_GRAIN_TIME || (l->boundaries[l->n_stages].format.kind == LMP_MOVIE &&
                                       l->boundaries[l->n_stages - 1].format.kind == LMP_MOVIE);
}

/* Appends to the last stage, or begins one. */
static bool add_op(layout *l, lmp_grain grain, layout_op op)
{
    layout_stage *stage = may_join(l, grain) ? &l->stages[l->n_stages - 1] : add_stage(l, grain, &op.out);
    if (stage == NULL) return false;
    layout_op *grown = realloc(stage->ops, (size_t)(stage->n_ops + 1) * sizeof *grown);
    if (grown == NULL) return false;
    stage->ops = grown;
    stage->ops[stage->n_ops++] = op;
    l->boundaries[l->n_stages].format = op.out;
    return true;
}

static lmp_format *end_format(layout *l)
{
    return &l->boundaries[l->n_stages].format;
}

static bool add_convert(layout *l, lmp_grain grain, plan_step *ps, lmp_type type)
{
    lmp_format out = *end_format(l);
    if (out.kind != LMP_MOVIE || out.type == type) return true;
    out.type = type;
    return add_op(l, grain, (layout_op){.kind = OP_CONVERT, .step = ps, .out = out});
}

static bool add_sink(layout_boundary *boundary, plan_step *ps)
{
    plan_step **grown = realloc(boundary->sinks, (size_t)(boundary->n_sinks + 1) * sizeof *grown);
    if (grown == NULL) return false;
    boundary->sinks = grown;
    boundary->sinks[boundary->n_sinks++] = ps;
    return true;
}

static bool add_work(layout *l, plan_step *ps)
{
    const lmp_grain grain = plan_step_joins(ps->step) ? LMP_GRAIN_FRAME : LMP_GRAIN_TIME;
    layout_op op = {.kind = OP_PROCESS, .step = ps, .out = ps->plan.out.format};
    if (ps->plan.keeps_type) op.out.type = LMP_FLOAT32;
    return (ps->step->takes_any_type || add_convert(l, grain, ps, LMP_FLOAT32)) && add_op(l, grain, op) &&
           (!ps->plan.keeps_type || add_convert(l, grain, ps, ps->plan.out.format.type));
}

/* Nothing has happened to the data yet: times are chosen by moving the window that is read. */
static bool add_window(layout *l, plan_step *ps, int64_t first, int64_t count, const lmp_format *out)
{
    if (l->n_stages == 0 && l->boundaries[0].n_sinks == 0) {
        l->first += first;
        l->count = count;
        *end_format(l) = *out;
        return true;
    }
    return add_op(l, LMP_GRAIN_TIME,
                  (layout_op){.kind = OP_ROUTE, .step = ps, .first = first, .count = count, .out = *out});
}

static bool add_step(layout *l, plan_step *ps)
{
    const lmp_format *out = &ps->plan.out.format;
    if (ps->step->grain == LMP_GRAIN_SINK) return add_sink(&l->boundaries[l->n_stages], ps);
    if (ps->is_absorbed) return true;
    if (plan_step_works(ps)) return add_work(l, ps);
    const bool routes_lanes = ps->plan.lane_source != NULL;
    if (!routes_lanes && is_whole(&ps->plan, &ps->in)) {
        *end_format(l) = *out; /* only names or events change */
        return true;
    }
    if (!routes_lanes) return add_window(l, ps, ps->plan.first, ps->plan.count, out);
    layout_op route = {.kind = OP_ROUTE, .step = ps, .count = ps->plan.count, .out = *out};
    if (l->n_stages == 0 && l->boundaries[0].n_sinks == 0) {
        l->first += ps->plan.first;
        l->count = ps->plan.count;
    } else {
        route.first = ps->plan.first;
    }
    return add_op(l, LMP_GRAIN_TIME, route);
}

static bool add_learner(layout *l, plan_step *ps)
{
    const lmp_step_plan *p = &ps->plan;
    const bool is_window = p->learn_through != NULL || p->learn_first > 0;
    if (is_window) {
        lmp_format window = *end_format(l);
        window.n_times = p->learn_count > 0 ? p->learn_count : ps->in.format.n_times - p->learn_first;
        if (!add_window(l, ps, p->learn_first, window.n_times, &window)) return false;
    }
    const lmp_grain grain = ps->step->learn_images != NULL ? LMP_GRAIN_FRAME : LMP_GRAIN_TIME;
    const lmp_frame_list *list = p->learn_frames != NULL ? &p->learn_frames[l->learn_pass] : NULL;
    if (list != NULL && list->frames != NULL) l->learn_frames = list;
    if (ps->through != NULL && !add_work(l, ps->through)) return false;
    if (!ps->step->takes_any_type && !add_convert(l, grain, ps, LMP_FLOAT32)) return false;
    return add_op(l, grain, (layout_op){.kind = OP_LEARN, .step = ps, .out = *end_format(l)});
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
        const int64_t n = lmp_lane_count(&boundary->format);
        const bool *learn = b == l->n_stages && learner != NULL ? learner->plan.learn_lane : NULL;
        for (int64_t i = 0; i < n; i++)
            if (boundary->n_sinks > 0 || (b == l->n_stages && l->keeps_end) ||
                (b == l->n_stages && learner != NULL && (learn == NULL || learn[i])))
                needed[b][i] = true;
        if (b == 0) break;
        const layout_stage *stage = &l->stages[b - 1];
        const int64_t n_before = lmp_lane_count(&l->boundaries[b - 1].format);
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
    const int64_t n_source = lmp_lane_count(&l->boundaries[0].format);
    for (int64_t i = 0; i < n_source; i++) needed[0][i] = needed[0][i] && only_lanes[i];
    for (int64_t b = 1; b <= l->n_stages; b++)
        for (int64_t i = 0, n = lmp_lane_count(&l->boundaries[b].format); i < n; i++)
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
        const int64_t n = lmp_lane_count(&boundary->format);
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
        needed[b] = calloc((size_t)lmp_lane_count(&l->boundaries[b].format) + 1, sizeof(bool));
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

static uint64_t most_pack_bytes(const layout *l, const lmp_engine *engine)
{
    uint64_t most = 0;
    for (int64_t b = 0; b <= l->n_stages; b++)
        for (int64_t i = 0; i < l->boundaries[b].n_sinks; i++) {
            const lmp_step_plan *plan = &l->boundaries[b].sinks[i]->plan;
            const uint64_t bytes =
                sink_pack_bytes(engine, plan->sink_path, &l->boundaries[b].format, plan->sink_options);
            if (bytes > most) most = bytes;
        }
    return most;
}

lmp_status layout_new(const run_plan *plan, const layout_request *request, layout **made, lmp_error *err)
{
    layout *l = calloc(1, sizeof *l);
    if (l == NULL) return no_memory(err);
    plan_step *learner = request->learner;
    l->source = request->source;
    l->keeps_end = request->keeps_end;
    l->learn_pass = request->learn_pass;
    l->count = request->source->stream.format.n_times;
    bool ok = add_boundary(l, &request->source->stream.format);
    for (int64_t i = request->first_step; i < request->end_step && ok; i++)
        if (learner == NULL || plan->steps[i].step->grain != LMP_GRAIN_SINK) ok = add_step(l, &plan->steps[i]);
    l->promised = learner == NULL ? end_format(l)->n_times : -1;
    if (ok && learner != NULL) ok = add_learner(l, learner);
    if (ok) l->pack_bytes = most_pack_bytes(l, plan->recording->engine);
    const lmp_status status = ok ? assign_lanes(l, learner, request->only_lanes, err) : no_memory(err);
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

bool layout_learns_images(const layout_stage *stage)
{
    return stage->grain == LMP_GRAIN_FRAME && stage->n_ops > 0 && stage->ops[stage->n_ops - 1].kind == OP_LEARN;
}

bool layout_makes_frames(const layout *l)
{
    const layout_stage *last = l->n_stages > 0 ? &l->stages[l->n_stages - 1] : NULL;
    return last != NULL && last->grain == LMP_GRAIN_FRAME && !layout_learns_images(last);
}

size_t layout_scratch_bytes(const layout_op *op)
{
    const bool works = op->kind == OP_PROCESS || (op->kind == OP_LEARN && op->step->step->learn_images != NULL);
    return works ? op->step->plan.scratch_bytes : 0;
}

bool layout_is_joined(const layout *l)
{
    for (int64_t s = 0; s < l->n_stages; s++)
        if (l->stages[s].grain == LMP_GRAIN_FRAME) return true;
    return false;
}

/* ---- Memory ---- */

size_t layout_instant_bytes(const lmp_format *format)
{
    const lmp_stream stream = {.format = *format};
    return stream_instant_bytes(&stream);
}

size_t layout_lane_bytes(const lmp_format *format)
{
    const lmp_stream stream = {.format = *format};
    return (size_t)lmp_lane_values(format) * stream_value_bytes(&stream);
}

void layout_rows(const layout_boundary *boundary, int64_t *row, int64_t *rows)
{
    int64_t last_row = 0;
    *row = *rows = 0;
    if (boundary->n_lanes == 0) return;
    (void)lmp_lane_rows(&boundary->format, boundary->lanes[0], row);
    const int64_t last = lmp_lane_rows(&boundary->format, boundary->lanes[boundary->n_lanes - 1], &last_row);
    *rows = last_row + last - *row;
}

/* Bytes of one instant of the lanes that a boundary holds. */
static uint64_t held_bytes(const layout_boundary *boundary)
{
    if (boundary->format.kind != LMP_MOVIE) return (uint64_t)boundary->n_lanes * sizeof(double);
    int64_t row, rows;
    layout_rows(boundary, &row, &rows);
    return boundary->format.height > 0
               ? layout_instant_bytes(&boundary->format) / (uint64_t)boundary->format.height * (uint64_t)rows
               : 0;
}

static double rate_ratio(const plan_step *ps)
{
    const double in = ps->in.format.rate_hz, out = ps->plan.out.format.rate_hz;
    return in > 0 && out > 0 ? out / in : 1;
}

/* Values behind an op when `room` values may come in at once. */
static int64_t room_behind(const layout_op *op, int64_t room)
{
    if (op->kind != OP_PROCESS || op->step->step->ready == NULL) return room;
    const int64_t behind = (int64_t)ceil((double)room * rate_ratio(op->step)) + op->step->plan.burst + 1;
    const int64_t all = op->step->plan.out.format.n_times;
    return behind < all || all < 1 ? behind : all;
}

static bool is_active(const layout_op *op, int64_t slot)
{
    return op->step->plan.lane_active == NULL || op->step->plan.lane_active[op->lanes[slot]];
}

static uint64_t stage_state_bytes(const layout_stage *stage, int64_t block_length)
{
    uint64_t bytes = 0;
    for (int64_t k = 0; k < stage->n_ops; k++) {
        const layout_op *op = &stage->ops[k];
        if (op->kind != OP_PROCESS || stage->grain != LMP_GRAIN_TIME) continue;
        const lmp_step_plan *p = &op->step->plan;
        for (int64_t j = 0; j < stage->n_slots; j++)
            bytes += is_active(op, j) ? p->lane_bytes : (uint64_t)(p->burst + block_length) * sizeof(double);
    }
    return bytes;
}

uint64_t layout_state_bytes(const layout *l, int64_t block_length)
{
    uint64_t bytes = 0;
    for (int64_t s = 0; s < l->n_stages; s++) bytes += stage_state_bytes(&l->stages[s], block_length);
    return bytes;
}

/* Bytes that stand between two steps of a stage on one worker. */
static uint64_t between_bytes(const layout_stage *stage, const layout_op *op, int64_t room)
{
    return stage->grain == LMP_GRAIN_TIME ? (uint64_t)room * layout_lane_bytes(&op->out)
                                          : layout_instant_bytes(&op->out);
}

uint64_t layout_bytes(const layout *l, int64_t block_length, int64_t n_workers)
{
    const lmp_source *source = l->source;
    uint64_t bytes = layout_state_bytes(l, block_length), scratch = 0;
    uint64_t widest = (uint64_t)block_length * layout_lane_bytes(&l->boundaries[0].format);
    int64_t room = block_length, most_room = room;
    for (int64_t s = 0; s < l->n_stages; s++) {
        const layout_stage *stage = &l->stages[s];
        /* A block is lent while two are still being used and returned. */
        const bool is_lent = s == 0 && source->view != NULL;
        bytes += (uint64_t)room *
                 (is_lent ? 3 * layout_instant_bytes(&l->boundaries[0].format) : 2 * held_bytes(&l->boundaries[s]));
        for (int64_t k = 0; k < stage->n_ops; k++) {
            const layout_op *op = &stage->ops[k];
            room = room_behind(op, room);
            if (room > most_room) most_room = room;
            const uint64_t between = between_bytes(stage, op, room);
            if (between > widest) widest = between;
            if (layout_scratch_bytes(op) > scratch) scratch = layout_scratch_bytes(op);
        }
    }
    const layout_boundary *last = &l->boundaries[l->n_stages];
    const bool is_copied = l->n_stages == 0 && source->view != NULL; /* what is lent goes straight to the sinks */
    if (is_copied)
        bytes += 3 * (uint64_t)room * layout_instant_bytes(&last->format);
    else if (last->n_sinks > 0 || l->n_stages == 0 || l->keeps_end || layout_makes_frames(l))
        bytes += 2 * (uint64_t)room * held_bytes(last);
    const bool is_movie = l->boundaries[0].format.kind == LMP_MOVIE;
    const int64_t slice = is_movie ? 1 : most_room / n_workers + 1 + source->time_grain;
    uint64_t moving = (uint64_t)slice * (source->bytes_per_time + held_bytes(last));
    moving += l->pack_bytes;
    if (moving < DIGEST_PART) moving = DIGEST_PART; /* a worker reads, writes, or digests a piece of the input */
    return bytes + (uint64_t)n_workers * (2 * widest + scratch + moving);
}
