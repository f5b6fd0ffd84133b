/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frames.c: keep some frames of a movie by their number. A run of neighbours is cut by the engine; every nth is copied.
 */
#include "common/chosen_frames.h"

#include <string.h>

typedef struct frames_params {
    lmp_frame_range range;
} frames_params;

static const lmp_param params[] = {
    {"range", LMP_PARAM_FRAMES, offsetof(frames_params, range), NULL, 0, 0, "", NULL,
     "Frames to keep, numbered from 0, as in Python: 10:500 (from 10 to 499), -100: (the last hundred), ::5 (every "
     "fifth)."},
    {0},
};

/* Every step-th of n frames from `first` on. */
typedef struct chosen {
    int64_t first, step, count;
} chosen;

/* How many of the chosen frames lie before frame n. */
static int64_t chosen_before(const chosen *c, int64_t n)
{
    const int64_t reached = n <= c->first ? 0 : (n - c->first - 1) / c->step + 1;
    return reached < c->count ? reached : c->count;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const lmp_frame_range range = ((const frames_params *)values)->range;
    int64_t first, count;
    lmp_status status = lmp_frame_range_fit(&range, in->format.n_times, "frames", &first, &count, err);
    if (status != LMP_OK) return status;
    plan->is_identity = range.step == 1 || count == 1;
    if (plan->is_identity) {
        plan->first = first;
        plan->count = count;
    }
    plan->shared_bytes = sizeof(chosen);
    plan->burst = 1;
    return choose_frames(in, first, count, plan->is_identity ? 1 : range.step, &plan->out, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    const lmp_frame_range range = ((const frames_params *)values)->range;
    (void)plan_made;
    chosen made = {.step = range.step};
    lmp_status status = lmp_frame_range_fit(&range, in->format.n_times, "frames", &made.first, &made.count, err);
    if (status == LMP_OK) status = lmp_take(budget, sizeof made, shared, err);
    if (status == LMP_OK) memcpy(*shared, &made, sizeof made);
    return status;
}

static int64_t ready(const void *shared, int64_t n_in, bool ended)
{
    (void)ended;
    return chosen_before(shared, n_in);
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)state, (void)scratch, (void)ended, (void)err;
    const chosen *c = shared;
    const size_t bytes = (size_t)(in->rows * in->width * in->n_colours) * lmp_type_bytes(in->type);
    for (int64_t i = 0; i < out->count; i++) {
        const int64_t from = c->first + (out->first + i) * c->step - in->first;
        memcpy((char *)out->data + (size_t)i * out->stride, (const char *)in->data + (size_t)from * in->stride, bytes);
    }
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_frames = {
    .struct_size = sizeof(lmp_step),
    .name = "frames",
    .summary = "Keep some frames of a movie, by their numbers.",
    .doc = "Keeps the frames of `range`, written as a slice in Python: `first:end:step`, counted from 0, `end` not "
           "included, negative numbers from the end.\n\n"
           "Each frame keeps its number and its time in the source; with a step of n the frame rate falls to 1/n. No "
           "value changes, in any number type.\n\n"
           "Before any other step, a range without a step only moves the window that is read: other frames are never "
           "touched.\n\n    limpid run IN.avi frames 10:500:5 ! write OUT.tif\n",
    .known_as = "Make Substack (ImageJ), Subset and Load every (BLITZ), stack[10:500:5] (NumPy)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(frames_params),
    .plan = plan,
    .open = open_shared,
    .ready = ready,
    .close = close_shared,
    .takes_any_type = true,
    .process_rows = process_rows,
};
