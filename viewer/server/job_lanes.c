/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_lanes.c: the threads that jobs run in. A lane's thread lives as long as there is something in line for it.
 */
#include "job_lanes.h"

#include "job_json.h"
#include "job_list.h"

#include <stdio.h>
#include <string.h>

/* ---- Telling ------------------------------------------------------------------------------------------------- */

/* Told under the lock: news come in the order in which things happened. */
void jobs_tell_and_unlock(jobs *j, const job *one)
{
    opened *sources[MOST_WAITING + N_LANES];
    int n = 0;
    news_tell(j->server, "job", job_json(j->server, one, server_clock_s()));
    for (job *each = j->first; each != NULL; each = each->next) {
        if (!job_has_ended(each) || each->source == NULL) continue;
        if (each != one) news_tell(j->server, "job", job_json(j->server, each, server_clock_s()));
        sources[n++] = each->source;
        each->source = NULL;
        job_request_shrink(&each->request);
    }
    job *old = job_list_take_old(&j->first, MOST_KEPT);
    pthread_mutex_unlock(&j->lock);
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
    jobs_tell_and_unlock(j, one);
}

static bool may_wait(void *user, const job *one)
{
    jobs *j = user;
    bool another_ends = false;
    pthread_mutex_lock(&j->lock);
    for (const job *each = j->first; each != NULL; each = each->next)
        another_ends |= each != one && each->state == JOB_RUNNING && each->memory_bytes > 0;
    another_ends &= !one->is_cancelled;
    pthread_mutex_unlock(&j->lock);
    return another_ends;
}

static bool tell(void *user, job *one, const lmp_progress *progress)
{
    jobs *j = user;
    pthread_mutex_lock(&j->lock);
    const bool goes_on = !one->is_cancelled;
    one->fraction = progress->fraction;
    snprintf(one->stage, sizeof one->stage, "%s", progress->what != NULL ? progress->what : "");
    jobs_tell_and_unlock(j, one);
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
    jobs_tell_and_unlock(j, one);
}

static void run_one(jobs *j, job *one)
{
    const job_watch watch = {.server = j->server,
                             .steps = j->steps,
                             .planning = &j->planning,
                             .user = j,
                             .set_run = set_run,
                             .set_memory = set_memory,
                             .may_wait = may_wait,
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
        jobs_tell_and_unlock(j, one);
        run_one(j, one);
    }
    pthread_mutex_unlock(&j->lock);
}

/* ---- Lanes --------------------------------------------------------------------------------------------------- */

void lanes_make(jobs *j)
{
    for (int i = 0; i < N_LANES; i++) j->lanes[i] = (lane){.jobs = j, .is_preview = i > 0};
}

/* A thread that is not busy has ended or is about to, and takes the lock no more. */
static bool start(lane *l)
{
    worker_join(l->worker);
    l->worker = worker_start(l->jobs->server, work, l);
    l->is_busy = l->worker != NULL;
    return l->is_busy;
}

bool lanes_start(jobs *j, bool is_preview)
{
    bool has_any = false;
    for (int i = 0; i < N_LANES; i++) {
        lane *l = &j->lanes[i];
        if (l->is_preview != is_preview) continue;
        if (!l->is_busy && start(l)) return true;
        has_any |= l->is_busy;
    }
    return has_any;
}

void lanes_join(jobs *j)
{
    for (int i = 0; i < N_LANES; i++) worker_join(j->lanes[i].worker);
}
