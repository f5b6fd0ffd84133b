/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step lowpass: removes fast noise. The work is done in filter.c.
 */
#include "signal/filter.h"

#include <math.h>
#include <stddef.h>

typedef struct lowpass_params {
    double hz, transition_hz;
    int64_t method, order;
    const char *channels;
} lowpass_params;

static const lmp_param lowpass_table[] = {
    {"hz", LMP_PARAM_NUMBER, offsetof(lowpass_params, hz), "70", 1e-6, 1e9, "Hz", NULL,
     "Upper edge of the pass band: what is faster is removed."},
    {"transition-hz", LMP_PARAM_NUMBER, offsetof(lowpass_params, transition_hz), "auto", 1e-6, 1e9, "Hz", "auto",
     "Width of the transition above hz; auto: a quarter of hz, at least 2 Hz, at most up to half the sampling rate. "
     "Not "
     "used by butterworth."},
    FILTER_ROWS(lowpass_params),
    {.name = NULL},
};

static filter_spec describe(const lowpass_params *params)
{
    return (filter_spec){.name = "lowpass",
                         .high_hz = params->hz,
                         .high_transition_hz = params->transition_hz,
                         .method = params->method,
                         .order = params->order,
                         .channels = params->channels};
}

static lmp_status plan_lowpass(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    filter_spec spec = describe(params);
    return filter_plan(&spec, in, plan, err);
}

static lmp_status open_lowpass(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                               void **shared, lmp_error *err)
{
    filter_spec spec = describe(params);
    (void)plan;
    return filter_open(&spec, in, budget, shared, err);
}

const lmp_step lmp_step_lowpass = {
    .struct_size = sizeof(lmp_step),
    .name = "lowpass",
    .summary = "Removes what is faster than a frequency, without delay.",
    .doc = "Removes fast noise: keeps frequencies up to `hz`.\n\n" FILTER_DOC_FIR FILTER_DOC_BUTTERWORTH
        FILTER_DOC_MISSING FILTER_DOC_SOURCE,
    .known_as = "LowPassFilter (FACETpy), raw.filter(h_freq) (MNE), pop_eegfiltnew (EEGLAB)",
    .params = lowpass_table,
    .params_size = sizeof(lowpass_params),
    .plan = plan_lowpass,
    .open = open_lowpass,
    FILTER_CALLBACKS,
};
