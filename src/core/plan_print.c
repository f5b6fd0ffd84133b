/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan_print.c: a plan for people and for programs.
 */
#include "core/budget.h"
#include "core/plan_fit.h"
#include "core/stream.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *type_name(lmp_type type)
{
    static const char *const names[] = {"?",     "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

static const char *grain_name(lmp_grain grain)
{
    static const char *const names[] = {"none", "time", "frame", "block", "sink"};
    return names[grain];
}

static void print_stream(FILE *out, const char *name, const lmp_stream *stream)
{
    const lmp_format *f = &stream->format;
    if (f->kind == LMP_MOVIE)
        fprintf(out, "%-9s %lld frame%s, %lld high x %lld wide%s, %s\n", name, (long long)f->n_times,
                f->n_times == 1 ? "" : "s", (long long)f->height, (long long)f->width,
                f->n_colours == 3 ? ", in colour" : "", type_name(f->type));
    else
        fprintf(out, "%-9s %lld channels x %lld samples at %g Hz, %lld events\n", name, (long long)f->n_channels,
                (long long)f->n_times, f->rate_hz, (long long)stream->n_events);
}

static void print_streams(FILE *out, const run_plan *plan)
{
    print_stream(out, "in", plan_stream(plan, 0));
    print_stream(out, "out", plan_stream(plan, plan->n_steps));
}

/* Whole frames, in each pass those it needs to see. */
static void print_frames_learned(FILE *out, const plan_step *ps)
{
    int64_t seen = 0;
    for (int64_t i = 0; i < ps->plan.learn_passes; i++) {
        const lmp_frame_list *list = ps->plan.learn_frames != NULL ? &ps->plan.learn_frames[i] : NULL;
        seen += list != NULL && list->frames != NULL ? list->count : ps->in.format.n_times;
    }
    fprintf(out, "learn     %s: %lld pass%s over %lld frames in all\n", ps->step->name,
            (long long)ps->plan.learn_passes, ps->plan.learn_passes == 1 ? "" : "es", (long long)seen);
}

static void print_learning(FILE *out, const plan_step *ps)
{
    if (ps->plan.learn_passes == 0) return;
    if (ps->step->learn_images != NULL) {
        print_frames_learned(out, ps);
        return;
    }
    const int64_t n_lanes = lmp_lane_count(&ps->in.format);
    int64_t lanes = 0;
    for (int64_t i = 0; i < n_lanes; i++) lanes += ps->plan.learn_lane == NULL || ps->plan.learn_lane[i];
    fprintf(out, "learn     %s: %lld pass%s over %lld %s%s", ps->step->name, (long long)ps->plan.learn_passes,
            ps->plan.learn_passes == 1 ? "" : "es", (long long)lanes,
            ps->in.format.kind == LMP_MOVIE ? "band" : "channel", lanes == 1 ? "" : "s");
    if (ps->through != NULL) fprintf(out, " through %s", ps->through->step->name);
    if (ps->plan.learn_count > 0 && ps->in.format.kind == LMP_MOVIE)
        fprintf(out, ", %lld frames from %lld on", (long long)ps->plan.learn_count, (long long)ps->plan.learn_first);
    else if (ps->plan.learn_count > 0)
        fprintf(out, ", the first %.0f s", (double)ps->plan.learn_count / ps->in.format.rate_hz);
    fprintf(out, "\n");
}

static void print_stages(FILE *out, const layout *l)
{
    for (int64_t b = 0; b <= l->n_stages; b++) {
        for (int64_t i = 0; i < l->boundaries[b].n_sinks; i++)
            fprintf(out, "write     %s\n", l->boundaries[b].sinks[i]->plan.sink_path);
        if (b == l->n_stages) break;
        const layout_stage *stage = &l->stages[b];
        const bool is_movie = l->boundaries[b].format.kind == LMP_MOVIE;
        fprintf(out, "stage %-3lld %lld %s, grain %s:", (long long)b + 1, (long long)stage->n_slots,
                is_movie ? "bands of rows" : "lanes", grain_name(stage->grain));
        for (int64_t k = 0; k < stage->n_ops; k++)
            fprintf(out, " %s%s", k > 0 ? "! " : "",
                    stage->ops[k].kind == OP_CONVERT ? type_name(stage->ops[k].out.type)
                                                     : stage->ops[k].step->step->name);
        fprintf(out, "\n");
    }
}

char *plan_to_text(const run_plan *plan, const lmp_chain *chain)
{
    char *text = NULL, expected[16], limit[16];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    char *chain_text = lmp_chain_to_text(chain);
    fprintf(out, "chain     %s\n", chain_text != NULL ? chain_text : "");
    free(chain_text);
    print_streams(out, plan);
    for (int64_t i = 0; i < plan->n_steps; i++) print_learning(out, &plan->steps[i]);
    layout *l = NULL;
    const lmp_source source = plan_source(plan, plan->main_step);
    const layout_request request = {.source = &source, .first_step = plan->main_step, .end_step = plan->n_steps};
    if (plan->spill_step >= 0)
        fprintf(out, "scratch   %s for what reaches step %lld, written once\n",
                budget_print_size((double)plan->spill_bytes, expected), (long long)plan->spill_step + 1);
    if (layout_new(plan, &request, &l, NULL) == LMP_OK) print_stages(out, l);
    layout_free(l);
    fprintf(out, "passes    %lld (groups of lanes), blocks of %lld %s, %lld worker%s\n", (long long)plan->n_groups,
            (long long)plan->block_length, plan_stream(plan, 0)->format.kind == LMP_MOVIE ? "frames" : "samples",
            (long long)plan->n_workers, plan->n_workers == 1 ? "" : "s");
    fprintf(out, "memory    %s of %s allowed\n", budget_print_size((double)plan->bytes_expected, expected),
            budget_print_size((double)plan->bytes_limit, limit));
    for (int64_t i = 0; i < plan->n_steps; i++) {
        const char *warnings = plan_step_warnings(&plan->steps[i]);
        if (warnings[0] != '\0') fprintf(out, "warning   %s: %s", plan->steps[i].step->name, warnings);
    }
    fclose(out);
    return text;
}

static json_t *step_json(const plan_step *ps)
{
    json_t *o = json_object();
    json_object_set_new(o, "step", json_string(ps->step->name));
    json_object_set_new(o, "grain", json_string(grain_name(ps->step->grain)));
    json_object_set_new(o, "learning_passes", json_integer(ps->plan.learn_passes));
    json_object_set_new(o, "lane_bytes", json_integer((json_int_t)ps->plan.lane_bytes));
    json_object_set_new(o, "shared_bytes", json_integer((json_int_t)ps->plan.shared_bytes));
    json_object_set_new(o, "events_out", json_integer(ps->plan.out.n_events));
    json_object_set_new(o, "samples_out", json_integer(ps->plan.out.format.n_times));
    json_object_set_new(o, "rate_out_hz", json_real(ps->plan.out.format.rate_hz));
    json_object_set_new(o, "kind_out", json_string(ps->plan.out.format.kind == LMP_MOVIE ? "movie" : "signals"));
    json_object_set_new(o, "channels_out", json_integer(ps->plan.out.format.n_channels));
    /* Of all numbers, as the engine holds them. */
    const size_t instant_bytes = stream_instant_bytes(&ps->plan.out);
    json_object_set_new(o, "bytes_out", json_integer((json_int_t)instant_bytes * ps->plan.out.format.n_times));
    return o;
}

json_t *plan_to_json(const run_plan *plan)
{
    json_t *o = json_object(), *steps = json_array();
    for (int64_t i = 0; i < plan->n_steps; i++) json_array_append_new(steps, step_json(&plan->steps[i]));
    json_object_set_new(o, "steps", steps);
    json_object_set_new(o, "groups", json_integer(plan->n_groups));
    json_object_set_new(o, "block_length", json_integer(plan->block_length));
    json_object_set_new(o, "workers", json_integer(plan->n_workers));
    json_object_set_new(o, "scratch_bytes", json_integer((json_int_t)plan->spill_bytes));
    json_object_set_new(o, "memory_expected", json_integer((json_int_t)plan->bytes_expected));
    json_object_set_new(o, "memory_limit", json_integer((json_int_t)plan->bytes_limit));
    return o;
}
