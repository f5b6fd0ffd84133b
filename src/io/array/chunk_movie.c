/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_movie.c: movies stored as an array that is cut into chunks of equal shape.
 *
 * A call decodes each chunk it touches once and copies from it what it wants. Stretches that start and end on a border
 * of chunks (time_grain) so decode nothing twice. Chunks that hold more frames than fit a stretch go through a scratch
 * file, decoded once for all stretches. Chunks that are whole frames are decoded in place. Strides say where
 * the axes are, so any order of dimensions is read the same way.
 */
#include "io/array/chunk_movie.h"

#include "io/array/chunk_codec.h"
#include "io/array/chunk_spool.h"
#include "io/pixels.h"

#include "core/budget.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A chunk costs a file or a search in an index: more than this for one frame is damage. */
enum { MOST_CHUNKS_OF_A_FRAME = 1 << 16, MOST_SPOOLED_CHUNKS = 1 << 24, SPOOLED_FROM = 8 << 20 };

#define MOST_NUMBERS (INT64_C(1) << 57) /* times 8 bytes: below 2^60 */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t given_bytes(const chunk_movie *m)
{
    return (int64_t)lmp_type_bytes(sample_get_info(m->type)->type);
}

/* ---- Copying ---------------------------------------------------------------------------------------------- */

/* What one call wants of the array: indices [first, end) of each dimension. */
typedef struct region {
    int64_t first[ARRAY_MOST_AXES], end[ARRAY_MOST_AXES];
} region;

static region wanted_region(const chunk_movie *m, const lmp_frames *out)
{
    region r = {0};
    const array_axes *a = &m->axes;
    for (int64_t d = 0; d < m->dimensions.n; d++) r.end[d] = 1;
    if (a->time >= 0) r.first[a->time] = out->first, r.end[a->time] = out->first + out->count;
    if (a->colour >= 0) r.end[a->colour] = m->shape.n_colours;
    r.end[a->row] = m->shape.height;
    r.end[a->column] = m->shape.width;
    return r;
}

/* The part of a chunk that is wanted, along one axis: absolute [first, end), and how far it lies in chunk and array. */
typedef struct span {
    int64_t first, count;
    int64_t skipped; /* numbers of the chunk before it */
    int64_t stride;  /* in numbers of the chunk */
} span;

static span find_span(const chunk_movie *m, const region *r, const int64_t *place, int64_t axis)
{
    if (axis < 0) return (span){.count = 1};
    const int64_t begin = place[axis] * m->chunk[axis];
    const int64_t first = larger(begin, r->first[axis]);
    const int64_t end = smaller(begin + m->chunk[axis], r->end[axis]);
    return (span){
        .first = first, .count = end - first, .skipped = (first - begin) * m->stride[axis], .stride = m->stride[axis]};
}

typedef struct spans {
    span time, row, column, colour;
} spans;

static spans find_spans(const chunk_movie *m, const region *r, const int64_t *place)
{
    return (spans){.time = find_span(m, r, place, m->axes.time),
                   .row = find_span(m, r, place, m->axes.row),
                   .column = find_span(m, r, place, m->axes.column),
                   .colour = find_span(m, r, place, m->axes.colour)};
}

/* Where pixel (t, y) of a span begins in the caller's frames. */
static uint8_t *place_in(const chunk_movie *m, const spans *s, const lmp_frames *out, int64_t t, int64_t y)
{
    const int64_t pixel = (s->row.first + y) * m->shape.width + s->column.first;
    const int64_t first = s->time.first + t - (m->axes.time < 0 ? 0 : out->first);
    return (uint8_t *)out->data + (size_t)first * out->stride +
           (pixel * m->shape.n_colours + s->colour.first) * given_bytes(m);
}

