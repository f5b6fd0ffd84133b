/* SPDX-License-Identifier: BSD-3-Clause
 *
 * denoise.c: takes noise out of each frame, under the names that users of miniscopes know.
 */
#include "movie/smoothing.h"

#include <math.h>

enum { SIZE = 7 }; /* pixels, unless said */

typedef struct denoise_params {
    int64_t method, size;
    double sigma, sigma_value;
    int64_t niter;
    double kappa, gamma;
    int64_t option;
} denoise_params;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(denoise_params, method), "median", 0, 0, "",
     "median|gaussian|bilateral|anisotropic",
     "median: takes single pixels away, keeps edges; gaussian: weighted mean; bilateral, anisotropic: smooth, keep "
     "edges."},
    {"size", LMP_PARAM_INTEGER, offsetof(denoise_params, size), "auto", 1, 2 * SMOOTHING_MOST_RADIUS + 1, "px", "auto",
     "median, bilateral: side of the window, odd; auto: 7."},
    {"sigma", LMP_PARAM_NUMBER, offsetof(denoise_params, sigma), "1.4", 0.01, SMOOTHING_MOST_RADIUS, "px", NULL,
     "gaussian, bilateral: standard deviation in pixels."},
    {"sigma-value", LMP_PARAM_NUMBER, offsetof(denoise_params, sigma_value), "auto", 1e-12, 1e12, "", "auto",
     "bilateral: differences of values well above this are kept; must be given."},
    {"niter", LMP_PARAM_INTEGER, offsetof(denoise_params, niter), "1", 0, 10000, "", NULL,
     "anisotropic: number of iterations."},
    {"kappa", LMP_PARAM_NUMBER, offsetof(denoise_params, kappa), "50", 1e-12, 1e12, "", NULL,
     "anisotropic: differences of neighbours well above this are kept, in the movie's values."},
    {"gamma", LMP_PARAM_NUMBER, offsetof(denoise_params, gamma), "0.1", 0, 0.25, "", NULL,
     "anisotropic: part of the differences that one iteration levels; more than 0.25 would not be stable."},
    {"option", LMP_PARAM_CHOICE, offsetof(denoise_params, option), "1", 0, 0, "", "1|2|3",
     "anisotropic: how differences resist; 1: exponential, keeps strong edges; 2: rational, keeps wide regions; 3: "
     "Tukey's biweight, keeps edges altogether."},
    {0},
};

static lmp_status choose(const void *values, smoothing *made, lmp_error *err)
{
    const denoise_params *p = values;
    static const smoothing_method methods[] = {SMOOTH_MEDIAN, SMOOTH_GAUSSIAN, SMOOTH_BILATERAL, SMOOTH_ANISOTROPIC};
    *made = (smoothing){.method = methods[p->method],
                        .sigma = p->sigma,
                        .sigma_value = p->sigma_value,
                        .diffusion = {.conductance = (diffuse_conductance)p->option,
                                      .iterations = p->niter,
                                      .kappa = (float)p->kappa,
                                      .gamma = (float)p->gamma}};
    if (made->method == SMOOTH_GAUSSIAN && p->size != LMP_AUTO_INTEGER)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "denoise: the size of a gaussian is given by sigma: leave size=%lld out, or take sigma=%.3g",
                        (long long)p->size, 0.3 * ((double)(p->size - 1) / 2 - 1) + 0.8);
    return smoothing_radius("denoise", p->size, SIZE, &made->radius, err);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return smoothing_plan("denoise", choose, values, in, plan, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    return smoothing_open(choose, values, in, budget, shared, err);
}

const lmp_step lmp_step_denoise = {
    .struct_size = sizeof(lmp_step),
    .name = "denoise",
    .summary = "Take noise out of each frame: median, Gaussian, bilateral or anisotropic diffusion.",
    .doc = "The methods and names of Minian's preprocessing; `median`, `gaussian` and `bilateral` are those of "
           "`smooth`, with other defaults.\n\n"
           "- `median`: exact median of `size` x `size` pixels (Minian's `ksize`, 7 in its notebook)\n"
           "- `gaussian`: weights `exp(-d^2 / (2 sigma^2))` up to 4 sigma. OpenCV takes `sigma = 0.3 ((ksize - 1) / 2 "
           "- 1) + 0.8` for a kernel of `ksize` pixels: the default of 1.4 belongs to 7\n"
           "- `bilateral`: weights `exp(-d^2 / (2 sigma^2)) * exp(-(x - x0)^2 / (2 sigma-value^2))` over `size` x "
           "`size` pixels (OpenCV: `sigmaSpace`, `sigmaColor`, and a circle of diameter `d`); in single "
           "precision, and time grows with the area of the window\n"
           "- `anisotropic`: diffusion that edges resist (P. Perona and J. Malik, *IEEE PAMI* 12, 1990). In each of "
           "`niter` iterations, over the four neighbours q of every pixel p at once,\n\n"
           "      u(p) <- u(p) + gamma * sum g(u(q) - u(p)) (u(q) - u(p))\n\n"
           "  with, of `option` 1, 2 and 3,\n\n"
           "      g(d) = exp(-(d / kappa)^2)\n"
           "      g(d) = 1 / (1 + (d / kappa)^2)\n"
           "      g(d) = (1 - d^2 / (2 kappa^2))^2 / 2 where d^2 <= 2 kappa^2, else 0\n\n"
           "  (the third after M. J. Black et al., *IEEE Trans. Image Processing* 7, 1998). Nothing flows over the "
           "edge, so "
           "the mean of the frame stays. In single precision. The default `kappa` is for movies of 8 bits, and one "
           "iteration with `gamma=0.1` does little; 10 are more usual\n\n"
           "Of the other methods: " SMOOTHING_EDGES " Colours are smoothed each by itself (`bilateral`: together).\n\n"
           "A window as wide as a cell takes the cell away: 7 pixels suit cells of more than 7 pixels. For the "
           "estimate of motion no denoising is needed; the median of 7 moves and flattens what is small.\n\n"
           "**Number types and NaN.** " SMOOTHING_TYPES,
    .known_as = "denoise (Minian), medianBlur, GaussianBlur, bilateralFilter (OpenCV), anisotropic_diffusion (MedPy), "
                "Perona-Malik, Anisotropic Diffusion 2D (ImageJ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(denoise_params),
    .plan = plan,
    .open = open_shared,
    .record = smoothing_record,
    .close = frame_step_close,
    .process_images = smoothing_process_images,
};
