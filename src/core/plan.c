/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.c: planning each step, and fitting the whole into the limits.
 */
#include "core/plan.h"

#include "core/budget.h"
#include "core/layout.h"
#include "core/stream.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What a step's plan owns ---- */

typedef struct plan_own {
    void **pieces;
    size_t n_pieces;
    char *warnings;
    lmp_engine *engine;
} plan_own;

static void *plan_piece(lmp_step_plan *plan, size_t bytes)
{
    plan_own *own = plan->own;
    void **grown = realloc(own->pieces, (own->n_pieces + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    own->pieces = grown;
    void *piece = calloc(1, bytes > 0 ? bytes : 1);
    if (piece != NULL) own->pieces[own->n_pieces++] = piece;
    return piece;
}

bool *lmp_plan_flags(lmp_step_plan *plan, int64_t count)
{
    return plan_piece(plan, (size_t)count * sizeof(bool));
}

int64_t *lmp_plan_lanes(lmp_step_plan *plan, int64_t count)
{
    return plan_piece(plan, (size_t)count * sizeof(int64_t));
}

void lmp_plan_warn(lmp_step_plan *plan, const char *sentence, ...)
{
    plan_own *own = plan->own;
    char *text = NULL, *all = NULL;
    va_list values;
    va_start(values, sentence);
    if (vasprintf(&text, sentence, values) < 0) text = NULL;
    va_end(values);
    if (text != NULL && asprintf(&all, "%s%s\n", own->warnings != NULL ? own->warnings : "", text) >= 0) {
        free(own->warnings);
        own->warnings = all;
    }
    free(text);
}

lmp_status lmp_plan_open_recording(const lmp_step_plan *plan, const char *path, lmp_recording **recording,
                                   lmp_error *err)
{
    const plan_own *own = plan->own;
    return lmp_recording_open(own->engine, path, NULL, recording, err);
}

const char *plan_step_warnings(const plan_step *step)
{
    const plan_own *own = step->plan.own;
    return own == NULL || own->warnings == NULL ? "" : own->warnings;
}

static void clear_step_plan(plan_step *ps)
{
    plan_own *own = ps->plan.own;
    if (own != NULL) {
        for (size_t i = 0; i < own->n_pieces; i++) free(own->pieces[i]);
        free(own->pieces);
        free(own->warnings);
        free(own);
    }
    stream_clear(&ps->plan.out);
    stream_clear(&ps->in);
    ps->plan = (lmp_step_plan){0};
}

/* ---- Planning steps ---- */

const lmp_stream *plan_stream(const run_plan *plan, int64_t i)
{
    return i == 0 ? &plan->recording->source.stream : &plan->steps[i - 1].plan.out;
}

/* Mistakes of a step's author, found before they become wrong data. */
static lmp_status check_step_plan(const plan_step *ps, lmp_error *err)
{
    const lmp_step_plan *p = &ps->plan;
    const bool routes = p->lane_source != NULL || p->first != 0 || p->count != ps->in.format.n_times;
    const bool works = !p->is_identity && (ps->step->process != NULL || ps->step->process_frames != NULL);
    if (routes && works)
        return lmp_fail(err, LMP_ERR_USAGE, "step %s both routes lanes or times and processes: split it in two",
                        ps->step->name);
    if (!works && ps->step->grain != LMP_GRAIN_SINK && p->count != p->out.format.n_times)
        return lmp_fail(err, LMP_ERR_USAGE, "step %s promises %lld samples and routes %lld", ps->step->name,
                        (long long)p->out.format.n_times, (long long)p->count);
    return LMP_OK;
}

static lmp_status make_step_plan(plan_step *ps, const lmp_stream *in, lmp_engine *engine, lmp_error *err)
{
    clear_step_plan(ps);
    lmp_status status = stream_copy(&ps->in, in, err);
    if (status == LMP_OK) status = stream_copy(&ps->plan.out, in, err);
    if (status != LMP_OK) return status;
    ps->plan.count = in->format.n_times;
    plan_own *own = ps->plan.own = calloc(1, sizeof *own);
    if (own == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    own->engine = engine;
    if (ps->step->kind != 0 && ps->step->kind != in->format.kind)
        status = lmp_fail(err, LMP_ERR_USAGE, "step %s works on %s: this recording holds %s", ps->step->name,
                          ps->step->kind == LMP_SIGNALS ? "signals" : "movies",
                          in->format.kind == LMP_SIGNALS ? "signals" : "a movie");
    if (status == LMP_OK) status = ps->step->plan(ps->params, &ps->in, &ps->plan, err);
    if (status == LMP_OK) status = check_step_plan(ps, err);
    if (!ps->plan.is_identity && (ps->step->process != NULL || ps->step->process_frames != NULL))
        ps->plan.out.is_processed = true;
    if (status != LMP_OK && err != NULL) err->step = (int32_t)ps->index;
    return status;
}

lmp_status plan_step_again(run_plan *plan, int64_t i, lmp_error *err)
{
    return make_step_plan(&plan->steps[i], plan_stream(plan, i), plan->recording->engine, err);
}

lmp_status plan_new(const lmp_recording *recording, const lmp_chain *chain, const lmp_engine *engine, run_plan **made,
                    lmp_error *err)
{
    run_plan *plan = calloc(1, sizeof *plan);
    if (plan != NULL) plan->steps = calloc((size_t)chain->n_steps + 1, sizeof *plan->steps);
    if (plan == NULL || plan->steps == NULL) {
        free(plan);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    }
    plan->recording = recording;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < chain->n_steps && status == LMP_OK; i++) {
        plan->steps[i] = (plan_step){.step = chain->steps[i].step, .params = chain->steps[i].params.values, .index = i};
        plan->n_steps = i + 1;
        status = param_set_check(&chain->steps[i].params, err);
        if (status != LMP_OK && err != NULL) err->step = (int32_t)i;
        if (status == LMP_OK) status = plan_step_again(plan, i, err);
    }
    if (status == LMP_OK) status = plan_fit(plan, engine, err);
    if (status != LMP_OK) {
        plan_free(plan);
        return status;
    }
    *made = plan;
    return LMP_OK;
}

void plan_free(run_plan *plan)
{
    if (plan == NULL) return;
    for (int64_t i = 0; i < plan->n_steps; i++) clear_step_plan(&plan->steps[i]);
    free(plan->steps);
    free(plan);
}

/* ---- Fitting into the limits ---- */

enum { LONGEST_BLOCK = 32768, SHORTEST_BLOCK = 2048, BLOCK_BYTES = 16 << 20 };

static int64_t longest_block(const run_plan *plan)
{
    const lmp_stream *source = plan_stream(plan, 0);
    const size_t instant =
        stream_value_bytes(source) * (size_t)(stream_lane_count(source) > 0 ? stream_lane_count(source) : 1);
    int64_t block = (int64_t)(BLOCK_BYTES / (instant > 0 ? instant : 1));
    if (block > LONGEST_BLOCK) block = LONGEST_BLOCK;
    return block < 1 ? 1 : block;
}

static uint64_t bytes_of_steps(const run_plan *plan)
{
    uint64_t bytes = 0;
    for (int64_t i = 0; i < plan->n_steps; i++) {
        const lmp_step_plan *p = &plan->steps[i].plan;
        if (!p->is_identity || p->learn_passes > 0) bytes += p->shared_bytes + p->learn_bytes;
    }
    return bytes;
}

/* Lanes are split evenly: the largest group decides. */
static lmp_status bytes_for(const run_plan *plan, int64_t n_groups, int64_t block, int64_t n_workers, uint64_t *bytes,
                            lmp_error *err)
{
    const int64_t n_lanes = stream_lane_count(plan_stream(plan, 0));
    bool *first_group = calloc((size_t)n_lanes + 1, sizeof *first_group);
    if (first_group == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    const int64_t in_group = (n_lanes + n_groups - 1) / n_groups;
    for (int64_t i = 0; i < in_group; i++) first_group[i] = true;
    layout *l = NULL;
    const lmp_status status = layout_new(plan, plan->n_steps, NULL, n_groups > 1 ? first_group : NULL, &l, err);
    if (status == LMP_OK) *bytes = layout_bytes(l, plan, block, n_workers) + bytes_of_steps(plan);
    layout_free(l);
    free(first_group);
    return status;
}

static lmp_status is_joined(const run_plan *plan, bool *joined, lmp_error *err)
{
    layout *l = NULL;
    const lmp_status status = layout_new(plan, plan->n_steps, NULL, NULL, &l, err);
    if (status == LMP_OK) *joined = layout_is_joined(l);
    layout_free(l);
    return status;
}

/* Tried in this order: shorter blocks, then more groups, then fewer workers; the bits are the same in all of them. */
lmp_status plan_fit(run_plan *plan, const lmp_engine *engine, lmp_error *err)
{
    bool joined = false;
    lmp_status status = is_joined(plan, &joined, err);
    if (status != LMP_OK) return status;
    const int64_t n_lanes = stream_lane_count(plan_stream(plan, 0));
    const int64_t most_groups = joined || n_lanes < 1 ? 1 : n_lanes;
    const int64_t fixed_block = engine->block_length;
    const int64_t longest = fixed_block > 0 ? fixed_block : longest_block(plan);
    uint64_t bytes = 0, least = UINT64_MAX;
    plan->bytes_limit = engine->memory_limit;
    for (int64_t workers = engine->threads; workers >= 1; workers = workers > 1 ? (workers + 1) / 2 : 0) {
        for (int64_t groups = 1; groups <= most_groups; groups = groups < 8 ? groups + 1 : groups * 2) {
            for (int64_t block = longest; block >= 1; block /= 2) {
                status = bytes_for(plan, groups, block, workers, &bytes, err);
                if (status != LMP_OK) return status;
                if (bytes < least) least = bytes;
                if (bytes <= engine->memory_limit) {
                    plan->n_workers = workers;
                    plan->n_groups = groups;
                    plan->block_length = block;
                    plan->bytes_expected = bytes;
                    return LMP_OK;
                }
                if (fixed_block > 0 || block <= SHORTEST_BLOCK) break;
            }
        }
    }
    char have[16];
    const uint64_t mebibytes = (least >> 20) + 1;
    return lmp_fail(err, LMP_ERR_MEMORY, "this chain needs at least --memory %lluM for this recording, %s were allowed",
                    (unsigned long long)mebibytes, budget_print_size((double)engine->memory_limit, have));
}
