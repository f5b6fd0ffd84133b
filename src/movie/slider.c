/* SPDX-License-Identifier: BSD-3-Clause
 *
 * slider.c: the band is worked off in tiles of pixels, so that a tile's window stays in the core's own cache while all
 * frames of a call pass through it.
 */
#include "movie/slider.h"

#include "kernels/sliding.h"
#include "kernels/temporal_rank.h"
#include "movie/carve.h"
#include "movie/number.h"

#include <math.h>
#include <string.h>

enum { TILE = SLIDING_VALUES, CACHE_LINE = 64 };

struct slider {
    slider_spec spec;
    int64_t values, tiles;
    int64_t pushed; /* frames fed, past the end too */
    int64_t real;   /* of them those there really were */
    int64_t missing;
    int64_t *marked_until; /* per tile: the first frame from which on its windows hold no NaN */
    /* All but the median; see kernels/sliding.h. The square ones: std. The counts: floats. */
    double *rings, *square_rings, *heads, *square_heads;
    int32_t *count_rings, *count_heads;
    /* Median: per line of keys the window in the order of time, and sorted. */
    char *lines, *sorted;
    double *x, *results, *nothing;
    int32_t *marks;
    char *fresh;
};

/* ---- Memory ---- */

static slider *carve_all(carver *c, const slider_spec *spec, int64_t values)
{
    const int64_t tiles = (values + TILE - 1) / TILE;
    const size_t padded = (size_t)(tiles * TILE), ring = padded * (size_t)spec->window;
    const bool is_std = spec->kind == SLIDER_STD;
    slider parts = {.spec = *spec, .values = values, .tiles = tiles};
    slider *s = carve(c, sizeof *s);
    parts.marked_until = carve(c, (size_t)tiles * sizeof(int64_t));
    parts.x = carve(c, TILE * sizeof(double));
    parts.results = carve(c, TILE * sizeof(double));
    if (spec->kind == SLIDER_MEDIAN) {
        parts.lines = carve(c, ring * lmp_type_bytes(spec->in));
        parts.sorted = carve(c, ring * lmp_type_bytes(spec->in));
        parts.fresh = carve(c, TILE * sizeof(double));
    } else {
        parts.nothing = carve(c, TILE * sizeof(double));
        parts.rings = carve(c, ring * sizeof(double));
        parts.heads = carve(c, padded * sizeof(double));
        if (is_std) parts.square_rings = carve(c, ring * sizeof(double));
        if (is_std) parts.square_heads = carve(c, padded * sizeof(double));
        if (number_is_float(spec->in)) {
            parts.count_rings = carve(c, ring * sizeof(int32_t));
            parts.count_heads = carve(c, padded * sizeof(int32_t));
            parts.marks = carve(c, TILE * sizeof(int32_t));
        }
    }
    if (s != NULL) *s = parts;
    return s;
}

size_t slider_bytes(const slider_spec *spec, int64_t values)
{
    carver c = {0};
    (void)carve_all(&c, spec, values);
    return c.used;
}

static bool is_extreme(const slider *s)
{
    return s->spec.kind == SLIDER_MAX || s->spec.kind == SLIDER_MIN;
}

/* What changes no result. */
static double neutral(const slider *s)
{
    return is_extreme(s) ? -(double)INFINITY : 0.0;
}

static void fill(double *to, double x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) to[i] = x;
}

/* Keys behind all others. */
static void fill_keys(lmp_type type, char *to, size_t bytes)
{
    const size_t one = lmp_type_bytes(type);
    memset(to, 0xFF, bytes);
    for (size_t i = one - 1; i < bytes; i += one) to[i] = 0x7F; /* little-endian, as the keys are on all our machines */
}

lmp_status slider_open(const slider_spec *spec, int64_t values, lmp_budget *budget, slider **made, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(budget, slider_bytes(spec, values), &memory, err);
    if (status != LMP_OK) return status;
    carver c = {.base = memory};
    slider *s = carve_all(&c, spec, values);
    const int64_t ring = s->tiles * TILE * spec->window;
    if (s->lines != NULL) {
        fill_keys(spec->in, s->lines, (size_t)ring * lmp_type_bytes(spec->in));
        fill_keys(spec->in, s->sorted, (size_t)ring * lmp_type_bytes(spec->in));
    } else {
        fill(s->nothing, neutral(s), TILE);
        if (is_extreme(s)) fill(s->rings, neutral(s), ring);
    }
    *made = s;
    return LMP_OK;
}

