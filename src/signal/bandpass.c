/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step bandpass: keeps one band of frequencies. The work is done in filter.c.
 */
#include "signal/filter.h"

#include <math.h>
#include <stddef.h>

typedef struct bandpass_params {
    double low_hz, high_hz, low_transition_hz, high_transition_hz;
    int64_t method, order;
    const char *channels;
} bandpass_params;

static const lmp_param bandpass_table[] = {
    {"low-hz", LMP_PARAM_NUMBER, offsetof(bandpass_params, low_hz), "1", 1e-6, 1e9, "Hz", NULL,
     "Lower edge of the pass band."},
    {"high-hz", LMP_PARAM_NUMBER, offsetof(bandpass_params, high_hz), "70", 1e-6, 1e9, "Hz", NULL,
     "Upper edge of the pass band."},
    {"low-transition-hz", LMP_PARAM_NUMBER, offsetof(bandpass_params, low_transition_hz), "auto", 1e-6, 1e9, "Hz",
     "auto",
     "Width of the transition below low-hz; auto: a quarter of low-hz, at least 2 Hz, at most low-hz. Not used by "
     "butterworth."},
    {"high-transition-hz", LMP_PARAM_NUMBER, offsetof(bandpass_params, high_transition_hz), "auto", 1e-6, 1e9, "Hz",
     "auto",
     "Width of the transition above high-hz; auto: a quarter of high-hz, at least 2 Hz, at most up to half the "
     "sampling "
     "rate. Not used by butterworth."},
    FILTER_ROWS(bandpass_params),
    {.name = NULL},
};

static filter_spec describe(const bandpass_params *params)
{
    return (filter_spec){.name = "bandpass",
                         .low_hz = params->low_hz,
                         .high_hz = params->high_hz,
                         .low_transition_hz = params->low_transition_hz,
                         .high_transition_hz = params->high_transition_hz,
                         .method = params->method,
                         .order = params->order,
                         .channels = params->channels};
}

static lmp_status plan_bandpass(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    filter_spec spec = describe(params);
    return filter_plan(&spec, in, plan, err);
}

static lmp_status open_bandpass(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    filter_spec spec = describe(params);
    (void)plan;
    return filter_open(&spec, in, budget, shared, err);
}

const lmp_step lmp_step_bandpass = {
    .struct_size = sizeof(lmp_step),
    .name = "bandpass",
    .summary = "Keeps what is between two frequencies, without delay.",
    .doc = "Keeps frequencies from `low-hz` to `high-hz`: a high-pass and a low-pass in one, at the cost of one.\n\n"
           "With `method=fir` each edge has a transition of its own; the narrower one decides the "
           "length.\n\n" FILTER_DOC_FIR FILTER_DOC_BUTTERWORTH FILTER_DOC_MISSING FILTER_DOC_SOURCE,
    .known_as = "BandPassFilter (FACETpy), raw.filter(l_freq, h_freq) (MNE), pop_eegfiltnew (EEGLAB)",
    .params = bandpass_table,
    .params_size = sizeof(bandpass_params),
    .plan = plan_bandpass,
    .open = open_bandpass,
    FILTER_CALLBACKS,
};
