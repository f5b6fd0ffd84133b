/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reduce.c: a movie becomes a few images, each a statistic over time.
 */
#include "movie/reduce.h"

#include "movie/band.h"
#include "movie/reducer.h"

#include <stdatomic.h>
#include <stdio.h>

static const lmp_param params[] = {
    {"stat", LMP_PARAM_TEXT, offsetof(reduce_params, stat), "mean", 0, 0, "", NULL,
     "What to compute: mean, sum, max, min, std, median, argmax or a percentile such as p5; several by comma give one "
     "image each, in this order."},
    {"range", LMP_PARAM_FRAMES, offsetof(reduce_params, range), ":", 0, 0, "", NULL,
     "Frames that are used, counted from 0: 10:20 are 10 to 19, ::5 is every fifth."},
    {"ddof", LMP_PARAM_INTEGER, offsetof(reduce_params, ddof), "0", 0, 1e6, "", NULL,
     "What std subtracts from the number of frames in its denominator: 1 for the sample standard deviation."},
    {0},
};

typedef struct reduce_shared {
    reducer_spec spec;
    int64_t end; /* behind the last frame used */
    lmp_format format;
    _Atomic int64_t *missing; /* of all bands that are done */
    char stat[256];
} reduce_shared;

typedef struct reduce_lane {
    reducer *reducer;
    int64_t seen; /* frames that came in */
} reduce_lane;

static lmp_status make_spec(const reduce_params *p, const lmp_format *format, reducer_spec *spec, lmp_error *err)
{
    *spec = (reducer_spec){.ddof = p->ddof, .frame_step = p->range.step};
    lmp_status status = reducer_parse("reduce", p->stat, format->type, spec, err);
    if (status != LMP_OK) return status;
    status = lmp_frame_range_fit(&p->range, format->n_times, "reduce", &spec->first_frame, &spec->n_frames, err);
    if (status == LMP_OK && spec->n_frames > UINT32_MAX)
        status = lmp_fail(err, LMP_ERR_USAGE, "reduce: %lld frames are more than it counts, %u: choose fewer by range=",
                          (long long)spec->n_frames, UINT32_MAX);
    return status;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const reduce_params *p = values;
    reducer_spec spec;
    const lmp_status status = make_spec(p, &in->format, &spec, err);
    if (status != LMP_OK) return status;
    plan->out.format.type = spec.out;
    plan->out.format.n_times = spec.n_stats;
    plan->burst = spec.n_stats;
    plan->lane_bytes = sizeof(reduce_lane) + reducer_bytes(&spec, lmp_lane_values(&in->format));
    plan->shared_bytes = sizeof(reduce_shared) + sizeof(int64_t);
    return lmp_stream_set_frames(&plan->out, NULL, NULL, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const reduce_params *p = values;
    void *memory;
    lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    reduce_shared *s = memory;
    s->missing = (_Atomic int64_t *)(s + 1);
    s->format = in->format;
    snprintf(s->stat, sizeof s->stat, "%s", p->stat);
    status = make_spec(p, &in->format, &s->spec, err);
    s->end = s->spec.first_frame + (s->spec.n_frames - 1) * s->spec.frame_step + 1;
    if (status != LMP_OK)
        lmp_give(budget, s);
    else
        *shared = s;
    return status;
}

static int64_t ready(const void *shared, int64_t n_in, bool ended)
{
    (void)n_in;
    const reduce_shared *s = shared;
    return ended ? s->spec.n_stats : 0;
}

static lmp_status lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const reduce_shared *s = shared;
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(reduce_lane), &memory, err);
    if (status != LMP_OK) return status;
    reduce_lane *l = memory;
    status = reducer_open(&s->spec, band_of(&s->format, lane).count, budget, &l->reducer, err);
    if (status != LMP_OK)
        lmp_give(budget, l);
    else
        *state = l;
    return status;
}

