/* SPDX-License-Identifier: BSD-3-Clause
 *
 * resize.c: frames of another size. Each axis has a table that says which input pixels an output pixel is made of.
 */
#include "movie/frame_step.h"

#include <math.h>

enum { METHOD_AREA, METHOD_LINEAR, METHOD_CUBIC, METHOD_NEAREST };

typedef struct resize_params {
    int64_t width, height;
    double ratio;
    int64_t method;
} resize_params;

/* Output pixel i is the sum of weights[i * taps + k] times input pixel first[i] + k, for k below used[i]. */
typedef struct axis {
    int64_t n_in, n_out, taps;
    int32_t *first, *used;
    double *weights;
} axis;

typedef struct resizing {
    frame_counts *counts; /* NaN ignored */
    bool ignores_nan;
    axis x, y;
} resizing;

static const lmp_param params[] = {
    {"width", LMP_PARAM_INTEGER, offsetof(resize_params, width), "auto", 1, 1e6, "px", "auto",
     "Columns of the result; auto: from height or ratio."},
    {"height", LMP_PARAM_INTEGER, offsetof(resize_params, height), "auto", 1, 1e6, "px", "auto",
     "Rows of the result; auto: from width or ratio."},
    {"ratio", LMP_PARAM_NUMBER, offsetof(resize_params, ratio), "auto", 1e-4, 1e3, "", "auto",
     "New size over old size, instead of width and height."},
    {"method", LMP_PARAM_CHOICE, offsetof(resize_params, method), "area", 0, 0, "", "area|linear|cubic|nearest",
     "area: mean of what a pixel covers, for shrinking; linear or cubic: interpolation, for enlarging; nearest: no new "
     "values."},
    {0},
};

/* ---- Tables ------------------------------------------------------------------------------------------------ */

static int64_t taps_of(int64_t method, int64_t n_in, int64_t n_out)
{
    const int64_t wanted[] = {n_in / n_out + 2, 2, 4, 1};
    return wanted[method] < n_in ? wanted[method] : n_in;
}

static size_t axis_bytes(const axis *a)
{
    return (size_t)a->n_out * ((size_t)a->taps * sizeof(double) + 2 * sizeof(int32_t));
}

/* Catmull and Rom's family with a = -0.75, as OpenCV has it. */
static double cubic_weight(double x)
{
    const double a = -0.75, d = fabs(x);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return 0;
}

/* Weight of input pixel `at` in output pixel i; places beyond the edge count for the edge. */
static double weight_of(int64_t method, const axis *a, int64_t i, int64_t at)
{
    const double scale = (double)a->n_in / (double)a->n_out, centre = ((double)i + 0.5) * scale - 0.5;
    if (method == METHOD_LINEAR) return fmax(0, 1 - fabs((double)at - centre));
    if (method == METHOD_CUBIC) return cubic_weight((double)at - centre);
    if (method == METHOD_NEAREST) return 1;
    /* Area, in units of 1 / n_out pixels: whole numbers. */
    const int64_t low = i * a->n_in, high = low + a->n_in, left = at * a->n_out, right = left + a->n_out;
    const int64_t shared = (right < high ? right : high) - (left > low ? left : low);
    return shared > 0 ? (double)shared / (double)a->n_in : 0;
}

