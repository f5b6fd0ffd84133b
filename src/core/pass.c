/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pass.c: blocks of time flow through the stages of a layout.
 *
 * The pass works in rounds. In round t the source reads block t, the first stage works on what the source read in
 * round t-1, the second on what the first gave in t-1, and so on; sinks write what stood at their boundary after t-1.
 * All of that is independent, so a round is one list of jobs for the pool: slices of time for reading, writing and
 * steps of grain frame; one job per lane for stages of grain time. Every boundary has two buffers that change places
 * after each round. That is the whole scheduler: order, bounded memory and back-pressure follow from it, and reading
 * the next block overlaps with computing on this one.
 *
 * How many values each step gives in each round depends on counts alone (lmp_step.ready), so the pass first plays all
 * rounds with counts only, to size every buffer exactly, and then with data.
 *
 * Always true between rounds: a boundary's buffer t holds the values [first, first + count) of its stream; nothing is
 * ever skipped or given twice; a lane's steps see its values in order.
 */
#include "core/pass.h"

#include "core/budget.h"
#include "core/stream.h"
#include "os/os.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Values waiting in a lane that a step leaves alone, while the step's other lanes are held back. */
typedef struct delay {
    int64_t head, held;
    double values[];
} delay;

typedef struct op_run {
    int64_t total_in, total_out;
    bool ended;
    int64_t n_in, n_out, first_in; /* of this round; first_in: how many came in before it */
    bool ends_now;
    int64_t held_most; /* room a delay needs */
    void **states;     /* per slot: the step's lane state, or a delay */
} op_run;

typedef struct buffer {
    void *data; /* n_lanes x room values */
    int64_t first, count;
    bool ended; /* the stream ends with this buffer */
} buffer;

typedef struct boundary_run {
    buffer buffers[2];
    int64_t room;
    int64_t total;
    bool is_kept; /* some stage or sink reads it: it has buffers */
} boundary_run;

typedef enum job_kind { JOB_SINK, JOB_FRAMES, JOB_LANE, JOB_READ, JOB_DIGEST } job_kind;

typedef struct job {
    job_kind kind;
    int64_t place; /* stage, or boundary of a sink */
    int64_t item;  /* slot, or index of the sink, or piece of the digest */
    int64_t first, count;
} job;

typedef struct worker_memory {
    void *between[2]; /* values between two steps of a lane */
    void *scratch;
    void **pointers, **more_pointers; /* per lane */
} worker_memory;

typedef struct pass {
    const pass_setup *setup;
    const layout *l;
    size_t value_bytes;
    boundary_run *boundaries;
    op_run **ops;   /* per stage */
    int64_t widest; /* most values between two steps */
    int64_t n_rounds, round;
    worker_memory *memory;
    int64_t n_workers;
    job *jobs;
    int64_t n_jobs, jobs_room;
    int64_t next_piece;
    os_mutex *lock; /* guards the failure */
    int64_t failed_job;
    lmp_status failed_status;
    lmp_error failed;
    atomic_llong jobs_done;
} pass;

static int now(const pass *p)
{
    return (int)(p->round & 1);
}

static int before(const pass *p)
{
    return (int)((p->round + 1) & 1);
}

/* ---- Counting ---- */

static void count_op(const layout_op *op, op_run *run, int64_t n_in, bool ends)
{
    run->first_in = run->total_in;
    run->n_in = run->ended ? 0 : n_in;
    run->total_in += run->n_in;
    int64_t out = run->total_in;
    if (op->kind == OP_ROUTE) {
        out -= op->first;
        out = out < 0 ? 0 : out > op->count ? op->count : out;
        ends = ends || out == op->count;
    } else if (op->kind == OP_PROCESS && op->step->step->ready != NULL) {
        out = op->step->step->ready(op->step->shared, run->total_in, ends);
    }
    run->n_out = out - run->total_out;
    run->total_out = out;
    run->ends_now = ends && !run->ended;
    run->ended = run->ended || ends;
    const int64_t held = run->total_in - run->total_out + run->n_out;
    if (held > run->held_most) run->held_most = held;
}

