/* SPDX-License-Identifier: BSD-3-Clause
 *
 * comparison.c: sliders run as far as the frames that are given need, so both sides of a frame are known when it is
 * computed. A frame and the end of its window are apart: the last `span` frames are kept.
 */
#include "movie/comparison.h"

#include "kernels/compare.h"
#include "kernels/sliding.h"
#include "movie/band.h"
#include "movie/carve.h"

#include <math.h>
#include <string.h>

enum { BATCH = 8 }; /* frames whose one side is held until the other is known */

typedef struct side_lane {
    slider *slider; /* NULL: an image */
    int64_t fed;    /* frames, those past the end too */
} side_lane;

struct comparison_lane {
    side_lane less, over;
    int64_t first; /* number of the band's first value in an image */
    int64_t values;
    int64_t came, given, zeros;
    size_t frame_bytes;
    char *kept;     /* frame n at n % span */
    double *planes; /* if both sides slide: what is subtracted, of a batch of frames */
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- Planning ---- */

/* How far behind a frame its window ends. */
static int64_t offset_of(const side *s)
{
    return s->range.lag + s->range.window - 1;
}

static bool slides(const side *s)
{
    return s != NULL && side_slides(s);
}

lmp_status comparison_fit(const char *step, const side *less, const side *over, const lmp_format *format,
                          comparison *made, lmp_error *err)
{
    const side *const sides[] = {less, over};
    comparison c = {.less = less, .over = over, .format = *format, .highest = format->n_times - 1};
    int64_t ahead = 0;
    for (int i = 0; i < 2; i++) {
        if (!slides(sides[i])) continue;
        const window_range *range = &sides[i]->range;
        const int64_t offset = offset_of(sides[i]);
        c.slides = true;
        c.lowest = range->lowest > c.lowest ? range->lowest : c.lowest;
        c.highest = least(c.highest, range->highest);
        c.wait = offset > c.wait ? offset : c.wait;
        ahead = least(ahead, offset);
    }
    if (c.lowest > c.highest)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: of %lld frames none has a whole window for both subtract and divide: take shorter windows "
                        "or lags, or edges=shrink",
                        step, (long long)format->n_times);
    c.span = c.slides ? least(c.wait - ahead, format->n_times) : 0;
    *made = c;
    return LMP_OK;
}

/* With `l`, hands out the pieces of a lane; without, only counts them. */
static void carve_lane(const comparison *c, carver *memory, int64_t values, comparison_lane *l)
{
    comparison_lane parts = {.values = values, .frame_bytes = (size_t)values * lmp_type_bytes(c->format.type)};
    parts.kept = carve(memory, (size_t)c->span * parts.frame_bytes);
    if (slides(c->less) && slides(c->over)) parts.planes = carve(memory, BATCH * (size_t)values * sizeof(double));
    if (l != NULL) *l = parts;
}

static size_t lane_bytes(const comparison *c, int64_t values)
{
    carver memory = {0};
    (void)carve(&memory, sizeof(comparison_lane));
    carve_lane(c, &memory, values, NULL);
    return memory.used;
}

lmp_status comparison_plan(const comparison *c, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const int64_t values = lmp_lane_values(&c->format);
    plan->out.format.type = LMP_FLOAT32;
    plan->lane_bytes = lane_bytes(c, values);
    if (slides(c->less)) plan->lane_bytes += slider_bytes(&c->less->spec, values);
    if (slides(c->over)) plan->lane_bytes += slider_bytes(&c->over->spec, values);
    if (!c->slides) return LMP_OK;
    const window_range both = {
        .window = 1, .lag = c->span, .n_times = c->format.n_times, .lowest = c->lowest, .highest = c->highest};
    return window_range_plan(&both, in, plan, err);
}

/* With a sliding reference a frame also waits for itself. */
int64_t comparison_ready(const comparison *c, int64_t n_in, bool ended)
{
    if (!c->slides) return n_in;
    const int64_t all = c->highest - c->lowest + 1, done = n_in - c->wait - c->lowest;
    if (ended) return all;
    return done > 0 ? least(done, all) : 0;
}

/* ---- Bands ---- */

static lmp_status open_side(const side *s, int64_t values, lmp_budget *budget, side_lane *l, lmp_error *err)
{
    return slides(s) ? slider_open(&s->spec, values, budget, &l->slider, err) : LMP_OK;
}

lmp_status comparison_lane_open(const comparison *c, int64_t lane, lmp_budget *budget, comparison_lane **made,
                                lmp_error *err)
{
    const band mine = band_of(&c->format, lane);
    void *memory;
    lmp_status status = lmp_take(budget, lane_bytes(c, mine.count), &memory, err);
    if (status != LMP_OK) return status;
    carver pieces = {.base = memory};
    comparison_lane *l = carve(&pieces, sizeof *l);
    carve_lane(c, &pieces, mine.count, l);
    l->first = mine.first;
    status = open_side(c->less, mine.count, budget, &l->less, err);
    if (status == LMP_OK) status = open_side(c->over, mine.count, budget, &l->over, err);
    if (status != LMP_OK)
        comparison_lane_close(c, l, budget);
    else
        *made = l;
    return status;
}

static void close_side(const side *s, side_lane *l, lmp_budget *budget)
{
    if (l->slider == NULL) return;
    atomic_fetch_add(&s->tally->missing, slider_missing(l->slider));
    slider_close(l->slider, budget);
}

void comparison_lane_close(const comparison *c, comparison_lane *l, lmp_budget *budget)
{
    if (l == NULL) return;
    if (c->over != NULL) atomic_fetch_add(&c->over->tally->zeros, l->zeros);
    close_side(c->less, &l->less, budget);
    close_side(c->over, &l->over, budget);
    lmp_give(budget, l);
}

