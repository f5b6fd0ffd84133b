/* SPDX-License-Identifier: BSD-3-Clause
 *
 * detrend.c: takes bleaching and slow drift of the brightness out of a movie.
 */
#include <limpid/step.h>

#include "kernels/sliding.h"
#include "movie/band.h"
#include "movie/trend.h"

#include <math.h>
#include <stdatomic.h>

typedef enum method_kind { METHOD_EXPONENTIAL, METHOD_LINEAR, METHOD_MEAN } method_kind;
typedef enum scope_kind { PER_FRAME, PER_PIXEL } scope_kind;
typedef enum correction_kind { BY_RATIO, BY_DIFFERENCE } correction_kind;

typedef struct detrend_params {
    int64_t method, per, correct;
} detrend_params;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(detrend_params, method), "exponential", 0, 0, "", "exponential|linear|mean",
     "The trend: an exponential or a line fitted to the mean of each frame, or these means themselves."},
    {"per", LMP_PARAM_CHOICE, offsetof(detrend_params, per), "frame", 0, 0, "", "frame|pixel",
     "One trend for whole frames, or a line for each pixel."},
    {"correct", LMP_PARAM_CHOICE, offsetof(detrend_params, correct), "ratio", 0, 0, "", "ratio|difference",
     "Multiply so that the trend becomes flat, or subtract it."},
    {0},
};

/* Sums over time of a pixel, t counted from the movie's middle. */
typedef struct line_sums {
    double n, t, tt, x, tx;
} line_sums;

typedef struct detrend_shared {
    detrend_params params;
    lmp_format format;
    int64_t n_lanes;
    double *sums;   /* per lane and frame */
    double *counts; /* per lane and frame: numbers in the sum */
    double *curve;  /* per frame; its mean */
    double level;
    trend fitted;
    line_sums *pixels; /* per=pixel; after learning x is the mean, tx the slope, t the mean time */
    _Atomic int64_t *refused;
} detrend_shared;

typedef struct detrend_lane {
    int64_t first; /* number of the band's first value in a frame */
    int64_t given;
    int64_t refused;
} detrend_lane;

/* ---- Planning ---- */

static int64_t count_values(const lmp_format *format)
{
    return format->height * format->width * format->n_colours;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const detrend_params *p = values;
    if (p->per == PER_PIXEL && p->method != METHOD_LINEAR)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "detrend: per=pixel fits lines only: add method=linear, or leave per=frame");
    const size_t frames = (size_t)in->format.n_times, lanes = (size_t)lmp_lane_count(&in->format);
    plan->out.format.type = LMP_FLOAT32;
    plan->learn_passes = 1;
    plan->lane_bytes = sizeof(detrend_lane);
    plan->shared_bytes = sizeof(detrend_shared) + sizeof(int64_t);
    plan->shared_bytes += p->per == PER_PIXEL ? (size_t)count_values(&in->format) * sizeof(line_sums)
                                              : (2 * lanes + 1) * frames * sizeof(double);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    detrend_shared *s = memory;
    s->params = *(const detrend_params *)values;
    s->format = in->format;
    s->n_lanes = lmp_lane_count(&in->format);
    s->refused = (_Atomic int64_t *)(s + 1);
    if (s->params.per == PER_PIXEL) {
        s->pixels = (line_sums *)(s->refused + 1);
    } else {
        s->curve = (double *)(s->refused + 1);
        s->sums = s->curve + in->format.n_times;
        s->counts = s->sums + in->format.n_times * s->n_lanes;
    }
    *shared = s;
    return LMP_OK;
}

/* ---- Learning ---- */

/* In eight parts, so that the sum need not wait for itself; always in the same order. */
static void add_up(const double *x, int64_t n, double parts[8], double *count)
{
    for (int64_t i = 0; i < n; i++) {
        const double is_number = x[i] == x[i] ? 1.0 : 0.0;
        parts[i % 8] += is_number > 0 ? x[i] : 0.0;
        *count += is_number;
    }
}

