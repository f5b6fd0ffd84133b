/* SPDX-License-Identifier: BSD-3-Clause
 *
 * erase.c: replace the samples of marked stretches by a straight line, their surroundings' mean, or zero.
 *
 * What lies right of a stretch must be known before the stretch can be written, and a stretch may be of any length. So
 * a learning pass sums the samples next to each stretch; then nothing has to wait. A sum grows in time order from its
 * first sample to its last, however the data are cut.
 */
#include "signal/channels.h"
#include "signal/marked_ranges.h"
#include "signal/trigger_events.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum filling { WITH_LINE, WITH_ZERO, WITH_MEAN } filling;

typedef struct erase_params {
    const char *ranges, *label, *channels;
    int64_t with;
    double edge_s;
} erase_params;

static const lmp_param params_table[] = {
    {"ranges", LMP_PARAM_TEXT, offsetof(erase_params, ranges), "", 0, 0, "s", NULL,
     "Stretches in seconds from the start, as in 12.5-14,20-21 or 60- (to the end); none: those of events."},
    {"label", LMP_PARAM_TEXT, offsetof(erase_params, label), "BAD_erase", 0, 0, "", NULL,
     "Label of the events whose stretches are erased: exact, with * and ?, or a /regular expression/."},
    {"with", LMP_PARAM_CHOICE, offsetof(erase_params, with), "line", 0, 0, "", "line|zero|mean",
     "What takes the place of the samples: a straight line from the left to the right, zero, or the mean of both "
     "sides."},
    {"edge-s", LMP_PARAM_NUMBER, offsetof(erase_params, edge_s), "0.05", 0, 100, "s", NULL,
     "How much of the signal on either side tells where the line begins and ends; at least one sample."},
    {"channels", LMP_PARAM_CHANNELS, offsetof(erase_params, channels), "data", 0, 0, "", NULL,
     "Channels to work on: names with wildcards, roles, all, or data (all but stim and slow ones)."},
    {.name = NULL},
};

/* ---- The stretches ------------------------------------------------------------------------------------------- */

/* A stretch, and the samples [left, first) and [end, right) that tell its edges. */
typedef struct erased {
    sample_range range;
    int64_t left, right;
} erased;

typedef struct erased_list {
    erased *items; /* ascending */
    int64_t n;
} erased_list;

static lmp_status find_ranges(const erase_params *p, const lmp_stream *in, lmp_time_range **ranges, int64_t *n,
                              lmp_error *err)
{
    char labels[TRIGGER_EVENTS_TEXT];
    if (p->ranges[0] != '\0') {
        lmp_status status = marked_ranges_parse("erase", p->ranges, in, ranges, n, err);
        for (int64_t i = 0; i < *n && status == LMP_OK; i++)
            if (!((*ranges)[i].last_s > (*ranges)[i].first_s))
                status = lmp_fail(err, LMP_ERR_USAGE,
                                  "erase: %.10g in ranges is no stretch: give its end, as in %.10g-%.10g",
                                  (*ranges)[i].first_s, (*ranges)[i].first_s, (*ranges)[i].first_s + 1.0);
        return status;
    }
    lmp_status status = marked_ranges_find(p->label, in, ranges, n, err);
    if (status != LMP_OK || *n > 0 || in->events_pending) return status;
    status = trigger_events_list(in, labels, err);
    if (status != LMP_OK) return status;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "erase: no event with a duration has the label '%s': give ranges, or one of the labels (%s)",
                    p->label, labels);
}

/* Sides end where the next stretch begins. */
static void set_sides(erased_list *list, const sample_range *ranges, int64_t edge, int64_t n_times)
{
    for (int64_t i = 0; i < list->n; i++) {
        const int64_t before = i > 0 ? ranges[i - 1].end : 0, after = i + 1 < list->n ? ranges[i + 1].first : n_times;
        erased *e = &list->items[i];
        *e = (erased){ranges[i], ranges[i].first - edge, ranges[i].end + edge};
        if (e->left < before) e->left = before;
        if (e->right > after) e->right = after;
    }
}

/* None if events are still to come; free the items. */
static lmp_status list_erased(const erase_params *p, const lmp_stream *in, erased_list *list, lmp_error *err)
{
    lmp_time_range *ranges = NULL;
    sample_range *samples = NULL;
    int64_t n = 0;
    *list = (erased_list){0};
    if (!(in->format.rate_hz > 0.0)) return lmp_fail(err, LMP_ERR_INPUT, "erase needs the sample rate: give --rate");
    lmp_status status = find_ranges(p, in, &ranges, &n, err);
    if (status == LMP_OK) {
        samples = calloc((size_t)n + 1, sizeof *samples);
        list->items = calloc((size_t)n + 1, sizeof *list->items);
        if (samples == NULL || list->items == NULL)
            status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for stretches");
    }
    if (status == LMP_OK) {
        const double edge = floor(p->edge_s * in->format.rate_hz + 0.5);
        list->n = marked_ranges_merge(ranges, n, &in->format, samples);
        set_sides(list, samples, edge < 1.0 ? 1 : (int64_t)edge, in->format.n_times);
    }
    free(samples);
    free(ranges);
    if (status != LMP_OK) free(list->items);
    return status;
}