/* ---- Images ---- */

static float *result_at(const lmp_frames *out, int64_t k)
{
    return (float *)(void *)((char *)out->data + (size_t)k * out->stride);
}

static const double *image_at(const side *s, int64_t first)
{
    return s == NULL ? NULL : s->image.values + first;
}

static void process_images(const comparison *c, const comparison_lane *l, const lmp_frames *in, const lmp_frames *out)
{
    for (int64_t k = 0; k < in->count; k++)
        compare_values(in->type, (const char *)in->data + (size_t)k * in->stride, image_at(c->less, l->first),
                       image_at(c->over, l->first), result_at(out, k), l->values);
}

/* ---- Sliders ---- */

/* Results of frames [first, first + count) of the movie, which go to `out` from place `at`. */
typedef struct batch {
    const comparison *c;
    comparison_lane *l;
    const lmp_frames *in, *out;
    int64_t first, count, at;
    bool ended;
    const side *fed;   /* whose slider runs */
    int64_t fed_first; /* first frame of its call */
} batch;

static const char *frame_at(const batch *r, int64_t n)
{
    const comparison_lane *l = r->l;
    if (n >= l->came) return (const char *)r->in->data + (size_t)(n - l->came) * r->in->stride;
    return l->kept + (size_t)(n % r->c->span) * l->frame_bytes;
}

/* A side of the batch's frame i from value `first` on: given now, held from before, or an image. */
static const double *side_at(const batch *r, const side *s, const double *given, int64_t i, int64_t first)
{
    if (s == r->fed) return given;
    if (slides(s)) return r->l->planes + i * r->l->values + first;
    return image_at(s, r->l->first + first);
}

static void give(void *user, int64_t frame, int64_t first, int64_t n, const double *results)
{
    const batch *r = user;
    const comparison *c = r->c;
    const int64_t owner = window_range_owner(&r->fed->range, r->fed_first + frame), i = owner - r->first;
    if (i < 0 || i >= r->count || window_range_lacks(&r->fed->range, owner)) return;
    if (r->fed == c->less && slides(c->over)) {
        (void)side_prepare(r->fed, results, r->l->planes + i * r->l->values + first, n);
        return;
    }
    double given[SLIDING_VALUES];
    r->l->zeros += side_prepare(r->fed, results, given, n);
    compare_values(c->format.type, frame_at(r, owner) + (size_t)first * lmp_type_bytes(c->format.type),
                   side_at(r, c->less, given, i, first), side_at(r, c->over, given, i, first),
                   result_at(r->out, r->at + i) + first, n);
}

/* A slider runs to before frame `end`: from kept frames one by one, then from those that came in, then past the end. */
static void feed(batch *r, const side *s, side_lane *l, int64_t end)
{
    if (l->slider == NULL) return;
    const int64_t came = r->l->came + r->in->count, real = least(end, came);
    r->fed = s;
    for (; l->fed < real && l->fed < r->l->came; l->fed++) {
        r->fed_first = l->fed;
        slider_feed(l->slider, frame_at(r, l->fed), 0, 1, give, r);
    }
    r->fed_first = l->fed;
    if (l->fed < real) {
        slider_feed(l->slider, frame_at(r, l->fed), r->in->stride, real - l->fed, give, r);
        r->fed_first = l->fed = real;
    }
    const int64_t past = least(end, came + s->range.window - 1);
    if (!r->ended || s->range.edges != EDGES_SHRINK || past <= l->fed) return;
    slider_feed(l->slider, NULL, 0, past - l->fed, give, r);
    l->fed = past;
}

static void feed_both(batch *r)
{
    const int64_t end = r->first + r->count;
    if (slides(r->c->less)) feed(r, r->c->less, &r->l->less, end + offset_of(r->c->less));
    if (slides(r->c->over)) feed(r, r->c->over, &r->l->over, end + offset_of(r->c->over));
}

static bool lacks(const side *s, int64_t n)
{
    return slides(s) && window_range_lacks(&s->range, n);
}

static void fill_lacking(const comparison *c, const comparison_lane *l, const lmp_frames *out)
{
    for (int64_t k = 0; k < out->count; k++) {
        const int64_t n = c->lowest + l->given + k;
        if (!lacks(c->less, n) && !lacks(c->over, n)) continue;
        float *y = result_at(out, k);
        for (int64_t v = 0; v < l->values; v++) y[v] = (float)NAN;
    }
}

static void keep(const comparison *c, comparison_lane *l, const lmp_frames *in)
{
    for (int64_t k = in->count > c->span ? in->count - c->span : 0; k < in->count; k++)
        memcpy(l->kept + (size_t)((l->came + k) % c->span) * l->frame_bytes,
               (const char *)in->data + (size_t)k * in->stride, l->frame_bytes);
}

void comparison_process(const comparison *c, comparison_lane *l, const lmp_frames *in, const lmp_frames *out,
                        bool ended)
{
    if (!c->slides) {
        process_images(c, l, in, out);
        return;
    }
    batch r = {.c = c, .l = l, .in = in, .out = out, .ended = ended};
    const int64_t next = c->lowest + l->given, most = l->planes != NULL ? BATCH : out->count;
    r.first = least(next, l->came + in->count - c->wait); /* so far sliders have nothing to give */
    feed_both(&r);
    for (; r.at < out->count; r.at += r.count) {
        r.first = next + r.at;
        r.count = least(out->count - r.at, most);
        feed_both(&r);
    }
    fill_lacking(c, l, out);
    if (c->span > 0) keep(c, l, in);
    l->came += in->count;
    l->given += out->count;
}