static void add_lines(line_sums *pixels, const double *x, int64_t n, double t)
{
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        pixels[i].n += 1.0;
        pixels[i].t += t;
        pixels[i].tt += t * t;
        pixels[i].x += x[i];
        pixels[i].tx += t * x[i];
    }
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)err;
    detrend_shared *s = shared;
    const int64_t row = in->width * in->n_colours, values = in->rows * row;
    const double middle = (double)(s->format.n_times - 1) / 2.0;
    double x[SLIDING_VALUES];
    for (int64_t k = 0; k < in->count; k++) {
        double parts[8] = {0}, count = 0;
        for (int64_t first = 0; first < values; first += SLIDING_VALUES) {
            const int64_t n = values - first < SLIDING_VALUES ? values - first : SLIDING_VALUES;
            const char *from = (const char *)in->data + (size_t)k * in->stride;
            (void)sliding_load(in->type, from + (size_t)first * lmp_type_bytes(in->type), 1.0, x, n);
            if (s->pixels != NULL)
                add_lines(s->pixels + in->row * row + first, x, n, (double)(in->first + k) - middle);
            else
                add_up(x, n, parts, &count);
        }
        if (s->pixels != NULL) continue;
        const int64_t at = lane * s->format.n_times + in->first + k;
        for (int i = 0; i < 8; i++) s->sums[at] += parts[i];
        s->counts[at] += count;
    }
    return LMP_OK;
}

static void finish_pixels(detrend_shared *s)
{
    for (int64_t i = 0; i < count_values(&s->format); i++) {
        line_sums *p = &s->pixels[i];
        p->x /= p->n;
        p->t /= p->n;
        const double spread = p->tt - p->n * p->t * p->t;
        p->tx = spread > 0 ? (p->tx - p->n * p->t * p->x) / spread : 0.0;
    }
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    detrend_shared *s = shared;
    const int64_t n = s->format.n_times;
    if (s->pixels != NULL) {
        finish_pixels(s);
        return LMP_OK;
    }
    for (int64_t t = 0; t < n; t++) {
        double sum = 0, count = 0;
        for (int64_t lane = 0; lane < s->n_lanes; lane++) {
            sum += s->sums[lane * n + t];
            count += s->counts[lane * n + t];
        }
        s->curve[t] = count > 0 ? sum / count : (double)NAN;
    }
    if (s->params.method == METHOD_LINEAR) s->fitted = trend_fit_line(s->curve, n);
    if (s->params.method == METHOD_EXPONENTIAL) s->fitted = trend_fit_exponential(s->curve, n);
    double sum = 0, count = 0;
    for (int64_t t = 0; t < n; t++) {
        if (s->params.method == METHOD_LINEAR) s->curve[t] = trend_line_at(&s->fitted, n, t);
        if (s->params.method == METHOD_EXPONENTIAL) s->curve[t] = trend_exponential_at(&s->fitted, t);
        sum += isnan(s->curve[t]) ? 0.0 : s->curve[t];
        count += !isnan(s->curve[t]);
    }
    s->level = count > 0 ? sum / count : (double)NAN;
    return LMP_OK;
}

/* ---- Correcting ---- */

static lmp_status lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const detrend_shared *s = shared;
    void *memory;
    const lmp_status status = lmp_take(budget, sizeof(detrend_lane), &memory, err);
    if (status != LMP_OK) return status;
    detrend_lane *l = memory;
    *l = (detrend_lane){.first = band_of(&s->format, lane).first};
    *state = l;
    return LMP_OK;
}

/* A trend that is not positive has no ratio. */
static double corrected(const detrend_shared *s, detrend_lane *l, double x, double curve, double level)
{
    if (s->params.correct == BY_DIFFERENCE) return x - (curve - level);
    if (curve > 0) return x * (level / curve);
    l->refused++;
    return (double)NAN;
}

