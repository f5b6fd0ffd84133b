/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan_fit.c: workers, block lengths, groups of lanes and scratch files, chosen so that every pass keeps the limit.
 */
#include "core/plan_fit.h"

#include "core/budget.h"
#include "core/spool.h"
#include "core/stream.h"

#include <stdlib.h>

/* ---- One pass ---- */

enum {
    LONGEST_BLOCK = 32768,
    SHORTEST_BLOCK = 2048, /* of signals; a block of a movie may be one frame */
    BLOCK_BYTES = 16 << 20,
    GATHER_BYTES = 256 << 20 /* states of lanes held at once where reading again costs nothing */
};

static int64_t longest_block(const lmp_format *format)
{
    const size_t instant = layout_instant_bytes(format);
    int64_t block = (int64_t)(BLOCK_BYTES / (instant > 0 ? instant : 1));
    if (block > LONGEST_BLOCK) block = LONGEST_BLOCK;
    return block < 1 ? 1 : block;
}

static uint64_t bytes_of_steps(const run_plan *plan)
{
    uint64_t bytes = 0;
    for (int64_t i = 0; i < plan->n_steps; i++) {
        const lmp_step_plan *p = &plan->steps[i].plan;
        if (plan_step_is_needed(&plan->steps[i])) bytes += p->shared_bytes + p->learn_bytes;
        if (plan->steps[i].through != NULL) bytes += plan->steps[i].through->plan.shared_bytes;
    }
    return bytes;
}

