/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spool.c: an unlinked file; the page cache decides what touches the disk.
 */
#include "core/spool.h"

#include "core/budget.h"
#include "core/convert.h"
#include "core/stream.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>

struct spool {
    os_file file;
    int64_t n_times;
    size_t value_bytes; /* signals: of an instant of a lane; movies: of a frame */
    char *dir;
};

lmp_status spool_new(const char *dir, const lmp_stream *stream, spool **made, lmp_error *err)
{
    spool *s = calloc(1, sizeof *s);
    if (s != NULL) s->dir = strdup(dir);
    if (s == NULL || s->dir == NULL) {
        free(s);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a scratch file");
    }
    s->n_times = stream->format.n_times;
    s->value_bytes = stream->format.kind == LMP_MOVIE ? stream_instant_bytes(stream) : stream_value_bytes(stream);
    int failed = os_file_create_scratch(dir, &s->file);
    if (failed == 0) {
        const int64_t lanes = stream->format.kind == LMP_MOVIE ? 1 : stream->format.n_channels;
        failed = os_file_reserve(s->file, s->n_times * lanes * (int64_t)s->value_bytes);
        if (failed != 0) (void)os_file_close(s->file);
    }
    if (failed != 0) {
        free(s->dir);
        free(s);
        return lmp_fail(err, LMP_ERR_IO, "a scratch file cannot be made in %s: %s; name another folder with --scratch",
                        dir, strerror(failed));
    }
    *made = s;
    return LMP_OK;
}

void spool_free(spool *s)
{
    if (s == NULL) return;
    (void)os_file_close(s->file); /* nothing of it is kept: an error here loses nothing */
    free(s->dir);
    free(s);
}

static lmp_status put(spool *s, int64_t offset, const void *bytes, size_t size, lmp_error *err)
{
    const int failed = os_file_write(s->file, offset, bytes, size);
    if (failed == 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_IO, "the scratch file in %s cannot be written: %s; name another folder with --scratch",
                    s->dir, strerror(failed));
}

static lmp_status cannot_read(const spool *s, int failed, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_IO, "the scratch file in %s cannot be read back: %s", s->dir,
                    failed != 0 ? strerror(failed) : "it is shorter than what was written");
}

static lmp_status get(const spool *s, int64_t offset, void *bytes, size_t size, lmp_error *err)
{
    size_t got = 0;
    const int failed = os_file_read(s->file, offset, bytes, size, &got);
    return failed == 0 && got == size ? LMP_OK : cannot_read(s, failed, err);
}

/* ---- Signals ---- */

static int64_t offset_of(const spool *s, int64_t lane, int64_t first)
{
    return (lane * s->n_times + first) * (int64_t)s->value_bytes;
}

lmp_status spool_write(spool *s, int64_t lane, int64_t first, int64_t count, const void *values, lmp_error *err)
{
    return put(s, offset_of(s, lane, first), values, (size_t)count * s->value_bytes, err);
}

lmp_status spool_read(const spool *s, int64_t lane, int64_t first, int64_t count, void *values, lmp_error *err)
{
    return get(s, offset_of(s, lane, first), values, (size_t)count * s->value_bytes, err);
}

/* ---- Movies ---- */

static int64_t frame_offset(const spool *s, const lmp_frames *frames, int64_t i)
{
    return (frames->first + i) * (int64_t)s->value_bytes + frames->row * (int64_t)frames_row_bytes(frames);
}

/* Whole frames that lie one behind the other move as one piece. */
static bool is_one_piece(const spool *s, const lmp_frames *frames)
{
    return frames->stride == s->value_bytes && (size_t)frames->rows * frames_row_bytes(frames) == s->value_bytes;
}

lmp_status spool_write_frames(spool *s, const lmp_frames *frames, lmp_error *err)
{
    const size_t bytes = (size_t)frames->rows * frames_row_bytes(frames);
    if (is_one_piece(s, frames))
        return put(s, frame_offset(s, frames, 0), frames->data, bytes * (size_t)frames->count, err);
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < frames->count && status == LMP_OK; i++)
        status = put(s, frame_offset(s, frames, i), frames_row(frames, i, 0), bytes, err);
    return status;
}

lmp_status spool_read_frames(const spool *s, const lmp_frames *frames, lmp_error *err)
{
    const size_t bytes = (size_t)frames->rows * frames_row_bytes(frames);
    if (is_one_piece(s, frames))
        return get(s, frame_offset(s, frames, 0), frames->data, bytes * (size_t)frames->count, err);
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < frames->count && status == LMP_OK; i++)
        status = get(s, frame_offset(s, frames, i), frames_row(frames, i, 0), bytes, err);
    return status;
}

/* ---- As a source ---- */

typedef struct lent_mapping {
    os_mapping mapping;
    size_t size; /* counted */
    lmp_budget *budget;
} lent_mapping;

static lmp_status view(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err)
{
    const spool *s = state;
    const size_t size = (size_t)count * s->value_bytes;
    lent_mapping *m = calloc(1, sizeof *m);
    if (m == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a scratch file");
    m->budget = budget;
    m->size = size;
    lmp_status status = budget_reserve(budget, size, err);
    if (status == LMP_OK) {
        const int failed = os_file_map(s->file, first * (int64_t)s->value_bytes, size, &m->mapping);
        if (failed != 0) {
            budget_release(budget, size);
            status = cannot_read(s, failed, err);
        }
    }
    if (status != LMP_OK) {
        free(m);
        return status;
    }
    frames->data = (void *)(uintptr_t)m->mapping.bytes; /* read only, as all frames that come in */
    frames->stride = s->value_bytes;
    *lent = m;
    return LMP_OK;
}

static void view_end(void *state, void *lent)
{
    (void)state;
    lent_mapping *m = lent;
    budget_release(m->budget, m->size);
    os_mapping_end(&m->mapping);
    free(m);
}

static lmp_status read_lanes(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < request->n_lanes && status == LMP_OK; i++)
        status = spool_read(state, request->lanes[i], request->first, request->count, request->out[i], err);
    return status;
}

void spool_as_source(lmp_source *source)
{
    source->is_cheap = true;
    if (source->stream.format.kind == LMP_MOVIE) {
        source->view = view;
        source->view_end = view_end;
    } else {
        source->read = read_lanes;
    }
}
