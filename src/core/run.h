/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run.h: the run object.
 */
#ifndef LIMPID_CORE_RUN_H
#define LIMPID_CORE_RUN_H

#include "core/digest.h"
#include "core/plan.h"
#include "core/pool.h"
#include "core/sink.h"
#include "core/spool.h"

#include <stdatomic.h>

struct lmp_run {
    lmp_engine *engine;
    lmp_recording *recording;
    const lmp_chain *chain;
    run_plan *plan;
    lmp_run_options options;
    char *command;
    pool *workers;
    lmp_budget *budget;
    sink **sinks; /* per step; NULL where there is none */
    json_t *steps, *warnings, *record;
    char input_digest[DIGEST_TEXT]; /* "" if none */
    const char *no_input_digest;    /* why there is none; NULL: there is one, or nothing to say */
    uint64_t peak_bytes;
    uint64_t losses; /* os_lost_count() when it began */
    double started_s;
    double wall_s, cpu_s;
    lmp_source source;   /* what passes read: the recording, a scratch file, what a step has generated */
    int64_t source_step; /* the first step that is not yet in it */
    spool *scratch;      /* NULL: none */
    bool widened;        /* a value did not fit the kept grid: ranges are picked from the data */
    bool has_run;
    int64_t fail_allocation; /* for tests: this allocation fails; 0: none */

    atomic_bool cancelled;
    lmp_progress_fn *progress;
    void *progress_user;
    double told_s;                 /* when progress was last told */
    double part_first, part_share; /* of the whole, for the pass that runs */
    const char *part_name;
};

#endif
