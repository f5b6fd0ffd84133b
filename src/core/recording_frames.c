/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_frames.c: whole frames of a movie, decoded straight into the caller's array.
 *
 * The stretch is cut into slices that workers take; each slice has its own place in the result, so nothing is copied
 * and nothing depends on who did what. Slices are taken in order: below a slice that fails, every other one has been
 * tried, and the lowest failure is the one that is told.
 */
#include "core/recording.h"

#include "core/budget.h"
#include "core/pool.h"
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
    os_mutex *lock; /* guards the rest */
    int64_t failed; /* lowest slice that failed, INT64_MAX if none */
    lmp_status status;
    lmp_error err;
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

static void read_slice(void *user, int64_t i, int64_t worker)
{
    reading *r = user;
    (void)worker;
    os_mutex_lock(r->lock);
    const bool needed = i < r->failed;
    os_mutex_unlock(r->lock);
    if (!needed) return;
    lmp_error err = {0};
    const int64_t first = i * r->slice, left = r->count - first;
    const lmp_status status = read_stretch(r, first, left < r->slice ? left : r->slice, &err);
    if (status == LMP_OK) return;
    os_mutex_lock(r->lock);
    if (i < r->failed) {
        r->failed = i;
        r->status = status;
        r->err = err;
    }
    os_mutex_unlock(r->lock);
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

static lmp_status read_slices(reading *r, int64_t workers, lmp_error *err)
{
    const int64_t n_slices = (r->count + r->slice - 1) / r->slice;
    pool *p = NULL;
    const lmp_status status = pool_new(workers < n_slices ? workers : n_slices, &p, err);
    if (status != LMP_OK) return status;
    pool_run(p, n_slices, read_slice, NULL, r);
    pool_free(p);
    if (r->status != LMP_OK && err != NULL) *err = r->err;
    return r->status;
}

static lmp_status check_stretch(const lmp_recording *recording, int64_t first, int64_t count, lmp_error *err)
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
    lmp_status status = check_stretch(recording, first, count, err);
    if (status != LMP_OK || count == 0) return status;
    reading r = {.source = &recording->source,
                 .values = values,
                 .frame_bytes = stream_instant_bytes(&recording->source.stream),
                 .first = first,
                 .count = count,
                 .lock = os_mutex_new(),
                 .failed = INT64_MAX};
    if (r.lock == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read frames");
    const int64_t workers = cut_slices(&r, recording->engine);
    status = budget_new(recording->engine->memory_limit, &r.budget, err);
    if (status == LMP_OK) status = read_slices(&r, workers, err);
    budget_free(r.budget);
    os_mutex_free(r.lock);
    return status;
}
