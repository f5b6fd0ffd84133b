/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The gradient triggers among the events of a stream.
 */
#include "signal/trigger_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS_NAMED 5
#define LABEL_SHOWN  24 /* bytes */

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
}

static bool is_trigger(const lmp_event *event)
{
    return strcmp(event->label, TRIGGER_LABEL) == 0;
}

lmp_status trigger_events_get(const char *step, const lmp_stream *stream, double **times, int64_t *count,
                              lmp_error *err)
{
    double rate_hz = stream->format.rate_hz;
    if (!(rate_hz > 0.0)) return lmp_fail(err, LMP_ERR_INPUT, "%s needs the sample rate: give --rate", step);
    double *found = malloc(((size_t)stream->n_events + 1) * sizeof *found);
    int64_t n = 0;
    if (found == NULL) return no_memory(err);
    for (int64_t i = 0; i < stream->n_events; i++) {
        double time = stream->events[i].onset_s * rate_hz;
        if (is_trigger(&stream->events[i]) && isfinite(time)) found[n++] = time;
    }
    if (n == 0 && !stream->events_pending) {
        free(found);
        return lmp_fail(err, LMP_ERR_INPUT, "%s needs triggers: put the step triggers before it", step);
    }
    *times = found;
    *count = n;
    return LMP_OK;
}

lmp_status trigger_events_put(lmp_stream *stream, const double *times, int64_t count, lmp_error *err)
{
    lmp_event *events = malloc(((size_t)stream->n_events + (size_t)count + 1) * sizeof *events);
    int64_t n = 0;
    if (events == NULL) return no_memory(err);
    for (int64_t i = 0; i < stream->n_events; i++)
        if (!is_trigger(&stream->events[i])) events[n++] = stream->events[i];
    for (int64_t i = 0; i < count; i++)
        events[n++] = (lmp_event){.onset_s = times[i] / stream->format.rate_hz, .label = TRIGGER_LABEL};
    lmp_status status = lmp_stream_set_events(stream, events, n, err);
    free(events);
    return status;
}

/* ---- Labels for messages ---- */

typedef struct label_count {
    const char *label;
    int64_t count;
} label_count;

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const label_count *)a)->label, ((const label_count *)b)->label);
}

static int compare_counts(const void *a, const void *b)
{
    const label_count *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->label, y->label);
}

/* Sorted labels become one row each with its count; returns the number of rows. */
static int64_t merge_equal(label_count *rows, int64_t n)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        if (kept > 0 && strcmp(rows[i].label, rows[kept - 1].label) == 0)
            rows[kept - 1].count++;
        else
            rows[kept++] = (label_count){rows[i].label, 1};
    }
    return kept;
}

/* Bytes of a label that are shown; never half a character. */
static int shown_bytes(const char *label)
{
    size_t n = strnlen(label, LABEL_SHOWN);
    while (n > 0 && ((unsigned char)label[n] & 0xC0) == 0x80) n--;
    return (int)n;
}

static void print_labels(const label_count *rows, int64_t n, char text[TRIGGER_EVENTS_TEXT])
{
    int64_t named = n < LABELS_NAMED ? n : LABELS_NAMED;
    int used = 0;
    if (n == 0) snprintf(text, TRIGGER_EVENTS_TEXT, "the recording has no events");
    for (int64_t i = 0; i < named; i++)
        used += snprintf(text + used, TRIGGER_EVENTS_TEXT - (size_t)used, "%s'%.*s' (%lld)", i > 0 ? ", " : "",
                         shown_bytes(rows[i].label), rows[i].label, (long long)rows[i].count);
    if (n > named) snprintf(text + used, TRIGGER_EVENTS_TEXT - (size_t)used, " and %lld more", (long long)(n - named));
}

lmp_status trigger_events_list(const lmp_stream *stream, char text[TRIGGER_EVENTS_TEXT], lmp_error *err)
{
    label_count *rows = malloc(((size_t)stream->n_events + 1) * sizeof *rows);
    if (rows == NULL) return no_memory(err);
    for (int64_t i = 0; i < stream->n_events; i++) rows[i] = (label_count){stream->events[i].label, 1};
    qsort(rows, (size_t)stream->n_events, sizeof *rows, compare_labels);
    int64_t n = merge_equal(rows, stream->n_events);
    qsort(rows, (size_t)n, sizeof *rows, compare_counts);
    print_labels(rows, n, text);
    free(rows);
    return LMP_OK;
}
