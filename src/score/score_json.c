/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score_json.c: a score as JSON.
 */
#include "score/score_json.h"

#include "score/metrics.h"

#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, number(value));
}

static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    json_object_set_new(object, key, value != NULL ? value : json_string_nocheck("(not UTF-8)"));
}

static void set_path(json_t *object, const char *key, const lmp_recording *recording)
{
    if (recording != NULL)
        set_text(object, key, lmp_recording_get_path(recording));
    else
        json_object_set_new(object, key, json_null());
}

/* ---- Scan ---- */

static json_t *scan_to_json(const score_inputs *in)
{
    const timing *t = &in->times;
    if (!in->has_times) return json_null();
    json_t *o = json_object(), *blocks = json_array();
    set(o, "first_s", t->blocks[0].first_s - in->result_start_s);
    set(o, "last_s", t->blocks[t->n_blocks - 1].last_s - in->result_start_s);
    json_object_set_new(o, "epochs", json_integer(t->n_epochs));
    set(o, "period_s", t->period_s);
    set(o, "length_s", t->length_s);
    json_object_set_new(o, "slices_per_volume",
                        t->slices_per_volume > 0 ? json_integer(t->slices_per_volume) : json_null());
    for (int64_t b = 0; b < t->n_blocks; b++) {
        json_t *block = json_object();
        set(block, "first_s", t->blocks[b].first_s - in->result_start_s);
        set(block, "last_s", t->blocks[b].last_s - in->result_start_s);
        json_array_append_new(blocks, block);
    }
    json_object_set_new(o, "blocks", blocks);
    set_text(o, "times_from", in->times_from);
    return o;
}

/* ---- With truth ---- */

typedef enum error_kind { ERROR_UV, REFERENCE_UV, CORRELATION } error_kind;

static double pick(const error_values *e, error_kind kind)
{
    return kind == ERROR_UV ? e->error_uv : kind == REFERENCE_UV ? e->reference_uv : e->correlation;
}

static json_t *errors_per_channel(const measures *m, int64_t band, error_kind kind)
{
    json_t *array = json_array();
    for (int64_t c = 0; c < m->n_channels; c++)
        json_array_append_new(array, number(pick(band < 0 ? &m->channels[c].all : &m->channels[c].bands[band], kind)));
    return array;
}

static void set_errors(json_t *o, const measures *m, const error_values *e, int64_t band)
{
    set(o, "error_uv", e->error_uv);
    set(o, "reference_uv", e->reference_uv);
    set(o, "correlation", e->correlation);
    json_object_set_new(o, "error_uv_per_channel", errors_per_channel(m, band, ERROR_UV));
    json_object_set_new(o, "reference_uv_per_channel", errors_per_channel(m, band, REFERENCE_UV));
    json_object_set_new(o, "correlation_per_channel", errors_per_channel(m, band, CORRELATION));
}

static json_t *tones_to_json(const score_inputs *in, const measures *m, const summary *s)
{
    json_t *tones = json_array();
    for (int64_t i = 0; i < m->n_tones; i++) {
        json_t *o = json_object(), *each = json_array();
        set(o, "hz", in->tones_hz[i]);
        set(o, "transfer", s->transfer[i]);
        for (int64_t c = 0; c < m->n_channels; c++) json_array_append_new(each, number(m->channels[c].transfer[i]));
        json_object_set_new(o, "transfer_per_channel", each);
        json_array_append_new(tones, o);
    }
    return tones;
}

static json_t *truth_to_json(const score_inputs *in, const measures *m, const summary *s)
{
    if (!m->has_truth) return json_null();
    json_t *o = json_object(), *bands = json_array();
    for (int64_t b = 0; b < m->n_bands; b++) {
        json_t *band = json_object();
        set(band, "low_hz", in->bands[b].low_hz);
        set(band, "high_hz", in->bands[b].high_hz);
        set_errors(band, m, &s->bands[b], b);
        json_array_append_new(bands, band);
    }
    json_object_set_new(o, "bands", bands);
    set_errors(o, m, &s->all, -1);
    json_object_set_new(o, "tones", tones_to_json(in, m, s));
    set_text(o, "truth_filtered_by", m->truth_filters);
    set_text(o, "measured", m->has_times ? "inside the scan" : "over the whole recording");
    return o;
}

/* ---- Suppression ---- */

typedef double channel_number(const summary *s, const channel_values *v);

static double residue_of(const summary *s, const channel_values *v)
{
    (void)s;
    return v->sides[SIDE_RESULT].residue_uv;
}

