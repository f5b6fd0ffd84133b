/* SPDX-License-Identifier: BSD-3-Clause
 *
 * grey.c: one value per pixel from red, green and blue.
 */
#include "movie/frame_step.h"

#include <math.h>

enum { METHOD_LUMA, METHOD_MEAN, METHOD_MAX, METHOD_RED, METHOD_GREEN, METHOD_BLUE };

typedef struct grey_params {
    int64_t method;
} grey_params;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(grey_params, method), "luma", 0, 0, "", "luma|mean|max|red|green|blue",
     "luma: 0.299 R + 0.587 G + 0.114 B; mean or max of the three; or one of them."},
    {0},
};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values, (void)err;
    plan->is_identity = in->format.n_colours == 1;
    plan->out.format.n_colours = 1;
    plan->keeps_type = true;
    plan->shared_bytes = sizeof(grey_params);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const lmp_status status = lmp_take(budget, sizeof(grey_params), shared, err);
    if (status == LMP_OK) *(grey_params *)*shared = *(const grey_params *)values;
    return status;
}

/* Products and sums of integers up to 16 bits are exact in double. */
static float luma(const float *p)
{
    return (float)((299.0 * (double)p[0] + 587.0 * (double)p[1] + 114.0 * (double)p[2]) / 1000.0);
}

static float mean(const float *p)
{
    return (float)(((double)p[0] + (double)p[1] + (double)p[2]) / 3.0);
}

static float max(const float *p)
{
    if (isnan(p[0]) || isnan(p[1]) || isnan(p[2])) return NAN;
    const float most = p[0] > p[1] ? p[0] : p[1];
    return most > p[2] ? most : p[2];
}

static void grey_frame(int64_t method, const float *from, int64_t n, float *to)
{
    switch (method) {
    case METHOD_LUMA:
        for (int64_t i = 0; i < n; i++) to[i] = luma(from + 3 * i);
        break;
    case METHOD_MEAN:
        for (int64_t i = 0; i < n; i++) to[i] = mean(from + 3 * i);
        break;
    case METHOD_MAX:
        for (int64_t i = 0; i < n; i++) to[i] = max(from + 3 * i);
        break;
    default:
        for (int64_t i = 0; i < n; i++) to[i] = from[3 * i + method - METHOD_RED];
    }
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    for (int64_t i = 0; i < out->count; i++)
        grey_frame(((const grey_params *)shared)->method, frame_in(in, i), frame_values(out), frame_out(out, i));
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_grey = {
    .struct_size = sizeof(lmp_step),
    .name = "grey",
    .summary = "One value per pixel from red, green and blue.",
    .doc =
        "- `luma`: `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601), as JPEG and video count brightness\n"
        "- `mean`: `(R + G + B) / 3`\n"
        "- `max`: the largest of the three\n"
        "- `red`, `green`, `blue`: that one\n\n"
        "The number type stays; integers are rounded to nearest (other programs with fixed-point weights may differ by "
        "one). A pixel with a NaN colour is NaN, unless another single colour is taken. A movie without colours passes "
        "unchanged.\n",
    .known_as = "Image > Type > 8-bit, RGB to Luminance (ImageJ), cvtColor (OpenCV), rgb2gray (scikit-image; other "
                "weights), Grayscale (BLITZ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(grey_params),
    .plan = plan,
    .open = open_shared,
    .close = close_shared,
    .process_images = process_images,
};
