/* SPDX-License-Identifier: BSD-3-Clause
 *
 * background.c: takes what is wide away from each frame: less the mean around, or less the opening by a disk.
 */
#include "math/image_tophat.h"
#include "movie/frame_step.h"
#include "movie/load.h"

enum { METHOD_UNIFORM, METHOD_TOPHAT };
enum { MOST_SIZE = 2001 };

typedef struct background_params {
    int64_t method, size;
} background_params;

typedef struct background_shared {
    frame_counts *counts; /* missing pixels */
    int64_t method, size;
    size_t loaded_bytes; /* of a frame as float32, in scratch */
} background_shared;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(background_params, method), "tophat", 0, 0, "", "uniform|tophat",
     "uniform: less the mean of the pixels around; tophat: less what is as wide as a disk or wider."},
    {"size", LMP_PARAM_INTEGER, offsetof(background_params, size), "15", 1, MOST_SIZE, "px", NULL,
     "uniform: side of the square, odd; tophat: radius of the disk, at most 500."},
    {0},
};

static image_size size_of(const lmp_format *format)
{
    return (image_size){format->height, format->width, format->n_colours};
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static lmp_status check(const background_params *p, lmp_error *err)
{
    if (p->method == METHOD_UNIFORM && p->size % 2 == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "background: size=%lld has no pixel in the middle: give an odd number",
                        (long long)p->size);
    if (p->method == METHOD_TOPHAT && p->size > TOPHAT_MOST_RADIUS)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "background: a disk of radius size=%lld is too large: give at most %d, or take method=uniform",
                        (long long)p->size, TOPHAT_MOST_RADIUS);
    return LMP_OK;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const background_params *p = values;
    const image_size size = size_of(&in->format);
    const bool is_uniform = p->method == METHOD_UNIFORM;
    const size_t box = aligned(load_bytes(&in->format)) + image_box_scratch(size);
    plan->out.format.type = is_uniform ? LMP_FLOAT32 : tophat_type(in->format.type);
    plan->shared_bytes = frame_step_bytes(sizeof(background_shared));
    plan->scratch_bytes = is_uniform ? box : image_tophat_scratch(in->format.type, size, p->size);
    return check(p, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    const background_params *p = values;
    const background_shared s = {
        .method = p->method, .size = p->size, .loaded_bytes = aligned(load_bytes(&in->format))};
    return frame_step_open(budget, &s, sizeof s, shared, err);
}

static void less_mean(const background_shared *s, const lmp_frames *in, int64_t i, char *scratch, float *out)
{
    const image_size size = {in->rows, in->width, in->n_colours};
    const int64_t n = frame_values(in);
    const float *x = load_frame(in, i, scratch);
    image_box(x, size, s->size / 2, scratch + s->loaded_bytes, out);
    for (int64_t k = 0; k < n; k++) out[k] = x[k] - x[k] == 0 ? x[k] - out[k] : x[k];
}

/* Of floats; a double is missing if it is so in its own type. */
static int64_t count_missing(lmp_type type, const void *frame, int64_t n)
{
    int64_t missing = 0;
    if (type == LMP_FLOAT32) return image_count_missing(frame, n);
    if (type == LMP_FLOAT64)
        for (int64_t i = 0; i < n; i++) missing += !(((const double *)frame)[i] - ((const double *)frame)[i] == 0);
    return missing;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    const background_shared *s = shared;
    const image_size size = {in->rows, in->width, in->n_colours};
    for (int64_t i = 0; i < out->count; i++) {
        const int64_t missing = count_missing(in->type, frame_in(in, i), frame_values(in));
        if (missing > 0) atomic_fetch_add(&s->counts->first, missing);
        if (s->method == METHOD_UNIFORM)
            less_mean(s, in, i, scratch, frame_out(out, i));
        else
            image_tophat(in->type, frame_in(in, i), size, s->size, scratch, frame_out(out, i));
    }
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "missing_values_ignored", frame_count_first(shared));
}

const lmp_step lmp_step_background = {
    .struct_size = sizeof(lmp_step),
    .name = "background",
    .summary = "Take what is wide away from each frame: uneven light, haze, glow.",
    .doc = "The methods and names of Minian's preprocessing; `size` is its `wnd`.\n\n"
           "- `tophat`: the white top-hat, `y = x - opening(x)`. The opening is a dilation of an erosion, both by the "
           "disk of all `(dx, dy)` with `dx^2 + dy^2 <= size^2` (`skimage.morphology.disk(size)`): what is left is "
           "bright and holds no such disk (J. Serra, *Image Analysis and Mathematical Morphology*, 1982). Pixels "
           "beyond the edge take no part, as in OpenCV\n"
           "- `uniform`: `y = x - mean` of the `size` x `size` pixels around. Beyond the edge the frame goes on "
           "mirrored: `d c b | a b c d | c b a`. Values may be negative, and around what is bright there is a dark "
           "rim\n\n"
           "The radius of the disk must be larger than that of the largest cell, or cells are taken for background. "
           "Noise makes the opening lie below the true background by about its extremes in the disk, so `denoise` "
           "comes before.\n\n"
           "A row of the disk costs two comparisons a pixel whatever its length: time grows with the radius, not with "
           "the disk.\n\n"
           "**Number types.** `tophat` is exact: the type stays, but signed integers become unsigned ones of the same "
           "width, which hold every difference (none is negative). `uniform` gives float32, with sums in double.\n\n"
           "**NaN** and infinite pixels take no part in their neighbours' result, stay what they are, and are counted "
           "in the record (`missing_values_ignored`). Colours are taken each by itself.\n",
    .known_as = "remove_background (Minian), morphologyEx MORPH_TOPHAT (OpenCV), white_tophat (scikit-image, SciPy), "
                "Subtract Background (ImageJ: a rolling ball)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(background_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .takes_any_type = true,
    .process_images = process_images,
};