/* What stage s gives in this round for what stands before it. */
static void count_stage(pass *p, int64_t s)
{
    const layout_stage *stage = &p->l->stages[s];
    const buffer *in = &p->boundaries[s].buffers[before(p)];
    boundary_run *out = &p->boundaries[s + 1];
    buffer *to = &out->buffers[now(p)];
    int64_t n = in->count;
    bool ends = in->ended;
    for (int64_t k = 0; k < stage->n_ops; k++) {
        op_run *run = &p->ops[s][k];
        const bool was_ended = run->ended;
        count_op(&stage->ops[k], run, n, ends);
        n = run->n_out;
        ends = run->ended && !was_ended;
        if (n > p->widest) p->widest = n;
    }
    to->first = out->total;
    to->count = n;
    to->ended = ends;
    out->total += n;
    if (n > out->room) out->room = n;
}

static void count_source(pass *p)
{
    boundary_run *b = &p->boundaries[0];
    buffer *to = &b->buffers[now(p)];
    const int64_t left = p->l->count - b->total;
    const bool was_ended = b->total == p->l->count && p->round > 0;
    to->first = b->total;
    to->count = left < p->setup->block_length ? left : p->setup->block_length;
    b->total += to->count;
    to->ended = b->total == p->l->count && !was_ended;
    if (to->count > b->room) b->room = to->count;
}

static void count_round(pass *p)
{
    count_source(p);
    for (int64_t s = 0; s < p->l->n_stages; s++) count_stage(p, s);
}

static void reset_counts(pass *p)
{
    p->round = 0;
    for (int64_t b = 0; b <= p->l->n_stages; b++) {
        p->boundaries[b].total = 0;
        for (int i = 0; i < 2; i++) {
            p->boundaries[b].buffers[i].first = p->boundaries[b].buffers[i].count = 0;
            p->boundaries[b].buffers[i].ended = false;
        }
    }
    for (int64_t s = 0; s < p->l->n_stages; s++)
        for (int64_t k = 0; k < p->l->stages[s].n_ops; k++) {
            op_run *run = &p->ops[s][k];
            run->total_in = run->total_out = 0;
            run->ended = false;
        }
}

/* Plays all rounds with counts only: fills rooms, held_most, n_rounds. Fails if a step breaks its promise. */
static lmp_status rehearse(pass *p, lmp_error *err)
{
    reset_counts(p);
    const boundary_run *last = &p->boundaries[p->l->n_stages];
    const int64_t promised = p->l->boundaries[p->l->n_stages].stream->format.n_times;
    const int64_t enough = p->setup->stop_after > 0 ? p->setup->stop_after : INT64_MAX;
    bool ended = false;
    while (!ended && last->total < enough) {
        count_round(p);
        ended = last->buffers[now(p)].ended;
        p->round++;
    }
    p->n_rounds = p->round + 1; /* one more for the sinks of the last boundary */
    if (ended && last->total != promised)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "the chain gives %lld values where its plan promised %lld: a step's ready() is wrong",
                        (long long)last->total, (long long)promised);
    reset_counts(p);
    return LMP_OK;
}

/* ---- Jobs ---- */

/* Puts the data of a slot's pointer at values [first, ...) of a buffer. */
static void *at(const pass *p, int64_t boundary, const buffer *b, int64_t slot, int64_t first)
{
    return (char *)b->data + (size_t)(slot * p->boundaries[boundary].room + (first - b->first)) * p->value_bytes;
}

static lmp_status do_read(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[0];
    const buffer *to = &p->boundaries[0].buffers[now(p)];
    for (int64_t i = 0; i < lb->n_lanes; i++) m->pointers[i] = at(p, 0, to, i, j->first);
    const lmp_read_request request = {.first = p->l->first + j->first,
                                      .count = j->count,
                                      .n_lanes = lb->n_lanes,
                                      .lanes = lb->lanes,
                                      .out = m->pointers};
    return p->setup->source->read(p->setup->source->state, &request, p->setup->budget, err);
}

