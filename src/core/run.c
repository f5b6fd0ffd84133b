/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run.c: one execution of a chain.
 *
 * First every step is opened in order; a step that learns gets its passes over the data as they reach it, and what it
 * has learned may change the events, so the steps behind it are planned after it. Then the main pass runs, once per
 * group of lanes; then outputs are completed and named, and the record is written.
 */
#include "core/run.h"

#include "core/budget.h"
#include "core/lost_inputs.h"
#include "core/pass.h"
#include "core/plan_fit.h"
#include "core/record.h"
#include "core/run_outputs.h"
#include "core/stream.h"
#include "os/os.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Making a run ---- */

lmp_status lmp_run_new(lmp_engine *engine, lmp_recording *recording, const lmp_chain *chain,
                       const lmp_run_options *options, lmp_run **run, lmp_error *err)
{
    lmp_run *r = calloc(1, sizeof *r);
    if (r == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a run");
    *r = (lmp_run){.engine = engine, .recording = recording, .chain = chain};
    lmp_status status = LMP_OK;
    if (options != NULL && options->struct_size == 0)
        status =
            lmp_fail(err, LMP_ERR_USAGE, "lmp_run_options.struct_size is 0: start from LMP_OPTIONS(lmp_run_options)");
    else if (options != NULL)
        memcpy(&r->options, options,
               options->struct_size < sizeof r->options ? options->struct_size : sizeof r->options);
    if (r->options.command != NULL) r->command = strdup(r->options.command);
    r->sinks = calloc((size_t)chain->n_steps + 1, sizeof *r->sinks);
    if (status == LMP_OK && r->sinks == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a run");
    if (status == LMP_OK) status = plan_new(recording, chain, &r->plan, err);
    if (status == LMP_OK) status = plan_fit(r->plan, engine, err);
    if (status == LMP_OK) status = run_check_outputs(r, err);
    if (status != LMP_OK) {
        lmp_run_free(r);
        return status;
    }
    *run = r;
    return LMP_OK;
}

void lmp_run_free(lmp_run *run)
{
    if (run == NULL) return;
    plan_free(run->plan);
    free(run->sinks);
    free(run->command);
    json_decref(run->steps);
    json_decref(run->warnings);
    json_decref(run->record);
    free(run);
}

char *lmp_run_plan_text(const lmp_run *run)
{
    return plan_to_text(run->plan, run->chain);
}

char *lmp_run_plan_json(const lmp_run *run)
{
    json_t *json = plan_to_json(run->plan);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1));
    json_decref(json);
    return text;
}

void lmp_run_cancel(lmp_run *run)
{
    atomic_store(&run->cancelled, true);
}

uint64_t lmp_run_peak_bytes(const lmp_run *run)
{
    return run->peak_bytes;
}