static double null_of(const summary *s, const channel_values *v)
{
    (void)s;
    return v->sides[SIDE_RESULT].null_uv;
}

static double residual_ratio_of(const summary *s, const channel_values *v)
{
    (void)s;
    return channel_residual_ratio(v);
}

static void set_per_channel(json_t *o, const char *key, const measures *m, const summary *s, channel_number *value)
{
    json_t *array = json_array();
    for (int64_t c = 0; c < m->n_channels; c++) json_array_append_new(array, number(value(s, &m->channels[c])));
    json_object_set_new(o, key, array);
}

static json_t *lines_to_json(const summary *s)
{
    json_t *lines = json_array();
    for (int64_t i = 0; i < s->n_lines; i++) {
        const line_summary *line = &s->lines[i];
        json_t *o = json_object();
        set_text(o, "of", line->of);
        json_object_set_new(o, "harmonic", json_integer(line->harmonic));
        set(o, "hz", line->hz);
        set(o, "before_db", line->before_db);
        set(o, "after_db", line->after_db);
        set(o, "suppression_db", line->suppression_db);
        set(o, "before_over_surroundings_db", line->before_over_db);
        set(o, "after_over_surroundings_db", line->after_over_db);
        json_object_set_new(o, "is_strongest", json_boolean(line->is_strong));
        json_array_append_new(lines, o);
    }
    return lines;
}

static json_t *suppression_to_json(const measures *m, const summary *s)
{
    if (!m->has_times) return json_null();
    json_t *o = json_object(), *extent = json_object();
    json_object_set_new(o, "harmonics", lines_to_json(s));
    set(o, "suppression_db", s->suppression_db);
    if (m->has_before) set_per_channel(o, "suppression_db_per_channel", m, s, channel_suppression_db);
    set(o, "residual_ratio", s->residual_ratio);
    set_per_channel(o, "residual_ratio_per_channel", m, s, residual_ratio_of);
    set(o, "epoch_locked_residue_uv", s->residue_uv);
    set(o, "epoch_locked_residue_null_uv", s->null_uv);
    set(o, "epoch_locked_before_uv", s->residue_before_uv);
    set_per_channel(o, "epoch_locked_residue_uv_per_channel", m, s, residue_of);
    set_per_channel(o, "epoch_locked_residue_null_uv_per_channel", m, s, null_of);
    json_object_set_new(o, "epochs_averaged", json_integer(m->n_epochs_averaged));
    json_object_set_new(o, "shifted_grids", json_integer(m->n_grids));
    set(extent, "before", m->extent_uv[SIDE_BEFORE][PART_SCAN]);
    set(extent, "after", m->extent_uv[SIDE_RESULT][PART_SCAN]);
    set(extent, "scan_free", m->extent_uv[SIDE_RESULT][PART_FREE]);
    json_object_set_new(o, "median_artifact_uv", extent);
    return o;
}

static json_t *preservation_to_json(const summary *s)
{
    json_t *o = json_object(), *bands = json_array();
    for (int64_t i = 0; i < METER_RHYTHMS && !isnan(s->rhythms[i].ratio); i++) {
        const rhythm_summary *r = &s->rhythms[i];
        json_t *band = json_object();
        set_text(band, "name", r->name);
        set(band, "low_hz", r->low_hz);
        set(band, "high_hz", r->high_hz);
        set(band, "ratio", r->ratio);
        set(band, "spread_low", r->spread_low);
        set(band, "spread_high", r->spread_high);
        json_array_append_new(bands, band);
    }
    json_object_set_new(o, "band_power_vs_scan_free", bands);
    return o;
}

/* ---- FACETpy's metrics, by its names ---- */

static json_t *facet_entry(json_t *value, const char *unit, const char *mended)
{
    json_t *o = json_object();
    json_object_set_new(o, "value", value);
    set_text(o, "unit", unit);
    set_text(o, "mended", mended);
    return o;
}

static void set_facet(json_t *o, const char *key, double value, const char *unit, const char *mended)
{
    json_object_set_new(o, key, facet_entry(number(value), unit, mended));
}

static json_t *allen_value(const summary *s)
{
    static const char *const names[METER_RHYTHMS] = {"Delta", "Theta", "Alpha", "Beta"};
    json_t *o = json_object();
    for (int64_t i = 0; i < METER_RHYTHMS; i++) set(o, names[i], s->rhythms[i].change_percent);
    return o;
}

