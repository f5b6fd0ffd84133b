/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.c: planning each step in its place.
 */
#include "core/plan.h"

#include "core/convert.h"
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

void *lmp_plan_memory(lmp_step_plan *plan, size_t bytes)
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
    return lmp_plan_memory(plan, (size_t)count * sizeof(bool));
}

int64_t *lmp_plan_lanes(lmp_step_plan *plan, int64_t count)
{
    return lmp_plan_memory(plan, (size_t)count * sizeof(int64_t));
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
    if (ps->through != NULL) clear_step_plan(ps->through);
    free(ps->through);
    ps->through = NULL;
}

bool plan_step_works(const plan_step *ps)
{
    const lmp_step *s = ps->step;
    return !ps->plan.is_identity && !ps->is_absorbed &&
           (s->process != NULL || s->process_frames != NULL || s->process_rows != NULL || s->process_images != NULL ||
            s->measure_images != NULL);
}

bool plan_step_is_needed(const plan_step *ps)
{
    const lmp_step_plan *p = &ps->plan;
    return !p->is_identity || p->learn_passes > 0 || p->table_path != NULL || p->image_path != NULL;
}

bool plan_step_joins(const lmp_step *step)
{
    return step->process_frames != NULL || step->process_images != NULL || step->measure_images != NULL;
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
    const bool works = plan_step_works(ps);
    if (routes && works)
        return lmp_fail(err, LMP_ERR_USAGE, "step %s both routes lanes or times and processes: split it in two",
                        ps->step->name);
    if (!works && ps->step->grain != LMP_GRAIN_SINK && ps->step->grain != LMP_GRAIN_BLOCK &&
        p->count != p->out.format.n_times)
        return lmp_fail(err, LMP_ERR_USAGE, "step %s promises %lld samples and routes %lld", ps->step->name,
                        (long long)p->out.format.n_times, (long long)p->count);
    return LMP_OK;
}

static lmp_status check_kind(const plan_step *ps, const lmp_stream *in, lmp_error *err)
{
    if (ps->step->kind == 0 || ps->step->kind == in->format.kind) return LMP_OK;
    if (in->format.kind == LMP_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "step %s works on movies: what reaches it are signals", ps->step->name);
    /* An array of two dimensions may have been meant as channels. */
    return lmp_fail(err, LMP_ERR_USAGE, "step %s works on signals: what reaches it is a movie%s", ps->step->name,
                    in->format.n_times == 1 ? " of one frame (an array is read as signals with --rate HZ)" : "");
}