void slider_close(slider *s, lmp_budget *budget)
{
    lmp_give(budget, s);
}

int64_t slider_missing(const slider *s)
{
    return s->missing;
}

/* ---- One frame of one tile ---- */

typedef struct place {
    int64_t tile, n;     /* numbers of the tile */
    int64_t frame;       /* that comes in */
    int64_t row;         /* of the ring */
    int64_t block_first; /* first frame of the present block */
    int64_t real;        /* frames that there really were so far */
} place;

static place place_of(const slider *s, int64_t tile, int64_t frame, bool is_real)
{
    const int64_t left = s->values - tile * TILE, row = frame % s->spec.window;
    return (place){.tile = tile,
                   .n = left < TILE ? left : TILE,
                   .frame = frame,
                   .row = row,
                   .block_first = frame - row,
                   .real = is_real ? frame + 1 : s->real};
}

/* Real frames from `first` to before `end`. */
static double real_between(const place *at, int64_t first, int64_t end)
{
    const int64_t from = first > 0 ? first : 0, to = end < at->real ? end : at->real;
    return to > from ? (double)(to - from) : 0.0;
}

static double *ring_row(const slider *s, double *rings, const place *at, int64_t row)
{
    return rings == NULL ? NULL : rings + (at->tile * s->spec.window + row) * TILE;
}

static int32_t *count_row(const slider *s, const place *at, int64_t row)
{
    return s->count_rings + (at->tile * s->spec.window + row) * TILE;
}

static void begin_block(const slider *s, const place *at)
{
    fill(s->heads + at->tile * TILE, neutral(s), TILE);
    if (s->square_heads != NULL) fill(s->square_heads + at->tile * TILE, 0.0, TILE);
    if (s->count_heads != NULL) memset(s->count_heads + at->tile * TILE, 0, TILE * sizeof(int32_t));
}

/* From here on this tile's NaN are counted, until no window can hold this one. */
static void mark(slider *s, const place *at, const double *x)
{
    const int64_t window = s->spec.window;
    if (at->frame >= s->marked_until[at->tile]) {
        memset(count_row(s, at, 0), 0, (size_t)(window * TILE) * sizeof(int32_t));
        memset(s->count_heads + at->tile * TILE, 0, TILE * sizeof(int32_t));
    }
    s->marked_until[at->tile] = at->block_first + 2 * window;
    for (int64_t i = 0; i < at->n; i++) s->missing += isnan(x[i]);
}

static bool is_marked(const slider *s, const place *at)
{
    return at->frame < s->marked_until[at->tile];
}

static sliding_moments moments_at(const slider *s, const place *at, int64_t row)
{
    return (sliding_moments){ring_row(s, s->rings, at, row), ring_row(s, s->square_rings, at, row)};
}

/* Takes x into the head and computes the results of the window that ends here. */
static void push(const slider *s, const place *at, const double *x)
{
    const int64_t window = s->spec.window, n = at->n, next = at->row + 1;
    const bool has_tail = next < window, is_mean = s->spec.kind == SLIDER_MEAN, marked = is_marked(s, at);
    double *head = s->heads + at->tile * TILE;
    const double *tail = has_tail ? ring_row(s, s->rings, at, next) : s->nothing;
    const int32_t *missing = marked ? s->count_heads + at->tile * TILE : NULL;
    const sliding_count in_head = {real_between(at, at->block_first, at->frame + 1), missing};
    const sliding_count in_tail = {real_between(at, at->frame + 1 - window, at->block_first),
                                   marked && has_tail ? count_row(s, at, next) : NULL};
    const sliding_count both = {in_head.frames + in_tail.frames, NULL};
    if (s->spec.kind == SLIDER_STD) {
        const sliding_moments h = {head, s->square_heads + at->tile * TILE};
        const sliding_moments t = has_tail ? moments_at(s, at, next) : (sliding_moments){s->nothing, s->nothing};
        const bool is_real = at->frame < at->real;
        if (is_real && marked) sliding_spread_counted(x, s->marks, h, in_head, n);
        if (is_real && !marked) sliding_spread(x, h, in_head.frames, n);
        if (marked)
            sliding_join_counted(h, t, in_head, in_tail, s->results, n);
        else
            sliding_join(h, t, in_head.frames, in_tail.frames, s->results, n);
    } else if (is_extreme(s)) {
        if (marked)
            sliding_raise_counted(x, head, tail, in_head, in_tail, s->results, n);
        else
            sliding_raise(x, head, tail, s->results, n);
    } else {
        if (marked)
            sliding_add_counted(x, head, tail, in_head, in_tail, is_mean, s->results, n);
        else
            sliding_add(x, head, tail, both, is_mean, s->results, n);
    }
    if (both.frames == 0) fill(s->results, (double)NAN, n);
}

