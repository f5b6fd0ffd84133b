/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jobs.c: chains that run in the background. Two lanes, one for runs and one for previews; a lane's thread lives as
 * long as there is something in line for it.
 */
#include "jobs.h"

#include "job_chain.h"
#include "job_json.h"
#include "job_list.h"
#include "job_plan.h"

#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WAITING = 16, MOST_KEPT = 50, N_LANES = 2 };

typedef struct lane {
    jobs *jobs;
    bool is_preview, is_busy;
    worker *worker; /* to be joined, also if it is not busy any more */
} lane;

struct jobs {
    server *server;
    json_t *steps; /* of the registry */
    pthread_mutex_t planning;
    pthread_mutex_t lock; /* of all that follows */
    job *first;           /* in the order they came */
    lane lanes[N_LANES];
    int64_t n_made;
    bool is_ending;
};

/* ---- Telling ------------------------------------------------------------------------------------------------- */

/* Unlocks, and then tells what a job has come to, and those that have ended meanwhile; lets go of their recordings. */
static void unlock_and_tell(jobs *j, const job *one)
{
    opened *sources[MOST_WAITING + N_LANES];
    int n = 0;
    size_t i;
    json_t *news = json_array(), *item;
    json_array_append_new(news, job_json(j->server, one, server_clock_s()));
    for (job *each = j->first; each != NULL; each = each->next) {
        if (!job_has_ended(each) || each->source == NULL) continue;
        if (each != one) json_array_append_new(news, job_json(j->server, each, server_clock_s()));
        sources[n++] = each->source;
        each->source = NULL;
    }
    job *old = job_list_take_old(&j->first, MOST_KEPT);
    pthread_mutex_unlock(&j->lock);
    json_array_foreach(news, i, item) news_tell(j->server, "job", json_incref(item));
    json_decref(news);
    while (n > 0) recording_release(j->server, sources[--n]);
    job_list_free(j->server, old);
}

static void set_run(void *user, job *one, lmp_run *run)
{
    jobs *j = user;
    pthread_mutex_lock(&j->lock);
    one->run = run;
    if (run != NULL && one->is_cancelled) lmp_run_cancel(run);
    pthread_mutex_unlock(&j->lock);
}

static void set_memory(void *user, job *one, uint64_t bytes)
{
    jobs *j = user;
    pthread_mutex_lock(&j->lock);
    one->memory_bytes = bytes;
    unlock_and_tell(j, one);
}

static bool tell(void *user, job *one, const lmp_progress *progress)
{
    jobs *j = user;
    pthread_mutex_lock(&j->lock);
    const bool goes_on = !one->is_cancelled;
    one->fraction = progress->fraction;
    snprintf(one->stage, sizeof one->stage, "%s", progress->what != NULL ? progress->what : "");
    unlock_and_tell(j, one);
    return goes_on;
}

/* ---- Running ------------------------------------------------------------------------------------------------- */

static void finish(jobs *j, job *one, lmp_status status, const lmp_error *err, const char *result, json_t *tables)
{
    pthread_mutex_lock(&j->lock);
    one->seconds = server_clock_s() - one->began_s;
    one->state = status == LMP_OK                               ? JOB_DONE
                 : status == LMP_CANCELLED || one->is_cancelled ? JOB_CANCELLED
                                                                : JOB_FAILED;
    one->error = *err;
    one->tables = tables;
    if (status == LMP_OK) one->fraction = 1;
    snprintf(one->result_id, sizeof one->result_id, "%s", result);
    unlock_and_tell(j, one);
}

static void run_one(jobs *j, job *one)
{
    const job_watch watch = {.server = j->server,
                             .steps = j->steps,
                             .planning = &j->planning,
                             .user = j,
                             .set_run = set_run,
                             .set_memory = set_memory,
                             .tell = tell};
    char result[sizeof one->result_id] = "";
    json_t *tables = NULL;
    lmp_error err = {0};
    const lmp_status status = job_execute(&watch, one, result, &tables, &err);
    finish(j, one, status, &err, result, tables);
}

static void work(worker *w, void *user)
{
    lane *l = user;
    jobs *j = l->jobs;
    (void)w; /* the server ends its jobs before its threads */
    for (;;) {
        pthread_mutex_lock(&j->lock);
        job *one = j->is_ending ? NULL : job_list_next(j->first, l->is_preview);
        l->is_busy = one != NULL;
        if (one == NULL) break;
        one->state = JOB_RUNNING;
        one->began_s = server_clock_s();
        unlock_and_tell(j, one);
        run_one(j, one);
    }
    pthread_mutex_unlock(&j->lock);
}

/* Under the lock: a thread that is not busy has ended or is about to, and takes the lock no more. */
static bool start_lane(lane *l)
{
    if (l->is_busy) return true;
    worker_join(l->worker);
    l->worker = worker_start(l->jobs->server, work, l);
    l->is_busy = l->worker != NULL;
    return l->is_busy;
}

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
    if (!start_lane(&j->lanes[one->request.is_preview]))
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no thread left for a job");
    job **at = &j->first;
    while (*at != NULL) at = &(*at)->next;
    *at = one;
    return LMP_OK;
}

/* Under the lock: the preview of what is looked at now replaces the one of before. */
static void cancel_previews(jobs *j, const char *source_id)
{
    for (job *one = j->first; one != NULL; one = one->next)
        if (one->request.is_preview && !job_has_ended(one) && strcmp(one->source_id, source_id) == 0) job_cancel(one);
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
    if (status == LMP_OK && one->request.is_preview) cancel_previews(j, one->source_id);
    if (status == LMP_OK) status = put_in_line(j, one, err);
    if (status == LMP_OK) {
        *answer = job_json(j->server, one, server_clock_s());
        unlock_and_tell(j, one);
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
    unlock_and_tell(j, one);
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
    for (int i = 0; i < N_LANES; i++) j->lanes[i] = (lane){.jobs = j, .is_preview = i == 1};
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
    for (int i = 0; i < N_LANES; i++) worker_join(j->lanes[i].worker);
    job_list_free(j->server, j->first);
    pthread_mutex_destroy(&j->planning);
    pthread_mutex_destroy(&j->lock);
    json_decref(j->steps);
    free(j);
}
