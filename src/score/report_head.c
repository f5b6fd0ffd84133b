/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_head.c: the top of a report: what was found in a sentence, in numbers, and what to beware of.
 */
#include "score/metrics.h"
#include "score/report_page.h"
#include "score/report_parts.h"

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
        say(p->d, "The scanner’s artifact is ");
        stress(p->d, "%s dB", NUMBER(sum->suppression_db, 1));
        say(p->d, " weaker at its strongest frequencies. ");
    }
    if (isnan(ratio)) return;
    if (ratio <= 1.2)
        say(p->d, "What repeats with the epochs is no more than chance gives (%s µV, by chance %s µV). ",
            NUMBER(sum->residue_uv, -1), NUMBER(sum->null_uv, -1));
    else
        say(p->d, "%s µV still repeat with the epochs, %s times what chance gives. ", NUMBER(sum->residue_uv, -1),
            NUMBER(ratio, -1));
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
    say(p->d, "At those frequencies %s dB less is left than beside them: some of the EEG there was taken too. ",
        NUMBER(-median_db, 1));
}

static void tell_truth(const report_page *p)
{
    const score *s = p->s;
    const bool in_band = s->measured->n_bands > 0;
    const error_values *e = in_band ? &s->sum.bands[0] : &s->sum.all;
    say(p->d, "Against the known truth the error is ");
    stress(p->d, "%s µV", NUMBER(e->error_uv, -1));
    say(p->d, " of %s µV", NUMBER(e->reference_uv, -1));
    if (in_band) say(p->d, " at %g–%g Hz", s->in.bands[0].low_hz, s->in.bands[0].high_hz);
    say(p->d, " (correlation %s). ", NUMBER(e->correlation, 3));
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
    const rhythm_summary *r = &sum->rhythms[most];
    if (is_odd(r->ratio)) {
        say(p->d, "In the scan there is ");
        stress(p->d, "%s times", NUMBER(r->ratio, -1));
        say(p->d, " the power at %g–%g Hz (%s) that there is without scanning. ", r->low_hz, r->high_hz, r->name);
        return;
    }
    say(p->d,
        "In the scan the EEG’s rhythms keep their power: the largest change from the parts without scanning is a "
        "factor of %s (%s). ",
        NUMBER(r->ratio, 2), r->name);
}

static void tell_epochs(const report_page *p)
{
    const report_facts *f = p->f;
    const int64_t flagged = report_facts_flagged(f);
    const char *between = " (";
    if (flagged < 0) return;
    say(p->d, "%lld of %lld epochs are %s%s", (long long)(f->n_status - flagged), (long long)f->n_status,
        f->status_names.names[0], flagged > 0 ? " without remark" : "");
    for (int64_t i = 1; i < f->status_names.count && flagged > 0; i++) {
        if (f->status_counts[i] == 0) continue;
        say(p->d, "%s%lld %s", between, (long long)f->status_counts[i], f->status_names.names[i]);
        between = ", ";
    }
    say(p->d, "%s", between[0] == ',' ? ")." : ".");
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

static void tell_verdict(const report_page *p)
{
    data_text(p->d, wants_a_look(p) ? "verdict look" : "verdict");
    if (!p->s->in.has_times)
        say(p->d, "When the scanner scanned is not known; the recordings are compared as a whole. ");
    tell_suppression(p);
    tell_notches(p);
    if (p->s->measured->has_truth) tell_truth(p);
    tell_rhythms(p);
    tell_epochs(p);
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
    data_tile(p->d, p->s->sum.transfer[worst] * 100, 1, "%", text);
}

static void error_tile(const report_page *p)
{
    const score *s = p->s;
    char text[96] = "error against the truth";
    if (!s->measured->has_truth) return;
    if (s->measured->n_bands > 0)
        snprintf(text, sizeof text, "error against the truth, %g–%g Hz", s->in.bands[0].low_hz, s->in.bands[0].high_hz);
    data_tile(p->d, s->measured->n_bands > 0 ? s->sum.bands[0].error_uv : s->sum.all.error_uv, -1, "µV", text);
}

static void tell_tiles(const report_page *p)
{
    const summary *sum = &p->s->sum;
    data_tiles(p->d);
    data_tile(p->d, sum->suppression_db, 1, "dB", "artifact removed at its strongest frequencies");
    data_tile(p->d, locked_ratio(sum), 2, "×", "what chance gives is locked to the epochs");
    error_tile(p);
    tone_tile(p);
    data_tile(p->d, sum->rhythms[2].ratio, 2, "×", "alpha power, in the scan over without scanning");
    data_tile(p->d, sum->residual_ratio, 2, "×", "spread, in the scan over without scanning");
    if (p->f->n_status > 0) {
        const int64_t flagged = report_facts_flagged(p->f);
        data_tile(p->d, flagged < 0 ? UNKNOWN : (double)flagged, 0, "", "epochs flagged");
    }
}

void report_tell_head(const report_page *p)
{
    report_chain(p->d, p->s->in.record);
    tell_verdict(p);
    tell_tiles(p);
    data_warnings(p->d, json_object_get(p->s->in.record, "warnings"), p->s->in.warnings);
}
