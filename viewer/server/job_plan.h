/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_plan.h: what a chain would do with a recording: kind and rate of the result, memory, passes.
 */
#ifndef LIMPID_VIEWER_JOB_PLAN_H
#define LIMPID_VIEWER_JOB_PLAN_H

#include "job_chain.h"

typedef struct job_plan {
    lmp_kind kind;         /* of what leaves the last step */
    double rate_hz;        /* likewise; 0 if unknown */
    int64_t n_channels;    /* likewise; 0: a movie */
    uint64_t bytes;        /* likewise: of all its numbers, */
    uint64_t spill_bytes;  /* and of a file that the run needs meanwhile */
    uint64_t memory_bytes; /* that the run expects to use */
    int64_t passes;
    json_t *json; /* as `limpid plan --json` */
    char *text;   /* as `limpid plan` */
} job_plan;

/* Touches no file but those that parameters name. */
LMP_CHECKED lmp_status job_plan_make(lmp_engine *engine, lmp_recording *recording, const lmp_chain *chain,
                                     job_plan *plan, lmp_error *err);
void job_plan_clear(job_plan *plan);

/* The answer to POST plan. folder: for the request's files, while it takes. */
LMP_CHECKED lmp_status job_plan_answer(server *s, const json_t *steps, const job_request *q, opened *source,
                                       const char *folder, json_t **answer, lmp_error *err);

/* Puts the name of the failing step before the sentence if it is not in it. skip: steps that come before the request's.
 */
void job_name_step(const job_request *q, int32_t skip, lmp_error *err);

#endif