static void copy_row(const chunk_movie *m, const spans *s, const uint8_t *from, uint8_t *to)
{
    const int64_t stored = (int64_t)sample_get_info(m->type)->bytes, given = given_bytes(m);
    const bool is_run = s->colour.count == m->shape.n_colours && (s->colour.count == 1 || s->colour.stride == 1) &&
                        s->column.stride == s->colour.count;
    if (is_run) {
        pixels_copy(m->type, m->is_big_endian, from, (size_t)stored, s->column.count * s->colour.count, to,
                    (size_t)given);
        return;
    }
    for (int64_t c = 0; c < s->colour.count; c++)
        pixels_copy(m->type, m->is_big_endian, from + c * s->colour.stride * stored,
                    (size_t)(s->column.stride * stored), s->column.count, to + c * given,
                    (size_t)(m->shape.n_colours * given));
}

/* Numbers of a chunk before the first one that is wanted, and from there behind the last one. */
static int64_t first_number(const spans *s)
{
    return s->time.skipped + s->row.skipped + s->column.skipped + s->colour.skipped;
}

static int64_t count_numbers(const spans *s)
{
    return 1 + (s->time.count - 1) * s->time.stride + (s->row.count - 1) * s->row.stride +
           (s->column.count - 1) * s->column.stride + (s->colour.count - 1) * s->colour.stride;
}

/* `bytes` begin with the first number that is wanted. */
static void copy_chunk(const chunk_movie *m, const spans *s, const uint8_t *bytes, const lmp_frames *out)
{
    const int64_t stored = (int64_t)sample_get_info(m->type)->bytes;
    for (int64_t t = 0; t < s->time.count; t++)
        for (int64_t y = 0; y < s->row.count; y++)
            copy_row(m, s, bytes + (t * s->time.stride + y * s->row.stride) * stored, place_in(m, s, out, t, y));
}

static void fill_chunk(const chunk_movie *m, const spans *s, const lmp_frames *out)
{
    const size_t given = (size_t)given_bytes(m);
    for (int64_t t = 0; t < s->time.count; t++)
        for (int64_t y = 0; y < s->row.count; y++) {
            uint8_t *to = place_in(m, s, out, t, y);
            for (int64_t x = 0; x < s->column.count; x++, to += (size_t)m->shape.n_colours * given)
                for (int64_t c = 0; c < s->colour.count; c++) memcpy(to + (size_t)c * given, m->fill, given);
        }
}

/* ---- Chunks ----------------------------------------------------------------------------------------------- */

/* Number of a chunk in the grid. */
static int64_t number_chunk(const chunk_movie *m, const int64_t *place)
{
    int64_t number = 0;
    for (int64_t d = 0; d < m->dimensions.n; d++)
        number = number * ((m->dimensions.size[d] - 1) / m->chunk[d] + 1) + place[d];
    return number;
}

/* True if other calls will want other frames of the chunk. */
static bool is_part(const chunk_movie *m, const spans *s)
{
    const int64_t begin = s->time.first - s->time.first % m->chunk[m->axes.time];
    return s->time.count < smaller(m->chunk[m->axes.time], m->shape.n_times - begin);
}

static lmp_status read_spooled(const chunk_movie *m, const spans *s, const int64_t *place, const lmp_frames *out,
                               lmp_budget *budget, lmp_error *err)
{
    const size_t stored = sample_get_info(m->type)->bytes;
    file_view view;
    const lmp_status status =
        chunk_spool_view(m->spool, number_chunk(m, place), (size_t)first_number(s) * stored,
                         (size_t)count_numbers(s) * stored, m->load, m->user, place, budget, &view, err);
    if (status != LMP_OK) return status;
    copy_chunk(m, s, view.bytes, out);
    file_view_end(&view);
    return LMP_OK;
}

