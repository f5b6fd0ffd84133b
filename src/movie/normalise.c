/* SPDX-License-Identifier: BSD-3-Clause
 *
 * normalise.c: bring each frame to a common scale.
 */
#include "movie/frame_step.h"

#include "math/ranks.h"

#include <math.h>

enum { METHOD_MINMAX, METHOD_PERCENTILE, METHOD_MEAN, METHOD_ZSCORE };
enum { TO_FLOAT32, TO_TYPE };

typedef struct normalise_params {
    int64_t method;
    double low, high;
    int64_t to;
} normalise_params;

typedef struct normalisation {
    frame_counts *counts; /* flat frames, clipped values */
    int64_t method;
    double low, high; /* percentiles, as fractions */
    bool to_type;
    double type_low, type_span;
} normalisation;

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, offsetof(normalise_params, method), "minmax", 0, 0, "",
     "minmax|percentile|mean|zscore",
     "minmax: lowest value 0, highest 1; percentile: the same for two percentiles; mean: divided by the mean; zscore: "
     "mean "
     "0, standard deviation 1."},
    {"low", LMP_PARAM_NUMBER, offsetof(normalise_params, low), "1", 0, 100, "%", NULL,
     "For method=percentile: what becomes 0."},
    {"high", LMP_PARAM_NUMBER, offsetof(normalise_params, high), "99", 0, 100, "%", NULL,
     "For method=percentile: what becomes 1."},
    {"to", LMP_PARAM_CHOICE, offsetof(normalise_params, to), "float32", 0, 0, "", "float32|type",
     "type: 0 to 1 becomes the full range of the movie's integer type, and what lies outside is clipped and counted."},
    {0},
};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const normalise_params *p = values;
    if (p->method == METHOD_PERCENTILE && p->low >= p->high)
        return lmp_fail(err, LMP_ERR_USAGE, "normalise: low=%g must be less than high=%g", p->low, p->high);
    if (p->to == TO_TYPE && p->method != METHOD_MINMAX && p->method != METHOD_PERCENTILE)
        return lmp_fail(err, LMP_ERR_USAGE, "normalise: to=type goes with method=minmax or percentile, which end at 1");
    if (p->to == TO_TYPE && lmp_type_bytes(in->format.type) > 2)
        return lmp_fail(err, LMP_ERR_USAGE, "normalise: to=type is for integers of 8 or 16 bits, the movie is %s",
                        type_name(in->format.type));
    plan->keeps_type = p->to == TO_TYPE;
    plan->shared_bytes = frame_step_bytes(sizeof(normalisation));
    if (p->method == METHOD_PERCENTILE)
        plan->scratch_bytes = (size_t)(in->format.height * in->format.width * in->format.n_colours) * sizeof(double);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    const normalise_params *p = values;
    double high;
    normalisation made = {.method = p->method, .low = p->low / 100, .high = p->high / 100, .to_type = p->to == TO_TYPE};
    type_range(in->format.type, &made.type_low, &high);
    made.type_span = high - made.type_low;
    return frame_step_open(budget, &made, sizeof made, shared, err);
}

/* ---- What becomes 0, and how much becomes 1 ---------------------------------------------------------------- */

typedef struct scale {
    double zero, unit;
} scale;

static scale scale_by_ends(const float *x, int64_t n)
{
    float low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    return (scale){(double)low, (double)high - (double)low};
}

/* NumPy's default: linear between the two values nearest to rank q * (n - 1). */
static double percentile(double *values, int64_t n, double q)
{
    const double rank = q * (double)(n - 1);
    const int64_t below = (int64_t)floor(rank);
    const rank_pair ranks = ranks_select(values, n, below);
    return below + 1 < n ? ranks.value + (rank - (double)below) * (ranks.next - ranks.value) : ranks.value;
}

static scale scale_by_percentiles(const normalisation *p, const float *x, int64_t n, double *scratch)
{
    int64_t valid = 0;
    for (int64_t i = 0; i < n; i++) {
        scratch[valid] = (double)x[i];
        valid += x[i] == x[i]; /* a NaN is overwritten */
    }
    if (valid == 0) return (scale){0, 0};
    const double low = percentile(scratch, valid, p->low);
    return (scale){low, percentile(scratch, valid, p->high) - low};
}