static lmp_status do_sink(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[before(p)];
    for (int64_t i = 0; i < lb->n_lanes; i++) m->pointers[i] = at(p, j->place, from, i, j->first);
    sink *s = p->setup->sinks[lb->sinks[j->item]->index];
    return sink_write(s, j->first, j->count, lb->n_lanes, lb->lanes, (const void *const *)m->pointers, p->setup->budget,
                      err);
}

static lmp_status do_frames(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const plan_step *ps = p->l->stages[j->place].ops[0].step;
    const buffer *from = &p->boundaries[j->place].buffers[before(p)],
                 *to = &p->boundaries[j->place + 1].buffers[now(p)];
    const int64_t n_in = p->l->boundaries[j->place].n_lanes, n_out = p->l->boundaries[j->place + 1].n_lanes;
    for (int64_t i = 0; i < n_in; i++) m->pointers[i] = at(p, j->place, from, i, j->first);
    for (int64_t i = 0; i < n_out; i++) m->more_pointers[i] = at(p, j->place + 1, to, i, j->first);
    const lmp_block in = {.first = j->first, .count = j->count, .n_lanes = n_in, .lanes = m->pointers};
    const lmp_block out = {.first = j->first, .count = j->count, .n_lanes = n_out, .lanes = m->more_pointers};
    return ps->step->process_frames(ps->shared, m->scratch, &in, &out, err);
}

static void pass_through_delay(delay *d, int64_t room, const double *in, int64_t n_in, double *out, int64_t n_out)
{
    for (int64_t i = 0; i < n_in; i++) d->values[(d->head + d->held + i) % room] = in[i];
    d->held += n_in;
    for (int64_t i = 0; i < n_out; i++) out[i] = d->values[(d->head + i) % room];
    d->head = (d->head + n_out) % room;
    d->held -= n_out;
}

static bool is_active(const layout_op *op, int64_t slot)
{
    return op->step->plan.lane_active == NULL || op->step->plan.lane_active[op->lanes[slot]];
}

static lmp_status do_process(const layout_op *op, op_run *run, int64_t slot, worker_memory *m, const void *in,
                             void *out, lmp_error *err)
{
    if (run->n_in == 0 && !run->ends_now) return LMP_OK;
    if (!is_active(op, slot)) {
        pass_through_delay(run->states[slot], run->held_most, in, run->n_in, out, run->n_out);
        return LMP_OK;
    }
    return op->step->step->process(op->step->shared, run->states[slot], m->scratch, in, run->n_in, out, run->n_out,
                                   run->ends_now, err);
}