char *lmp_run_record(const lmp_run *run)
{
    return run->record == NULL ? NULL : json_dumps(run->record, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
}

/* ---- Progress and cancel ---- */

static bool is_cancelled(void *user)
{
    return atomic_load_explicit(&((lmp_run *)user)->cancelled, memory_order_relaxed);
}

static void tell(void *user, double fraction_of_pass)
{
    lmp_run *run = user;
    const double now_s = os_clock_s();
    if (run->progress == NULL || now_s - run->told_s < 0.1) return;
    run->told_s = now_s;
    const lmp_progress progress = {.fraction = run->part_first + run->part_share * fraction_of_pass,
                                   .what = run->part_name};
    if (run->progress(run->progress_user, &progress) != 0) lmp_run_cancel(run);
}

static void begin_part(lmp_run *run, const char *name, double share)
{
    run->part_first += run->part_share;
    run->part_share = share;
    run->part_name = name;
}

/* ---- Steps: open, learn, close ---- */

static lmp_status open_step(lmp_run *run, plan_step *ps, lmp_error *err)
{
    if (!plan_step_is_needed(ps) || ps->step->open == NULL) return LMP_OK;
    if (ps->plan.absorbed_params != NULL) ps->plan.absorbed_shared = run->plan->steps[ps->index - 1].shared;
    const lmp_status status = ps->step->open(ps->params, &ps->in, &ps->plan, run->budget, &ps->shared, err);
    ps->is_open = status == LMP_OK;
    return status;
}

static void close_step(lmp_run *run, plan_step *ps)
{
    if (ps->is_open && ps->step->close != NULL) ps->step->close(ps->shared, run->budget);
    ps->shared = NULL;
    ps->is_open = false;
}

/* Scratch files stand where the user said, else beside the output. */
static char *scratch_directory(const lmp_run *run)
{
    if (run->engine->scratch_dir != NULL) return strdup(run->engine->scratch_dir);
    for (int64_t i = run->plan->n_steps - 1; i >= 0; i--)
        if (run->plan->steps[i].plan.sink_path != NULL) return os_path_directory(run->plan->steps[i].plan.sink_path);
    return strdup(".");
}

/* Sinks among steps [from, to). */
static lmp_status open_sinks(lmp_run *run, int64_t from, int64_t to, bool in_groups, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t i = from; i < to && status == LMP_OK; i++) {
        const plan_step *ps = &run->plan->steps[i];
        if (ps->step->grain != LMP_GRAIN_SINK) continue;
        const sink_options options = {.engine = run->engine,
                                      .path = ps->plan.sink_path,
                                      .write = ps->plan.sink_options,
                                      .stream = &ps->in,
                                      .overwrite = run->options.overwrite != 0,
                                      .force_range = run->widened,
                                      .in_groups = in_groups,
                                      .digests = run->options.no_provenance == 0};
        status = sink_open(&options, &run->sinks[i], err);
        if (status != LMP_OK && err != NULL) err->step = (int32_t)i;
    }
    return status;
}

/* What was learned, or what runs in a pass, may change how many workers fit. */
static lmp_status fit_workers(lmp_run *run, int64_t n_workers, lmp_error *err)
{
    if (run->workers != NULL && pool_worker_count(run->workers) == n_workers) return LMP_OK;
    pool_free(run->workers);
    run->workers = NULL;
    return pool_new(n_workers, &run->workers, err);
}

/* How much of what reaches the learner is enough for this pass; 0: all. */
static int64_t enough_for(const layout_request *request)
{
    const plan_step *ps = request->learner;
    if (ps == NULL || ps->through != NULL) return 0;
    const lmp_frame_list *list = ps->plan.learn_frames != NULL ? &ps->plan.learn_frames[request->learn_pass] : NULL;
    if (list == NULL || list->frames == NULL) return ps->plan.learn_count;
    return list->count > 0 ? list->frames[list->count - 1] + 1 : 1;
}

