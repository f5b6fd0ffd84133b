/* SPDX-License-Identifier: BSD-3-Clause
 *
 * subtract.c: takes a reference away from each frame, or divides by it. Both steps differ in one line.
 */
#include "kernels/sliding.h"
#include "movie/number.h"
#include "movie/reference.h"
#include "movie/slider.h"
#include "movie/window_range.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef enum source_kind { FROM_RANGE, FROM_FILE, FROM_SLIDING } source_kind;

typedef struct compare_params {
    int64_t from;
    lmp_frame_range range;
    char *stat, *file;
    int64_t window, lag, edges;
    double amount;
} compare_params;

static const lmp_param params[] = {
    {"from", LMP_PARAM_CHOICE, offsetof(compare_params, from), "range", 0, 0, "", "range|file|sliding",
     "Where the reference comes from: a statistic of a range of frames, an image file, or a sliding window."},
    {"range", LMP_PARAM_FRAMES, offsetof(compare_params, range), ":", 0, 0, "", NULL,
     "from=range: frames that the reference is made of, counted from 0."},
    {"stat", LMP_PARAM_TEXT, offsetof(compare_params, stat), "mean", 0, 0, "", NULL,
     "from=range: one statistic as in reduce; from=sliding: mean, max, min, std, median or sum."},
    {"file", LMP_PARAM_FILE, offsetof(compare_params, file), "", 0, 0, "", NULL,
     "from=file: an image as high and wide as the movie."},
    {"window", LMP_PARAM_INTEGER, offsetof(compare_params, window), "20", 1, 1e9, "", NULL,
     "from=sliding: how many frames a window holds."},
    {"lag", LMP_PARAM_INTEGER, offsetof(compare_params, lag), "0", -1e12, 1e12, "", NULL,
     "from=sliding: how many frames after its own frame the window begins; negative: before it."},
    {"edges", LMP_PARAM_CHOICE, offsetof(compare_params, edges), "crop", 0, 0, "", EDGE_KINDS,
     "from=sliding: frames whose window reaches over an end are left out, use fewer frames, or become NaN."},
    {"amount", LMP_PARAM_NUMBER, offsetof(compare_params, amount), "1", 0, 1, "", NULL,
     "How much of the reference: 1 all of it, 0 none."},
    {0},
};

/* What bands count, together. */
typedef struct tally {
    _Atomic int64_t zeros, missing;
} tally;

typedef struct compare_shared {
    bool divides;
    source_kind from;
    double amount;
    lmp_format format;
    reference_image image; /* as it is; from=range, file */
    slider_spec spec;      /* from=sliding */
    window_range range;
    tally *tally;
} compare_shared;

/* A frame and its window's end are `distance` frames apart: so many of the last frames are kept. */
typedef struct compare_lane {
    slider *slider;
    int64_t first; /* number of the band's first value in the image */
    int64_t fed, slid, given;
    int64_t distance;
    size_t frame_bytes;
    char *kept; /* frame n at n % distance */
    int64_t zeros;
} compare_lane;

/* ---- Planning ---- */

static lmp_status find_slider(const char *step, const compare_params *p, const lmp_format *format, slider_spec *spec,
                              window_range *range, lmp_error *err)
{
    static const char *const kinds[] = {"mean", "max", "min", "std", "median", "sum"};
    int64_t kind = 0;
    while (kind < 6 && strcmp(kinds[kind], p->stat) != 0) kind++;
    if (kind == 6)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: stat=%s is not one of " SLIDER_KINDS ", as from=sliding needs", step,
                        p->stat);
    *spec = (slider_spec){.kind = (slider_kind)kind, .window = p->window, .in = format->type};
    return window_range_fit(step, p->window, p->lag, p->edges, format->n_times, range, err);
}

static int64_t distance_of(const window_range *range)
{
    const int64_t distance = llabs(range->lag + range->window - 1);
    return distance < range->n_times ? distance : range->n_times;
}

