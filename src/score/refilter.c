/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refilter.c: a short chain of lane-wise steps, run outside the engine on one channel at a time.
 *
 * The engine's rules for steps hold here too: ready() says how many values a step gives, process() is handed the next
 * ones in order, and the last call says so.
 */
#include "score/refilter.h"

#include "core/plan.h"
#include "score/queue.h"

#include <stdlib.h>
#include <string.h>

struct refilter {
    lmp_chain *chain;
    run_plan *plan;
    char *text;
};

typedef struct lane_op {
    void *state;
    queue waiting; /* a lane that the step leaves alone is held back like its neighbours */
    int64_t given; /* values at its front that the last call has given */
    int64_t in, out;
    bool ended;
} lane_op;

struct refilter_lane {
    int64_t channel;
    lane_op ops[REFILTER_STEPS];
};

/* ---- Which steps ---- */

static bool is_in(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0) names++;
    return *names != NULL;
}

/* Repeated on the truth. */
static const char *const repeated[] = {"highpass", "lowpass",    "bandpass", "notch", "resample",
                                       "upsample", "downsample", "scale",    "crop",  NULL};

/* Do not change what a channel holds, except for the artifact. */
static const char *const silent[] = {
    "triggers", "complete-triggers", "slice-triggers", "align", "gradient", "pick", "drop", "rename", "write", "tee",
    NULL};

/* True if the step added last has this value already: said again is the first parameter, which matters most, and what
 * differs from the defaults. */
static bool has_value(const lmp_chain *chain, const char *key, const char *value)
{
    const param_set *params = &chain->steps[chain->n_steps - 1].params;
    for (int64_t i = 1; i < param_count(params->table); i++) {
        if (strcmp(params->table[i].name, key) != 0) continue;
        char *text = param_print(params, i);
        const bool same = text != NULL && strcmp(text, value) == 0;
        free(text);
        return same;
    }
    return false;
}

static lmp_status add_step(lmp_chain *chain, const char *name, const json_t *step, lmp_error *err)
{
    lmp_status status = lmp_chain_add(chain, name, err);
    /* jansson iterates over a const object by a pointer that is not. */
    for (void *at = json_object_iter((json_t *)(uintptr_t)step); at != NULL && status == LMP_OK;
         at = json_object_iter_next((json_t *)(uintptr_t)step, at)) {
        const char *key = json_object_iter_key(at), *value = json_string_value(json_object_iter_value(at));
        if (strcmp(key, "step") != 0 && value != NULL && !has_value(chain, key, value))
            status = lmp_chain_set(chain, key, value, err);
    }
    return status;
}

static lmp_status note_other(char **others, const char *name, lmp_error *err)
{
    char *longer = NULL;
    if (asprintf(&longer, "%s%s%s", *others, (*others)[0] != '\0' ? ", " : "", name) < 0)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    free(*others);
    *others = longer;
    return LMP_OK;
}

static lmp_status build_chain(lmp_engine *engine, const json_t *parameters, lmp_chain **chain, char **others,
                              lmp_error *err)
{
    lmp_status status = lmp_chain_new(engine, chain, err);
    *others = strdup("");
    if (status == LMP_OK && *others == NULL) status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    for (size_t i = 0; i < json_array_size(parameters) && status == LMP_OK; i++) {
        const json_t *step = json_array_get(parameters, i);
        const char *name = json_string_value(json_object_get(step, "step"));
        if (name == NULL || is_in(name, silent)) continue;
        status = is_in(name, repeated) ? add_step(*chain, name, step, err) : note_other(others, name, err);
    }
    if (status == LMP_OK && lmp_chain_count(*chain) > REFILTER_STEPS)
        status = lmp_fail(err, LMP_ERR_INPUT, "the record's chain has %lld filters: %d can be repeated on the truth",
                          (long long)lmp_chain_count(*chain), REFILTER_STEPS);
    return status;
}

/* ---- Opening ---- */

static bool works(const plan_step *ps)
{
    return !ps->plan.is_identity && ps->step->process != NULL;
}

static lmp_status open_steps(refilter *r, lmp_budget *budget, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < r->plan->n_steps && status == LMP_OK; i++) {
        plan_step *ps = &r->plan->steps[i];
        if (ps->plan.lane_source != NULL || ps->plan.learn_passes > 0 || ps->step->process_frames != NULL)
            status = lmp_fail(err, LMP_ERR_INPUT, "the step %s cannot be repeated on the truth", ps->step->name);
        if (status != LMP_OK || !works(ps) || ps->step->open == NULL) continue;
        status = ps->step->open(ps->params, &ps->in, &ps->plan, budget, &ps->shared, err);
        ps->is_open = status == LMP_OK;
    }
    return status;
}

