/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step notch: takes out narrow bands, such as the mains frequency and its harmonics. The work is done in filter.c.
 */
#include "signal/filter.h"

#include <math.h>
#include <stddef.h>

typedef struct notch_params {
    lmp_numbers hz;
    double width_hz, transition_hz;
    int64_t method, order;
    const char *channels;
} notch_params;

static const lmp_param notch_table[] = {
    {"hz", LMP_PARAM_NUMBERS, offsetof(notch_params, hz), "50", 1e-6, 1e9, "Hz", NULL,
     "Frequencies to take out, at most 64: 50,100,150."},
    {"width-hz", LMP_PARAM_NUMBER, offsetof(notch_params, width_hz), "auto", 0, 1e9, "Hz", "auto",
     "Width of each stop band; auto: 1/200 of its frequency."},
    {"transition-hz", LMP_PARAM_NUMBER, offsetof(notch_params, transition_hz), "0.5", 1e-6, 1e9, "Hz", NULL,
     "Width of the transition on either side of each stop band; butterworth has its cut-offs at the outer ends."},
    FILTER_ROWS(notch_params),
    {.name = NULL},
};

static filter_spec describe(const notch_params *params)
{
    return (filter_spec){.name = "notch",
                         .notch_hz = params->hz,
                         .notch_width_hz = params->width_hz,
                         .notch_transition_hz = params->transition_hz,
                         .method = params->method,
                         .order = params->order,
                         .channels = params->channels};
}

static lmp_status plan_notch(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    filter_spec spec = describe(params);
    return filter_plan(&spec, in, plan, err);
}

static lmp_status open_notch(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                             void **shared, lmp_error *err)
{
    filter_spec spec = describe(params);
    (void)plan;
    return filter_open(&spec, in, budget, shared, err);
}

const lmp_step lmp_step_notch = {
    .struct_size = sizeof(lmp_step),
    .name = "notch",
    .summary = "Takes out narrow bands of frequencies, such as mains hum, without delay.",
    .doc = "Takes out the frequencies in `hz`: a stop band of `width-hz` around each, with a transition of "
           "`transition-hz` on either side. All are done by one filter, whose length the transition decides: 6.6 s for "
           "0.5 Hz. It takes out brain signal of these frequencies too, and rings around sudden changes: a wider "
           "transition rings less.\n\n" FILTER_DOC_FIR FILTER_DOC_BUTTERWORTH FILTER_DOC_MISSING FILTER_DOC_SOURCE,
    .known_as = "NotchFilter (FACETpy), raw.notch_filter (MNE), bandstop",
    .params = notch_table,
    .params_size = sizeof(notch_params),
    .plan = plan_notch,
    .open = open_notch,
    FILTER_CALLBACKS,
};
