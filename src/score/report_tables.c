/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_tables.c: the numbers of a report.
 */
#include "score/metrics.h"
#include "score/report_page.h"

/* ---- Quality ---- */

static void tell_lines(const report_page *p)
{
    const summary *sum = &p->s->sum;
    if (sum->n_lines == 0) return;
    data_open(p->d, "group", "");
    json_t *t = data_table(p->d, "Harmonics of the scanner");
    table_column(t, "of", "", COLUMN_TEXT);
    table_column(t, "frequency", "Hz", 2);
    table_column(t, "before", "dB µV²/Hz", 1);
    table_column(t, "after", "dB µV²/Hz", 1);
    table_column(t, "removed", "dB", 1);
    table_column(t, "after over surroundings", "dB", 1);
    for (int64_t i = 0; i < sum->n_lines; i++) {
        const line_summary *line = &sum->lines[i];
        json_t *row = table_row(t);
        row_text(row, "%s %lld%s", line->of, (long long)line->harmonic, line->is_strong ? "\u2009*" : "");
        row_number(row, line->hz);
        row_number(row, line->before_db);
        row_number(row, line->after_db);
        row_number(row, line->suppression_db);
        row_number(row, line->after_over_db);
    }
    data_text(p->d, "soft");
    say(p->d, "Medians over channels; * are the strongest up to 60 Hz. After over surroundings: 0 is ideal, above it "
              "artifact is left, below it a notch was cut into the EEG.");
    data_close(p->d);
}

static void tell_rhythms(const report_page *p)
{
    if (isnan(p->s->sum.rhythms[0].ratio)) return;
    data_open(p->d, "group", "");
    json_t *t = data_table(p->d, "Rhythms that should stay");
    table_column(t, "band", "", COLUMN_TEXT);
    table_column(t, "from", "Hz", COLUMN_SHORT);
    table_column(t, "to", "Hz", COLUMN_SHORT);
    table_column(t, "in the scan over without scanning", "", 2);
    table_column(t, "usual spread without scanning: from", "", 2);
    table_column(t, "to", "", 2);
    for (int i = 0; i < METER_RHYTHMS; i++) {
        const rhythm_summary *r = &p->s->sum.rhythms[i];
        json_t *row = table_row(t);
        row_text(row, "%s", r->name);
        row_own_number(row, r->low_hz, r->low_hz == floor(r->low_hz) ? 0 : 1);
        row_own_number(row, r->high_hz, r->high_hz == floor(r->high_hz) ? 0 : 1);
        row_number(row, r->ratio);
        row_number(row, r->spread_low);
        row_number(row, r->spread_high);
    }
    data_text(p->d, "soft");
    say(p->d, "Power in windows of up to 4 s; spread: one standard deviation of the windows without scanning. The EEG "
              "itself may change when the scanner starts.");
    data_close(p->d);
}

static void add_error(json_t *t, const char *name, const error_values *e)
{
    json_t *row = table_row(t);
    row_text(row, "%s", name);
    row_number(row, e->error_uv);
    row_number(row, e->reference_uv);
    row_number(row, e->correlation);
}

static void tell_tones(const report_page *p)
{
    const score *s = p->s;
    if (s->measured->n_tones == 0) return;
    data_text(p->d, "");
    say(p->d, "Of the injected tones are left: ");
    for (int64_t i = 0; i < s->measured->n_tones; i++)
        say(p->d, "%s%g Hz %s %%", i > 0 ? ", " : "", s->in.tones_hz[i], NUMBER(s->sum.transfer[i] * 100, 1));
    say(p->d, ".");
}

static void tell_truth(const report_page *p)
{
    const score *s = p->s;
    if (!s->measured->has_truth) return;
    data_open(p->d, "group", "");
    json_t *t = data_table(p->d, "Against the known truth");
    table_column(t, "band", "", COLUMN_TEXT);
    table_column(t, "error", "µV rms", COLUMN_SHORT);
    table_column(t, "truth", "µV rms", COLUMN_SHORT);
    table_column(t, "correlation", "", 4);
    for (int64_t b = 0; b < s->measured->n_bands; b++) {
        char name[64];
        snprintf(name, sizeof name, "%g–%g Hz", s->in.bands[b].low_hz, s->in.bands[b].high_hz);
        add_error(t, name, &s->sum.bands[b]);
    }
    add_error(t, "all", &s->sum.all);
    tell_tones(p);
    data_text(p->d, "soft");
    say(p->d, "Measured %s", s->measured->has_times ? "inside the scan" : "over the whole recording");
    if (s->measured->truth_filters[0] != '\0')
        say(p->d, ", after the truth went through the result’s own filters: %s", s->measured->truth_filters);
    say(p->d, ".");
    data_close(p->d);
}

static void add_facet(json_t *t, const char *name, double value, int decimals, const char *unit, const char *meaning)
{
    json_t *row = table_row(t);
    row_text(row, "%s", name);
    row_own_number(row, value, decimals);
    row_text(row, "%s", unit);
    row_text(row, "%s", meaning);
}