/* Row `row` becomes the tail from its frame on; that of the next row is done. */
static void fold_moments(const slider *s, const place *at, int64_t row)
{
    const sliding_moments to = moments_at(s, at, row), from = moments_at(s, at, row + 1);
    const double frames = real_between(at, at->block_first + row, at->block_first + s->spec.window);
    const bool is_real = at->block_first + row < at->real;
    memcpy(s->x, to.mean, TILE * sizeof(double));
    memcpy(to.mean, from.mean, TILE * sizeof(double));
    memcpy(to.square, from.square, TILE * sizeof(double));
    if (is_real && is_marked(s, at))
        sliding_spread_counted(s->x, s->marks, to, (sliding_count){frames, count_row(s, at, row)}, at->n);
    else if (is_real)
        sliding_spread(s->x, to, frames, at->n);
}

static void fold(const slider *s, const place *at)
{
    for (int64_t row = s->spec.window - 2; row >= 0; row--) {
        if (is_marked(s, at)) {
            int32_t *counts = count_row(s, at, row);
            memcpy(s->marks, counts, TILE * sizeof(int32_t));
            for (int64_t i = 0; i < TILE; i++) counts[i] += counts[TILE + i];
        }
        double *values = ring_row(s, s->rings, at, row);
        if (s->spec.kind == SLIDER_STD)
            fold_moments(s, at, row);
        else if (is_extreme(s))
            sliding_fold_largest(values, values + TILE, TILE);
        else
            sliding_fold_sum(values, values + TILE, TILE);
    }
}

static void push_tile(slider *s, const place *at, const void *data)
{
    const double sign = s->spec.kind == SLIDER_MIN ? -1.0 : 1.0;
    double *x = ring_row(s, s->rings, at, at->row); /* the tail that stood here has been used */
    bool has_nan = false;
    if (at->row == 0) begin_block(s, at);
    if (data != NULL)
        has_nan = sliding_load(s->spec.in, data, sign, x, at->n);
    else
        fill(x, neutral(s), at->n);
    if (has_nan) mark(s, at, x);
    if (is_marked(s, at)) {
        sliding_mark(x, neutral(s), s->marks, s->count_heads + at->tile * TILE, at->n);
        memcpy(count_row(s, at, at->row), s->marks, TILE * sizeof(int32_t));
    }
    push(s, at, x);
    if (s->square_rings != NULL) fill(ring_row(s, s->square_rings, at, at->row), 0.0, TILE);
    if (at->row == s->spec.window - 1) fold(s, at);
    for (int64_t i = 0; i < at->n && sign < 0; i++) s->results[i] = -s->results[i];
}

/* ---- Median ---- */

/* Numbers of the sorted window in place i: NaN stand at its end. */
static int64_t count_numbers(const slider *s, const char *sorted, int64_t i)
{
    const size_t bytes = lmp_type_bytes(s->spec.in);
    int64_t n = s->spec.window;
    for (; n > 0; n--) {
        const char *key = sorted + (n - 1) * TEMPORAL_LINE + (size_t)i * bytes;
        int64_t wide = 0;
        int32_t narrow = 0;
        memcpy(bytes == 8 ? (void *)&wide : (void *)&narrow, key, bytes);
        if (bytes == 8 ? wide != INT64_MAX : narrow != INT32_MAX) break;
    }
    return n;
}

