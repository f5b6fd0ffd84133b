/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stripes.c: takes away what each line of the sensor adds to all of its pixels.
 */
#include "math/image_stripes.h"
#include "movie/frame_step.h"

#include <math.h>
#include <string.h>

enum { ALONG_ROWS = 1, ALONG_COLUMNS = 2 };

typedef struct stripes_params {
    int64_t direction, size;
} stripes_params;

typedef struct stripes_shared {
    frame_counts *counts; /* values put to the ends of the type; missing pixels */
    int64_t window;
    int directions;
    float low, high; /* what the type holds */
    int64_t height, width;
} stripes_shared;

static const lmp_param params[] = {
    {"direction", LMP_PARAM_CHOICE, offsetof(stripes_params, direction), "rows", 0, 0, "", "rows|columns|both",
     "rows: stripes lie along the rows (horizontal); columns: vertical ones; both: rows, then columns."},
    {"size", LMP_PARAM_INTEGER, offsetof(stripes_params, size), "51", 3, 100001, "px", NULL,
     "How many lines, the line itself and its neighbours, tell what is there without stripes; odd."},
    {0},
};

static int directions_of(const stripes_params *p)
{
    static const int directions[] = {ALONG_ROWS, ALONG_COLUMNS, ALONG_ROWS | ALONG_COLUMNS};
    return directions[p->direction];
}

static int64_t longest(const lmp_format *f)
{
    return f->height > f->width ? f->height : f->width;
}

/* Of a frame that has been turned: whole doubles, because offsets lie behind it. */
static size_t turned_bytes(int64_t height, int64_t width)
{
    return (size_t)((height * width + 1) / 2) * sizeof(double);
}

/* Offsets, what finding them needs, and the frame turned. */
static size_t scratch_bytes(int directions, const lmp_format *f)
{
    const size_t rows = line_offsets_scratch(f->height, f->width), columns = line_offsets_scratch(f->width, f->height);
    const size_t turned = turned_bytes(f->height, f->width);
    return (size_t)longest(f) * sizeof(double) + (rows > columns ? rows : columns) +
           ((directions & ALONG_COLUMNS) != 0 ? turned : 0);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const stripes_params *p = values;
    const int directions = directions_of(p);
    const lmp_status status = frame_step_needs_grey("stripes", &in->format, err);
    if (status != LMP_OK) return status;
    if (p->size % 2 == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "stripes: size=%lld has no line in the middle: give an odd number",
                        (long long)p->size);
    if (((directions & ALONG_ROWS) != 0 && in->format.height < STRIPES_LEAST_LINES) ||
        ((directions & ALONG_COLUMNS) != 0 && in->format.width < STRIPES_LEAST_LINES))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "stripes: frames of %lld x %lld pixels have no neighbouring lines to compare with: at least %d "
                        "are needed",
                        (long long)in->format.height, (long long)in->format.width, STRIPES_LEAST_LINES);
    plan->keeps_type = true;
    plan->shared_bytes = frame_step_bytes(sizeof(stripes_shared));
    plan->scratch_bytes = scratch_bytes(directions, &in->format);
    return LMP_OK;
}

/* The floats next to the ends of the type, inside. */
static void find_ends(lmp_type type, float *low, float *high)
{
    double least, most;
    type_range(type, &least, &most);
    *low = type_is_float(type) ? -INFINITY : (float)least;
    *high = type_is_float(type) ? INFINITY : (float)most;
    if (!type_is_float(type) && lmp_type_bytes(type) > 2) *high = nextafterf(*high, 0);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    const stripes_params *p = values;
    stripes_shared s = {
        .window = p->size, .directions = directions_of(p), .height = in->format.height, .width = in->format.width};
    find_ends(in->format.type, &s.low, &s.high);
    return frame_step_open(budget, &s, sizeof s, shared, err);
}

/* Takes the stripes along the rows of an image away, in place. */
static void clean_rows(const stripes_shared *s, float *image, int64_t height, int64_t width, char *scratch)
{
    double *offsets = (double *)(void *)scratch;
    const int64_t most = s->height > s->width ? s->height : s->width;
    line_offsets(image, height, width, s->window, offsets + most, offsets);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) image[y * width + x] = (float)((double)image[y * width + x] - offsets[y]);
}

