/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_part.c: a rectangle of some frames, with as little reading as the format allows.
 *
 * What a format lends is copied row by row, so that only the pages of those rows are touched. A format that reads rows
 * is asked for those of the rectangle, of large frames band after band, any other for whole frames; both go straight
 * into the result where nothing needs to be cut off.
 */
#include "core/recording.h"

#include "core/budget.h"
#include "core/stream.h"
#include "os/os.h"

#include <string.h>

/* Bytes that are mapped or decoded at a time; more where that spares decoding the same again. */
enum { PIECE_BYTES = 4 << 20, GRAIN_BYTES = 64 << 20 };

typedef struct part {
    const lmp_source *source;
    lmp_budget *budget;
    int64_t x, y, width, height;
    size_t pixel_bytes, frame_bytes; /* of a whole frame */
    uint64_t most_lent;              /* what is lent counts as memory */
    char *values;
} part;

static size_t part_bytes(const part *p)
{
    return (size_t)(p->width * p->height) * p->pixel_bytes;
}

/* From a frame whose first row is number `row`. */
static void copy_rectangle(const part *p, const char *frame, int64_t row, char *to)
{
    const size_t pitch = (size_t)p->source->stream.format.width * p->pixel_bytes,
                 length = (size_t)p->width * p->pixel_bytes;
    const char *from = frame + (size_t)(p->y - row) * pitch + (size_t)p->x * p->pixel_bytes;
    if (length == pitch) {
        memcpy(to, from, length * (size_t)p->height);
        return;
    }
    for (int64_t i = 0; i < p->height; i++) memcpy(to + (size_t)i * length, from + (size_t)i * pitch, length);
}

static lmp_status copy_lent(const part *p, int64_t first, int64_t count, char *to, lmp_error *err)
{
    const lmp_source *source = p->source;
    lmp_frames seen = stream_frames(&source->stream.format, first, count, NULL);
    void *lent = NULL;
    const lmp_status status = source->view(source->state, first, count, p->budget, &seen, &lent, err);
    if (status != LMP_OK) return status;
    for (int64_t i = 0; i < count; i++)
        copy_rectangle(p, (const char *)seen.data + (size_t)i * seen.stride, 0, to + (size_t)i * part_bytes(p));
    source->view_end(source->state, lent);
    return LMP_OK;
}

/* `frames` says which rows of which frames; whole ones need no room of their own. */
static lmp_status copy_read(const part *p, const lmp_frames *frames, char *to, lmp_error *err)
{
    lmp_frames out = *frames;
    const bool is_whole = p->width == frames->width && p->height == frames->rows;
    lmp_status status = LMP_OK;
    void *room = to;
    if (!is_whole) status = budget_take_raw(p->budget, (size_t)out.count * out.stride, &room, err);
    if (status != LMP_OK) return status;
    out.data = room;
    status = source_read_frames(p->source, &out, p->budget, err);
    for (int64_t i = 0; i < out.count && status == LMP_OK && !is_whole; i++)
        copy_rectangle(p, (const char *)room + (size_t)i * out.stride, out.row, to + (size_t)i * part_bytes(p));
    if (!is_whole) lmp_give(p->budget, room);
    return status;
}

/* Frames may be larger than all memory there is. */
static lmp_status copy_rows(const part *p, int64_t first, int64_t count, char *to, lmp_error *err)
{
    const size_t row_bytes = p->frame_bytes / (size_t)p->source->stream.format.height;
    const int64_t fit = row_bytes < PIECE_BYTES ? (int64_t)(PIECE_BYTES / row_bytes) : 1;
    part band = *p;
    lmp_status status = LMP_OK;
    for (int64_t done = 0; done < p->height && status == LMP_OK; done += band.height) {
        band.y = p->y + done;
        band.height = count > 1 || p->height - done < fit ? p->height - done : fit;
        lmp_frames frames = stream_frames(&p->source->stream.format, first, count, NULL);
        frames.row = band.y;
        frames.rows = band.height;
        frames.stride = row_bytes * (size_t)band.height;
        status = copy_read(&band, &frames, to + (size_t)(done * p->width) * p->pixel_bytes, err);
    }
    return status;
}

static lmp_status copy_piece(const part *p, int64_t first, int64_t count, char *to, lmp_error *err)
{
    const bool can_be_lent = p->source->view != NULL && p->frame_bytes <= p->most_lent;
    if (p->source->reads_rows && !can_be_lent) return copy_rows(p, first, count, to, err);
    if (p->source->view != NULL) return copy_lent(p, first, count, to, err);
    const lmp_frames frames = stream_frames(&p->source->stream.format, first, count, NULL);
    return copy_read(p, &frames, to, err);
}

static int64_t piece_frames(const part *p)
{
    const int64_t fit = (int64_t)(PIECE_BYTES / p->frame_bytes), grain = p->source->time_grain;
    if (grain > fit && grain <= (int64_t)(GRAIN_BYTES / p->frame_bytes)) return grain;
    return fit > 1 ? fit : 1;
}

static lmp_status read_part(const part *p, int64_t first, int64_t count, lmp_error *err)
{
    const int64_t most = piece_frames(p);
    lmp_status status = LMP_OK;
    for (int64_t done = 0; done < count && status == LMP_OK; done += most)
        status = copy_piece(p, first + done, count - done < most ? count - done : most,
                            p->values + (size_t)done * part_bytes(p), err);
    return status;
}

static lmp_status check_rectangle(const lmp_recording *recording, int64_t x, int64_t y, int64_t width, int64_t height,
                                  lmp_error *err)
{
    const lmp_format *f = &recording->source.stream.format;
    if (x >= 0 && y >= 0 && width > 0 && height > 0 && width <= f->width && height <= f->height &&
        x <= f->width - width && y <= f->height - height)
        return LMP_OK;
    return lmp_fail(
        err, LMP_ERR_USAGE,
        "a part of %lld x %lld pixels from column %lld and row %lld on was asked for, the images of %s have "
        "%lld x %lld",
        (long long)width, (long long)height, (long long)x, (long long)y, recording->path, (long long)f->width,
        (long long)f->height);
}

lmp_status lmp_recording_read_part(lmp_recording *recording, int64_t first, int64_t count, int64_t x, int64_t y,
                                   int64_t width, int64_t height, void *values, lmp_error *err)
{
    const uint64_t losses = os_lost_count();
    lmp_status status = recording_check_frames(recording, first, count, err);
    if (status == LMP_OK) status = check_rectangle(recording, x, y, width, height, err);
    if (status == LMP_OK) status = recording_check(recording, err);
    if (status != LMP_OK || count == 0) return status;
    const lmp_format *format = &recording->source.stream.format;
    part p = {.source = &recording->source,
              .x = x,
              .y = y,
              .width = width,
              .height = height,
              .pixel_bytes = (size_t)format->n_colours * lmp_type_bytes(format->type),
              .frame_bytes = stream_instant_bytes(&recording->source.stream),
              .most_lent = recording->engine->memory_limit / 2,
              .values = values};
    status = budget_new(recording->engine->memory_limit, &p.budget, err);
    if (status == LMP_OK) status = read_part(&p, first, count, err);
    budget_free(p.budget);
    return recording_settle(recording, losses, status, err);
}

int lmp_recording_is_decoded(const lmp_recording *recording)
{
    const lmp_source *source = &recording->source;
    return source->stream.format.kind == LMP_MOVIE && source->view == NULL && !source->is_cheap;
}
