/* SPDX-License-Identifier: BSD-3-Clause
 *
 * layout.h: one pass over the data: which steps run together, which lanes each of them sees, what memory that takes.
 * Metadata only.
 */
#ifndef LIMPID_CORE_LAYOUT_H
#define LIMPID_CORE_LAYOUT_H

#include "core/plan.h"

typedef enum op_kind {
    OP_ROUTE,   /* pick lanes, crop time */
    OP_PROCESS, /* a step of grain time */
    OP_LEARN    /* the end of a learning pass */
} op_kind;

typedef struct layout_op {
    op_kind kind;
    plan_step *step;
    int64_t first, count; /* OP_ROUTE: times that go on */
    int64_t *lanes;       /* per slot of the stage: the lane of step->in */
} layout_op;

/* Neighbouring steps that run together on each lane (grain time), or one step of grain frame. */
typedef struct layout_stage {
    lmp_grain grain;
    layout_op *ops; /* grain frame: one, OP_PROCESS */
    int64_t n_ops;
    int64_t n_slots;   /* lanes in flight: those of the boundary behind it */
    int64_t *in_slots; /* per slot: the slot of the boundary before it; NULL for grain frame */
} layout_stage;

/* A place between two stages where data wait: which lanes of the stream, and which sinks read them. */
typedef struct layout_boundary {
    const lmp_stream *stream;
    int64_t n_lanes;
    int64_t *lanes; /* ascending */
    plan_step **sinks;
    int64_t n_sinks;
} layout_boundary;

typedef struct layout {
    int64_t first, count; /* times read from the source */
    layout_stage *stages;
    layout_boundary *boundaries; /* n_stages + 1 */
    int64_t n_stages;
    int64_t n_lanes_max; /* of any boundary */
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

#endif
