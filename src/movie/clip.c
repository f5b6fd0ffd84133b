/* SPDX-License-Identifier: BSD-3-Clause
 *
 * clip.c: limit values, in their own number type.
 */
#include "movie/frame_step.h"
#include "movie/load.h"

#include <math.h>

typedef struct clip_params {
    double low, high;
} clip_params;

typedef struct limits {
    frame_counts *counts; /* below, above */
    double low, high;     /* of integers: whole, within the type */
} limits;

static const lmp_param params[] = {
    {"low", LMP_PARAM_NUMBER, offsetof(clip_params, low), "auto", -1e300, 1e300, "", "auto",
     "Lower values become this; auto: no limit."},
    {"high", LMP_PARAM_NUMBER, offsetof(clip_params, high), "auto", -1e300, 1e300, "", "auto",
     "Higher values become this; auto: no limit."},
    {0},
};

static lmp_status fit_limit(lmp_type type, const char *name, double *limit, lmp_error *err)
{
    double low, high;
    type_range(type, &low, &high);
    if (type_is_float(type)) {
        if (type == LMP_FLOAT32 && isfinite(*limit)) *limit = (double)(float)*limit;
        return LMP_OK;
    }
    if (*limit == floor(*limit) && *limit >= low && *limit <= high && *limit < 0x1p63) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "clip: %s=%g is no number of the movie's type %s: convert it before", name,
                    *limit, type_name(type));
}

static lmp_status find_limits(const clip_params *p, lmp_type type, limits *made, lmp_error *err)
{
    lmp_status status = LMP_OK;
    *made = (limits){.low = -(double)INFINITY, .high = (double)INFINITY};
    if (!isnan(p->low)) made->low = p->low;
    if (!isnan(p->high)) made->high = p->high;
    if (!isnan(p->low)) status = fit_limit(type, "low", &made->low, err);
    if (status == LMP_OK && !isnan(p->high)) status = fit_limit(type, "high", &made->high, err);
    if (status != LMP_OK) return status;
    if (made->low > made->high)
        return lmp_fail(err, LMP_ERR_USAGE, "clip: low=%g lies above high=%g", made->low, made->high);
    return LMP_OK;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const clip_params *p = values;
    limits unused;
    if (isnan(p->low) && isnan(p->high)) return lmp_fail(err, LMP_ERR_USAGE, "clip needs low, high, or both");
    plan->shared_bytes = frame_step_bytes(sizeof(limits));
    return find_limits(p, in->format.type, &unused, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    limits l;
    const lmp_status status = find_limits(values, in->format.type, &l, err);
    return status == LMP_OK ? frame_step_open(budget, &l, sizeof l, shared, err) : status;
}

/* NaN is neither below nor above. */
#define CLIP(name, c)                                                                                                  \
    case name: {                                                                                                       \
        const c *x = from;                                                                                             \
        c *y = to;                                                                                                     \
        const bool has_low = isfinite(l->low), has_high = isfinite(l->high);                                           \
        const c low = has_low ? (c)l->low : 0, high = has_high ? (c)l->high : 0;                                       \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const bool is_below = has_low & (x[i] < low), is_above = has_high & (x[i] > high);                         \
            below += is_below;                                                                                         \
            above += is_above;                                                                                         \
            y[i] = is_below ? low : is_above ? high : x[i];                                                            \
        }                                                                                                              \
        break;                                                                                                         \
    }

static void clip_frame(const limits *l, lmp_type type, const void *from, int64_t n, void *to)
{
    int64_t below = 0, above = 0;
    switch (type) {
        MOVIE_TYPES(CLIP)
    case LMP_INT24:
        break;
    }
    if (below > 0) atomic_fetch_add(&l->counts->first, below);
    if (above > 0) atomic_fetch_add(&l->counts->second, above);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    for (int64_t i = 0; i < out->count; i++)
        clip_frame(shared, in->type, frame_in(in, i), frame_values(in), frame_out(out, i));
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "values_below", frame_count_first(shared));
    lmp_record_number(record, "values_above", frame_count_second(shared));
}

const lmp_step lmp_step_clip = {
    .struct_size = sizeof(lmp_step),
    .name = "clip",
    .summary = "Limit values to a range.",
    .doc =
        "`y = min(max(x, low), high)`, in the movie's own number type; limits of integer movies are whole numbers of "
        "that type. NaN stays NaN. The record counts what was changed (`values_below`, `values_above`).\n",
    .known_as = "Process > Math > Min, Max (ImageJ), clip (NumPy)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(clip_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .takes_any_type = true,
    .process_images = process_images,
};
