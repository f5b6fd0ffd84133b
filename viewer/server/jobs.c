/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jobs.c: chains that run in the background: posting them, asking for them, ending them.
 */
#include "jobs.h"

#include "job_chain.h"
#include "job_json.h"
#include "job_lanes.h"
#include "job_list.h"
#include "job_plan.h"

#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Posting ------------------------------------------------------------------------------------------------- */

static lmp_status check(jobs *j, const job_request *q, const opened *source, char **chain, lmp_error *err)
{
    const int64_t n = source->format->n_times;
    const lmp_status status = job_chain_text(j->server, j->steps, q, false, chain, err);
    if (status != LMP_OK) {
        job_name_step(q, 0, err);
        return status;
    }
    if (q->out != NULL && !path_is_allowed(j->server, q->out, false, err)) return err->status;
    if (q->part_first <= n && q->part_count <= n - q->part_first) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "a part of %lld from %lld on was asked for, the recording has %lld",
                    (long long)q->part_count, (long long)q->part_first, (long long)n);
}

/* Takes request and source. */
static job *new_job(job_request *q, opened *source)
{
    job *one = calloc(1, sizeof *one);
    if (one == NULL) return NULL;
    one->request = *q;
    one->source = source;
    memcpy(one->source_id, source->id, sizeof one->source_id);
    return one;
}

/* Under the lock, which its lane waits for before it looks. */
static lmp_status put_in_line(jobs *j, job *one, lmp_error *err)
{
    if (j->is_ending || job_list_waiting(j->first) >= MOST_WAITING)
        return lmp_fail(err, LMP_ERR_IO, "%d jobs wait already: let some of them end, or cancel them", MOST_WAITING);
    snprintf(one->id, sizeof one->id, "%lld", (long long)++j->n_made);
    if (asprintf(&one->folder, "%s/job-%s", server_scratch(j->server), one->id) < 0) {
        one->folder = NULL;
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a job");
    }
    if (!lanes_start(j, one->request.is_preview))
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no thread left for a job");
    job **at = &j->first;
    while (*at != NULL) at = &(*at)->next;
    *at = one;
    return LMP_OK;
}

/* Under the lock: the preview of what is looked at now replaces the one of before. */
static void cancel_previews(jobs *j, const job *next)
{
    for (job *one = j->first; one != NULL; one = one->next)
        if (!job_has_ended(one) && job_is_replaced(one, next)) job_cancel(one);
}

lmp_status jobs_post(jobs *j, job_request *q, opened *source, json_t **answer, lmp_error *err)
{
    job *one = new_job(q, source);
    if (one == NULL) {
        job_request_clear(q);
        recording_release(j->server, source);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a job");
    }
    lmp_status status = check(j, &one->request, source, &one->chain, err);
    pthread_mutex_lock(&j->lock);
    if (status == LMP_OK) cancel_previews(j, one);
    if (status == LMP_OK) status = put_in_line(j, one, err);
    if (status == LMP_OK) {
        *answer = job_json(j->server, one, server_clock_s());
        job *replaced = job_list_take_replaced(&j->first, one);
        jobs_tell_and_unlock(j, one);
        job_list_free(j->server, replaced);
        return LMP_OK;
    }
    pthread_mutex_unlock(&j->lock);
    job_list_free(j->server, one);
    return status;
}

/* ---- Asking -------------------------------------------------------------------------------------------------- */

json_t *jobs_json(jobs *j)
{
    json_t *all = json_array();
    pthread_mutex_lock(&j->lock);
    for (const job *one = j->first; one != NULL; one = one->next)
        json_array_append_new(all, job_json(j->server, one, server_clock_s()));
    pthread_mutex_unlock(&j->lock);
    return all;
}

json_t *jobs_one(jobs *j, const char *id)
{
    pthread_mutex_lock(&j->lock);
    const job *one = job_list_find(j->first, id);
    json_t *answer = one != NULL ? job_json(j->server, one, server_clock_s()) : NULL;
    pthread_mutex_unlock(&j->lock);
    return answer;
}

json_t *jobs_cancel(jobs *j, const char *id)
{
    pthread_mutex_lock(&j->lock);
    job *one = job_list_find(j->first, id);
    if (one == NULL || job_has_ended(one)) {
        json_t *answer = one != NULL ? job_json(j->server, one, server_clock_s()) : NULL;
        pthread_mutex_unlock(&j->lock);
        return answer;
    }
    job_cancel(one);
    json_t *answer = job_json(j->server, one, server_clock_s());
    jobs_tell_and_unlock(j, one);
    return answer;
}

static bool has_table(const job *one, const char *name)
{
    size_t i;
    json_t *table;
    json_array_foreach(one->tables, i, table)
    {
        if (strcmp(json_string_value(table), name) == 0) return true;
    }
    return false;
}

char *jobs_file(jobs *j, const char *id, const char *name)
{
    char *path = NULL;
    pthread_mutex_lock(&j->lock);
    const job *one = job_list_find(j->first, id);
    if (one != NULL && has_table(one, name) && asprintf(&path, "%s/%s", one->folder, name) < 0) path = NULL;
    pthread_mutex_unlock(&j->lock);
    return path;
}

lmp_status jobs_plan(jobs *j, const job_request *q, opened *source, json_t **answer, lmp_error *err)
{
    char *folder = NULL;
    pthread_mutex_lock(&j->lock);
    if (asprintf(&folder, "%s/plan-%lld", server_scratch(j->server), (long long)++j->n_made) < 0) folder = NULL;
    pthread_mutex_unlock(&j->lock);
    if (folder == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    pthread_mutex_lock(&j->planning);
    const lmp_status status = job_plan_answer(j->server, j->steps, q, source, folder, answer, err);
    pthread_mutex_unlock(&j->planning);
    free(folder);
    return status;
}

/* ---- Life ---------------------------------------------------------------------------------------------------- */

jobs *jobs_new(server *s)
{
    jobs *j = calloc(1, sizeof *j);
    char *steps = lmp_engine_steps(server_engine(s));
    if (j != NULL && steps != NULL) j->steps = json_loads(steps, 0, NULL);
    lmp_text_free(steps);
    if (j == NULL || j->steps == NULL) {
        free(j);
        return NULL;
    }
    j->server = s;
    lanes_make(j);
    pthread_mutex_init(&j->planning, NULL);
    pthread_mutex_init(&j->lock, NULL);
    return j;
}

void jobs_free(jobs *j)
{
    if (j == NULL) return;
    pthread_mutex_lock(&j->lock);
    j->is_ending = true;
    for (job *one = j->first; one != NULL; one = one->next)
        if (!job_has_ended(one)) job_cancel(one);
    pthread_mutex_unlock(&j->lock);
    lanes_join(j);
    job_list_free(j->server, j->first);
    pthread_mutex_destroy(&j->planning);
    pthread_mutex_destroy(&j->lock);
    json_decref(j->steps);
    free(j);
}
