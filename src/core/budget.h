/* SPDX-License-Identifier: BSD-3-Clause
 *
 * budget.h: the counted memory behind the promise of --memory. See step.h for lmp_take() and lmp_give().
 */
#ifndef LIMPID_CORE_BUDGET_H
#define LIMPID_CORE_BUDGET_H

#include "core/pool.h"

#include <limpid/step.h>

LMP_CHECKED lmp_status budget_new(uint64_t limit, lmp_budget **budget, lmp_error *err);
void budget_free(lmp_budget *budget);

/* Like lmp_take(), but what the memory holds is undefined: for buffers that are about to be overwritten. */
LMP_CHECKED lmp_status budget_take_raw(lmp_budget *budget, size_t bytes, void **memory, lmp_error *err);

/* Counts bytes that are held some other way (a mapped file) against the limit. */
LMP_CHECKED lmp_status budget_reserve(lmp_budget *budget, size_t bytes, lmp_error *err);
void budget_release(lmp_budget *budget, size_t bytes);

/* Returns to the system what was given back and kept for reuse: between passes, which need other sizes. */
void budget_trim(lmp_budget *budget);

uint64_t budget_limit(const lmp_budget *budget);
uint64_t budget_used(const lmp_budget *budget);
/* What could still be taken. */
uint64_t budget_room(lmp_budget *budget);
uint64_t budget_peak(const lmp_budget *budget);

/* What lmp_run_jobs() runs on from now on; NULL: the caller's thread. */
void budget_lend_workers(lmp_budget *budget, pool *workers);

/* For tests: the nth take from now on fails; 0: none. */
void budget_fail_at(lmp_budget *budget, int64_t nth);

/* "245 MB" with three digits, for people; the text lives in `text`. */
const char *budget_print_size(double bytes, char text[16]);

#endif
