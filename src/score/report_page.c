/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_page.c: the sections of a report below its head.
 */
#include "score/report_page.h"

#include "score/metrics.h"
#include "score/report_figures.h"
#include "score/report_parts.h"
#include "score/report_traces.h"
#include "score/svg.h"

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

static const char *pick_word(const report_page *p, int64_t k)
{
    if (p->n_picks == 1) return "";
    return k == 0 ? " · worst" : k == p->n_picks - 1 ? " · best" : " · median";
}

/* ---- Tabs ---- */

static void write_tab(const report_page *p, const char *group, int64_t k, const char *name, const char *word)
{
    fprintf(p->out, "<input type=\"radio\" name=\"%s\" id=\"%s%lld\"%s><label for=\"%s%lld\">", group, group,
            (long long)k, k == 0 ? " checked" : "", group, (long long)k);
    html_text(p->out, name);
    fprintf(p->out, "%s</label>\n", word);
}

/* ---- Recordings ---- */

static void write_recording(const report_page *p, const char *what, const lmp_recording *recording)
{
    if (recording == NULL) return;
    const lmp_format *f = lmp_recording_get_format(recording);
    int64_t n_events = 0;
    (void)lmp_recording_get_events(recording, &n_events);
    fprintf(p->out, "<tr><th>%s</th><td class=\"path\">", what);
    html_text(p->out, lmp_recording_get_path(recording));
    fputs("</td><td>", p->out);
    html_text(p->out, lmp_recording_get_format_name(recording));
    fprintf(p->out, "</td><td class=\"n\">%lld</td><td class=\"n\">%g</td>", (long long)f->n_channels, f->rate_hz);
    fputs("<td class=\"n\">", p->out);
    html_number(p->out, score_duration_s(recording), 1);
    fprintf(p->out, "</td><td class=\"n\">%lld</td></tr>\n", (long long)n_events);
}

static void write_done(const report_page *p)
{
    fputs("<h2>What was done</h2>\n", p->out);
    page_command(p->out, p->s->in.record);
    if (p->s->in.record == NULL)
        fputs("<p>There is no provenance record, so what was done to the result is not known. The record is the file "
              "that limpid writes beside a "
              "result, with the same name and the ending <code>.limpid.json</code>.</p>\n",
              p->out);
    page_steps(p->out, p->s->in.record);
    fputs("<h3>Recordings</h3>\n<div class=\"scroll\"><table "
          "class=\"wide\"><thead><tr><th></th><th>file</th><th>format</th><th class=\"n\">channels</th>"
          "<th class=\"n\">rate<br><small>Hz</small></th><th class=\"n\">duration<br><small>s</small></th><th "
          "class=\"n\">events</th></tr></thead><tbody>\n",
          p->out);
    write_recording(p, "result", p->s->in.result);
    write_recording(p, "before", p->s->in.before);
    write_recording(p, "truth", p->s->in.truth);
    fputs("</tbody></table></div>\n", p->out);
}

/* ---- Triggers ---- */

static void write_status_key(const report_page *p)
{
    for (int64_t i = 0; i < p->f->status_names.count; i++) {
        char class_name[16], text[FACTS_NAME_BYTES + 24];
        if (p->f->status_counts[i] == 0) continue;
        snprintf(class_name, sizeof class_name, "box k-%lld", (long long)(i < 5 ? i : 4));
        snprintf(text, sizeof text, "%s: %lld", p->f->status_names.names[i], (long long)p->f->status_counts[i]);
        page_key(p->out, class_name, text);
    }
}

static void write_trigger_facts(const report_page *p)
{
    const timing *t = &p->s->in.times;
    fprintf(p->out, "<p>%lld epochs in %lld block%s, one every ", (long long)t->n_epochs, (long long)t->n_blocks,
            t->n_blocks == 1 ? "" : "s");
    html_number(p->out, t->period_s * 1e3, 3);
    fputs(" ms", p->out);
    if (t->slices_per_volume > 0) fprintf(p->out, "; %lld slices make a volume", (long long)t->slices_per_volume);
    fprintf(p->out, ". Their times are from %s.", p->s->in.times_from);
    if (p->f->n_added + p->f->n_removed > 0)
        fprintf(p->out, " %lld missing trigger%s added, %lld that %s not belong there removed.",
                (long long)p->f->n_added, p->f->n_added == 1 ? " was" : "s were", (long long)p->f->n_removed,
                p->f->n_removed == 1 ? "did" : "did");
    fputs("</p>\n", p->out);
}

