/* SPDX-License-Identifier: BSD-3-Clause
 *
 * slices.h: work that is cut into numbered slices and may fail.
 */
#ifndef LIMPID_CORE_SLICES_H
#define LIMPID_CORE_SLICES_H

#include <limpid/step.h>

typedef lmp_status slices_job(void *user, int64_t slice, int64_t worker, lmp_error *err);

/* True: no further slices. */
typedef bool slices_between(void *user);

/* Runs job(user, i, worker) for each i in [0, n) on at most n_workers workers, the caller's thread among them. Slices
 * are taken in order: below one that fails, every other has been tried, and the lowest failure is the one that is told.
 * `between` (may be NULL) is called on the caller's thread after each of its slices; LMP_CANCELLED if it says so. */
LMP_CHECKED lmp_status slices_run(int64_t n_workers, int64_t n, slices_job *job, slices_between *between, void *user,
                                  lmp_error *err);

#endif
