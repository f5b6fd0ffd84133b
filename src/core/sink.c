/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sink.c: writing a stream to a file.
 *
 * A 16-bit file needs each channel's range before its first sample can be written, and the range of the result is known
 * only at its end. Then the data go to a scratch file first, once, and from there to the writer.
 */
#include "core/sink.h"

#include "core/budget.h"
#include "core/spool.h"
#include "core/stream.h"
#include "os/os.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink {
    lmp_writer writer;
    lmp_stream stream;
    char *path;
    spool *spool;             /* NULL: straight to the writer */
    os_mutex *lock;           /* guards lowest and highest */
    double *lowest, *highest; /* per lane, NaN until a finite value came */
    int64_t n_lanes;
    digest_written *digest; /* NULL: none */
    bool is_open;           /* writer.state is to be closed */
};

char *sink_file(const lmp_engine *engine, const char *path, int64_t i)
{
    const lmp_io *io = NULL;
    if (i == 0) return strdup(path);
    if (engine_find_writer(engine, path, 0, &io, NULL) != LMP_OK || io->companions == NULL) return NULL;
    const char *ending = io->companions;
    for (int64_t skip = 1; skip < i; skip++) {
        ending += strcspn(ending, "|");
        if (*ending == '\0') return NULL;
        ending++;
    }
    char *made = NULL;
    const int stem = (int)(strrchr(path, '.') - path); /* the writer was found by the ending: there is one */
    return asprintf(&made, "%.*s.%.*s", stem, path, (int)strcspn(ending, "|"), ending) < 0 ? NULL : made;
}

static lmp_status check_file(const char *path, bool makes_folder, bool overwrite, lmp_error *err)
{
    os_file_info info;
    if (os_path_stat(path, &info) != 0) return LMP_OK;
    if (info.is_directory && !makes_folder) return lmp_fail(err, LMP_ERR_USAGE, "%s is a folder: name a file", path);
    if (!info.is_directory && makes_folder)
        return lmp_fail(err, LMP_ERR_USAGE, "%s is a file, a folder is to be made: choose another name", path);
    if (!overwrite)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", path);
    return LMP_OK;
}

