/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_tables.c: the numbers of a report.
 */
#include "score/metrics.h"
#include "score/report_page.h"
#include "score/report_parts.h"
#include "score/svg.h"

#include <string.h>

/* ---- Quality ---- */

static void write_lines(const report_page *p)
{
    const summary *sum = &p->s->sum;
    if (sum->n_lines == 0) return;
    fputs(
        "<div><h3>Harmonics of the scanner</h3><div class=\"scroll\"><table><thead><tr><th>of</th><th "
        "class=\"n\">Hz</th>"
        "<th class=\"n\">before<br><small>dB µV²/Hz</small></th><th class=\"n\">after<br><small>dB µV²/Hz</small></th>"
        "<th class=\"n\">removed<br><small>dB</small></th><th class=\"n\">after "
        "over<br>surroundings<br><small>dB</small></th></tr></thead><tbody>\n",
        p->out);
    for (int64_t i = 0; i < sum->n_lines; i++) {
        const line_summary *line = &sum->lines[i];
        fprintf(p->out, "<tr><th>%s %lld%s</th>", line->of, (long long)line->harmonic,
                line->is_strong ? "\u2009*" : "");
        page_cell(p->out, line->hz, 2);
        page_cell(p->out, line->before_db, 1);
        page_cell(p->out, line->after_db, 1);
        page_cell(p->out, line->suppression_db, 1);
        page_cell(p->out, line->after_over_db, 1);
        fputs("</tr>\n", p->out);
    }
    fputs("</tbody></table></div><p class=\"soft\">Medians over channels; * are the strongest up to 60 Hz. After over "
          "surroundings: 0 is ideal, above it artifact is left, "
          "below it a notch was cut into the EEG.</p></div>\n",
          p->out);
}

static void write_rhythms(const report_page *p)
{
    if (isnan(p->s->sum.rhythms[0].ratio)) return;
    fputs("<div><h3>Rhythms that should stay</h3><div class=\"scroll\"><table><thead><tr><th>band</th><th "
          "class=\"n\">Hz</th>"
          "<th class=\"n\">in the scan over<br>without scanning</th><th class=\"n\">usual spread<br>without "
          "scanning</th></tr></thead><tbody>\n",
          p->out);
    for (int i = 0; i < METER_RHYTHMS; i++) {
        const rhythm_summary *r = &p->s->sum.rhythms[i];
        fprintf(p->out, "<tr><th>%s</th><td class=\"n\">%g–%g</td>", r->name, r->low_hz, r->high_hz);
        page_cell(p->out, r->ratio, 2);
        fputs("<td class=\"n\">", p->out);
        html_number(p->out, r->spread_low, 2);
        if (!isnan(r->spread_low)) {
            fputs(" to ", p->out);
            html_number(p->out, r->spread_high, 2);
        }
        fputs("</td></tr>\n", p->out);
    }
    fputs("</tbody></table></div><p class=\"soft\">Power in windows of up to 4 s; spread: one standard deviation of "
          "the windows without scanning. "
          "The EEG itself may change when the scanner starts.</p></div>\n",
          p->out);
}

static void error_row(const report_page *p, const char *name, const error_values *e)
{
    fprintf(p->out, "<tr><th>%s</th>", name);
    page_cell(p->out, e->error_uv, -1);
    page_cell(p->out, e->reference_uv, -1);
    page_cell(p->out, e->correlation, 4);
    fputs("</tr>\n", p->out);
}

static void write_truth(const report_page *p)
{
    const score *s = p->s;
    if (!s->measured->has_truth) return;
    fputs("<div><h3>Against the known truth</h3><div class=\"scroll\"><table><thead><tr><th>band</th><th "
          "class=\"n\">error<br><small>µV rms</small></th>"
          "<th class=\"n\">truth<br><small>µV rms</small></th><th class=\"n\">correlation</th></tr></thead><tbody>\n",
          p->out);
    for (int64_t b = 0; b < s->measured->n_bands; b++) {
        char name[64];
        snprintf(name, sizeof name, "%g–%g Hz", s->in.bands[b].low_hz, s->in.bands[b].high_hz);
        error_row(p, name, &s->sum.bands[b]);
    }
    error_row(p, "all", &s->sum.all);
    fputs("</tbody></table></div>\n", p->out);
    if (s->measured->n_tones > 0) fputs("<p>Of the injected tones are left: ", p->out);
    for (int64_t i = 0; i < s->measured->n_tones; i++) {
        fprintf(p->out, "%s%g Hz ", i > 0 ? ", " : "", s->in.tones_hz[i]);
        html_number(p->out, s->sum.transfer[i] * 100, 1);
        fputs(" %", p->out);
    }
    if (s->measured->n_tones > 0) fputs(".</p>\n", p->out);
    fprintf(p->out, "<p class=\"soft\">Measured %s",
            s->measured->has_times ? "inside the scan" : "over the whole recording");
    if (s->measured->truth_filters[0] != '\0') {
        fputs(", after the truth went through the result’s own filters: ", p->out);
        html_text(p->out, s->measured->truth_filters);
    }
    fputs(".</p></div>\n", p->out);
}

static void facet_row(const report_page *p, const char *name, double value, int decimals, const char *unit,
                      const char *meaning)
{
    fprintf(p->out, "<tr><th>%s</th>", name);
    page_cell(p->out, value, decimals);
    fprintf(p->out, "<td>%s</td><td class=\"soft\">%s</td></tr>\n", unit, meaning);
}