/* Missing pixels come through both as they are. */
static void keep_within(const stripes_shared *s, const float *from, float *to)
{
    const int64_t n = s->height * s->width;
    int64_t put = 0, missing = 0;
    for (int64_t i = 0; i < n; i++) {
        const bool is_missing = !(from[i] - from[i] == 0), is_low = to[i]<s->low, is_high = to[i]> s->high;
        missing += is_missing;
        put += is_low || is_high;
        to[i] = is_low ? s->low : is_high ? s->high : to[i];
    }
    if (put > 0) atomic_fetch_add(&s->counts->first, put);
    if (missing > 0) atomic_fetch_add(&s->counts->second, missing);
}

static void clean_frame(const stripes_shared *s, const float *from, char *scratch, float *to)
{
    float *turned = (float *)(void *)scratch;
    memcpy(to, from, (size_t)(s->height * s->width) * sizeof *to);
    const bool has_columns = (s->directions & ALONG_COLUMNS) != 0;
    char *rest = scratch + (has_columns ? turned_bytes(s->height, s->width) : 0);
    if ((s->directions & ALONG_ROWS) != 0) clean_rows(s, to, s->height, s->width, rest);
    if (has_columns) {
        image_transpose(to, s->height, s->width, turned);
        clean_rows(s, turned, s->width, s->height, rest);
        image_transpose(turned, s->width, s->height, to);
    }
    keep_within(s, from, to);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    for (int64_t i = 0; i < out->count; i++) clean_frame(shared, frame_in(in, i), scratch, frame_out(out, i));
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "values_put_to_ends_of_type", frame_count_first(shared));
    lmp_record_number(record, "missing_values_ignored", frame_count_second(shared));
}

const lmp_step lmp_step_stripes = {
    .struct_size = sizeof(lmp_step),
    .name = "stripes",
    .summary = "Take away horizontal or vertical stripes that the sensor's readout leaves.",
    .doc =
        "Sensors read lines one after the other; what the line's amplifier or the supply adds at that moment is "
        "added to the whole line. Miniscopes show it as horizontal bands that change from frame to frame, cheap "
        "sensors as vertical ones that stay. Each frame by itself:\n\n"
        "    o(y) = median over x of (x(y, x) - b(y, x)),   y(y, x) = x(y, x) - (o(y) - mean of o)\n\n"
        "The background b is, in each column, the straight line through the `size` lines around y (their mean, but "
        "for lines less than size / 2 from the edge, where the same first or last `size` lines are used). Before "
        "b is fitted, each line gives up the median of what it has above the middle one of itself and its two "
        "neighbours: a single bad line does not pull on those around it. The median along the line leaves cells "
        "and vessels out that cover less than about half of it. The mean level of the frame stays.\n\n"
        "**How exact.** Noise of standard deviation sigma makes an offset wrong by about `1.25 sigma / "
        "sqrt(width)`; on 752 pixels with sigma 3 that is 0.14, so a movie of integers without stripes mostly "
        "comes out bit by bit as it was. Offsets that wander slowly over `size` lines cannot be told from what is "
        "there: of independent offsets of standard deviation s, about `s / sqrt(size)` stays. A larger `size` "
        "leaves less of them, and takes more of broad shading for stripes: light that bends by k a line squared makes "
        "an offset wrong by `k size^2 / 24`, twice that at the edge. Cells add to the error "
        "where "
        "many of them share lines: about 0.15 sigma on a simulated field of which they cover a tenth.\n\n"
        "Minian's `stripe_correction` subtracts the mean of each column or row of the mean (or largest) image over "
        "time, and with it the whole profile of the light; here only what differs from neighbouring lines goes, "
        "frame by frame. For stripes that are the same in all frames, `subtract` from a dark image is better "
        "still.\n\n"
        "**Limits.** What is as straight and as long as a line (an edge of the field of view, a vessel along the "
        "sensor's axis, a rim cut by `crop`) is taken for a stripe. Gain that differs from line to line is not "
        "corrected (`divide`), nor are pixels that the stripe has driven to saturation. Correct stripes "
        "before motion: afterwards they are no longer along the lines. Stripes that never change belong to the "
        "sensor and pull estimates of motion towards zero.\n\n"
        "**Number types.** The type stays, integers are rounded to nearest; computed in double, given by way of "
        "float32. What would lie beyond the ends of an integer type becomes the end; the record counts such values "
        "(`values_put_to_ends_of_type`).\n\n"
        "**NaN** and infinite pixels stay what they are, and are counted (`missing_values_ignored`). Of lines "
        "near them, columns with such a pixel among the `size` lines take no part; a line without any column "
        "left is not corrected.\n",
    .known_as = "stripe_correction (Minian), destriping, banding or line noise removal, Remove Horizontal/Vertical "
                "Stripes (ImageJ plugins)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(stripes_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .process_images = process_images,
};
