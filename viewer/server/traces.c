/* SPDX-License-Identifier: BSD-3-Clause
 *
 * traces.c: channels as they are drawn: all samples, or lowest and highest value of each column of pixels.
 */
#include "traces.h"

#include <limpid/step.h>
#include <stdlib.h>

enum {
    READ_AT_ONCE = 65536, /* samples of a channel */
    FEW = 8000000,        /* values that are read rather than taken from blocks */
    MANY = 32000000       /* that are not, unless columns are shorter than a block */
};

/* Where column i begins, without overflow. */
static int64_t begin_of(const trace_request *t, int64_t i)
{
    return t->first + i * (t->count / t->columns) + i * (t->count % t->columns) / t->columns;
}

/* A column of one block or more has one to itself wherever it begins; below two, its edges move visibly. */
trace_layout trace_choose(const trace_request *t, int64_t block)
{
    const int64_t most = t->count < 2 * block * t->columns ? MANY : FEW;
    if (t->count <= 2 * t->columns) return TRACE_SAMPLES;
    if (t->count < block * t->columns) return TRACE_EXACT;
    return t->count <= most / t->n_channels ? TRACE_EXACT : TRACE_BLOCKS;
}

static double *new_room(lmp_error *err)
{
    double *room = malloc(READ_AT_ONCE * sizeof *room);
    if (room == NULL) (void)lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for samples");
    return room;
}

/* A piece of a channel, unless nobody waits any more. */
static lmp_status read_piece(lmp_recording *recording, const trace_request *t, int64_t channel, int64_t first,
                             int64_t count, double *room, lmp_error *err)
{
    if (t->asker != NULL && request_is_given_up(t->asker))
        return lmp_fail(err, LMP_CANCELLED, "nobody waits for the traces");
    return lmp_recording_read(recording, channel, first, count, room, err);
}

lmp_status trace_samples(lmp_recording *recording, const trace_request *t, float *values, lmp_error *err)
{
    double *room = new_room(err);
    if (room == NULL) return LMP_ERR_MEMORY;
    lmp_status status = LMP_OK;
    for (int64_t c = 0; c < t->n_channels && status == LMP_OK; c++)
        for (int64_t at = 0; at < t->count && status == LMP_OK; at += READ_AT_ONCE) {
            const int64_t n = t->count - at < READ_AT_ONCE ? t->count - at : READ_AT_ONCE;
            status = read_piece(recording, t, t->channels[c], t->first + at, n, room, err);
            for (int64_t i = 0; i < n && status == LMP_OK; i++) values[c * t->count + at + i] = (float)room[i];
        }
    free(room);
    return status;
}

/* ---- Columns from samples ------------------------------------------------------------------------------------ */

/* Goes through one channel in pieces, and on to the next column wherever one ends. */
static lmp_status exact_row(lmp_recording *recording, const trace_request *t, int64_t channel, double *room,
                            extremes *row, lmp_error *err)
{
    int64_t column = 0, column_end = begin_of(t, 1);
    const int64_t end = t->first + t->count;
    bounds b = bounds_none();
    for (int64_t at = t->first; at < end; at += READ_AT_ONCE) {
        const int64_t piece_end = end - at < READ_AT_ONCE ? end : at + READ_AT_ONCE;
        const lmp_status status = read_piece(recording, t, channel, at, piece_end - at, room, err);
        if (status != LMP_OK) return status;
        for (int64_t i = at; i < piece_end;) {
            const int64_t to = column_end < piece_end ? column_end : piece_end;
            b = bounds_widen(b, room + (i - at), to - i);
            i = to;
            if (i < column_end) break;
            row[column++] = bounds_round(b);
            b = bounds_none();
            column_end = begin_of(t, column + 1);
        }
    }
    return LMP_OK;
}

lmp_status trace_exact(lmp_recording *recording, const trace_request *t, extremes *values, lmp_error *err)
{
    double *room = new_room(err);
    if (room == NULL) return LMP_ERR_MEMORY;
    lmp_status status = LMP_OK;
    for (int64_t c = 0; c < t->n_channels && status == LMP_OK; c++)
        status = exact_row(recording, t, t->channels[c], room, values + c * t->columns, err);
    free(room);
    return status;
}

/* ---- Columns from blocks ------------------------------------------------------------------------------------- */

/* Samples between the edge of the request and the next edge of a block. */
static lmp_status widen_by_samples(const pyramid *p, int64_t channel, int64_t first, int64_t end, bounds *b,
                                   lmp_error *err)
{
    double *values = malloc((size_t)(end - first + 1) * sizeof *values);
    if (values == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for samples");
    const lmp_status status = lmp_recording_read(p->recording, channel, first, end - first, values, err);
    if (status == LMP_OK) *b = bounds_widen(*b, values, end - first);
    free(values);
    return status;
}

static int64_t round_up(int64_t sample, int64_t block)
{
    return sample / block + (sample % block != 0);
}

/* Edges move by half a block at most: a sixteenth of a column, where there are levels to choose from. */
static int choose_level(const pyramid *p, const trace_request *t)
{
    enum { BLOCKS_OF_A_COLUMN = 8 };
    int level = 0;
    while (level + 1 < PYRAMID_LEVELS && t->count / t->columns >= BLOCKS_OF_A_COLUMN * pyramid_block(p, level + 1))
        level++;
    return level;
}

int64_t trace_grid(const pyramid *p, const trace_request *t)
{
    return pyramid_block(p, choose_level(p, t));
}

static lmp_status block_row(const pyramid *p, const trace_request *t, int64_t channel, extremes *row, lmp_error *err)
{
    const int level = choose_level(p, t);
    const int64_t block = pyramid_block(p, level), end = t->first + t->count;
    const int64_t first_block = round_up(t->first, block), end_block = end / block;
    int64_t from = first_block;
    for (int64_t i = 0; i < t->columns; i++) {
        bounds b = bounds_none();
        lmp_status status = LMP_OK;
        const bool is_last = i == t->columns - 1;
        const int64_t to = is_last ? end_block : (begin_of(t, i + 1) + block / 2) / block;
        if (i == 0) status = widen_by_samples(p, channel, t->first, first_block * block, &b, err);
        if (is_last && status == LMP_OK) status = widen_by_samples(p, channel, end_block * block, end, &b, err);
        if (status != LMP_OK) return status;
        row[i] = bounds_round(pyramid_bounds(p, channel, level, from, to, b));
        from = to;
    }
    return LMP_OK;
}

lmp_status trace_blocks(const pyramid *p, const trace_request *t, extremes *values, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t c = 0; c < t->n_channels && status == LMP_OK; c++)
        status = block_row(p, t, t->channels[c], values + c * t->columns, err);
    return status;
}