static lmp_status read_chunk(const chunk_movie *m, const region *r, const int64_t *place, const lmp_frames *out,
                             lmp_budget *budget, lmp_error *err)
{
    void *bytes = NULL;
    const spans s = find_spans(m, r, place);
    if (!m->has(m->user, place)) {
        fill_chunk(m, &s, out);
        return LMP_OK;
    }
    const int64_t stored = (int64_t)sample_get_info(m->type)->bytes;
    if (m->spool != NULL && is_part(m, &s)) return read_spooled(m, &s, place, out, budget, err);
    const size_t frames = (size_t)s.time.count * out->stride;
    if (m->is_direct && frames == m->chunk_bytes && out->stride * (size_t)m->chunk[m->axes.time] == frames)
        return m->load(m->user, place, place_in(m, &s, out, 0, 0), budget, err);
    lmp_status status = budget_take_raw(budget, m->chunk_bytes, &bytes, err);
    if (status == LMP_OK) status = m->load(m->user, place, bytes, budget, err);
    if (status == LMP_OK) copy_chunk(m, &s, (uint8_t *)bytes + first_number(&s) * stored, out);
    lmp_give(budget, bytes);
    return status;
}

/* The next place of the grid that the region touches, the last dimension first; false after the last one. */
static bool next_place(const chunk_movie *m, const region *r, int64_t *place)
{
    for (int64_t d = m->dimensions.n - 1; d >= 0; d--) {
        if (++place[d] * m->chunk[d] < r->end[d]) return true;
        place[d] = r->first[d] / m->chunk[d];
    }
    return false;
}

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const chunk_movie *m = state;
    int64_t place[ARRAY_MOST_AXES] = {0};
    const region r = wanted_region(m, out);
    if (out->count == 0) return LMP_OK;
    for (int64_t d = 0; d < m->dimensions.n; d++) place[d] = r.first[d] / m->chunk[d];
    lmp_status status;
    do {
        status = read_chunk(m, &r, place, out, budget, err);
    } while (status == LMP_OK && next_place(m, &r, place));
    return status;
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

static void find_strides(chunk_movie *m)
{
    int64_t stride = 1;
    for (int64_t i = 0; i < m->dimensions.n; i++) {
        const int64_t d = m->is_fortran_order ? i : m->dimensions.n - 1 - i;
        m->stride[d] = stride;
        stride *= m->chunk[d];
    }
}

/* True if a chunk holds whole frames as movies have them. */
static bool find_direct(const chunk_movie *m)
{
    const array_axes *a = &m->axes;
    const array_shape *s = &m->shape;
    if (!pixels_are_native(m->type, m->is_big_endian) || s->n_stored != s->n_colours || a->time < 0) return false;
    for (int64_t d = 0; d < m->dimensions.n; d++)
        if (d != a->time && m->chunk[d] != m->dimensions.size[d]) return false;
    return (a->colour < 0 || s->n_stored == 1 || m->stride[a->colour] == 1) &&
           (s->width == 1 || m->stride[a->column] == s->n_stored) &&
           (s->height == 1 || m->stride[a->row] == s->n_stored * s->width) &&
           m->stride[a->time] == s->n_stored * s->width * s->height;
}

static lmp_status check_chunks(const char *path, const chunk_movie *m, lmp_error *err)
{
    char text[ARRAY_SHAPE_ROOM];
    int64_t bytes = (int64_t)sample_get_info(m->type)->bytes, n_chunks = 1, left = MOST_NUMBERS;
    for (int64_t d = 0; d < m->dimensions.n; d++) {
        left /= m->dimensions.size[d];
        if (left < 1)
            return lmp_fail(err, LMP_ERR_INPUT, "%s has the shape %s: no disk holds that", path,
                            array_shape_print(m->dimensions.n, m->dimensions.size, text));
        if (m->chunk[d] < 1 || m->chunk[d] > CHUNK_MOST_BYTES / bytes)
            return lmp_fail(err, LMP_ERR_INPUT, "%s has chunks of the shape %s; limpid reads chunks of up to 2 GB",
                            path, array_shape_print(m->dimensions.n, m->chunk, text));
        bytes *= m->chunk[d];
        if (d == m->axes.time) continue;
        const int64_t n = (m->dimensions.size[d] - 1) / m->chunk[d] + 1;
        n_chunks = n > MOST_CHUNKS_OF_A_FRAME ? n : n * n_chunks;
        if (n_chunks > MOST_CHUNKS_OF_A_FRAME)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s has chunks of the shape %s, over %d of them for a frame: save it in larger ones", path,
                            array_shape_print(m->dimensions.n, m->chunk, text), MOST_CHUNKS_OF_A_FRAME);
    }
    return LMP_OK;
}