static double mean_of(const float *x, int64_t n, int64_t *valid)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        const bool counts = x[i] == x[i];
        sum += counts ? (double)x[i] : 0;
        count += counts;
    }
    *valid = count;
    return count > 0 ? sum / (double)count : 0;
}

static scale scale_by_deviation(const float *x, int64_t n)
{
    int64_t valid;
    const double mean = mean_of(x, n, &valid);
    double squares = 0;
    if (scale_by_ends(x, n).unit == 0) return (scale){mean, 0}; /* rounding must not become structure */
    for (int64_t i = 0; i < n; i++) {
        const double d = (double)x[i] - mean;
        squares += d == d ? d * d : 0;
    }
    return (scale){mean, valid > 0 ? sqrt(squares / (double)valid) : 0};
}

static scale scale_of(const normalisation *p, const float *x, int64_t n, double *scratch)
{
    int64_t valid;
    if (p->method == METHOD_MINMAX) return scale_by_ends(x, n);
    if (p->method == METHOD_PERCENTILE) return scale_by_percentiles(p, x, n, scratch);
    if (p->method == METHOD_MEAN) return (scale){0, mean_of(x, n, &valid)};
    return scale_by_deviation(x, n);
}

/* ---- Frames ------------------------------------------------------------------------------------------------ */

/* The full range of the type instead of 0 to 1. */
static void scale_to_type(const normalisation *p, scale s, const float *x, int64_t n, float *y)
{
    int64_t clipped = 0;
    for (int64_t i = 0; i < n; i++) {
        const double value = ((double)x[i] - s.zero) / s.unit;
        clipped += value < 0 || value > 1;
        y[i] = (float)(p->type_low + fmin(fmax(value, 0), 1) * p->type_span);
    }
    if (clipped > 0) atomic_fetch_add(&p->counts->second, clipped);
}

static void scale_values(scale s, const float *x, int64_t n, float *y)
{
    for (int64_t i = 0; i < n; i++) y[i] = (float)(((double)x[i] - s.zero) / s.unit);
}

/* A frame without a unit becomes 0 where it has values. */
static void normalise_frame(const normalisation *p, const float *x, int64_t n, float *y, double *scratch)
{
    scale s = scale_of(p, x, n, scratch);
    if (!(s.unit > 0 || s.unit < 0) || isinf(s.unit)) {
        atomic_fetch_add(&p->counts->first, 1);
        for (int64_t i = 0; i < n; i++) y[i] = x[i] == x[i] ? (float)(p->to_type ? p->type_low : 0) : NAN;
    } else if (p->to_type) {
        scale_to_type(p, s, x, n, y);
    } else {
        scale_values(s, x, n, y);
    }
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    for (int64_t i = 0; i < out->count; i++)
        normalise_frame(shared, frame_in(in, i), frame_values(in), frame_out(out, i), scratch);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "flat_frames", frame_count_first(shared));
    lmp_record_number(record, "clipped_values", frame_count_second(shared));
}

const lmp_step lmp_step_normalise = {
    .struct_size = sizeof(lmp_step),
    .name = "normalise",
    .summary = "Bring each frame to a common scale.",
    .doc = "Each frame by itself, all its colours together:\n\n"
           "- `minmax`: `(x - min) / (max - min)`\n"
           "- `percentile`: `(x - P(low)) / (P(high) - P(low))`; percentiles are exact, interpolated between ranks. "
           "Values "
           "beyond them lie below 0 or above 1\n"
           "- `mean`: `x / mean`\n"
           "- `zscore`: `(x - mean) / standard deviation` (of the frame as a whole population)\n\n"
           "The result is float32. With `to=type` 0 to 1 becomes the full range of an 8- or 16-bit integer type, and "
           "values "
           "beyond are clipped and counted (`clipped_values`).\n\n"
           "NaN pixels are ignored and stay NaN. A frame whose values are all the same (or whose mean is 0, for "
           "`mean`, or "
           "whose range is not finite) becomes 0 (with `to=type` the lowest number) and is counted in the record "
           "(`flat_frames`).\n",
    .known_as =
        "Enhance Contrast > Normalize (ImageJ), normalize (OpenCV), rescale_intensity (scikit-image), Normalize "
        "(BLITZ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(normalise_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .process_images = process_images,
};