static lmp_status plan_sliding(const char *step, const compare_params *p, const lmp_stream *in, lmp_step_plan *plan,
                               lmp_error *err)
{
    slider_spec spec;
    window_range range;
    const lmp_status status = find_slider(step, p, &in->format, &spec, &range, err);
    if (status != LMP_OK) return status;
    const size_t values = (size_t)lmp_lane_values(&in->format);
    plan->lane_bytes +=
        slider_bytes(&spec, (int64_t)values) + (size_t)distance_of(&range) * values * lmp_type_bytes(in->format.type);
    return window_range_plan(&range, in, plan, err);
}

static lmp_status plan_any(const char *step, const compare_params *p, const lmp_stream *in, lmp_step_plan *plan,
                           lmp_error *err)
{
    plan->out.format.type = LMP_FLOAT32;
    plan->lane_bytes = sizeof(compare_lane);
    plan->shared_bytes = sizeof(compare_shared) + sizeof(tally);
    if (p->from == FROM_SLIDING) return plan_sliding(step, p, in, plan, err);
    plan->shared_bytes += reference_bytes(&in->format);
    if (p->from == FROM_FILE) return reference_check_file(step, p->file, &in->format, plan, err);
    return reference_plan_range(step, p->stat, &p->range, in, plan, err);
}

static lmp_status plan_subtract(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return plan_any("subtract", values, in, plan, err);
}

static lmp_status plan_divide(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return plan_any("divide", values, in, plan, err);
}

/* ---- The shared state ---- */

/* The image becomes what is subtracted or divided by; a denominator of 0 becomes NaN. */
static void prepare(compare_shared *s)
{
    const int64_t n = (int64_t)(reference_bytes(&s->format) / sizeof(double));
    for (int64_t i = 0; i < n; i++) {
        double *d = &s->image.values[i];
        s->tally->missing += isnan(*d);
        *d = s->divides ? s->amount * *d + (1.0 - s->amount) : s->amount * *d;
        if (s->divides && *d == 0) {
            s->tally->zeros++;
            *d = (double)NAN;
        }
    }
}

static lmp_status open_any(bool divides, const compare_params *p, const lmp_stream *in, const lmp_step_plan *made,
                           lmp_budget *budget, void **shared, lmp_error *err)
{
    const char *step = divides ? "divide" : "subtract";
    void *memory;
    lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    compare_shared *s = memory;
    *s = (compare_shared){.divides = divides,
                          .from = (source_kind)p->from,
                          .amount = p->amount,
                          .format = in->format,
                          .image.format = in->format,
                          .tally = (tally *)(s + 1)};
    s->image.values = (double *)(s->tally + 1);
    if (s->from == FROM_SLIDING) status = find_slider(step, p, &in->format, &s->spec, &s->range, err);
    if (s->from == FROM_FILE) status = reference_load(step, p->file, made, budget, &s->image, err);
    if (s->from == FROM_FILE && status == LMP_OK) prepare(s);
    if (status != LMP_OK)
        lmp_give(budget, s);
    else
        *shared = s;
    return status;
}

static lmp_status open_subtract(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    return open_any(false, values, in, made, budget, shared, err);
}

static lmp_status open_divide(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    return open_any(true, values, in, made, budget, shared, err);
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)lane, (void)err;
    compare_shared *s = shared;
    reference_learn(&s->image, in);
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    prepare(shared);
    return LMP_OK;
}

/* With a sliding reference a frame also waits for itself. */
static int64_t ready(const void *shared, int64_t n_in, bool ended)
{
    const compare_shared *s = shared;
    if (s->from != FROM_SLIDING) return n_in;
    const int64_t windows = window_range_ready(&s->range, n_in, ended), own = n_in - s->range.lowest;
    return windows < own ? windows : own > 0 ? own : 0;
}

/* ---- Bands ---- */

static lmp_status lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const compare_shared *s = shared;
    const int64_t row = s->format.width * s->format.n_colours;
    int64_t first_row;
    const int64_t values = lmp_lane_rows(&s->format, lane, &first_row) * row;
    const int64_t distance = s->from == FROM_SLIDING ? distance_of(&s->range) : 0;
    const size_t frame_bytes = (size_t)values * lmp_type_bytes(s->format.type);
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(compare_lane) + (size_t)distance * frame_bytes, &memory, err);
    if (status != LMP_OK) return status;
    compare_lane *l = memory;
    *l = (compare_lane){
        .first = first_row * row, .distance = distance, .frame_bytes = frame_bytes, .kept = (char *)(l + 1)};
    if (s->from == FROM_SLIDING) status = slider_open(&s->spec, values, budget, &l->slider, err);
    if (status != LMP_OK)
        lmp_give(budget, l);
    else
        *state = l;
    return status;
}