lmp_status sink_check_path(const lmp_engine *engine, const char *path, lmp_kind kind, bool overwrite, lmp_error *err)
{
    const lmp_io *io = NULL;
    lmp_status status = engine_find_writer(engine, path, kind, &io, err);
    if (status != LMP_OK) return status;
    os_file_info info;
    char *directory = os_path_directory(path);
    if (directory == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    const int missing = os_path_stat(directory, &info);
    const bool is_folder = missing == 0 && info.is_directory;
    free(directory);
    if (!is_folder) return lmp_fail(err, LMP_ERR_IO, "%s cannot be written: its folder does not exist", path);
    char *file;
    for (int64_t i = 0; status == LMP_OK && (file = sink_file(engine, path, i)) != NULL; i++) {
        status = check_file(file, io->is_folder, overwrite, err);
        free(file);
    }
    return status;
}

size_t sink_pack_bytes(const lmp_engine *engine, const char *path, const lmp_format *format,
                       const lmp_write_options *write)
{
    const lmp_io *io = NULL;
    if (format->kind != LMP_MOVIE || format->height < 1 || format->width < 1) return 0;
    if (engine_find_writer(engine, path, LMP_MOVIE, &io, NULL) != LMP_OK) return 0;
    return io->pack_bytes != NULL ? io->pack_bytes(format, write != NULL && write->compress != 0) : 0;
}

static lmp_status open_spool(sink *s, const sink_options *options, lmp_error *err)
{
    char *beside = os_path_directory(options->path);
    if (beside == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    const char *dir = options->engine->scratch_dir != NULL ? options->engine->scratch_dir : beside;
    const lmp_status status = spool_new(dir, &s->stream, &s->spool, err);
    free(beside);
    return status;
}

static lmp_status open_writer(sink *s, const sink_options *options, lmp_error *err)
{
    const lmp_io *io = NULL;
    lmp_status status = engine_find_writer(options->engine, options->path, options->stream->format.kind, &io, err);
    if (status != LMP_OK) return status;
    lmp_write_options write = options->write != NULL ? *options->write : (lmp_write_options){0};
    write.overwrite = options->overwrite;
    write.threads = options->engine->threads;
    write.digest = s->digest = options->digests ? digest_written_new() : NULL;
    s->writer = (lmp_writer){.time_grain = 1};
    status = io->create(options->path, &s->stream, &write, options->force_range, &s->writer, err);
    if (status != LMP_OK) return status;
    s->is_open = true;
    if (s->stream.format.kind == LMP_MOVIE)
        s->writer.bytes_per_time = sink_pack_bytes(options->engine, options->path, &s->stream.format, &write);
    return LMP_OK;
}

lmp_status sink_open(const sink_options *options, sink **made, lmp_error *err)
{
    sink *s = calloc(1, sizeof *s);
    if (s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for an output");
    lmp_status status = stream_copy(&s->stream, options->stream, err);
    s->n_lanes = stream_lane_count(options->stream);
    s->path = strdup(options->path);
    s->lock = os_mutex_new();
    s->lowest = malloc((size_t)(s->n_lanes + 1) * sizeof *s->lowest);
    s->highest = malloc((size_t)(s->n_lanes + 1) * sizeof *s->highest);
    if (status == LMP_OK && (s->path == NULL || s->lock == NULL || s->lowest == NULL || s->highest == NULL))
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for an output");
    for (int64_t i = 0; i < s->n_lanes && status == LMP_OK; i++) s->lowest[i] = s->highest[i] = (double)NAN;
    if (status == LMP_OK) status = open_writer(s, options, err);
    if (status == LMP_OK && (s->writer.needs_range || (s->writer.needs_all_lanes && options->in_groups)))
        status = open_spool(s, options, err);
    if (status != LMP_OK) {
        sink_close(s);
        return status;
    }
    *made = s;
    return LMP_OK;
}

/* ---- Into the spool ---- */

/* Four independent pairs keep the comparisons pipelined; a minimum does not care about order. */
static void range_of(const double *x, int64_t n, double *lowest, double *highest)
{
    const double infinity = (double)INFINITY;
    double low[4] = {infinity, infinity, infinity, infinity}, high[4] = {-infinity, -infinity, -infinity, -infinity};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++) {
            const double v = x[i + k];
            low[k] = v < low[k] && v > -infinity ? v : low[k];
            high[k] = v > high[k] && v < infinity ? v : high[k];
        }
    for (; i < n; i++) {
        low[0] = x[i] < low[0] && x[i] > -infinity ? x[i] : low[0];
        high[0] = x[i] > high[0] && x[i] < infinity ? x[i] : high[0];
    }
    for (int k = 1; k < 4; k++) {
        if (low[k] < low[0]) low[0] = low[k];
        if (high[k] > high[0]) high[0] = high[k];
    }
    *lowest = low[0];
    *highest = high[0];
}

static void widen_range(sink *s, int64_t lane, const double *values, int64_t count)
{
    double low, high;
    range_of(values, count, &low, &high);
    os_mutex_lock(s->lock);
    if (low < (double)INFINITY && !(s->lowest[lane] <= low)) s->lowest[lane] = low;
    if (high > (double)-INFINITY && !(s->highest[lane] >= high)) s->highest[lane] = high;
    os_mutex_unlock(s->lock);
}

lmp_status sink_write(sink *s, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                      const void *const *data, lmp_budget *budget, lmp_error *err)
{
    if (s->spool == NULL) return s->writer.write(s->writer.state, first, count, n_lanes, lanes, data, budget, err);
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < n_lanes && status == LMP_OK; i++) {
        if (s->writer.needs_range) widen_range(s, lanes[i], data[i], count);
        status = spool_write(s->spool, lanes[i], first, count, data[i], err);
    }
    return status;
}

lmp_status sink_write_frames(sink *s, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    if (s->spool != NULL) return spool_write_frames(s->spool, frames, err);
    return s->writer.write_frames(s->writer.state, frames, budget, err);
}

int64_t sink_time_grain(const sink *s)
{
    if (s->spool == NULL && (s->writer.in_order || s->writer.copies)) return 0;
    return s->spool != NULL || s->writer.time_grain < 1 ? 1 : s->writer.time_grain;
}

/* ---- Out of the spool ---- */

typedef struct replay {
    sink *s;
    lmp_budget *budget;
    int64_t slice;
    int64_t *lanes;
    os_mutex *lock;    /* guards the two below */
    int64_t failed_at; /* lowest failing slice, or INT64_MAX */
    lmp_error error;
    lmp_status status;
} replay;

static lmp_status replay_frames(const replay *r, int64_t first, int64_t count, lmp_error *err)
{
    sink *s = r->s;
    const lmp_format *f = &s->stream.format;
    const size_t frame_bytes = stream_instant_bytes(&s->stream);
    lmp_frames frames = {.first = first,
                         .count = count,
                         .rows = f->height,
                         .width = f->width,
                         .n_colours = f->n_colours,
                         .type = f->type,
                         .stride = frame_bytes};
    lmp_status status = budget_take_raw(r->budget, (size_t)count * frame_bytes, &frames.data, err);
    if (status != LMP_OK) return status;
    status = spool_read_frames(s->spool, &frames, err);
    if (status == LMP_OK) status = s->writer.write_frames(s->writer.state, &frames, r->budget, err);
    lmp_give(r->budget, frames.data);
    return status;
}

static lmp_status replay_slice(const replay *r, int64_t i, lmp_error *err)
{
    sink *s = r->s;
    const size_t value_bytes = stream_value_bytes(&s->stream);
    const int64_t first = i * r->slice, left = s->stream.format.n_times - first;
    const int64_t count = left < r->slice ? left : r->slice;
    if (s->stream.format.kind == LMP_MOVIE) return replay_frames(r, first, count, err);
    void *values = NULL, *pointers = NULL;
    lmp_status status = lmp_take(r->budget, (size_t)(s->n_lanes * count) * value_bytes, &values, err);
    if (status == LMP_OK) status = lmp_take(r->budget, (size_t)s->n_lanes * sizeof(void *), &pointers, err);
    const void **data = pointers;
    for (int64_t lane = 0; lane < s->n_lanes && status == LMP_OK; lane++) {
        char *at = (char *)values + (size_t)(lane * count) * value_bytes;
        data[lane] = at;
        status = spool_read(s->spool, lane, first, count, at, err);
    }
    if (status == LMP_OK)
        status = s->writer.write(s->writer.state, first, count, s->n_lanes, r->lanes, data, r->budget, err);
    lmp_give(r->budget, pointers);
    lmp_give(r->budget, values);
    return status;
}

static void keep_failure(replay *r, int64_t i, lmp_status status, const lmp_error *error)
{
    os_mutex_lock(r->lock);
    if (i < r->failed_at) {
        r->failed_at = i;
        r->status = status;
        memcpy(&r->error, error, sizeof *error);
    }
    os_mutex_unlock(r->lock);
}

static void replay_job(void *user, int64_t i, int64_t worker)
{
    (void)worker;
    replay *r = user;
    lmp_error error = {0};
    os_mutex_lock(r->lock);
    const bool skip = r->failed_at < i;
    os_mutex_unlock(r->lock);
    const lmp_status status = skip ? LMP_OK : replay_slice(r, i, &error);
    if (status != LMP_OK) keep_failure(r, i, status, &error);
}

enum { REPLAY_BYTES = 2 << 20 };

/* Slices on the writer's grain of about 2 MB, or of what the limit leaves each worker if that is less. */
static int64_t replay_slice_length(const sink *s, uint64_t room_per_worker)
{
    const uint64_t instant = stream_instant_bytes(&s->stream) + s->writer.bytes_per_time;
    const uint64_t bytes = room_per_worker / 2 < REPLAY_BYTES ? room_per_worker / 2 : REPLAY_BYTES;
    int64_t slice = (int64_t)(bytes / (instant > 0 ? instant : 1));
    if (slice > s->writer.time_grain && s->writer.time_grain > 1) slice -= slice % s->writer.time_grain;
    return slice < 1 ? 1 : slice;
}

static lmp_status empty_spool(sink *s, pool *workers, lmp_budget *budget, lmp_error *err)
{
    replay r = {.s = s, .budget = budget, .lock = s->lock, .failed_at = INT64_MAX};
    r.slice = replay_slice_length(s, budget_room(budget) / (uint64_t)pool_worker_count(workers));
    r.lanes = malloc((size_t)(s->n_lanes + 1) * sizeof *r.lanes);
    if (r.lanes == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for an output");
    for (int64_t i = 0; i < s->n_lanes; i++) r.lanes[i] = i;
    const int64_t n_slices = (s->stream.format.n_times + r.slice - 1) / r.slice;
    if (!s->writer.in_order) pool_run(workers, n_slices, replay_job, NULL, &r);
    for (int64_t i = 0; i < n_slices && s->writer.in_order; i++) replay_job(&r, i, 0);
    free(r.lanes);
    if (r.status != LMP_OK && err != NULL) *err = r.error;
    return r.status;
}

lmp_status sink_finish(sink *s, pool *workers, lmp_budget *budget, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (s->writer.needs_range) status = s->writer.set_range(s->writer.state, s->lowest, s->highest, err);
    if (status == LMP_OK && s->spool != NULL) status = empty_spool(s, workers, budget, err);
    if (status == LMP_OK) status = s->writer.finish(s->writer.state, err);
    return status;
}

const char *sink_path(const sink *s)
{
    return s->path;
}

const char *sink_data_path(const sink *s)
{
    return s->writer.data_path != NULL ? s->writer.data_path(s->writer.state) : s->path;
}

const digest_written *sink_digest(const sink *s)
{
    return s->digest;
}

lmp_status sink_list_files(const sink *s, name_list *files, lmp_error *err)
{
    char *name;
    if (s->writer.file_name == NULL) return LMP_OK;
    for (int64_t i = 0; (name = s->writer.file_name(s->writer.state, i)) != NULL; i++)
        if (!name_list_add(files, name))
            return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the names of the outputs");
    return LMP_OK;
}

int64_t sink_spooled_bytes(const sink *s)
{
    return s->spool == NULL ? 0 : s->stream.format.n_times * (int64_t)stream_instant_bytes(&s->stream);
}

bool sink_withdraw(sink *s)
{
    if (s->writer.withdraw == NULL) return false;
    s->writer.withdraw(s->writer.state);
    return true;
}

void sink_close(sink *s)
{
    if (s == NULL) return;
    if (s->is_open && s->writer.close != NULL) s->writer.close(s->writer.state);
    digest_written_free(s->digest);
    spool_free(s->spool);
    stream_clear(&s->stream);
    os_mutex_free(s->lock);
    free(s->lowest);
    free(s->highest);
    free(s->path);
    free(s);
}