/* A lane through all steps of a stage; what one step gives stays in cache for the next. */
static lmp_status do_lane(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_stage *stage = &p->l->stages[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[before(p)],
                 *to = &p->boundaries[j->place + 1].buffers[now(p)];
    const void *values = at(p, j->place, from, stage->in_slots[j->item], from->first);
    void *target = to->data == NULL ? NULL : at(p, j->place + 1, to, j->item, to->first);
    int64_t n = from->count;
    for (int64_t k = 0; k < stage->n_ops; k++) {
        const layout_op *op = &stage->ops[k];
        op_run *run = &p->ops[j->place][k];
        lmp_status status = LMP_OK;
        if (op->kind == OP_ROUTE) {
            const int64_t skip = op->first - run->first_in;
            values = (const char *)values + (size_t)(skip > 0 && run->n_out > 0 ? skip : 0) * p->value_bytes;
        } else if (op->kind == OP_LEARN) {
            if (run->n_in > 0)
                status =
                    op->step->step->learn(op->step->shared, op->lanes[j->item], run->first_in, values, run->n_in, err);
        } else {
            void *out = k + 1 == stage->n_ops && target != NULL ? target : m->between[k & 1];
            status = do_process(op, run, j->item, m, values, out, err);
            values = out;
        }
        if (status != LMP_OK) {
            if (err != NULL) err->step = (int32_t)op->step->index;
            return status;
        }
        n = run->n_out;
    }
    if (target != NULL && values != target) memcpy(target, values, (size_t)n * p->value_bytes);
    return LMP_OK;
}

static void do_job(void *user, int64_t i, int64_t worker)
{
    pass *p = user;
    const job *j = &p->jobs[i];
    worker_memory *m = &p->memory[worker];
    lmp_error error = {0};
    lmp_status status = LMP_OK;
    if (p->setup->watch.is_cancelled != NULL && p->setup->watch.is_cancelled(p->setup->watch.user)) return;
    switch (j->kind) {
    case JOB_SINK:
        status = do_sink(p, j, m, &error);
        break;
    case JOB_FRAMES:
        status = do_frames(p, j, m, &error);
        break;
    case JOB_LANE:
        status = do_lane(p, j, m, &error);
        break;
    case JOB_READ:
        status = do_read(p, j, m, &error);
        break;
    case JOB_DIGEST:
        status = digest_piece(p->setup->input_digest, j->item, p->setup->budget, &error);
        break;
    }
    atomic_fetch_add(&p->jobs_done, 1);
    if (status == LMP_OK) return;
    if (error.block < 0) error.block = j->first;
    os_mutex_lock(p->lock);
    if (i < p->failed_job) { /* jobs are listed oldest block first: the lowest number is the earliest failure */
        p->failed_job = i;
        p->failed = error;
        p->failed_status = status;
    }
    os_mutex_unlock(p->lock);
}

static lmp_status add_job(pass *p, job j, lmp_error *err)
{
    if (p->n_jobs == p->jobs_room) {
        const int64_t room = p->jobs_room > 0 ? 2 * p->jobs_room : 64;
        job *grown = realloc(p->jobs, (size_t)room * sizeof *grown);
        if (grown == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the list of jobs");
        p->jobs = grown;
        p->jobs_room = room;
    }
    p->jobs[p->n_jobs++] = j;
    return LMP_OK;
}

/* Cuts a stretch into about one slice per worker, at multiples of `grain` where it is small enough. */
static lmp_status add_slices(pass *p, job whole, int64_t grain, lmp_error *err)
{
    const int64_t end = whole.first + whole.count;
    int64_t slice = (whole.count + p->n_workers - 1) / p->n_workers;
    if (slice < 1) slice = 1;
    if (grain > 1 && grain <= slice) slice += (grain - slice % grain) % grain;
    lmp_status status = LMP_OK;
    for (int64_t first = whole.first; first < end && status == LMP_OK;) {
        int64_t next = first + slice;
        if (grain > 1 && grain <= slice) next -= next % grain;
        if (next > end) next = end;
        job j = whole;
        j.first = first;
        j.count = next - first;
        status = add_job(p, j, err);
        first = next;
    }
    return status;
}

static lmp_status add_boundary_jobs(pass *p, int64_t b, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[b];
    const buffer *stands = &p->boundaries[b].buffers[before(p)];
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < lb->n_sinks && status == LMP_OK && stands->count > 0; i++)
        status = add_slices(p, (job){JOB_SINK, b, i, stands->first, stands->count},
                            sink_time_grain(p->setup->sinks[lb->sinks[i]->index]), err);
    if (b == p->l->n_stages || (stands->count == 0 && !stands->ended)) return status;
    const layout_stage *stage = &p->l->stages[b];
    if (stage->grain == LMP_GRAIN_FRAME && status == LMP_OK)
        return add_slices(p, (job){JOB_FRAMES, b, 0, stands->first, stands->count}, 1, err);
    for (int64_t j = 0; j < stage->n_slots && status == LMP_OK; j++)
        status = add_job(p, (job){JOB_LANE, b, j, stands->first, stands->count}, err);
    return status;
}

/* Oldest blocks first: the last boundary holds them. */
static lmp_status list_jobs(pass *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    p->n_jobs = 0;
    for (int64_t b = p->l->n_stages; b >= 0 && status == LMP_OK; b--) status = add_boundary_jobs(p, b, err);
    const buffer *read = &p->boundaries[0].buffers[now(p)];
    if (status == LMP_OK && read->count > 0 && p->l->boundaries[0].n_lanes > 0)
        status = add_slices(p, (job){JOB_READ, 0, 0, read->first, read->count}, p->setup->source->time_grain, err);
    if (p->setup->input_digest == NULL) return status;
    const int64_t pieces = digest_piece_count(p->setup->input_digest);
    const int64_t until =
        p->round + 1 >= p->n_rounds ? pieces : (int64_t)((double)pieces * (double)(p->round + 1) / (double)p->n_rounds);
    while (p->next_piece < until && status == LMP_OK)
        status = add_job(p, (job){JOB_DIGEST, 0, p->next_piece++, read->first, 0}, err);
    return status;
}

/* ---- Memory ---- */

static lmp_status take_buffers(pass *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t b = 0; b <= p->l->n_stages; b++) {
        boundary_run *run = &p->boundaries[b];
        const layout_boundary *lb = &p->l->boundaries[b];
        run->is_kept = b < p->l->n_stages || lb->n_sinks > 0;
        const size_t bytes = (size_t)(run->room * lb->n_lanes) * p->value_bytes;
        for (int i = 0; i < 2 && run->is_kept && status == LMP_OK; i++)
            status = budget_take_raw(p->setup->budget, bytes > 0 ? bytes : 1, &run->buffers[i].data, err);
    }
    return status;
}

