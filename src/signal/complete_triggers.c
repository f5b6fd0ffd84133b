/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step complete-triggers: puts missing triggers back and drops those that the scanner never sent.
 *
 * The lattice says which are missing; the time of a missing one is on the straight line through its neighbours.
 */
#include "signal/trigger_events.h"

#include <math.h>
#include <stdlib.h>

typedef struct complete_params {
    double jitter;
    int64_t most_missing;
} complete_params;

static const lmp_param params_table[] = {
    {"jitter", LMP_PARAM_NUMBER, offsetof(complete_params, jitter), "auto", 0.01, 1000, "samples", "auto",
     "Largest error of a trigger's time; auto: 1, as rounding to samples leaves, or more if the distances vary more."},
    {"most-missing", LMP_PARAM_INTEGER, offsetof(complete_params, most_missing), "64", 1, 10000, "periods", NULL,
     "Longest gap inside a scan block; a longer one is a pause between two scan blocks."},
    {.name = NULL},
};

#define NEIGHBOURS   20  /* triggers on either side of a gap that place what is missing */
#define LISTED       200 /* times that the record lists */
#define MOST_EPOCHS  10000000
#define LEAST_PERIOD 4.0 /* samples, and times the jitter: closer triggers cannot be told apart */
#define MANY         0.2 /* changed triggers, as a fraction of all, that deserve a warning */

typedef struct completed {
    trigger_lattice lattice;
    double *times; /* all triggers, samples */
    int64_t n;
    double *added;
    int64_t n_added;
} completed;

static void clear_completed(completed *c)
{
    trigger_lattice_clear(&c->lattice);
    free(c->times);
    free(c->added);
    *c = (completed){0};
}

/* ---- Placing what is missing ---- */

/* The straight line through up to 40 triggers of the block around the gap before trigger q, at index k. */
static double place(const trigger_lattice *l, const trigger_block *block, int64_t q, double k)
{
    int64_t end = block->first + block->count;
    int64_t from = q - NEIGHBOURS > block->first ? q - NEIGHBOURS : block->first;
    int64_t to = q + NEIGHBOURS < end ? q + NEIGHBOURS : end;
    double k_mean = 0.0, t_mean = 0.0, kk = 0.0, kt = 0.0, count = (double)(to - from);
    for (int64_t i = from; i < to; i++) {
        k_mean += (l->index[i] - k) / count;
        t_mean += (l->time[i] - l->time[q]) / count;
    }
    for (int64_t i = from; i < to; i++) {
        double x = l->index[i] - k - k_mean;
        kk += x * x;
        kt += x * (l->time[i] - l->time[q] - t_mean);
    }
    return l->time[q] + t_mean - kt / kk * k_mean;
}

static void fill_block(completed *c, const trigger_block *block)
{
    const trigger_lattice *l = &c->lattice;
    for (int64_t q = block->first; q < block->first + block->count; q++) {
        for (double k = q > block->first ? l->index[q - 1] + 1.0 : l->index[q]; k < l->index[q]; k++) {
            double time = place(l, block, q, k);
            c->times[c->n++] = time;
            c->added[c->n_added++] = time;
        }
        c->times[c->n++] = l->time[q];
    }
}

static lmp_status check_lattice(const completed *c, const complete_params *p, int64_t n, double rate_hz, lmp_error *err)
{
    const trigger_lattice *l = &c->lattice;
    if (l->n >= 2 && l->period < LEAST_PERIOD * (l->jitter + 1.0))
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "complete-triggers: the triggers are %g samples apart, too close for a jitter of %g samples: check "
            "the label that triggers took, or lower jitter",
            l->period, l->jitter);
    if (n >= 2 && l->n_blocks == 0)
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "complete-triggers: the %lld triggers lie at no regular distance (the median is %g s): check the "
            "label that triggers took, or raise jitter (now %g samples)",
            (long long)n, l->period / rate_hz, l->jitter);
    if (trigger_lattice_count_missing(l) > MOST_EPOCHS)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "complete-triggers: more than %d triggers would be added: lower most-missing (now %lld)",
                        MOST_EPOCHS, (long long)p->most_missing);
    return LMP_OK;
}

/* On failure nothing is left to clear. */
static lmp_status complete(const complete_params *p, const lmp_stream *in, completed *c, lmp_error *err)
{
    double *times = NULL;
    int64_t n = 0;
    *c = (completed){0};
    lmp_status status = trigger_events_get("complete-triggers", in, &times, &n, err);
    if (status == LMP_OK)
        status = trigger_lattice_find(times, n, (trigger_tolerance){p->jitter, p->most_missing}, &c->lattice, err);
    free(times);
    if (status == LMP_OK) status = check_lattice(c, p, n, in->format.rate_hz, err);
    if (status == LMP_OK) {
        int64_t missing = trigger_lattice_count_missing(&c->lattice);
        c->times = malloc(((size_t)(c->lattice.n + missing) + 1) * sizeof(double));
        c->added = malloc(((size_t)missing + 1) * sizeof(double));
        if (c->times == NULL || c->added == NULL)
            status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
    }
    for (int64_t b = 0; b < c->lattice.n_blocks && status == LMP_OK; b++) fill_block(c, &c->lattice.blocks[b]);
    if (status != LMP_OK) clear_completed(c);
    return status;
}

