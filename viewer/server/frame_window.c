/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_window.c: blocks of whole squares are computed at full resolution and made smaller one after the other, each in
 * strips of rows: how much memory that takes depends neither on the size of the frames nor on their number.
 */
#include "frame_window.h"

#include "frame_request.h"
#include "shrink.h"
#include "window_stats.h"

#include <limpid/step.h>
#include <stdlib.h>
#include <string.h>

/* Of frames that need no decoding: a block; a strip, which processors keep at hand. */
enum { ROOM = 16 << 20, STRIP_ROOM = 1 << 20, SHARE = 8 };

typedef struct window {
    server *server;
    request *request;
    opened *opened;
    window_stat stat;
    int64_t first, count; /* frames inside the movie */
    frame_part part;
    int level;
    int64_t height, width;                           /* of the answer */
    int64_t block_height, block_width, strip_height; /* most pixels of a block; of a strip in it */
    char *pixels;                                    /* of a strip of one frame; median: of all */
    window_run run;
    double *column; /* median */
    float *block, *small;
    void *work;    /* of shrinking */
    float *result; /* the answer */
} window;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static size_t numbers(const window *w, int64_t width, int64_t height)
{
    return (size_t)(width * height * w->opened->format->n_colours);
}

static size_t pixel_bytes(const window *w)
{
    return lmp_type_bytes(w->opened->format->type);
}

/* ---- Strips ---- */

static lmp_status read_frame(const window *w, const frame_part *strip, int64_t k, char *to, lmp_error *err)
{
    if (request_is_given_up(w->request)) return lmp_fail(err, LMP_CANCELLED, "nobody waits for the window");
    return frame_read(w->server, w->opened, w->first + k, strip, to, err);
}

static lmp_status add_frames(window *w, const frame_part *strip, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t k = 0; k < w->count && status == LMP_OK; k++) {
        status = read_frame(w, strip, k, w->pixels, err);
        if (status == LMP_OK) window_run_add(&w->run, w->pixels);
    }
    return status;
}

static lmp_status run_strip(window *w, const frame_part *strip, float *to, lmp_error *err)
{
    window_run_begin(&w->run, (int64_t)numbers(w, strip->width, strip->height));
    lmp_status status = add_frames(w, strip, err);
    if (status == LMP_OK && w->stat == WINDOW_STD) {
        window_run_again(&w->run);
        status = add_frames(w, strip, err);
    }
    if (status == LMP_OK) window_run_end(&w->run, to);
    return status;
}

static lmp_status median_strip(window *w, const frame_part *strip, float *to, lmp_error *err)
{
    const size_t n = numbers(w, strip->width, strip->height);
    lmp_status status = LMP_OK;
    for (int64_t k = 0; k < w->count && status == LMP_OK; k++)
        status = read_frame(w, strip, k, w->pixels + (size_t)k * n * pixel_bytes(w), err);
    if (status == LMP_OK) window_medians(w->opened->format->type, w->pixels, (int64_t)n, w->count, w->column, to);
    return status;
}

/* ---- Blocks ---- */