/* FACETpy calls the rate of its triggers the slice rate unless volumes are known. */
static const char *niazy_name(const char *of, bool has_slices)
{
    if (strcmp(of, "epoch") == 0) return has_slices ? "volume" : "slice";
    return of;
}

static json_t *niazy_value(const summary *s)
{
    json_t *o = json_object();
    bool has_slices = false;
    for (int64_t i = 0; i < s->n_lines; i++) has_slices = has_slices || strcmp(s->lines[i].of, "slice") == 0;
    for (int64_t i = 0; i < s->n_lines; i++) {
        char key[16] = "h0";
        const char *name = niazy_name(s->lines[i].of, has_slices);
        if (s->lines[i].harmonic > METER_LINES) continue;
        if (json_object_get(o, name) == NULL) json_object_set_new(o, name, json_object());
        key[1] = (char)('0' + s->lines[i].harmonic);
        set(json_object_get(o, name), key, s->lines[i].suppression_db);
    }
    return o;
}

static json_t *facet_to_json(const measures *m, const summary *s)
{
    const facet_summary *f = &s->facet;
    if (!m->has_times) return json_null();
    json_t *o = json_object();
    set_facet(o, "snr", f->snr, "1",
              "var_free / (var_scan - var_free) without FACETpy's absolute floor of 1e-10 V^2 and without its absolute "
              "value; "
              "median over channels instead of the mean, in which a channel with less variance in the scan counts as "
              "infinite; null if that is the median: then no residue can be measured.");
    json_object_set_new(json_object_get(o, "snr"), "channels_without_measurable_residue",
                        json_integer(f->n_without_residue));
    set_facet(
        o, "legacy_snr", f->legacy_snr, "1",
        "As snr, with the scan-free parts of the recording before processing for reference: comparable only if the "
        "chain has no filters.");
    set_facet(o, "rms_ratio", f->rms_ratio, "1",
              "Standard deviations instead of the RMS about 0, so an electrode's offset does not count as artifact; "
              "the median "
              "over channels, as in FACETpy. It rewards over-correction: read it with the preservation.");
    set_facet(o, "rms_residual", f->rms_residual, "1",
              "No floor of 1e-10 V under the reference; median over channels instead of the mean.");
    set_facet(o, "median_artifact", f->median_artifact, "uV",
              "Epochs that the scan holds completely, none of them padded; same formula otherwise.");
    set_facet(o, "median_artifact_ratio", f->median_artifact_ratio, "1",
              "The reference windows lie within one scan-free part each and never span the cut between two.");
    json_object_set_new(
        o, "fft_allen",
        facet_entry(allen_value(s), "%",
                    "No 1e-10 added to the reference, which in volts is larger than EEG power and makes every "
                    "result look like 0.1 to 5 %; windows of 4 s instead of 3 s."));
    json_object_set_new(
        o, "fft_niazy",
        facet_entry(niazy_value(s), "dB",
                    "Median over channels of each channel's ratio instead of the ratio of two medians; windows of "
                    "eight periods and lines of a quarter of their distance at most, so that neighbouring volume "
                    "harmonics are not counted into each other."));
    return o;
}

/* ---- The whole ---- */

static json_t *names_to_json(const score_inputs *in, bool only_counting)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < in->n_channels; i++) {
        json_t *name = json_string(input_channel_name(in, i));
        if (name == NULL) name = json_string("(not UTF-8)");
        if (!only_counting || in->channels[i].counts)
            json_array_append_new(array, name);
        else
            json_decref(name);
    }
    return array;
}

json_t *score_to_json(const score_inputs *in, const measures *m, const summary *s)
{
    json_t *o = json_object();
    if (o == NULL) return NULL;
    set_text(o, "limpid", lmp_version());
    set_path(o, "result", in->result);
    set_path(o, "before", m->has_before ? in->before : NULL);
    set_path(o, "truth", m->has_truth ? in->truth : NULL);
    json_object_set_new(o, "scan", scan_to_json(in));
    json_object_set_new(o, "with_truth", truth_to_json(in, m, s));
    json_object_set_new(o, "suppression", suppression_to_json(m, s));
    json_object_set_new(o, "preservation", preservation_to_json(s));
    json_object_set_new(o, "facetpy", facet_to_json(m, s));
    json_object_set(o, "warnings", in->warnings);
    json_object_set_new(o, "channels", names_to_json(in, false));
    json_object_set_new(o, "channels_in_means", names_to_json(in, true));
    return o;
}