static double key_number(const slider *s, const char *sorted, int64_t row, int64_t i)
{
    const size_t bytes = lmp_type_bytes(s->spec.in);
    double number;
    char key[8];
    memcpy(key, sorted + row * TEMPORAL_LINE + (size_t)i * bytes, bytes);
    temporal_open_keys(s->spec.in, key, 1);
    (void)sliding_load(s->spec.in, key, 1.0, &number, 1);
    return number;
}

static void median_counted(const slider *s, const char *sorted, int64_t n, double *results)
{
    for (int64_t i = 0; i < n; i++) {
        const int64_t count = count_numbers(s, sorted, i);
        if (count == 0)
            results[i] = (double)NAN;
        else
            results[i] = (key_number(s, sorted, (count - 1) / 2, i) + key_number(s, sorted, count / 2, i)) / 2.0;
    }
}

static void median_rows(const slider *s, const char *sorted, int64_t count, int64_t n, double *results)
{
    double both[2][TEMPORAL_LINE];
    for (int k = 0; k < 2; k++) {
        __attribute__((aligned(64))) char line[TEMPORAL_LINE];
        memcpy(line, sorted + (k == 0 ? (count - 1) / 2 : count / 2) * TEMPORAL_LINE, sizeof line);
        temporal_open_keys(s->spec.in, line, temporal_line_values(s->spec.in));
        (void)sliding_load(s->spec.in, line, 1.0, both[k], n);
    }
    for (int64_t i = 0; i < n; i++) results[i] = (both[0][i] + both[1][i]) / 2.0;
}

static void push_median(slider *s, const place *at, const void *data)
{
    const int64_t window = s->spec.window, line = temporal_line_values(s->spec.in);
    const temporal_stack stack = {.type = s->spec.in, .data = data, .frames = 1, .values = at->n};
    const int64_t lines = temporal_lines(s->spec.in, at->n);
    if (data == NULL)
        fill_keys(s->spec.in, s->fresh, (size_t)lines * TEMPORAL_LINE);
    else if (temporal_store_keys(&stack, s->fresh, TEMPORAL_LINE)) {
        s->marked_until[at->tile] = at->frame + window;
        (void)sliding_load(s->spec.in, data, 1.0, s->x, at->n);
        for (int64_t i = 0; i < at->n; i++) s->missing += isnan(s->x[i]);
    }
    const int64_t count = (int64_t)real_between(at, at->frame + 1 - window, at->frame + 1);
    for (int64_t j = 0; j < lines; j++) {
        const size_t first = (size_t)((at->tile * TILE / line + j) * window) * TEMPORAL_LINE;
        char *sorted = s->sorted + first, *old = s->lines + first + at->row * TEMPORAL_LINE;
        const char *fresh = s->fresh + j * TEMPORAL_LINE;
        const int64_t n = at->n - j * line < line ? at->n - j * line : line;
        sliding_sort(s->spec.in, sorted, window, old, fresh);
        memcpy(old, fresh, TEMPORAL_LINE);
        if (count == 0)
            fill(s->results + j * line, (double)NAN, n);
        else if (is_marked(s, at))
            median_counted(s, sorted, n, s->results + j * line);
        else
            median_rows(s, sorted, count, n, s->results + j * line);
    }
}

/* ---- Feeding ---- */

void slider_feed(slider *s, const void *data, size_t stride, int64_t frames, slider_give *give, void *user)
{
    const size_t bytes = lmp_type_bytes(s->spec.in);
    for (int64_t tile = 0; tile < s->tiles; tile++)
        for (int64_t k = 0; k < frames; k++) {
            const place at = place_of(s, tile, s->pushed + k, data != NULL);
            const char *from =
                data == NULL ? NULL : (const char *)data + (size_t)k * stride + (size_t)(tile * TILE) * bytes;
            for (size_t b = 0; from != NULL && k + 1 < frames && b < (size_t)at.n * bytes; b += CACHE_LINE)
                __builtin_prefetch(from + stride + b);
            if (s->lines != NULL)
                push_median(s, &at, from);
            else
                push_tile(s, &at, from);
            give(user, k, tile * TILE, at.n, s->results);
        }
    s->pushed += frames;
    if (data != NULL) s->real = s->pushed;
}
