/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_head.c: the top of a report: what was found in a sentence, in numbers, and what to beware of.
 */
#include "score/metrics.h"
#include "score/provenance.h"
#include "score/report_page.h"
#include "score/report_parts.h"
#include "score/svg.h"

#include <string.h>

/* ---- The verdict ---- */

static double locked_ratio(const summary *sum)
{
    return sum->residue_uv / sum->null_uv;
}

static void tell_suppression(const report_page *p)
{
    const summary *sum = &p->s->sum;
    const double ratio = locked_ratio(sum);
    if (!isnan(sum->suppression_db)) {
        fputs("The scanner’s artifact is <b>", p->out);
        html_number(p->out, sum->suppression_db, 1);
        fputs(" dB</b> weaker at its strongest frequencies. ", p->out);
    }
    if (isnan(ratio)) return;
    if (ratio <= 1.2) {
        fputs("What repeats with the epochs is no more than chance gives (", p->out);
        html_short(p->out, sum->residue_uv);
        fputs(" µV, by chance ", p->out);
        html_short(p->out, sum->null_uv);
        fputs(" µV). ", p->out);
        return;
    }
    html_short(p->out, sum->residue_uv);
    fputs(" µV still repeat with the epochs, ", p->out);
    html_short(p->out, ratio);
    fputs(" times what chance gives. ", p->out);
}

/* Where a line sits below its surroundings, brain signal went with the artifact. */
static void tell_notches(const report_page *p)
{
    const summary *sum = &p->s->sum;
    double over_db[METER_LINES * (METER_FAMILIES + 1)];
    int64_t n = 0;
    for (int64_t i = 0; i < sum->n_lines; i++)
        if (sum->lines[i].is_strong) over_db[n++] = sum->lines[i].after_over_db;
    const double median_db = metric_median(over_db, n);
    if (!(median_db < -2)) return;
    fputs("At those frequencies ", p->out);
    html_number(p->out, -median_db, 1);
    fputs(" dB less is left than beside them: some of the EEG there was taken too. ", p->out);
}

static void tell_truth(const report_page *p)
{
    const score *s = p->s;
    const bool in_band = s->measured->n_bands > 0;
    const error_values *e = in_band ? &s->sum.bands[0] : &s->sum.all;
    fputs("Against the known truth the error is <b>", p->out);
    html_short(p->out, e->error_uv);
    fputs(" µV</b> of ", p->out);
    html_short(p->out, e->reference_uv);
    fputs(" µV", p->out);
    if (in_band) fprintf(p->out, " at %g–%g Hz", s->in.bands[0].low_hz, s->in.bands[0].high_hz);
    fputs(" (correlation ", p->out);
    html_number(p->out, e->correlation, 3);
    fputs("). ", p->out);
}

/* The rhythm whose power changed most, as a factor up or down; -1 if none is known. */
static int most_changed(const summary *sum)
{
    int most = -1;
    for (int i = 0; i < METER_RHYTHMS; i++)
        if (sum->rhythms[i].ratio > 0 &&
            (most < 0 || fabs(log(sum->rhythms[i].ratio)) > fabs(log(sum->rhythms[most].ratio))))
            most = i;
    return most;
}

static bool is_odd(double ratio)
{
    return ratio > 1.5 || ratio < 0.67;
}

static void tell_rhythms(const report_page *p)
{
    const summary *sum = &p->s->sum;
    const int most = most_changed(sum);
    if (most < 0) return;
    if (is_odd(sum->rhythms[most].ratio)) {
        fprintf(p->out, "In the scan there is <b>");
        html_short(p->out, sum->rhythms[most].ratio);
        fprintf(p->out, " times</b> the power at %g–%g Hz (%s) that there is without scanning. ",
                sum->rhythms[most].low_hz, sum->rhythms[most].high_hz, sum->rhythms[most].name);
        return;
    }
    fputs("In the scan the EEG’s rhythms keep their power: the largest change from the parts without scanning is a "
          "factor of ",
          p->out);
    html_number(p->out, sum->rhythms[most].ratio, 2);
    fprintf(p->out, " (%s). ", sum->rhythms[most].name);
}

static void tell_epochs(const report_page *p)
{
    const report_facts *f = p->f;
    const int64_t flagged = report_facts_flagged(f);
    const char *between = " (";
    if (flagged < 0) return;
    fprintf(p->out, "%lld of %lld epochs are ", (long long)(f->n_status - flagged), (long long)f->n_status);
    html_text(p->out, f->status_names.names[0]);
    fputs(flagged > 0 ? " without remark" : "", p->out);
    for (int64_t i = 1; i < f->status_names.count && flagged > 0; i++) {
        if (f->status_counts[i] == 0) continue;
        fprintf(p->out, "%s%lld ", between, (long long)f->status_counts[i]);
        html_text(p->out, f->status_names.names[i]);
        between = ", ";
    }
    fputs(between[0] == ',' ? ")." : ".", p->out);
}

