/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_figures.c: the pictures of a report that need no samples.
 */
#include "score/report_figures.h"

#include "score/metrics.h"
#include "score/svg.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 1040.0
#define LEFT  64.0
#define RIGHT 16.0

/* ---- Timeline ---- */

static void draw_ticks(const svg_plot *p, const char *class_name, const double *times_s, int64_t n, double top,
                       double height)
{
    for (int64_t i = 0; i < n; i++)
        if (times_s[i] >= p->x_first && times_s[i] <= p->x_last)
            svg_segment(p->out, class_name, svg_x(p, times_s[i]), top, svg_x(p, times_s[i]), top + height);
}

typedef struct status_run {
    double first_x, last_x;
    int64_t status;
} status_run;

static void draw_run(const svg_plot *p, const report_facts *f, const status_run *run, double top, double height)
{
    char class_name[32];
    if (run->status < 0) return;
    snprintf(class_name, sizeof class_name, "status%lld", (long long)(run->status < 5 ? run->status : 4));
    svg_rectangle(p->out, class_name, run->first_x, top, run->last_x - run->first_x, height,
                  run->status < f->status_names.count ? f->status_names.names[run->status] : "unknown");
}

/* Epochs that fall on the same place are drawn with the worst of their status. */
static void draw_status(const svg_plot *p, const score *s, const report_facts *f, double top, double height)
{
    status_run run = {.status = -1};
    for (int64_t i = 0; i < f->n_status; i++) {
        if (!(f->status[i] >= 0) || !(f->onset_s[i] >= 0) || f->onset_s[i] > p->x_last) continue;
        int64_t status = (int64_t)fmin(f->status[i], 99);
        const double x = svg_x(p, f->onset_s[i]), end = svg_x(p, fmin(f->onset_s[i] + s->in.times.length_s, p->x_last));
        const bool touches = run.status >= 0 && x <= run.last_x + 0.5,
                   hides = x < run.last_x - 0.01 && x < run.first_x + 1;
        if (touches && (status == run.status || hides)) {
            run.status = status > run.status ? status : run.status;
            run.last_x = fmax(end, run.last_x);
            continue;
        }
        draw_run(p, f, &run, top, height);
        run = (status_run){.first_x = x, .last_x = fmax(end, x + 1), .status = status};
    }
    draw_run(p, f, &run, top, height);
}

bool figure_timeline(FILE *out, const score *s, const report_facts *f)
{
    const timing *t = &s->in.times;
    if (!s->in.has_times) return false;
    const svg_plot p = {.out = out,
                        .left = LEFT,
                        .top = 8,
                        .width = WIDTH - LEFT - RIGHT,
                        .height = 84,
                        .x_last = t->total_s,
                        .y_last = 1};
    svg_begin(out, WIDTH, 130,
              "The recording from start to end: the scan, repaired triggers, and the status of each epoch.");
    svg_axis_x(&p, "time, s", true);
    svg_label(out, "row", LEFT - 8, 25, "end", "scan");
    for (int64_t b = 0; b < t->n_blocks; b++)
        svg_rectangle(out, "scan", svg_x(&p, t->blocks[b].first_s), 12,
                      svg_x(&p, t->blocks[b].last_s) - svg_x(&p, t->blocks[b].first_s), 18, NULL);
    svg_label(out, "row", LEFT - 8, 53, "end", "repairs");
    draw_ticks(&p, "added", f->added_s, f->n_added, 38, 11);
    draw_ticks(&p, "removed", f->removed_s, f->n_removed, 49, 11);
    if (f->n_status > 0) {
        svg_label(out, "row", LEFT - 8, 82, "end", "epochs");
        draw_status(&p, s, f, 68, 18);
    }
    svg_end(out);
    return true;
}

/* ---- Deviations of triggers ---- */

typedef struct deviations {
    double *time_s, *us;
    int64_t n;
} deviations;