static int64_t first_tap(int64_t method, const axis *a, int64_t i)
{
    if (method == METHOD_AREA) return i * a->n_in / a->n_out;
    if (method == METHOD_NEAREST) return (2 * i + 1) * a->n_in / (2 * a->n_out);
    const double centre = ((double)i + 0.5) * (double)a->n_in / (double)a->n_out - 0.5;
    return (int64_t)floor(centre) - (method == METHOD_CUBIC ? 1 : 0);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void fill_axis(int64_t method, axis *a)
{
    const int64_t looked_at[] = {a->taps, 2, 4, 1};
    for (int64_t i = 0; i < a->n_out; i++) {
        double *weights = a->weights + i * a->taps;
        const int64_t from = first_tap(method, a, i), first = clamp(from, 0, a->n_in - a->taps);
        for (int64_t k = 0; k < looked_at[method]; k++) {
            const int64_t at = method == METHOD_AREA ? first + k : from + k;
            weights[clamp(at, 0, a->n_in - 1) - first] += weight_of(method, a, i, at);
        }
        int64_t skip = 0, used = a->taps;
        while (used > 1 && weights[used - 1] == 0) used--;
        while (skip < used - 1 && weights[skip] == 0) skip++;
        for (int64_t k = 0; k < used - skip; k++) weights[k] = weights[k + skip];
        a->first[i] = (int32_t)(first + skip);
        a->used[i] = (int32_t)(used - skip);
    }
}

static char *place_axis(axis *a, char *memory)
{
    a->weights = (void *)memory;
    a->first = (void *)(memory + (size_t)(a->n_out * a->taps) * sizeof(double));
    a->used = a->first + a->n_out;
    return memory + axis_bytes(a);
}

/* ---- Planning ---------------------------------------------------------------------------------------------- */

static int64_t scaled(int64_t size, double ratio)
{
    const int64_t n = llround((double)size * ratio);
    return n < 1 ? 1 : n;
}

static lmp_status find_size(const resize_params *p, const lmp_format *in, lmp_format *out, lmp_error *err)
{
    const bool has_width = p->width != LMP_AUTO_INTEGER, has_height = p->height != LMP_AUTO_INTEGER;
    const bool has_ratio = !isnan(p->ratio);
    if (!has_width && !has_height && !has_ratio)
        return lmp_fail(err, LMP_ERR_USAGE, "resize needs width, height or ratio");
    if (has_ratio && (has_width || has_height))
        return lmp_fail(err, LMP_ERR_USAGE, "resize: give ratio, or width and height, not both");
    const double ratio = has_ratio   ? p->ratio
                         : has_width ? (double)p->width / (double)in->width
                                     : (double)p->height / (double)in->height;
    out->width = has_width ? p->width : scaled(in->width, ratio);
    out->height = has_height ? p->height : scaled(in->height, ratio);
    if (out->width <= 1000000 && out->height <= 1000000) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "resize: frames of %lld x %lld pixels are too large: give a smaller ratio",
                    (long long)out->width, (long long)out->height);
}

static resizing resizing_of(int64_t method, const lmp_format *in, const lmp_format *out)
{
    return (resizing){
        .ignores_nan = method == METHOD_AREA,
        .x = {.n_in = in->width, .n_out = out->width, .taps = taps_of(method, in->width, out->width)},
        .y = {.n_in = in->height, .n_out = out->height, .taps = taps_of(method, in->height, out->height)},
    };
}

/* Two rows of doubles: sums, and weights where NaN is ignored. */
static size_t scratch_bytes(const lmp_format *in)
{
    return 2 * (size_t)(in->width * in->n_colours) * sizeof(double);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const resize_params *p = values;
    lmp_format *out = &plan->out.format;
    const lmp_status status = find_size(p, &in->format, out, err);
    if (status != LMP_OK) return status;
    const resizing r = resizing_of(p->method, &in->format, out);
    out->pixel_width_um *= (double)in->format.width / (double)out->width;
    out->pixel_height_um *= (double)in->format.height / (double)out->height;
    plan->is_identity = out->width == in->format.width && out->height == in->format.height;
    plan->keeps_type = p->method != METHOD_CUBIC;
    plan->shared_bytes = frame_step_bytes(sizeof r) + axis_bytes(&r.x) + axis_bytes(&r.y) + 64;
    plan->scratch_bytes = scratch_bytes(&in->format);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    const resize_params *p = values;
    resizing r = resizing_of(p->method, &in->format, &plan_made->out.format);
    void *tables;
    lmp_status status = lmp_take(budget, axis_bytes(&r.x) + axis_bytes(&r.y), &tables, err);
    if (status != LMP_OK) return status;
    (void)place_axis(&r.y, place_axis(&r.x, tables));
    fill_axis(p->method, &r.x);
    fill_axis(p->method, &r.y);
    status = frame_step_open(budget, &r, sizeof r, shared, err);
    if (status != LMP_OK) lmp_give(budget, tables);
    return status;
}

/* ---- Frames ------------------------------------------------------------------------------------------------ */

static void add_row(const float *row, int64_t n, double weight, double *sums)
{
    for (int64_t i = 0; i < n; i++) sums[i] += weight * (double)row[i];
}

static void add_valid(const float *row, int64_t n, double weight, double *sums, double *weights)
{
    for (int64_t i = 0; i < n; i++) {
        const bool valid = row[i] == row[i];
        sums[i] += valid ? weight * (double)row[i] : 0;
        weights[i] += valid ? weight : 0;
    }
}

