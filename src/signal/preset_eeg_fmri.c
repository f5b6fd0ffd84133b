/* SPDX-License-Identifier: BSD-3-Clause
 *
 * eeg_fmri.c: the preset that a newcomer needs.
 */
#include "core/engine.h"
#include "signal/trigger_lattice.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct eeg_fmri_params {
    char *pattern, *channel;
    double highpass_hz, lowpass_hz;
} eeg_fmri_params;

static const lmp_param params[] = {
    {"pattern", LMP_PARAM_TEXT, offsetof(eeg_fmri_params, pattern), "auto", 0, 0, "", NULL,
     "Label of the scanner's triggers, as for the step triggers; auto takes the most regular label."},
    {"channel", LMP_PARAM_TEXT, offsetof(eeg_fmri_params, channel), "", 0, 0, "", NULL,
     "Stim channel that holds the triggers, if they are not events."},
    {"highpass-hz", LMP_PARAM_NUMBER, offsetof(eeg_fmri_params, highpass_hz), "1", 0, 1e5, "Hz", NULL,
     "High-pass before the correction; 0 leaves it out."},
    {"lowpass-hz", LMP_PARAM_NUMBER, offsetof(eeg_fmri_params, lowpass_hz), "70", 0, 1e5, "Hz", NULL,
     "Low-pass after the correction; 0 leaves it out."},
    {0},
};

static void explain(char **why, const char *sentence, ...) LMP_PRINTF(2, 3);

static void explain(char **why, const char *sentence, ...)
{
    char *text = NULL, *all = NULL;
    va_list values;
    va_start(values, sentence);
    if (vasprintf(&text, sentence, values) < 0) text = NULL;
    va_end(values);
    if (text != NULL && asprintf(&all, "%s%s\n", *why != NULL ? *why : "", text) >= 0) {
        free(*why);
        *why = all;
    }
    free(text);
}

static lmp_status add_number(lmp_chain *chain, const char *step, const char *key, double value, lmp_error *err)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", value);
    const lmp_status status = lmp_chain_add(chain, step, err);
    return status != LMP_OK ? status : lmp_chain_set(chain, key, text, err);
}

enum { LONGEST_SLICE_MS = 500 }; /* as the step gradient tells slices from volumes */

static lmp_status add_triggers(const eeg_fmri_params *p, const lmp_stream *stream, lmp_chain *chain, char **why,
                               lmp_error *err)
{
    lmp_status status = lmp_chain_add(chain, "triggers", err);
    if (status != LMP_OK) return status;
    if (p->channel[0] != '\0') {
        explain(why, "Triggers are read from channel %s.", p->channel);
        return lmp_chain_set(chain, "channel", p->channel, err);
    }
    if (strcmp(p->pattern, "auto") != 0) {
        explain(why, "Triggers are the events labelled \"%s\".", p->pattern);
        return lmp_chain_set(chain, "pattern", p->pattern, err);
    }
    trigger_choice choice;
    status = trigger_lattice_choose_label(stream, &choice, err);
    if (status != LMP_OK || choice.label == NULL) return status; /* the step looks further, or says what is missing */
    explain(why, "Triggers are the events labelled \"%s\": %lld of them, one every %.6g s, so one for each %s.",
            choice.label, (long long)choice.count, choice.period_s,
            1000 * choice.period_s > LONGEST_SLICE_MS ? "volume" : "slice");
    return lmp_chain_set(chain, "pattern", choice.label, err);
}

static lmp_status build(const void *values, const lmp_stream *stream, lmp_chain *chain, char **why, lmp_error *err)
{
    const eeg_fmri_params *p = values;
    const double nyquist_hz = stream->format.rate_hz / 2;
    lmp_status status = add_triggers(p, stream, chain, why, err);
    if (status == LMP_OK) status = lmp_chain_add(chain, "complete-triggers", err);
    if (status == LMP_OK) status = lmp_chain_add(chain, "align", err);
    if (status == LMP_OK && p->highpass_hz > 0) status = add_number(chain, "highpass", "hz", p->highpass_hz, err);
    if (status == LMP_OK) status = lmp_chain_add(chain, "gradient", err);
    if (status != LMP_OK || p->lowpass_hz == 0) return status;
    if (p->lowpass_hz < 0.8 * nyquist_hz) return add_number(chain, "lowpass", "hz", p->lowpass_hz, err);
    explain(why, "No low-pass: the recording ends at %g Hz anyway.", nyquist_hz);
    return LMP_OK;
}

const lmp_preset lmp_preset_eeg_fmri = {
    .struct_size = sizeof(lmp_preset),
    .name = "eeg-fmri",
    .summary = "EEG recorded during fMRI, freed of the gradient artifact.",
    .doc =
        "Finds the scanner's triggers, puts missing ones back and strangers aside, finds their exact times from all of "
        "them "
        "together, takes slow drifts out, subtracts the gradient artifact, and takes out what lies above the EEG:\n\n"
        "    triggers ! complete-triggers ! align ! highpass hz=1 ! gradient ! lowpass hz=70\n\n"
        "`limpid eeg-fmri IN --print` shows the chain for a recording, so that it can be changed and run with `limpid "
        "run`. "
        "Whether a trigger stands for a slice or a volume is told from their distance; slices inside volumes are found "
        "by the "
        "step gradient itself.\n\nHeartbeat (ballistocardiogram) artifacts stay: no step removes them yet.\n",
    .params = params,
    .params_size = sizeof(eeg_fmri_params),
    .build = build,
};