/* The epoch nearest to each recorded trigger; strangers, more than half a period away from any, are left out. */
static bool find_deviations(const score *s, const report_facts *f, deviations *d)
{
    *d = (deviations){.time_s = calloc((size_t)f->n_recorded + 1, sizeof *d->time_s),
                      .us = calloc((size_t)f->n_recorded + 1, sizeof *d->us)};
    if (d->time_s == NULL || d->us == NULL) return false;
    const timing *t = &s->in.times;
    int64_t k = 0;
    for (int64_t i = 0; i < f->n_recorded; i++) {
        while (k + 1 < t->n_epochs &&
               fabs(t->onset_s[k + 1] - f->recorded_s[i]) <= fabs(t->onset_s[k] - f->recorded_s[i]))
            k++;
        const double away_s = f->recorded_s[i] - t->onset_s[k];
        if (!(fabs(away_s) < t->period_s / 4)) continue;
        d->time_s[d->n] = f->recorded_s[i];
        d->us[d->n++] = away_s * 1e6;
    }
    return d->n > 1;
}

/* Covers all but the farthest percent. */
static double reach_of(const deviations *d)
{
    double *sizes = calloc((size_t)d->n, sizeof *sizes);
    if (sizes == NULL) return 0;
    for (int64_t i = 0; i < d->n; i++) sizes[i] = fabs(d->us[i]);
    (void)metric_median(sizes, d->n); /* sorts */
    const double reach = sizes[(d->n - 1) * 99 / 100];
    free(sizes);
    return reach * 1.25;
}

static void draw_histogram(const svg_plot *p, const deviations *d)
{
    enum { BINS = 40 };
    int64_t counts[BINS] = {0}, most = 1;
    for (int64_t i = 0; i < d->n; i++) {
        const double place = (d->us[i] - p->y_first) / (p->y_last - p->y_first) * BINS;
        if (place < 0 || place >= BINS) continue;
        const int64_t bin = (int64_t)place;
        if (++counts[bin] > most) most = counts[bin];
    }
    for (int b = 0; b < BINS; b++) {
        const double step = p->height / BINS, length = p->width * (double)counts[b] / (double)most;
        char title[64];
        if (counts[b] == 0) continue;
        snprintf(title, sizeof title, "%lld triggers", (long long)counts[b]);
        svg_rectangle(p->out, "bar", p->left, p->top + p->height - (b + 1) * step, length, step - 0.5, title);
    }
}

bool figure_deviation(FILE *out, const score *s, const report_facts *f)
{
    deviations d = {0};
    bool drawn = false;
    if (s->in.has_times && f->n_recorded > 1 && find_deviations(s, f, &d)) {
        const double reach = reach_of(&d);
        svg_plot p = {.out = out,
                      .left = LEFT,
                      .top = 24,
                      .width = 780,
                      .height = 150,
                      .x_last = s->in.times.total_s,
                      .y_first = -reach,
                      .y_last = reach};
        drawn = reach > 0.01; /* a hundredth of a microsecond is nothing but rounding of numbers */
        if (drawn) {
            svg_begin(out, WIDTH, 216, "Difference between recorded triggers and the epochs that were used.");
            svg_axis_x(&p, "time, s", true);
            svg_axis_y(&p, "recorded − used, µs");
            svg_dots(&p, "before", d.time_s, d.us, d.n, 4000);
            p.left = LEFT + 780 + 16;
            p.width = WIDTH - RIGHT - p.left;
            svg_segment(out, "axis", p.left, p.top, p.left, p.top + p.height);
            draw_histogram(&p, &d);
            svg_label(out, "name", p.left + p.width, p.top + p.height + 32, "end", "number of triggers");
            svg_end(out);
        }
    }
    free(d.time_s);
    free(d.us);
    return drawn;
}

/* ---- Spectra ---- */

double figure_marked_hz(const score *s)
{
    double hz = 0;
    for (int64_t f = 0; f < s->measured->n_families; f++) hz = fmax(hz, s->measured->families[f].hz);
    return hz >= 4 ? hz : 0;
}