/* One group of lanes of a pass; n_groups 1: all of them. */
static lmp_status run_group(lmp_run *run, const layout_request *request, const pass_fit *fit, int64_t group,
                            digest *input_digest, lmp_error *err)
{
    const int64_t n_lanes = lmp_lane_count(&request->source->stream.format), n_groups = fit->n_groups;
    bool *mine = calloc((size_t)n_lanes + 1, sizeof *mine);
    if (mine == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a pass");
    const int64_t in_group = (n_lanes + n_groups - 1) / n_groups;
    for (int64_t i = group * in_group; i < (group + 1) * in_group && i < n_lanes; i++) mine[i] = true;
    layout_request of_group = *request;
    of_group.only_lanes = n_groups > 1 ? mine : NULL;
    layout *l = NULL;
    lmp_status status = layout_new(run->plan, &of_group, &l, err);
    const pass_setup setup = {.layout = l,
                              .block_length = fit->block_length,
                              .workers = run->workers,
                              .budget = run->budget,
                              .sinks = run->sinks,
                              .scratch = request->keeps_end ? run->scratch : NULL,
                              .input_digest = input_digest,
                              .stop_after = enough_for(request),
                              .losses = run->losses,
                              .watch = {run, is_cancelled, tell}};
    if (status == LMP_OK) status = pass_run(&setup, err);
    layout_free(l);
    free(mine);
    return status;
}

static lmp_status run_groups(lmp_run *run, const layout_request *request, const pass_fit *fit, const char *name,
                             double share, digest *input_digest, lmp_error *err)
{
    lmp_status status = fit_workers(run, fit->n_workers, err);
    for (int64_t g = 0; g < fit->n_groups && status == LMP_OK; g++) {
        begin_part(run, name, share / (double)fit->n_groups);
        status = run_group(run, request, fit, g, g == 0 ? input_digest : NULL, err);
    }
    budget_trim(run->budget);
    return status;
}

static lmp_status learn_pass(lmp_run *run, plan_step *ps, int64_t pass, double share, lmp_error *err)
{
    plan_step *through = ps->through;
    const layout_request request = {.source = &run->source,
                                    .first_step = run->source_step,
                                    .end_step = ps->index,
                                    .learner = ps,
                                    .learn_pass = pass};
    pass_fit fit;
    lmp_status status = plan_fit_pass(run->plan, run->engine, &request, &fit, err);
    if (status == LMP_OK && through != NULL) status = open_step(run, through, err);
    if (status == LMP_OK) status = run_groups(run, &request, &fit, ps->step->name, share, NULL, err);
    if (through != NULL) close_step(run, through);
    return status;
}

static lmp_status learn_step(lmp_run *run, plan_step *ps, double share, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t pass = 0; pass < ps->plan.learn_passes && status == LMP_OK; pass++) {
        status = learn_pass(run, ps, pass, share, err);
        budget_lend_workers(run->budget, run->workers);
        if (status == LMP_OK) status = ps->step->learned(ps->shared, pass, &ps->plan.out, err);
        budget_lend_workers(run->budget, NULL);
    }
    return status;
}

/* ---- Where passes begin ---- */

static lmp_status generate_read(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    const plan_step *ps = state;
    const lmp_block block = {
        .first = request->first, .count = request->count, .n_lanes = request->n_lanes, .lanes = request->out};
    if (request->n_lanes != ps->plan.out.format.n_channels)
        return lmp_fail(err, LMP_ERR_USAGE, "%s gives all its channels at once: pick channels in another run",
                        ps->step->name);
    return ps->step->generate(ps->shared, NULL, &block, err);
}

static lmp_status generate_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    const plan_step *ps = state;
    return ps->step->generate(ps->shared, out, NULL, err);
}

/* From here on, passes read what step ps has made of everything before. */
static void read_generated(lmp_run *run, plan_step *ps)
{
    run->source = (lmp_source){.stream = ps->plan.out,
                               .time_grain = 1,
                               .state = ps,
                               .is_cheap = true,
                               .read = generate_read,
                               .read_frames = generate_frames};
    run->source_step = ps->index + 1;
}