/* Something that a user should look at before going on. */
static bool wants_a_look(const report_page *p)
{
    const summary *sum = &p->s->sum;
    for (int64_t i = 0; i < p->f->status_names.count; i++) {
        const char *name = p->f->status_names.names[i];
        if (p->f->status_counts[i] > 0 && (strcmp(name, "unreliable") == 0 || strcmp(name, "failed") == 0)) return true;
    }
    const int most = most_changed(sum);
    if (most >= 0 && is_odd(sum->rhythms[most].ratio)) return true;
    return !p->s->in.has_times || locked_ratio(sum) > 2 || is_odd(sum->residual_ratio);
}

static void write_verdict(const report_page *p)
{
    fprintf(p->out, "<p class=\"verdict%s\">", wants_a_look(p) ? " look" : "");
    if (!p->s->in.has_times)
        fputs("When the scanner scanned is not known; the recordings are compared as a whole. ", p->out);
    tell_suppression(p);
    tell_notches(p);
    if (p->s->measured->has_truth) tell_truth(p);
    tell_rhythms(p);
    tell_epochs(p);
    fputs("</p>\n", p->out);
}

/* ---- Tiles ---- */

/* The tone that lost (or gained) most. */
static void tone_tile(const report_page *p)
{
    int64_t worst = -1;
    for (int64_t i = 0; i < p->s->measured->n_tones; i++) {
        const double loss = fabs(p->s->sum.transfer[i] - 1);
        if (!isnan(loss) && (worst < 0 || loss > fabs(p->s->sum.transfer[worst] - 1))) worst = i;
    }
    if (worst < 0) return;
    char text[80];
    snprintf(text, sizeof text, "of the tone at %g Hz is left", p->s->in.tones_hz[worst]);
    page_tile(p->out, p->s->sum.transfer[worst] * 100, 1, "%", text);
}

static void error_tile(const report_page *p)
{
    const score *s = p->s;
    char text[96] = "error against the truth";
    if (!s->measured->has_truth) return;
    if (s->measured->n_bands > 0)
        snprintf(text, sizeof text, "error against the truth, %g–%g Hz", s->in.bands[0].low_hz, s->in.bands[0].high_hz);
    page_tile(p->out, s->measured->n_bands > 0 ? s->sum.bands[0].error_uv : s->sum.all.error_uv, -1, "µV", text);
}

static void write_tiles(const report_page *p)
{
    const summary *sum = &p->s->sum;
    fputs("<div class=\"tiles\">\n", p->out);
    page_tile(p->out, sum->suppression_db, 1, "dB", "artifact removed at its strongest frequencies");
    page_tile(p->out, locked_ratio(sum), 2, "×", "what chance gives is locked to the epochs");
    error_tile(p);
    tone_tile(p);
    page_tile(p->out, sum->rhythms[2].ratio, 2, "×", "alpha power, in the scan over without scanning");
    page_tile(p->out, sum->residual_ratio, 2, "×", "spread, in the scan over without scanning");
    if (p->f->n_status > 0) {
        const int64_t flagged = report_facts_flagged(p->f);
        page_tile(p->out, flagged < 0 ? UNKNOWN : (double)flagged, 0, "", "epochs flagged");
    }
    fputs("</div>\n", p->out);
}

/* ---- Warnings ---- */

static void write_warnings(const report_page *p)
{
    const json_t *of_run = json_object_get(p->s->in.record, "warnings");
    if (json_array_size(of_run) + json_array_size(p->s->in.warnings) == 0) return;
    fputs("<div class=\"warnings\"><b>To know before using it</b><ul>\n", p->out);
    page_warning_items(p->out, of_run);
    page_warning_items(p->out, p->s->in.warnings);
    fputs("</ul></div>\n", p->out);
}

void report_write_head(const report_page *p)
{
    const char *written = provenance_text(p->s->in.record, "written");
    fputs("<header>\n<div class=\"brand\">limpid report", p->out);
    if (written[0] != '\0') {
        fputs(" · result written ", p->out);
        html_text(p->out, written);
    }
    fputs("</div>\n<h1>", p->out);
    html_text(p->out, page_name_of(lmp_recording_get_path(p->s->in.result)));
    fputs("</h1>\n", p->out);
    page_chain(p->out, p->s->in.record);
    write_verdict(p);
    write_tiles(p);
    write_warnings(p);
    fputs("</header>\n", p->out);
}
