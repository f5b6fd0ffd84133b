/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signal_traces.c: few samples are sent as they are; of more, the lowest and highest of each column.
 */
#include "signal_traces.h"

#include "channel_list.h"
#include "signal_pyramid.h"
#include "signal_request.h"
#include "traces.h"

#include <limpid/step.h>
#include <stdlib.h>

static const char octets[] = "application/octet-stream";

/* ---- Traces -------------------------------------------------------------------------------------------------- */

typedef struct trace_answer {
    trace_layout layout;
    double done;   /* share of what the answer rests on that is known */
    int64_t block; /* that columns are rounded to; 1: they are exact */
    void *values;
    size_t size;
} trace_answer;

static lmp_status make_room(request *r, const trace_request *t, trace_answer *a, lmp_error *err)
{
    const bool is_samples = a->layout == TRACE_SAMPLES;
    const double bytes = (double)t->n_channels * (double)(is_samples ? t->count : 2 * t->columns) * sizeof(float);
    if (bytes > MOST_SIGNAL_BYTES)
        return lmp_fail(err, LMP_ERR_USAGE, "the answer would have %.0f MB: ask for fewer channels or columns",
                        bytes / (1 << 20));
    a->size = (size_t)bytes;
    const lmp_status status = answer_need_memory(r, a->size, err);
    if (status != LMP_OK) return status;
    a->values = malloc(a->size + 1);
    return a->values != NULL ? LMP_OK : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for traces");
}

/* Done is told before values are taken: it says no more than they hold. */
static lmp_status from_blocks(signal_pyramid *sp, const trace_request *t, trace_answer *a, lmp_error *err)
{
    const lmp_status status = signal_pyramid_want(sp, t->first, t->count, err);
    if (status != LMP_OK) return status;
    a->done = signal_pyramid_done(sp, t->first, t->count);
    a->block = trace_grid(signal_pyramid_blocks(sp), t);
    return trace_blocks(signal_pyramid_blocks(sp), t, a->values, err);
}

/* Where there is no memory for a pyramid, short stretches are shown all the same. */
static lmp_status make_traces(server *s, request *r, opened *o, const trace_request *t, trace_answer *a, lmp_error *err)
{
    signal_pyramid *sp = NULL;
    lmp_status status = signal_pyramid_of(s, o, &sp, err);
    a->block = status == LMP_OK ? signal_pyramid_blocks(sp)->block : PYRAMID_FINEST;
    a->layout = trace_choose(t, a->block);
    a->done = 1;
    if (status != LMP_OK && a->layout == TRACE_BLOCKS) return status;
    status = make_room(r, t, a, err);
    if (status != LMP_OK) return status;
    if (a->layout == TRACE_BLOCKS) return from_blocks(sp, t, a, err);
    a->block = 1;
    return a->layout == TRACE_SAMPLES ? trace_samples(o->recording, t, a->values, err)
                                      : trace_exact(o->recording, t, a->values, err);
}

static void send_traces(request *r, const trace_request *t, trace_answer *a)
{
    const bool is_samples = a->layout == TRACE_SAMPLES;
    answer_header(r, "X-Limpid-Layout", "%s", is_samples ? "samples" : "minmax");
    answer_header(r, "X-Limpid-Columns", "%lld", (long long)(is_samples ? t->count : t->columns));
    answer_header(r, "X-Limpid-Done", "%.6g", a->done);
    answer_header(r, "X-Limpid-Block", "%lld", (long long)a->block);
    answer_bytes(r, octets, a->values, a->size, a->done == 1);
}

void traces_answer(server *s, request *r, opened *o)
{
    int64_t *channels = NULL;
    lmp_error err = {0};
    trace_request t = {.first = request_integer(r, "first"),
                       .count = request_integer(r, "count"),
                       .columns = request_integer(r, "columns"),
                       .asker = r};
    trace_answer a = {0};
    if (!signal_request_is_inside(r, o)) return;
    lmp_status status =
        channel_list_parse(request_text(r, "channels"), o->format->n_channels, &channels, &t.n_channels, &err);
    t.channels = channels;
    if (status == LMP_OK) status = make_traces(s, r, o, &t, &a, &err);
    if (status == LMP_OK) {
        send_traces(r, &t, &a);
    } else {
        free(a.values);
        answer_failure(r, &err);
    }
    free(channels);
}

/* ---- Samples ------------------------------------------------------------------------------------------------- */

void samples_answer(server *s, request *r, opened *o)
{
    (void)s;
    if (!signal_request_is_inside(r, o) || !signal_request_has_channel(r, o)) return;
    lmp_error err = {0};
    const int64_t count = request_integer(r, "count");
    lmp_status status = answer_need_memory(r, (size_t)count * sizeof(double), &err);
    double *values = status == LMP_OK ? malloc((size_t)count * sizeof *values) : NULL;
    if (values != NULL)
        status = lmp_recording_read(o->recording, request_integer(r, "channel"), request_integer(r, "first"), count,
                                    values, &err);
    else if (status == LMP_OK)
        status = lmp_fail(&err, LMP_ERR_MEMORY, "the system has no memory left for samples");
    if (status == LMP_OK) {
        answer_bytes(r, octets, values, (size_t)count * sizeof *values, true);
        return;
    }
    free(values);
    answer_failure(r, &err);
}
