/* SPDX-License-Identifier: BSD-3-Clause
 *
 * smooth.c: smooth each frame.
 */
#include "movie/smoothing.h"

#include <math.h>

typedef struct smooth_params {
    int64_t method;
    double sigma;
    int64_t size;
    double sigma_value;
} smooth_params;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(smooth_params, method), "gaussian", 0, 0, "", "gaussian|box|median|bilateral",
     "gaussian and box: weighted mean and mean of the neighbourhood; median: takes single pixels away, keeps edges; "
     "bilateral: smooths, keeps edges."},
    {"sigma", LMP_PARAM_NUMBER, offsetof(smooth_params, sigma), "1", 0.01, SMOOTHING_MOST_RADIUS, "px", NULL,
     "gaussian, bilateral: standard deviation in pixels."},
    {"size", LMP_PARAM_INTEGER, offsetof(smooth_params, size), "auto", 1, 2 * SMOOTHING_MOST_RADIUS + 1, "px", "auto",
     "box, median, bilateral: side of the window, odd; auto: 3, or as sigma needs for bilateral."},
    {"sigma-value", LMP_PARAM_NUMBER, offsetof(smooth_params, sigma_value), "auto", 1e-12, 1e12, "", "auto",
     "bilateral: differences of values well above this are kept; must be given."},
    {0},
};

/* Methods stand in the order of smoothing_method. */
static lmp_status choose(const void *values, smoothing *made, lmp_error *err)
{
    const smooth_params *p = values;
    const int64_t fallback = p->method == SMOOTH_BILATERAL ? 2 * (int64_t)ceil(3 * p->sigma) + 1 : 3;
    *made = (smoothing){.method = (smoothing_method)p->method, .sigma = p->sigma, .sigma_value = p->sigma_value};
    if (p->method == SMOOTH_GAUSSIAN && p->size != LMP_AUTO_INTEGER)
        return lmp_fail(err, LMP_ERR_USAGE, "smooth: the size of a gaussian is given by sigma");
    return smoothing_radius("smooth", p->size, fallback, &made->radius, err);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return smoothing_plan("smooth", choose, values, in, plan, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    return smoothing_open(choose, values, in, budget, shared, err);
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
           "in single precision, and time grows with the area of the window. Of colours, the difference is "
           "Euclidean\n\n" SMOOTHING_EDGES "\n\n" SMOOTHING_TYPES,
    .known_as =
        "Gaussian Blur, Mean, Median (ImageJ; circular windows), GaussianBlur, blur, medianBlur, bilateralFilter "
        "(OpenCV), gaussian_filter, uniform_filter, median_filter (SciPy)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(smooth_params),
    .plan = plan,
    .open = open_shared,
    .record = smoothing_record,
    .close = frame_step_close,
    .process_images = smoothing_process_images,
};
