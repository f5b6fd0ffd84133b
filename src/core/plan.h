/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.h: chain + recording + limits -> what will be done, in which order, with how much memory.
 *
 * A plan holds each step's own plan and the streams between them; a layout says which steps run together in one pass
 * over the data. Both are metadata only.
 */
#ifndef LIMPID_CORE_PLAN_H
#define LIMPID_CORE_PLAN_H

#include "core/chain.h"
#include "core/recording.h"

/* ---- Steps in their place ---- */

typedef struct plan_step {
    const lmp_step *step;
    const void     *params;
    int64_t         index;  /* in the chain */
    lmp_stream      in;
    lmp_step_plan   plan;   /* plan.out: the stream that leaves */
    void           *shared; /* between open and close */
    bool            is_open;
} plan_step;

typedef struct run_plan {
    const lmp_recording *recording;
    plan_step *steps;
    int64_t    n_steps;
    int64_t    n_workers, block_length, n_groups; /* of the main pass */
    uint64_t   bytes_expected, bytes_limit;
} run_plan;

/* Plans every step against the recording, then fits the main pass into the engine's limits. Allocates metadata only. */
LMP_CHECKED lmp_status plan_new(const lmp_recording *recording, const lmp_chain *chain, const lmp_engine *engine,
                                run_plan **made, lmp_error *err);
void plan_free(run_plan *plan);

/* Plans step i anew for the stream that leaves step i-1: after a learning pass has changed events. */
LMP_CHECKED lmp_status plan_step_again(run_plan *plan, int64_t i, lmp_error *err);

/* Fits workers, block length and groups into the limit; LMP_ERR_MEMORY names the smallest limit that would do. */
LMP_CHECKED lmp_status plan_fit(run_plan *plan, const lmp_engine *engine, lmp_error *err);

/* The stream that reaches step i; i = n_steps: that leaves the chain. */
const lmp_stream *plan_stream(const run_plan *plan, int64_t i);

/* Warnings of a step's plan, one sentence a line; "" if none. */
const char *plan_step_warnings(const plan_step *step);

/* ---- One pass over the data ---- */

typedef enum op_kind {
    OP_ROUTE,   /* pick lanes, crop time */
    OP_PROCESS, /* a step of grain time */
    OP_LEARN    /* the end of a learning pass */
} op_kind;

typedef struct layout_op {
    op_kind    kind;
    plan_step *step;
    int64_t    first, count; /* OP_ROUTE: times that go on */
    int64_t   *lanes;        /* per slot of the stage: the lane of step->in */
} layout_op;

/* Neighbouring steps that run together on each lane (grain time), or one step of grain frame. */
typedef struct layout_stage {
    lmp_grain  grain;
    layout_op *ops; /* grain frame: one, OP_PROCESS */
    int64_t    n_ops;
    int64_t    n_slots;  /* lanes in flight: those of the boundary behind it */
    int64_t   *in_slots; /* per slot: the slot of the boundary before it; NULL for grain frame */
} layout_stage;

/* A place between two stages where data wait: which lanes of the stream, and which sinks read them. */
typedef struct layout_boundary {
    const lmp_stream *stream;
    int64_t           n_lanes;
    int64_t          *lanes; /* ascending */
    plan_step       **sinks;
    int64_t           n_sinks;
} layout_boundary;

typedef struct layout {
    int64_t          first, count; /* times read from the source */
    layout_stage    *stages;
    layout_boundary *boundaries; /* n_stages + 1 */
    int64_t          n_stages;
    int64_t          n_lanes_max; /* of any boundary */
} layout;

/* The pass through steps [0, n_steps) to their sinks, or, with `learner`, through [0, n_steps) into its learning.
 * only_lanes (of the source, may be NULL): the lanes of one group. */
LMP_CHECKED lmp_status layout_new(const run_plan *plan, int64_t n_steps, plan_step *learner, const bool *only_lanes,
                                  layout **made, lmp_error *err);
void layout_free(layout *l);

/* True if any stage needs all lanes of an instant, so that lanes cannot be run in groups. */
bool layout_is_joined(const layout *l);

/* Bytes that a pass will take with this block length and number of workers, without the steps' shared state. */
uint64_t layout_bytes(const layout *l, const run_plan *plan, int64_t block_length, int64_t n_workers);

/* Most values between two rounds at a boundary: see pass.c. */
int64_t layout_boundary_room(const layout *l, int64_t boundary, int64_t block_length);

/* ---- Printing ---- */

char *plan_to_text(const run_plan *plan, const lmp_chain *chain);
json_t *plan_to_json(const run_plan *plan);

#endif