static void correct(const detrend_shared *s, detrend_lane *l, int64_t t, int64_t first, const double *x, float *y,
                    int64_t n)
{
    const double now = (double)t - (double)(s->format.n_times - 1) / 2.0;
    for (int64_t i = 0; i < n; i++) {
        if (s->pixels == NULL) {
            y[i] = (float)corrected(s, l, x[i], s->curve[t], s->level);
            continue;
        }
        const line_sums *p = &s->pixels[l->first + first + i];
        y[i] = (float)corrected(s, l, x[i], p->x + p->tx * (now - p->t), p->x);
    }
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)scratch, (void)ended, (void)err;
    const detrend_shared *s = shared;
    detrend_lane *l = state;
    const int64_t values = in->rows * in->width * in->n_colours;
    double x[SLIDING_VALUES];
    for (int64_t k = 0; k < in->count; k++)
        for (int64_t first = 0; first < values; first += SLIDING_VALUES) {
            const int64_t n = values - first < SLIDING_VALUES ? values - first : SLIDING_VALUES;
            const char *from = (const char *)in->data + (size_t)k * in->stride;
            float *y = (float *)(void *)((char *)out->data + (size_t)k * out->stride) + first;
            (void)sliding_load(in->type, from + (size_t)first * lmp_type_bytes(in->type), 1.0, x, n);
            correct(s, l, l->given + k, first, x, y, n);
        }
    l->given += in->count;
    return LMP_OK;
}

static void lane_close(const void *shared, void *state, lmp_budget *budget)
{
    const detrend_shared *s = shared;
    const detrend_lane *l = state;
    atomic_fetch_add(s->refused, l->refused);
    lmp_give(budget, state);
}

static void record(const void *shared, lmp_record *out)
{
    const detrend_shared *s = shared;
    lmp_record_number(out, "values_without_ratio", (double)atomic_load(s->refused));
    if (s->pixels != NULL) return;
    lmp_record_number(out, "level", s->level);
    if (s->params.method == METHOD_MEAN) return;
    lmp_record_number(out, "fit_base", s->fitted.base);
    lmp_record_number(out, "fit_height", s->fitted.height);
    if (s->params.method == METHOD_EXPONENTIAL)
        lmp_record_number(out, "fit_time_constant_frames", 1.0 / s->fitted.rate);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_detrend = {
    .struct_size = sizeof(lmp_step),
    .name = "detrend",
    .summary = "Correct bleaching or slow drift of the brightness.",
    .doc =
        "The mean of each frame follows a trend f(t):\n\n"
        "- `method=exponential`: `f(t) = base + height exp(-t / tau)`, the usual shape of bleaching, fitted by least "
        "squares: tau is searched from a hundredth of the movie to ten times its length, base and height follow (G. H. "
        "Golub and V. Pereyra, *SIAM J. Numer. Anal.* 10, 1973);\n"
        "- `method=linear`: a line, by least squares; with `per=pixel` one for each pixel;\n"
        "- `method=mean`: the means themselves, which also removes flicker.\n\n"
        "With M the mean of f over the movie,\n\n"
        "    y = x M / f(t)          correct=ratio\n"
        "    y = x - (f(t) - M)      correct=difference\n\n"
        "so the movie keeps its level. A ratio suits bleaching, where signal and background fade together; take a "
        "camera's offset away before (`subtract`). Where f(t) is not positive a ratio gives NaN, and the record counts "
        "these values.\n\n"
        "**NaN** of a frame stays NaN; means and fits ignore NaN.\n\n"
        "**Number types.** Computed in double, given as float32. **Memory.** 16 bytes for each frame and band of rows; "
        "per=pixel 40 bytes a pixel.\n",
    .known_as = "Bleach Correction: Simple Ratio, Exponential Fit (ImageJ), scipy.signal.detrend",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(detrend_params),
    .plan = plan,
    .open = open_shared,
    .learned = learned,
    .lane_open = lane_open,
    .lane_close = lane_close,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_rows = process_rows,
    .learn_rows = learn_rows,
};
