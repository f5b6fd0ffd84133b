/* SPDX-License-Identifier: BSD-3-Clause
 *
 * channels.c: choosing channels.
 */
#include "signal/channels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "Fp1, Fp2, F3 and 29 more" */
static void list_names(const lmp_format *format, char text[200])
{
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < format->n_channels; i++) {
        const int n = snprintf(text + used, 200 - used, "%s%s", i > 0 ? ", " : "", format->channels[i].name);
        if (n < 0 || used + (size_t)n > 160) {
            snprintf(text + used, 200 - used, " and %lld more", (long long)(format->n_channels - i));
            return;
        }
        used += (size_t)n;
    }
}

static bool fits_any(const char *word, const lmp_format *format)
{
    for (int64_t i = 0; i < format->n_channels; i++)
        if (lmp_channel_chosen(word, format, i)) return true;
    return false;
}

/* Words that mean a class of channels may fit none: a recording without an ECG is not a mistake. */
static bool is_class(const char *word)
{
    static const char *const classes[] = {"all", "data", "eeg", "eog", "ecg", "emg", "misc", "stim", "slow"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(word, classes[i]) == 0) return true;
    return false;
}

lmp_status channels_check_list(const char *step, const char *list, const lmp_format *format, lmp_error *err)
{
    char word[128], names[200];
    for (const char *at = list; *at != '\0';) {
        const size_t n = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), at);
        const char *name = word[0] == '-' && !fits_any(word, format) ? word + 1 : word;
        if (name[0] == '-') name++;
        if (!is_class(name) && !fits_any(name, format)) {
            list_names(format, names);
            return lmp_fail(err, LMP_ERR_USAGE, "%s: no channel is called \"%s\": there are %s", step, name, names);
        }
        at += n + (at[n] == ',');
    }
    return LMP_OK;
}

lmp_status channels_route(const lmp_stream *in, const bool *keep, lmp_step_plan *plan, lmp_error *err)
{
    const int64_t n = in->format.n_channels;
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) kept += keep[i];
    if (kept == n) {
        plan->is_identity = true;
        return LMP_OK;
    }
    plan->lane_source = lmp_plan_lanes(plan, kept);
    lmp_channel *channels = calloc((size_t)kept + 1, sizeof *channels);
    if (plan->lane_source == NULL || channels == NULL) {
        free(channels);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    }
    for (int64_t i = 0, to = 0; i < n; i++) {
        if (!keep[i]) continue;
        channels[to] = in->format.channels[i];
        plan->lane_source[to++] = i;
    }
    const lmp_status status = lmp_stream_set_channels(&plan->out, channels, kept, err);
    free(channels);
    return status;
}

lmp_status channels_activate(const char *step, const char *list, const lmp_stream *in, lmp_step_plan *plan,
                             lmp_error *err)
{
    const lmp_status status = channels_check_list(step, list, &in->format, err);
    if (status != LMP_OK) return status;
    plan->lane_active = lmp_plan_flags(plan, in->format.n_channels);
    if (plan->lane_active == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    int64_t active = 0;
    for (int64_t i = 0; i < in->format.n_channels; i++) {
        plan->lane_active[i] = lmp_channel_chosen(list, &in->format, i);
        active += plan->lane_active[i];
    }
    if (active == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: channels=%s fits none of the %lld channels: see limpid info", step,
                        list, (long long)in->format.n_channels);
    return LMP_OK;
}