/* The layout of the largest group: lanes are split evenly, the first group decides. */
static lmp_status group_layout(const run_plan *plan, const layout_request *request, int64_t n_groups, layout **l,
                               lmp_error *err)
{
    const int64_t n_lanes = lmp_lane_count(&request->source->stream.format);
    bool *first_group = calloc((size_t)n_lanes + 1, sizeof *first_group);
    if (first_group == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    const int64_t in_group = (n_lanes + n_groups - 1) / n_groups;
    for (int64_t i = 0; i < in_group; i++) first_group[i] = true;
    layout_request group = *request;
    group.only_lanes = n_groups > 1 ? first_group : NULL;
    const lmp_status status = layout_new(plan, &group, l, err);
    free(first_group);
    return status;
}

static lmp_status too_small(uint64_t least, uint64_t limit, lmp_error *err)
{
    char have[16];
    return lmp_fail(err, LMP_ERR_MEMORY, "this chain needs at least --memory %lluM for this recording, %s were allowed",
                    (unsigned long long)((least >> 20) + 1), budget_print_size((double)limit, have));
}

/* Fits one number of groups: the longest block that the workers can have. True if it fits. */
static bool fit_group(const run_plan *plan, const lmp_engine *engine, const layout *l, int64_t n_workers, pass_fit *fit,
                      uint64_t *least)
{
    const bool is_movie = l->source->stream.format.kind == LMP_MOVIE;
    const int64_t shortest = is_movie ? 1 : SHORTEST_BLOCK;
    int64_t block = engine->block_length > 0 ? engine->block_length : longest_block(&l->source->stream.format);
    for (;; block = (block + 1) / 2) {
        const uint64_t bytes = layout_bytes(l, block, n_workers) + bytes_of_steps(plan);
        if (bytes < *least) *least = bytes;
        if (bytes <= engine->memory_limit) {
            fit->n_workers = n_workers;
            fit->block_length = block;
            fit->bytes = bytes;
            return true;
        }
        if (engine->block_length > 0 || block <= shortest) return false;
    }
}

/* Tried in this order: shorter blocks, then more groups, then fewer workers; the bits are the same in all of them. */
lmp_status plan_fit_pass(const run_plan *plan, const lmp_engine *engine, const layout_request *request, pass_fit *fit,
                         lmp_error *err)
{
    uint64_t least = UINT64_MAX;
    const lmp_source *source = request->source;
    const bool is_lent = source->view != NULL;
    const bool reads_lanes = is_lent || source->reads_rows || source->stream.format.kind == LMP_SIGNALS;
    for (int64_t workers = engine->threads; workers >= 1; workers = workers > 1 ? (workers + 1) / 2 : 0) {
        int64_t most_groups = 1;
        for (int64_t groups = 1; groups <= most_groups; groups = groups < 8 ? groups + 1 : groups * 2) {
            layout *l = NULL;
            const lmp_status status = group_layout(plan, request, groups, &l, err);
            if (status != LMP_OK) return status;
            const int64_t n_lanes = lmp_lane_count(&request->source->stream.format);
            if (!layout_is_joined(l) && n_lanes > 1 && reads_lanes) most_groups = n_lanes;
            const bool gathers = is_lent && layout_state_bytes(l, 1) > GATHER_BYTES && groups * 2 <= most_groups;
            fit->n_groups = groups;
            const bool fits = !gathers && fit_group(plan, engine, l, workers, fit, &least);
            layout_free(l);
            if (fits) return LMP_OK;
        }
    }
    fit->bytes = least;
    return too_small(least, engine->memory_limit, err);
}

/* ---- Passes and scratch files ---- */

lmp_source plan_source(const run_plan *plan, int64_t i)
{
    if (i == 0 && plan->spill_step != 0) return plan->recording->source;
    lmp_source source = {.stream = *plan_stream(plan, i), .time_grain = 1, .is_cheap = true};
    if (i == plan->spill_step) spool_as_source(&source);
    return source;
}

static int64_t last_step_that(const run_plan *plan, bool (*is)(const plan_step *ps))
{
    for (int64_t i = plan->n_steps - 1; i >= 0; i--)
        if (is(&plan->steps[i])) return i;
    return -1;
}

static bool generates(const plan_step *ps)
{
    return ps->step->grain == LMP_GRAIN_BLOCK && !ps->plan.is_identity;
}

static bool joins(const plan_step *ps)
{
    return plan_step_works(ps) && plan_step_joins(ps->step);
}

/* The step at which a pass that ends at step i begins: behind what is generated, or at the scratch file. */
static int64_t pass_start(const run_plan *plan, int64_t i)
{
    int64_t from = plan->spill_step >= 0 && plan->spill_step <= i ? plan->spill_step : 0;
    for (int64_t k = from; k < i; k++)
        if (generates(&plan->steps[k])) from = k + 1;
    return from;
}

static lmp_status fit_from(const run_plan *plan, const lmp_engine *engine, int64_t from, int64_t end,
                           plan_step *learner, bool keeps_end, pass_fit *fit, lmp_error *err)
{
    const lmp_source source = plan_source(plan, from);
    const layout_request request = {
        .source = &source, .first_step = from, .end_step = end, .learner = learner, .keeps_end = keeps_end};
    return plan_fit_pass(plan, engine, &request, fit, err);
}

/* Takes in how another pass fits: the most that any of them takes, or needs. */
static void add_fit(lmp_status one, const pass_fit *other, lmp_status *status, uint64_t *takes, uint64_t *needs)
{
    if (one == LMP_OK && other->bytes > *takes) *takes = other->bytes;
    if (one == LMP_ERR_MEMORY && other->bytes > *needs) *needs = other->bytes;
    if (one != LMP_OK && (*status == LMP_OK || one != LMP_ERR_MEMORY)) *status = one;
}

/* All passes there will be; the main one into `fit`, with the bytes of the largest. A refusal names the limit that
 * would do for all of them, which is then in fit->bytes. */
static lmp_status fit_all(const run_plan *plan, const lmp_engine *engine, pass_fit *fit, lmp_error *err)
{
    uint64_t takes = 0, needs = 0;
    lmp_status status = LMP_OK;
    lmp_status one = fit_from(plan, engine, pass_start(plan, plan->n_steps), plan->n_steps, NULL, false, fit, err);
    add_fit(one, fit, &status, &takes, &needs);
    for (int64_t i = 0; i < plan->n_steps; i++) {
        plan_step *ps = &plan->steps[i];
        pass_fit other = {0};
        if (i == plan->spill_step && !plan->is_spilled) {
            one = fit_from(plan, engine, pass_start(plan, i - 1), i, NULL, true, &other, err);
            add_fit(one, &other, &status, &takes, &needs);
        }
        if (ps->plan.learn_passes == 0) continue;
        one = fit_from(plan, engine, pass_start(plan, i), i, ps, false, &other, err);
        add_fit(one, &other, &status, &takes, &needs);
    }
    fit->bytes = status == LMP_OK ? takes : needs;
    return status == LMP_ERR_MEMORY ? too_small(needs, engine->memory_limit, err) : status;
}

/* How often the recording itself would be read. */
static int64_t count_reads(const run_plan *plan, int64_t n_groups)
{
    int64_t reads = 0;
    for (int64_t i = 0; i < plan->n_steps; i++) {
        reads += plan->steps[i].plan.learn_passes;
        if (generates(&plan->steps[i])) return reads;
    }
    return reads + n_groups;
}

static bool has_sink_before(const run_plan *plan, int64_t step)
{
    for (int64_t i = 0; i < step; i++)
        if (plan->steps[i].step->grain == LMP_GRAIN_SINK) return true;
    return false;
}

/* Fits all passes with a scratch file before step `spill`; -1: without one. */
static lmp_status fit_with(run_plan *plan, const lmp_engine *engine, int64_t spill, pass_fit *fit, lmp_error *err)
{
    plan->spill_step = spill;
    plan->main_step = pass_start(plan, plan->n_steps);
    return fit_all(plan, engine, fit, err);
}

/* True if what reaches step i may be worth a scratch file: behind it bands of rows can be run in groups. */
static bool may_spill(const run_plan *plan, int64_t i)
{
    const lmp_source *source = &plan->recording->source;
    if (i == 0) return source->stream.format.kind == LMP_MOVIE && !source->is_cheap && source->view == NULL;
    return joins(&plan->steps[i - 1]);
}

/* Without a scratch file if that fits and decodes the recording once; else with the first one that makes it fit. */
static lmp_status choose_spill(run_plan *plan, const lmp_engine *engine, pass_fit *fit, lmp_error *err)
{
    const int64_t generator = last_step_that(plan, generates);
    if (has_sink_before(plan, generator)) return fit_with(plan, engine, generator, fit, err); /* written with it */
    lmp_status status = fit_with(plan, engine, -1, fit, err);
    if (status != LMP_OK && status != LMP_ERR_MEMORY) return status;
    const bool decodes_again = may_spill(plan, 0) && count_reads(plan, fit->n_groups) > 1;
    if (status == LMP_OK && !decodes_again) return LMP_OK;
    uint64_t needs = fit->bytes;
    const int64_t end = status == LMP_OK ? 1 : plan->n_steps;
    for (int64_t i = 0; i < end; i++) {
        const lmp_status one = may_spill(plan, i) ? fit_with(plan, engine, i, fit, NULL) : LMP_ERR_USAGE;
        if (one == LMP_OK) return LMP_OK;
        if (one == LMP_ERR_MEMORY && fit->bytes < needs) needs = fit->bytes;
    }
    if (status == LMP_OK) return fit_with(plan, engine, -1, fit, err);
    plan->spill_step = -1;
    return too_small(needs, engine->memory_limit, err);
}

lmp_status plan_fit(run_plan *plan, const lmp_engine *engine, lmp_error *err)
{
    pass_fit fit = {0};
    plan->bytes_limit = engine->memory_limit;
    const lmp_status status =
        plan->is_spilled ? fit_with(plan, engine, plan->spill_step, &fit, err) : choose_spill(plan, engine, &fit, err);
    if (status != LMP_OK) return status;
    plan->spill_bytes = plan->spill_step < 0 ? 0
                                             : (uint64_t)plan_stream(plan, plan->spill_step)->format.n_times *
                                                   stream_instant_bytes(plan_stream(plan, plan->spill_step));
    plan->n_workers = fit.n_workers;
    plan->n_groups = fit.n_groups;
    plan->block_length = fit.block_length;
    plan->bytes_expected = fit.bytes;
    return LMP_OK;
}
