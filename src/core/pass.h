/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pass.h: one pass over the data, round by round.
 */
#ifndef LIMPID_CORE_PASS_H
#define LIMPID_CORE_PASS_H

#include "core/digest.h"
#include "core/layout.h"
#include "core/pool.h"
#include "core/sink.h"
#include "core/spool.h"

/* Progress and cancel of a run, shared by its passes. `between` is called on the caller's thread after each job. */
typedef struct pass_watch {
    void *user;
    bool (*is_cancelled)(void *user);
    void (*between)(void *user, double fraction_of_pass);
} pass_watch;

typedef struct pass_setup {
    const layout *layout;
    int64_t block_length;
    pool *workers;
    lmp_budget *budget;
    sink *const *sinks;   /* per step of the chain; NULL where it is not a sink */
    spool *scratch;       /* gets what leaves the last step; NULL if none */
    digest *input_digest; /* read along; NULL if none */
    int64_t stop_after;   /* learning: this many values are enough; 0: all */
    uint64_t losses;      /* os_lost_count() when the run began */
    pass_watch watch;
} pass_setup;

/* Runs it from the first block to the last. */
LMP_CHECKED lmp_status pass_run(const pass_setup *setup, lmp_error *err);

#endif
