/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reducer.c: feeds stacks of frames to the kernels.
 */
#include "movie/reducer.h"

#include "movie/carve.h"
#include "movie/number.h"
#include "movie/reducer_state.h"

#include <math.h>
#include <string.h>

/* Frames that accumulators of 32 bits hold, of 8- and 16-bit numbers. */
enum { PART_FRAMES = 32768 };

/* ---- Memory ---- */

static void carve_stat(carver *c, accumulators *a, const reducer_spec *spec, reducer_kind kind, size_t n)
{
    *a = (accumulators){0};
    switch (kind) {
    case REDUCER_MEAN:
    case REDUCER_SUM:
        if (reducer_is_small(spec->in)) a->part = carve(c, n * sizeof(uint32_t));
        a->sums = carve(c, n * reducer_sum_bytes(spec->in));
        return;
    case REDUCER_STD:
        if (reducer_is_small(spec->in)) a->part = carve(c, n * sizeof(uint32_t));
        if (lmp_type_bytes(spec->in) == 1) a->square_part = carve(c, n * sizeof(uint32_t));
        a->sums = carve(c, n * sizeof(double));
        a->squares = carve(c, n * sizeof(double));
        if (!reducer_is_small(spec->in)) a->centre = carve(c, n * sizeof(double));
        return;
    case REDUCER_ARGMAX:
        a->at = carve(c, n * sizeof(uint32_t));
        a->best = carve(c, n * lmp_type_bytes(spec->in));
        return;
    case REDUCER_MAX:
    case REDUCER_MIN:
        a->best = carve(c, n * lmp_type_bytes(spec->in));
        return;
    case REDUCER_MEDIAN:
    case REDUCER_PERCENTILE:
        return;
    }
}

static reducer *carve_all(carver *c, const reducer_spec *spec, int64_t values)
{
    reducer parts = {.spec = *spec, .values = values};
    reducer *r = carve(c, sizeof *r);
    for (int64_t i = 0; i < spec->n_stats; i++)
        carve_stat(c, &parts.stats[i], spec, spec->stats[i].kind, (size_t)values);
    if (number_is_float(spec->in)) {
        parts.missing = carve(c, (size_t)values * sizeof(uint32_t));
        for (int i = 0; i < 2; i++) parts.saved[i] = carve(c, TEMPORAL_VALUES * sizeof(double));
        parts.instead = carve(c, TEMPORAL_VALUES * sizeof(double));
        parts.filled = carve(c, TEMPORAL_FRAMES * TEMPORAL_VALUES * sizeof(double));
    }
    if (reducer_gathers(spec))
        parts.keys = carve(c, (size_t)temporal_lines(spec->in, values) * reducer_line_stride(spec));
    if (r != NULL) *r = parts;
    return r;
}

size_t reducer_bytes(const reducer_spec *spec, int64_t values)
{
    carver c = {0};
    (void)carve_all(&c, spec, values);
    return c.used;
}

/* The least number of a type, or the greatest; of floats the infinities. */
static void fill_extreme(lmp_type type, bool greatest, void *array, int64_t n)
{
    const int64_t bits = 8 * (int64_t)lmp_type_bytes(type);
    const bool is_signed = type == LMP_INT8 || type == LMP_INT16 || type == LMP_INT32 || type == LMP_INT64;
    const uint64_t all = UINT64_MAX >> (64 - bits), sign = is_signed ? (uint64_t)1 << (bits - 1) : 0;
    for (int64_t i = 0; i < n; i++)
        if (number_is_float(type))
            number_put_float(type, array, i, greatest ? (double)INFINITY : -(double)INFINITY);
        else
            number_put_integer(type, array, i, (int64_t)(greatest ? all & ~sign : sign));
}

lmp_status reducer_open(const reducer_spec *spec, int64_t values, lmp_budget *budget, reducer **made, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(budget, reducer_bytes(spec, values), &memory, err);
    if (status != LMP_OK) return status;
    carver c = {.base = memory};
    reducer *r = carve_all(&c, spec, values);
    for (int64_t i = 0; i < spec->n_stats; i++)
        if (r->stats[i].best != NULL)
            fill_extreme(spec->in, spec->stats[i].kind == REDUCER_MIN, r->stats[i].best, values);
    *made = r;
    return LMP_OK;
}

