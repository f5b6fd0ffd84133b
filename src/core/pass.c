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

#include "core/lost_inputs.h"
#include "core/pass_inside.h"
#include "core/stream.h"

#include <stdlib.h>
#include <string.h>

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
        out = op->step->step->ready(op->step->shared, run->total_in, ends || run->ended);
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
    const buffer *in = &p->boundaries[s].buffers[pass_before(p)];
    boundary_run *out = &p->boundaries[s + 1];
    buffer *to = &out->buffers[pass_now(p)];
    int64_t n = in->count;
    bool ends = in->ended;
    for (int64_t k = 0; k < stage->n_ops; k++) {
        op_run *run = &p->ops[s][k];
        const bool was_ended = run->ended;
        count_op(&stage->ops[k], run, n, ends);
        n = run->n_out;
        ends = run->ended && !was_ended;
        const layout_op *op = &stage->ops[k];
        const size_t between =
            stage->grain == LMP_GRAIN_TIME ? (size_t)n * layout_lane_bytes(&op->out) : layout_instant_bytes(&op->out);
        if (between > p->widest_bytes) p->widest_bytes = between;
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
    buffer *to = &b->buffers[pass_now(p)];
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
    const int64_t promised = p->l->promised;
    const int64_t enough = p->setup->stop_after > 0 ? p->setup->stop_after : INT64_MAX;
    bool ended = false;
    while (!ended && last->total < enough) {
        count_round(p);
        ended = last->buffers[pass_now(p)].ended;
        p->round++;
    }
    p->n_rounds = p->round + 1; /* one more for the sinks of the last boundary */
    if (ended && promised >= 0 && last->total != promised)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "the chain gives %lld values where its plan promised %lld: a step's ready() is wrong",
                        (long long)last->total, (long long)promised);
    reset_counts(p);
    return LMP_OK;
}

/* ---- Jobs ---- */

static void return_view(pass *p)
{
    if (p->returned != NULL) p->l->source->view_end(p->l->source->state, p->returned);
    p->returned = NULL;
}

static bool holds_movie(const pass *p, int64_t boundary)
{
    return p->l->boundaries[boundary].format.kind == LMP_MOVIE;
}

/* The bytes of a piece of the input, if they lie in the block that lanes read in this round: they are read once from
 * memory for both. NULL if not. */
static const void *lent_piece(const pass *p, int64_t piece)
{
    const lmp_source *source = p->l->source;
    const buffer *b = &p->boundaries[0].buffers[pass_before(p)];
    if (!source->lends_file || b->lent == NULL) return NULL;
    int64_t first, end;
    digest_place(p->setup->input_digest, piece, &first, &end);
    const int64_t from = source->lent_offset + (p->l->first + b->first) * (int64_t)b->stride;
    const bool is_inside = first >= from && end <= from + b->count * (int64_t)b->stride;
    return is_inside ? (const char *)b->data + (first - from) : NULL;
}

static lmp_status do_digest(pass *p, int64_t piece, lmp_error *err)
{
    const void *bytes = lent_piece(p, piece);
    if (bytes == NULL) return digest_piece(p->setup->input_digest, piece, p->setup->budget, err);
    digest_piece_at(p->setup->input_digest, piece, bytes);
    return LMP_OK;
}

static lmp_status do_kind(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const bool is_movie = holds_movie(p, j->place);
    switch (j->kind) {
    case JOB_SINK:
        return is_movie ? pass_sink_movie(p, j, m, err) : pass_sink_signals(p, j, m, err);
    case JOB_FRAMES:
        return is_movie ? pass_frames_of_movie(p, j, m, err) : pass_frames_of_signals(p, j, m, err);
    case JOB_LANE:
        return is_movie ? pass_lane_of_movie(p, j, m, err) : pass_lane_of_signals(p, j, m, err);
    case JOB_READ:
        return is_movie ? pass_read_movie(p, j, m, err) : pass_read_signals(p, j, m, err);
    case JOB_RETURN:
        return_view(p);
        return LMP_OK;
    case JOB_DIGEST:
        break;
    }
    return do_digest(p, j->item, err);
}

