/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pass_movie.c: how movies move: frames whose rows lie one behind the other; a lane is a band of rows, seen with the
 * stride of its frames.
 */
#include "core/pass_inside.h"

#include "core/convert.h"

#include <string.h>

/* Frames [first, first + count) of a boundary's buffer, all the rows it holds. */
static lmp_frames frames_of(const pass *p, int64_t boundary, const buffer *b, int64_t first, int64_t count)
{
    const lmp_format *f = &p->l->boundaries[boundary].format;
    const boundary_run *run = &p->boundaries[boundary];
    const size_t row_bytes = (size_t)(f->width * f->n_colours) * lmp_type_bytes(f->type);
    char *data = b->data;
    if (data != NULL) data += (size_t)(first - b->first) * b->stride + (size_t)(run->row - b->row) * row_bytes;
    return (lmp_frames){.first = first,
                        .count = count,
                        .row = run->row,
                        .rows = run->rows,
                        .width = f->width,
                        .n_colours = f->n_colours,
                        .type = f->type,
                        .data = data,
                        .stride = b->stride};
}

/* The rows of one lane of a movie of this format. */
static lmp_frames band_of(lmp_frames frames, const lmp_format *format, int64_t lane)
{
    int64_t row;
    const int64_t rows = lmp_lane_rows(format, lane, &row);
    if (frames.data != NULL) frames.data = frames_row(&frames, 0, row - frames.row);
    frames.row = row;
    frames.rows = rows;
    return frames;
}

/* Frames of the same rows as `like`, of what leaves an op, one behind the other in `memory`. */
static lmp_frames frames_in(void *memory, const lmp_frames *like, const lmp_format *out, int64_t first, int64_t count)
{
    lmp_frames made = *like;
    made.first = first;
    made.count = count;
    made.width = out->width;
    made.n_colours = out->n_colours;
    made.type = out->type;
    made.data = memory;
    made.stride = (size_t)made.rows * frames_row_bytes(&made);
    return made;
}

lmp_status pass_read_movie(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    (void)m;
    const lmp_source *source = p->l->source;
    const buffer *to = &p->boundaries[0].buffers[pass_now(p)];
    lmp_frames out = frames_of(p, 0, to, j->first, j->count);
    if (p->boundaries[0].is_lent) {
        os_mapping_touch(out.data, (size_t)out.count * out.stride);
        return LMP_OK;
    }
    out.first = p->l->first + j->first;
    return source->read_frames(source->state, &out, p->setup->budget, err);
}

lmp_status pass_sink_movie(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    (void)m;
    const layout_boundary *lb = &p->l->boundaries[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[pass_before(p)];
    const lmp_frames frames = frames_of(p, j->place, from, j->first, j->count);
    const lmp_status status = j->item == lb->n_sinks ? spool_write_frames(p->setup->scratch, &frames, err)
                                                     : sink_write_frames(p->setup->sinks[lb->sinks[j->item]->index],
                                                                         &frames, p->setup->budget, err);
    /* Writing fails too if what is written can no longer be read. */
    if (status == LMP_ERR_IO && p->boundaries[j->place].is_lent)
        os_lost_look(frames.data,
                     (size_t)(frames.count - 1) * frames.stride + (size_t)frames.rows * frames_row_bytes(&frames));
    return status;
}

/* ---- Whole frames ---- */

static lmp_status do_image_op(const pass *p, const layout_op *op, worker_memory *m, const lmp_frames *in,
                              const lmp_frames *out, lmp_error *err)
{
    if (op->kind == OP_CONVERT) return convert_frames(in, out, err);
    if (op->kind == OP_LEARN)
        return op->step->step->learn_images(op->step->shared, p->l->learn_pass, m->scratch, in, err);
    return op->step->step->process_images(op->step->shared, m->scratch, in, out, err);
}

/* Where op k of a stage puts its frame, if the next one takes it from there. */
static lmp_frames image_between(const layout_op *op, int64_t k, worker_memory *m, const lmp_frames *in)
{
    lmp_frames whole = *in;
    whole.row = 0;
    whole.rows = op->out.height;
    return frames_in(m->between[k & 1], &whole, &op->out, in->first, 1);
}

/* One frame through all steps of the stage. */
static lmp_status do_image(const pass *p, const layout_stage *stage, worker_memory *m, lmp_frames in,
                           const lmp_frames *to, lmp_error *err)
{
    for (int64_t k = 0; k < stage->n_ops; k++) {
        const layout_op *op = &stage->ops[k];
        const lmp_frames out = k + 1 < stage->n_ops ? image_between(op, k, m, &in) : *to;
        const lmp_status status = do_image_op(p, op, m, &in, &out, err);
        if (status != LMP_OK) {
            if (err != NULL) err->step = (int32_t)op->step->index;
            return status;
        }
        in = out;
    }
    return LMP_OK;
}

/* Movies in, signals out: conversions frame by frame, then the step that measures. */
static lmp_status measure(pass *p, const job *j, worker_memory *m, const lmp_frames *in, lmp_error *err)
{
    const layout_stage *stage = &p->l->stages[j->place];
    const layout_op *last = &stage->ops[stage->n_ops - 1];
    const buffer *to = &p->boundaries[j->place + 1].buffers[pass_now(p)];
    const int64_t n_out = p->l->boundaries[j->place + 1].n_lanes;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < in->count && status == LMP_OK && !pass_is_cancelled(p); i++) {
        lmp_frames one = *in;
        one.first += i;
        one.count = 1;
        one.data = frames_row(in, i, 0);
        for (int64_t k = 0; k + 1 < stage->n_ops && status == LMP_OK; k++) {
            const lmp_frames out = image_between(&stage->ops[k], k, m, &one);
            status = do_image_op(p, &stage->ops[k], m, &one, &out, err);
            one = out;
        }
        for (int64_t lane = 0; lane < n_out; lane++)
            m->more_pointers[lane] = pass_values_at(p, j->place + 1, to, lane, one.first);
        const lmp_block block = {.first = one.first, .count = 1, .n_lanes = n_out, .lanes = m->more_pointers};
        if (status == LMP_OK)
            status = last->step->step->measure_images(last->step->shared, m->scratch, &one, &block, err);
    }
    if (status != LMP_OK && err != NULL) err->step = (int32_t)last->step->index;
    return status;
}