/* Of the columns of a row of sums. */
static void mix_columns(const axis *x, int64_t colours, const double *sums, float *to)
{
    for (int64_t i = 0; i < x->n_out; i++) {
        const double *weights = x->weights + i * x->taps;
        const double *from = sums + x->first[i] * colours;
        for (int64_t c = 0; c < colours; c++) {
            double sum = 0;
            for (int64_t k = 0; k < x->used[i]; k++) sum += weights[k] * from[k * colours + c];
            *to++ = (float)sum;
        }
    }
}

static void mix_valid_columns(const axis *x, int64_t colours, const double *sums, const double *valid, float *to)
{
    for (int64_t i = 0; i < x->n_out; i++) {
        const double *weights = x->weights + i * x->taps;
        const int64_t from = x->first[i] * colours;
        for (int64_t c = 0; c < colours; c++) {
            double sum = 0, weight = 0;
            for (int64_t k = 0; k < x->used[i]; k++) {
                sum += weights[k] * sums[from + k * colours + c];
                weight += weights[k] * valid[from + k * colours + c];
            }
            *to++ = weight > 0 ? (float)(sum / weight) : NAN;
        }
    }
}

static int64_t count_nan(const float *values, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += values[i] != values[i];
    return count;
}

static void resize_frame(const resizing *r, const lmp_frames *in, const lmp_frames *out, int64_t frame, double *sums)
{
    const int64_t n = in->width * in->n_colours;
    const float *from = frame_in(in, frame);
    float *to = frame_out(out, frame);
    double *valid = sums + n;
    const int64_t n_nan = r->ignores_nan ? count_nan(from, frame_values(in)) : 0;
    if (n_nan > 0) atomic_fetch_add(&r->counts->first, n_nan);
    for (int64_t j = 0; j < out->rows; j++, to += out->width * out->n_colours) {
        const double *weights = r->y.weights + j * r->y.taps;
        const float *row = from + r->y.first[j] * n;
        for (int64_t i = 0; i < 2 * n; i++) sums[i] = 0;
        for (int64_t k = 0; k < r->y.used[j]; k++)
            if (n_nan > 0)
                add_valid(row + k * n, n, weights[k], sums, valid);
            else
                add_row(row + k * n, n, weights[k], sums);
        if (n_nan > 0)
            mix_valid_columns(&r->x, in->n_colours, sums, valid, to);
        else
            mix_columns(&r->x, in->n_colours, sums, to);
    }
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    for (int64_t i = 0; i < out->count; i++) resize_frame(shared, in, out, i, scratch);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "nan_values_ignored", frame_count_first(shared));
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, ((resizing *)shared)->x.weights);
    frame_step_close(shared, budget);
}

const lmp_step lmp_step_resize = {
    .struct_size = sizeof(lmp_step),
    .name = "resize",
    .summary = "Frames of another size.",
    .doc =
        "Output pixel `i` has its centre at `(i + 0.5) * old / new - 0.5` of the input, so that the outer edges of the "
        "frame stay where they are. With `ratio`, and for the side that is not given, sizes are rounded to nearest.\n\n"
        "- `area`: the mean over the part of the input that the output pixel covers; exact. For shrinking: nothing is "
        "left out, and nothing aliases\n"
        "- `linear`: between the two nearest pixels in each direction\n"
        "- `cubic`: Keys' cubic convolution with a = -0.75, over four pixels in each direction. It overshoots at "
        "edges: "
        "the result is float32\n"
        "- `nearest`: the pixel whose area the centre lies in; no new values\n\n"
        "`linear`, `cubic` and `nearest` do not smooth before shrinking. Beyond the frame the outermost pixels go "
        "on.\n\n"
        "Sums are made in double precision; all but `cubic` keep the number type, integers rounded to nearest (32- and "
        "64-bit integers are computed as float32, with 24 bits). `area` ignores NaN pixels and counts them in the "
        "record "
        "(`nan_values_ignored`); a pixel that covers nothing valid is NaN. With the other methods NaN spreads to the "
        "pixels made of it.\n",
    .known_as = "Image > Scale (ImageJ), Resize (BLITZ), resize (OpenCV: INTER_AREA, INTER_LINEAR, INTER_CUBIC), "
                "transform.resize (scikit-image)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(resize_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = close_shared,
    .process_images = process_images,
};
