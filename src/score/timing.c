/* SPDX-License-Identifier: BSD-3-Clause
 *
 * timing.c: blocks, volumes and the parts without scanning, from the times of triggers.
 *
 * Three kinds of intervals are told apart by their lengths: from epoch to epoch (the commonest), the pauses at the ends
 * of volumes (longer, and many of about one length), and the pauses between blocks (longer still, or few).
 */
#include "score/timing.h"

#include "score/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the times of epochs");
}

static int compare_times(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double interval(const timing *t, int64_t i)
{
    return t->onset_s[i + 1] - t->onset_s[i];
}

/* Intervals in (above_s, up_to_s], into `some`; how many. */
static int64_t gather_intervals(const timing *t, double above_s, double up_to_s, double *some)
{
    int64_t n = 0;
    for (int64_t i = 0; i + 1 < t->n_epochs; i++)
        if (interval(t, i) > above_s && interval(t, i) <= up_to_s) some[n++] = interval(t, i);
    return n;
}

/* The interval from which on a pause is one between blocks: well above the pauses of volumes, if there are such. */
static double block_pause(const timing *t, double common_s, double *some)
{
    const int64_t n = gather_intervals(t, 1.5 * common_s, ENDLESS, some);
    return n < 3 ? 1.5 * common_s : 1.5 * metric_median(some, n);
}

static lmp_status cut_blocks(timing *t, double pause_s, lmp_error *err)
{
    int64_t n = 1;
    for (int64_t i = 0; i + 1 < t->n_epochs; i++) n += interval(t, i) > pause_s;
    t->blocks = calloc((size_t)n, sizeof *t->blocks);
    if (t->blocks == NULL) return no_memory(err);
    t->blocks[0].first_s = t->onset_s[0];
    for (int64_t i = 0; i < t->n_epochs; i++) {
        const bool is_last = i + 1 == t->n_epochs;
        if (!is_last && interval(t, i) <= pause_s) continue;
        const double until_s = is_last ? t->total_s : t->onset_s[i + 1];
        t->blocks[t->n_blocks++].last_s = fmin(t->onset_s[i] + t->length_s, until_s);
        if (!is_last) t->blocks[t->n_blocks].first_s = t->onset_s[i + 1];
    }
    return LMP_OK;
}

/* Slices of a volume, if pauses come after every so many epochs: the commonest run between two pauses must make up
 * four fifths of all. */
static void find_volumes(timing *t, double common_s, double pause_s, double *some)
{
    double longest_s = 0;
    for (int64_t i = 0; i + 1 < t->n_epochs; i++)
        if (interval(t, i) <= pause_s) longest_s = fmax(longest_s, interval(t, i));
    const double threshold_s = (common_s + longest_s) / 2;
    if (longest_s < 1.02 * common_s) return;
    double *runs = some, whole_s = 0;
    int64_t n = 0, last = -1, n_whole = 0, n_like = 0;
    for (int64_t i = 0; i + 1 < t->n_epochs; i++) {
        if (interval(t, i) > pause_s) last = -1;
        if (interval(t, i) > pause_s || interval(t, i) <= threshold_s) continue;
        if (last >= 0) runs[n++] = (double)(i - last);
        last = i;
    }
    const double run = n < 2 ? UNKNOWN : metric_median(runs, n);
    for (int64_t i = 0; i < n; i++) n_like += runs[i] == run;
    if (!(run >= 2) || n_like * 5 < n * 4) return;
    t->slices_per_volume = (int64_t)run;
    for (int64_t i = 0; i + t->slices_per_volume < t->n_epochs; i++) {
        const double length_s = t->onset_s[i + t->slices_per_volume] - t->onset_s[i];
        if (length_s > pause_s + run * common_s) continue;
        whole_s += length_s;
        n_whole++;
    }
    if (n_whole > 0) t->volume_s = whole_s / (double)n_whole;
}

static lmp_status understand(timing *t, double length_s, lmp_error *err)
{
    double *some = calloc((size_t)t->n_epochs, sizeof *some);
    if (some == NULL) return no_memory(err);
    const double common_s = metric_median(some, gather_intervals(t, 0, ENDLESS, some));
    const double pause_s = block_pause(t, common_s, some);
    t->period_s = metric_mean(some, gather_intervals(t, 0.98 * common_s, 1.02 * common_s, some));
    t->length_s = length_s > 0 ? fmin(length_s, t->total_s) : t->period_s;
    if (t->period_s > 0) find_volumes(t, common_s, pause_s, some);
    free(some);
    if (!(t->period_s > 0))
        return lmp_fail(err, LMP_ERR_INPUT, "all %lld triggers are at the same time", (long long)t->n_epochs);
    return cut_blocks(t, pause_s, err);
}

lmp_status timing_make(const double *onset_s, int64_t n, double length_s, double total_s, timing *t, lmp_error *err)
{
    *t = (timing){.volume_s = UNKNOWN, .total_s = total_s};
    t->onset_s = calloc((size_t)n + 1, sizeof *t->onset_s);
    if (t->onset_s == NULL) return no_memory(err);
    for (int64_t i = 0; i < n; i++)
        if (onset_s[i] >= 0 && onset_s[i] < total_s) t->onset_s[t->n_epochs++] = onset_s[i];
    qsort(t->onset_s, (size_t)t->n_epochs, sizeof *t->onset_s, compare_times);
    lmp_status status = LMP_OK;
    if (t->n_epochs < 2)
        status = lmp_fail(err, LMP_ERR_INPUT, "%lld triggers lie in the recording: two at least make a scan",
                          (long long)t->n_epochs);
    if (status == LMP_OK) status = understand(t, length_s, err);
    if (status != LMP_OK) timing_clear(t);
    return status;
}

void timing_clear(timing *t)
{
    free(t->onset_s);
    free(t->blocks);
    *t = (timing){.volume_s = UNKNOWN};
}

void timing_set_slices(timing *t, int64_t slices_per_volume, bool epochs_are_volumes)
{
    t->slices_per_volume = slices_per_volume;
    if (!epochs_are_volumes && isnan(t->volume_s)) t->volume_s = (double)slices_per_volume * t->period_s;
    if (epochs_are_volumes) t->volume_s = UNKNOWN;
}

/* ---- Spans ---- */

static void add_span(span_list *spans, double first_s, double last_s, double start_s, double rate_hz, int64_t n_times,
                     scan_part part)
{
    const double first = fmax(ceil((first_s - start_s) * rate_hz), 0);
    const double end = fmin(floor((last_s - start_s) * rate_hz), (double)n_times);
    if (!(end > first)) return;
    spans->all[spans->count++] = (span){.first = (int64_t)first, .count = (int64_t)(end - first), .part = part};
}

lmp_status span_list_make(const timing *t, double start_s, double rate_hz, int64_t n_times, span_list *spans,
                          lmp_error *err)
{
    spans->count = 0;
    spans->all = calloc((size_t)(2 * t->n_blocks + 1), sizeof *spans->all);
    if (spans->all == NULL) return no_memory(err);
    double free_from_s = -ENDLESS;
    for (int64_t b = 0; b < t->n_blocks; b++) {
        const time_range *block = &t->blocks[b];
        add_span(spans, free_from_s, block->first_s - FREE_MARGIN_S, start_s, rate_hz, n_times, PART_FREE);
        add_span(spans, block->first_s, block->last_s, start_s, rate_hz, n_times, PART_SCAN);
        free_from_s = block->last_s + FREE_MARGIN_S;
    }
    add_span(spans, free_from_s, ENDLESS, start_s, rate_hz, n_times, PART_FREE);
    return LMP_OK;
}

void span_list_clear(span_list *spans)
{
    free(spans->all);
    *spans = (span_list){0};
}
