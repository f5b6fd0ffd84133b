/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step downsample: divides the sampling rate. The work is done in rate.c.
 */
#include "signal/rate.h"

#include <stddef.h>

typedef struct downsample_params {
    int64_t factor;
} downsample_params;

static const lmp_param downsample_table[] = {
    {"factor", LMP_PARAM_INTEGER, offsetof(downsample_params, factor), "10", 1, 1000, "", NULL,
     "Times fewer samples per second than before."},
    {.name = NULL},
};

static lmp_status describe(const downsample_params *params, const lmp_stream *in, rate_change *change, lmp_error *err)
{
    lmp_status status = rate_check_known("downsample", in, err);
    if (status != LMP_OK) return status;
    *change = (rate_change){
        .name = "downsample", .rate_hz = in->format.rate_hz / (double)params->factor, .up = 1, .down = params->factor};
    return LMP_OK;
}

static lmp_status plan_downsample(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    rate_change change;
    lmp_status status = describe(params, in, &change, err);
    return status == LMP_OK ? rate_plan(&change, in, plan, err) : status;
}

static lmp_status open_downsample(const void *params, const lmp_stream *in, const lmp_step_plan *plan,
                                  lmp_budget *budget, void **shared, lmp_error *err)
{
    rate_change change;
    lmp_status status = describe(params, in, &change, err);
    (void)plan;
    return status == LMP_OK ? rate_open(&change, in, budget, shared, err) : status;
}

const lmp_step lmp_step_downsample = {
    .struct_size = sizeof(lmp_step),
    .name = "downsample",
    .summary = "Divides the sampling rate, without delay or aliasing.",
    .doc = "Divides the sampling rate by `factor`. What the new rate cannot hold is removed first, so that nothing "
           "folds back: no low-pass is needed before this step.\n\n" RATE_DOC,
    .known_as = "DownSample (FACETpy), raw.resample (MNE), decimate (SciPy)",
    .params = downsample_table,
    .params_size = sizeof(downsample_params),
    .plan = plan_downsample,
    .open = open_downsample,
    RATE_CALLBACKS,
};
