/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crop.c: keep a stretch of time, or a rectangle of a movie. The engine cuts stretches; this file moves the events and
 * the numbers of frames along, and copies rectangles.
 */
#include "common/chosen_frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct crop_params {
    lmp_time_range range;
    int64_t x, y, width, height;
} crop_params;

static const lmp_param params[] = {
    {"range", LMP_PARAM_TIME_RANGE, offsetof(crop_params, range), "0-", 0, 0, "s", NULL,
     "Stretch to keep, in seconds from the start: 10-20, 10- (to the end) or -20 (from the start)."},
    {"x", LMP_PARAM_INTEGER, offsetof(crop_params, x), "auto", 0, 1e9, "px", "auto",
     "Movies: first column to keep, from 0."},
    {"y", LMP_PARAM_INTEGER, offsetof(crop_params, y), "auto", 0, 1e9, "px", "auto",
     "Movies: first row to keep, from 0 at the top."},
    {"width", LMP_PARAM_INTEGER, offsetof(crop_params, width), "auto", 1, 1e9, "px", "auto",
     "Movies: columns to keep; auto: up to the right edge."},
    {"height", LMP_PARAM_INTEGER, offsetof(crop_params, height), "auto", 1, 1e9, "px", "auto",
     "Movies: rows to keep; auto: down to the lower edge."},
    {0},
};

/* ---- A stretch of time ------------------------------------------------------------------------------------- */

/* Events that touch the stretch stay, with the part of their duration that lies inside. */
static lmp_status move_events(const lmp_stream *in, double first_s, double length_s, lmp_step_plan *plan,
                              lmp_error *err)
{
    lmp_event *kept = calloc((size_t)in->n_events + 1, sizeof *kept);
    if (kept == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for events");
    int64_t n = 0;
    for (int64_t i = 0; i < in->n_events; i++) {
        lmp_event e = in->events[i];
        double from = e.onset_s - first_s, to = from + e.duration_s;
        if (to < 0 || from >= length_s || (to == 0 && from < 0)) continue;
        if (from < 0) from = 0;
        if (to > length_s) to = length_s;
        e.onset_s = from;
        e.duration_s = to - from;
        kept[n++] = e;
    }
    const lmp_status status = lmp_stream_set_events(&plan->out, kept, n, err);
    free(kept);
    return status;
}

static lmp_status nothing_left(lmp_time_range range, double last_s, double rate_hz, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_USAGE, "crop: from %g to %g s is less than one sample at %g Hz", range.first_s, last_s,
                    rate_hz);
}

static lmp_status plan_stretch(lmp_time_range range, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const double rate_hz = in->format.rate_hz, total_s = (double)in->format.n_times / rate_hz;
    if (!(rate_hz > 0)) return lmp_fail(err, LMP_ERR_INPUT, "crop needs the sample rate: give --rate");
    if (range.first_s >= total_s)
        return lmp_fail(err, LMP_ERR_USAGE, "crop: the recording is %g s long, the stretch begins at %g s", total_s,
                        range.first_s);
    const double last_s = fmin(range.last_s, total_s);
    plan->first = (int64_t)llround(range.first_s * rate_hz);
    const int64_t end = last_s >= total_s ? in->format.n_times : (int64_t)llround(last_s * rate_hz);
    plan->count = end - plan->first;
    if (plan->count < 1) return nothing_left(range, last_s, rate_hz, err);
    plan->out.format.n_times = plan->count;
    if (in->format.kind == LMP_MOVIE) return choose_frames(in, plan->first, plan->count, 1, &plan->out, err);
    plan->out.format.start_unix_s += (double)plan->first / rate_hz;
    return move_events(in, (double)plan->first / rate_hz, (double)plan->count / rate_hz, plan, err);
}

/* Of a movie whose frames have times: those from first_s up to, not including, last_s. */
static lmp_status plan_timed_stretch(lmp_time_range range, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const double *times_s = in->format.frame_times_s;
    const int64_t n = in->format.n_times;
    int64_t first = 0, end = n;
    for (int64_t i = 1; i < n; i++)
        if (!(times_s[i] >= times_s[i - 1]))
            return lmp_fail(err, LMP_ERR_INPUT,
                            "crop: the times of the frames do not rise: choose by number with frames");
    while (first < n && times_s[first] < range.first_s) first++;
    while (end > first && times_s[end - 1] >= range.last_s) end--;
    if (first == end)
        return lmp_fail(err, LMP_ERR_USAGE, "crop: no frame lies between %g and %g s: they go from %g to %g s",
                        range.first_s, range.last_s, n > 0 ? times_s[0] : (double)NAN,
                        n > 0 ? times_s[n - 1] : (double)NAN);
    plan->first = first;
    plan->count = end - first;
    return choose_frames(in, first, plan->count, 1, &plan->out, err);
}

