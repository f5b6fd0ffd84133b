/* SPDX-License-Identifier: BSD-3-Clause
 *
 * smooth.c: smooth each frame.
 */
#include "movie/frame_step.h"

#include "math/image_median.h"
#include "math/image_smooth.h"

#include <math.h>
#include <string.h>

enum { METHOD_GAUSSIAN, METHOD_BOX, METHOD_MEDIAN, METHOD_BILATERAL };
enum { MOST_RADIUS = 1000 };

typedef struct smooth_params {
    int64_t method;
    double sigma;
    int64_t size;
    double sigma_value;
} smooth_params;

typedef struct smoothing {
    frame_counts *counts; /* missing pixels */
    int64_t method, radius;
    double sigma, sigma_value;
    image_values values;
    float weights[4 * MOST_RADIUS + 1];
} smoothing;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(smooth_params, method), "gaussian", 0, 0, "", "gaussian|box|median|bilateral",
     "gaussian and box: weighted mean and mean of the neighbourhood; median: takes single pixels away, keeps edges; "
     "bilateral: smooths, keeps edges."},
    {"sigma", LMP_PARAM_NUMBER, offsetof(smooth_params, sigma), "1", 0.01, MOST_RADIUS, "px", NULL,
     "gaussian, bilateral: standard deviation in pixels."},
    {"size", LMP_PARAM_INTEGER, offsetof(smooth_params, size), "auto", 1, 2 * MOST_RADIUS + 1, "px", "auto",
     "box, median, bilateral: side of the window, odd; auto: 3, or as sigma needs for bilateral."},
    {"sigma-value", LMP_PARAM_NUMBER, offsetof(smooth_params, sigma_value), "auto", 1e-12, 1e12, "", "auto",
     "bilateral: differences of values well above this are kept; must be given."},
    {0},
};

static int64_t radius_of(const smooth_params *p)
{
    if (p->method == METHOD_GAUSSIAN) return gaussian_radius(p->sigma);
    if (p->size != LMP_AUTO_INTEGER) return (p->size - 1) / 2;
    return p->method == METHOD_BILATERAL ? (int64_t)ceil(3 * p->sigma) : 1;
}

static image_values values_of(lmp_type type)
{
    const size_t bytes = lmp_type_bytes(type);
    double low, high;
    type_range(type, &low, &high);
    return (image_values){.bits = bytes <= 2 ? (int)(8 * bytes) : 0, .lowest = bytes <= 2 ? (int32_t)low : 0};
}

static image_size size_of(const lmp_format *format)
{
    return (image_size){format->height, format->width, format->n_colours};
}

static size_t scratch_bytes(const smooth_params *p, const lmp_format *in)
{
    if (p->method == METHOD_GAUSSIAN) return image_gaussian_scratch(size_of(in), radius_of(p));
    if (p->method == METHOD_BOX) return image_box_scratch(size_of(in));
    return p->method == METHOD_MEDIAN ? image_median_scratch(values_of(in->type), size_of(in), radius_of(p)) : 0;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const smooth_params *p = values;
    if (p->size != LMP_AUTO_INTEGER && p->size % 2 == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "smooth: size=%lld has no pixel in the middle: give an odd number",
                        (long long)p->size);
    if (p->method == METHOD_GAUSSIAN && p->size != LMP_AUTO_INTEGER)
        return lmp_fail(err, LMP_ERR_USAGE, "smooth: the size of a gaussian is given by sigma");
    if (p->method == METHOD_BILATERAL && isnan(p->sigma_value))
        return lmp_fail(err, LMP_ERR_USAGE, "smooth: method=bilateral needs sigma-value, in the movie's values");
    plan->keeps_type = true;
    plan->is_identity = radius_of(p) == 0;
    plan->shared_bytes = frame_step_bytes(sizeof(smoothing));
    plan->scratch_bytes = scratch_bytes(p, &in->format);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    const smooth_params *p = values;
    smoothing s = {.method = p->method,
                   .radius = radius_of(p),
                   .sigma = p->sigma,
                   .sigma_value = p->sigma_value,
                   .values = values_of(in->format.type)};
    if (p->method == METHOD_GAUSSIAN) gaussian_weights(p->sigma, s.weights);
    return frame_step_open(budget, &s, sizeof s, shared, err);
}

static void smooth_frame(const smoothing *s, const float *from, image_size size, void *scratch, float *to)
{
    const int64_t missing = image_count_missing(from, size.height * size.width * size.n_colours);
    if (missing > 0) atomic_fetch_add(&s->counts->first, missing);
    if (s->method == METHOD_GAUSSIAN) image_gaussian(from, size, s->weights, s->radius, scratch, to);
    if (s->method == METHOD_BOX) image_box(from, size, s->radius, scratch, to);
    if (s->method == METHOD_MEDIAN) image_median(from, size, s->radius, s->values, scratch, to);
    if (s->method == METHOD_BILATERAL) image_bilateral(from, size, s->radius, s->sigma, s->sigma_value, to);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    const image_size size = {in->rows, in->width, in->n_colours};
    for (int64_t i = 0; i < out->count; i++) smooth_frame(shared, frame_in(in, i), size, scratch, frame_out(out, i));
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "missing_values_ignored", frame_count_first(shared));
}

const lmp_step lmp_step_smooth = {
    .struct_size = sizeof(lmp_step),
    .name = "smooth",
    .summary = "Smooth each frame.",
    .doc = "- `gaussian`: weights `exp(-d^2 / (2 sigma^2))` up to 4 sigma, in single precision\n"
           "- `box`: mean of `size` x `size` pixels; as fast for large windows as for small ones. Sums in double "
           "precision\n"
           "- `median`: exact median of `size` x `size` pixels, of each colour by itself\n"
           "- `bilateral`: weights `exp(-d^2 / (2 sigma^2)) * exp(-(x - x0)^2 / (2 sigma-value^2))` over `size` x "
           "`size` pixels, "
           "by default up to 3 sigma (Tomasi and Manduchi 1998, \"Bilateral filtering for gray and color images\"); "
           "computed "
           "directly, and so slow. Of colours, the difference is Euclidean\n\n"
           "Beyond the edge the frame goes on mirrored: `d c b | a b c d | c b a` (`mirror` in SciPy, "
           "BORDER_REFLECT_101 in "
           "OpenCV).\n\n"
           "The number type stays; integers are rounded to nearest (32- and 64-bit integers are computed as float32, "
           "with 24 "
           "bits). NaN and infinite pixels take no part in their neighbours' result, stay what they are, and are "
           "counted in "
           "the record (`missing_values_ignored`).\n",
    .known_as =
        "Gaussian Blur, Mean, Median (ImageJ; circular windows), GaussianBlur, blur, medianBlur, bilateralFilter "
        "(OpenCV), gaussian_filter, uniform_filter, median_filter (SciPy)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(smooth_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .process_images = process_images,
};
