/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_head.c: the top of a report: what was found in a sentence, in numbers, and what to beware of.
 */
#include "score/metrics.h"
#include "score/provenance.h"
#include "score/report_page.h"
#include "score/svg.h"

#include <string.h>

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

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
        fputs(" dB</b> weaker at its first harmonics. ", p->out);
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

static void tell_rhythms(const report_page *p)
{
    double lowest = HUGE_VAL, highest = -HUGE_VAL;
    for (int i = 0; i < METER_RHYTHMS; i++) {
        const double ratio = p->s->sum.rhythms[i].ratio;
        if (isnan(ratio)) return;
        lowest = fmin(lowest, ratio);
        highest = fmax(highest, ratio);
    }
    fputs("Inside the scan the EEG’s rhythms have ", p->out);
    html_number(p->out, lowest, 2);
    fputs(" to ", p->out);
    html_number(p->out, highest, 2);
    fputs(" times the power they have without scanning. ", p->out);
}

static void tell_epochs(const report_page *p)
{
    const int64_t flagged = report_facts_flagged(p->f);
    if (flagged < 0) return;
    fprintf(p->out, "%lld of %lld epochs are corrected", (long long)(p->f->n_status - flagged), (long long)p->f->n_status);
    if (flagged > 0) fprintf(p->out, ", %lld %s flagged", (long long)flagged, flagged == 1 ? "is" : "are");
    fputs(".", p->out);
}

/* Something that a user should look at before going on. */
static bool wants_a_look(const report_page *p)
{
    const summary *sum = &p->s->sum;
    for (int64_t i = 3; i < p->f->status_names.count; i++)
        if (p->f->status_counts[i] > 0) return true;
    return !p->s->in.has_times || locked_ratio(sum) > 2 || sum->residual_ratio > 1.5 || sum->residual_ratio < 0.67;
}

static void write_verdict(const report_page *p)
{
    fprintf(p->out, "<p class=\"verdict%s\">", wants_a_look(p) ? " look" : "");
    if (!p->s->in.has_times) fputs("When the scanner scanned is not known; the recordings are compared as a whole. ", p->out);
    tell_suppression(p);
    if (p->s->measured->has_truth)
        tell_truth(p);
    else
        tell_rhythms(p);
    tell_epochs(p);
    fputs("</p>\n", p->out);
}

/* ---- Tiles ---- */

static void tile(const report_page *p, double value, int decimals, const char *unit, const char *text)
{
    if (!isfinite(value)) return;
    fputs("<div class=\"tile\"><b>", p->out);
    if (decimals < 0)
        html_short(p->out, value);
    else
        html_number(p->out, value, decimals);
    if (unit[0] != '\0') fprintf(p->out, "<small>%s</small>", unit);
    fputs("</b><span>", p->out);
    html_text(p->out, text);
    fputs("</span></div>\n", p->out);
}

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
    tile(p, p->s->sum.transfer[worst] * 100, 1, "%", text);
}

static void error_tile(const report_page *p)
{
    const score *s = p->s;
    char text[96] = "error against the truth";
    if (!s->measured->has_truth) return;
    if (s->measured->n_bands > 0)
        snprintf(text, sizeof text, "error against the truth, %g–%g Hz", s->in.bands[0].low_hz, s->in.bands[0].high_hz);
    tile(p, s->measured->n_bands > 0 ? s->sum.bands[0].error_uv : s->sum.all.error_uv, -1, "µV", text);
}

static void write_tiles(const report_page *p)
{
    const summary *sum = &p->s->sum;
    fputs("<div class=\"tiles\">\n", p->out);
    tile(p, sum->suppression_db, 1, "dB", "artifact removed, first five harmonics of the epochs");
    tile(p, locked_ratio(sum), 2, "× chance", "locked to the epochs; 1 is nothing left");
    error_tile(p);
    tone_tile(p);
    tile(p, sum->rhythms[2].ratio, 2, "×", "alpha power, in the scan over without scanning");
    tile(p, sum->residual_ratio, 2, "×", "spread, in the scan over without scanning");
    if (p->f->n_status > 0) {
        const int64_t flagged = report_facts_flagged(p->f);
        tile(p, flagged < 0 ? (double)NAN : (double)flagged, 0, "", "epochs flagged");
    }
    fputs("</div>\n", p->out);
}

/* ---- Warnings ---- */

static void write_warning_list(const report_page *p, const json_t *warnings)
{
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        if (text == NULL) continue;
        fputs("<li>", p->out);
        html_text(p->out, text);
        fputs("</li>\n", p->out);
    }
}

static void write_warnings(const report_page *p)
{
    const json_t *of_run = json_object_get(p->s->in.record, "warnings");
    if (json_array_size(of_run) + json_array_size(p->s->in.warnings) == 0) return;
    fputs("<div class=\"warnings\"><b>To know before using it</b><ul>\n", p->out);
    write_warning_list(p, of_run);
    write_warning_list(p, p->s->in.warnings);
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
    html_text(p->out, name_of(lmp_recording_get_path(p->s->in.result)));
    fputs("</h1>\n", p->out);
    write_verdict(p);
    write_tiles(p);
    write_warnings(p);
    fputs("</header>\n", p->out);
}
