/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scan.c: one thread reads the movie once, from its beginning.
 */
#include "scan.h"

#include "frame_request.h"
#include "image_stats.h"

#include <limpid/step.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Frames, or bands of large ones, are read by so many bytes at a time: little enough for the thread to end at once. */
enum { BATCH_BYTES = 4 << 20, NEWS_PER_SECOND = 4 };

typedef struct frame_numbers {
    double min, max, mean, std;
} frame_numbers;

struct movie_scan {
    server *server;
    lmp_recording *recording;
    const lmp_format *format;
    char id[24];
    worker *worker;
    uint64_t counted; /* bytes of the budget */
    int64_t batch;    /* frames */
    int64_t rows;     /* of a band: less than a frame's if that is large */
    char *pixels;
    pthread_mutex_t lock;  /* guards the rest */
    frame_numbers *frames; /* NaN where not scanned yet */
    int64_t done;
    lmp_status status;
    lmp_error err;
};

typedef struct movie_scan movie_scan;

static void tell(const movie_scan *m, int64_t done)
{
    news_tell(
        m->server, "scan",
        json_pack("{s:s, s:I, s:I}", "id", m->id, "done", (json_int_t)done, "total", (json_int_t)m->format->n_times));
}

static int64_t frame_pixels(const movie_scan *m)
{
    return m->format->height * m->format->width * m->format->n_colours;
}

static void put(movie_scan *m, int64_t frame, image_moments found)
{
    pthread_mutex_lock(&m->lock);
    m->frames[frame] = (frame_numbers){found.min, found.max, found.mean, found.std};
    m->done = frame + 1;
    pthread_mutex_unlock(&m->lock);
}

static void take_in(movie_scan *m, int64_t first, int64_t count)
{
    const size_t bytes = (size_t)frame_pixels(m) * lmp_type_bytes(m->format->type);
    for (int64_t i = 0; i < count; i++)
        put(m, first + i, image_moments_of(m->format->type, m->pixels + (size_t)i * bytes, frame_pixels(m)));
}

/* A large frame, band after band. */
static lmp_status take_in_bands(movie_scan *m, const worker *w, int64_t frame, lmp_error *err)
{
    const lmp_format *f = m->format;
    image_tally t;
    image_tally_begin(&t, f->type);
    do
        for (int64_t y = 0; y < f->height; y += m->rows) {
            const int64_t rows = f->height - y < m->rows ? f->height - y : m->rows;
            if (worker_must_stop(w)) return LMP_OK;
            const lmp_status status =
                lmp_recording_read_part(m->recording, frame, 1, 0, y, f->width, rows, m->pixels, err);
            if (status != LMP_OK) return status;
            image_tally_add(&t, m->pixels, rows * f->width * f->n_colours);
        }
    while (image_tally_again(&t));
    put(m, frame, image_tally_end(&t));
    return LMP_OK;
}

static lmp_status take_in_frames(movie_scan *m, const worker *w, int64_t first, int64_t count, lmp_error *err)
{
    const lmp_format *f = m->format;
    if (m->rows < f->height) return take_in_bands(m, w, first, err);
    const lmp_status status =
        lmp_recording_read_part(m->recording, first, count, 0, 0, f->width, f->height, m->pixels, err);
    if (status == LMP_OK) take_in(m, first, count);
    return status;
}

static void fail(movie_scan *m, lmp_status status, const lmp_error *err)
{
    pthread_mutex_lock(&m->lock);
    m->status = status;
    m->err = *err;
    pthread_mutex_unlock(&m->lock);
}

static void scan(worker *w, void *user)
{
    movie_scan *m = user;
    const lmp_format *f = m->format;
    double told_s = server_clock_s();
    for (int64_t first = 0; first < f->n_times && !worker_must_stop(w); first += m->batch) {
        const int64_t left = f->n_times - first, count = left < m->batch ? left : m->batch;
        lmp_error err = {0};
        const lmp_status status = take_in_frames(m, w, first, count, &err);
        if (status != LMP_OK) {
            fail(m, status, &err);
            tell(m, first);
            return;
        }
        if ((server_clock_s() - told_s) * NEWS_PER_SECOND < 1 && first + count < f->n_times) continue;
        told_s = server_clock_s();
        tell(m, first + count);
    }
}

/* ---- Life ---- */

