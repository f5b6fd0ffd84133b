/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_window.c: frames are taken in one by one; std goes over them twice, the median holds them all.
 */
#include "frame_window.h"

#include "frame_request.h"
#include "pixels.h"

#include <limpid/step.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum window_stat { WINDOW_MEAN, WINDOW_MIN, WINDOW_MAX, WINDOW_STD, WINDOW_MEDIAN } window_stat;

enum { TILE = 256 };

typedef struct window {
    server *server;
    request *request;
    opened *opened;
    window_stat stat;
    int64_t first, count; /* frames inside the movie */
    int64_t n;            /* numbers of a frame */
    size_t frame_bytes;
    char *pixels;           /* of one frame; median: of all */
    double *values, *means; /* of each pixel: running value; std: its mean */
    int32_t *counts;        /* valid numbers of each pixel */
    double *column;         /* median: a tile of pixels through all frames */
    float *result;
} window;

static lmp_status give_up(lmp_error *err)
{
    return lmp_fail(err, LMP_CANCELLED, "nobody waits for the window");
}

/* ---- Frame by frame ---- */

static void add_numbers(const window *w, const double *x, double *values, const double *means, int32_t *counts,
                        int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (x[i] != x[i]) continue;
        const bool is_first = counts[i]++ == 0;
        switch (w->stat) {
        case WINDOW_MIN:
            values[i] = is_first || x[i] < values[i] ? x[i] : values[i];
            break;
        case WINDOW_MAX:
            values[i] = is_first || x[i] > values[i] ? x[i] : values[i];
            break;
        case WINDOW_STD:
            values[i] += means != NULL ? (x[i] - means[i]) * (x[i] - means[i]) : x[i];
            break;
        default:
            values[i] += x[i];
            break;
        }
    }
}

static lmp_status add_frames(window *w, const double *means, lmp_error *err)
{
    const frame_part whole = frame_whole(w->opened);
    double tile[TILE];
    memset(w->values, 0, (size_t)w->n * sizeof *w->values);
    memset(w->counts, 0, (size_t)w->n * sizeof *w->counts);
    for (int64_t k = 0; k < w->count; k++) {
        if (request_is_given_up(w->request)) return give_up(err);
        const lmp_status status = frame_read(w->server, w->opened, w->first + k, &whole, w->pixels, err);
        if (status != LMP_OK) return status;
        for (int64_t i = 0; i < w->n; i += TILE) {
            const int64_t n = w->n - i < TILE ? w->n - i : TILE;
            pixels_to_doubles(w->opened->format->type, w->pixels, i, n, tile);
            add_numbers(w, tile, w->values + i, means != NULL ? means + i : NULL, w->counts + i, n);
        }
    }
    return LMP_OK;
}

static void divide(const window *w, double *to)
{
    for (int64_t i = 0; i < w->n; i++) to[i] = w->values[i] / w->counts[i]; /* of none: NaN */
}

static lmp_status run_over_frames(window *w, lmp_error *err)
{
    lmp_status status = add_frames(w, NULL, err);
    if (status == LMP_OK && w->stat == WINDOW_STD) {
        divide(w, w->means);
        status = add_frames(w, w->means, err);
    }
    if (status != LMP_OK) return status;
    const bool is_extreme = w->stat == WINDOW_MIN || w->stat == WINDOW_MAX;
    if (!is_extreme) divide(w, w->values);
    for (int64_t i = 0; i < w->n; i++) {
        const double value = w->stat == WINDOW_STD ? sqrt(w->values[i]) : w->values[i];
        w->result[i] = (float)(w->counts[i] > 0 ? value : (double)NAN);
    }
    return LMP_OK;
}

/* ---- The median ---- */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(double *x, int64_t n)
{
    enum { FEW = 48 };
    if (n > FEW) {
        qsort(x, (size_t)n, sizeof *x, by_size);
        return;
    }
    for (int64_t i = 1; i < n; i++) {
        const double v = x[i];
        int64_t k = i;
        for (; k > 0 && x[k - 1] > v; k--) x[k] = x[k - 1];
        x[k] = v;
    }
}

static float middle(double *x, int64_t count)
{
    int64_t n = 0;
    for (int64_t k = 0; k < count; k++)
        if (x[k] == x[k]) x[n++] = x[k];
    if (n == 0) return NAN;
    sort(x, n);
    return (float)(n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2);
}