/* The first stretch that may touch what begins at `first`. */
static int64_t find_first(const erased *items, int64_t n, int64_t first)
{
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (items[middle].right <= first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- The step ------------------------------------------------------------------------------------------------ */

typedef struct side {
    double sum;
    int64_t n;
} side;

typedef struct edges {
    side left, right;
} edges;

typedef struct erase_shared {
    filling with;
    double rate_hz;
    int64_t n, n_lanes;
    erased *items;
    edges *sums;     /* of stretch i on a lane at lane * n + i */
    bool *is_active; /* per lane */
} erase_shared;

typedef struct erase_lane {
    const edges *sums;
    int64_t at;
} erase_lane;

static size_t shared_bytes(int64_t n, int64_t n_lanes)
{
    return sizeof(erase_shared) + (size_t)n * sizeof(erased) + (size_t)(n * n_lanes) * sizeof(edges) +
           (size_t)n_lanes * sizeof(bool);
}

static lmp_status plan_erase(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const erase_params *p = params;
    erased_list list;
    lmp_status status = channels_activate("erase", p->channels, in, plan, err);
    if (status == LMP_OK) status = list_erased(p, in, &list, err);
    if (status != LMP_OK) return status;
    const bool is_all = list.n == 1 && list.items[0].range.first == 0 && list.items[0].range.end == in->format.n_times;
    if (list.n == 0) {
        plan->is_identity = true; /* events are still to come: planned again then */
    } else if (p->with != WITH_ZERO && is_all) {
        status = lmp_fail(err, LMP_ERR_USAGE,
                          "erase: the stretch covers the whole recording, so that nothing on either side tells what to "
                          "put there: give with=zero or a shorter stretch");
    } else {
        plan->lane_bytes = sizeof(erase_lane);
        plan->shared_bytes = shared_bytes(list.n, in->format.n_channels);
        plan->learn_passes = p->with != WITH_ZERO;
        plan->learn_lane = plan->lane_active;
        plan->learn_count = list.items[list.n - 1].right;
    }
    free(list.items);
    return status;
}

static lmp_status open_erase(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                             void **shared, lmp_error *err)
{
    const erase_params *p = params;
    const int64_t n_lanes = in->format.n_channels;
    erased_list list;
    erase_shared *s = NULL;
    lmp_status status = list_erased(p, in, &list, err);
    if (status != LMP_OK) return status;
    status = lmp_take(budget, shared_bytes(list.n, n_lanes), (void **)&s, err);
    if (status == LMP_OK) {
        *s = (erase_shared){.with = (filling)p->with, .rate_hz = in->format.rate_hz, .n = list.n, .n_lanes = n_lanes};
        s->items = (erased *)(s + 1);
        s->sums = (edges *)(s->items + list.n);
        s->is_active = (bool *)(s->sums + list.n * n_lanes);
        memcpy(s->items, list.items, (size_t)list.n * sizeof *s->items);
        memcpy(s->is_active, plan->lane_active, (size_t)n_lanes * sizeof(bool));
        *shared = s;
    }
    free(list.items);
    return status;
}

static void close_erase(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

/* Adds what samples [from, to) have of x, which holds [first, first + n). Missing samples take no part. */
static void add_samples(side *s, int64_t from, int64_t to, const double *x, int64_t first, int64_t n)
{
    if (from < first) from = first;
    if (to > first + n) to = first + n;
    for (int64_t i = from; i < to; i++) {
        if (!isfinite(x[i - first])) continue;
        s->sum += x[i - first];
        s->n++;
    }
}

static lmp_status learn_erase(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in, lmp_error *err)
{
    erase_shared *s = shared;
    (void)err;
    if (!s->is_active[lane]) return LMP_OK;
    for (int64_t i = find_first(s->items, s->n, first); i < s->n && s->items[i].left < first + n_in; i++) {
        const erased *e = &s->items[i];
        edges *to = &s->sums[lane * s->n + i];
        add_samples(&to->left, e->left, e->range.first, in, first, n_in);
        add_samples(&to->right, e->range.end, e->right, in, first, n_in);
    }
    return LMP_OK;
}

static lmp_status learned_erase(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)shared, (void)pass, (void)out, (void)err;
    return LMP_OK;
}

static lmp_status open_lane(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const erase_shared *s = shared;
    const lmp_status status = lmp_take(budget, sizeof(erase_lane), state, err);
    if (status == LMP_OK) *(erase_lane *)*state = (erase_lane){.sums = s->sums + lane * s->n};
    return status;
}

static void close_lane(const void *shared, void *state, lmp_budget *budget)
{
    (void)shared;
    lmp_give(budget, state);
}

/* Where the line begins and ends: one sample before the stretch and one behind it. NaN if neither side is known. */
static void find_ends(filling with, const edges *e, double *left, double *right)
{
    const double n = (double)(e->left.n + e->right.n);
    *left = *right = with == WITH_ZERO ? 0.0 : (double)NAN;
    if (with == WITH_ZERO || n == 0.0) return;
    *left = *right = (e->left.sum + e->right.sum) / n;
    if (with == WITH_MEAN || e->left.n == 0 || e->right.n == 0) return;
    *left = e->left.sum / (double)e->left.n;
    *right = e->right.sum / (double)e->right.n;
}

/* Writes what lies in [first, first + n) of a stretch. */
static void fill(filling with, const sample_range *range, const edges *e, double *out, int64_t first, int64_t n)
{
    double left, right;
    find_ends(with, e, &left, &right);
    const double rise = right - left, steps = (double)(range->end - range->first + 1);
    const int64_t from = range->first > first ? range->first : first;
    const int64_t to = range->end < first + n ? range->end : first + n;
    for (int64_t i = from; i < to; i++)
        out[i - first] = left == right ? left : left + rise * ((double)(i - range->first + 1) / steps);
}

static lmp_status process_erase(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                                int64_t n_out, bool ended, lmp_error *err)
{
    const erase_shared *s = shared;
    erase_lane *lane = state;
    (void)scratch, (void)n_in, (void)ended, (void)err;
    memcpy(out, in, (size_t)n_out * sizeof(double));
    for (int64_t i = find_first(s->items, s->n, lane->at); i < s->n && s->items[i].range.first < lane->at + n_out; i++)
        fill(s->with, &s->items[i].range, &lane->sums[i], out, lane->at, n_out);
    lane->at += n_out;
    return LMP_OK;
}

static void record_erase(const void *shared, lmp_record *record)
{
    const erase_shared *s = shared;
    int64_t samples = 0, unknown = 0;
    if (s == NULL) return;
    for (int64_t i = 0; i < s->n; i++) samples += s->items[i].range.end - s->items[i].range.first;
    for (int64_t i = 0; i < s->n * s->n_lanes && s->with != WITH_ZERO; i++)
        unknown += s->is_active[i / s->n] && s->sums[i].left.n + s->sums[i].right.n == 0;
    lmp_record_number(record, "stretches", (double)s->n);
    lmp_record_number(record, "erased_s", (double)samples / s->rate_hz);
    if (unknown > 0)
        lmp_record_warn(
            record, "erase: %lld stretches, counted over channels, have no sample on either side and became missing",
            (long long)unknown);
}

const lmp_step lmp_step_erase = {
    .struct_size = sizeof(lmp_step),
    .name = "erase",
    .summary = "Replaces the samples of marked stretches by a straight line, zero or a mean.",
    .doc =
        "Stretches come from `ranges`, or from the recording's events that have the label `label` and a duration: "
        "those that `annotate` has put there, that a BIDS `events.tsv` names (`--events`), or that were in the file. "
        "From `T1` to `T2` are the samples from `T1 rate` to before `T2 rate`, both rounded, at least one. Stretches "
        "that overlap or touch are one. All other samples come out bit-identical; events and triggers stay.\n\n"
        "| with | sample i of a stretch [a, b) |\n| --- | --- |\n"
        "| line | `L + (R - L) (i - a + 1) / (b - a + 1)`: L is the mean of the `edge-s` before a, R that of the "
        "`edge-s` from b on |\n"
        "| mean | the mean of all samples of both sides |\n"
        "| zero | 0 |\n\n"
        "A side ends at the recording's end and where the next stretch begins; if nothing is left of it, the other "
        "side's mean is put everywhere.\n\n"
        "**Missing samples (NaN)** inside a stretch are replaced like all others, those beside it take no part. If "
        "there are only missing samples on both sides, the stretch becomes missing (`with=zero`: 0), and the record "
        "has a warning.\n\n"
        "**When**: behind `gradient`, which would subtract its template from a line, too, and before filters, whose "
        "impulse response spreads a jump into its surroundings. Where a stretch is only to be left out of templates, "
        "`annotate` is enough: see `skip` of `gradient`. Spectra and averages take a straight line for a signal "
        "without EEG: leave the stretch out there, too.\n\n"
        "    limpid run IN.edf erase 12.5-14,20-21 ! write OUT.bdf\n\n"
        "It reads the recording twice, up to the last stretch (`zero`: once); 32 bytes are kept for each stretch and "
        "channel. FACETpy's MagicErasor can also fill with generated EEG; this is not offered, because samples that "
        "nobody has measured could not be told from EEG afterwards.\n",
    .known_as = "MagicErasor (FACETpy)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_TIME,
    .params = params_table,
    .params_size = sizeof(erase_params),
    .plan = plan_erase,
    .open = open_erase,
    .learn = learn_erase,
    .learned = learned_erase,
    .lane_open = open_lane,
    .process = process_erase,
    .lane_close = close_lane,
    .record = record_erase,
    .close = close_erase,
};
