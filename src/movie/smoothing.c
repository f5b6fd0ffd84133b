/* SPDX-License-Identifier: BSD-3-Clause
 *
 * smoothing.c: one frame by one of several methods.
 */
#include "movie/smoothing.h"

#include <math.h>

typedef struct smoothing_shared {
    frame_counts *counts; /* missing pixels */
    smoothing todo;
    image_values values;
    float weights[4 * SMOOTHING_MOST_RADIUS + 1];
} smoothing_shared;

lmp_status smoothing_radius(const char *step, int64_t size, int64_t fallback, int64_t *radius, lmp_error *err)
{
    *radius = ((size == LMP_AUTO_INTEGER ? fallback : size) - 1) / 2;
    if (size == LMP_AUTO_INTEGER || size % 2 == 1) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s: size=%lld has no pixel in the middle: give an odd number", step,
                    (long long)size);
}

/* ---- Planning ---- */

static image_values values_of(lmp_type type)
{
    const size_t bytes = lmp_type_bytes(type);
    double low, high;
    type_range(type, &low, &high);
    return (image_values){.bits = bytes <= 2 ? (int)(8 * bytes) : 0, .lowest = bytes <= 2 ? (int32_t)low : 0};
}

static size_t scratch_bytes(const smoothing *s, const lmp_format *in)
{
    const image_size size = {in->height, in->width, in->n_colours};
    switch (s->method) {
    case SMOOTH_GAUSSIAN:
        return image_gaussian_scratch(size, gaussian_radius(s->sigma));
    case SMOOTH_BOX:
        return image_box_scratch(size);
    case SMOOTH_MEDIAN:
        return image_median_scratch(values_of(in->type), size, s->radius);
    case SMOOTH_ANISOTROPIC:
        return image_diffuse_scratch(size);
    case SMOOTH_BILATERAL:
        return image_bilateral_scratch(size, s->radius);
    }
    return 0;
}

static bool changes_nothing(const smoothing *s)
{
    if (s->method == SMOOTH_ANISOTROPIC) return s->diffusion.iterations == 0;
    return s->method == SMOOTH_GAUSSIAN ? gaussian_radius(s->sigma) == 0 : s->radius == 0;
}

lmp_status smoothing_plan(const char *step, smoothing_choose *choose, const void *values, const lmp_stream *in,
                          lmp_step_plan *plan, lmp_error *err)
{
    smoothing s;
    const lmp_status status = choose(values, &s, err);
    if (status != LMP_OK) return status;
    if (s.method == SMOOTH_BILATERAL && isnan(s.sigma_value))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: method=bilateral needs sigma-value, in the movie's values", step);
    plan->keeps_type = true;
    plan->is_identity = changes_nothing(&s);
    plan->shared_bytes = frame_step_bytes(sizeof(smoothing_shared));
    plan->scratch_bytes = scratch_bytes(&s, &in->format);
    return LMP_OK;
}

/* ---- Working ---- */

lmp_status smoothing_open(smoothing_choose *choose, const void *values, const lmp_stream *in, lmp_budget *budget,
                          void **shared, lmp_error *err)
{
    smoothing_shared made = {.values = values_of(in->format.type)};
    const lmp_status status = choose(values, &made.todo, err);
    if (status != LMP_OK) return status;
    if (made.todo.method == SMOOTH_GAUSSIAN) gaussian_weights(made.todo.sigma, made.weights);
    return frame_step_open(budget, &made, sizeof made, shared, err);
}

static void smooth_frame(const smoothing_shared *shared, const float *from, image_size size, void *scratch, float *to)
{
    const smoothing *s = &shared->todo;
    const int64_t missing = image_count_missing(from, size.height * size.width * size.n_colours);
    if (missing > 0) atomic_fetch_add(&shared->counts->first, missing);
    switch (s->method) {
    case SMOOTH_GAUSSIAN:
        image_gaussian(from, size, shared->weights, gaussian_radius(s->sigma), scratch, to);
        break;
    case SMOOTH_BOX:
        image_box(from, size, s->radius, scratch, to);
        break;
    case SMOOTH_MEDIAN:
        image_median(from, size, s->radius, shared->values, scratch, to);
        break;
    case SMOOTH_BILATERAL:
        image_bilateral(from, size, s->radius, s->sigma, s->sigma_value, scratch, to);
        break;
    case SMOOTH_ANISOTROPIC:
        image_diffuse(from, size, s->diffusion, scratch, to);
        break;
    }
}

lmp_status smoothing_process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                    lmp_error *err)
{
    (void)err;
    const image_size size = {in->rows, in->width, in->n_colours};
    for (int64_t i = 0; i < out->count; i++) smooth_frame(shared, frame_in(in, i), size, scratch, frame_out(out, i));
    return LMP_OK;
}

void smoothing_record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "missing_values_ignored", frame_count_first(shared));
}