static void tell_facet(const report_page *p)
{
    const facet_summary *f = &p->s->sum.facet;
    if (!p->s->in.has_times) return;
    data_open(p->d, "group", "");
    json_t *t = data_table(p->d, "By FACETpy’s names, formulas mended");
    table_column(t, "name", "", COLUMN_TEXT);
    table_column(t, "value", "", COLUMN_SHORT);
    table_column(t, "", "", COLUMN_TEXT);
    table_column(t, "", "", COLUMN_TEXT);
    add_facet(t, "snr", isinf(f->snr) ? UNKNOWN : f->snr, -1, "",
              isinf(f->snr) ? "no residue can be measured: the scan has no more variance than the rest"
                            : "variance without scanning over what the scan has more; no floor in V²");
    add_facet(t, "rms_ratio", f->rms_ratio, -1, "", "amplitude before over after; rewards over-correction");
    add_facet(t, "rms_residual", f->rms_residual, 3, "", "spread in the scan over without scanning; 1 is ideal");
    add_facet(t, "median_artifact", f->median_artifact, -1, "µV", "median peak-to-peak of an epoch");
    add_facet(t, "median_artifact_ratio", f->median_artifact_ratio, 3, "",
              "the same over stretches without scanning; 1 is ideal");
    for (int i = 0; i < METER_RHYTHMS; i++) {
        char name[64];
        snprintf(name, sizeof name, "fft_allen, %s", p->s->sum.rhythms[i].name);
        add_facet(t, name, p->s->sum.rhythms[i].change_percent, 1, "%",
                  i == 0 ? "change of power against the parts without scanning" : "");
    }
    data_text(p->d, "soft");
    say(p->d, "fft_niazy is the column “removed” of the scanner’s harmonics.");
    data_close(p->d);
}

void report_tell_quality(const report_page *p)
{
    data_heading(p->d, 2, "Removed and kept");
    data_open(p->d, "pair", "");
    tell_truth(p);
    tell_lines(p);
    tell_rhythms(p);
    tell_facet(p);
    data_close(p->d);
}

/* ---- Channels ---- */

static void flag(json_t *flags, const char *word, const char *why)
{
    json_array_append_new(flags, json_pack("{s:s,s:s}", "word", word, "why", why));
}

static json_t *flags_of(const channel_values *v)
{
    const side_values *result = &v->sides[SIDE_RESULT];
    json_t *flags = json_array();
    if (result->variance[PART_SCAN] == 0) flag(flags, "flat", "The channel is constant inside the scan.");
    if (result->n_missing > 0) flag(flags, "gaps", "Samples are missing (NaN).");
    if (channel_locked_ratio(v) > 2)
        flag(flags, "residue", "More than twice what chance gives repeats with the epochs.");
    if (channel_residual_ratio(v) > 1.5)
        flag(flags, "loud", "The spread in the scan is 1.5 times that without scanning.");
    if (channel_residual_ratio(v) < 0.67)
        flag(flags, "quiet", "The spread in the scan is two thirds of that without scanning.");
    return flags;
}

static void add_columns(const report_page *p, json_t *t)
{
    const score *s = p->s;
    table_column(t, "channel", "", COLUMN_TEXT);
    if (s->measured->has_before) table_column(t, "before", "µV", COLUMN_SHORT);
    table_column(t, "after", "µV", COLUMN_SHORT);
    if (s->in.has_times) {
        table_column(t, "without scanning", "µV", COLUMN_SHORT);
        table_column(t, "ratio", "", 2);
        if (s->measured->has_before) table_column(t, "removed", "dB", 1);
        table_column(t, "locked", "µV", COLUMN_SHORT);
        table_column(t, "locked over chance", "", 2);
    }
    if (s->measured->has_truth) {
        table_column(t, "error", "µV", COLUMN_SHORT);
        table_column(t, "correlation", "", 4);
    }
    table_column(t, "", "", COLUMN_TEXT);
}

static void add_channel(const report_page *p, json_t *t, int64_t i)
{
    const score *s = p->s;
    const channel_values *v = &s->measured->channels[i];
    json_t *row = table_row(t);
    row_text(row, "%s", input_channel_name(&s->in, i));
    if (s->measured->has_before) row_number(row, channel_deviation_uv(v, SIDE_BEFORE, PART_SCAN));
    row_number(row, channel_deviation_uv(v, SIDE_RESULT, PART_SCAN));
    if (s->in.has_times) {
        row_number(row, channel_deviation_uv(v, SIDE_RESULT, PART_FREE));
        row_number(row, channel_residual_ratio(v));
        if (s->measured->has_before) row_number(row, channel_suppression_db(&s->sum, v));
        row_number(row, v->sides[SIDE_RESULT].residue_uv);
        row_number(row, channel_locked_ratio(v));
    }
    if (s->measured->has_truth) {
        row_number(row, v->all.error_uv);
        row_number(row, v->all.correlation);
    }
    json_array_append_new(row, flags_of(v));
}

void report_tell_channels(const report_page *p)
{
    const score *s = p->s;
    data_heading(p->d, 2, "Channels");
    json_t *t = data_table(p->d, ""), *aside = json_array();
    json_object_set_new(t, "aside", aside);
    add_columns(p, t);
    for (int64_t i = 0; i < s->measured->n_channels; i++) {
        add_channel(p, t, i);
        json_array_append_new(aside, json_boolean(!s->in.channels[i].counts));
    }
    data_text(p->d, "soft");
    say(p->d, "Before, after, without scanning: standard deviation of the channel in the scan, and of the result in "
              "the parts without scanning; ratio: of the last two. Removed: power at the strongest harmonics of the "
              "epochs. Locked: root mean square of the mean epoch, and the same over what grids of epochs that are not "
              "locked to the scanner give; below 1, brain signal that happened to be locked was taken too.");
    if (s->sum.n_counting < s->measured->n_channels) say(p->d, " Channels in grey are not counted in means.");
}