static void write_triggers(const report_page *p)
{
    if (!p->s->in.has_times) return;
    fputs("<h2>Triggers and epochs</h2>\n", p->out);
    write_trigger_facts(p);
    fputs("<figure>\n", p->out);
    (void)figure_timeline(p->out, p->s, p->f);
    fputs("<div class=\"key\">\n", p->out);
    page_key(p->out, "box k-scan", "scanning");
    if (p->f->n_added > 0) page_key(p->out, "k-added", "trigger added");
    if (p->f->n_removed > 0) page_key(p->out, "k-removed", "trigger removed");
    write_status_key(p);
    fputs("</div></figure>\n<figure>\n", p->out);
    if (figure_deviation(p->out, p->s, p->f))
        fputs("<figcaption>How far each recorded trigger lies from the epoch that was used. A band one sample wide is "
              "the rounding of the recorder; "
              "a slope is the difference of two clocks.</figcaption>\n",
              p->out);
    fputs("</figure>\n", p->out);
}

/* ---- Spectra and traces ---- */

static void write_marks(const report_page *p)
{
    const score *s = p->s;
    const double hz = figure_marked_hz(s);
    if (s->measured->n_families == 0 || (s->sum.n_strongest == 0 && !(hz > 0))) return;
    fputs("<p class=\"soft\">Marks at the top: ", p->out);
    if (hz > 0) {
        fputs("multiples of ", p->out);
        html_number(p->out, hz, 3);
        fputs(" Hz, at which the scanner repeats itself.", p->out);
    } else {
        fputs("the strongest multiples of ", p->out);
        html_number(p->out, s->measured->families[0].hz, 4);
        fputs(" Hz, at which the epochs repeat.", p->out);
    }
    fputs("</p>\n", p->out);
}

static void write_spectra(const report_page *p)
{
    const score *s = p->s;
    fputs("<h2>Spectra</h2>\n<div class=\"tabs\">\n", p->out);
    write_tab(p, "spectrum", 0, "median of channels", "");
    for (int64_t k = 0; k < p->n_picks; k++)
        write_tab(p, "spectrum", k + 1, input_channel_name(&s->in, p->picks[k]), pick_word(p, k));
    for (int64_t k = -1; k < p->n_picks; k++) {
        fputs("<figure>\n", p->out);
        (void)figure_spectra(p->out, s, k < 0 ? -1 : p->picks[k]);
        fputs("</figure>\n", p->out);
    }
    fputs("</div>\n<div class=\"key\">\n", p->out);
    if (s->measured->has_before) page_key(p->out, "k-before", s->in.has_times ? "before, in the scan" : "before");
    page_key(p->out, "k-after", s->in.has_times ? "after, in the scan" : "after");
    if (s->in.has_times) page_key(p->out, "k-free", "after, without scanning");
    fputs("</div>\n", p->out);
    write_marks(p);
}

static lmp_status write_traces(const report_page *p, lmp_error *err)
{
    const score *s = p->s;
    lmp_status status = LMP_OK;
    fputs("<h2>Traces</h2>\n<div class=\"tabs\">\n", p->out);
    for (int64_t k = 0; k < p->n_picks; k++)
        write_tab(p, "trace", k, input_channel_name(&s->in, p->picks[k]), pick_word(p, k));
    for (int64_t k = 0; k < p->n_picks && status == LMP_OK; k++) {
        bool drawn = false;
        fputs("<figure>\n", p->out);
        status = figure_traces(p->out, s, p->picks[k], &drawn, err);
        fputs("</figure>\n", p->out);
    }
    fputs("</div>\n<div class=\"key\">\n", p->out);
    if (s->measured->has_before) page_key(p->out, "k-before", "before");
    page_key(p->out, "k-after", "after");
    if (s->measured->has_truth) page_key(p->out, "k-truth", "truth, through the same filters");
    fprintf(p->out, "</div>\n<p class=\"soft\">%s</p>\n",
            s->in.has_times ? "Left: into the scan. Right: well inside it." : "Left: the beginning. Right: later.");
    return status;
}

/* ---- Template ---- */

static void write_template(const report_page *p)
{
    if (p->f->template_length < 2 || p->f->template_names.count == 0) return;
    fputs("<h2>The artifact that was taken away</h2>\n<figure>\n", p->out);
    (void)figure_templates(p->out, p->f);
    fputs("</figure>\n<figure>\n", p->out);
    (void)figure_gain(p->out, p->s, p->f);
    fputs("</figure>\n", p->out);
}

lmp_status report_write_body(const report_page *p, lmp_error *err)
{
    write_spectra(p);
    const lmp_status status = write_traces(p, err);
    if (status != LMP_OK) return status;
    report_write_quality(p);
    write_triggers(p);
    write_template(p);
    report_write_channels(p);
    write_done(p);
    page_provenance(p->out, p->s->in.record);
    page_footer(p->out);
    return LMP_OK;
}
