/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of epochs. The period is the median distance of triggers, so that neither pauses nor a missing trigger
 * matter. A sample belongs to the epoch that has begun when it was taken; what is subtracted from it is
 * interpolated.
 */
#include "signal/epochs.h"

#include "signal/marked_ranges.h"
#include "signal/trigger_lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_EPOCHS = 4, LEAST_LENGTH = 8 };

/* Of a trigger, in samples, once it is aligned. */
#define TIME_ERROR 0.1

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Times of the triggers in samples, ascending; NULL only if memory is out. */
static double *list_triggers(const lmp_stream *stream, int64_t *n)
{
    double *times = malloc(((size_t)stream->n_events + 1) * sizeof *times);
    *n = 0;
    for (int64_t i = 0; times != NULL && i < stream->n_events; i++) {
        const double time = stream->events[i].onset_s * stream->format.rate_hz;
        if (strcmp(stream->events[i].label, TRIGGER_LABEL) == 0 && isfinite(time)) times[(*n)++] = time;
    }
    return times;
}

/* The median distance of neighbours; `work` has room for n. */
static double find_period(const double *times, int64_t n, double *work)
{
    for (int64_t i = 0; i + 1 < n; i++) work[i] = times[i + 1] - times[i];
    qsort(work, (size_t)(n - 1), sizeof *work, compare_doubles);
    return work[(n - 1) / 2];
}

/* Keeps the triggers whose epoch lies at least half inside the recording, and half a period after the one before. */
static int64_t choose_triggers(double *times, int64_t n, double period, int64_t n_times, int64_t *n_outside)
{
    int64_t kept = 0;
    *n_outside = 0;
    for (int64_t i = 0; i < n; i++) {
        if (times[i] < -0.5 || times[i] + period / 2.0 >= (double)n_times)
            ++*n_outside;
        else if (kept == 0 || times[i] - times[kept - 1] >= period / 2.0)
            times[kept++] = times[i];
    }
    return kept;
}

/* The first sample of what begins at a time: not before it, but for an error of the time itself. */
static int64_t first_sample(double time)
{
    return (int64_t)ceil(time - TIME_ERROR);
}

/* One period after its start the epoch is over, unless the next one begins before or at the sample after. */
static void set_extent(scan_epoch *e, double start, const double *next, double period)
{
    const int64_t over = first_sample(start + period);
    e->begin = first_sample(start);
    e->end = over;
    e->is_last = next == NULL || first_sample(*next) > over + 1;
    if (!e->is_last) e->end = first_sample(*next);
}

static void fill_table(epoch_table *t, const double *times)
{
    for (int64_t i = 0; i < t->n; i++) {
        scan_epoch *e = &t->epochs[i];
        const double floored = floor(times[i]);
        *e = (scan_epoch){.whole = (int64_t)floored, .fraction = times[i] - floored};
        set_extent(e, times[i], i + 1 < t->n ? &times[i + 1] : NULL, t->period);
        if (e->end > t->n_times) e->end = t->n_times;
        e->is_first = i == 0 || t->epochs[i - 1].is_last;
        e->scan = t->n_scans - !e->is_first;
        t->n_scans += e->is_first;
        e->is_inside = e->whole >= EPOCH_NEEDS_BEFORE && e->whole + t->length + EPOCH_NEEDS_AFTER <= t->n_times;
    }
}

static lmp_status check_triggers(const char *step, const lmp_stream *stream, int64_t n, lmp_error *err)
{
    if (!(stream->format.rate_hz > 0.0))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s needs the sampling rate, which this recording does not tell: give it when opening the file",
                        step);
    if (n == 0) return lmp_fail(err, LMP_ERR_USAGE, "%s needs triggers: put the step triggers before it", step);
    if (n < LEAST_EPOCHS)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s needs at least %d triggers to know an artifact, and there are only %lld", step,
                        LEAST_EPOCHS, (long long)n);
    return LMP_OK;
}

static lmp_status check_epochs(const char *step, const lmp_stream *stream, double period, int64_t n, int64_t n_all,
                               lmp_error *err)
{
    if (!(period >= LEAST_LENGTH))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s: triggers are %g samples apart, which is too close for an artifact: look at their labels "
                        "with limpid info, and name the right one for the step triggers",
                        step, period);
    if (n == 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: all %lld triggers lie outside the recording of %g s", step,
                        (long long)n_all, (double)stream->format.n_times / stream->format.rate_hz);
    if (n < LEAST_EPOCHS)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s needs at least %d epochs inside the recording to know an artifact, and there are %lld",
                        step, LEAST_EPOCHS, (long long)n);
    return LMP_OK;
}

