/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_scan.c: what the files of a series say about themselves.
 *
 * Each file has its own place for the answer, so the result does not depend on the threads: up to eight, as opening
 * waits for the disk more than it computes.
 */
#include "io/series/series_scan.h"

#include "core/budget.h"
#include "core/pool.h"
#include "core/recording.h"
#include "core/stream.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WORKERS = 8, FILES_PER_WORKER = 16, DECODED_BYTES = 4 << 20 };

typedef struct scan {
    series_opening how;
    char *const *paths;
    series_header *headers;
    lmp_budget *budget; /* for decoding; NULL: headers only */
} scan;

lmp_status series_open_file(const series_opening *how, const char *path, const lmp_io **io, lmp_source *source,
                            lmp_error *err)
{
    lmp_status status = *io != NULL ? LMP_OK : source_find_format(how->formats, path, io, err);
    if (status == LMP_OK && (*io)->is_folder)
        status = lmp_fail(err, LMP_ERR_INPUT, "%s is not a file: the files of a series are images or movies", path);
    return status == LMP_OK ? source_open(*io, path, &how->options, &how->limits, source, err) : status;
}

/* Reads every frame once and forgets it. */
static lmp_status decode_all(const lmp_source *source, lmp_budget *budget, lmp_error *err)
{
    const lmp_format *f = &source->stream.format;
    const size_t frame_bytes = stream_instant_bytes(&source->stream);
    int64_t most = (int64_t)(DECODED_BYTES / (frame_bytes > 0 ? frame_bytes : 1));
    most = most < 1 ? 1 : most > f->n_times ? f->n_times : most;
    void *room = NULL;
    lmp_status status = budget_take_raw(budget, (size_t)most * frame_bytes, &room, err);
    for (int64_t first = 0; first < f->n_times && status == LMP_OK; first += most) {
        const lmp_frames out = stream_frames(f, first, f->n_times - first < most ? f->n_times - first : most, room);
        status = source_read_frames(source, &out, budget, err);
    }
    lmp_give(budget, room);
    return status;
}

/* What outlives the source. */
static lmp_status note(const lmp_source *source, series_header *h, lmp_error *err)
{
    const lmp_format *f = &source->stream.format;
    h->format_name = source->format_name;
    h->format = *f;
    h->format.channels = NULL;
    h->format.frame_numbers = NULL;
    h->format.frame_times_s = NULL;
    h->bytes_per_time = source->bytes_per_time;
    h->reads_rows = source->reads_rows;
    h->in_order = source->in_order;
    h->is_cheap = source->is_cheap;
    if (source->warnings != NULL) h->warnings = strdup(source->warnings);
    if (f->kind != LMP_MOVIE || f->frame_times_s == NULL || f->n_times < 1) return LMP_OK;
    h->times_s = malloc((size_t)f->n_times * sizeof *h->times_s);
    if (h->times_s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for times of frames");
    memcpy(h->times_s, f->frame_times_s, (size_t)f->n_times * sizeof *h->times_s);
    return LMP_OK;
}

static void scan_file(void *user, int64_t i, int64_t worker)
{
    const scan *s = user;
    series_header *h = &s->headers[i];
    lmp_error err = {0};
    lmp_source source;
    os_file_info info;
    (void)worker;
    *h = (series_header){0};
    if (os_path_stat(s->paths[i], &info) == 0) h->file_bytes = info.size;
    h->status = series_open_file(&s->how, s->paths[i], &h->io, &source, &err);
    if (h->status == LMP_OK) {
        h->status = note(&source, h, &err);
        if (h->status == LMP_OK && s->budget != NULL && h->format.kind == LMP_MOVIE)
            h->status = decode_all(&source, s->budget, &err);
        source_clear(&source);
    }
    if (h->status != LMP_OK) h->why = strdup(err.text);
}

lmp_status series_scan(const series_opening *how, char *const *paths, int64_t count, bool decode,
                       series_header *headers, lmp_error *err)
{
    scan s = {.how = *how, .paths = paths, .headers = headers};
    const int64_t threads = how->limits.threads;
    int64_t workers = threads < MOST_WORKERS ? threads : MOST_WORKERS;
    if (!decode && count / FILES_PER_WORKER < workers) workers = count / FILES_PER_WORKER;
    if (workers > count) workers = count;
    if (workers < 1) workers = 1;
    s.how.limits.threads = threads / workers;
    pool *p = NULL;
    lmp_status status = decode ? budget_new(how->limits.memory, &s.budget, err) : LMP_OK;
    if (status == LMP_OK) status = pool_new(workers, &p, err);
    if (status == LMP_OK) pool_run(p, count, scan_file, NULL, &s);
    pool_free(p);
    budget_free(s.budget);
    return status;
}

void series_headers_free(series_header *headers, int64_t count)
{
    for (int64_t i = 0; headers != NULL && i < count; i++) {
        free(headers[i].why);
        free(headers[i].warnings);
        free(headers[i].times_s);
    }
    free(headers);
}
