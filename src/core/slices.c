/* SPDX-License-Identifier: BSD-3-Clause
 *
 * slices.c: a round of the pool that remembers the lowest failure.
 */
#include "core/slices.h"

#include "core/pool.h"
#include "os/os.h"

typedef struct slices_round {
    slices_job *job;
    slices_between *between;
    void *user;
    os_mutex *lock; /* guards the rest */
    int64_t failed; /* lowest slice that failed, INT64_MAX if none, -1 if cancelled */
    lmp_status status;
    lmp_error err;
} slices_round;

static void run_slice(void *user, int64_t i, int64_t worker)
{
    slices_round *r = user;
    os_mutex_lock(r->lock);
    const bool needed = i < r->failed;
    os_mutex_unlock(r->lock);
    if (!needed) return;
    lmp_error err = {0};
    const lmp_status status = r->job(r->user, i, worker, &err);
    if (status == LMP_OK) return;
    os_mutex_lock(r->lock);
    if (i < r->failed) {
        r->failed = i;
        r->status = status;
        r->err = err;
    }
    os_mutex_unlock(r->lock);
}

static void look_up(void *user)
{
    slices_round *r = user;
    if (r->between == NULL || !r->between(r->user)) return;
    os_mutex_lock(r->lock);
    r->failed = -1;
    r->status = lmp_fail(&r->err, LMP_CANCELLED, "cancelled");
    os_mutex_unlock(r->lock);
}

lmp_status slices_run(int64_t n_workers, int64_t n, slices_job *job, slices_between *between, void *user,
                      lmp_error *err)
{
    slices_round r = {.job = job, .between = between, .user = user, .lock = os_mutex_new(), .failed = INT64_MAX};
    if (r.lock == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a lock");
    pool *p = NULL;
    lmp_status status = pool_new(n_workers < n ? n_workers : n, &p, err);
    if (status == LMP_OK) {
        pool_run(p, n, run_slice, look_up, &r);
        pool_free(p);
        status = r.status;
        if (status != LMP_OK && err != NULL) *err = r.err;
    }
    os_mutex_free(r.lock);
    return status;
}
