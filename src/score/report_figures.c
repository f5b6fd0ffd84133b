/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_figures.c: the figures of a report that need no samples.
 */
#include "score/report_figures.h"

#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_HZ 0.5

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

static void tell_histogram(report_data *d, const deviations *all, double reach)
{
    enum { BINS = 40 };
    int64_t counts[BINS] = {0};
    for (int64_t i = 0; i < all->n; i++) {
        const double place = (all->us[i] + reach) / (2 * reach) * BINS;
        if (place >= 0 && place < BINS) counts[(int64_t)place]++;
    }
    json_t *figure = data_curves(d, "A histogram of the differences.", "recorded − used, µs", "triggers", 150);
    figure_bars(figure, "", "bar", -reach, reach, counts, BINS);
}

static void tell_deviation(report_data *d, const deviations *all, double reach, double total_s)
{
    data_open(d, "pair", "");
    json_t *figure = data_curves(d, "Difference between recorded triggers and the epochs that were used.", "time, s",
                                 "recorded − used, µs", 150);
    figure_series(figure, "", "before", "dots", all->time_s, all->us, all->n);
    figure_range(figure, "x_range", 0, total_s);
    figure_range(figure, "y_range", -reach, reach);
    tell_histogram(d, all, reach);
    data_close(d);
    data_text(d, "soft");
    say(d, "How far each recorded trigger lies from the epoch that was used. A band one sample wide is the rounding of "
           "the recorder; a slope is the difference of two clocks.");
}

void figure_deviation(report_data *d, const score *s, const report_facts *f)
{
    deviations all = {0};
    if (s->in.has_times && f->n_recorded > 1 && find_deviations(s, f, &all)) {
        const double reach = reach_of(&all);
        /* A hundredth of a microsecond is nothing but rounding of numbers. */
        if (reach > 0.01) tell_deviation(d, &all, reach, s->in.times.total_s);
    }
    free(all.time_s);
    free(all.us);
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

/* All multiples of the fastest rate, if they stand apart; else the strongest harmonics. */
static void mark_lines(json_t *figure, const score *s, double last_hz)
{
    const double hz = figure_marked_hz(s);
    json_t *marks = figure_marks(figure, "", "mark", true);
    for (int64_t h = 1; h <= 60 && hz > 0 && (double)h * hz <= last_hz; h++) mark_add(marks, (double)h * hz);
    for (int64_t i = 0; i < s->sum.n_strongest && !(hz > 0); i++)
        mark_add(marks, (double)(s->sum.strongest[i] + 1) * s->measured->families[0].hz);
}

enum { BEFORE, FREE, AFTER, CURVES };

static const char *curve_label(const score *s, int i)
{
    static const char *const labels[CURVES] = {"before, in the scan", "after, without scanning", "after, in the scan"},
                             *const without_times[CURVES] = {"before", "", "after"};
    return (s->in.has_times ? labels : without_times)[i];
}

static void tell_spectra(report_data *d, const score *s, const curve *curves)
{
    static const char *const roles[CURVES] = {"before", "free", "after"};
    double lowest = HUGE_VAL, highest = 0, last_hz = 1;
    for (int i = 0; i < CURVES; i++) {
        if (curves[i].n < 2) continue;
        widen_range(&curves[i], &lowest, &highest);
        last_hz = fmax(last_hz, curves[i].hz[curves[i].n - 1]);
    }
    if (!(highest > 0)) return;
    /* Far below the strongest there is only the filters' stop band. */
    const double bottom = pow(10, floor(log10(fmax(lowest, highest * 1e-10))));
    json_t *figure = data_curves(d, "Power spectra.", "frequency, Hz", "power density, µV²/Hz", 330);
    json_object_set_new(figure, "log_x", json_true());
    json_object_set_new(figure, "log_y", json_true());
    figure_range(figure, "x_range", FIRST_HZ, last_hz);
    figure_range(figure, "y_range", bottom, pow(10, ceil(log10(highest * 1.2))));
    for (int i = 0; i < CURVES; i++)
        if (curves[i].n > 1)
            figure_series(figure, curve_label(s, i), roles[i], "line", curves[i].hz, curves[i].power, curves[i].n);
    mark_lines(figure, s, last_hz);
}

void figure_spectra(report_data *d, const score *s, int64_t channel)
{
    static const meter_side sides[CURVES] = {SIDE_BEFORE, SIDE_RESULT, SIDE_RESULT};
    static const scan_part parts[CURVES] = {PART_SCAN, PART_FREE, PART_SCAN};
    curve curves[CURVES];
    for (int i = 0; i < CURVES; i++)
        if (!make_curve(s, channel, sides[i], parts[i], FIRST_HZ, &curves[i])) curves[i].n = 0;
    tell_spectra(d, s, curves);
    for (int i = 0; i < CURVES; i++) {
        free(curves[i].hz);
        free(curves[i].power);
    }
}

/* ---- Templates ---- */

void figure_templates(report_data *d, const report_facts *f)
{
    const int64_t n = f->template_names.count < 4 ? f->template_names.count : 4, length = f->template_length;
    double *ms = n > 0 && length > 0 ? calloc((size_t)length, sizeof *ms) : NULL;
    if (ms == NULL) return;
    for (int64_t i = 0; i < length; i++) ms[i] = (double)i / f->template_rate_hz * 1e3;
    data_open(d, "pair", "");
    for (int64_t i = 0; i < n; i++) {
        char label[96];
        snprintf(label, sizeof label, "%s, µV", f->template_names.names[i]);
        json_t *figure = data_curves(d, "The artifact of one epoch.", "time in the epoch, ms", label, 140);
        figure_series(figure, "", "before", "line", ms, f->templates + i * length, length);
    }
    data_close(d);
    free(ms);
}

void figure_gain(report_data *d, const score *s, const report_facts *f)
{
    if (f->n_gain < 2 || !s->in.has_times) return;
    json_t *figure = data_curves(d, "How strong the artifact is in each epoch, relative to the template.", "time, s",
                                 "relative strength", 110);
    figure_series(figure, "", "before", "line", f->onset_s, f->gain, f->n_gain);
    figure_range(figure, "x_range", 0, s->in.times.total_s);
}
