/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tone.c: windowed Fourier sums on a stream.
 *
 * Samples come in chunks of 256 on the grid of absolute sample numbers. Within a chunk the phase comes from a table,
 * from chunk to chunk it is computed afresh, so no error builds up over hours; and a chunk's sum is weighted and added
 * only when the chunk is over, so results do not depend on the blocks in which samples arrive.
 */
#include "score/tone.h"

#include "score/metrics.h"

#include <math.h>

enum { CHUNK = 256 };

struct tone_table {
    int64_t n;
    const span_list *spans;
    double *cycles; /* per sample */
    double *tables; /* n x CHUNK x (cosine, sine) */
};

struct tone_lane {
    int64_t at;          /* span */
    int64_t chunk;       /* number of the open chunk, -1 if none */
    int64_t chunk_span;  /* span that it lies in */
    double weight;       /* sum of weights so far */
    int64_t chunk_count; /* samples of the open chunk that lie in the span */
    double *open, *sums; /* n x 2 */
};

lmp_status tone_table_open(const double *hz, int64_t n, double rate_hz, const span_list *spans, lmp_budget *budget,
                           tone_table **made, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status =
        lmp_take(budget, sizeof(tone_table) + (size_t)(n * (1 + 2 * CHUNK)) * sizeof(double), &memory, err);
    if (status != LMP_OK) return status;
    tone_table *t = memory;
    t->n = n;
    t->spans = spans;
    t->cycles = (double *)(void *)(t + 1);
    t->tables = t->cycles + n;
    for (int64_t i = 0; i < n; i++) {
        t->cycles[i] = hz[i] / rate_hz;
        for (int64_t k = 0; k < CHUNK; k++) {
            t->tables[(i * CHUNK + k) * 2] = cos(2 * M_PI * t->cycles[i] * (double)k);
            t->tables[(i * CHUNK + k) * 2 + 1] = sin(2 * M_PI * t->cycles[i] * (double)k);
        }
    }
    *made = t;
    return LMP_OK;
}

void tone_table_close(tone_table *t, lmp_budget *budget)
{
    lmp_give(budget, t);
}

size_t tone_lane_bytes(const tone_table *t)
{
    return sizeof(tone_lane) + (size_t)(4 * t->n) * sizeof(double);
}

lmp_status tone_lane_open(const tone_table *t, lmp_budget *budget, tone_lane **lane, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, tone_lane_bytes(t), &memory, err);
    if (status != LMP_OK) return status;
    tone_lane *l = memory;
    l->chunk = -1;
    l->open = (double *)(void *)(l + 1);
    l->sums = l->open + 2 * t->n;
    *lane = l;
    return LMP_OK;
}

void tone_lane_close(tone_lane *lane, lmp_budget *budget)
{
    lmp_give(budget, lane);
}

/* The window in the middle of the open chunk. */
static double chunk_window(const tone_table *t, const tone_lane *lane)
{
    const span *s = &t->spans->all[lane->chunk_span];
    const double place = ((double)(lane->chunk * CHUNK - s->first) + CHUNK / 2.0) / (double)s->count;
    return place > 0 && place < 1 ? 0.5 - 0.5 * cos(2 * M_PI * place) : 0;
}

/* Adds the open chunk's share of tone i, in its phase. */
static void add_share(const tone_table *t, const tone_lane *lane, int64_t i, double window, double sum[2])
{
    const double cycles = t->cycles[i] * (double)(lane->chunk * CHUNK), phase = 2 * M_PI * (cycles - floor(cycles));
    const double re = lane->open[2 * i], im = lane->open[2 * i + 1];
    sum[0] += window * (re * cos(phase) - im * sin(phase));
    sum[1] += window * (re * sin(phase) + im * cos(phase));
}

static void close_chunk(const tone_table *t, tone_lane *lane)
{
    const double window = lane->chunk >= 0 ? chunk_window(t, lane) : 0;
    for (int64_t i = 0; i < t->n; i++) {
        if (lane->chunk >= 0) add_share(t, lane, i, window, lane->sums + 2 * i);
        lane->open[2 * i] = lane->open[2 * i + 1] = 0;
    }
    lane->weight += window * (double)lane->chunk_count;
    lane->chunk_count = 0;
}

static void add_piece(const tone_table *t, tone_lane *lane, int64_t first, const double *values, int64_t count)
{
    const int64_t k = first % CHUNK;
    for (int64_t i = 0; i < t->n; i++) {
        const double *table = t->tables + (i * CHUNK + k) * 2;
        double re = lane->open[2 * i], im = lane->open[2 * i + 1];
        for (int64_t j = 0; j < count; j++) {
            re += values[j] * table[2 * j];
            im += values[j] * table[2 * j + 1];
        }
        lane->open[2 * i] = re;
        lane->open[2 * i + 1] = im;
    }
    lane->chunk_count += count;
}

void tone_lane_add(const tone_table *t, tone_lane *lane, int64_t first, const double *values, int64_t count)
{
    span_piece piece;
    const int64_t end = first + count;
    for (int64_t from = first; span_next(t->spans, &lane->at, from, end - from, &piece);
         from = piece.first + piece.count) {
        if (piece.part != PART_SCAN) continue;
        for (int64_t at = piece.first; at < piece.first + piece.count;) {
            const int64_t chunk = at / CHUNK, chunk_end = (chunk + 1) * CHUNK;
            if (chunk != lane->chunk || lane->at != lane->chunk_span) close_chunk(t, lane);
            lane->chunk = chunk;
            lane->chunk_span = lane->at;
            const int64_t to = piece.first + piece.count < chunk_end ? piece.first + piece.count : chunk_end;
            add_piece(t, lane, at, values + (at - first), to - at);
            at = to;
        }
    }
}

double tone_lane_amplitude(const tone_table *t, const tone_lane *lane, int64_t i)
{
    double sum[2] = {lane->sums[2 * i], lane->sums[2 * i + 1]}, weight = lane->weight;
    if (lane->chunk >= 0) {
        const double window = chunk_window(t, lane);
        add_share(t, lane, i, window, sum);
        weight += window * (double)lane->chunk_count;
    }
    return weight > 0 ? 2 * hypot(sum[0], sum[1]) / weight : UNKNOWN;
}