/* Writes what reaches step i to a scratch file, and lets passes read that from here on. */
static lmp_status spill(lmp_run *run, int64_t i, double share, lmp_error *err)
{
    const lmp_stream *stream = plan_stream(run->plan, i);
    char *beside = scratch_directory(run);
    if (beside == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a scratch file");
    lmp_status status = spool_new(beside, stream, &run->scratch, err);
    free(beside);
    if (status != LMP_OK) return status;
    const layout_request request = {
        .source = &run->source, .first_step = run->source_step, .end_step = i, .keeps_end = true};
    pass_fit fit;
    status = plan_fit_pass(run->plan, run->engine, &request, &fit, err);
    if (status == LMP_OK) status = open_sinks(run, run->source_step, i, fit.n_groups > 1, err);
    if (status == LMP_OK) status = run_groups(run, &request, &fit, "scratch file", share, NULL, err);
    if (status != LMP_OK) return status;
    run->source = (lmp_source){.stream = *stream, .time_grain = 1, .state = run->scratch};
    spool_as_source(&run->source);
    run->source_step = i;
    run->plan->is_spilled = true;
    return LMP_OK;
}

static lmp_status open_steps(lmp_run *run, double share, lmp_error *err)
{
    bool replan = false;
    for (int64_t i = 0; i < run->plan->n_steps; i++) {
        plan_step *ps = &run->plan->steps[i];
        lmp_status status = replan ? plan_step_again(run->plan, i, err) : LMP_OK;
        if (status == LMP_OK && i == run->plan->spill_step) status = spill(run, i, share, err);
        if (status == LMP_OK) status = open_step(run, ps, err);
        if (status == LMP_OK && ps->plan.learn_passes > 0) {
            status = learn_step(run, ps, share, err);
            ps->plan.out.events_pending = false;
            replan = true;
        }
        if (status == LMP_OK && ps->step->grain == LMP_GRAIN_BLOCK && !ps->plan.is_identity) read_generated(run, ps);
        if (status != LMP_OK) {
            if (err != NULL && err->step < 0) err->step = (int32_t)i;
            return status;
        }
    }
    return replan ? plan_fit(run->plan, run->engine, err) : LMP_OK;
}

static void close_steps(lmp_run *run)
{
    for (int64_t i = 0; i < run->plan->n_steps; i++) close_step(run, &run->plan->steps[i]);
}

/* ---- The main pass ---- */

/* True if the run looks at less than half of a movie: then reading all of it for a fingerprint would be most of the
 * work, and of no use to the result. */
static bool reads_little(const lmp_run *run, const layout_request *request)
{
    const lmp_format *f = &run->recording->source.stream.format;
    if (f->kind != LMP_MOVIE || run->source_step != 0) return false;
    for (int64_t i = 0; i < run->plan->n_steps; i++)
        if (run->plan->steps[i].plan.learn_passes > 0) return false;
    layout *l = NULL;
    const bool is_little = layout_new(run->plan, request, &l, NULL) == LMP_OK && l->count < f->n_times / 2;
    layout_free(l);
    return is_little;
}

/* Tables and images alone have no record beside them. */
static bool writes_recording(const lmp_run *run)
{
    bool writes = false;
    for (int64_t i = 0; i < run->plan->n_steps; i++) writes |= run->plan->steps[i].step->grain == LMP_GRAIN_SINK;
    return writes;
}

/* Where the main pass ends: behind the last step that writes, or finds something out while data flow. */
static int64_t end_of_main(const run_plan *plan)
{
    int64_t end = plan->n_steps;
    for (; end > 0; end--) {
        const plan_step *ps = &plan->steps[end - 1];
        const bool tells = ps->plan.table_path != NULL || ps->plan.image_path != NULL;
        if (ps->step->grain == LMP_GRAIN_SINK || (tells && plan_step_works(ps))) break;
    }
    return end;
}

static lmp_status run_main(lmp_run *run, double share, lmp_error *err)
{
    const run_plan *plan = run->plan;
    const lmp_source *recorded = &run->recording->source;
    const bool has_record = run->options.no_provenance == 0 && writes_recording(run);
    const char *path = recorded->data_path != NULL && has_record ? recorded->data_path(recorded->state) : NULL;
    const pass_fit fit = {.n_workers = plan->n_workers, .n_groups = plan->n_groups, .block_length = plan->block_length};
    const layout_request request = {
        .source = &run->source, .first_step = run->source_step, .end_step = end_of_main(plan)};
    if (request.end_step <= run->source_step && !writes_recording(run)) return LMP_OK;
    if (path != NULL && reads_little(run, &request)) {
        run->no_input_digest = "under half of its frames were read";
        path = NULL;
    }
    digest *input_digest = NULL;
    const bool maps = plan->bytes_limit >= plan->bytes_expected + (uint64_t)plan->n_workers * DIGEST_PIECE;
    lmp_status status = path != NULL ? digest_new(path, maps, &input_digest, err) : LMP_OK;
    if (status == LMP_OK) status = run_groups(run, &request, &fit, "process", share, input_digest, err);
    if (status == LMP_OK && input_digest != NULL) digest_text(input_digest, run->input_digest);
    digest_free(input_digest);
    return status;
}

/* ---- Outputs and records ---- */

static void add_lines(json_t *array, const char *lines)
{
    while (*lines != '\0') {
        const size_t n = strcspn(lines, "\n");
        json_t *text = json_stringn(lines, n);
        if (n > 0 && text != NULL) json_array_append(array, text);
        json_decref(text);
        lines += n + (lines[n] == '\n');
    }
}

/* What each step says about itself, while its shared state still lives. */
static lmp_status gather_steps(lmp_run *run, lmp_error *err)
{
    json_decref(run->steps);
    json_decref(run->warnings);
    run->steps = json_array();
    run->warnings = json_array();
    if (run->steps == NULL || run->warnings == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the provenance record");
    add_lines(run->warnings, lmp_recording_get_warnings(run->recording));
    for (int64_t i = 0; i < run->plan->n_steps; i++) {
        const plan_step *ps = &run->plan->steps[i];
        lmp_record record = {.values = json_object(), .warnings = run->warnings};
        json_object_set_new(record.values, "step", json_string(ps->step->name));
        add_lines(run->warnings, plan_step_warnings(ps));
        const bool has_state = ps->is_open || ps->step->open == NULL; /* not of a step that had nothing to do */
        if (ps->step->record != NULL && has_state) ps->step->record(ps->shared, &record);
        json_array_append_new(run->steps, record.values);
    }
    return LMP_OK;
}

static void close_sinks(lmp_run *run)
{
    for (int64_t i = 0; i < run->plan->n_steps; i++) {
        sink_close(run->sinks[i]);
        run->sinks[i] = NULL;
    }
}

/* ---- Go ---- */

static double share_of_pass(const run_plan *plan)
{
    double passes = plan->spill_step >= 0 ? 2 : 1;
    for (int64_t i = 0; i < plan->n_steps; i++) passes += (double)plan->steps[i].plan.learn_passes;
    return 1 / passes;
}

static lmp_status go_once(lmp_run *run, lmp_error *err)
{
    const double share = share_of_pass(run->plan), cpu_before_s = os_cpu_s();
    run->part_first = run->part_share = 0;
    run->source = run->recording->source;
    run->source_step = 0;
    run->plan->is_spilled = false;
    lmp_status status = open_steps(run, share, err);
    if (status == LMP_OK) status = open_sinks(run, run->source_step, run->plan->n_steps, run->plan->n_groups > 1, err);
    if (status == LMP_OK) status = run_main(run, share, err);
    if (status == LMP_OK) status = gather_steps(run, err);
    status = recording_settle(run->recording, run->losses, status, err);
    if (status == LMP_OK) status = run_finish_outputs(run, cpu_before_s, err);
    close_sinks(run);
    close_steps(run);
    spool_free(run->scratch);
    run->scratch = NULL;
    return status;
}

lmp_status lmp_run_go(lmp_run *run, lmp_progress_fn *progress, void *user, lmp_error *err)
{
    if (run->has_run) return lmp_fail(err, LMP_ERR_USAGE, "a run goes once: make a new one");
    run->has_run = true;
    run->progress = progress;
    run->progress_user = user;
    run->started_s = os_clock_s();
    run->losses = os_lost_count();
    lmp_status status = recording_check(run->recording, err);
    if (status == LMP_OK) status = fit_workers(run, run->plan->n_workers, err);
    if (status == LMP_OK) status = budget_new(run->engine->memory_limit, &run->budget, err);
    if (status == LMP_OK) budget_fail_at(run->budget, run->fail_allocation);
    if (status == LMP_OK) status = go_once(run, err);
    const bool is_signals = run->recording->source.stream.format.kind == LMP_SIGNALS;
    if (status == LMP_ERR_RANGE && is_signals && !run->widened) {
        run->widened = true;
        status = go_once(run, err);
    }
    if (run->budget != NULL) run->peak_bytes = budget_peak(run->budget);
    budget_free(run->budget);
    pool_free(run->workers);
    run->budget = NULL;
    run->workers = NULL;
    return status;
}