/* ---- The step ---- */

typedef struct complete_state {
    completed result;
    double rate_hz;
} complete_state;

static lmp_status plan_complete(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    completed c;
    lmp_status status = complete(params, in, &c, err);
    if (status != LMP_OK) return status;
    if ((double)(c.n_added + c.lattice.n_extra) > MANY * (double)c.n)
        lmp_plan_warn(plan,
                      "complete-triggers: %lld triggers were missing and %lld too many, of %lld: check the label that "
                      "triggers took",
                      (long long)c.n_added, (long long)c.lattice.n_extra, (long long)c.n);
    status = trigger_events_put(&plan->out, c.times, c.n, err);
    clear_completed(&c);
    return status;
}

static lmp_status open_complete(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    complete_state *state = calloc(1, sizeof *state);
    (void)plan;
    (void)budget;
    if (state == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
    state->rate_hz = in->format.rate_hz;
    lmp_status status = complete(params, in, &state->result, err);
    if (status != LMP_OK) {
        free(state);
        return status;
    }
    *shared = state;
    return LMP_OK;
}

/* Times in seconds, at most LISTED of them. */
static void record_times(lmp_record *record, const char *key, const double *times, int64_t n, double rate_hz)
{
    double seconds[LISTED];
    if (n > LISTED) n = LISTED;
    for (int64_t i = 0; i < n; i++) seconds[i] = times[i] / rate_hz;
    lmp_record_numbers(record, key, seconds, n);
}

static void record_blocks(const trigger_lattice *l, double rate_hz, lmp_record *record)
{
    double first[LISTED], last[LISTED];
    int64_t n = l->n_blocks < LISTED ? l->n_blocks : LISTED;
    for (int64_t b = 0; b < n; b++) {
        first[b] = l->time[l->blocks[b].first];
        last[b] = l->time[l->blocks[b].first + l->blocks[b].count - 1];
    }
    lmp_record_number(record, "blocks", (double)l->n_blocks);
    record_times(record, "block_first_s", first, n, rate_hz);
    record_times(record, "block_last_s", last, n, rate_hz);
}

static void record_complete(const void *shared, lmp_record *record)
{
    const complete_state *state = shared;
    if (state == NULL) return;
    const completed *c = &state->result;
    lmp_record_number(record, "triggers", (double)c->n);
    lmp_record_number(record, "period_s", c->lattice.period / state->rate_hz);
    lmp_record_number(record, "jitter_samples", c->lattice.jitter);
    lmp_record_number(record, "missing_added", (double)c->n_added);
    record_times(record, "added_s", c->added, c->n_added, state->rate_hz);
    lmp_record_number(record, "extra_removed", (double)c->lattice.n_extra);
    record_times(record, "removed_s", c->lattice.extra, c->lattice.n_extra, state->rate_hz);
    record_blocks(&c->lattice, state->rate_hz, record);
}

static void close_complete(void *shared, lmp_budget *budget)
{
    complete_state *state = shared;
    (void)budget;
    if (state == NULL) return;
    clear_completed(&state->result);
    free(state);
}

const lmp_step lmp_step_complete_triggers = {
    .struct_size = sizeof(lmp_step),
    .name = "complete-triggers",
    .summary = "Puts missing triggers back and drops stray ones, in any number of scan blocks.",
    .doc = "**Method**: a scanner's triggers lie on a lattice `t_k = t_0 + k P`. The period `P` is the median "
           "distance, made precise by averaging all distances like it. Two triggers agree if they are `k` periods "
           "apart within `2 jitter + 5e-5 k P`. A scan block opens at a trigger with which two of the next four "
           "agree, goes on with every trigger that agrees with the last, and ends after three in a row that do not, "
           "or after `most-missing` periods. Triggers that agree with no block are strangers and are dropped.\n\n"
           "A gap of several periods inside a block is a pause of the scanner, not a loss, if the straight lines "
           "through the (up to) 20 triggers on its two sides do not meet the lattice of the other side within `1.5 "
           "jitter + 2e-5 P` per period; then the block is split. Else every whole period in the gap gets a trigger, "
           "on the straight line through the 20 triggers before and the 20 after it. Any number may be missing.\n\n"
           "Put it behind `triggers`, and behind it `slice-triggers` or `align`. Events other than the triggers stay "
           "as they are; the provenance record lists what was added and removed.\n\n"
           "**Limits**: triggers missing before the first or after the last of a block cannot be known. A pause that "
           "is, within the tolerance, a whole number of periods is taken for missing triggers; the epochs there "
           "contain no artifact, and `gradient` leaves them alone. With fewer than three triggers nothing is "
           "changed.\n",
    .known_as = "MissingTriggerDetector, MissingTriggerCompleter (FACETpy), trigcorrect (FMRIB plug-in)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params_table,
    .params_size = sizeof(complete_params),
    .plan = plan_complete,
    .open = open_complete,
    .record = record_complete,
    .close = close_complete,
};
