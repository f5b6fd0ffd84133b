/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step resample: changes the sampling rate to a given one. The work is done in rate.c.
 */
#include "signal/rate.h"

#include <stddef.h>

typedef struct resample_params {
    double rate_hz;
} resample_params;

static const lmp_param resample_table[] = {
    {"rate", LMP_PARAM_NUMBER, offsetof(resample_params, rate_hz), NULL, 1e-3, 1e9, "Hz", NULL,
     "The new sampling rate."},
    {.name = NULL},
};

static lmp_status describe(const resample_params *params, const lmp_stream *in, rate_change *change, lmp_error *err)
{
    lmp_status status = rate_check_known("resample", in, err);
    if (status != LMP_OK) return status;
    return rate_find_fraction("resample", in->format.rate_hz, params->rate_hz, change, err);
}

static lmp_status plan_resample(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    rate_change change;
    lmp_status status = describe(params, in, &change, err);
    return status == LMP_OK ? rate_plan(&change, in, plan, err) : status;
}

static lmp_status open_resample(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    rate_change change;
    lmp_status status = describe(params, in, &change, err);
    (void)plan;
    return status == LMP_OK ? rate_open(&change, in, budget, shared, err) : status;
}

const lmp_step lmp_step_resample = {
    .struct_size = sizeof(lmp_step),
    .name = "resample",
    .summary = "Changes the sampling rate, without delay.",
    .doc = "Changes the sampling rate to `rate`, up or down. A ratio of the rates that is no small fraction is "
           "replaced by the nearest fraction of numbers up to a million; it must agree to 1e-9 (4 us in an hour).\n\n"
           "A high-order ratio takes long transforms (their length is a multiple of both numbers of the fraction), "
           "hence memory: 5,000 to 250 is 1/20, 5,000 to 4,999 is 4999/5000.\n\n" RATE_DOC,
    .known_as = "Resample (FACETpy), raw.resample (MNE), pop_resample (EEGLAB)",
    .params = resample_table,
    .params_size = sizeof(resample_params),
    .plan = plan_resample,
    .open = open_resample,
    RATE_CALLBACKS,
};
