/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_traces.c: a few seconds of a channel before and after.
 *
 * The truth is shown as it looks behind the result's own filters. They need all that came before, so the truth streams
 * through them from its start; the stretches shown are near the beginning of the scan for that reason.
 */
#include "score/report_traces.h"

#include "core/budget.h"
#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

#define INSIDE_S 20.0 /* from the beginning of the scan to the second stretch */

enum { BLOCK = 32768 };
#define MOST_SAMPLES ((int64_t)1 << 21)

typedef struct stretch {
    double first_s, last_s; /* on the clock of the recording before processing */
    double *values;
    double *times;
    int64_t n;
} stretch;

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the traces of a report");
}

static void stretch_clear(stretch *t)
{
    free(t->values);
    free(t->times);
    t->values = t->times = NULL;
    t->n = 0;
}

/* Which samples of a recording that starts at start_s; false if there are none. */
static bool choose_samples(const stretch *t, double start_s, double rate_hz, int64_t n_times, int64_t *first,
                           int64_t *count)
{
    const double from = fmax(ceil((t->first_s - start_s) * rate_hz), 0);
    const double to = fmin(floor((t->last_s - start_s) * rate_hz), (double)n_times);
    if (!(to - from >= 2) || to - from > (double)MOST_SAMPLES) return false;
    *first = (int64_t)from;
    *count = (int64_t)(to - from);
    return true;
}

static lmp_status make_room(stretch *t, int64_t first, int64_t count, double start_s, double rate_hz, lmp_error *err)
{
    t->values = malloc((size_t)count * sizeof *t->values);
    t->times = malloc((size_t)count * sizeof *t->times);
    if (t->values == NULL || t->times == NULL) {
        stretch_clear(t);
        return no_memory(err);
    }
    t->n = count;
    for (int64_t i = 0; i < count; i++) {
        t->times[i] = start_s + (double)(first + i) / rate_hz;
        t->values[i] = UNKNOWN;
    }
    return LMP_OK;
}

static lmp_status read_stretch(lmp_recording *recording, int64_t channel, double start_s, stretch *t, lmp_error *err)
{
    int64_t first, count;
    if (recording == NULL || channel < 0) return LMP_OK;
    const lmp_format *f = lmp_recording_get_format(recording);
    if (!choose_samples(t, start_s, f->rate_hz, f->n_times, &first, &count)) return LMP_OK;
    const lmp_status status = make_room(t, first, count, start_s, f->rate_hz, err);
    return status != LMP_OK ? status : lmp_recording_read(recording, channel, first, count, t->values, err);
}

/* ---- The truth behind the filters ---- */

typedef struct truth_pass {
    lmp_recording *recording;
    int64_t channel;
    refilter *filters;
    refilter_lane *lane;
    lmp_budget *budget;
    refilter_rooms rooms;
    double *in;
    int64_t at; /* values that have come out */
} truth_pass;

static lmp_status take(lmp_budget *budget, size_t bytes, void **memory, lmp_error *err)
{
    return lmp_take(budget, bytes > 0 ? bytes : 1, memory, err);
}

static lmp_status open_truth(const score *s, truth_pass *p, lmp_error *err)
{
    char *others = NULL;
    const json_t *chain = json_object_get(s->in.record, "parameters");
    lmp_status status = refilter_open(s->in.engine, chain, p->recording, p->budget, &p->filters, &others, err);
    free(others);
    if (status == LMP_OK) status = refilter_lane_open(p->filters, p->channel, p->budget, &p->lane, err);
    if (status != LMP_OK) return status;
    refilter_count counts = {0};
    const int64_t n_times = lmp_recording_get_format(p->recording)->n_times;
    for (int64_t from = 0; from < n_times; from += BLOCK)
        (void)refilter_count_next(p->filters, &counts, n_times - from < BLOCK ? n_times - from : BLOCK,
                                  n_times - from <= BLOCK);
    void *memory = NULL;
    for (int i = 0; i < 2 && status == LMP_OK; i++) {
        status = take(p->budget, (size_t)counts.widest * sizeof(double), &memory, err);
        p->rooms.rooms[i] = memory;
    }
    if (status == LMP_OK) status = take(p->budget, refilter_scratch_bytes(p->filters), &p->rooms.scratch, err);
    if (status == LMP_OK) status = take(p->budget, BLOCK * sizeof(double), &memory, err);
    p->in = status == LMP_OK ? memory : NULL;
    return status;
}

static void close_truth(truth_pass *p)
{
    if (p->filters != NULL) refilter_lane_close(p->filters, p->lane, p->budget);
    for (int i = 0; i < 2; i++) lmp_give(p->budget, p->rooms.rooms[i]);
    lmp_give(p->budget, p->rooms.scratch);
    lmp_give(p->budget, p->in);
    refilter_close(p->filters, p->budget);
}

/* What of the values that came out belongs to a stretch whose first sample is number `first`. */
static void keep(stretch *t, int64_t first, int64_t at, const double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (at + i >= first && at + i < first + t->n) t->values[at + i - first] = values[i];
}