static lmp_status take_table(int64_t n, lmp_budget *budget, epoch_table **table, lmp_error *err)
{
    const size_t bytes = sizeof(epoch_table) + (size_t)n * sizeof(scan_epoch);
    if (budget != NULL) return lmp_take(budget, bytes, (void **)table, err);
    *table = calloc(1, bytes);
    return *table != NULL ? LMP_OK
                          : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table of epochs");
}

lmp_status epochs_new(const char *step, const lmp_stream *stream, lmp_budget *budget, epoch_table **table,
                      lmp_error *err)
{
    int64_t n = 0, n_outside = 0;
    double *work = NULL, *times = list_triggers(stream, &n);
    if (times != NULL) work = malloc(((size_t)n + 1) * sizeof *work);
    lmp_status status = times != NULL && work != NULL
                            ? check_triggers(step, stream, n, err)
                            : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table of epochs");
    if (status != LMP_OK) goto done;
    qsort(times, (size_t)n, sizeof *times, compare_doubles);
    const double period = find_period(times, n, work);
    const int64_t kept = choose_triggers(times, n, period, stream->format.n_times, &n_outside);
    status = check_epochs(step, stream, period, kept, n, err);
    if (status == LMP_OK) status = take_table(kept, budget, table, err);
    if (status != LMP_OK) goto done;
    **table = (epoch_table){.rate_hz = stream->format.rate_hz,
                            .n_times = stream->format.n_times,
                            .period = period,
                            .length = (int64_t)ceil(period),
                            .n = kept,
                            .n_outside = n_outside,
                            .n_dropped = n - n_outside - kept};
    fill_table(*table, times);
done:
    free(times);
    free(work);
    return status;
}

/* The first epoch of which something lies at `sample` or behind it. */
static int64_t find_epoch(const epoch_table *t, int64_t sample)
{
    int64_t low = 0, high = t->n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (t->epochs[middle].whole + t->length + EPOCH_NEEDS_AFTER <= sample)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void skip_range(epoch_table *t, const sample_range *range)
{
    for (int64_t i = find_epoch(t, range->first); i < t->n; i++) {
        scan_epoch *e = &t->epochs[i];
        if (e->whole - EPOCH_NEEDS_BEFORE >= range->end) return;
        t->n_skipped += !e->is_skipped;
        e->is_skipped = true;
    }
}

lmp_status epochs_skip(const char *step, const lmp_stream *stream, const char *pattern, epoch_table *table,
                       lmp_error *err)
{
    lmp_time_range *ranges = NULL;
    int64_t n = 0;
    if (pattern[0] == '\0') return LMP_OK;
    lmp_status status = marked_ranges_find(pattern, stream, &ranges, &n, err);
    if (status != LMP_OK) return status;
    sample_range *samples = calloc((size_t)n + 1, sizeof *samples);
    if (samples == NULL) status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for events");
    if (status == LMP_OK) n = marked_ranges_merge(ranges, n, &stream->format, samples);
    for (int64_t i = 0; i < n && status == LMP_OK; i++) skip_range(table, &samples[i]);
    free(samples);
    free(ranges);
    if (status != LMP_OK || table->n - table->n_skipped >= LEAST_EPOCHS || table->n_skipped == 0) return status;
    return lmp_fail(
        err, LMP_ERR_INPUT,
        "%s: events that fit skip=%s overlap %lld of the %lld epochs, and at least %d others are needed to know an "
        "artifact: mark less, or give skip= to use them",
        step, pattern, (long long)table->n_skipped, (long long)table->n, LEAST_EPOCHS);
}

void epochs_free(epoch_table *table, lmp_budget *budget)
{
    if (budget != NULL)
        lmp_give(budget, table);
    else
        free(table);
}

size_t epochs_bytes(const epoch_table *table)
{
    return sizeof *table + (size_t)table->n * sizeof table->epochs[0];
}

int64_t epochs_need(const epoch_table *table, int64_t i)
{
    const int64_t need = table->epochs[i].whole + table->length + EPOCH_NEEDS_AFTER;
    return need < table->n_times ? need : table->n_times;
}

int64_t epochs_pause_after(const epoch_table *table, int64_t i)
{
    return i + 1 < table->n ? table->epochs[i + 1].begin - table->epochs[i].end : INT64_MAX;
}