void reducer_close(reducer *r, lmp_budget *budget)
{
    lmp_give(budget, r);
}

/* ---- Sums of small integers ---- */

void reducer_empty_parts(reducer *r)
{
    const bool is_signed = r->spec.in == LMP_INT8 || r->spec.in == LMP_INT16;
    for (int64_t s = 0; s < r->spec.n_stats; s++) {
        const accumulators *a = &r->stats[s];
        for (int64_t i = 0; i < r->values && a->part != NULL; i++)
            ((int64_t *)a->sums)[i] += is_signed ? ((int32_t *)a->part)[i] : (int64_t)((uint32_t *)a->part)[i];
        for (int64_t i = 0; i < r->values && a->square_part != NULL; i++)
            ((uint64_t *)a->squares)[i] += ((uint32_t *)a->square_part)[i];
        if (a->part != NULL) memset(a->part, 0, (size_t)r->values * sizeof(uint32_t));
        if (a->square_part != NULL) memset(a->square_part, 0, (size_t)r->values * sizeof(uint32_t));
    }
    r->in_part = 0;
}

/* ---- Feeding ---- */

static void *shifted(void *array, int64_t i, size_t bytes)
{
    return array == NULL ? NULL : (char *)array + (size_t)i * bytes;
}

/* The accumulators from value `first` on. */
static accumulators accumulators_at(const reducer *r, int64_t stat, int64_t first)
{
    const accumulators *a = &r->stats[stat];
    const bool is_wide = r->spec.stats[stat].kind != REDUCER_STD;
    return (accumulators){.part = shifted(a->part, first, sizeof(uint32_t)),
                          .square_part = shifted(a->square_part, first, sizeof(uint32_t)),
                          .sums = shifted(a->sums, first, is_wide ? reducer_sum_bytes(r->spec.in) : sizeof(double)),
                          .squares = shifted(a->squares, first, sizeof(double)),
                          .centre = shifted(a->centre, first, sizeof(double)),
                          .best = shifted(a->best, first, lmp_type_bytes(r->spec.in)),
                          .at = shifted(a->at, first, sizeof(uint32_t))};
}

/* Adds a stack to one statistic; true if a NaN has spoilt it. */
static bool update(const reducer *r, reducer_kind kind, const temporal_stack *stack, const accumulators *a)
{
    switch (kind) {
    case REDUCER_MEAN:
    case REDUCER_SUM:
        return temporal_add(stack, a->part != NULL ? a->part : a->sums);
    case REDUCER_STD:
        return temporal_add_squares(stack, a->centre, a->part != NULL ? a->part : a->sums,
                                    a->square_part != NULL ? a->square_part : a->squares);
    case REDUCER_MAX:
        return temporal_raise(stack, a->best);
    case REDUCER_MIN:
        return temporal_lower(stack, a->best);
    case REDUCER_ARGMAX:
        return temporal_raise_at(stack, (uint32_t)r->frames, a->best, a->at);
    case REDUCER_MEDIAN:
    case REDUCER_PERCENTILE:
        break;
    }
    return false;
}

static const void *frame_of(const temporal_stack *stack, int64_t k)
{
    return (const char *)stack->data + (size_t)k * stack->stride;
}

/* First frame of the stack in which value i is a number; its count of frames if there is none. */
static int64_t first_number(const temporal_stack *stack, int64_t i)
{
    int64_t k = 0;
    while (k < stack->frames && isnan(number_get(stack->type, frame_of(stack, k), i))) k++;
    return k;
}

/* A value that has been NaN so far begins with its first number. */
static void begin_values(const reducer *r, const temporal_stack *stack, const uint32_t *missing, const accumulators *a)
{
    for (int64_t i = 0; i < stack->values; i++) {
        if ((int64_t)missing[i] < r->frames) continue;
        const int64_t k = first_number(stack, i);
        if (a->centre != NULL) a->centre[i] = k < stack->frames ? number_get(stack->type, frame_of(stack, k), i) : 0.0;
        if (a->at != NULL && k < stack->frames) a->at[i] = (uint32_t)(r->frames + k);
    }
}

