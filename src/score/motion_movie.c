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
    const lmp_open_options options = {.struct_size = sizeof options, .kind = LMP_MOVIE};
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
    void *stored;  /* as in the file */
    float *values; /* converted, all colours; the same as `grey` if there is one */
    float *grey;
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
    if (b->grey != b->values) lmp_give(budget, b->grey);
}

static lmp_status take(lmp_budget *budget, size_t bytes, void **memory, lmp_error *err)
{
    return budget_take_raw(budget, bytes, memory, err);
}

/* As many frames as a quarter of what is free holds. */
static lmp_status open_batch(const motion_movie *m, frame_batch *b, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(m->recording);
    *b = (frame_batch){.format = f};
    const bool is_grey = f->n_colours == 1;
    const size_t numbers = (size_t)(pixels_of(b) * f->n_colours),
                 bytes = numbers * (lmp_type_bytes(f->type) + sizeof(float)) +
                         (is_grey ? 0 : (size_t)pixels_of(b) * sizeof(float));
    const uint64_t fit = budget_room(m->budget) / 4 / bytes;
    b->room = fit < 1 ? 1 : fit > MOST_FRAMES_AT_ONCE ? MOST_FRAMES_AT_ONCE : (int64_t)fit;
    void *stored = NULL, *values = NULL, *grey = NULL;
    lmp_status status = take(m->budget, (size_t)b->room * numbers * lmp_type_bytes(f->type), &stored, err);
    if (status == LMP_OK) status = take(m->budget, (size_t)b->room * numbers * sizeof(float), &values, err);
    if (status == LMP_OK && !is_grey)
        status = take(m->budget, (size_t)(b->room * pixels_of(b)) * sizeof(float), &grey, err);
    b->stored = stored;
    b->values = values;
    b->grey = is_grey ? values : grey;
    if (status != LMP_OK) close_batch(b, m->budget);
    return status;
}

static void convert_job(void *user, int64_t i, int64_t worker)
{
    const frame_batch *b = user;
    const int64_t pixels = pixels_of(b), n_colours = b->format->n_colours, numbers = pixels * n_colours;
    const char *stored = (const char *)b->stored + (size_t)(i * numbers) * lmp_type_bytes(b->format->type);
    float *values = b->values + i * numbers, *grey = b->grey + i * pixels;
    (void)worker;
    (void)convert_values(b->format->type, stored, LMP_FLOAT32, values, numbers);
    if (n_colours != 3) return;
    for (int64_t x = 0; x < pixels; x++)
        grey[x] = 0.299f * values[3 * x] + 0.587f * values[3 * x + 1] + 0.114f * values[3 * x + 2];
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
        visit(user, b.grey, first, count);
    }
    close_batch(&b, m->budget);
    return status;
}