/* The frames of the range among those that came in. */
static void feed(const reduce_shared *s, reduce_lane *l, const lmp_frames *in)
{
    const int64_t first = s->spec.first_frame, step = s->spec.frame_step;
    const int64_t begun = l->seen > first ? (l->seen - first + step - 1) / step : 0;
    const int64_t from = first + begun * step, seen = l->seen + in->count, end = seen < s->end ? seen : s->end;
    if (from < end)
        reducer_feed(l->reducer, (const char *)in->data + (size_t)(from - l->seen) * in->stride,
                     in->stride * (size_t)step, (end - from - 1) / step + 1);
    l->seen = seen;
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)scratch, (void)ended;
    reduce_lane *l = state;
    if (in->count > 0) feed(shared, l, in);
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < out->count && status == LMP_OK; i++)
        status = reducer_finish(l->reducer, i, (char *)out->data + (size_t)i * out->stride, err);
    return status;
}

static void lane_close(const void *shared, void *state, lmp_budget *budget)
{
    const reduce_shared *s = shared;
    reduce_lane *l = state;
    atomic_fetch_add(s->missing, reducer_missing(l->reducer));
    reducer_close(l->reducer, budget);
    lmp_give(budget, l);
}

static void record(const void *shared, lmp_record *out)
{
    const reduce_shared *s = shared;
    lmp_record_text(out, "statistics", "%s", s->stat);
    lmp_record_number(out, "frames_used", (double)s->spec.n_frames);
    lmp_record_number(out, "nan_ignored", (double)atomic_load(s->missing));
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_reduce = {
    .struct_size = sizeof(lmp_step),
    .name = "reduce",
    .summary = "Reduce a movie to images: mean, sum, max, min, std, median, percentiles, argmax over time.",
    .doc =
        "Each pixel (and colour) of the result is a statistic of that pixel over the frames of `range`. Several "
        "statistics are computed in one pass; the result has one frame for each, in the order of `stat`.\n\n"
        "- `mean`, `sum`: sums of integers are exact; sums of floats grow in double precision in the order of the "
        "frames.\n"
        "- `std`: `sqrt(sum (x - mean)^2 / (n - ddof))`; NaN where `n <= ddof`. Of 8 and 16 bits from exact sums; of "
        "others from sums of `x - c` and its square, c being the pixel's first value, which loses no digits where the "
        "movie stands far from zero (T. F. Chan, G. H. Golub and R. J. LeVeque, *The American Statistician* 37, 1983: "
        "shifted data).\n"
        "- `median`: of an even number of frames the mean of the two in the middle.\n"
        "- `p0` to `p100` (also `p2.5`): linear between the neighbours of rank `p / 100 (n - 1)` (type 7 of R. J. "
        "Hyndman and Y. Fan, *The American Statistician* 50, 1996).\n"
        "- `argmax`: number of the frame, counted from 0 in the movie that comes in, where the pixel is largest; the "
        "first of several.\n\n"
        "**NaN** is ignored, and the record says how many there were. A pixel without any number gives NaN, for argmax "
        "-1.\n\n"
        "**Number types.** max and min keep the type; sum gives int64 (of uint64: uint64; of floats: float64) and "
        "fails "
        "where it does not fit; argmax int64; all others float32, of 32- and 64-bit integers and float64 float64. "
        "Several statistics share one type: their own if all agree, else float32 if it holds all of them exactly, "
        "int64 "
        "for integers, float64 otherwise (exact up to 2^53).\n\n"
        "**Memory.** median and percentiles keep every frame of the range until the end: pixels x frames x bytes. "
        "Within a memory limit the picture is then worked off in bands of rows, reading the file several times. All "
        "others need a few numbers a pixel.\n",
    .known_as = "Z Project (ImageJ), Reduce (BLITZ), numpy.nanmean, numpy.nanstd, numpy.nanmedian, numpy.nanpercentile",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(reduce_params),
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
