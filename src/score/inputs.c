/* SPDX-License-Identifier: BSD-3-Clause
 *
 * inputs.c: finding and opening what a score is made from, and lining it up.
 *
 * What the caller does not name is looked for where limpid puts it: the record beside the result, the recording before
 * in the record, the truth beside that ("X.truth.bdf" for "X.edf"), the tones in its facts ("X.truth.json").
 */
#include "score/inputs.h"

#include "core/record.h"
#include "os/os.h"
#include "score/find_times.h"
#include "score/metrics.h"
#include "score/provenance.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BANDS = 16, MOST_TONES = 64 };

void score_warn(score_inputs *in, const char *sentence, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, sentence);
    if (vasprintf(&text, sentence, values) < 0) text = NULL;
    va_end(values);
    json_t *warning = text == NULL ? NULL : json_string(text);
    if (warning == NULL)
        warning = json_string("a warning could not be put into words: it holds text that is not UTF-8");
    json_array_append_new(in->warnings, warning);
    free(text);
}

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to score a result");
}

double score_duration_s(const lmp_recording *recording)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    return (double)f->n_times / f->rate_hz;
}

/* ---- Files ---- */

static bool exists(const char *path)
{
    os_file_info info;
    return os_path_stat(path, &info) == 0 && !info.is_directory;
}

static lmp_status open_signals(lmp_engine *engine, const char *path, double rate_hz, lmp_recording **recording,
                               lmp_error *err)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.rate_hz = rate_hz;
    lmp_recording *made = NULL;
    lmp_status status = lmp_recording_open(engine, path, &options, &made, err);
    if (status != LMP_OK) return status;
    const lmp_format *f = lmp_recording_get_format(made);
    if (f->kind != LMP_SIGNALS || f->n_channels < 1 || f->n_times < 2)
        status = lmp_fail(err, LMP_ERR_INPUT, "%s holds no signals: a score needs channels and samples", path);
    else if (!(f->rate_hz > 0) || !isfinite(f->rate_hz))
        status = lmp_fail(err, LMP_ERR_INPUT,
                          "the sample rate of %s is not known: a provenance record beside it would say it", path);
    if (status == LMP_OK)
        *recording = made;
    else
        lmp_recording_close(made);
    return status;
}

static lmp_status load_record(score_inputs *in, const char *result, const char *given, lmp_error *err)
{
    if (given != NULL) return provenance_load(given, &in->record, err);
    char *path = record_path(result);
    if (path == NULL) return no_memory(err);
    lmp_error why = {0};
    if (!exists(path))
        score_warn(in, "There is no provenance record %s: what was done to the result is not known.", path);
    else if (provenance_load(path, &in->record, &why) != LMP_OK)
        score_warn(in, "The provenance record is not used: %s.", why.text);
    free(path);
    return LMP_OK;
}

/* True if the record tells of this result: another file may have taken its name. */
static void check_record(score_inputs *in)
{
    const lmp_format *f = lmp_recording_get_format(in->result);
    const double samples = provenance_number(in->record, "output.samples"),
                 channels = provenance_number(in->record, "output.channels");
    if ((isfinite(samples) && samples != (double)f->n_times) ||
        (isfinite(channels) && channels != (double)f->n_channels))
        score_warn(in,
                   "The provenance record is of another file: it tells of %.0f channels of %.0f samples, the result "
                   "has %lld of %lld.",
                   channels, samples, (long long)f->n_channels, (long long)f->n_times);
}

static lmp_status open_result(score_inputs *in, const char *path, const lmp_score_options *options, lmp_error *err)
{
    lmp_status status = load_record(in, path, options->record, err);
    const double rate_hz = provenance_number(in->record, "output.rate_hz");
    if (status == LMP_OK) status = open_signals(in->engine, path, rate_hz > 0 ? rate_hz : 0, &in->result, err);
    if (status == LMP_OK && in->record != NULL) check_record(in);
    if (status == LMP_OK) in->result_start_s = provenance_cropped_s(in->record, -1);
    return status;
}