lmp_status refilter_open(lmp_engine *engine, const json_t *chain, const lmp_recording *truth, lmp_budget *budget,
                         refilter **made, char **others, lmp_error *err)
{
    char *not_repeated = NULL;
    refilter *r = calloc(1, sizeof *r);
    if (r == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    lmp_status status = build_chain(engine, chain, &r->chain, &not_repeated, err);
    if (status == LMP_OK) status = plan_new(truth, r->chain, &r->plan, err);
    if (status == LMP_OK) status = open_steps(r, budget, err);
    if (status == LMP_OK && (r->text = lmp_chain_to_text(r->chain)) == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    if (status == LMP_OK) {
        *made = r;
        *others = not_repeated;
    } else {
        refilter_close(r, budget);
        free(not_repeated);
    }
    return status;
}

void refilter_close(refilter *r, lmp_budget *budget)
{
    if (r == NULL) return;
    for (int64_t i = 0; r->plan != NULL && i < r->plan->n_steps; i++) {
        plan_step *ps = &r->plan->steps[i];
        if (ps->is_open && ps->step->close != NULL) ps->step->close(ps->shared, budget);
        ps->is_open = false;
    }
    plan_free(r->plan);
    lmp_chain_free(r->chain);
    free(r->text);
    free(r);
}

const char *refilter_text(const refilter *r)
{
    return r->text;
}

const lmp_format *refilter_format(const refilter *r)
{
    return &plan_stream(r->plan, r->plan->n_steps)->format;
}

size_t refilter_lane_bytes(const refilter *r)
{
    size_t bytes = sizeof(refilter_lane);
    for (int64_t i = 0; i < r->plan->n_steps; i++)
        if (works(&r->plan->steps[i])) bytes += r->plan->steps[i].plan.lane_bytes;
    return bytes;
}

size_t refilter_scratch_bytes(const refilter *r)
{
    size_t most = 0;
    for (int64_t i = 0; i < r->plan->n_steps; i++)
        if (works(&r->plan->steps[i]) && r->plan->steps[i].plan.scratch_bytes > most)
            most = r->plan->steps[i].plan.scratch_bytes;
    return most;
}

/* ---- Counting ---- */

/* How many values a step has given once `in` have come; cutting of time ends early. */
static int64_t count_given(const plan_step *ps, int64_t in, bool *ended)
{
    if (works(ps)) return ps->step->ready != NULL ? ps->step->ready(ps->shared, in, *ended) : in;
    const int64_t left = in - ps->plan.first;
    const int64_t out = left < 0 ? 0 : left > ps->plan.count ? ps->plan.count : left;
    *ended = *ended || out == ps->plan.count;
    return out;
}

int64_t refilter_count_next(const refilter *r, refilter_count *counts, int64_t n_in, bool ended)
{
    for (int64_t i = 0; i < r->plan->n_steps; i++) {
        if (n_in > counts->widest) counts->widest = n_in;
        counts->in[i] += counts->ended[i] ? 0 : n_in;
        const int64_t out = count_given(&r->plan->steps[i], counts->in[i], &ended);
        n_in = out - counts->out[i];
        counts->out[i] = out;
        counts->ended[i] = counts->ended[i] || ended;
    }
    if (n_in > counts->widest) counts->widest = n_in;
    return n_in;
}

/* ---- Lanes ---- */

static bool is_active(const plan_step *ps, int64_t channel)
{
    return ps->plan.lane_active == NULL || ps->plan.lane_active[channel];
}

lmp_status refilter_lane_open(const refilter *r, int64_t channel, lmp_budget *budget, refilter_lane **lane,
                              lmp_error *err)
{
    void *memory = NULL;
    lmp_status status = lmp_take(budget, sizeof(refilter_lane), &memory, err);
    if (status != LMP_OK) return status;
    refilter_lane *l = memory;
    l->channel = channel;
    for (int64_t i = 0; i < r->plan->n_steps && status == LMP_OK; i++) {
        const plan_step *ps = &r->plan->steps[i];
        if (works(ps) && is_active(ps, channel) && ps->step->lane_open != NULL)
            status = ps->step->lane_open(ps->shared, channel, budget, &l->ops[i].state, err);
    }
    if (status == LMP_OK)
        *lane = l;
    else
        refilter_lane_close(r, l, budget);
    return status;
}

void refilter_lane_close(const refilter *r, refilter_lane *lane, lmp_budget *budget)
{
    if (lane == NULL) return;
    for (int64_t i = 0; i < r->plan->n_steps; i++) {
        const plan_step *ps = &r->plan->steps[i];
        if (lane->ops[i].state != NULL && ps->step->lane_close != NULL)
            ps->step->lane_close(ps->shared, lane->ops[i].state, budget);
        queue_close(&lane->ops[i].waiting, budget);
    }
    lmp_give(budget, lane);
}

/* One step on the next values of a lane; `to` is room for what it gives. */
static lmp_status process_step(const plan_step *ps, lane_op *op, bool active, const refilter_rooms *rooms, double *to,
                               const double **values, int64_t n, int64_t gives, bool ends, lmp_budget *budget,
                               lmp_error *err)
{
    if (!works(ps)) {
        const int64_t skip = ps->plan.first - (op->in - n);
        *values += skip > 0 && gives > 0 ? skip : 0;
        return LMP_OK;
    }
    if (!active) {
        queue_drop(&op->waiting, op->given);
        op->given = gives;
        const lmp_status status = queue_append(&op->waiting, *values, n, budget, err);
        *values = op->waiting.values;
        return status;
    }
    if (n == 0 && !ends) return LMP_OK;
    const double *in = *values;
    *values = to;
    return ps->step->process(ps->shared, op->state, rooms->scratch, in, n, to, gives, ends, err);
}

lmp_status refilter_lane_process(const refilter *r, refilter_lane *lane, const refilter_rooms *rooms, const double *in,
                                 int64_t n_in, bool ended, lmp_budget *budget, const double **out, int64_t *n_out,
                                 lmp_error *err)
{
    lmp_status status = LMP_OK;
    int64_t n = n_in;
    *out = in;
    for (int64_t i = 0; i < r->plan->n_steps && status == LMP_OK; i++) {
        const plan_step *ps = &r->plan->steps[i];
        lane_op *op = &lane->ops[i];
        const bool was_ended = op->ended;
        if (was_ended) n = 0;
        op->in += n;
        const int64_t total = count_given(ps, op->in, &ended), gives = total - op->out;
        op->out = total;
        op->ended = was_ended || ended;
        status = process_step(ps, op, is_active(ps, lane->channel), rooms, rooms->rooms[i % 2], out, n, gives,
                              ended && !was_ended, budget, err);
        n = gives;
    }
    *n_out = n;
    return status;
}