/* What changes nothing: 0 for sums, the centre for squares, the worst for extremes. */
static void find_neutral(const reducer *r, reducer_kind kind, const accumulators *a, int64_t n)
{
    if (kind == REDUCER_MAX || kind == REDUCER_MIN || kind == REDUCER_ARGMAX) {
        fill_extreme(r->spec.in, kind == REDUCER_MIN, r->instead, n);
        return;
    }
    for (int64_t i = 0; i < n; i++) number_put_float(r->spec.in, r->instead, i, a->centre != NULL ? a->centre[i] : 0.0);
}

typedef struct part_of {
    void *at[2];
    size_t bytes[2];
} part_of;

/* What update() changes of floats. */
static part_of changed_parts(const reducer *r, const accumulators *a, int64_t n)
{
    const size_t count = (size_t)n;
    if (a->best != NULL)
        return (part_of){{a->best, a->at}, {count * lmp_type_bytes(r->spec.in), a->at ? count * sizeof *a->at : 0}};
    return (part_of){{a->sums, a->squares}, {count * sizeof(double), a->squares ? count * sizeof(double) : 0}};
}

static void copy_parts(const reducer *r, const part_of *p, bool back)
{
    for (int i = 0; i < 2 && p->bytes[i] > 0; i++)
        memcpy(back ? p->at[i] : r->saved[i], back ? r->saved[i] : p->at[i], p->bytes[i]);
}

/* True if there is a NaN. */
static bool feed_stat(const reducer *r, int64_t stat, const temporal_stack *stack, int64_t first)
{
    const reducer_kind kind = r->spec.stats[stat].kind;
    const accumulators a = accumulators_at(r, stat, first);
    if (r->frames == 0 && a.centre != NULL)
        for (int64_t i = 0; i < stack->values; i++) a.centre[i] = number_get(stack->type, stack->data, i);
    if (!number_is_float(stack->type)) return update(r, kind, stack, &a);
    const part_of parts = changed_parts(r, &a, stack->values);
    copy_parts(r, &parts, false);
    if (!update(r, kind, stack, &a)) return false;
    copy_parts(r, &parts, true);
    begin_values(r, stack, r->missing + first, &a);
    find_neutral(r, kind, &a, stack->values);
    temporal_fill_missing(stack, r->instead, r->filled);
    const temporal_stack filled = {.type = stack->type,
                                   .data = r->filled,
                                   .stride = (size_t)stack->values * lmp_type_bytes(stack->type),
                                   .frames = stack->frames,
                                   .values = stack->values};
    (void)update(r, kind, &filled, &a);
    return true;
}

static void feed_stack(reducer *r, const temporal_stack *stack, int64_t first)
{
    bool has_nan = false;
    for (int64_t s = 0; s < r->spec.n_stats; s++)
        if (r->spec.stats[s].kind < REDUCER_MEDIAN) has_nan |= feed_stat(r, s, stack, first);
    if (r->keys != NULL) {
        const size_t stride = reducer_line_stride(&r->spec);
        char *keys = r->keys + (size_t)(first / temporal_line_values(r->spec.in)) * stride;
        has_nan |= temporal_store_keys(stack, keys + (size_t)r->frames * TEMPORAL_LINE, stride);
    }
    if (has_nan) temporal_count_missing(stack, r->missing + first);
}

void reducer_feed(reducer *r, const void *data, size_t stride, int64_t frames)
{
    const size_t bytes = lmp_type_bytes(r->spec.in);
    for (int64_t t = 0; t < frames;) {
        const int64_t n = frames - t < TEMPORAL_FRAMES ? frames - t : TEMPORAL_FRAMES;
        if (r->in_part + n > PART_FRAMES) reducer_empty_parts(r);
        for (int64_t i = 0; i < r->values; i += TEMPORAL_VALUES) {
            const temporal_stack stack = {
                .type = r->spec.in,
                .data = (const char *)data + (size_t)t * stride + (size_t)i * bytes,
                .stride = stride,
                .frames = n,
                .values = r->values - i < TEMPORAL_VALUES ? r->values - i : TEMPORAL_VALUES,
            };
            feed_stack(r, &stack, i);
        }
        t += n;
        r->frames += n;
        r->in_part += n;
    }
}

int64_t reducer_missing(const reducer *r)
{
    int64_t total = 0;
    for (int64_t i = 0; i < r->values && r->missing != NULL; i++) total += r->missing[i];
    return total;
}
