/* SPDX-License-Identifier: BSD-3-Clause
 *
 * autocrop.c: cut away dark borders: the box of what is ever bright, learned from the brightest value of each pixel.
 */
#include "math/median.h"
#include "movie/pixel_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct autocrop_params {
    double threshold, margin;
} autocrop_params;

static const lmp_param params[] = {
    {"threshold", LMP_PARAM_NUMBER, offsetof(autocrop_params, threshold), "5", 0, 100, "%", NULL,
     "How far above the 1st percentile a pixel must be, in parts of the span to the 99th."},
    {"margin", LMP_PARAM_NUMBER, offsetof(autocrop_params, margin), "3", 0, 100, "%", NULL,
     "What is kept around the box on each side, in parts of the image's width and height."},
    {0},
};

typedef struct autocrop_shared {
    autocrop_params params;
    int64_t height, width, n_colours;
    int64_t x, y, box_width, box_height;
    double level;
    lmp_budget *budget;
    double *highest; /* of each value over time; NaN: never valid */
} autocrop_shared;

static size_t image_bytes(const lmp_format *f)
{
    return (size_t)(f->height * f->width * f->n_colours) * sizeof(double);
}

/* The box is at most the image: the stream behind is planned for that, and anew once the box is known. */
static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values, (void)err;
    plan->shared_bytes = sizeof(autocrop_shared) + image_bytes(&in->format);
    plan->learn_bytes = (size_t)(in->format.height * in->format.width) * sizeof(double);
    plan->learn_passes = 1;
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    void *memory, *highest;
    lmp_status status = lmp_take(budget, sizeof(autocrop_shared), &memory, err);
    if (status != LMP_OK) return status;
    status = lmp_take(budget, image_bytes(&in->format), &highest, err);
    if (status != LMP_OK) {
        lmp_give(budget, memory);
        return status;
    }
    autocrop_shared *s = memory;
    s->params = *(const autocrop_params *)values;
    s->height = in->format.height;
    s->width = in->format.width;
    s->n_colours = in->format.n_colours;
    s->budget = budget;
    s->highest = highest;
    for (int64_t i = 0; i < s->height * s->width * s->n_colours; i++) s->highest[i] = (double)NAN;
    *shared = s;
    return LMP_OK;
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    enum { CHUNK = 512 };
    (void)lane, (void)err;
    const autocrop_shared *s = shared;
    const int64_t n = in->rows * in->width * in->n_colours;
    double *highest = s->highest + in->row * in->width * in->n_colours;
    for (int64_t t = 0; t < in->count; t++)
        for (int64_t first = 0; first < n; first += CHUNK) {
            double x[CHUNK];
            const int64_t count = n - first < CHUNK ? n - first : CHUNK;
            pixel_values_get(in->type, (const char *)in->data + (size_t)t * in->stride, first, 1, count, x);
            for (int64_t i = 0; i < count; i++) highest[first + i] = fmax(highest[first + i], x[i]);
        }
    return LMP_OK;
}

/* ---- The box ---- */

/* Between ranks, linearly, as numpy.percentile does. */
static double percentile(double *values, int64_t count, double percent)
{
    const double at = percent / 100 * (double)(count - 1);
    const int64_t below = (int64_t)floor(at), above = below + 1 < count ? below + 1 : below;
    const double low = median_select(values, count, below), high = median_select(values, count, above);
    return low + (at - (double)below) * (high - low);
}

/* Colours become their mean, in place. */
static int64_t take_luminance(const autocrop_shared *s, double *valid)
{
    int64_t count = 0;
    for (int64_t i = 0; i < s->height * s->width; i++) {
        double sum = 0;
        for (int64_t c = 0; c < s->n_colours; c++) sum += s->highest[i * s->n_colours + c];
        s->highest[i] = sum / (double)s->n_colours;
        if (isfinite(s->highest[i])) valid[count++] = s->highest[i];
    }
    return count;
}

static void keep_whole(autocrop_shared *s)
{
    s->x = s->y = 0;
    s->box_width = s->width;
    s->box_height = s->height;
}

/* Grows [low, high] by a margin, within [0, size). */
static int64_t widen(int64_t *low, int64_t high, int64_t size, double percent)
{
    const int64_t margin = (int64_t)floor(percent / 100 * (double)size + 0.5);
    *low = *low > margin ? *low - margin : 0;
    high = high + margin < size - 1 ? high + margin : size - 1;
    return high - *low + 1;
}

static void find_box(autocrop_shared *s)
{
    int64_t left = s->width, right = -1, top = s->height, bottom = -1;
    for (int64_t y = 0; y < s->height; y++)
        for (int64_t x = 0; x < s->width; x++) {
            if (!(s->highest[y * s->width + x] >= s->level)) continue;
            left = x < left ? x : left;
            right = x > right ? x : right;
            top = y < top ? y : top;
            bottom = y;
        }
    s->box_width = widen(&left, right, s->width, s->params.margin);
    s->box_height = widen(&top, bottom, s->height, s->params.margin);
    s->x = left;
    s->y = top;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass;
    autocrop_shared *s = shared;
    void *valid;
    const lmp_status status = lmp_take(s->budget, (size_t)(s->height * s->width) * sizeof(double), &valid, err);
    if (status != LMP_OK) return status;
    const int64_t count = take_luminance(s, valid);
    const double low = count > 0 ? percentile(valid, count, 1) : 0, high = count > 0 ? percentile(valid, count, 99) : 0;
    s->level = low + s->params.threshold / 100 * (high - low);
    if (high > low)
        find_box(s);
    else
        keep_whole(s);
    lmp_give(s->budget, valid);
    lmp_give(s->budget, s->highest);
    s->highest = NULL;
    out->format.width = s->box_width;
    out->format.height = s->box_height;
    return LMP_OK;
}

/* ---- Cutting ---- */

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    const autocrop_shared *s = shared;
    const size_t pixel = lmp_type_bytes(in->type) * (size_t)in->n_colours, row = (size_t)s->box_width * pixel;
    for (int64_t t = 0; t < in->count; t++)
        for (int64_t y = 0; y < s->box_height; y++)
            memcpy((char *)out->data + (size_t)t * out->stride + (size_t)y * row,
                   (const char *)in->data + (size_t)t * in->stride + (size_t)((s->y + y) * in->width + s->x) * pixel,
                   row);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    const autocrop_shared *s = shared;
    lmp_record_number(record, "x", (double)s->x);
    lmp_record_number(record, "y", (double)s->y);
    lmp_record_number(record, "width", (double)s->box_width);
    lmp_record_number(record, "height", (double)s->box_height);
    lmp_record_number(record, "level", s->level);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, ((autocrop_shared *)shared)->highest);
    lmp_give(budget, shared);
}

const lmp_step lmp_step_autocrop = {
    .struct_size = sizeof(lmp_step),
    .name = "autocrop",
    .summary = "Cut away dark borders.",
    .doc = "From the largest value that each pixel ever has, averaged over colours, with p1 and p99 its 1st and 99th "
           "percentile over the image (linear between ranks): pixels of at least p1 + `threshold` (p99 - p1) are kept, "
           "and the result is their bounding box, `margin` of the image's width and height larger on each side "
           "(rounded to pixels), cut out of every frame. The record says where it lies.\n\n"
           "An image without contrast (p99 = p1) stays whole. NaN is ignored; pixels that never have a finite value do "
           "not count. The number type stays. Reads the movie once more, before.\n",
    .known_as = "auto-crop (BLITZ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(autocrop_params),
    .plan = plan,
    .open = open_shared,
    .learn_rows = learn_rows,
    .learned = learned,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
};