static lmp_status run_over_pixels(window *w, lmp_error *err)
{
    const frame_part whole = frame_whole(w->opened);
    double tile[TILE];
    for (int64_t k = 0; k < w->count; k++) {
        if (request_is_given_up(w->request)) return give_up(err);
        const lmp_status status =
            frame_read(w->server, w->opened, w->first + k, &whole, w->pixels + (size_t)k * w->frame_bytes, err);
        if (status != LMP_OK) return status;
    }
    for (int64_t first = 0; first < w->n; first += TILE) {
        if (request_is_given_up(w->request)) return give_up(err);
        const int64_t n = w->n - first < TILE ? w->n - first : TILE;
        for (int64_t k = 0; k < w->count; k++) {
            pixels_to_doubles(w->opened->format->type, w->pixels + (size_t)k * w->frame_bytes, first, n, tile);
            for (int64_t i = 0; i < n; i++) w->column[i * w->count + k] = tile[i];
        }
        for (int64_t i = 0; i < n; i++) w->result[first + i] = middle(w->column + i * w->count, w->count);
    }
    return LMP_OK;
}

/* ---- Memory ---- */

static size_t held_frames(const window *w)
{
    return w->stat == WINDOW_MEDIAN ? (size_t)w->count : 1;
}

static size_t bytes_of(const window *w)
{
    const size_t n = (size_t)w->n, pixels = held_frames(w) * w->frame_bytes;
    if (w->stat == WINDOW_MEDIAN) return pixels + TILE * (size_t)w->count * sizeof(double);
    return pixels + n * (2 * sizeof(double) + sizeof(int32_t));
}

static bool make_room(window *w)
{
    const size_t n = (size_t)w->n;
    w->result = malloc(n * sizeof *w->result);
    w->pixels = malloc(held_frames(w) * w->frame_bytes + 1);
    if (w->stat == WINDOW_MEDIAN) {
        w->column = malloc((TILE * (size_t)w->count + 1) * sizeof *w->column);
        return w->result != NULL && w->pixels != NULL && w->column != NULL;
    }
    w->values = malloc(n * sizeof *w->values);
    w->counts = malloc(n * sizeof *w->counts);
    w->means = w->stat == WINDOW_STD ? malloc(n * sizeof *w->means) : NULL;
    return w->result != NULL && w->pixels != NULL && w->values != NULL && w->counts != NULL &&
           (w->stat != WINDOW_STD || w->means != NULL);
}

static lmp_status run(window *w, lmp_error *err)
{
    const size_t bytes = bytes_of(w);
    lmp_status status = answer_need_memory(w->request, (size_t)w->n * sizeof *w->result, err);
    if (status == LMP_OK) status = memory_need(w->server, bytes, err);
    if (status != LMP_OK) return status;
    if (!make_room(w))
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a window of frames");
    else
        status = w->stat == WINDOW_MEDIAN ? run_over_pixels(w, err) : run_over_frames(w, err);
    free(w->pixels);
    free(w->values);
    free(w->means);
    free(w->counts);
    free(w->column);
    memory_give(w->server, bytes);
    return status;
}

/* ---- The answer ---- */

void window_answer(server *s, request *r)
{
    opened *o = frame_request_movie(s, r, true, NULL);
    if (o == NULL) return;
    const lmp_format *f = o->format;
    const int64_t from = request_integer(r, "frame") + request_integer(r, "lag"),
                  end = from + request_integer(r, "count");
    const int64_t first = from > 0 ? from : 0, last = end < f->n_times ? end : f->n_times;
    window w = {.server = s,
                .request = r,
                .opened = o,
                .stat = (window_stat)request_choice(r, "stat"),
                .first = first,
                .count = last > first ? last - first : 0,
                .n = f->height * f->width * f->n_colours};
    w.frame_bytes = (size_t)w.n * lmp_type_bytes(f->type);
    lmp_error err = {0};
    if (run(&w, &err) == LMP_OK) {
        frame_answer_shape(r, f->height, f->width, f->n_colours, "float32");
        answer_bytes(r, "application/octet-stream", w.result, (size_t)w.n * sizeof(float), true);
    } else {
        free(w.result);
        answer_failure(r, &err);
    }
    recording_release(s, o);
}
