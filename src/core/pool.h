/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pool.h: workers that run numbered jobs; the caller's thread is worker 0 and works too.
 */
#ifndef LIMPID_CORE_POOL_H
#define LIMPID_CORE_POOL_H

#include <limpid/limpid.h>

typedef struct pool pool;

LMP_CHECKED lmp_status pool_new(int64_t n_workers, pool **made, lmp_error *err);
void pool_free(pool *p);
int64_t pool_worker_count(const pool *p);

/* Runs job(user, i, worker) once for each i in [0, count), lower numbers first, and returns when all are done.
 * `between` (may be NULL) is called on the caller's thread after each of its jobs. */
typedef void pool_job(void *user, int64_t i, int64_t worker);
typedef void pool_between(void *user);
void pool_run(pool *p, int64_t count, pool_job *job, pool_between *between, void *user);

#endif