/* ---- A rectangle ------------------------------------------------------------------------------------------- */

typedef struct rectangle {
    int64_t x, y;
} rectangle;

static lmp_status fit(const char *what, int64_t size, int64_t at, int64_t *extent, lmp_error *err)
{
    if (*extent == LMP_AUTO_INTEGER) *extent = size - at;
    if (at < size && *extent <= size - at) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "crop: %lld %s from %lld on do not fit into frames of %lld",
                    (long long)(*extent < 1 ? 1 : *extent), what, (long long)at, (long long)size);
}

static lmp_status plan_rectangle(const crop_params *p, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const int64_t x = p->x == LMP_AUTO_INTEGER ? 0 : p->x, y = p->y == LMP_AUTO_INTEGER ? 0 : p->y;
    lmp_format *format = &plan->out.format;
    format->width = p->width;
    format->height = p->height;
    lmp_status status = fit("columns", in->format.width, x, &format->width, err);
    if (status == LMP_OK) status = fit("rows", in->format.height, y, &format->height, err);
    plan->is_identity = format->width == in->format.width && format->height == in->format.height;
    plan->shared_bytes = sizeof(rectangle);
    return status;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const crop_params *p = values;
    const lmp_status status = lmp_take(budget, sizeof(rectangle), shared, err);
    if (status == LMP_OK)
        *(rectangle *)*shared =
            (rectangle){.x = p->x == LMP_AUTO_INTEGER ? 0 : p->x, .y = p->y == LMP_AUTO_INTEGER ? 0 : p->y};
    return status;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    const rectangle *r = shared;
    const size_t pixel = (size_t)in->n_colours * lmp_type_bytes(in->type), row = (size_t)out->width * pixel;
    for (int64_t i = 0; i < out->count; i++) {
        const char *from = (const char *)in->data + (size_t)i * in->stride + (size_t)(r->y * in->width + r->x) * pixel;
        char *to = (char *)out->data + (size_t)i * out->stride;
        for (int64_t y = 0; y < out->rows; y++)
            memcpy(to + (size_t)y * row, from + (size_t)(y * in->width) * pixel, row);
    }
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

/* ---- Either ------------------------------------------------------------------------------------------------ */

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const crop_params *p = values;
    const bool stretch = p->range.first_s > 0 || isfinite(p->range.last_s);
    const bool box = p->x != LMP_AUTO_INTEGER || p->y != LMP_AUTO_INTEGER || p->width != LMP_AUTO_INTEGER ||
                     p->height != LMP_AUTO_INTEGER;
    if (box && in->format.kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "crop: x, y, width and height are for movies, this recording holds signals: give "
                        "range");
    if (box && stretch)
        return lmp_fail(err, LMP_ERR_USAGE, "crop: range and a rectangle were given: give crop twice, once for each");
    if (!box && !stretch)
        return lmp_fail(err, LMP_ERR_USAGE,
                        in->format.kind == LMP_MOVIE
                            ? "crop: nothing to cut away was given: give range=10-20 in seconds, or x, y, "
                              "width and height in pixels"
                            : "crop: nothing to cut away was given: give range=10-20 in seconds");
    if (box) return plan_rectangle(p, in, plan, err);
    plan->is_identity = true; /* routed, not computed */
    const bool timed = in->format.kind == LMP_MOVIE && in->format.frame_times_s != NULL;
    return timed ? plan_timed_stretch(p->range, in, plan, err) : plan_stretch(p->range, in, plan, err);
}

const lmp_step lmp_step_crop = {
    .struct_size = sizeof(lmp_step),
    .name = "crop",
    .summary = "Keep a stretch of time, or a rectangle of a movie.",
    .doc = "**A stretch** (`range`): keeps the samples from `round(first * rate)` up to, not including, `round(last * "
           "rate)`. "
           "The times of events are counted from the new start; an event that only partly lies inside keeps the inner "
           "part of "
           "its duration. Before any other step, only the window that is read moves: the rest of the file is never "
           "touched.\n\n"
           "FACETpy's Crop leaves its triggers where they were; here they move.\n\n"
           "Frames of a movie keep their number and time in the source, and events of a movie stay with them. If each "
           "frame "
           "has a time of its own, those from `first` up to, not including, `last` stay.\n\n"
           "**A rectangle** (`x`, `y`, `width`, `height`), of movies: keeps these pixels of every frame, in any number "
           "type, "
           "value by value. One that reaches beyond the frame is refused.\n\n"
           "For both, give the step twice: `crop range=10-20 ! crop x=100 width=64`.\n",
    .known_as = "Crop (FACETpy), raw.crop (MNE), Image > Crop (ImageJ), Crop and ROI (BLITZ)",
    .kind = 0,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(crop_params),
    .plan = plan,
    .open = open_shared,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
};