lmp_status pass_frames_of_movie(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_stage *stage = &p->l->stages[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[pass_before(p)],
                 *to = &p->boundaries[j->place + 1].buffers[pass_now(p)];
    const lmp_frames in = frames_of(p, j->place, from, j->first, j->count);
    if (p->l->boundaries[j->place + 1].format.kind != LMP_MOVIE) return measure(p, j, m, &in, err);
    const lmp_frames out = frames_of(p, j->place + 1, to, j->first, j->count);
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < j->count && status == LMP_OK && !pass_is_cancelled(p); i++) {
        lmp_frames one = in, target = out;
        one.first = target.first = in.first + i;
        one.count = target.count = 1;
        one.data = frames_row(&in, i, 0);
        if (out.data != NULL) target.data = frames_row(&out, i, 0);
        status = do_image(p, stage, m, one, &target, err);
    }
    return status;
}

/* ---- Bands of rows ---- */

static lmp_status do_band_op(const layout_op *op, const op_run *run, int64_t slot, worker_memory *m,
                             const lmp_frames *in, const lmp_frames *out, lmp_error *err)
{
    const lmp_step *step = op->step->step;
    if (op->kind == OP_CONVERT) return convert_frames(in, out, err);
    if (op->kind == OP_LEARN)
        return in->count > 0 ? step->learn_rows(op->step->shared, op->lanes[slot], in, err) : LMP_OK;
    if (run->n_in == 0 && !run->ends_now) return LMP_OK;
    return step->process_rows(op->step->shared, run->states[slot], m->scratch, in, out, run->ends_now, err);
}

/* A band through all steps of a stage; what one step gives stays in cache for the next. */
lmp_status pass_lane_of_movie(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_stage *stage = &p->l->stages[j->place];
    const layout_boundary *lb = &p->l->boundaries[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[pass_before(p)],
                 *to = &p->boundaries[j->place + 1].buffers[pass_now(p)];
    lmp_frames values = band_of(frames_of(p, j->place, from, from->first, from->count), &lb->format,
                                lb->lanes[stage->in_slots[j->item]]);
    const layout_boundary *behind = &p->l->boundaries[j->place + 1];
    lmp_frames target = frames_of(p, j->place + 1, to, to->first, to->count);
    if (target.data != NULL) target = band_of(target, &behind->format, behind->lanes[j->item]);
    for (int64_t k = 0; k < stage->n_ops; k++) {
        const layout_op *op = &stage->ops[k];
        const op_run *run = &p->ops[j->place][k];
        if (pass_is_cancelled(p)) return LMP_OK;
        if (op->kind == OP_ROUTE) {
            const int64_t skip = op->first - run->first_in;
            if (skip > 0 && run->n_out > 0) values.data = (char *)values.data + (size_t)skip * values.stride;
            values.first = run->total_out - run->n_out;
            values.count = run->n_out;
            continue;
        }
        const bool gives = op->kind != OP_LEARN;
        lmp_frames out = frames_in(m->between[k & 1], &values, &op->out, run->total_out - run->n_out, run->n_out);
        if (k + 1 == stage->n_ops && target.data != NULL) out = target;
        const lmp_status status = do_band_op(op, run, j->item, m, &values, &out, err);
        if (status != LMP_OK) {
            if (err != NULL) err->step = (int32_t)op->step->index;
            return status;
        }
        if (gives) values = out;
    }
    if (target.data != NULL && values.data != target.data && target.count > 0) copy_frames(&values, &target);
    return LMP_OK;
}
