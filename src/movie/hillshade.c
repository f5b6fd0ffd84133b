/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hillshade.c: frames as landscapes, lit from one side.
 */
#include "movie/frame_step.h"

#include <math.h>

typedef struct hillshade_params {
    double azimuth, elevation, z;
} hillshade_params;

typedef struct light {
    frame_counts *counts; /* unused */
    double x, y, up, z;
} light;

static const lmp_param params[] = {
    {"azimuth", LMP_PARAM_NUMBER, offsetof(hillshade_params, azimuth), "315", -360, 360, "degrees", NULL,
     "Where the light comes from: 0 is the top of the image, 90 the right."},
    {"elevation", LMP_PARAM_NUMBER, offsetof(hillshade_params, elevation), "45", 0, 90, "degrees", NULL,
     "Height of the light above the horizon."},
    {"z", LMP_PARAM_NUMBER, offsetof(hillshade_params, z), "1", 1e-12, 1e12, "", NULL,
     "Height of one unit of the values, in pixels."},
    {0},
};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values;
    plan->shared_bytes = frame_step_bytes(sizeof(light));
    return frame_step_needs_grey("hillshade", &in->format, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const hillshade_params *p = values;
    const double azimuth = p->azimuth * M_PI / 180, elevation = p->elevation * M_PI / 180;
    const light l = {
        .x = sin(azimuth) * cos(elevation), .y = -cos(azimuth) * cos(elevation), .up = sin(elevation), .z = p->z};
    return frame_step_open(budget, &l, sizeof l, shared, err);
}

/* Slope between the neighbours of `at` on an axis of n pixels, `step` values apart; one-sided at the ends. */
static inline double slope(const float *centre, int64_t at, int64_t n, int64_t step)
{
    const int64_t before = at > 0 ? step : 0, behind = at + 1 < n ? step : 0;
    const double distance = (double)((at > 0) + (at + 1 < n));
    return distance > 0 ? ((double)centre[behind] - (double)centre[-before]) / distance : 0;
}

static void shade_frame(const light *l, const float *from, int64_t width, int64_t height, float *to)
{
    for (int64_t y = 0; y < height; y++) {
        for (int64_t x = 0; x < width; x++, from++, to++) {
            const double zx = l->z * slope(from, x, width, 1), zy = l->z * slope(from, y, height, width);
            const double shade = (l->up - zx * l->x - zy * l->y) / sqrt(zx * zx + zy * zy + 1);
            *to = isnan(*from) ? NAN : shade < 0 ? 0 : (float)shade;
        }
    }
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    for (int64_t i = 0; i < out->count; i++)
        shade_frame(shared, frame_in(in, i), in->width, in->rows, frame_out(out, i));
    return LMP_OK;
}

const lmp_step lmp_step_hillshade = {
    .struct_size = sizeof(lmp_step),
    .name = "hillshade",
    .summary = "Frames as landscapes, lit from one side.",
    .doc =
        "Values are heights, times `z`. With their slopes `zx` and `zy` (central differences; one-sided at the edges) "
        "the "
        "surface has the normal `(-zx, -zy, 1)`, and the result is the cosine of its angle to the light (Lambert):\n\n"
        "    shade = max(0, (-zx, -zy, 1) . l / |(-zx, -zy, 1)|)\n"
        "    l     = (sin a cos e, -cos a cos e, sin e)\n\n"
        "with azimuth `a`, clockwise from the top of the image, and elevation `e`. The result is float32, 0 to 1. It "
        "is "
        "made from all pixels, whatever is shown of them.\n\nA NaN pixel is NaN, and so are its four neighbours. "
        "Colours "
        "are refused: put `grey` before.\n",
    .known_as = "Hillshade (BLITZ, GDAL), LightSource.hillshade (Matplotlib), Shadows (ImageJ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(hillshade_params),
    .plan = plan,
    .open = open_shared,
    .close = frame_step_close,
    .process_images = process_images,
};
