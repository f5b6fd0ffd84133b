/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_statistics.c: bands of rows are taken in one after the other, so that a large frame needs little memory, and
 * none is finished for a client that has gone.
 */
#include "frame_statistics.h"

#include "frame_request.h"
#include "image_stats.h"
#include "json_text.h"

#include <limpid/step.h>
#include <stdlib.h>

enum { BAND_BYTES = 4 << 20 };

typedef struct statistics {
    server *server;
    request *request;
    opened *opened;
    frame_part part;
    int64_t band_rows;
    void *band;
    image_ranks *ranks;
    json_t *json;
} statistics;

static lmp_status check_asker(const statistics *s, lmp_error *err)
{
    return request_is_given_up(s->request) ? lmp_fail(err, LMP_CANCELLED, "nobody waits for the statistics") : LMP_OK;
}

static lmp_status take_in(statistics *s, const frame_hold *hold, lmp_error *err)
{
    const frame_part *p = &s->part;
    for (int64_t y = 0; y < p->height; y += s->band_rows) {
        const int64_t rows = p->height - y < s->band_rows ? p->height - y : s->band_rows;
        const frame_part band = {.x = p->x, .y = p->y + y, .width = p->width, .height = rows};
        lmp_status status = check_asker(s, err);
        if (status == LMP_OK) status = frame_hold_read(s->opened, hold, &band, s->band, err);
        if (status != LMP_OK) return status;
        image_ranks_add(s->ranks, s->band, rows * p->width * s->opened->format->n_colours);
    }
    return LMP_OK;
}

static lmp_status take_in_frame(statistics *s, lmp_error *err)
{
    frame_hold hold;
    lmp_status status = frame_hold_make(s->server, s->opened, request_integer(s->request, "frame"), &hold, err);
    if (status == LMP_OK) status = take_in(s, &hold, err);
    frame_hold_end(s->server, &hold);
    return status;
}

/* ---- What is told ---- */

/* A percentile of many floats goes over them several times. */
static lmp_status add_percentiles(const statistics *s, int64_t n, lmp_error *err)
{
    static const struct {
        const char *name;
        double percent;
    } wanted[] = {{"0.1", 0.1}, {"1", 1}, {"5", 5}, {"50", 50}, {"95", 95}, {"99", 99}, {"99.9", 99.9}};
    json_t *all = json_object();
    json_object_set_new(s->json, "percentiles", all);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && n > 0; i++) {
        const lmp_status status = check_asker(s, err);
        if (status != LMP_OK) return status;
        json_object_set_new(all, wanted[i].name, json_real(image_percentile(s->ranks, wanted[i].percent)));
    }
    return LMP_OK;
}

/* One number fills the middle of a bin as wide as 1, as numpy.histogram() has it. */
static json_t *histogram_json(const image_ranks *ranks, const image_moments *m, int64_t bins)
{
    const double half = m->min < m->max ? 0 : 0.5, first = m->n > 0 ? m->min - half : 0,
                 last = m->n > 0 ? m->max + half : 1;
    int64_t *counts = calloc((size_t)bins, sizeof *counts);
    json_t *list = json_array();
    if (counts != NULL) image_histogram(ranks, first, last, bins, counts);
    for (int64_t i = 0; i < bins && counts != NULL; i++) json_array_append_new(list, json_integer(counts[i]));
    free(counts);
    return json_pack("{s:f, s:f, s:o}", "first", first, "last", last, "counts", list);
}

static lmp_status tell(statistics *s, lmp_error *err)
{
    const image_moments m = image_ranks_moments(s->ranks);
    s->json = json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "min", json_number_or_null(m.min, true), "max",
                        json_number_or_null(m.max, true), "mean", json_number_or_null(m.mean, true), "std",
                        json_number_or_null(m.std, true), "n", (json_int_t)m.n, "n_nan", (json_int_t)m.n_nan,
                        "histogram", histogram_json(s->ranks, &m, request_integer(s->request, "bins")));
    return add_percentiles(s, m.n, err);
}

/* ---- The answer ---- */

static lmp_status make_statistics(statistics *s, lmp_error *err)
{
    const lmp_format *f = s->opened->format;
    const int64_t n = s->part.width * s->part.height * f->n_colours;
    if (n > UINT32_MAX)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "an image of %lld numbers is too large for statistics: ask for a part of it", (long long)n);
    const size_t row = frame_part_bytes(s->opened, &s->part) / (size_t)s->part.height;
    s->band_rows = row < BAND_BYTES ? (int64_t)(BAND_BYTES / row) : 1;
    if (s->band_rows > s->part.height) s->band_rows = s->part.height;
    const size_t band = row * (size_t)s->band_rows, all = band + image_ranks_bytes(f->type, n);
    lmp_status status = memory_need(s->server, all, err);
    if (status != LMP_OK) return status;
    s->band = malloc(band);
    s->ranks = image_ranks_new(f->type, n);
    status = s->band != NULL && s->ranks != NULL
                 ? take_in_frame(s, err)
                 : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for statistics");
    if (status == LMP_OK) status = tell(s, err);
    image_ranks_free(s->ranks);
    free(s->band);
    memory_give(s->server, all);
    return status;
}

void statistics_answer(server *s, request *r)
{
    statistics made = {.server = s, .request = r};
    made.opened = frame_request_movie(s, r, true, &made.part);
    if (made.opened == NULL) return;
    lmp_error err = {0};
    if (make_statistics(&made, &err) == LMP_OK) {
        answer_json(r, 200, made.json);
    } else {
        json_decref(made.json);
        answer_failure(r, &err);
    }
    recording_release(s, made.opened);
}
