/* SPDX-License-Identifier: BSD-3-Clause
 *
 * log.c: logarithm of each value.
 */
#include "movie/frame_step.h"

#include <math.h>

typedef struct log_params {
    double offset;
    int64_t base;
} log_params;

typedef struct logarithm {
    frame_counts *counts; /* without a logarithm */
    double offset, factor;
} logarithm;

static const lmp_param params[] = {
    {"offset", LMP_PARAM_NUMBER, offsetof(log_params, offset), "0", -1e300, 1e300, "", NULL,
     "Added before; 1 gives 0 for 0."},
    {"base", LMP_PARAM_CHOICE, offsetof(log_params, base), "e", 0, 0, "", "e|2|10", "Base of the logarithm."},
    {0},
};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values, (void)in, (void)err;
    plan->shared_bytes = frame_step_bytes(sizeof(logarithm));
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const log_params *p = values;
    const double factors[] = {1, M_LOG2E, M_LOG10E};
    const logarithm l = {.offset = p->offset, .factor = factors[p->base]};
    return frame_step_open(budget, &l, sizeof l, shared, err);
}

static void log_frame(const logarithm *l, const float *from, int64_t n, float *to)
{
    int64_t without = 0;
    for (int64_t i = 0; i < n; i++) {
        const double x = (double)from[i] + l->offset;
        without += x <= 0;
        to[i] = x > 0 ? (float)(log(x) * l->factor) : NAN;
    }
    if (without > 0) atomic_fetch_add(&l->counts->first, without);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    for (int64_t i = 0; i < out->count; i++) log_frame(shared, frame_in(in, i), frame_values(in), frame_out(out, i));
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "values_without_logarithm", frame_count_first(shared));
}

const lmp_step lmp_step_log = {
    .struct_size = sizeof(lmp_step),
    .name = "log",
    .summary = "Logarithm of each value.",
    .doc =
        "`y = log(x + offset)`, computed in double precision; the result is float32. Where `x + offset` is 0 or less "
        "there is no logarithm: the result is NaN, and the record counts these (`values_without_logarithm`). NaN stays "
        "NaN.\n",
    .known_as = "Process > Math > Log (ImageJ; gives 0 for 0), log, log1p (NumPy)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(log_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .process_images = process_images,
};
