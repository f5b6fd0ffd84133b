/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sliding.c: each frame becomes a statistic over a window of frames that begins `lag` frames later.
 */
#include "movie/band.h"
#include "movie/number.h"
#include "movie/slider.h"
#include "movie/window_range.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef struct sliding_params {
    int64_t stat, window, lag, edges;
} sliding_params;

static const lmp_param params[] = {
    {"stat", LMP_PARAM_CHOICE, offsetof(sliding_params, stat), "mean", 0, 0, "", SLIDER_KINDS,
     "What is computed over each window."},
    {"window", LMP_PARAM_INTEGER, offsetof(sliding_params, window), "20", 1, 1e9, "", NULL,
     "How many frames a window holds."},
    {"lag", LMP_PARAM_INTEGER, offsetof(sliding_params, lag), "0", -1e12, 1e12, "", NULL,
     "How many frames after its own frame the window begins; negative: before it."},
    {"edges", LMP_PARAM_CHOICE, offsetof(sliding_params, edges), "crop", 0, 0, "", EDGE_KINDS,
     "Frames whose window reaches over an end of the movie: left out, computed from fewer frames, or NaN."},
    {0},
};

typedef struct sliding_shared {
    slider_spec spec;
    lmp_format format;
    lmp_type out;
    window_range range;
    _Atomic int64_t *missing;
} sliding_shared;

typedef struct sliding_lane {
    slider *slider;
    int64_t fed;   /* real frames */
    int64_t given; /* results */
} sliding_lane;

/* ---- Planning ---- */

/* Extremes stay what they are, unless a result may be NaN that the type has not. */
static lmp_type find_type(const sliding_params *p, lmp_type in)
{
    const bool lacks = p->edges == EDGES_NAN || (p->edges == EDGES_SHRINK && (p->lag > 0 || p->lag <= -p->window));
    const bool is_extreme = p->stat == SLIDER_MAX || p->stat == SLIDER_MIN;
    const bool fits = number_is_float(in) || (lmp_type_bytes(in) <= 4 && !lacks);
    return is_extreme && fits ? in : number_result_type(in);
}

static lmp_status fill_shared(const sliding_params *p, const lmp_format *format, sliding_shared *s, lmp_error *err)
{
    s->spec = (slider_spec){.kind = (slider_kind)p->stat, .window = p->window, .in = format->type};
    s->format = *format;
    s->out = find_type(p, format->type);
    return window_range_fit("sliding", p->window, p->lag, p->edges, format->n_times, &s->range, err);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    sliding_shared s = {0};
    const lmp_status status = fill_shared(values, &in->format, &s, err);
    if (status != LMP_OK) return status;
    plan->out.format.type = s.out;
    plan->lane_bytes = sizeof(sliding_lane) + slider_bytes(&s.spec, lmp_lane_values(&in->format));
    plan->shared_bytes = sizeof(sliding_shared) + sizeof(int64_t);
    return window_range_plan(&s.range, in, plan, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    void *memory;
    lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    sliding_shared *s = memory;
    status = fill_shared(values, &in->format, s, err);
    s->missing = (_Atomic int64_t *)(s + 1);
    if (status != LMP_OK)
        lmp_give(budget, s);
    else
        *shared = s;
    return status;
}

static int64_t ready(const void *shared, int64_t n_in, bool ended)
{
    return window_range_ready(&((const sliding_shared *)shared)->range, n_in, ended);
}

/* ---- Working ---- */

static lmp_status lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const sliding_shared *s = shared;
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(sliding_lane), &memory, err);
    if (status != LMP_OK) return status;
    sliding_lane *l = memory;
    status = slider_open(&s->spec, band_of(&s->format, lane).count, budget, &l->slider, err);
    if (status != LMP_OK)
        lmp_give(budget, l);
    else
        *state = l;
    return status;
}

static void store(lmp_type type, void *to, const double *x, int64_t n)
{
    if (type == LMP_FLOAT32)
        for (int64_t i = 0; i < n; i++) ((float *)to)[i] = (float)x[i];
    else if (type == LMP_FLOAT64)
        memcpy(to, x, (size_t)n * sizeof *x);
    else
        for (int64_t i = 0; i < n; i++) number_put_integer(type, to, i, (int64_t)x[i]);
}

/* Where the results of one call go. */
typedef struct target {
    const sliding_shared *shared;
    const lmp_frames *out;
    int64_t first_out; /* number among all results of out's first */
    int64_t first_in;  /* first frame of the call */
} target;

