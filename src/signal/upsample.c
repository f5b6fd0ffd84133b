/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step upsample: multiplies the sampling rate. The work is done in rate.c.
 */
#include "signal/rate.h"

#include <stddef.h>

typedef struct upsample_params {
    int64_t factor;
} upsample_params;

static const lmp_param upsample_table[] = {
    {"factor", LMP_PARAM_INTEGER, offsetof(upsample_params, factor), "10", 1, 1000, "", NULL,
     "Times as many samples per second as before."},
    {.name = NULL},
};

static lmp_status describe(const upsample_params *params, const lmp_stream *in, rate_change *change, lmp_error *err)
{
    lmp_status status = rate_check_known("upsample", in, err);
    if (status != LMP_OK) return status;
    *change = (rate_change){
        .name = "upsample", .rate_hz = in->format.rate_hz * (double)params->factor, .up = params->factor, .down = 1};
    return LMP_OK;
}

static lmp_status plan_upsample(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    rate_change change;
    lmp_status status = describe(params, in, &change, err);
    return status == LMP_OK ? rate_plan(&change, in, plan, err) : status;
}

static lmp_status open_upsample(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    rate_change change;
    lmp_status status = describe(params, in, &change, err);
    (void)plan;
    return status == LMP_OK ? rate_open(&change, in, budget, shared, err) : status;
}

const lmp_step lmp_step_upsample = {
    .struct_size = sizeof(lmp_step),
    .name = "upsample",
    .summary = "Multiplies the sampling rate, without delay.",
    .doc = "Multiplies the sampling rate by `factor`. Artifact templates need no upsampling here (they are shifted by "
           "fractions of a sample at the rate of the recording): this step is for other programs that do.\n\n" RATE_DOC,
    .known_as = "UpSample (FACETpy), raw.resample (MNE)",
    .params = upsample_table,
    .params_size = sizeof(upsample_params),
    .plan = plan_upsample,
    .open = open_upsample,
    RATE_CALLBACKS,
};
