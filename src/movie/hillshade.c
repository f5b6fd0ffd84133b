/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hillshade.c: frames as landscapes, lit from one side.
 */
#include "movie/frame_step.h"

#include <math.h>
#include <string.h>

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

/* The neighbours of a stretch of a row. */
typedef struct stretch {
    const float *left, *right, *above, *below;
    double over_x, over_y; /* pixels from one to the other: 1 or 2; 0: there is none */
} stretch;

enum { TILE = 64 };

static void take_slopes(const float *before, const float *behind, double over, double z, int64_t n, double *slopes)
{
    if (over == 0) {
        memset(slopes, 0, (size_t)n * sizeof *slopes);
        return;
    }
    for (int64_t x = 0; x < n; x++) slopes[x] = z * (((double)behind[x] - (double)before[x]) / over);
}

/* In loops so simple that many pixels go through each at once. */
static void shade_tile(const light *l, const float *heights, const stretch *s, int64_t at, int64_t n, float *to)
{
    double zx[TILE], zy[TILE];
    take_slopes(s->left + at, s->right + at, s->over_x, l->z, n, zx);
    take_slopes(s->above + at, s->below + at, s->over_y, l->z, n, zy);
    for (int64_t x = 0; x < n; x++) {
        const double shade = (l->up - zx[x] * l->x - zy[x] * l->y) / sqrt(zx[x] * zx[x] + zy[x] * zy[x] + 1);
        zx[x] = shade < 0 ? 0 : shade;
    }
    for (int64_t x = 0; x < n; x++) to[x] = (float)zx[x];
    for (int64_t x = 0; x < n; x++) to[x] = heights[x] == heights[x] ? to[x] : NAN;
}

static void shade_stretch(const light *l, const float *heights, stretch s, int64_t n, float *to)
{
    for (int64_t at = 0; at < n; at += TILE)
        shade_tile(l, heights + at, &s, at, n - at < TILE ? n - at : TILE, to + at);
}

/* Central differences; one-sided at the edges. */
static void shade_row(const light *l, const float *row, const float *above, const float *below, double over_y,
                      int64_t width, float *to)
{
    const int64_t last = width - 1;
    const stretch inside = {row, row + 2, above + 1, below + 1, 2, over_y};
    const stretch first = {row, row + (last > 0), above, below, last > 0, over_y};
    const stretch end = {row + last - 1, row + last, above + last, below + last, 1, over_y};
    shade_stretch(l, row, first, 1, to);
    if (last > 1) shade_stretch(l, row + 1, inside, width - 2, to + 1);
    if (last > 0) shade_stretch(l, row + last, end, 1, to + last);
}

static void shade_frame(const light *l, const float *from, int64_t width, int64_t height, float *to)
{
    for (int64_t y = 0; y < height; y++, from += width, to += width) {
        const int64_t before = y > 0, behind = y + 1 < height;
        shade_row(l, from, from - before * width, from + behind * width, (double)(before + behind), width, to);
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
