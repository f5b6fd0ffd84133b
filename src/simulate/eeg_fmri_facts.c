/* SPDX-License-Identifier: BSD-3-Clause
 *
 * eeg_fmri_facts.c: channels, events and the known truth of a simulated recording.
 */
#include "simulate/eeg_fmri.h"

#include "core/param.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Channels ---- */

/* The 10-20 system first, then the 10-10 system, in the order of common caps: the first 32 make a cap of 32. */
static const char *const electrode_names[] = {
    "Fp1", "Fp2", "F3", "F4", "C3",  "C4",  "P3",  "P4",  "O1",  "O2",  "F7",  "F8",  "T7",  "T8",   "P7",  "P8",
    "Fz",  "Cz",  "Pz", "Oz", "FC1", "FC2", "CP1", "CP2", "FC5", "FC6", "CP5", "CP6", "TP9", "TP10", "POz", "FCz",
    "F1",  "F2",  "C1", "C2", "P1",  "P2",  "AF3", "AF4", "FC3", "FC4", "CP3", "CP4", "PO3", "PO4",  "F5",  "F6",
    "C5",  "C6",  "P5", "P6", "AF7", "AF8", "FT7", "FT8", "TP7", "TP8", "PO7", "PO8", "FT9", "FT10", "Fpz", "CPz",
};
enum { N_ELECTRODES = sizeof electrode_names / sizeof *electrode_names, NAME_BYTES = 16 };

static lmp_status describe_channels(const eeg_fmri *r, lmp_stream *stream, lmp_error *err)
{
    lmp_channel *channels = calloc((size_t)r->n_lanes, sizeof *channels);
    char(*names)[NAME_BYTES] = calloc((size_t)r->n_lanes, sizeof *names);
    lmp_status status = LMP_OK;
    if (channels == NULL || names == NULL)
        status =
            lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %lld channels", (long long)r->n_lanes);
    for (int64_t c = 0; c < r->n_lanes && status == LMP_OK; c++) {
        const bool is_ecg = c == r->ecg_lane;
        if (is_ecg || c < N_ELECTRODES)
            snprintf(names[c], NAME_BYTES, "%s", is_ecg ? "ECG" : electrode_names[c]);
        else
            snprintf(names[c], NAME_BYTES, "E%d", (int)c + 1);
        channels[c] = (lmp_channel){.name = names[c],
                                    .unit = "uV",
                                    .transducer = "",
                                    .filtering = "",
                                    .role = is_ecg ? LMP_ROLE_ECG : LMP_ROLE_EEG,
                                    .stored_rate_hz = r->params.rate_hz};
        if (r->is_truth) continue; /* scale 0: not rounded */
        channels[c].scale = r->grid.scale;
        channels[c].physical_min = -r->grid.physical_max;
        channels[c].physical_max = r->grid.physical_max;
        channels[c].digital_min = -r->grid.digital_max;
        channels[c].digital_max = r->grid.digital_max;
    }
    if (status == LMP_OK) status = lmp_stream_set_channels(stream, channels, r->n_lanes, err);
    free(channels);
    free(names);
    return status;
}

/* ---- Events ---- */

static lmp_status describe_events(const eeg_fmri *r, const char *trigger_label, lmp_stream *stream, lmp_error *err)
{
    const triggers *t = &r->pulses;
    const pulse_train *stimuli = &r->eeg.stimuli;
    lmp_event *events = calloc((size_t)(t->n + t->n_extra + stimuli->n) + 1, sizeof *events);
    if (events == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %lld events", (long long)t->n);
    int64_t n = 0;
    for (int64_t i = 0; i < t->n; i++)
        if (r->is_truth || !t->is_missing[i])
            events[n++] = (lmp_event){
                .onset_s = r->is_truth ? t->true_s[i] : t->recorded_s[i], .label = trigger_label, .code = 1};
    for (int64_t i = 0; i < t->n_extra && !r->is_truth; i++)
        events[n++] = (lmp_event){.onset_s = t->extra_s[i], .label = trigger_label, .code = 1};
    for (int64_t i = 0; i < stimuli->n; i++) {
        const bool is_exact = r->is_truth || r->params.trigger_rounding == 0;
        const double onset_s = is_exact ? stimuli->onset_s[i] : triggers_round(stimuli->onset_s[i], r->params.rate_hz);
        events[n++] = (lmp_event){.onset_s = onset_s, .label = "stimulus", .code = 2};
    }
    const lmp_status status = lmp_stream_set_events(stream, events, n, err);
    free(events);
    return status;
}

lmp_status eeg_fmri_describe(const eeg_fmri *r, const eeg_fmri_params *params, lmp_stream *stream, lmp_error *err)
{
    stream->format = (lmp_format){
        .kind = LMP_SIGNALS,
        .type = r->is_truth          ? LMP_FLOAT64
                : params->bits <= 16 ? LMP_INT16
                                     : LMP_INT24,
        .n_times = r->n_times,
        .rate_hz = params->rate_hz,
        .start_unix_s = (double)NAN,
        .subject = "",
        .session = "",
    };
    const lmp_status status = describe_channels(r, stream, err);
    return status != LMP_OK ? status : describe_events(r, params->trigger_label, stream, err);
}

/* ---- Facts. A NULL from jansson means that memory is out; put() and append() remember it ---- */

static void put(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0) *failed = true;
}

static void append(json_t *array, json_t *value, bool *failed)
{
    if (json_array_append_new(array, value) != 0) *failed = true;
}

