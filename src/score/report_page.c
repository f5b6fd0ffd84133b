/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_page.c: the sections of a report below its head.
 */
#include "score/report_page.h"

#include "score/metrics.h"
#include "score/report_figures.h"
#include "score/report_parts.h"
#include "score/report_traces.h"

#include <stdlib.h>
#include <string.h>

/* ---- Channels to show ---- */

typedef struct ranked {
    double badness;
    int64_t i;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    const int order = (x->badness < y->badness) - (x->badness > y->badness);
    return order != 0 ? order : (x->i > y->i) - (x->i < y->i);
}

static double badness(const score *s, int64_t i)
{
    const channel_values *v = &s->measured->channels[i];
    const double by_truth = v->all.error_uv, by_epochs = channel_locked_ratio(v), by_spread = channel_residual_ratio(v);
    const double known = !isnan(by_truth) ? by_truth : !isnan(by_epochs) ? by_epochs : by_spread;
    return isnan(known) ? -1 : known;
}

lmp_status report_page_pick(report_page *p, lmp_error *err)
{
    const score *s = p->s;
    ranked *all = calloc((size_t)s->measured->n_channels, sizeof *all);
    if (all == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    int64_t n = 0;
    for (int64_t i = 0; i < s->measured->n_channels; i++)
        if (s->in.channels[i].counts) all[n++] = (ranked){badness(s, i), i};
    qsort(all, (size_t)n, sizeof *all, compare_ranked);
    const int64_t places[PAGE_PICKS] = {0, n / 2, n - 1};
    for (int k = 0; k < PAGE_PICKS; k++)
        if (k == 0 || places[k] > places[k - 1]) p->picks[p->n_picks++] = all[places[k]].i;
    free(all);
    return LMP_OK;
}

static void open_tab(const report_page *p, int64_t k)
{
    const char *word = p->n_picks == 1 ? "" : k == 0 ? " · worst" : k == p->n_picks - 1 ? " · best" : " · median";
    char title[120];
    snprintf(title, sizeof title, "%s%s", input_channel_name(&p->s->in, p->picks[k]), word);
    data_open(p->d, "tab", title);
}

/* ---- Recordings ---- */

static void add_recording(json_t *t, const char *what, const lmp_recording *recording)
{
    if (recording == NULL) return;
    const lmp_format *f = lmp_recording_get_format(recording);
    int64_t n_events = 0;
    json_t *row = table_row(t);
    (void)lmp_recording_get_events(recording, &n_events);
    row_text(row, "%s", what);
    row_text(row, "%s", lmp_recording_get_path(recording));
    row_text(row, "%s", lmp_recording_get_format_name(recording));
    row_number(row, (double)f->n_channels);
    row_own_number(row, f->rate_hz, f->rate_hz == floor(f->rate_hz) ? 0 : 3);
    row_number(row, score_duration_s(recording));
    row_number(row, (double)n_events);
}

static void tell_recordings(const report_page *p)
{
    json_t *t = data_table(p->d, "Recordings");
    table_column(t, "", "", COLUMN_TEXT);
    table_column(t, "file", "", COLUMN_TEXT);
    table_column(t, "format", "", COLUMN_TEXT);
    table_column(t, "channels", "", 0);
    table_column(t, "rate", "Hz", 0);
    table_column(t, "duration", "s", 1);
    table_column(t, "events", "", 0);
    add_recording(t, "result", p->s->in.result);
    add_recording(t, "before", p->s->in.before);
    add_recording(t, "truth", p->s->in.truth);
}

static void tell_done(const report_page *p)
{
    const json_t *record = p->s->in.record;
    data_heading(p->d, 2, "What was done");
    report_command(p->d, record);
    if (record == NULL) {
        data_text(p->d, "");
        say(p->d, "There is no provenance record, so what was done to the result is not known. The record is the file "
                  "that limpid writes beside a result, with the same name and the ending .limpid.json.");
    }
    report_steps(p->d, record);
    tell_recordings(p);
    report_provenance(p->d, record);
}

/* ---- Triggers ---- */

static void tell_trigger_facts(const report_page *p)
{
    const timing *t = &p->s->in.times;
    data_text(p->d, "");
    say(p->d, "%lld epochs in %lld block%s, one every %s ms", (long long)t->n_epochs, (long long)t->n_blocks,
        t->n_blocks == 1 ? "" : "s", NUMBER(t->period_s * 1e3, 3));
    if (t->slices_per_volume > 0) say(p->d, "; %lld slices make a volume", (long long)t->slices_per_volume);
    say(p->d, ". Their times are from %s.", p->s->in.times_from);
    if (p->f->n_added + p->f->n_removed > 0)
        say(p->d, " %lld missing trigger%s added, %lld that did not belong there removed.", (long long)p->f->n_added,
            p->f->n_added == 1 ? " was" : "s were", (long long)p->f->n_removed);
}

static void tell_triggers(const report_page *p)
{
    if (!p->s->in.has_times) return;
    data_heading(p->d, 2, "Triggers and epochs");
    tell_trigger_facts(p);
    figure_timeline(p->d, p->s, p->f);
    figure_deviation(p->d, p->s, p->f);
}

/* ---- Spectra and traces ---- */

static void tell_marks(const report_page *p)
{
    const score *s = p->s;
    const double hz = figure_marked_hz(s);
    if (s->measured->n_families == 0 || (s->sum.n_strongest == 0 && !(hz > 0))) return;
    data_text(p->d, "soft");
    if (hz > 0)
        say(p->d, "Marks at the top: multiples of %s Hz, at which the scanner repeats itself.", NUMBER(hz, 3));
    else
        say(p->d, "Marks at the top: the strongest multiples of %s Hz, at which the epochs repeat.",
            NUMBER(s->measured->families[0].hz, 4));
}

static void tell_spectra(const report_page *p)
{
    data_heading(p->d, 2, "Spectra");
    data_open(p->d, "tabs", "");
    data_open(p->d, "tab", "median of channels");
    figure_spectra(p->d, p->s, -1);
    data_close(p->d);
    for (int64_t k = 0; k < p->n_picks; k++) {
        open_tab(p, k);
        figure_spectra(p->d, p->s, p->picks[k]);
        data_close(p->d);
    }
    data_close(p->d);
    tell_marks(p);
}

static lmp_status tell_traces(const report_page *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    data_heading(p->d, 2, "Traces");
    data_open(p->d, "tabs", "");
    for (int64_t k = 0; k < p->n_picks && status == LMP_OK; k++) {
        open_tab(p, k);
        status = figure_traces(p->d, p->s, p->picks[k], err);
        data_close(p->d);
    }
    data_close(p->d);
    data_text(p->d, "soft");
    say(p->d, "%s",
        p->s->in.has_times ? "Left: into the scan. Right: well inside it." : "Left: the beginning. Right: later.");
    return status;
}

/* ---- Template ---- */

static void tell_template(const report_page *p)
{
    if (p->f->template_length < 2 || p->f->template_names.count == 0) return;
    data_heading(p->d, 2, "The artifact that was taken away");
    figure_templates(p->d, p->f);
    figure_gain(p->d, p->s, p->f);
}

lmp_status report_tell_body(const report_page *p, lmp_error *err)
{
    tell_spectra(p);
    const lmp_status status = tell_traces(p, err);
    if (status != LMP_OK) return status;
    report_tell_quality(p);
    tell_triggers(p);
    tell_template(p);
    report_tell_channels(p);
    tell_done(p);
    return LMP_OK;
}
