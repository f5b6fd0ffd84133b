/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pass_memory.c: what a pass takes before its first round, and gives back after its last.
 */
#include "core/pass_inside.h"

#include "core/budget.h"

#include <stdlib.h>

static lmp_status take_buffers(pass *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t b = 0; b <= p->l->n_stages; b++) {
        boundary_run *run = &p->boundaries[b];
        const size_t bytes = (size_t)run->room * run->instant_bytes;
        for (int i = 0; i < 2 && run->is_kept && !run->is_lent && status == LMP_OK; i++) {
            status = budget_take_raw(p->setup->budget, bytes > 0 ? bytes : 1, &run->buffers[i].data, err);
            run->buffers[i].stride = run->instant_bytes;
            run->buffers[i].row = run->row;
        }
    }
    return status;
}

static size_t most_scratch(const layout *l)
{
    size_t most = 0;
    for (int64_t s = 0; s < l->n_stages; s++)
        for (int64_t k = 0; k < l->stages[s].n_ops; k++) {
            const layout_op *op = &l->stages[s].ops[k];
            if (layout_scratch_bytes(op) > most) most = layout_scratch_bytes(op);
        }
    return most;
}

static lmp_status take_worker_memory(pass *p, lmp_error *err)
{
    lmp_budget *budget = p->setup->budget;
    const size_t between = p->widest_bytes + sizeof(double), scratch = most_scratch(p->l);
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
    if (pass_lane_is_active(op, slot))
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
                if (!pass_lane_is_active(&stage->ops[k], j))
                    lmp_give(p->setup->budget, run->states[j]);
                else if (step->lane_close != NULL)
                    step->lane_close(stage->ops[k].step->shared, run->states[j], p->setup->budget);
            }
            free(run->states);
        }
    }
}

lmp_status pass_take_memory(pass *p, lmp_error *err)
{
    lmp_status status = take_buffers(p, err);
    if (status == LMP_OK) status = take_worker_memory(p, err);
    if (status == LMP_OK) status = open_lanes(p, err);
    return status;
}

void pass_give_memory(pass *p)
{
    lmp_budget *budget = p->setup->budget;
    if (p->ops != NULL) close_lanes(p);
    for (int64_t b = 0; b <= p->l->n_stages && p->boundaries != NULL; b++)
        for (int i = 0; i < 2; i++)
            if (!p->boundaries[b].is_lent) lmp_give(budget, p->boundaries[b].buffers[i].data);
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