static json_t *numbers(const double *values, int64_t n, bool *failed)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < n; i++) append(array, json_real(values[i]), failed);
    return array;
}

static json_t *parameter(const lmp_param *table, int64_t row, const eeg_fmri_params *params, bool *failed)
{
    const void *field = (const char *)params + table[row].offset;
    /* The printer only reads the set. */
    const param_set set = {.table = table, .values = (void *)(uintptr_t)params};
    char *text = param_print(&set, row);
    json_t *value = NULL;
    if (table[row].type == LMP_PARAM_NUMBERS) {
        const lmp_numbers *list = field;
        value = numbers(list->values, list->count, failed);
    } else if (table[row].type == LMP_PARAM_NUMBER) {
        value = json_real(*(const double *)field);
    } else if (table[row].type == LMP_PARAM_INTEGER) {
        value = json_integer(*(const int64_t *)field);
    } else if (text != NULL) {
        value = json_string(text);
    }
    free(text);
    return value;
}

static json_t *parameters(const lmp_param *table, const eeg_fmri_params *params, bool *failed)
{
    json_t *object = json_object();
    for (int64_t i = 0; table[i].name != NULL; i++)
        put(object, table[i].name, parameter(table, i, params, failed), failed);
    return object;
}

static json_t *trigger_facts(const triggers *t, bool *failed)
{
    json_t *recorded = json_array(), *missing = json_array(), *facts = json_object();
    for (int64_t i = 0; i < t->n; i++) {
        append(recorded, t->is_missing[i] ? json_null() : json_real(t->recorded_s[i]), failed);
        if (t->is_missing[i]) append(missing, json_integer(i), failed);
    }
    put(facts, "true_s", numbers(t->true_s, t->n, failed), failed);
    put(facts, "recorded_s", recorded, failed);
    put(facts, "missing", missing, failed);
    put(facts, "extra_s", numbers(t->extra_s, t->n_extra, failed), failed);
    return facts;
}

static json_t *block_facts(const scan *s, bool *failed)
{
    json_t *blocks = json_array();
    for (int64_t b = 0; b < s->n_blocks; b++) {
        json_t *block = json_object();
        put(block, "first_s", json_real(scan_slice_start(s, b, 0, 0)), failed);
        put(block, "last_s", json_real(scan_block_end(s, b)), failed);
        put(block, "volumes", json_integer(s->n_volumes), failed);
        put(block, "slices", json_integer(s->n_slices), failed);
        append(blocks, block, failed);
    }
    return blocks;
}

static double artifact_gain(const eeg_fmri *r, int64_t lane)
{
    return r->params.artifact_uv > 0 ? gradient_artifact_gain(lane) : 0;
}

static double evoked_gain(const eeg_fmri *r, int64_t lane)
{
    return r->params.evoked_uv > 0 && lane != r->ecg_lane ? brain_evoked_gain(&r->eeg, lane) : 0;
}

static double pulse_gain(const eeg_fmri *r, int64_t lane)
{
    return r->ecg_lane >= 0 && lane != r->ecg_lane ? eeg_fmri_pulse_gain(r, lane) : 0;
}

static json_t *per_lane(const eeg_fmri *r, double (*gain)(const eeg_fmri *, int64_t), bool *failed)
{
    json_t *array = json_array();
    for (int64_t c = 0; c < r->n_lanes; c++) append(array, json_real(gain(r, c)), failed);
    return array;
}

/* Beats before the start and after the end only matter for the waves that reach in. */
static json_t *beats_inside(const eeg_fmri *r, bool *failed)
{
    int64_t first = 0, end = r->beats.n;
    while (first < end && r->beats.onset_s[first] < 0) first++;
    while (end > first && r->beats.onset_s[end - 1] >= r->params.seconds) end--;
    return numbers(end > first ? r->beats.onset_s + first : NULL, end - first, failed);
}

json_t *eeg_fmri_facts(const eeg_fmri *r, const lmp_param *table, const eeg_fmri_params *params)
{
    bool failed = false;
    json_t *facts = json_object();
    put(facts, "simulator", json_string("eeg-fmri"), &failed);
    put(facts, "parameters", parameters(table, params, &failed), &failed);
    put(facts, "scale_uv", json_real(r->grid.scale), &failed);
    put(facts, "full_scale_uv", json_real(r->grid.physical_max), &failed);
    put(facts, "slice_s", json_real(r->timetable.slice_s), &failed);
    put(facts, "blocks", block_facts(&r->timetable, &failed), &failed);
    put(facts, "triggers", trigger_facts(&r->pulses, &failed), &failed);
    put(facts, "artifact_harmonics", json_integer(r->gradient.main.n_harmonics), &failed);
    put(facts, "artifact_gain", per_lane(r, artifact_gain, &failed), &failed);
    put(facts, "movements_s", numbers(r->gradient.movement_s, r->gradient.settings.n_movements, &failed), &failed);
    put(facts, "tones_hz", numbers(params->tones_hz.values, params->tones_hz.count, &failed), &failed);
    put(facts, "tone_uv", json_real(params->tone_uv), &failed);
    put(facts, "stimuli_s", numbers(r->eeg.stimuli.onset_s, r->eeg.stimuli.n, &failed), &failed);
    put(facts, "evoked_gain", per_lane(r, evoked_gain, &failed), &failed);
    put(facts, "heartbeats_s", beats_inside(r, &failed), &failed);
    put(facts, "pulse_gain", per_lane(r, pulse_gain, &failed), &failed);
    if (!failed) return facts;
    json_decref(facts);
    return NULL;
}
