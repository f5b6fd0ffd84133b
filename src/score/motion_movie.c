/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_movie.c: walking over a movie in batches of grey frames of floats.
 */
#include "score/motion_movie.h"

#include "core/convert.h"
#include "core/engine.h"

enum { MOST_FRAMES_AT_ONCE = 16 };

lmp_status motion_movie_open(lmp_engine *engine, const char *path, lmp_budget *budget, pool *workers,
                             motion_movie *made, lmp_error *err)
{
    motion_movie m = {.engine = engine, .budget = budget, .workers = workers};
    const lmp_open_options options = {.struct_size = sizeof options, .kind = LMP_MOVIE, .grey = 1};
    lmp_status status = lmp_recording_open(engine, path, &options, &m.recording, err);
    if (status != LMP_OK) return status;
    const lmp_format *f = lmp_recording_get_format(m.recording);
    m.n_frames = f->n_times;
    m.height = f->height;
    m.width = f->width;
    if (f->kind != LMP_MOVIE)
        status = lmp_fail(err, LMP_ERR_INPUT, "%s holds signals, no movie: limpid score motion compares movies", path);
    else if (f->n_times < 2 || f->height < 2 || f->width < 2)
        status =
            lmp_fail(err, LMP_ERR_INPUT, "%s has %lld frames of %lld x %lld pixels: at least 2 of 2 x 2 are needed",
                     path, (long long)f->n_times, (long long)f->height, (long long)f->width);
    if (status == LMP_OK)
        *made = m;
    else
        motion_movie_close(&m);
    return status;
}

void motion_movie_close(motion_movie *m)
{
    lmp_recording_close(m->recording);
    *m = (motion_movie){0};
}

typedef struct frame_batch {
    const lmp_format *format;
    void *stored; /* as in the file */
    float *values;
    int64_t room;
} frame_batch;

static int64_t pixels_of(const frame_batch *b)
{
    return b->format->height * b->format->width;
}

static void close_batch(frame_batch *b, lmp_budget *budget)
{
    lmp_give(budget, b->stored);
    lmp_give(budget, b->values);
}

/* As many frames as a quarter of what is free holds. */
static lmp_status open_batch(const motion_movie *m, frame_batch *b, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(m->recording);
    *b = (frame_batch){.format = f};
    const size_t pixels = (size_t)pixels_of(b), stored_bytes = pixels * lmp_type_bytes(f->type),
                 bytes = pixels * sizeof(float);
    const uint64_t fit = budget_room(m->budget) / 4 / (stored_bytes + bytes);
    b->room = fit < 1 ? 1 : fit > MOST_FRAMES_AT_ONCE ? MOST_FRAMES_AT_ONCE : (int64_t)fit;
    void *stored = NULL, *values = NULL;
    lmp_status status = budget_take_raw(m->budget, (size_t)b->room * stored_bytes, &stored, err);
    if (status == LMP_OK) status = budget_take_raw(m->budget, (size_t)b->room * bytes, &values, err);
    b->stored = stored;
    b->values = values;
    if (status != LMP_OK) close_batch(b, m->budget);
    return status;
}

static void convert_job(void *user, int64_t i, int64_t worker)
{
    const frame_batch *b = user;
    const int64_t pixels = pixels_of(b);
    (void)worker;
    (void)convert_values(b->format->type,
                         (const char *)b->stored + (size_t)(i * pixels) * lmp_type_bytes(b->format->type), LMP_FLOAT32,
                         b->values + i * pixels, pixels);
}

lmp_status motion_movie_walk(const motion_movie *m, motion_visit *visit, void *user, lmp_error *err)
{
    frame_batch b;
    lmp_status status = open_batch(m, &b, err);
    if (status != LMP_OK) return status;
    for (int64_t first = 0; first < m->n_frames && status == LMP_OK; first += b.room) {
        const int64_t left = m->n_frames - first, count = left < b.room ? left : b.room;
        status = lmp_recording_read_frames(m->recording, first, count, b.stored, err);
        if (status != LMP_OK) break;
        pool_run(m->workers, count, convert_job, NULL, &b);
        visit(user, b.values, first, count);
    }
    close_batch(&b, m->budget);
    return status;
}