static void write_facet(const report_page *p)
{
    const facet_summary *f = &p->s->sum.facet;
    if (!p->s->in.has_times) return;
    fputs("<div><h3>By FACETpy’s names, formulas mended</h3><div class=\"scroll\"><table><tbody>\n", p->out);
    facet_row(p, "snr", isinf(f->snr) ? UNKNOWN : f->snr, -1, "",
              isinf(f->snr) ? "no residue can be measured: the scan has no more variance than the rest"
                            : "variance without scanning over what the scan has more; no floor in V²");
    facet_row(p, "rms_ratio", f->rms_ratio, -1, "", "amplitude before over after; rewards over-correction");
    facet_row(p, "rms_residual", f->rms_residual, 3, "", "spread in the scan over without scanning; 1 is ideal");
    facet_row(p, "median_artifact", f->median_artifact, -1, "µV", "median peak-to-peak of an epoch");
    facet_row(p, "median_artifact_ratio", f->median_artifact_ratio, 3, "",
              "the same over stretches without scanning; 1 is ideal");
    fputs("<tr><th>fft_allen</th><td class=\"n\">", p->out);
    for (int i = 0; i < METER_RHYTHMS; i++) {
        if (i > 0) fputs("<br>", p->out);
        html_number(p->out, p->s->sum.rhythms[i].change_percent, 1);
    }
    fputs("</td><td>%</td><td class=\"soft\">change of power against the parts without scanning: delta, theta, alpha, "
          "beta</td></tr>\n",
          p->out);
    fputs("</tbody></table></div><p class=\"soft\">fft_niazy is the column “removed” of the scanner’s "
          "harmonics.</p></div>\n",
          p->out);
}

void report_write_quality(const report_page *p)
{
    fputs("<h2>Removed and kept</h2>\n<div class=\"pair\">\n", p->out);
    write_truth(p);
    write_lines(p);
    write_rhythms(p);
    write_facet(p);
    fputs("</div>\n", p->out);
}

/* ---- Channels ---- */

static void flag(FILE *out, const char *word, const char *why)
{
    fprintf(out, " <span class=\"flag\" title=\"%s\">%s</span>", why, word);
}

static void write_flags(const report_page *p, const channel_values *v)
{
    const side_values *result = &v->sides[SIDE_RESULT];
    fputs("<td>", p->out);
    if (result->variance[PART_SCAN] == 0) flag(p->out, "flat", "The channel is constant inside the scan.");
    if (result->n_missing > 0) flag(p->out, "gaps", "Samples are missing (NaN).");
    if (channel_locked_ratio(v) > 2)
        flag(p->out, "residue", "More than twice what chance gives repeats with the epochs.");
    if (channel_residual_ratio(v) > 1.5)
        flag(p->out, "loud", "The spread in the scan is 1.5 times that without scanning.");
    if (channel_residual_ratio(v) < 0.67)
        flag(p->out, "quiet", "The spread in the scan is two thirds of that without scanning.");
    fputs("</td>", p->out);
}

static void write_channel(const report_page *p, int64_t i)
{
    const score *s = p->s;
    const channel_values *v = &s->measured->channels[i];
    fprintf(p->out, "<tr%s><th>", s->in.channels[i].counts ? "" : " class=\"aside\"");
    html_text(p->out, input_channel_name(&s->in, i));
    fputs("</th>", p->out);
    if (s->measured->has_before) page_cell(p->out, channel_deviation_uv(v, SIDE_BEFORE, PART_SCAN), -1);
    page_cell(p->out, channel_deviation_uv(v, SIDE_RESULT, PART_SCAN), -1);
    if (s->in.has_times) {
        page_cell(p->out, channel_deviation_uv(v, SIDE_RESULT, PART_FREE), -1);
        page_cell(p->out, channel_residual_ratio(v), 2);
        if (s->measured->has_before) page_cell(p->out, channel_suppression_db(&s->sum, v), 1);
        page_cell(p->out, v->sides[SIDE_RESULT].residue_uv, -1);
        page_cell(p->out, channel_locked_ratio(v), 2);
    }
    if (s->measured->has_truth) {
        page_cell(p->out, v->all.error_uv, -1);
        page_cell(p->out, v->all.correlation, 4);
    }
    write_flags(p, v);
    fputs("</tr>\n", p->out);
}

void report_write_channels(const report_page *p)
{
    const score *s = p->s;
    fputs("<h2>Channels</h2>\n<div class=\"scroll\"><table class=\"wide\"><thead><tr><th>channel</th>", p->out);
    if (s->measured->has_before) fputs("<th class=\"n\">before<br><small>µV</small></th>", p->out);
    fputs("<th class=\"n\">after<br><small>µV</small></th>", p->out);
    if (s->in.has_times) {
        fputs("<th class=\"n\">without<br>scanning<br><small>µV</small></th><th class=\"n\">ratio</th>", p->out);
        if (s->measured->has_before) fputs("<th class=\"n\">removed<br><small>dB</small></th>", p->out);
        fputs("<th class=\"n\">locked<br><small>µV</small></th><th class=\"n\">locked<br>over chance</th>", p->out);
    }
    if (s->measured->has_truth)
        fputs("<th class=\"n\">error<br><small>µV</small></th><th class=\"n\">correlation</th>", p->out);
    fputs("<th></th></tr></thead><tbody>\n", p->out);
    for (int64_t i = 0; i < s->measured->n_channels; i++) write_channel(p, i);
    fputs("</tbody></table></div>\n<p class=\"soft\">Before, after, without scanning: standard deviation of the "
          "channel in the scan, and of the result "
          "in the parts without scanning; ratio: of the last two. Removed: power at the strongest harmonics of the "
          "epochs. Locked: root mean square "
          "of the mean epoch, and the same over what grids of epochs that are not locked to the scanner give; below 1, "
          "brain signal that happened "
          "to be locked was taken too.",
          p->out);
    if (s->sum.n_counting < s->measured->n_channels) fputs(" Channels in grey are not counted in means.", p->out);
    fputs("</p>\n", p->out);
}