#define APPLY(type)                                                                                                    \
    if (divides)                                                                                                       \
        for (int64_t i = 0; i < n; i++) y[i] = (float)((double)((const type *)x)[i] / reference[i]);                   \
    else                                                                                                               \
        for (int64_t i = 0; i < n; i++) y[i] = (float)((double)((const type *)x)[i] - reference[i])

static void apply(lmp_type type, bool divides, const void *x, const double *reference, float *y, int64_t n)
{
    switch (type) {
    case LMP_UINT8:
        APPLY(uint8_t);
        return;
    case LMP_UINT16:
        APPLY(uint16_t);
        return;
    case LMP_FLOAT32:
        APPLY(float);
        return;
    case LMP_FLOAT64:
        APPLY(double);
        return;
    default:
        for (int64_t i = 0; i < n; i++) {
            const double v = number_get(type, x, i);
            y[i] = (float)(divides ? v / reference[i] : v - reference[i]);
        }
    }
}

/* ---- Sliding ---- */

typedef struct target {
    const compare_shared *shared;
    compare_lane *lane;
    const lmp_frames *in, *out;
    int64_t first_last; /* first frame of the slider's call */
} target;

static const char *frame_at(const target *t, int64_t n)
{
    if (n >= t->lane->fed) return (const char *)t->in->data + (size_t)(n - t->lane->fed) * t->in->stride;
    return t->lane->kept + (size_t)(n % t->lane->distance) * t->lane->frame_bytes;
}

static void give(void *user, int64_t frame, int64_t first, int64_t n, const double *results)
{
    const target *t = user;
    const compare_shared *s = t->shared;
    const int64_t owner = window_range_owner(&s->range, t->first_last + frame);
    const int64_t i = owner - s->range.lowest - t->lane->given;
    if (i < 0 || i >= t->out->count) return;
    double reference[SLIDING_VALUES];
    for (int64_t v = 0; v < n; v++) {
        const double r = s->divides ? s->amount * results[v] + (1.0 - s->amount) : s->amount * results[v];
        const bool is_zero = s->divides && r == 0;
        t->lane->zeros += is_zero;
        reference[v] = is_zero || window_range_lacks(&s->range, owner) ? (double)NAN : r;
    }
    float *y = (float *)(void *)((char *)t->out->data + (size_t)i * t->out->stride) + first;
    apply(s->format.type, s->divides, frame_at(t, owner) + (size_t)first * lmp_type_bytes(s->format.type), reference, y,
          n);
}

static void fill_lacking(const target *t)
{
    const window_range *range = &t->shared->range;
    const int64_t values = t->out->rows * t->out->width * t->out->n_colours;
    for (int64_t i = 0; i < t->out->count; i++) {
        if (!window_range_lacks(range, range->lowest + t->lane->given + i)) continue;
        float *y = (float *)(void *)((char *)t->out->data + (size_t)i * t->out->stride);
        for (int64_t v = 0; v < values; v++) y[v] = (float)NAN;
    }
}

/* The slider runs as far as the frames given now need: from kept frames one by one, then from those that came in. */
static void slide(target *t, int64_t end)
{
    compare_lane *l = t->lane;
    for (; l->slid < end && l->slid < l->fed; l->slid++) {
        t->first_last = l->slid;
        slider_feed(l->slider, frame_at(t, l->slid), 0, 1, give, t);
    }
    t->first_last = l->slid;
    if (l->slid >= end) return;
    slider_feed(l->slider, frame_at(t, l->slid), t->in->stride, end - l->slid, give, t);
    l->slid = end;
}

static void keep(compare_lane *l, const lmp_frames *in)
{
    for (int64_t k = in->count > l->distance ? in->count - l->distance : 0; k < in->count; k++)
        memcpy(l->kept + (size_t)((l->fed + k) % l->distance) * l->frame_bytes,
               (const char *)in->data + (size_t)k * in->stride, l->frame_bytes);
}

