/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rotate.c: turn frames clockwise; quarter turns move pixels, other angles interpolate.
 */
#include "movie/frame_step.h"
#include "movie/load.h"
#include "movie/turn.h"

#include <math.h>

typedef struct rotate_params {
    double angle, fill;
} rotate_params;

typedef struct rotation {
    frame_counts *counts; /* unused */
    turn how;             /* TURN_NONE: by cosine and sine */
    double cosine, sine;
    float fill;
} rotation;

static const lmp_param params[] = {
    {"angle", LMP_PARAM_NUMBER, offsetof(rotate_params, angle), "90", -360, 360, "degrees", NULL,
     "Clockwise as seen; 90, 180 and 270 are exact, other angles interpolate within the frame's size."},
    {"fill", LMP_PARAM_NUMBER, offsetof(rotate_params, fill), "auto", -1e30, 1e30, "", "auto",
     "What pixels get that come from outside; auto: NaN, or 0 in movies of integers."},
    {0},
};

static double turn_of_circle(double angle)
{
    const double turned = fmod(angle, 360);
    return turned < 0 ? turned + 360 : turned;
}

static rotation rotation_of(const rotate_params *p, lmp_type type)
{
    const double angle = turn_of_circle(p->angle);
    rotation r = {.how = TURN_NONE, .fill = (float)p->fill};
    if (angle == 90) r.how = TURN_QUARTER;
    if (angle == 180) r.how = TURN_HALF;
    if (angle == 270) r.how = TURN_THREE_QUARTERS;
    r.cosine = cos(angle * M_PI / 180);
    r.sine = sin(angle * M_PI / 180);
    if (isnan(p->fill)) r.fill = type_is_float(type) ? NAN : 0.0f;
    return r;
}

static lmp_status check_fill(const rotate_params *p, lmp_type type, lmp_error *err)
{
    double low, high;
    type_range(type, &low, &high);
    const bool fits = isnan(p->fill) || type_is_float(type) || (p->fill >= low && p->fill <= high);
    if (fits) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "rotate: fill=%g does not fit into the movie's %s: convert it before", p->fill,
                    type_name(type));
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const rotate_params *p = values;
    const rotation r = rotation_of(p, in->format.type);
    plan->is_identity = turn_of_circle(p->angle) == 0;
    plan->shared_bytes = frame_step_bytes(sizeof(rotation));
    turn_format(r.how, &plan->out.format);
    if (plan->is_identity || r.how != TURN_NONE) return LMP_OK;
    plan->keeps_type = true;
    plan->scratch_bytes = load_bytes(&in->format);
    return check_fill(p, in->format.type, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    const rotation r = rotation_of(values, in->format.type);
    return frame_step_open(budget, &r, sizeof r, shared, err);
}

/* The pixel at (x, y) of n colours, between its four neighbours; a neighbour without weight is not looked at. */
static void interpolate(const float *from, int64_t w, int64_t h, int64_t n, double x, double y, float *to)
{
    const int64_t x0 = (int64_t)x, y0 = (int64_t)y;
    const float u = (float)(x - (double)x0), v = (float)(y - (double)y0);
    const int64_t right = u > 0 && x0 + 1 < w ? n : 0, down = v > 0 && y0 + 1 < h ? w * n : 0;
    const float *a = from + (y0 * w + x0) * n;
    for (int64_t c = 0; c < n; c++) {
        const float top = a[c] + u * (a[c + right] - a[c]);
        const float low = a[c + down] + u * (a[c + down + right] - a[c + down]);
        to[c] = top + v * (low - top);
    }
}

static void rotate_frame(const rotation *r, const float *from, int64_t w, int64_t h, int64_t n, float *to)
{
    const double cx = (double)(w - 1) / 2, cy = (double)(h - 1) / 2;
    for (int64_t j = 0; j < h; j++) {
        for (int64_t i = 0; i < w; i++, to += n) {
            const double dx = (double)i - cx, dy = (double)j - cy;
            const double x = cx + dx * r->cosine + dy * r->sine, y = cy - dx * r->sine + dy * r->cosine;
            if (x >= 0 && y >= 0 && x <= (double)(w - 1) && y <= (double)(h - 1))
                interpolate(from, w, h, n, x, y, to);
            else
                for (int64_t c = 0; c < n; c++) to[c] = r->fill;
        }
    }
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    const rotation *r = shared;
    if (r->how != TURN_NONE) {
        turn_frames(r->how, in, out);
        return LMP_OK;
    }
    for (int64_t i = 0; i < out->count; i++)
        rotate_frame(r, load_frame(in, i, scratch), in->width, in->rows, in->n_colours, frame_out(out, i));
    return LMP_OK;
}

const lmp_step lmp_step_rotate = {
    .struct_size = sizeof(lmp_step),
    .name = "rotate",
    .summary = "Turn frames clockwise.",
    .doc =
        "By 90, 180 or 270 degrees pixels move and none changes, in any number type; width and height change places "
        "with "
        "a quarter turn.\n\n"
        "Other angles turn about the middle of the frame, `((width - 1) / 2, (height - 1) / 2)`, and keep its size: "
        "the "
        "output pixel at `(dx, dy)` from the middle takes the value at `(dx cos a + dy sin a, -dx sin a + dy cos a)`, "
        "interpolated between the four neighbours (bilinear) in single precision. What comes from outside the "
        "outermost pixel centres gets `fill`. Integers are rounded to nearest. A NaN spreads to the pixels that are "
        "interpolated from it.\n",
    .known_as =
        "Image > Transform > Rotate (ImageJ), warpAffine (OpenCV), ndimage.rotate(order=1, reshape=False) (SciPy; "
        "counts the other way round)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(rotate_params),
    .plan = plan,
    .open = open_shared,
    .close = frame_step_close,
    .takes_any_type = true,
    .process_images = process_images,
};