static size_t most_scratch(const layout *l)
{
    size_t most = 0;
    for (int64_t s = 0; s < l->n_stages; s++)
        for (int64_t k = 0; k < l->stages[s].n_ops; k++) {
            const layout_op *op = &l->stages[s].ops[k];
            if (op->kind == OP_PROCESS && op->step->plan.scratch_bytes > most) most = op->step->plan.scratch_bytes;
        }
    return most;
}

static lmp_status take_worker_memory(pass *p, lmp_error *err)
{
    lmp_budget *budget = p->setup->budget;
    const size_t between = (size_t)(p->widest + 1) * p->value_bytes, scratch = most_scratch(p->l);
    const size_t pointers = (size_t)(p->l->n_lanes_max + 1) * sizeof(void *);
    lmp_status status = LMP_OK;
    for (int64_t w = 0; w < p->n_workers && status == LMP_OK; w++) {
        worker_memory *m = &p->memory[w];
        void *raw = NULL;
        for (int i = 0; i < 2 && status == LMP_OK; i++) status = budget_take_raw(budget, between, &m->between[i], err);
        if (status == LMP_OK && scratch > 0) status = budget_take_raw(budget, scratch, &m->scratch, err);
        if (status == LMP_OK) status = lmp_take(budget, pointers, &raw, err);
        m->pointers = raw;
        if (status == LMP_OK) status = lmp_take(budget, pointers, &raw, err);
        m->more_pointers = status == LMP_OK ? raw : NULL;
    }
    return status;
}

static lmp_status open_lane(pass *p, const layout_op *op, op_run *run, int64_t slot, lmp_error *err)
{
    const plan_step *ps = op->step;
    if (is_active(op, slot))
        return ps->step->lane_open == NULL
                   ? LMP_OK
                   : ps->step->lane_open(ps->shared, op->lanes[slot], p->setup->budget, &run->states[slot], err);
    return lmp_take(p->setup->budget, sizeof(delay) + (size_t)run->held_most * sizeof(double), &run->states[slot], err);
}