/* The path that a record gives, or the same name beside the result; malloc'd, NULL if neither exists. */
static char *find_input(const score_inputs *in)
{
    const char *path = provenance_text(in->record, "input.path"), *slash = strrchr(path, '/');
    if (path[0] == '\0') return NULL;
    if (exists(path)) return strdup(path);
    char *directory = os_path_directory(lmp_recording_get_path(in->result)), *beside = NULL;
    if (directory == NULL || asprintf(&beside, "%s/%s", directory, slash != NULL ? slash + 1 : path) < 0) beside = NULL;
    free(directory);
    if (beside != NULL && exists(beside)) return beside;
    free(beside);
    return NULL;
}

static lmp_status open_before(score_inputs *in, const char *given, lmp_error *err)
{
    const double rate_hz = provenance_number(in->record, "input.rate_hz"),
                 samples = provenance_number(in->record, "input.samples");
    const double fallback_hz = rate_hz > 0 ? rate_hz : lmp_recording_get_format(in->result)->rate_hz;
    if (given != NULL) return open_signals(in->engine, given, fallback_hz, &in->before, err);
    char *path = find_input(in);
    lmp_error why = {0};
    if (path == NULL) {
        if (provenance_text(in->record, "input.path")[0] != '\0')
            score_warn(in,
                       "The recording before processing, %s, is not there: nothing can be said about what was removed.",
                       provenance_text(in->record, "input.path"));
        return LMP_OK;
    }
    if (open_signals(in->engine, path, fallback_hz, &in->before, &why) != LMP_OK)
        score_warn(in, "The recording before processing is not used: %s.", why.text);
    free(path);
    if (in->before == NULL || !isfinite(samples) || samples == (double)lmp_recording_get_format(in->before)->n_times)
        return LMP_OK;
    score_warn(in, "%s is not what was processed: the record tells of %.0f samples. It is not used.",
               lmp_recording_get_path(in->before), samples);
    lmp_recording_close(in->before);
    in->before = NULL;
    return LMP_OK;
}

/* "a/x.edf" and ".truth.bdf" give "a/x.truth.bdf"; malloc'd. */
static char *with_ending(const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    const size_t stem = dot != NULL && (slash == NULL || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
    char *made = NULL;
    return asprintf(&made, "%.*s%s", (int)stem, path, ending) < 0 ? NULL : made;
}

static lmp_status open_truth(score_inputs *in, const char *given, lmp_error *err)
{
    static const char *const endings[] = {".truth.bdf", ".truth.edf", ".truth.vhdr", ".truth.npy", NULL};
    const double rate_hz = lmp_recording_get_format(in->before != NULL ? in->before : in->result)->rate_hz;
    if (given != NULL) return open_signals(in->engine, given, rate_hz, &in->truth, err);
    for (int i = 0; endings[i] != NULL && in->before != NULL && in->truth == NULL; i++) {
        lmp_error why = {0};
        char *path = with_ending(lmp_recording_get_path(in->before), endings[i]);
        if (path != NULL && exists(path) && open_signals(in->engine, path, rate_hz, &in->truth, &why) != LMP_OK)
            score_warn(in, "The truth is not used: %s.", why.text);
        free(path);
    }
    return LMP_OK;
}

/* ---- Channels ---- */

typedef struct named {
    const char *name;
    int64_t i;
} named;

static int compare_names(const void *a, const void *b)
{
    const named *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->i > y->i) - (x->i < y->i);
}

static int compare_name_to(const void *name, const void *of)
{
    return strcmp(name, ((const named *)of)->name);
}

/* Fills `where` of every channel by name; returns how many were found. */
static lmp_status match_channels(score_inputs *in, const lmp_recording *other, size_t where, int64_t *n_found,
                                 lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(other);
    named *names = calloc((size_t)f->n_channels, sizeof *names);
    if (names == NULL) return no_memory(err);
    for (int64_t i = 0; i < f->n_channels; i++) names[i] = (named){f->channels[i].name, i};
    qsort(names, (size_t)f->n_channels, sizeof *names, compare_names);
    for (int64_t i = 0; i < in->n_channels; i++) {
        const named *found =
            bsearch(input_channel_name(in, i), names, (size_t)f->n_channels, sizeof *names, compare_name_to);
        int64_t *at = (int64_t *)(void *)((char *)&in->channels[i] + where);
        *at = found != NULL ? found->i : -1;
        *n_found += found != NULL;
    }
    free(names);
    return LMP_OK;
}

