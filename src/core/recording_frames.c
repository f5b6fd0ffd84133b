/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_frames.c: whole frames of a movie, decoded straight into the caller's array.
 *
 * The stretch is cut into slices that workers take; each slice has its own place in the result, so nothing is copied
 * and nothing depends on who did what.
 */
#include "core/recording.h"

#include "core/budget.h"
#include "core/slices.h"
#include "core/stream.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>

/* A slice is large enough for its overhead not to matter and small enough for what it maps or decodes beside the result
 * to be small. */
enum { SLICE_BYTES = 4 << 20, SLICES_PER_WORKER = 4 };

typedef struct reading {
    const lmp_source *source;
    lmp_budget *budget;
    char *values;
    size_t frame_bytes;
    int64_t first, count, slice;
} reading;

static lmp_status copy_view(const lmp_source *source, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    lmp_frames seen = *out;
    void *lent = NULL;
    const size_t row_bytes = (size_t)(out->width * out->n_colours) * lmp_type_bytes(out->type);
    const lmp_status status = source->view(source->state, out->first, out->count, budget, &seen, &lent, err);
    if (status != LMP_OK) return status;
    for (int64_t i = 0; i < out->count; i++)
        memcpy((char *)out->data + (size_t)i * out->stride,
               (const char *)seen.data + (size_t)i * seen.stride + (size_t)out->row * row_bytes,
               (size_t)out->rows * row_bytes);
    source->view_end(source->state, lent);
    return LMP_OK;
}

lmp_status source_read_frames(const lmp_source *source, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    return source->read_frames != NULL ? source->read_frames(source->state, out, budget, err)
                                       : copy_view(source, out, budget, err);
}

static lmp_status read_stretch(const reading *r, int64_t first, int64_t count, lmp_error *err)
{
    const lmp_format *format = &r->source->stream.format;
    const lmp_frames out = stream_frames(format, r->first + first, count, r->values + (size_t)first * r->frame_bytes);
    return source_read_frames(r->source, &out, r->budget, err);
}

static lmp_status read_slice(void *user, int64_t i, int64_t worker, lmp_error *err)
{
    const reading *r = user;
    const int64_t first = i * r->slice, left = r->count - first;
    (void)worker;
    return read_stretch(r, first, left < r->slice ? left : r->slice, err);
}

/* Workers that can be kept busy and whose temporary memory fits; cuts the stretch for them. */
static int64_t cut_slices(reading *r, const lmp_engine *engine)
{
    const bool lends = r->source->read_frames == NULL;
    int64_t workers = r->source->in_order ? 1 : engine->threads;
    int64_t slice = (int64_t)(SLICE_BYTES / (r->frame_bytes > 0 ? r->frame_bytes : 1));
    const int64_t fair = r->count / (workers * SLICES_PER_WORKER);
    if (slice > fair) slice = fair;
    if (slice < 1) slice = 1;
    if (r->source->in_order && !lends) slice = r->count;
    const uint64_t each = lends ? (uint64_t)slice * r->frame_bytes : r->source->bytes_per_time;
    const uint64_t fit = engine->memory_limit / (each > 0 ? each : 1);
    if (fit < (uint64_t)workers) workers = fit > 1 ? (int64_t)fit : 1;
    r->slice = slice;
    return workers;
}

lmp_status recording_check_frames(const lmp_recording *recording, int64_t first, int64_t count, lmp_error *err)
{
    const lmp_format *format = &recording->source.stream.format;
    if (format->kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE, "%s holds signals: frames are read from movies", recording->path);
    if (first < 0 || count < 0 || first > format->n_times - count)
        return lmp_fail(err, LMP_ERR_USAGE, "%lld frames from frame %lld on were asked for, the recording has %lld",
                        (long long)count, (long long)first, (long long)format->n_times);
    return LMP_OK;
}

lmp_status lmp_recording_read_frames(lmp_recording *recording, int64_t first, int64_t count, void *values,
                                     lmp_error *err)
{
    const uint64_t losses = os_lost_count();
    lmp_status status = recording_check_frames(recording, first, count, err);
    if (status == LMP_OK) status = recording_check(recording, err);
    if (status != LMP_OK || count == 0) return status;
    reading r = {.source = &recording->source,
                 .values = values,
                 .frame_bytes = stream_instant_bytes(&recording->source.stream),
                 .first = first,
                 .count = count};
    const int64_t workers = cut_slices(&r, recording->engine);
    status = budget_new(recording->engine->memory_limit, &r.budget, err);
    if (status == LMP_OK) status = slices_run(workers, (count + r.slice - 1) / r.slice, read_slice, NULL, &r, err);
    budget_free(r.budget);
    return recording_settle(recording, losses, status, err);
}
