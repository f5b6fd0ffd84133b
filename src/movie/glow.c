/* SPDX-License-Identifier: BSD-3-Clause
 *
 * glow.c: takes the least value that each pixel ever has away from it.
 */
#include "kernels/compare.h"
#include "math/image_tophat.h"
#include "movie/frame_step.h"
#include "movie/load.h"
#include "movie/reference.h"

typedef struct glow_params {
    lmp_frame_range range;
} glow_params;

static const lmp_param params[] = {
    {"range", LMP_PARAM_FRAMES, offsetof(glow_params, range), ":", 0, 0, "", NULL,
     "Frames among which the least value is sought, counted from 0."},
    {0},
};

typedef struct glow_shared {
    lmp_format in;
    bool is_exact;
    reference_image image; /* the minimum, as double */
    void *minimum;         /* and in the type of the movie, if it is subtracted in that */
} glow_shared;

/* A minimum over all frames is below none of them; it is known exactly up to 53 bits. */
static lmp_status find_exact(const glow_params *p, const lmp_format *in, bool *is_exact, lmp_error *err)
{
    int64_t first = 0, count = 0;
    const lmp_status status = lmp_frame_range_fit(&p->range, in->n_times, "glow", &first, &count, err);
    *is_exact = count == in->n_times && in->type != LMP_INT64 && in->type != LMP_UINT64;
    return status;
}

static size_t minimum_bytes(const lmp_format *in)
{
    return (size_t)(in->height * in->width * in->n_colours) * lmp_type_bytes(in->type);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const glow_params *p = values;
    bool is_exact;
    const lmp_status status = find_exact(p, &in->format, &is_exact, err);
    if (status != LMP_OK) return status;
    lmp_plan_warn(plan, "glow: the subtracted minimum does not move with the tissue and pulls estimates of motion "
                        "towards zero: estimate motion on the movie without glow, and put glow behind the correction");
    plan->out.format.type = is_exact ? tophat_type(in->format.type) : LMP_FLOAT32;
    plan->shared_bytes =
        sizeof(glow_shared) + reference_bytes(&in->format) + (is_exact ? minimum_bytes(&in->format) : 0);
    return reference_plan_range("glow", "min", &p->range, in, plan, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    void *memory;
    lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    glow_shared *s = memory;
    *s = (glow_shared){.in = in->format, .image = {.format = in->format, .values = (double *)(s + 1)}};
    s->minimum = (char *)(s + 1) + reference_bytes(&in->format);
    status = find_exact(values, &in->format, &s->is_exact, err);
    if (status != LMP_OK)
        lmp_give(budget, s);
    else
        *shared = s;
    return status;
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)lane, (void)err;
    reference_learn(&((glow_shared *)shared)->image, in);
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    const glow_shared *s = shared;
    if (!s->is_exact) return LMP_OK;
    const int64_t n = s->in.height * s->in.width * s->in.n_colours;
    switch (s->in.type) {
#define STORE(code, c)                                                                                                 \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((c *)s->minimum)[i] = (c)s->image.values[i];                                  \
        break;
        MOVIE_TYPES(STORE)
    case LMP_INT24:
        break;
    }
    return LMP_OK;
}

/* The bits of the difference of two numbers of `bytes` are those of their unsigned images. */
static void subtract_integers(size_t bytes, const void *x, const void *less, int64_t n, void *y)
{
#define SUBTRACT(c)                                                                                                    \
    for (int64_t i = 0; i < n; i++) ((c *)y)[i] = (c)(((const c *)x)[i] - ((const c *)less)[i])
    if (bytes == 1)
        SUBTRACT(uint8_t);
    else if (bytes == 2)
        SUBTRACT(uint16_t);
    else
        SUBTRACT(uint32_t);
}

static void subtract_floats(lmp_type type, const void *x, const void *less, int64_t n, void *y)
{
    if (type == LMP_FLOAT32)
        SUBTRACT(float);
    else
        SUBTRACT(double);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    const glow_shared *s = shared;
    const int64_t n = frame_values(in);
    for (int64_t i = 0; i < out->count; i++) {
        if (!s->is_exact)
            compare_values(in->type, frame_in(in, i), s->image.values, NULL, frame_out(out, i), n);
        else if (type_is_float(in->type))
            subtract_floats(in->type, frame_in(in, i), s->minimum, n, frame_out(out, i));
        else
            subtract_integers(lmp_type_bytes(in->type), frame_in(in, i), s->minimum, n, frame_out(out, i));
    }
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_glow = {
    .struct_size = sizeof(lmp_step),
    .name = "glow",
    .summary = "Subtract the least value that each pixel has over time: static glow.",
    .doc = "    y(t) = x(t) - min over t' of x(t')\n\n"
           "Where nothing moves, the minimum of a pixel is what shines there always: vignette, glow of the optics, "
           "resting fluorescence. What is left is activity, and the noise, raised by its own extreme: the minimum of "
           "n frames lies below their mean by about `sigma sqrt(2 ln n)`. `subtract stat=p5` is gentler.\n\n"
           "**Not before an estimate of motion.** The minimum image belongs to the sensor: dark where any tissue ever "
           "was dark, it does not move. Subtracted, it stays in each frame as a negative, unmoving ghost, and pulls "
           "the peak of a correlation towards zero shift: on simulated miniscope movies with exact truth, shifts "
           "of up to 15 pixels came out about 10 % too small. If motion is small (3 pixels), the minimum takes nearly "
           "all static tissue away, and what is left, blinking cells and noise, has little to hold on to: the error "
           "was larger than without any correction. The same estimates on the same movies without this step were "
           "several times more exact. So: estimate on the movie without it, correct, then take the glow away. A "
           "warning says so.\n\n"
           "`range` limits the frames among which the minimum is sought. Reads the movie once more, before.\n\n"
           "**Number types.** With all frames no result is negative, and the subtraction is exact: the type stays, "
           "but signed integers become unsigned ones of the same width, which hold every difference. 64-bit integers, "
           "and any type with a `range` that leaves frames out (they may lie below the minimum), give float32, as "
           "`subtract` does.\n\n"
           "**NaN** of a frame stays NaN; the minimum ignores NaN.\n",
    .known_as = "glow removal, varr - varr.min(\"frame\") (Minian)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(glow_params),
    .plan = plan,
    .open = open_shared,
    .learn_rows = learn_rows,
    .learned = learned,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
};