/* Without a channel in common the other recording is of no use. */
static lmp_status match_recording(score_inputs *in, lmp_recording **other, size_t where, const char *what,
                                  lmp_error *err)
{
    int64_t n_found = 0;
    if (*other == NULL) return LMP_OK;
    const lmp_status status = match_channels(in, *other, where, &n_found, err);
    if (status != LMP_OK) return status;
    if (n_found == 0) {
        score_warn(in, "%s has no channel of the result by its name, and is not used.", what);
        lmp_recording_close(*other);
        *other = NULL;
    } else if (n_found < in->n_channels) {
        score_warn(in, "%s has %lld of the result's %lld channels; for the others nothing is compared.", what,
                   (long long)n_found, (long long)in->n_channels);
    }
    return LMP_OK;
}

const char *input_channel_name(const score_inputs *in, int64_t i)
{
    return lmp_recording_get_format(in->result)->channels[in->channels[i].result].name;
}

static lmp_status choose_channels(score_inputs *in, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(in->result);
    in->channels = calloc((size_t)f->n_channels, sizeof *in->channels);
    if (in->channels == NULL) return no_memory(err);
    bool has_eeg = false;
    for (int64_t i = 0; i < f->n_channels; i++) {
        if (f->channels[i].role == LMP_ROLE_STIM || f->channels[i].role == LMP_ROLE_SLOW) continue;
        in->channels[in->n_channels++] = (input_channel){.result = i, .before = -1, .truth = -1};
        has_eeg = has_eeg || f->channels[i].role == LMP_ROLE_EEG;
    }
    if (in->n_channels == 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has no channel that is a measurement",
                        lmp_recording_get_path(in->result));
    for (int64_t i = 0; i < in->n_channels; i++)
        in->channels[i].counts = !has_eeg || f->channels[in->channels[i].result].role == LMP_ROLE_EEG;
    lmp_status status =
        match_recording(in, &in->before, offsetof(input_channel, before), "The recording before processing", err);
    if (status == LMP_OK) status = match_recording(in, &in->truth, offsetof(input_channel, truth), "The truth", err);
    return status;
}

static void check_durations(score_inputs *in)
{
    if (in->before == NULL) return;
    const double result_s = in->result_start_s + score_duration_s(in->result), before_s = score_duration_s(in->before);
    if (result_s > before_s + 2)
        score_warn(
            in,
            "The result ends at %.1f s, the recording before processing at %.1f s: only the common part is compared.",
            result_s, before_s);
}

/* ---- Bands and tones ---- */

static lmp_status bad_list(const char *what, const char *text, const char *example, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_USAGE, "\"%s\" is no list of %s in Hz: give for example %s", text, what, example);
}

static lmp_status parse_bands(score_inputs *in, const char *text, lmp_error *err)
{
    const double half_hz = lmp_recording_get_format(in->result)->rate_hz / 2;
    in->bands = calloc(MOST_BANDS, sizeof *in->bands);
    if (in->bands == NULL) return no_memory(err);
    for (const char *at = text; *at != '\0';) {
        char *end;
        const double low_hz = strtod(at, &end);
        if (end == at || *end != '-') return bad_list("bands", text, "3-60,62-108", err);
        at = end + 1;
        const double high_hz = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') || !(low_hz >= 0) || !(high_hz > low_hz) || !isfinite(high_hz))
            return bad_list("bands", text, "3-60,62-108", err);
        at = *end == ',' ? end + 1 : end;
        if (low_hz >= half_hz)
            score_warn(in, "The band %g-%g Hz lies above half the result's rate, %g Hz, and is left out.", low_hz,
                       high_hz, half_hz);
        else if (in->n_bands == MOST_BANDS)
            return lmp_fail(err, LMP_ERR_USAGE, "\"%s\" names more than %d bands", text, MOST_BANDS);
        else
            in->bands[in->n_bands++] = (psd_band_edges){low_hz, fmin(high_hz, half_hz)};
    }
    return LMP_OK;
}