/* The block's place in the part. */
static lmp_status make_block(window *w, const frame_part *b, lmp_error *err)
{
    for (int64_t y = 0; y < b->height; y += w->strip_height) {
        const frame_part strip = {.x = w->part.x + b->x,
                                  .y = w->part.y + b->y + y,
                                  .width = b->width,
                                  .height = smaller(w->strip_height, b->height - y)};
        float *to = w->block + numbers(w, b->width, y);
        const lmp_status status =
            w->stat == WINDOW_MEDIAN ? median_strip(w, &strip, to, err) : run_strip(w, &strip, to, err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}

static void put_block(const window *w, const frame_part *b)
{
    const int64_t n_colours = w->opened->format->n_colours;
    const float *from = w->block;
    if (w->level > 0) {
        shrink_image(LMP_FLOAT32, w->block, b->width, b->height, n_colours, w->level, w->work, w->small);
        from = w->small;
    }
    const size_t row = numbers(w, shrink_side(b->width, w->level), 1), pitch = numbers(w, w->width, 1);
    float *to = w->result + (size_t)(b->y >> w->level) * pitch + numbers(w, b->x >> w->level, 1);
    for (int64_t y = 0; y < shrink_side(b->height, w->level); y++)
        memcpy(to + (size_t)y * pitch, from + (size_t)y * row, row * sizeof *to);
}

static lmp_status make_blocks(window *w, lmp_error *err)
{
    for (int64_t y = 0; y < w->part.height; y += w->block_height)
        for (int64_t x = 0; x < w->part.width; x += w->block_width) {
            const frame_part block = {.x = x,
                                      .y = y,
                                      .width = smaller(w->block_width, w->part.width - x),
                                      .height = smaller(w->block_height, w->part.height - y)};
            const lmp_status status = make_block(w, &block, err);
            if (status != LMP_OK) return status;
            put_block(w, &block);
        }
    return LMP_OK;
}

/* ---- Memory ---- */

/* For each number of a strip. */
static size_t strip_bytes(const window *w)
{
    return w->stat == WINDOW_MEDIAN ? (size_t)(w->count > 0 ? w->count : 1) * pixel_bytes(w)
                                    : pixel_bytes(w) + window_run_bytes(w->stat, w->opened->format->type);
}

static int64_t rows_in(size_t room, size_t row)
{
    return room > row ? (int64_t)(room / row) : 1;
}

/* What must be decoded gets more room, so that no frame is decoded once for each of many strips. */
static void cut(window *w)
{
    const bool is_decoded = lmp_recording_is_decoded(w->opened->recording);
    const size_t share = (size_t)(memory_limit(w->server) / SHARE), room = is_decoded || share < ROOM ? share : ROOM,
                 strip_room = is_decoded || share < STRIP_ROOM ? share : STRIP_ROOM;
    const int64_t side = (int64_t)1 << w->level;
    const size_t block_bytes = 2 * sizeof(float);
    int64_t width = w->part.width;
    while (width > side && numbers(w, width, 1) * (strip_bytes(w) + block_bytes * (size_t)side) > room)
        width = shrink_side((width + 1) / 2, w->level) * side;
    const int64_t squares = rows_in(room, numbers(w, width, side) * block_bytes);
    w->block_width = width;
    w->block_height = smaller(squares * side, shrink_side(w->part.height, w->level) * side);
    w->strip_height = smaller(rows_in(strip_room, numbers(w, width, 1) * strip_bytes(w)), w->block_height);
}

static size_t bytes_of(const window *w)
{
    const size_t block = numbers(w, w->block_width, w->block_height),
                 strip = numbers(w, w->block_width, w->strip_height),
                 work = shrink_work_bytes((int64_t)numbers(w, w->block_width, 1));
    const size_t column = w->stat == WINDOW_MEDIAN ? (size_t)window_medians_room(w->count) * sizeof(double) : 0;
    return strip * strip_bytes(w) + block * 2 * sizeof(float) + work + column;
}

static bool make_room(window *w)
{
    const size_t block = numbers(w, w->block_width, w->block_height),
                 strip = numbers(w, w->block_width, w->strip_height);
    const bool is_median = w->stat == WINDOW_MEDIAN;
    w->block = malloc(block * sizeof *w->block);
    w->small = malloc(block * sizeof *w->small);
    w->work = malloc(shrink_work_bytes((int64_t)numbers(w, w->block_width, 1)));
    w->pixels = malloc(strip * (is_median ? strip_bytes(w) : pixel_bytes(w)));
    if (is_median) w->column = malloc((size_t)window_medians_room(w->count) * sizeof *w->column + 1);
    const bool has_stat =
        is_median ? w->column != NULL : window_run_new(&w->run, w->stat, w->opened->format->type, (int64_t)strip);
    return w->block != NULL && w->small != NULL && w->work != NULL && w->pixels != NULL && has_stat;
}

static lmp_status make_window(window *w, lmp_error *err)
{
    const size_t size = numbers(w, w->width, w->height) * sizeof *w->result, bytes = bytes_of(w);
    lmp_status status = answer_need_memory(w->request, size, err);
    if (status == LMP_OK) status = memory_need(w->server, bytes, err);
    if (status != LMP_OK) return status;
    w->result = malloc(size);
    status = w->result != NULL && make_room(w)
                 ? make_blocks(w, err)
                 : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a window of frames");
    window_run_clear(&w->run);
    free(w->block);
    free(w->small);
    free(w->work);
    free(w->pixels);
    free(w->column);
    memory_give(w->server, bytes);
    return status;
}

/* ---- The answer ---- */

void window_answer(server *s, request *r)
{
    window w = {.server = s, .request = r, .level = (int)request_integer(r, "level")};
    w.opened = frame_request_movie(s, r, true, &w.part);
    if (w.opened == NULL) return;
    const lmp_format *f = w.opened->format;
    const int64_t from = request_integer(r, "frame") + request_integer(r, "lag"),
                  end = smaller(from + request_integer(r, "count"), f->n_times);
    w.stat = (window_stat)request_choice(r, "stat");
    w.first = from > 0 ? from : 0;
    w.count = end > w.first ? end - w.first : 0;
    w.height = shrink_side(w.part.height, w.level);
    w.width = shrink_side(w.part.width, w.level);
    cut(&w);
    lmp_error err = {0};
    if (make_window(&w, &err) == LMP_OK) {
        frame_answer_shape(r, w.height, w.width, f->n_colours, "float32");
        answer_header(r, "X-Limpid-Level", "%d", w.level);
        answer_bytes(r, "application/octet-stream", w.result, numbers(&w, w.width, w.height) * sizeof *w.result, true);
    } else {
        free(w.result);
        answer_failure(r, &err);
    }
    recording_release(s, w.opened);
}
