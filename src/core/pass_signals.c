/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pass_signals.c: how signals move: planar lanes of double.
 */
#include "core/pass_inside.h"

#include <string.h>

void *pass_values_at(const pass *p, int64_t boundary, const buffer *b, int64_t slot, int64_t first)
{
    return (double *)b->data + slot * p->boundaries[boundary].room + (first - b->first);
}

lmp_status pass_read_signals(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[0];
    const buffer *to = &p->boundaries[0].buffers[pass_now(p)];
    for (int64_t i = 0; i < lb->n_lanes; i++) m->pointers[i] = pass_values_at(p, 0, to, i, j->first);
    const lmp_read_request request = {.first = p->l->first + j->first,
                                      .count = j->count,
                                      .n_lanes = lb->n_lanes,
                                      .lanes = lb->lanes,
                                      .out = m->pointers};
    return p->l->source->read(p->l->source->state, &request, p->setup->budget, err);
}

static lmp_status write_scratch(pass *p, const job *j, const worker_memory *m, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[j->place];
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < lb->n_lanes && status == LMP_OK; i++)
        status = spool_write(p->setup->scratch, lb->lanes[i], j->first, j->count, m->pointers[i], err);
    return status;
}

lmp_status pass_sink_signals(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_boundary *lb = &p->l->boundaries[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[pass_before(p)];
    for (int64_t i = 0; i < lb->n_lanes; i++) m->pointers[i] = pass_values_at(p, j->place, from, i, j->first);
    if (j->item == lb->n_sinks) return write_scratch(p, j, m, err);
    sink *s = p->setup->sinks[lb->sinks[j->item]->index];
    return sink_write(s, j->first, j->count, lb->n_lanes, lb->lanes, (const void *const *)m->pointers, p->setup->budget,
                      err);
}

lmp_status pass_frames_of_signals(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const plan_step *ps = p->l->stages[j->place].ops[0].step;
    const buffer *from = &p->boundaries[j->place].buffers[pass_before(p)],
                 *to = &p->boundaries[j->place + 1].buffers[pass_now(p)];
    const int64_t n_in = p->l->boundaries[j->place].n_lanes, n_out = p->l->boundaries[j->place + 1].n_lanes;
    for (int64_t i = 0; i < n_in; i++) m->pointers[i] = pass_values_at(p, j->place, from, i, j->first);
    for (int64_t i = 0; i < n_out; i++) m->more_pointers[i] = pass_values_at(p, j->place + 1, to, i, j->first);
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

bool pass_lane_is_active(const layout_op *op, int64_t slot)
{
    return op->step->plan.lane_active == NULL || op->step->plan.lane_active[op->lanes[slot]];
}

static lmp_status do_process(const layout_op *op, op_run *run, int64_t slot, worker_memory *m, const void *in,
                             void *out, lmp_error *err)
{
    if (run->n_in == 0 && !run->ends_now) return LMP_OK;
    if (!pass_lane_is_active(op, slot)) {
        pass_through_delay(run->states[slot], run->held_most, in, run->n_in, out, run->n_out);
        return LMP_OK;
    }
    return op->step->step->process(op->step->shared, run->states[slot], m->scratch, in, run->n_in, out, run->n_out,
                                   run->ends_now, err);
}

/* A lane through all steps of a stage; what one step gives stays in cache for the next. */
lmp_status pass_lane_of_signals(pass *p, const job *j, worker_memory *m, lmp_error *err)
{
    const layout_stage *stage = &p->l->stages[j->place];
    const buffer *from = &p->boundaries[j->place].buffers[pass_before(p)],
                 *to = &p->boundaries[j->place + 1].buffers[pass_now(p)];
    const void *values = pass_values_at(p, j->place, from, stage->in_slots[j->item], from->first);
    void *target = to->data == NULL ? NULL : pass_values_at(p, j->place + 1, to, j->item, to->first);
    int64_t n = from->count;
    for (int64_t k = 0; k < stage->n_ops; k++) {
        const layout_op *op = &stage->ops[k];
        op_run *run = &p->ops[j->place][k];
        lmp_status status = LMP_OK;
        if (op->kind == OP_ROUTE) {
            const int64_t skip = op->first - run->first_in;
            values = (const char *)values + (size_t)(skip > 0 && run->n_out > 0 ? skip : 0) * sizeof(double);
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
    if (target != NULL && values != target) memcpy(target, values, (size_t)n * sizeof(double));
    return LMP_OK;
}
