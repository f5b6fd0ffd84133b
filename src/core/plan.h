/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.h: chain + recording + limits -> what will be done, in which order, with how much memory.
 *
 * A plan holds each step's own plan and the streams between them. It is metadata only.
 */
#ifndef LIMPID_CORE_PLAN_H
#define LIMPID_CORE_PLAN_H

#include "core/chain.h"
#include "core/recording.h"

/* ---- Steps in their place ---- */

typedef struct plan_step {
    const lmp_step *step;
    const void *params;
    int64_t index; /* in the chain */
    lmp_stream in;
    lmp_step_plan plan; /* plan.out: the stream that leaves */
    void *shared;       /* between open and close */
    bool is_open;
    bool is_absorbed;          /* the next step does its work */
    struct plan_step *through; /* plan.learn_through, planned for the times that are learned; NULL: none */
} plan_step;

typedef struct run_plan {
    const lmp_recording *recording;
    plan_step *steps;
    int64_t n_steps;
    int64_t n_workers, block_length, n_groups; /* of the main pass */
    uint64_t bytes_expected, bytes_limit;
    int64_t spill_step;   /* what reaches this step goes to a scratch file once; -1: nothing does */
    uint64_t spill_bytes; /* of that file */
    bool is_spilled;      /* it is written: the plan keeps it */
    int64_t main_step;    /* the main pass begins here: behind the last step that generates, or the scratch file */
} run_plan;

/* Plans every step against the recording; plan_fit() then fits them into the limits. Allocates metadata only. */
LMP_CHECKED lmp_status plan_new(const lmp_recording *recording, const lmp_chain *chain, run_plan **made,
                                lmp_error *err);
void plan_free(run_plan *plan);

/* Plans step i anew for the stream that leaves step i-1: after a learning pass has changed events. */
LMP_CHECKED lmp_status plan_step_again(run_plan *plan, int64_t i, lmp_error *err);

/* True if the step touches values; if it needs all lanes of an instant for that. */
bool plan_step_works(const plan_step *ps);
bool plan_step_joins(const lmp_step *step);

/* True if anything will be asked of the step, so that it must be opened: values, learning, a table, an image. */
bool plan_step_is_needed(const plan_step *ps);

/* The stream that reaches step i; i = n_steps: that leaves the chain. */
const lmp_stream *plan_stream(const run_plan *plan, int64_t i);

/* Warnings of a step's plan, one sentence a line; "" if none. */
const char *plan_step_warnings(const plan_step *step);

/* ---- Printing ---- */

char *plan_to_text(const run_plan *plan, const lmp_chain *chain);
json_t *plan_to_json(const run_plan *plan);

#endif
