/* SPDX-License-Identifier: BSD-3-Clause
 *
 * delta_f.c: relative change of fluorescence against a baseline image.
 */
#include "kernels/sliding.h"
#include "movie/band.h"
#include "movie/reference.h"

#include <math.h>

typedef struct delta_f_params {
    char *stat;
    lmp_frame_range range;
    double offset;
} delta_f_params;

static const lmp_param params[] = {
    {"stat", LMP_PARAM_TEXT, offsetof(delta_f_params, stat), "p10", 0, 0, "", NULL,
     "What the baseline F0 is of each pixel: p10, median, mean, or another statistic of reduce."},
    {"range", LMP_PARAM_FRAMES, offsetof(delta_f_params, range), ":", 0, 0, "", NULL,
     "Frames that the baseline is made of, counted from 0."},
    {"offset", LMP_PARAM_NUMBER, offsetof(delta_f_params, offset), "0", -1e12, 1e12, "", NULL,
     "What the camera gives without light, in units of the movie: taken from the denominator."},
    {0},
};

typedef struct delta_f_shared {
    lmp_format format;
    reference_image image; /* F0, NaN where F0 - offset is not positive */
    double offset;
    int64_t refused;
} delta_f_shared;

typedef struct delta_f_lane {
    int64_t first; /* number of the band's first value in the image */
} delta_f_lane;

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const delta_f_params *p = values;
    plan->out.format.type = LMP_FLOAT32;
    plan->lane_bytes = sizeof(delta_f_lane);
    plan->shared_bytes = sizeof(delta_f_shared) + reference_bytes(&in->format);
    return reference_plan_range("delta-f", p->stat, &p->range, in, plan, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const delta_f_params *p = values;
    void *memory;
    const lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    delta_f_shared *s = memory;
    *s = (delta_f_shared){.format = in->format, .offset = p->offset};
    s->image = (reference_image){.format = in->format, .values = (double *)(s + 1)};
    *shared = s;
    return LMP_OK;
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)lane, (void)err;
    delta_f_shared *s = shared;
    reference_learn(&s->image, in);
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    delta_f_shared *s = shared;
    const int64_t n = (int64_t)(reference_bytes(&s->format) / sizeof(double));
    for (int64_t i = 0; i < n; i++)
        if (!(s->image.values[i] - s->offset > 0)) {
            s->image.values[i] = (double)NAN;
            s->refused++;
        }
    return LMP_OK;
}

static lmp_status lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const delta_f_shared *s = shared;
    void *memory;
    const lmp_status status = lmp_take(budget, sizeof(delta_f_lane), &memory, err);
    if (status != LMP_OK) return status;
    delta_f_lane *l = memory;
    l->first = band_of(&s->format, lane).first;
    *state = l;
    return LMP_OK;
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)scratch, (void)ended, (void)err;
    const delta_f_shared *s = shared;
    const delta_f_lane *l = state;
    const int64_t values = in->rows * in->width * in->n_colours;
    double x[SLIDING_VALUES];
    for (int64_t k = 0; k < in->count; k++)
        for (int64_t first = 0; first < values; first += SLIDING_VALUES) {
            const int64_t n = values - first < SLIDING_VALUES ? values - first : SLIDING_VALUES;
            const char *from = (const char *)in->data + (size_t)k * in->stride;
            float *y = (float *)(void *)((char *)out->data + (size_t)k * out->stride) + first;
            const double *f = s->image.values + l->first + first;
            (void)sliding_load(in->type, from + (size_t)first * lmp_type_bytes(in->type), 1.0, x, n);
            for (int64_t i = 0; i < n; i++) y[i] = (float)((x[i] - f[i]) / (f[i] - s->offset));
        }
    return LMP_OK;
}

static void lane_close(const void *shared, void *state, lmp_budget *budget)
{
    (void)shared;
    lmp_give(budget, state);
}

static void record(const void *shared, lmp_record *out)
{
    const delta_f_shared *s = shared;
    lmp_record_number(out, "pixels_without_baseline", (double)s->refused);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_delta_f = {
    .struct_size = sizeof(lmp_step),
    .name = "delta-f",
    .summary = "Relative change of fluorescence, dF/F, against a baseline image.",
    .doc = "    y = (x - F0) / (F0 - offset)\n\n"
           "F0 is a statistic of each pixel over the frames of `range`: by default the tenth percentile of the whole "
           "movie, which brief events hardly move. `offset` is what the camera gives without light; it cancels in the "
           "numerator (K. Svoboda et al., *Nature* 385, 1997, for the measure; H. Jia et al., *Nature Protocols* 6, "
           "2011, for the baseline).\n\n"
           "Where `F0 - offset` is not positive there is no baseline: the result is NaN, and the record counts these "
           "pixels.\n\n"
           "**NaN** of a frame stays NaN; the baseline ignores NaN.\n\n"
           "**Number types.** Computed in double, given as float32. **Memory.** 8 bytes a pixel; while learning, a "
           "median or percentile keeps all frames of the range (within a limit in bands of rows).\n",
    .known_as = "dF/F, delta F over F, F over F0, detrend_df_f (CaImAn)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(delta_f_params),
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