static void give(void *user, int64_t frame, int64_t first, int64_t n, const double *results)
{
    const target *t = user;
    const int64_t owner = window_range_owner(&t->shared->range, t->first_in + frame);
    const int64_t i = owner - t->shared->range.lowest - t->first_out;
    if (i < 0 || i >= t->out->count) return;
    char *to = (char *)t->out->data + (size_t)i * t->out->stride;
    store(t->shared->out, to + (size_t)first * lmp_type_bytes(t->shared->out), results, n);
}

static void fill_lacking(const target *t)
{
    const sliding_shared *s = t->shared;
    const int64_t values = t->out->rows * t->out->width * t->out->n_colours;
    for (int64_t i = 0; i < t->out->count; i++)
        for (int64_t v = 0; v < values && window_range_lacks(&s->range, s->range.lowest + t->first_out + i); v++)
            number_put_float(s->out, (char *)t->out->data + (size_t)i * t->out->stride, v, (double)NAN);
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)scratch, (void)err;
    const sliding_shared *s = shared;
    sliding_lane *l = state;
    target t = {.shared = s, .out = out, .first_out = l->given, .first_in = l->fed};
    if (in->count > 0) slider_feed(l->slider, in->data, in->stride, in->count, give, &t);
    l->fed += in->count;
    t.first_in = l->fed;
    if (ended && out->count > 0) slider_feed(l->slider, NULL, 0, window_range_beyond(&s->range), give, &t);
    fill_lacking(&t);
    l->given += out->count;
    return LMP_OK;
}

static void lane_close(const void *shared, void *state, lmp_budget *budget)
{
    const sliding_shared *s = shared;
    sliding_lane *l = state;
    atomic_fetch_add(s->missing, slider_missing(l->slider));
    slider_close(l->slider, budget);
    lmp_give(budget, l);
}

static void record(const void *shared, lmp_record *out)
{
    const sliding_shared *s = shared;
    lmp_record_number(out, "frames_given", (double)(s->range.highest - s->range.lowest + 1));
    lmp_record_number(out, "nan_ignored", (double)atomic_load(s->missing));
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_sliding = {
    .struct_size = sizeof(lmp_step),
    .name = "sliding",
    .summary = "Mean, max, min, std, median or sum over a sliding window of frames.",
    .doc =
        "Frame n becomes a statistic of the `window` frames that begin `lag` frames after it:\n\n"
        "    r[n] = stat(x[n + lag], x[n + lag + 1], ..., x[n + lag + window - 1])\n\n"
        "With the defaults the window begins with the frame itself and looks forward. `lag = -window / 2` centres it, "
        "`lag = -window` takes only what came before. std is that of the population (divided by the number of "
        "frames).\n\n"
        "**Edges.** `crop` gives only the frames whose window lies inside the movie (`n_times - window + 1` of them "
        "for "
        "lag 0; they keep their frame numbers); `shrink` gives all, from the frames that the window still holds; `nan` "
        "gives all, NaN where the window is not whole. A window that lies outside altogether gives NaN.\n\n"
        "**Method.** Each window is the end of one block of `window` frames and the beginning of the next, and both "
        "are "
        "kept as running results (M. van Herk, *Pattern Recognition Letters* 13, 1992; J. Gil and M. Werman, *IEEE "
        "PAMI* "
        "15, 1993); variances are joined by the formula of T. F. Chan, G. H. Golub and R. J. LeVeque (*The American "
        "Statistician* 37, 1983). Nothing is subtracted when a frame leaves the window: sums do not drift however long "
        "the movie, and an outlier leaves no trace. The cost does not grow with the window, except of the median, "
        "which "
        "keeps a sorted window for each pixel.\n\n"
        "**NaN** is ignored, and the record says how many there were. A window without any number gives NaN.\n\n"
        "**Number types.** float32; of 32- and 64-bit integers and float64 float64. max and min keep the type where no "
        "result can be NaN. Computed in double: integers beyond 2^53 are rounded.\n\n"
        "**Memory.** `window` numbers of 8 bytes a pixel (std: 16).\n",
    .known_as = "Sliding range (BLITZ), rolling (pandas), running mean, moving average, bottleneck.move_mean",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(sliding_params),
    .plan = plan,
    .open = open_shared,
    .ready = ready,
    .lane_open = lane_open,
    .lane_close = lane_close,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_rows = process_rows,
};