static lmp_status stream_truth(truth_pass *p, stretch *stretches, const int64_t *firsts, int n_stretches, int64_t until,
                               lmp_error *err)
{
    const int64_t n_times = lmp_recording_get_format(p->recording)->n_times;
    lmp_status status = LMP_OK;
    for (int64_t from = 0; from < n_times && p->at < until && status == LMP_OK; from += BLOCK) {
        const int64_t count = n_times - from < BLOCK ? n_times - from : BLOCK;
        const double *out = NULL;
        int64_t n = 0;
        status = lmp_recording_read(p->recording, p->channel, from, count, p->in, err);
        if (status == LMP_OK)
            status = refilter_lane_process(p->filters, p->lane, &p->rooms, p->in, count, from + count == n_times,
                                           p->budget, &out, &n, err);
        for (int i = 0; i < n_stretches && status == LMP_OK; i++) keep(&stretches[i], firsts[i], p->at, out, n);
        p->at += n;
    }
    return status;
}

static lmp_status read_truth(const score *s, int64_t channel, stretch *stretches, int n_stretches, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(s->in.result);
    truth_pass p = {.recording = s->in.truth, .channel = s->in.channels[channel].truth};
    int64_t firsts[4] = {0}, until = 0;
    lmp_status status = LMP_OK;
    if (!s->measured->has_truth || p.channel < 0) return LMP_OK;
    for (int i = 0; i < n_stretches && status == LMP_OK; i++) {
        int64_t count;
        if (!choose_samples(&stretches[i], s->in.result_start_s, f->rate_hz, f->n_times, &firsts[i], &count)) continue;
        status = make_room(&stretches[i], firsts[i], count, s->in.result_start_s, f->rate_hz, err);
        if (firsts[i] + count > until) until = firsts[i] + count;
    }
    if (status == LMP_OK) status = budget_new(s->in.engine->memory_limit, &p.budget, err);
    if (status != LMP_OK) return status;
    status = open_truth(s, &p, err);
    if (status == LMP_OK) status = stream_truth(&p, stretches, firsts, n_stretches, until, err);
    close_truth(&p);
    budget_free(p.budget);
    return status;
}

/* ---- Telling ---- */

enum { STRETCHES = 2 };

static void choose_stretches(const score *s, stretch chosen[STRETCHES])
{
    const double total_s = s->in.result_start_s + score_duration_s(s->in.result);
    double first_s = s->in.result_start_s, length_s = total_s - first_s;
    if (s->in.has_times) {
        first_s = s->in.times.blocks[0].first_s;
        length_s = s->in.times.blocks[0].last_s - first_s;
    }
    const double inside_s = first_s + fmin(INSIDE_S, length_s / 2);
    chosen[0] = (stretch){.first_s = fmax(first_s - 1, s->in.result_start_s), .last_s = fmin(first_s + 1.5, total_s)};
    chosen[1] = (stretch){.first_s = inside_s, .last_s = fmin(inside_s + 2.5, total_s)};
}

static void add_trace(json_t *figure, const char *label, const char *role, const stretch *t)
{
    if (t->n > 0) figure_series(figure, label, role, "line", t->times, t->values, t->n);
}

typedef struct trace_set {
    stretch before[STRETCHES], after[STRETCHES], truth[STRETCHES];
} trace_set;

static void tell_stretch(report_data *d, const trace_set *t, int i)
{
    const stretch *b = &t->before[i];
    data_open(d, "group", "");
    if (b->n > 0) {
        json_t *figure =
            data_curves(d, "A few seconds of one channel before processing.", "time, s", "before, µV", 110);
        figure_range(figure, "x_range", b->first_s, b->last_s);
        add_trace(figure, "before", "before", b);
    }
    if (t->after[i].n > 0) {
        json_t *figure = data_curves(d, "The same after processing.", "time, s", "after, µV", 170);
        figure_range(figure, "x_range", b->first_s, b->last_s);
        add_trace(figure, "truth, through the same filters", "truth", &t->truth[i]);
        add_trace(figure, "after", "after", &t->after[i]);
    }
    data_close(d);
}

lmp_status figure_traces(report_data *d, const score *s, int64_t channel, lmp_error *err)
{
    const input_channel *c = &s->in.channels[channel];
    trace_set t;
    choose_stretches(s, t.before);
    memcpy(t.after, t.before, sizeof t.after);
    memcpy(t.truth, t.before, sizeof t.truth);
    lmp_status status = read_truth(s, channel, t.truth, STRETCHES, err);
    for (int i = 0; i < STRETCHES && status == LMP_OK; i++) {
        status = read_stretch(s->in.before, c->before, 0, &t.before[i], err);
        if (status == LMP_OK) status = read_stretch(s->in.result, c->result, s->in.result_start_s, &t.after[i], err);
    }
    data_open(d, "pair", "");
    for (int i = 0; i < STRETCHES && status == LMP_OK; i++) tell_stretch(d, &t, i);
    data_close(d);
    for (int i = 0; i < STRETCHES; i++) {
        stretch_clear(&t.before[i]);
        stretch_clear(&t.after[i]);
        stretch_clear(&t.truth[i]);
    }
    return status;
}