/* Bytes of the frames that one row of chunks holds. */
static double grain_bytes(const chunk_movie *m)
{
    return (double)smaller(m->chunk[m->axes.time], m->shape.n_times) * (double)m->shape.height *
           (double)m->shape.width * (double)m->shape.n_stored * (double)sample_get_info(m->type)->bytes;
}

/* The scratch file for chunks that hold more frames than stretches do. */
static lmp_status choose_spool(const char *path, const char *scratch_dir, chunk_movie *m, char **warnings,
                               lmp_error *err)
{
    char text[16];
    double n_chunks = 1;
    if (m->axes.time < 0 || m->chunk[m->axes.time] == 1 || grain_bytes(m) < SPOOLED_FROM) return LMP_OK;
    for (int64_t d = 0; d < m->dimensions.n; d++) n_chunks *= (double)((m->dimensions.size[d] - 1) / m->chunk[d] + 1);
    if (n_chunks > MOST_SPOOLED_CHUNKS || n_chunks * (double)m->chunk_bytes > 0x1p60) return LMP_OK;
    file_warn(warnings,
              "%s is stored in chunks of %" PRId64
              " frames; where they are read a few at a time, chunks are unpacked once, into a scratch file of up to %s",
              path, m->chunk[m->axes.time], budget_print_size(n_chunks * (double)m->chunk_bytes, text));
    return chunk_spool_new(path, scratch_dir, m->chunk_bytes, (int64_t)n_chunks, &m->spool, err);
}

lmp_status chunk_movie_prepare(const char *path, const char *scratch_dir, chunk_movie *m, char **warnings,
                               lmp_error *err)
{
    const lmp_status status = check_chunks(path, m, err);
    if (status != LMP_OK) return status;
    m->chunk_bytes = sample_get_info(m->type)->bytes;
    for (int64_t d = 0; d < m->dimensions.n; d++) m->chunk_bytes *= (size_t)m->chunk[d];
    find_strides(m);
    m->is_direct = find_direct(m);
    return choose_spool(path, scratch_dir, m, warnings, err);
}

static void close_movie(void *state)
{
    chunk_movie *m = state;
    if (m == NULL) return;
    m->close(m->user);
    chunk_spool_free(m->spool);
    free(m);
}

static const char *data_path(void *state)
{
    const chunk_movie *m = state;
    return m->data_path == NULL ? NULL : m->data_path(m->user);
}

static bool is_member(void *state, const char *path)
{
    const chunk_movie *m = state;
    return m->is_member != NULL && m->is_member(m->user, path);
}

void chunk_movie_give(chunk_movie *m, double rate_hz, lmp_source *source)
{
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = sample_get_info(m->type)->type,
                                         .n_times = m->shape.n_times,
                                         .rate_hz = rate_hz,
                                         .height = m->shape.height,
                                         .width = m->shape.width,
                                         .n_colours = m->shape.n_colours,
                                         .start_unix_s = (double)NAN,
                                         .subject = "",
                                         .session = ""};
    source->time_grain = m->axes.time < 0 ? 1 : smaller(m->chunk[m->axes.time], m->shape.n_times);
    source->bytes_per_time = m->chunk_bytes + m->loading_bytes;
    source->state = m;
    source->read_frames = read_frames;
    source->close = close_movie;
    source->data_path = data_path;
    source->is_member = is_member;
}