static void process_sliding(target *t, bool ended)
{
    const window_range *range = &t->shared->range;
    compare_lane *l = t->lane;
    const int64_t came = l->fed + t->in->count, behind = came + (range->lag + range->window - 1);
    const int64_t end = behind < came ? behind : came;
    if (end > l->slid) slide(t, end);
    if (ended && t->out->count > 0) {
        t->first_last = l->slid;
        slider_feed(l->slider, NULL, 0, window_range_beyond(range), give, t);
    }
    fill_lacking(t);
    if (l->distance > 0) keep(l, t->in);
    l->fed = came;
    l->given += t->out->count;
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)scratch, (void)err;
    const compare_shared *s = shared;
    compare_lane *l = state;
    if (s->from == FROM_SLIDING) {
        target t = {.shared = s, .lane = l, .in = in, .out = out};
        process_sliding(&t, ended);
        return LMP_OK;
    }
    for (int64_t k = 0; k < in->count; k++)
        apply(s->format.type, s->divides, (const char *)in->data + (size_t)k * in->stride, s->image.values + l->first,
              (float *)(void *)((char *)out->data + (size_t)k * out->stride), in->rows * in->width * in->n_colours);
    return LMP_OK;
}

static void lane_close(const void *shared, void *state, lmp_budget *budget)
{
    const compare_shared *s = shared;
    compare_lane *l = state;
    atomic_fetch_add(&s->tally->zeros, l->zeros);
    if (l->slider != NULL) atomic_fetch_add(&s->tally->missing, slider_missing(l->slider));
    slider_close(l->slider, budget);
    lmp_give(budget, l);
}

static void record(const void *shared, lmp_record *out)
{
    const compare_shared *s = shared;
    if (s->divides) lmp_record_number(out, "zero_denominators", (double)s->tally->zeros);
    lmp_record_number(out, s->from == FROM_SLIDING ? "nan_ignored" : "nan_in_reference", (double)s->tally->missing);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

#define COMMON_DOC                                                                                                     \
    "The reference is one of\n\n"                                                                                      \
    "- `from=range`: a statistic (`stat`, as in `reduce`: mean, median, p5, ...) of each pixel over the frames of "    \
    "`range`, of the movie as it reaches this step;\n"                                                                 \
    "- `from=file`: an image of the same height and width, grey or of as many colours;\n"                              \
    "- `from=sliding`: for frame n a statistic of the `window` frames that begin `lag` frames after it, as in "        \
    "`sliding`. With `edges=crop` frames without a whole window are left out.\n\n"                                     \
    "Each frame passes once; neighbouring steps run together.\n\n"

#define COMMON_TYPES                                                                                                   \
    "**NaN** of a frame stays NaN; ranges and windows ignore NaN, and where nothing is left the result is NaN.\n\n"    \
    "**Number types.** Computed in double, given as float32.\n"

#define COMMON_FIELDS                                                                                                  \
    .struct_size = sizeof(lmp_step), .kind = LMP_MOVIE, .grain = LMP_GRAIN_TIME, .params = params,                     \
    .params_size = sizeof(compare_params), .learned = learned, .ready = ready, .lane_open = lane_open,                 \
    .lane_close = lane_close, .record = record, .close = close_shared, .takes_any_type = true,                         \
    .process_rows = process_rows, .learn_rows = learn_rows

const lmp_step lmp_step_subtract = {
    COMMON_FIELDS,
    .name = "subtract",
    .summary = "Subtract a background: a statistic of a range, an image file, or a sliding mean.",
    .doc = "    y = x - amount * S\n\n" COMMON_DOC COMMON_TYPES,
    .known_as = "Subtract (BLITZ Ops), background subtraction, Image Calculator (ImageJ)",
    .plan = plan_subtract,
    .open = open_subtract,
};

const lmp_step lmp_step_divide = {
    COMMON_FIELDS,
    .name = "divide",
    .summary = "Divide by a flat field: a statistic of a range, an image file, or a sliding mean.",
    .doc = "    y = x / (amount * D + 1 - amount)\n\n" COMMON_DOC
           "A denominator of 0 gives NaN, never a number that looks valid; the record counts them.\n\n" COMMON_TYPES,
    .known_as = "Divide (BLITZ Ops), flat-field correction",
    .plan = plan_divide,
    .open = open_divide,
};