static lmp_status open_lanes(pass *p, lmp_error *err)
{
    for (int64_t s = 0; s < p->l->n_stages; s++) {
        const layout_stage *stage = &p->l->stages[s];
        for (int64_t k = 0; k < stage->n_ops && stage->grain == LMP_GRAIN_TIME; k++) {
            if (stage->ops[k].kind != OP_PROCESS) continue;
            op_run *run = &p->ops[s][k];
            run->states = calloc((size_t)stage->n_slots + 1, sizeof *run->states);
            if (run->states == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for lanes");
            for (int64_t j = 0; j < stage->n_slots; j++) {
                const lmp_status status = open_lane(p, &stage->ops[k], run, j, err);
                if (status != LMP_OK) {
                    if (err != NULL) err->step = (int32_t)stage->ops[k].step->index;
                    return status;
                }
            }
        }
    }
    return LMP_OK;
}

static void close_lanes(pass *p)
{
    for (int64_t s = 0; s < p->l->n_stages; s++) {
        const layout_stage *stage = &p->l->stages[s];
        for (int64_t k = 0; k < stage->n_ops && p->ops[s] != NULL; k++) {
            op_run *run = &p->ops[s][k];
            const lmp_step *step = stage->ops[k].step->step;
            for (int64_t j = 0; run->states != NULL && j < stage->n_slots; j++) {
                if (run->states[j] == NULL) continue;
                if (!is_active(&stage->ops[k], j))
                    lmp_give(p->setup->budget, run->states[j]);
                else if (step->lane_close != NULL)
                    step->lane_close(stage->ops[k].step->shared, run->states[j], p->setup->budget);
            }
            free(run->states);
        }
    }
}

static void give_all(pass *p)
{
    lmp_budget *budget = p->setup->budget;
    if (p->ops != NULL) close_lanes(p);
    for (int64_t b = 0; b <= p->l->n_stages && p->boundaries != NULL; b++)
        for (int i = 0; i < 2; i++) lmp_give(budget, p->boundaries[b].buffers[i].data);
    for (int64_t w = 0; w < p->n_workers && p->memory != NULL; w++) {
        worker_memory *m = &p->memory[w];
        void *const pieces[] = {m->between[0], m->between[1], m->scratch, m->pointers, m->more_pointers};
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) lmp_give(budget, pieces[i]);
    }
    for (int64_t s = 0; s < p->l->n_stages && p->ops != NULL; s++) free(p->ops[s]);
    free(p->ops);
    free(p->boundaries);
    free(p->memory);
    free(p->jobs);
    os_mutex_free(p->lock);
}

static lmp_status take_all(pass *p, lmp_error *err)
{
    p->boundaries = calloc((size_t)p->l->n_stages + 1, sizeof *p->boundaries);
    p->ops = calloc((size_t)p->l->n_stages + 1, sizeof *p->ops);
    p->memory = calloc((size_t)p->n_workers, sizeof *p->memory);
    p->lock = os_mutex_new();
    bool ok = p->boundaries != NULL && p->ops != NULL && p->memory != NULL && p->lock != NULL;
    for (int64_t s = 0; s < p->l->n_stages && ok; s++) {
        p->ops[s] = calloc((size_t)p->l->stages[s].n_ops + 1, sizeof **p->ops);
        ok = p->ops[s] != NULL;
    }
    if (!ok) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a pass");
    lmp_status status = rehearse(p, err);
    if (status == LMP_OK) status = take_buffers(p, err);
    if (status == LMP_OK) status = take_worker_memory(p, err);
    if (status == LMP_OK) status = open_lanes(p, err);
    return status;
}

/* ---- The whole ---- */

static void tell_progress(void *user)
{
    pass *p = user;
    if (p->setup->watch.between == NULL) return;
    const double of_round = (double)atomic_load(&p->jobs_done) / (double)(p->n_jobs > 0 ? p->n_jobs : 1);
    p->setup->watch.between(p->setup->watch.user, ((double)p->round + of_round) / (double)p->n_rounds);
}

static lmp_status run_round(pass *p, lmp_error *err)
{
    count_round(p);
    const lmp_status status = list_jobs(p, err);
    if (status != LMP_OK) return status;
    p->failed_job = INT64_MAX;
    p->failed_status = LMP_OK;
    atomic_store(&p->jobs_done, 0);
    pool_run(p->setup->workers, p->n_jobs, do_job, tell_progress, p);
    if (p->setup->watch.is_cancelled != NULL && p->setup->watch.is_cancelled(p->setup->watch.user))
        return lmp_fail(err, LMP_CANCELLED, "cancelled");
    if (p->failed_status != LMP_OK && err != NULL) *err = p->failed;
    return p->failed_status;
}

lmp_status pass_run(const pass_setup *setup, lmp_error *err)
{
    pass p = {.setup = setup,
              .l = setup->layout,
              .value_bytes = stream_value_bytes(&setup->source->stream),
              .n_workers = pool_worker_count(setup->workers)};
    lmp_status status = take_all(&p, err);
    for (; p.round < p.n_rounds && status == LMP_OK; p.round++) status = run_round(&p, err);
    give_all(&p);
    return status;
}
