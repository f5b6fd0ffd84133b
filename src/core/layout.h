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
    OP_CONVERT, /* movies: another number type */
    OP_PROCESS, /* a step's own work */
    OP_LEARN    /* the end of a learning pass */
} op_kind;

typedef struct layout_op {
    op_kind kind;
    plan_step *step;
    int64_t first, count; /* OP_ROUTE: times that go on */
    int64_t *lanes;       /* per slot of the stage: the lane of step->in */
    lmp_format out;       /* what leaves; borrows its lists */
} layout_op;

/* Neighbouring steps that run together: on each lane (grain time), or on each frame (grain frame; of signals: one
 * step). */
typedef struct layout_stage {
    lmp_grain grain;
    layout_op *ops;
    int64_t n_ops;
    int64_t n_slots;   /* lanes in flight: those of the boundary behind it */
    int64_t *in_slots; /* per slot: the slot of the boundary before it; NULL for grain frame */
} layout_stage;

/* A place between two stages where data wait: which lanes of the stream, and which sinks read them. */
typedef struct layout_boundary {
    lmp_format format; /* borrows its lists */
    int64_t n_lanes;
    int64_t *lanes; /* ascending */
    plan_step **sinks;
    int64_t n_sinks;
} layout_boundary;

typedef struct layout {
    const lmp_source *source;
    int64_t first, count; /* times read from the source */
    int64_t promised;     /* times that leave, -1: not known before */
    layout_stage *stages;
    layout_boundary *boundaries; /* n_stages + 1 */
    int64_t n_stages;
    int64_t n_lanes_max;                /* of any boundary */
    bool keeps_end;                     /* the last boundary's data are kept for the scratch file */
    uint64_t pack_bytes;                /* the most that any sink takes beyond the frames it writes */
    int64_t learn_pass;                 /* of the step that learns at the end */
    const lmp_frame_list *learn_frames; /* all it needs to see; NULL: every one */
} layout;

/* Which steps a pass runs. */
typedef struct layout_request {
    const lmp_source *source; /* what the first of them reads */
    int64_t first_step, end_step;
    plan_step *learner;     /* the pass ends in its learning; NULL: none */
    int64_t learn_pass;     /* which of its passes */
    const bool *only_lanes; /* of the source: the lanes of one group; NULL: all */
    bool keeps_end;
} layout_request;

LMP_CHECKED lmp_status layout_new(const run_plan *plan, const layout_request *request, layout **made, lmp_error *err);
void layout_free(layout *l);

/* True if any stage needs all lanes of an instant, so that lanes cannot be run in groups. */
bool layout_is_joined(const layout *l);

/* Scratch that an op needs on each worker. */
size_t layout_scratch_bytes(const layout_op *op);

/* The stage that feeds whole frames to a learner. */
bool layout_learns_images(const layout_stage *stage);
/* True if the last stage makes whole frames: they go somewhere even if nobody takes them (a chain that only finds
 * something out). */
bool layout_makes_frames(const layout *l);

/* Bytes that a pass will take with this block length and number of workers, without the steps' shared state. */
uint64_t layout_bytes(const layout *l, int64_t block_length, int64_t n_workers);

/* Of these, the states of lanes. */
uint64_t layout_state_bytes(const layout *l, int64_t block_length);

/* Bytes of one instant of one lane (the largest band of rows), and of one instant of all lanes. */
size_t layout_lane_bytes(const lmp_format *format);
size_t layout_instant_bytes(const lmp_format *format);

/* Rows of a movie's boundary: those of its lanes, which lie one behind the other. */
void layout_rows(const layout_boundary *boundary, int64_t *row, int64_t *rows);

#endif
