/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pass_inside.h: what the parts of a pass share: its buffers, its jobs, and how each kind of data moves.
 */
#ifndef LIMPID_CORE_PASS_INSIDE_H
#define LIMPID_CORE_PASS_INSIDE_H

#include "core/pass.h"

#include "os/os.h"

#include <stdatomic.h>

typedef struct op_run {
    int64_t total_in, total_out;
    bool ended;
    int64_t n_in, n_out, first_in; /* of this round; first_in: how many came in before it */
    bool ends_now;
    int64_t held_most; /* room a delay needs */
    void **states;     /* per slot: the step's lane state, or a delay */
} op_run;

typedef struct buffer {
    void *data; /* signals: n_lanes x room values; movies: room frames, of the boundary's rows */
    int64_t first, count;
    bool ended;    /* the stream ends with this buffer */
    void *lent;    /* the source's until it is returned: data and stride are too */
    size_t stride; /* movies: bytes from a frame to the next */
    int64_t row;   /* movies: the row at which data begins */
} buffer;

typedef struct boundary_run {
    buffer buffers[2];
    int64_t room;
    int64_t total;
    bool is_kept;         /* some stage or sink reads it: it has buffers */
    bool is_lent;         /* by the source, instead of buffers */
    int64_t row, rows;    /* movies: the rows of its lanes */
    size_t instant_bytes; /* of what it holds: all its lanes, or these rows */
} boundary_run;

typedef enum job_kind {
    JOB_SINK,
    JOB_FRAMES,
    JOB_LANE,
    JOB_READ,   /* lent frames are touched instead */
    JOB_RETURN, /* what was lent two rounds ago */
    JOB_DIGEST
} job_kind;

typedef struct job {
    job_kind kind;
    int64_t place; /* stage, or boundary of a sink */
    int64_t item;  /* slot, or index of the sink (n_sinks: the scratch file), or piece of the digest */
    int64_t first, count;
} job;

typedef struct worker_memory {
    void *between[2]; /* values between two steps of a lane or frame */
    void *scratch;
    void **pointers, **more_pointers; /* per lane */
} worker_memory;

typedef struct pass {
    const pass_setup *setup;
    const layout *l;
    boundary_run *boundaries;
    op_run **ops;        /* per stage */
    size_t widest_bytes; /* most between two steps */
    int64_t n_rounds, round;
    worker_memory *memory;
    int64_t n_workers;
    job *jobs;
    int64_t n_jobs, jobs_room;
    int64_t next_piece;
    void *returned; /* lent frames that are no longer needed, NULL: none */
    os_mutex *lock; /* guards the failure */
    int64_t failed_job;
    lmp_status failed_status;
    lmp_error failed;
    atomic_llong jobs_done;
} pass;

/* Buffers that are being filled, and those that were filled in the round before. */
static inline int pass_now(const pass *p)
{
    return (int)(p->round & 1);
}

static inline int pass_before(const pass *p)
{
    return (int)((p->round + 1) & 1);
}

/* True once the run is to stop: what a job has not done yet will not be looked at. */
static inline bool pass_is_cancelled(const pass *p)
{
    return p->setup->watch.is_cancelled != NULL && p->setup->watch.is_cancelled(p->setup->watch.user);
}

/* How the jobs of a place are done, by the kind of data that stand there. */
typedef lmp_status pass_do(pass *p, const job *j, worker_memory *m, lmp_error *err);
pass_do pass_read_signals, pass_sink_signals, pass_frames_of_signals, pass_lane_of_signals;
pass_do pass_read_movie, pass_sink_movie, pass_frames_of_movie, pass_lane_of_movie;

bool pass_lane_is_active(const layout_op *op, int64_t slot);

/* A place in a boundary of signals: values of a slot from `first` on. */
void *pass_values_at(const pass *p, int64_t boundary, const buffer *b, int64_t slot, int64_t first);

/* ---- Memory: pass_memory.c ---- */

/* After the rehearsal: buffers, worker memory, states of lanes; all given back by pass_give_memory(). */
LMP_CHECKED lmp_status pass_take_memory(pass *p, lmp_error *err);
void pass_give_memory(pass *p);

/* Values that a lane leaves alone wait in a delay while the step's other lanes are held back. */
typedef struct delay {
    int64_t head, held;
    double values[];
} delay;

#endif
