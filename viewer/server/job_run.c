/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_run.c: runs a job: plans it, takes memory for it, goes, and opens what came out.
 */
#include "job.h"
#include "job_chain.h"
#include "job_files.h"
#include "job_plan.h"

#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the budget for memory: what a job may have at most, one in so many bytes, and what it needs at least. */
enum { MEMORY_SHARE = 2, LEAST_MEGABYTES = 32, WAIT_US = 10000, HEADER_BYTES = 4096 };

/* Where the result goes. */
typedef struct target {
    bool writes;       /* else the chain makes its files itself */
    bool is_recording; /* can be opened */
    char path[PATH_MAX];
    const char *type;     /* number type; NULL: the writer decides */
    lmp_open_options how; /* to open it with */
    uint64_t disk_bytes;  /* of a preview's result in the scratch folder, */
    uint64_t spill_bytes; /* and of what lies there while the chain runs */
} target;

static lmp_status build(const job_watch *w, const job *j, lmp_engine *engine, const target *to, lmp_chain **made,
                        lmp_error *err)
{
    lmp_chain *chain = NULL;
    lmp_status status = lmp_chain_new(engine, &chain, err);
    if (status == LMP_OK) status = job_chain_cut(chain, j->source->format, &j->request, err);
    if (status == LMP_OK) status = job_chain_add(w->server, w->steps, &j->request, j->folder, chain, err);
    if (status == LMP_OK && to->writes) status = job_chain_write(chain, to->path, to->type, err);
    if (status != LMP_OK)
        lmp_chain_free(chain);
    else
        *made = chain;
    return status;
}

/* ---- Planning ------------------------------------------------------------------------------------------------ */

static lmp_status plan_with(const job_watch *w, const job *j, lmp_engine *engine, const target *to, job_plan *plan,
                            lmp_error *err)
{
    lmp_chain *chain = NULL;
    lmp_status status = build(w, j, engine, to, &chain, err);
    if (status != LMP_OK) return status;
    pthread_mutex_lock(w->planning);
    status = job_plan_make(engine, j->source->recording, chain, plan, err);
    pthread_mutex_unlock(w->planning);
    lmp_chain_free(chain);
    return status;
}

/* Of signals without a rate no recording can be made: a table shows them. */
static void choose_preview(const job_watch *w, const job *j, const job_plan *plan, target *to)
{
    const bool is_movie = plan->kind == LMP_MOVIE;
    const char *usual = is_movie || plan->rate_hz > 0 ? "npy" : "csv";
    const char *format = j->request.format != NULL ? j->request.format : usual;
    to->writes = !job_chain_ends_in_tables(w->steps, &j->request);
    to->is_recording = to->writes && strcmp(format, "csv") != 0;
    to->type = strcmp(format, "npy") == 0 && !is_movie ? "float64" : NULL;
    to->how.n_channels = is_movie ? 0 : plan->n_channels;
    if (to->is_recording)
        snprintf(to->path, sizeof to->path, "%s/preview-%s.%s", server_scratch(w->server), j->id, format);
    else
        snprintf(to->path, sizeof to->path, "%s/result.%s", j->folder, format);
}

static void choose(const job_watch *w, const job *j, const job_plan *plan, target *to)
{
    to->how = (lmp_open_options)LMP_OPTIONS(lmp_open_options);
    to->how.kind = plan->kind;
    to->how.rate_hz = plan->rate_hz;
    if (j->request.is_preview) {
        choose_preview(w, j, plan, to);
        return;
    }
    to->writes = to->is_recording = j->request.out != NULL;
    if (to->writes) snprintf(to->path, sizeof to->path, "%s", j->request.out);
}

/* Twice: what comes out decides where it goes, and writing it takes memory too. */
static lmp_status plan_job(const job_watch *w, const job *j, target *to, uint64_t *bytes, lmp_error *err)
{
    lmp_engine *engine = NULL;
    job_plan plan = {0};
    *to = (target){0};
    lmp_status status = server_new_engine(w->server, memory_limit(w->server) / MEMORY_SHARE, &engine, err);
    if (status != LMP_OK) return status;
    status = plan_with(w, j, engine, to, &plan, err);
    if (status == LMP_OK) choose(w, j, &plan, to);
    if (status == LMP_OK && to->writes) {
        job_plan_clear(&plan);
        status = plan_with(w, j, engine, to, &plan, err);
    }
    *bytes = plan.memory_bytes;
    to->disk_bytes = j->request.is_preview && to->is_recording ? plan.bytes + HEADER_BYTES : 0;
    to->spill_bytes = j->request.is_preview ? plan.spill_bytes : 0;
    job_plan_clear(&plan);
    lmp_engine_free(engine);
    return status;
}