/* Frames keep their numbers and times where they are passed on, and lose them where others come out. */
static lmp_status plan_frames(plan_step *ps, lmp_error *err)
{
    const lmp_format *in = &ps->in.format;
    lmp_format *out = &ps->plan.out.format;
    const bool is_theirs = out->frame_numbers != in->frame_numbers || out->frame_times_s != in->frame_times_s;
    if (is_theirs || in->kind != LMP_MOVIE || out->n_times == in->n_times) return LMP_OK;
    const int64_t first = ps->plan.first;
    const bool is_window = !plan_step_works(ps) && ps->step->grain != LMP_GRAIN_BLOCK;
    if (!is_window) return lmp_stream_set_frames(&ps->plan.out, NULL, NULL, err);
    int64_t *numbers = malloc((size_t)(out->n_times + 1) * sizeof *numbers);
    if (numbers == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    for (int64_t i = 0; i < out->n_times; i++)
        numbers[i] = in->frame_numbers != NULL ? in->frame_numbers[first + i] : first + i;
    const double *times = in->frame_times_s != NULL ? in->frame_times_s + first : NULL;
    const lmp_status status = lmp_stream_set_frames(&ps->plan.out, numbers, times, err);
    free(numbers);
    return status;
}

static void plan_types(plan_step *ps, const lmp_stream *in)
{
    const lmp_step *step = ps->step;
    lmp_step_plan *p = &ps->plan;
    const bool computes = plan_step_works(ps) || (step->grain == LMP_GRAIN_BLOCK && step->learn_rows != NULL);
    if (in->format.kind != LMP_MOVIE || !computes || step->takes_any_type) return;
    if (p->keeps_type) p->out.format.type = in->format.type;
    if (!convert_is_exact(in->format.type, LMP_FLOAT32))
        lmp_plan_warn(p, "%s computes in float32: numbers of more than 24 bits are rounded", step->name);
}

static lmp_status make_step_plan(plan_step *ps, const lmp_stream *in, const void *absorbed_params, lmp_engine *engine,
                                 lmp_error *err);

/* The step that stands before the learning sees only the chosen times. */
static lmp_status plan_through(plan_step *ps, lmp_engine *engine, lmp_error *err)
{
    const lmp_step_plan *p = &ps->plan;
    lmp_stream window;
    lmp_status status = stream_copy(&window, &ps->in, err);
    if (status != LMP_OK) return status;
    window.format.n_times = p->learn_count > 0 ? p->learn_count : ps->in.format.n_times - p->learn_first;
    status = lmp_stream_set_frames(&window, NULL, NULL, err);
    ps->through = calloc(1, sizeof *ps->through);
    if (ps->through == NULL) status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    if (status == LMP_OK) {
        *ps->through = (plan_step){.step = p->learn_through, .params = p->learn_through_params, .index = ps->index};
        status = make_step_plan(ps->through, &window, NULL, engine, err);
    }
    stream_clear(&window);
    return status;
}

static lmp_status make_step_plan(plan_step *ps, const lmp_stream *in, const void *absorbed_params, lmp_engine *engine,
                                 lmp_error *err)
{
    clear_step_plan(ps);
    lmp_status status = stream_copy(&ps->in, in, err);
    if (status == LMP_OK) status = stream_copy(&ps->plan.out, in, err);
    if (status != LMP_OK) return status;
    ps->plan.count = in->format.n_times;
    ps->plan.absorbed_params = absorbed_params;
    plan_own *own = ps->plan.own = calloc(1, sizeof *own);
    if (own == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    own->engine = engine;
    const bool computes = plan_step_works(ps) || ps->step->grain == LMP_GRAIN_BLOCK;
    if (in->format.kind == LMP_MOVIE && computes && !ps->step->takes_any_type) ps->plan.out.format.type = LMP_FLOAT32;
    status = check_kind(ps, in, err);
    if (status == LMP_OK) status = ps->step->plan(ps->params, &ps->in, &ps->plan, err);
    if (status == LMP_OK && ps->plan.is_identity) ps->plan.out.format.type = in->format.type;
    if (status == LMP_OK) status = check_step_plan(ps, err);
    if (status == LMP_OK) status = plan_frames(ps, err);
    if (status == LMP_OK) plan_types(ps, in);
    if (status == LMP_OK && ps->plan.learn_through != NULL) status = plan_through(ps, engine, err);
    if (plan_step_works(ps) || ps->step->grain == LMP_GRAIN_BLOCK) ps->plan.out.is_processed = true;
    if (status != LMP_OK && err != NULL) err->step = (int32_t)ps->index;
    return status;
}

/* The step before, if step i does its work too. */
static plan_step *absorbed_by(run_plan *plan, int64_t i)
{
    const char *name = plan->steps[i].step->absorbs;
    plan_step *before = i > 0 && name != NULL ? &plan->steps[i - 1] : NULL;
    return before != NULL && strcmp(before->step->name, name) == 0 && !before->plan.is_identity ? before : NULL;
}

lmp_status plan_step_again(run_plan *plan, int64_t i, lmp_error *err)
{
    plan_step *ps = &plan->steps[i], *before = absorbed_by(plan, i);
    ps->is_absorbed = false;
    if (before == NULL) return make_step_plan(ps, plan_stream(plan, i), NULL, plan->recording->engine, err);
    const lmp_status status = make_step_plan(ps, &before->in, before->params, plan->recording->engine, err);
    before->is_absorbed = status == LMP_OK && plan_step_works(ps);
    return status;
}

lmp_status plan_new(const lmp_recording *recording, const lmp_chain *chain, run_plan **made, lmp_error *err)
{
    run_plan *plan = calloc(1, sizeof *plan);
    if (plan != NULL) plan->steps = calloc((size_t)chain->n_steps + 1, sizeof *plan->steps);
    if (plan == NULL || plan->steps == NULL) {
        free(plan);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    }
    plan->recording = recording;
    plan->spill_step = -1;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < chain->n_steps && status == LMP_OK; i++) {
        plan->steps[i] = (plan_step){.step = chain->steps[i].step, .params = chain->steps[i].params.values, .index = i};
        plan->n_steps = i + 1;
        status = param_set_check(&chain->steps[i].params, err);
        if (status != LMP_OK && err != NULL) err->step = (int32_t)i;
        if (status == LMP_OK) status = plan_step_again(plan, i, err);
    }
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