typedef struct curve {
    double *hz, *power;
    int64_t n;
} curve;

static void median_power(const score *s, meter_side side, scan_part part, double *room, double *power)
{
    for (int64_t k = 0; k < s->measured->n_bins[side]; k++) {
        int64_t n = 0;
        for (int64_t c = 0; c < s->measured->n_channels; c++)
            if (s->in.channels[c].counts) room[n++] = s->measured->channels[c].sides[side].power[part][k];
        power[k] = metric_median(room, n);
    }
}

/* Bins from first_hz on; what is not positive has no place on a logarithmic scale. */
static bool make_curve(const score *s, int64_t channel, meter_side side, scan_part part, double first_hz, curve *c)
{
    const int64_t n_bins = s->measured->n_bins[side], n_channels = s->measured->n_channels;
    *c = (curve){0};
    c->hz = calloc((size_t)(n_bins + 1), sizeof *c->hz);
    c->power = calloc((size_t)(n_bins + 1), sizeof *c->power);
    double *power = calloc((size_t)(n_bins + n_channels + 1), sizeof *power);
    if (c->hz == NULL || c->power == NULL || power == NULL) {
        free(power);
        return false;
    }
    if (channel < 0)
        median_power(s, side, part, power + n_bins, power);
    else if (n_bins > 0)
        memcpy(power, s->measured->channels[channel].sides[side].power[part], (size_t)n_bins * sizeof *power);
    for (int64_t k = 1; k < n_bins; k++) {
        const double hz = (double)k * s->measured->bin_hz[side];
        if (hz < first_hz || !(power[k] > 0)) continue;
        c->hz[c->n] = hz;
        c->power[c->n++] = power[k];
    }
    free(power);
    return c->n > 1;
}

static void widen_range(const curve *c, double *lowest, double *highest)
{
    for (int64_t i = 0; i < c->n; i++) {
        *lowest = fmin(*lowest, c->power[i]);
        *highest = fmax(*highest, c->power[i]);
    }
}

static void mark_line(const svg_plot *p, double hz)
{
    if (hz >= p->x_first && hz <= p->x_last)
        svg_segment(p->out, "mark", svg_x(p, hz), p->top, svg_x(p, hz), p->top + 7);
}

/* All multiples of the fastest rate, if they stand apart; else the strongest harmonics. */
static void mark_lines(const svg_plot *p, const score *s)
{
    const double hz = figure_marked_hz(s);
    for (int64_t h = 1; h <= 60 && hz > 0; h++) mark_line(p, (double)h * hz);
    for (int64_t i = 0; i < s->sum.n_strongest && !(hz > 0); i++)
        mark_line(p, (double)(s->sum.strongest[i] + 1) * s->measured->families[0].hz);
}

