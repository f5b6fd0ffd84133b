/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pick.c: pick and drop, which are each other's opposite: keep the named channels, or all but them.
 */
#include "signal/channels.h"

#include <stdlib.h>

typedef struct pick_params {
    char *channels;
} pick_params;

#define CHANNELS_HELP                                                                                                  \
    "Names separated by commas, with * and ? as wildcards, or roles: eeg, eog, ecg, emg, misc, stim, data, all."

static const lmp_param params[] = {
    {"channels", LMP_PARAM_CHANNELS, offsetof(pick_params, channels), NULL, 0, 0, "", NULL, CHANNELS_HELP},
    {0},
};

static lmp_status keep_chosen(const char *step, const char *list, bool chosen_stay, const lmp_stream *in,
                              lmp_step_plan *plan, lmp_error *err)
{
    lmp_status status = channels_check_list(step, list, &in->format, err);
    if (status != LMP_OK) return status;
    const int64_t n = in->format.n_channels;
    bool *keep = calloc((size_t)n + 1, sizeof *keep);
    if (keep == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        keep[i] = lmp_channel_chosen(list, &in->format, i) == chosen_stay;
        kept += keep[i];
    }
    if (kept == 0)
        status =
            lmp_fail(err, LMP_ERR_USAGE, "%s %s leaves no channel of %lld: see limpid info", step, list, (long long)n);
    else
        status = channels_route(in, keep, plan, err);
    free(keep);
    return status;
}

static lmp_status plan_pick(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return keep_chosen("pick", ((const pick_params *)values)->channels, true, in, plan, err);
}

static lmp_status plan_drop(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return keep_chosen("drop", ((const pick_params *)values)->channels, false, in, plan, err);
}

const lmp_step lmp_step_pick = {
    .struct_size = sizeof(lmp_step),
    .name = "pick",
    .summary = "Keep the named channels.",
    .doc = "Channels stay in the recording's order. A channel that is not picked is neither read nor computed.\n\n"
           "    limpid run IN.edf pick 'eeg,-Fp*' ! write OUT.bdf\n",
    .known_as = "PickChannels (FACETpy), raw.pick (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params,
    .params_size = sizeof(pick_params),
    .plan = plan_pick,
};

const lmp_step lmp_step_drop = {
    .struct_size = sizeof(lmp_step),
    .name = "drop",
    .summary = "Leave out the named channels.",
    .doc = "The opposite of `pick`: all other channels stay, in the recording's order.\n\n"
           "    limpid run IN.edf drop ECG,EMG1 ! write OUT.bdf\n",
    .known_as = "DropChannels (FACETpy), raw.drop_channels (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params,
    .params_size = sizeof(pick_params),
    .plan = plan_drop,
};
