/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crop.c: keep a stretch of time. The engine does the cutting; this file moves the events along.
 */
#include <limpid/step.h>

#include <math.h>
#include <stdlib.h>

typedef struct crop_params {
    lmp_time_range range;
} crop_params;

static const lmp_param params[] = {
    {"range", LMP_PARAM_TIME_RANGE, offsetof(crop_params, range), NULL, 0, 0, "s", NULL,
     "Stretch to keep, in seconds from the start: 10-20, 10- (to the end) or -20 (from the start)."},
    {0},
};

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

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const lmp_time_range range = ((const crop_params *)values)->range;
    const double rate_hz = in->format.rate_hz, total_s = (double)in->format.n_times / rate_hz;
    if (!(rate_hz > 0)) return lmp_fail(err, LMP_ERR_INPUT, "crop needs the sample rate: give --rate");
    if (range.first_s >= total_s)
        return lmp_fail(err, LMP_ERR_USAGE, "crop: the recording is %g s long, the stretch begins at %g s", total_s,
                        range.first_s);
    const double last_s = fmin(range.last_s, total_s);
    plan->first = (int64_t)llround(range.first_s * rate_hz);
    const int64_t end = last_s >= total_s ? in->format.n_times : (int64_t)llround(last_s * rate_hz);
    plan->count = end - plan->first;
    if (plan->count < 1)
        return lmp_fail(err, LMP_ERR_USAGE, "crop: from %g to %g s is less than one sample at %g Hz", range.first_s,
                        last_s, rate_hz);
    plan->out.format.n_times = plan->count;
    plan->out.format.start_unix_s += (double)plan->first / rate_hz;
    return move_events(in, (double)plan->first / rate_hz, (double)plan->count / rate_hz, plan, err);
}

const lmp_step lmp_step_crop = {
    .struct_size = sizeof(lmp_step),
    .name = "crop",
    .summary = "Keep a stretch of time; events move along.",
    .doc =
        "Keeps the samples from `round(first * rate)` up to, not including, `round(last * rate)`. The times of events "
        "are "
        "counted from the new start; an event that only partly lies inside keeps the inner part of its duration.\n\n"
        "Before any other step, `crop` only moves the window that is read: the rest of the file is never touched.\n\n"
        "FACETpy's Crop leaves its triggers where they were; here they move.\n",
    .known_as = "Crop (FACETpy), raw.crop (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params,
    .params_size = sizeof(crop_params),
    .plan = plan,
};