/* ---- The result ---------------------------------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* What limpid writes but does not read (.csv) is a result all the same; a preview that cannot be shown is none. */
static lmp_status open_result(const job_watch *w, const job *j, const target *to, const lmp_run *run, char result[24],
                              lmp_error *err)
{
    char label[200];
    opened *made = NULL;
    const json_t *chain = j->request.chain, *last = json_array_get(chain, json_array_size(chain) - 1);
    if (j->request.is_preview)
        snprintf(label, sizeof label, "%s of %s", json_string_value(json_object_get(last, "step")), j->source->label);
    else
        snprintf(label, sizeof label, "%s", last_part(to->path));
    const job_result how = {.path = to->path,
                            .chain = j->chain,
                            .slot = j->request.slot,
                            .label = label,
                            .how = &to->how,
                            .run = j->request.is_preview ? run : NULL,
                            .in_scratch = j->request.is_preview,
                            .scratch_bytes = to->disk_bytes};
    const lmp_status status = recording_add_result(w->server, j->source, &how, &made, err);
    if (status != LMP_OK) return j->request.is_preview ? status : LMP_OK;
    snprintf(result, 24, "%s", made->id);
    recording_release(w->server, made);
    return LMP_OK;
}

/* ---- Going --------------------------------------------------------------------------------------------------- */

typedef struct going {
    const job_watch *watch;
    job *job;
} going;

static int on_progress(void *user, const lmp_progress *progress)
{
    const going *g = user;
    return g->watch->tell(g->watch->user, g->job, progress) ? 0 : 1;
}

static lmp_status go(const job_watch *w, job *j, lmp_engine *engine, const target *to, char result[24], lmp_error *err)
{
    lmp_recording *recording = NULL;
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    going g = {w, j};
    lmp_run_options options = LMP_OPTIONS(lmp_run_options);
    options.overwrite = j->request.overwrite;
    options.no_provenance = j->request.is_preview;
    lmp_status status = recording_reopen(j->source, engine, &recording, err);
    if (status == LMP_OK) status = build(w, j, engine, to, &chain, err);
    if (status == LMP_OK) status = lmp_run_new(engine, recording, chain, &options, &run, err);
    if (status == LMP_OK && lmp_run_output_count(run) == 0)
        status = lmp_fail(err, LMP_ERR_USAGE,
                          "the chain writes nothing: give \"out\", or end it with a step that makes a "
                          "table");
    if (status == LMP_OK) {
        w->set_run(w->user, j, run);
        status = lmp_run_go(run, on_progress, &g, err);
        w->set_run(w->user, j, NULL);
    }
    if (status == LMP_OK && to->is_recording) status = open_result(w, j, to, run, result, err);
    lmp_run_free(run);
    lmp_chain_free(chain);
    lmp_recording_close(recording);
    return status;
}

/* With a quarter more than the plan expects, as far as there is memory; waits for what other jobs give back. */
static lmp_status take_memory(const job_watch *w, const job *j, uint64_t expected, uint64_t *bytes, lmp_error *err)
{
    const uint64_t most = memory_limit(w->server) / MEMORY_SHARE;
    const uint64_t wanted = expected + expected / 4 + ((uint64_t)LEAST_MEGABYTES << 20);
    *bytes = wanted < most ? wanted : most;
    for (bool goes_on = true; goes_on; usleep(WAIT_US)) {
        goes_on = w->may_wait(w->user, j); /* before it is tried: what is given back meanwhile is seen */
        if (memory_take(w->server, *bytes)) return LMP_OK;
    }
    *bytes = expected;
    if (memory_take(w->server, *bytes)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_MEMORY,
                    "the chain needs %llu MB, more than is left of the viewer's %llu MB: close recordings, or start "
                    "limpid view with more --memory",
                    (unsigned long long)(expected >> 20), (unsigned long long)(memory_limit(w->server) >> 20));
}

static lmp_status go_within_memory(const job_watch *w, job *j, const target *to, uint64_t expected, char result[24],
                                   lmp_error *err)
{
    uint64_t bytes;
    lmp_status status = take_memory(w, j, expected, &bytes, err);
    if (status != LMP_OK) return status;
    w->set_memory(w->user, j, bytes);
    lmp_engine *engine = NULL;
    status = server_new_engine(w->server, bytes, &engine, err);
    if (status == LMP_OK) status = go(w, j, engine, to, result, err);
    lmp_engine_free(engine);
    memory_give(w->server, bytes);
    return status;
}

static lmp_status go_within_disk(const job_watch *w, job *j, const target *to, uint64_t expected, char result[24],
                                 lmp_error *err)
{
    lmp_status status = scratch_take(w->server, to->disk_bytes + to->spill_bytes, err);
    if (status != LMP_OK) return status;
    status = go_within_memory(w, j, to, expected, result, err);
    scratch_give(w->server, to->spill_bytes);
    if (result[0] == '\0') scratch_give(w->server, to->disk_bytes); /* else once the result is closed */
    return status;
}

lmp_status job_execute(const job_watch *w, job *j, char result[24], json_t **tables, lmp_error *err)
{
    target to;
    uint64_t bytes = 0;
    result[0] = '\0';
    lmp_status status = job_files_write(j->folder, j->request.files, err);
    if (status != LMP_OK) return status;
    status = plan_job(w, j, &to, &bytes, err);
    if (status == LMP_OK) status = go_within_disk(w, j, &to, bytes, result, err);
    if (status != LMP_OK) job_name_step(&j->request, j->request.part_count > 0, err);
    if (status == LMP_OK)
        *tables = job_files_made(j->folder, j->request.files);
    else
        scratch_remove_tree(j->folder);
    return status;
}
