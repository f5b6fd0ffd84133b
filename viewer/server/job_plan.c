/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_plan.c: what a chain would do with a recording: kind and rate of the result, memory, passes.
 */
#include "job_plan.h"

#include "job_files.h"
#include "json_text.h"

#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers of a plan --------------------------------------------------------------------------------------- */

static int64_t count_passes(const json_t *json)
{
    size_t i;
    json_t *step;
    int64_t passes = json_integer_value(json_object_get(json, "groups"));
    json_array_foreach(json_object_get(json, "steps"), i, step) passes +=
        json_integer_value(json_object_get(step, "learning_passes"));
    return passes;
}

static void read_result(const lmp_format *in, job_plan *plan)
{
    const json_t *steps = json_object_get(plan->json, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    const char *kind = json_string_value(json_object_get(last, "kind_out"));
    plan->kind = kind == NULL ? in->kind : strcmp(kind, "movie") == 0 ? LMP_MOVIE : LMP_SIGNALS;
    plan->rate_hz = last != NULL ? json_number_value(json_object_get(last, "rate_out_hz")) : in->rate_hz;
    plan->n_channels = json_integer_value(json_object_get(last, "channels_out"));
    plan->bytes = (uint64_t)json_integer_value(json_object_get(last, "bytes_out"));
    plan->spill_bytes = (uint64_t)json_integer_value(json_object_get(plan->json, "scratch_bytes"));
    plan->memory_bytes = (uint64_t)json_integer_value(json_object_get(plan->json, "memory_expected"));
    plan->passes = count_passes(plan->json);
}

lmp_status job_plan_make(lmp_engine *engine, lmp_recording *recording, const lmp_chain *chain, job_plan *plan,
                         lmp_error *err)
{
    lmp_run *run = NULL;
    lmp_run_options options = LMP_OPTIONS(lmp_run_options);
    options.overwrite = 1; /* a plan writes nothing */
    *plan = (job_plan){0};
    const lmp_status status = lmp_run_new(engine, recording, chain, &options, &run, err);
    if (status != LMP_OK) return status;
    char *json = lmp_run_plan_json(run);
    plan->json = json != NULL ? json_loads(json, 0, NULL) : NULL;
    plan->text = lmp_run_plan_text(run);
    lmp_text_free(json);
    lmp_run_free(run);
    if (plan->json != NULL && plan->text != NULL) {
        read_result(lmp_recording_get_format(recording), plan);
        return LMP_OK;
    }
    job_plan_clear(plan);
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
}

void job_plan_clear(job_plan *plan)
{
    json_decref(plan->json);
    lmp_text_free(plan->text);
    *plan = (job_plan){0};
}

void job_name_step(const job_request *q, int32_t skip, lmp_error *err)
{
    const json_t *item = err->step >= skip ? json_array_get(q->chain, (size_t)(err->step - skip)) : NULL;
    const char *name = json_string_value(json_object_get(item, "step"));
    if (name == NULL || strstr(err->text, name) != NULL) return;
    char text[sizeof err->text];
    snprintf(text, sizeof text, "%s: %s", name, err->text);
    memcpy(err->text, text, sizeof text);
}

/* ---- The answer ---------------------------------------------------------------------------------------------- */

static lmp_status make(server *s, const json_t *steps, const job_request *q, opened *source, const char *folder,
                       job_plan *plan, lmp_error *err)
{
    lmp_engine *engine = server_engine(s);
    lmp_chain *chain = NULL;
    lmp_status status = lmp_chain_new(engine, &chain, err);
    if (status == LMP_OK) status = job_chain_add(s, steps, q, folder, chain, err);
    if (status == LMP_OK && q->out != NULL && !path_is_allowed(s, q->out, false, err)) status = err->status;
    if (status == LMP_OK && q->out != NULL) status = job_chain_write(chain, q->out, NULL, err);
    if (status == LMP_OK) status = job_plan_make(engine, source->recording, chain, plan, err);
    lmp_chain_free(chain);
    return status;
}

static lmp_status describe(server *s, const json_t *steps, const job_request *q, const opened *source,
                           const job_plan *plan, json_t **answer, lmp_error *err)
{
    const bool writes = q->out != NULL || !job_chain_ends_in_tables(steps, q);
    const char *out = q->out != NULL ? q->out : !writes ? NULL : plan->kind == LMP_MOVIE ? "OUT.tif" : "OUT.vhdr";
    char *chain = NULL, *yaml = NULL, *command = NULL;
    lmp_status status = job_chain_text(s, steps, q, false, &chain, err);
    if (status == LMP_OK) status = job_chain_text(s, steps, q, true, &yaml, err);
    if (status == LMP_OK) command = job_chain_command(source, chain, out);
    if (command != NULL)
        *answer =
            json_pack("{s:o, s:o, s:o, s:O, s:o, s:I, s:I}", "chain", json_text(chain), "command", json_text(command),
                      "yaml", json_text(yaml), "plan", plan->json, "text", json_text(plan->text), "memory_bytes",
                      (json_int_t)plan->memory_bytes, "passes", (json_int_t)plan->passes);
    if (status == LMP_OK && *answer == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    lmp_text_free(chain);
    lmp_text_free(yaml);
    free(command);
    return status;
}

lmp_status job_plan_answer(server *s, const json_t *steps, const job_request *q, opened *source, const char *folder,
                           json_t **answer, lmp_error *err)
{
    job_plan plan = {0};
    lmp_status status = job_files_write(folder, q->files, err);
    if (status == LMP_OK) status = make(s, steps, q, source, folder, &plan, err);
    scratch_remove_tree(folder);
    if (status != LMP_OK) {
        job_name_step(q, 0, err);
        return status;
    }
    *answer = NULL;
    status = describe(s, steps, q, source, &plan, answer, err);
    job_plan_clear(&plan);
    return status;
}
