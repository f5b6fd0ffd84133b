/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rename.c: give channels other names.
 */
#include "signal/channels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct rename_params {
    char *names;
} rename_params;

static const lmp_param params[] = {
    {"names", LMP_PARAM_TEXT, offsetof(rename_params, names), NULL, 0, 0, "", NULL,
     "Pairs OLD:NEW separated by commas, e.g. T3:T7,T4:T8."},
    {0},
};

static lmp_channel *find(lmp_channel *channels, int64_t n, const char *name)
{
    for (int64_t i = 0; i < n; i++)
        if (strcmp(channels[i].name, name) == 0) return &channels[i];
    return NULL;
}

/* Cuts "OLD:NEW" pairs out of `text` (which is changed) and applies them. */
static lmp_status apply_pairs(char *text, lmp_channel *channels, int64_t n, lmp_error *err)
{
    char *rest = text;
    for (char *pair = strsep(&rest, ","); pair != NULL; pair = strsep(&rest, ",")) {
        char *colon = strchr(pair, ':');
        if (colon == NULL || colon == pair || colon[1] == '\0')
            return lmp_fail(err, LMP_ERR_USAGE, "rename: \"%s\" is not OLD:NEW", pair);
        *colon = '\0';
        lmp_channel *channel = find(channels, n, pair);
        if (channel == NULL)
            return lmp_fail(err, LMP_ERR_USAGE, "rename: no channel is called \"%s\": see limpid info", pair);
        channel->name = colon + 1;
    }
    for (int64_t i = 1; i < n; i++)
        if (find(channels, i, channels[i].name) != NULL)
            return lmp_fail(err, LMP_ERR_USAGE, "rename: two channels would be called \"%s\"", channels[i].name);
    return LMP_OK;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const int64_t n = in->format.n_channels;
    char *text = strdup(((const rename_params *)values)->names);
    lmp_channel *channels = calloc((size_t)n + 1, sizeof *channels);
    lmp_status status = text == NULL || channels == NULL
                            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channel names")
                            : LMP_OK;
    if (status == LMP_OK) {
        memcpy(channels, in->format.channels, (size_t)n * sizeof *channels);
        status = apply_pairs(text, channels, n, err);
    }
    if (status == LMP_OK) status = lmp_stream_set_channels(&plan->out, channels, n, err);
    free(channels);
    free(text);
    return status;
}

const lmp_step lmp_step_rename = {
    .struct_size = sizeof(lmp_step),
    .name = "rename",
    .summary = "Give channels other names.",
    .doc = "Old names that do not exist and new names that would stand twice are refused. The role of a channel (eeg, "
           "ecg, "
           "stim ...) stays what it was.\n\n    limpid run IN.edf rename T3:T7,T4:T8,T5:P7,T6:P8 ! write OUT.bdf\n",
    .known_as = "ChannelStandardizer (FACETpy), raw.rename_channels (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params,
    .params_size = sizeof(rename_params),
    .plan = plan,
};