void scan_free(struct movie_scan *m)
{
    if (m == NULL) return;
    worker_join(m->worker);
    memory_give(m->server, m->counted);
    pthread_mutex_destroy(&m->lock);
    free(m->pixels);
    free(m->frames);
    free(m);
}

static lmp_status take_memory(movie_scan *m, lmp_error *err)
{
    const size_t frame = (size_t)frame_pixels(m) * lmp_type_bytes(m->format->type),
                 table = (size_t)m->format->n_times * sizeof *m->frames;
    m->batch = (int64_t)(BATCH_BYTES / (frame + 1)) + 1;
    if (m->batch > m->format->n_times) m->batch = m->format->n_times;
    m->rows = m->format->height;
    if (frame > BATCH_BYTES && !lmp_recording_is_decoded(m->recording)) {
        const int64_t rows = (int64_t)(BATCH_BYTES / (frame / (size_t)m->format->height));
        m->rows = rows > 1 ? rows : 1;
    }
    const size_t pixels = (size_t)m->batch * (frame / (size_t)m->format->height) * (size_t)m->rows;
    const uint64_t bytes = pixels + table;
    const lmp_status status = memory_need(m->server, bytes, err);
    if (status != LMP_OK) return status;
    m->counted = bytes;
    m->pixels = malloc(pixels + 1);
    m->frames = malloc(table + 1);
    if (m->pixels == NULL || m->frames == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to scan the movie");
    const double none = (double)NAN;
    for (int64_t i = 0; i < m->format->n_times; i++) m->frames[i] = (frame_numbers){none, none, none, none};
    return LMP_OK;
}

static lmp_status make(server *s, const opened *o, movie_scan **made, lmp_error *err)
{
    movie_scan *m = calloc(1, sizeof *m);
    if (m == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to scan the movie");
    m->server = s;
    m->recording = o->recording;
    m->format = o->format;
    memcpy(m->id, o->id, sizeof m->id);
    pthread_mutex_init(&m->lock, NULL);
    const lmp_status status = take_memory(m, err);
    if (status != LMP_OK)
        scan_free(m);
    else
        *made = m;
    return status;
}

static lmp_status scan_of(server *s, opened *o, movie_scan **made, lmp_error *err)
{
    movie_scan *there = __atomic_load_n(&o->scan, __ATOMIC_ACQUIRE), *fresh = NULL;
    if (there == NULL) {
        const lmp_status status = make(s, o, &fresh, err);
        if (status != LMP_OK) return status;
        if (__atomic_compare_exchange_n(&o->scan, &there, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            there = fresh;
            fresh->worker = worker_start(s, scan, fresh);
            if (fresh->worker == NULL)
                fail(fresh, LMP_ERR_MEMORY, &(lmp_error){LMP_ERR_MEMORY, -1, -1, "no thread could be started"});
        } else {
            scan_free(fresh); /* somebody was faster */
        }
    }
    *made = there;
    return LMP_OK;
}

/* ---- The answer ---- */

/* A copy of what is known. */
static lmp_status copy_known(request *r, movie_scan *m, void **values, int64_t *done, lmp_error *err)
{
    const size_t size = (size_t)m->format->n_times * sizeof *m->frames;
    lmp_status status = answer_need_memory(r, size, err);
    if (status != LMP_OK) return status;
    *values = malloc(size + 1);
    if (*values == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the scan");
    pthread_mutex_lock(&m->lock);
    memcpy(*values, m->frames, size);
    *done = m->done;
    status = m->status;
    if (status != LMP_OK) *err = m->err;
    pthread_mutex_unlock(&m->lock);
    if (status != LMP_OK) free(*values);
    return status;
}

void scan_answer(server *s, request *r)
{
    opened *o = frame_request_movie(s, r, false, NULL);
    if (o == NULL) return;
    movie_scan *m;
    void *values;
    int64_t done = 0;
    lmp_error err = {0};
    lmp_status status = scan_of(s, o, &m, &err);
    if (status == LMP_OK) status = copy_known(r, m, &values, &done, &err);
    if (status == LMP_OK) {
        answer_header(r, "X-Limpid-Done", "%lld", (long long)done);
        answer_bytes(r, "application/octet-stream", values, (size_t)o->format->n_times * sizeof(frame_numbers),
                     done == o->format->n_times);
    } else {
        answer_failure(r, &err);
    }
    recording_release(s, o);
}