bool figure_spectra(FILE *out, const score *s, int64_t channel)
{
    enum { BEFORE, FREE, AFTER, CURVES };
    static const char *const classes[CURVES] = {"before", "free", "after"};
    curve curves[CURVES];
    bool known[CURVES];
    const double first_hz = 0.5;
    double lowest = HUGE_VAL, highest = 0, last_hz = 1;
    known[BEFORE] = make_curve(s, channel, SIDE_BEFORE, PART_SCAN, first_hz, &curves[BEFORE]);
    known[FREE] = make_curve(s, channel, SIDE_RESULT, PART_FREE, first_hz, &curves[FREE]);
    known[AFTER] = make_curve(s, channel, SIDE_RESULT, PART_SCAN, first_hz, &curves[AFTER]);
    for (int i = 0; i < CURVES; i++) {
        if (!known[i]) continue;
        widen_range(&curves[i], &lowest, &highest);
        last_hz = fmax(last_hz, curves[i].hz[curves[i].n - 1]);
    }
    const bool drawn = highest > 0;
    if (drawn) {
        /* Far below the strongest there is only the filters' stop band. */
        const double bottom = pow(10, floor(log10(fmax(lowest, highest * 1e-10))));
        const svg_plot p = {.out = out,
                            .left = LEFT,
                            .top = 26,
                            .width = WIDTH - LEFT - RIGHT,
                            .height = 330,
                            .x_first = first_hz,
                            .x_last = last_hz,
                            .y_first = bottom,
                            .y_last = pow(10, ceil(log10(highest * 1.2))),
                            .log_x = true,
                            .log_y = true};
        svg_begin(out, WIDTH, 396, "Power spectral density before and after processing.");
        svg_axis_x(&p, "frequency, Hz", true);
        svg_axis_y(&p, "power density, µV²/Hz");
        for (int i = 0; i < CURVES; i++)
            if (known[i]) svg_line(&p, classes[i], curves[i].hz, curves[i].power, curves[i].n);
        mark_lines(&p, s);
        svg_end(out);
    }
    for (int i = 0; i < CURVES; i++) {
        free(curves[i].hz);
        free(curves[i].power);
    }
    return drawn;
}

/* ---- Templates ---- */

/* Smallest and largest of n values with a margin; false if nothing is finite. */
static bool find_range(const double *values, int64_t n, double *first, double *last)
{
    double lowest = HUGE_VAL, highest = -HUGE_VAL;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) continue;
        lowest = fmin(lowest, values[i]);
        highest = fmax(highest, values[i]);
    }
    if (highest < lowest) return false;
    const double margin = highest > lowest ? 0.06 * (highest - lowest) : fmax(fabs(highest) * 0.1, 1e-3);
    *first = lowest - margin;
    *last = highest + margin;
    return true;
}

bool figure_templates(FILE *out, const report_facts *f)
{
    const int64_t n = f->template_names.count < 4 ? f->template_names.count : 4, length = f->template_length;
    double *ms = n > 0 && length > 0 ? calloc((size_t)length, sizeof *ms) : NULL;
    if (ms == NULL) return false;
    const double rows = (double)((n + 1) / 2), half = (WIDTH - 2 * LEFT - RIGHT - 24) / 2;
    for (int64_t i = 0; i < length; i++) ms[i] = (double)i / f->template_rate_hz * 1e3;
    svg_begin(out, WIDTH, rows * 210, "The artifact of one epoch in a few channels.");
    for (int64_t i = 0; i < n; i++) {
        const double *values = f->templates + i * length;
        svg_plot p = {.out = out,
                      .left = LEFT + (double)(i % 2) * (half + LEFT + 24),
                      .top = (double)(i / 2) * 210 + 24,
                      .width = n == 1 ? WIDTH - LEFT - RIGHT : half,
                      .height = 140,
                      .x_last = ms[length - 1]};
        char label[96];
        if (!find_range(values, length, &p.y_first, &p.y_last)) continue;
        snprintf(label, sizeof label, "%s, µV", f->template_names.names[i]);
        svg_axis_x(&p, "time in the epoch, ms", true);
        svg_axis_y(&p, label);
        svg_line(&p, "before", ms, values, length);
    }
    svg_end(out);
    free(ms);
    return true;
}

bool figure_gain(FILE *out, const score *s, const report_facts *f)
{
    svg_plot p = {.out = out, .left = LEFT, .top = 24, .width = WIDTH - LEFT - RIGHT, .height = 110};
    if (f->n_gain < 2 || !s->in.has_times || !find_range(f->gain, f->n_gain, &p.y_first, &p.y_last)) return false;
    p.x_last = s->in.times.total_s;
    svg_begin(out, WIDTH, 176, "How strong the artifact is in each epoch, relative to the template.");
    svg_axis_x(&p, "time, s", true);
    svg_axis_y(&p, "strength of the artifact relative to its template");
    svg_line(&p, "before", f->onset_s, f->gain, f->n_gain);
    svg_end(out);
    return true;
}
