/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan_fit.h: a plan within the engine's limits.
 */
#ifndef LIMPID_CORE_PLAN_FIT_H
#define LIMPID_CORE_PLAN_FIT_H

#include "core/layout.h"

/* How one pass fits. */
typedef struct pass_fit {
    int64_t n_workers, block_length, n_groups;
    uint64_t bytes; /* that it takes; if it does not fit: the least that it needs */
} pass_fit;

/* Fits workers, block length and groups of the main pass into the limit, over a scratch file where that is needed;
 * LMP_ERR_MEMORY names the smallest limit that would do for all passes. */
LMP_CHECKED lmp_status plan_fit(run_plan *plan, const lmp_engine *engine, lmp_error *err);

/* The same for one pass; the request's only_lanes are left alone. */
LMP_CHECKED lmp_status plan_fit_pass(const run_plan *plan, const lmp_engine *engine, const layout_request *request,
                                     pass_fit *fit, lmp_error *err);

/* What step i reads if a pass begins there, for planning: without data. */
lmp_source plan_source(const run_plan *plan, int64_t i);

#endif