static lmp_status parse_tones(score_inputs *in, const char *text, lmp_error *err)
{
    for (const char *at = text; *at != '\0';) {
        char *end;
        const double hz = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') || !(hz > 0) || !isfinite(hz))
            return bad_list("tones", text, "3.3,11.9", err);
        at = *end == ',' ? end + 1 : end;
        if (in->n_tones == MOST_TONES)
            return lmp_fail(err, LMP_ERR_USAGE, "\"%s\" names more than %d tones", text, MOST_TONES);
        in->tones_hz[in->n_tones++] = hz;
    }
    return LMP_OK;
}

/* The simulator tells its tones in the truth's facts, and in the record if the input was no file. */
static void find_tones(score_inputs *in)
{
    lmp_error why = {0};
    json_t *facts = NULL;
    char *path = with_ending(lmp_recording_get_path(in->truth), ".json");
    if (path != NULL && exists(path) && provenance_load(path, &facts, &why) != LMP_OK)
        score_warn(in, "The facts about the truth are not used: %s.", why.text);
    int64_t n = 0;
    double *hz = provenance_numbers(facts, "tones_hz", &n);
    if (hz == NULL) hz = provenance_numbers(in->record, "input.simulation.tones_hz", &n);
    for (int64_t i = 0; i < n && in->n_tones < MOST_TONES; i++)
        if (hz[i] > 0) in->tones_hz[in->n_tones++] = hz[i];
    free(hz);
    json_decref(facts);
    free(path);
}

/* Tones that neither recording can hold are left out. */
static lmp_status choose_tones(score_inputs *in, const char *given, lmp_error *err)
{
    in->tones_hz = calloc(MOST_TONES, sizeof *in->tones_hz);
    if (in->tones_hz == NULL) return no_memory(err);
    const lmp_status status = given != NULL ? parse_tones(in, given, err) : LMP_OK;
    if (status != LMP_OK) return status;
    if (given != NULL && in->truth == NULL) score_warn(in, "Tones are followed against the truth, and none is known.");
    if (given == NULL && in->truth != NULL) find_tones(in);
    int64_t n = 0;
    for (int64_t i = 0; i < in->n_tones; i++)
        if (in->tones_hz[i] < lmp_recording_get_format(in->result)->rate_hz / 2) in->tones_hz[n++] = in->tones_hz[i];
    in->n_tones = n;
    return LMP_OK;
}

/* ---- The whole ---- */

lmp_status score_inputs_open(lmp_engine *engine, const char *result, const lmp_score_options *options, score_inputs *in,
                             lmp_error *err)
{
    *in = (score_inputs){.engine = engine, .warnings = json_array()};
    lmp_status status = in->warnings == NULL ? no_memory(err) : open_result(in, result, options, err);
    if (status == LMP_OK) status = open_before(in, options->before, err);
    if (status == LMP_OK) status = open_truth(in, options->truth, err);
    if (status == LMP_OK) status = choose_channels(in, err);
    if (status == LMP_OK) status = parse_bands(in, options->bands != NULL ? options->bands : "3-60,62-108", err);
    if (status == LMP_OK) status = choose_tones(in, options->tones, err);
    if (status == LMP_OK) status = find_times(in, options->pattern, err);
    if (status != LMP_OK) {
        score_inputs_close(in);
        return status;
    }
    check_durations(in);
    return LMP_OK;
}

void score_inputs_close(score_inputs *in)
{
    lmp_recording_close(in->result);
    lmp_recording_close(in->before);
    lmp_recording_close(in->truth);
    json_decref(in->record);
    json_decref(in->warnings);
    timing_clear(&in->times);
    free(in->channels);
    free(in->bands);
    free(in->tones_hz);
    *in = (score_inputs){0};
}
