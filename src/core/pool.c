/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pool.c: a round of numbered jobs at a time.
 *
 * The engine works in rounds (see pass.c): all jobs of a round are independent, and the next round starts when the last
 * one is done. So the pool needs no queue: a round is a counter that every worker takes numbers from. What a job does
 * never depends on which worker took it, except for the scratch memory it may use.
 *
 * Always true while the lock is free: `busy` workers are inside a round; a round begins only when busy is 0.
 */
#include "core/pool.h"

#include "os/os.h"

#include <limpid/step.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct worker {
    pool *of;
    int64_t number;
    os_thread *thread;
} worker;

struct pool {
    int64_t n_workers; /* with the caller's */
    worker *workers;   /* n_workers; [0] has no thread */
    os_mutex *lock;
    os_condition *begin, *finished;
    int64_t round; /* counts up at each pool_run */
    int64_t busy;
    bool closing;
    pool_job *job;
    void *user;
    int64_t count;
    atomic_llong next;
};

static void take_jobs(pool *p, int64_t number)
{
    for (;;) {
        const int64_t i = atomic_fetch_add(&p->next, 1);
        if (i >= p->count) return;
        p->job(p->user, i, number);
    }
}

static void worker_main(void *user)
{
    worker *w = user;
    pool *p = w->of;
    int64_t seen = 0;
    os_mutex_lock(p->lock);
    for (;;) {
        while (!p->closing && p->round == seen) os_condition_wait(p->begin, p->lock);
        if (p->closing) break;
        seen = p->round;
        os_mutex_unlock(p->lock);
        take_jobs(p, w->number);
        os_mutex_lock(p->lock);
        if (--p->busy == 0) os_condition_wake_all(p->finished);
    }
    os_mutex_unlock(p->lock);
}

lmp_status pool_new(int64_t n_workers, pool **made, lmp_error *err)
{
    pool *p = calloc(1, sizeof *p);
    if (p == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for worker threads");
    p->lock = os_mutex_new();
    p->begin = os_condition_new();
    p->finished = os_condition_new();
    p->workers = calloc((size_t)n_workers, sizeof *p->workers);
    bool ok = p->lock != NULL && p->begin != NULL && p->finished != NULL && p->workers != NULL;
    p->n_workers = 1;
    for (int64_t i = 1; i < n_workers && ok; i++) {
        p->workers[i] = (worker){.of = p, .number = i};
        ok = os_thread_start(worker_main, &p->workers[i], &p->workers[i].thread) == 0;
        if (ok) p->n_workers++;
    }
    if (!ok) {
        pool_free(p);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system cannot start %lld threads: lower --threads",
                        (long long)n_workers);
    }
    *made = p;
    return LMP_OK;
}

void pool_free(pool *p)
{
    if (p == NULL) return;
    if (p->lock != NULL && p->begin != NULL) {
        os_mutex_lock(p->lock);
        p->closing = true;
        os_condition_wake_all(p->begin);
        os_mutex_unlock(p->lock);
    }
    for (int64_t i = 1; p->workers != NULL && i < p->n_workers; i++) os_thread_join(p->workers[i].thread);
    free(p->workers);
    os_condition_free(p->finished);
    os_condition_free(p->begin);
    os_mutex_free(p->lock);
    free(p);
}

int64_t pool_worker_count(const pool *p)
{
    return p->n_workers;
}

void pool_run(pool *p, int64_t count, pool_job *job, pool_between *between, void *user)
{
    os_mutex_lock(p->lock);
    p->job = job;
    p->user = user;
    p->count = count;
    atomic_store(&p->next, 0);
    p->busy = p->n_workers - 1;
    p->round++;
    os_condition_wake_all(p->begin);
    os_mutex_unlock(p->lock);
    for (;;) {
        const int64_t i = atomic_fetch_add(&p->next, 1);
        if (i >= count) break;
        job(user, i, 0);
        if (between != NULL) between(user);
    }
    os_mutex_lock(p->lock);
    while (p->busy > 0) os_condition_wait(p->finished, p->lock);
    os_mutex_unlock(p->lock);
}
