/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step highpass: removes slow drifts. The work is done in filter.c.
 */
#include "signal/filter.h"

#include <math.h>
#include <stddef.h>

typedef struct highpass_params {
    double hz, transition_hz;
    int64_t method, order;
    const char *channels;
} highpass_params;

static const lmp_param highpass_table[] = {
    {"hz", LMP_PARAM_NUMBER, offsetof(highpass_params, hz), "1", 1e-6, 1e9, "Hz", NULL,
     "Lower edge of the pass band: what is slower is removed."},
    {"transition-hz", LMP_PARAM_NUMBER, offsetof(highpass_params, transition_hz), "auto", 1e-6, 1e9, "Hz", "auto",
     "Width of the transition below hz; auto: a quarter of hz, at least 2 Hz, at most hz. Not used by butterworth."},
    FILTER_ROWS(highpass_params),
    {.name = NULL},
};

static filter_spec describe(const highpass_params *params)
{
    return (filter_spec){.name = "highpass",
                         .low_hz = params->hz,
                         .low_transition_hz = params->transition_hz,
                         .method = params->method,
                         .order = params->order,
                         .channels = params->channels};
}

static lmp_status plan_highpass(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    filter_spec spec = describe(params);
    return filter_plan(&spec, in, plan, err);
}

static lmp_status open_highpass(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    filter_spec spec = describe(params);
    (void)plan;
    return filter_open(&spec, in, budget, shared, err);
}

const lmp_step lmp_step_highpass = {
    .struct_size = sizeof(lmp_step),
    .name = "highpass",
    .summary = "Removes what is slower than a frequency, without delay.",
    .doc =
        "Removes slow drifts and offsets: keeps frequencies from `hz` on.\n\n" FILTER_DOC_FIR FILTER_DOC_BUTTERWORTH
        "A high-pass of 1 Hz at 5,000 samples per second has 16,501 taps: 1.65 s of signal on either side belong to "
        "each sample, so the first and last 1.65 s of a recording depend on the reflection. Below some 0.1 Hz the FIR "
        "filter takes much memory for each channel; `method=butterworth` takes less.\n\n" FILTER_DOC_MISSING
            FILTER_DOC_SOURCE,
    .known_as = "HighPassFilter (FACETpy), raw.filter(l_freq) (MNE), pop_eegfiltnew (EEGLAB)",
    .params = highpass_table,
    .params_size = sizeof(highpass_params),
    .plan = plan_highpass,
    .open = open_highpass,
    FILTER_CALLBACKS,
};
