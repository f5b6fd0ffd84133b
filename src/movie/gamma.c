/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gamma.c: power law on a normalised range.
 */
#include "movie/frame_step.h"

#include <math.h>

typedef struct gamma_params {
    double exponent, low, high;
} gamma_params;

typedef struct power_law {
    frame_counts *counts; /* below the range */
    double exponent, low, span;
} power_law;

static const lmp_param params[] = {
    {"exponent", LMP_PARAM_NUMBER, offsetof(gamma_params, exponent), NULL, 1e-3, 1e3, "", NULL,
     "Below 1 dark tones are spread, above 1 bright ones."},
    {"low", LMP_PARAM_NUMBER, offsetof(gamma_params, low), "auto", -1e300, 1e300, "", "auto",
     "Becomes 0; auto: 0, or the lowest number of a signed integer type."},
    {"high", LMP_PARAM_NUMBER, offsetof(gamma_params, high), "auto", -1e300, 1e300, "", "auto",
     "Becomes 1; auto: the highest number of an integer type, 1 for floats."},
    {0},
};

static power_law law_of(const gamma_params *p, lmp_type type)
{
    double low, high;
    type_range(type, &low, &high);
    if (!isnan(p->low)) low = p->low;
    if (!isnan(p->high)) high = p->high;
    return (power_law){.exponent = p->exponent, .low = low, .span = high - low};
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const power_law law = law_of(values, in->format.type);
    plan->shared_bytes = frame_step_bytes(sizeof(power_law));
    if (law.span > 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "gamma: low=%g must lie below high=%g", law.low, law.low + law.span);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    const power_law law = law_of(values, in->format.type);
    return frame_step_open(budget, &law, sizeof law, shared, err);
}

static void gamma_frame(const power_law *law, const float *from, int64_t n, float *to)
{
    int64_t below = 0;
    for (int64_t i = 0; i < n; i++) {
        const double x = ((double)from[i] - law->low) / law->span;
        below += x < 0;
        to[i] = x >= 0 ? (float)pow(x, law->exponent) : NAN;
    }
    if (below > 0) atomic_fetch_add(&law->counts->first, below);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    for (int64_t i = 0; i < out->count; i++) gamma_frame(shared, frame_in(in, i), frame_values(in), frame_out(out, i));
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "values_below_range", frame_count_first(shared));
}

const lmp_step lmp_step_gamma = {
    .struct_size = sizeof(lmp_step),
    .name = "gamma",
    .summary = "Power law, to spread dark or bright tones.",
    .doc =
        "`y = ((x - low) / (high - low)) ^ exponent`, computed in double precision; the result is float32, 0 to 1 for "
        "values in the range. Values above `high` give more than 1; values below `low` have no real power: they "
        "become NaN, and the record counts them (`values_below_range`). NaN stays NaN.\n",
    .known_as = "Process > Math > Gamma (ImageJ), adjust_gamma (scikit-image)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(gamma_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .process_images = process_images,
};