static void do_job(void *user, int64_t i, int64_t worker)
{
    pass *p = user;
    const job *j = &p->jobs[i];
    worker_memory *m = &p->memory[worker];
    lmp_error error = {0};
    lmp_status status = LMP_OK;
    if (pass_is_cancelled(p)) return;
    if (os_lost_count() != p->setup->losses) return;
    status = do_kind(p, j, m, &error);
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

/* Cuts a stretch into about one slice per worker, at multiples of `grain` where it is small enough; 0: not at all. */
static lmp_status add_slices(pass *p, job whole, int64_t grain, lmp_error *err)
{
    if (grain == 0) return whole.count > 0 ? add_job(p, whole, err) : LMP_OK;
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

/* A job for each frame of a stretch that the learner at the end wants to see. Frames come one by one so that what a
 * learner holds while it waits for their neighbours stays small. */
static lmp_status add_wanted(pass *p, job whole, lmp_error *err)
{
    const lmp_frame_list *list = p->l->learn_frames;
    const int64_t end = whole.first + whole.count;
    int64_t i = 0, last = list != NULL ? list->count : 0;
    for (int64_t high = last; i < high;) { /* the first that is not before the stretch */
        const int64_t middle = (i + high) / 2;
        if (list->frames[middle] < whole.first)
            i = middle + 1;
        else
            high = middle;
    }
    lmp_status status = LMP_OK;
    whole.count = 1;
    for (; list == NULL && whole.first < end && status == LMP_OK; whole.first++) status = add_job(p, whole, err);
    for (; list != NULL && i < last && list->frames[i] < end && status == LMP_OK; i++) {
        whole.first = list->frames[i];
        status = add_job(p, whole, err);
    }
    return status;
}

/* True if frames that the learner does not want to see need not even be read. */
static bool skips_frames(const pass *p)
{
    return p->l->learn_frames != NULL && p->l->n_stages == 1 && layout_learns_images(&p->l->stages[0]) &&
           !p->l->source->in_order;
}

static lmp_status add_boundary_jobs(pass *p, int64_t b, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[b];
    const buffer *stands = &p->boundaries[b].buffers[pass_before(p)];
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < lb->n_sinks && status == LMP_OK && stands->count > 0; i++)
        status = add_slices(p, (job){JOB_SINK, b, i, stands->first, stands->count},
                            sink_time_grain(p->setup->sinks[lb->sinks[i]->index]), err);
    if (b == p->l->n_stages && p->setup->scratch != NULL && status == LMP_OK && stands->count > 0)
        status = add_slices(p, (job){JOB_SINK, b, lb->n_sinks, stands->first, stands->count}, 1, err);
    if (b == p->l->n_stages || (stands->count == 0 && !stands->ended)) return status;
    const layout_stage *stage = &p->l->stages[b];
    if (layout_learns_images(stage) && status == LMP_OK)
        return add_wanted(p, (job){JOB_FRAMES, b, 0, stands->first, stands->count}, err);
    if (stage->grain == LMP_GRAIN_FRAME && status == LMP_OK)
        return add_slices(p, (job){JOB_FRAMES, b, 0, stands->first, stands->count}, 1, err);
    for (int64_t j = 0; j < stage->n_slots && status == LMP_OK; j++)
        status = add_job(p, (job){JOB_LANE, b, j, stands->first, stands->count}, err);
    return status;
}

/* How many pieces of the input are to be digested by the end of this round: those behind the lanes, if they read what
 * is lent, else a share for each round. */
static int64_t pieces_until(const pass *p)
{
    const int64_t pieces = digest_piece_count(p->setup->input_digest);
    const lmp_source *source = p->l->source;
    const buffer *b = &p->boundaries[0].buffers[pass_before(p)];
    if (p->round + 1 >= p->n_rounds) return pieces;
    if (!source->lends_file) return (int64_t)((double)pieces * (double)(p->round + 1) / (double)p->n_rounds);
    const int64_t read =
        b->lent == NULL ? 0 : source->lent_offset + (p->l->first + b->first + b->count) * (int64_t)b->stride;
    const int64_t whole = read / DIGEST_PIECE;
    return whole < pieces ? whole : pieces;
}

/* Oldest blocks first: the last boundary holds them. */
static lmp_status list_jobs(pass *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    p->n_jobs = 0;
    for (int64_t b = p->l->n_stages; b >= 0 && status == LMP_OK; b--) status = add_boundary_jobs(p, b, err);
    const buffer *read = &p->boundaries[0].buffers[pass_now(p)];
    const lmp_source *source = p->l->source;
    const bool touches = !p->boundaries[0].is_lent || p->boundaries[0].rows == p->l->boundaries[0].format.height;
    if (status == LMP_OK && p->returned != NULL) status = add_job(p, (job){JOB_RETURN, 0, 0, read->first, 0}, err);
    const job reads = {JOB_READ, 0, 0, read->first, read->count};
    if (status == LMP_OK && read->count > 0 && p->l->boundaries[0].n_lanes > 0 && touches)
        status = skips_frames(p) ? add_wanted(p, reads, err)
                                 : add_slices(p, reads, source->in_order ? 0 : source->time_grain, err);
    if (p->setup->input_digest == NULL) return status;
    const int64_t until = pieces_until(p);
    while (p->next_piece < until && status == LMP_OK)
        status = add_job(p, (job){JOB_DIGEST, 0, p->next_piece++, read->first, 0}, err);
    return status;
}

/* ---- Lent frames ---- */

/* The block that would be read in this round is lent instead, until its buffer is needed again. */
static lmp_status begin_view(pass *p, lmp_error *err)
{
    buffer *b = &p->boundaries[0].buffers[pass_now(p)];
    p->returned = b->lent;
    b->lent = NULL;
    if (!p->boundaries[0].is_lent || b->count == 0) return LMP_OK;
    lmp_frames frames = {0};
    const lmp_source *source = p->l->source;
    const lmp_status status =
        source->view(source->state, p->l->first + b->first, b->count, p->setup->budget, &frames, &b->lent, err);
    if (status != LMP_OK) return status;
    b->data = frames.data;
    b->stride = frames.stride;
    b->row = 0;
    return LMP_OK;
}

static void end_views(pass *p)
{
    return_view(p);
    for (int i = 0; i < 2; i++) {
        p->returned = p->boundaries[0].buffers[i].lent;
        return_view(p);
    }
}

/* ---- Taking and giving ---- */

static void measure_boundaries(pass *p)
{
    for (int64_t b = 0; b <= p->l->n_stages; b++) {
        boundary_run *run = &p->boundaries[b];
        const layout_boundary *lb = &p->l->boundaries[b];
        run->is_kept = b < p->l->n_stages || lb->n_sinks > 0 || p->setup->scratch != NULL || layout_makes_frames(p->l);
        run->instant_bytes = (size_t)lb->n_lanes * sizeof(double);
        if (lb->format.kind != LMP_MOVIE) continue;
        run->is_lent = b == 0 && p->l->source->view != NULL;
        layout_rows(lb, &run->row, &run->rows);
        run->instant_bytes = lb->format.height > 0
                                 ? layout_instant_bytes(&lb->format) / (size_t)lb->format.height * (size_t)run->rows
                                 : 0;
    }
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
    p->widest_bytes = (size_t)p->setup->block_length * layout_lane_bytes(&p->l->boundaries[0].format);
    measure_boundaries(p);
    const lmp_status status = rehearse(p, err);
    return status == LMP_OK ? pass_take_memory(p, err) : status;
}

static void give_all(pass *p)
{
    if (p->boundaries != NULL) end_views(p);
    pass_give_memory(p);
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
    lmp_status status = begin_view(p, err);
    if (status == LMP_OK) status = list_jobs(p, err);
    if (status != LMP_OK) return status;
    p->failed_job = INT64_MAX;
    p->failed_status = LMP_OK;
    atomic_store(&p->jobs_done, 0);
    pool_run(p->setup->workers, p->n_jobs, do_job, tell_progress, p);
    if (pass_is_cancelled(p)) return lmp_fail(err, LMP_CANCELLED, "cancelled");
    if (p->failed_status != LMP_OK && err != NULL) *err = p->failed;
    return p->failed_status;
}

lmp_status pass_run(const pass_setup *setup, lmp_error *err)
{
    pass p = {.setup = setup, .l = setup->layout, .n_workers = pool_worker_count(setup->workers)};
    lmp_status status = take_all(&p, err);
    for (; p.round < p.n_rounds && status == LMP_OK; p.round++)
        status = lost_check(setup->losses, run_round(&p, err), err);
    give_all(&p);
    return status;
}
