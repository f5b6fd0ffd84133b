/* SPDX-License-Identifier: BSD-3-Clause
 *
 * summary.c: one number out of many channels.
 */
#include "score/summary.h"

#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

/* ---- Of one channel ---- */

double channel_residual_ratio(const channel_values *v)
{
    const double *variance = v->sides[SIDE_RESULT].variance;
    return variance[PART_FREE] > 0 ? sqrt(variance[PART_SCAN] / variance[PART_FREE]) : UNKNOWN;
}

double channel_suppression_db(const summary *s, const channel_values *v)
{
    double before = 0, after = 0;
    for (int64_t i = 0; i < s->n_strongest; i++) {
        before += v->sides[SIDE_BEFORE].lines[0][s->strongest[i]].peak;
        after += v->sides[SIDE_RESULT].lines[0][s->strongest[i]].peak;
    }
    return metric_decibel(before / after);
}

double channel_locked_ratio(const channel_values *v)
{
    return v->sides[SIDE_RESULT].residue_uv / v->sides[SIDE_RESULT].null_uv;
}

double channel_deviation_uv(const channel_values *v, meter_side side, scan_part part)
{
    return sqrt(v->sides[side].variance[part]);
}

/* ---- Values of a channel, by number ---- */

/* What over_channels() asks of every channel; `k` says which of several. */
typedef double channel_value(const channel_values *v, int64_t k);

static double residual_ratio(const channel_values *v, int64_t k)
{
    (void)k;
    return channel_residual_ratio(v);
}

static double residue(const channel_values *v, int64_t side)
{
    return v->sides[side].residue_uv;
}

static double null_residue(const channel_values *v, int64_t k)
{
    (void)k;
    return v->sides[SIDE_RESULT].null_uv;
}

static double rhythm_ratio(const channel_values *v, int64_t rhythm)
{
    const side_values *s = &v->sides[SIDE_RESULT];
    return s->rhythm[PART_FREE][rhythm] > 0 ? s->rhythm[PART_SCAN][rhythm] / s->rhythm[PART_FREE][rhythm] : UNKNOWN;
}

static double rhythm_change(const channel_values *v, int64_t rhythm)
{
    const side_values *s = &v->sides[SIDE_RESULT];
    return fabs(metric_change_percent(s->rhythm[PART_SCAN][rhythm], s->rhythm[PART_FREE][rhythm]));
}

static double rhythm_spread(const channel_values *v, int64_t rhythm)
{
    const side_values *s = &v->sides[SIDE_RESULT];
    return s->rhythm[PART_FREE][rhythm] > 0 ? s->rhythm_deviation[rhythm] / s->rhythm[PART_FREE][rhythm] : UNKNOWN;
}

/* Lines are numbered through the families. */
enum { FAMILY = 1 << 16 };

static const psd_line *line_of(const channel_values *v, meter_side side, int64_t i)
{
    return &v->sides[side].lines[i / FAMILY][i % FAMILY];
}

static double line_before(const channel_values *v, int64_t i)
{
    return metric_decibel(line_of(v, SIDE_BEFORE, i)->peak);
}

static double line_after(const channel_values *v, int64_t i)
{
    return metric_decibel(line_of(v, SIDE_RESULT, i)->peak);
}

static double line_suppression(const channel_values *v, int64_t i)
{
    return metric_decibel(line_of(v, SIDE_BEFORE, i)->peak / line_of(v, SIDE_RESULT, i)->peak);
}

static double line_before_over(const channel_values *v, int64_t i)
{
    return metric_decibel(line_of(v, SIDE_BEFORE, i)->peak / line_of(v, SIDE_BEFORE, i)->around);
}

static double line_after_over(const channel_values *v, int64_t i)
{
    return metric_decibel(line_of(v, SIDE_RESULT, i)->peak / line_of(v, SIDE_RESULT, i)->around);
}

static double error_in(const channel_values *v, int64_t band)
{
    return band < 0 ? v->all.error_uv : v->bands[band].error_uv;
}

static double reference_in(const channel_values *v, int64_t band)
{
    return band < 0 ? v->all.reference_uv : v->bands[band].reference_uv;
}

static double correlation_in(const channel_values *v, int64_t band)
{
    return band < 0 ? v->all.correlation : v->bands[band].correlation;
}

static double transfer_of(const channel_values *v, int64_t tone)
{
    return v->transfer[tone];
}

static double signal_to_residue(const channel_values *v, int64_t reference_side)
{
    return metric_signal_to_residue(v->sides[SIDE_RESULT].variance[PART_SCAN],
                                    v->sides[reference_side].variance[PART_FREE]);
}

static double amplitude_ratio(const channel_values *v, int64_t k)
{
    (void)k;
    const double after = v->sides[SIDE_RESULT].variance[PART_SCAN];
    return after > 0 ? sqrt(v->sides[SIDE_BEFORE].variance[PART_SCAN] / after) : UNKNOWN;
}

/* ---- Over channels ---- */

typedef struct crowd {
    const score_inputs *in;
    const measures *m;
    double *room; /* a number per channel */
} crowd;

static int64_t ask(const crowd *c, channel_value *value, int64_t k)
{
    int64_t n = 0;
    for (int64_t i = 0; i < c->m->n_channels; i++)
        if (c->in->channels[i].counts) c->room[n++] = value(&c->m->channels[i], k);
    return n;
}

static double median_of(const crowd *c, channel_value *value, int64_t k)
{
    return metric_median(c->room, ask(c, value, k));
}

static double rms_of(const crowd *c, channel_value *value, int64_t k)
{
    return metric_rms(c->room, ask(c, value, k));
}

static double mean_of(const crowd *c, channel_value *value, int64_t k)
{
    return metric_mean(c->room, ask(c, value, k));
}

static error_values errors_of(const crowd *c, int64_t band)
{
    return (error_values){.error_uv = rms_of(c, error_in, band),
                          .reference_uv = rms_of(c, reference_in, band),
                          .correlation = mean_of(c, correlation_in, band)};
}

static line_summary *find_line(summary *s, int64_t family, int64_t h, const crowd *c)
{
    for (int64_t i = 0; i < s->n_lines; i++)
        if (s->lines[i].harmonic == h + 1 && strcmp(s->lines[i].of, c->m->families[family].of) == 0)
            return &s->lines[i];
    return NULL;
}

static line_summary *add_line(const crowd *c, summary *s, int64_t family, int64_t h)
{
    const int64_t i = family * FAMILY + h;
    const line_family *of = &c->m->families[family];
    line_summary *line = find_line(s, family, h, c);
    if (line != NULL) return line;
    line = &s->lines[s->n_lines++];
    *line = (line_summary){.of = of->of,
                           .harmonic = h + 1,
                           .hz = of->hz * (double)(h + 1),
                           .before_db = median_of(c, line_before, i),
                           .after_db = median_of(c, line_after, i),
                           .suppression_db = median_of(c, line_suppression, i),
                           .before_over_db = median_of(c, line_before_over, i),
                           .after_over_db = median_of(c, line_after_over, i)};
    return line;
}

static bool is_chosen(const summary *s, int64_t h)
{
    for (int64_t i = 0; i < s->n_strongest; i++)
        if (s->strongest[i] == h) return true;
    return false;
}

/* The harmonics of the epochs that were strongest before, in the median over channels. */
static void choose_strongest(const crowd *c, summary *s)
{
    const line_family *epochs = &c->m->families[0];
    for (int64_t n = 0; n < METER_LINES && c->m->n_families > 0; n++) {
        double strongest_db = -HUGE_VAL;
        int64_t best = -1;
        for (int64_t h = 0; h < epochs->n_lines && (double)(h + 1) * epochs->hz <= METER_STRONGEST_HZ; h++) {
            const double db = is_chosen(s, h) ? UNKNOWN : median_of(c, line_before, h);
            if (!(db > strongest_db) || isnan(median_of(c, line_after, h))) continue;
            strongest_db = db;
            best = h;
        }
        if (best < 0) return;
        int64_t at = s->n_strongest++;
        for (; at > 0 && s->strongest[at - 1] > best; at--) s->strongest[at] = s->strongest[at - 1];
        s->strongest[at] = best;
    }
}

static void sum_lines(const crowd *c, summary *s)
{
    for (int64_t f = 0; f < c->m->n_families; f++)
        for (int64_t h = 0; h < METER_LINES; h++) (void)add_line(c, s, f, h);
    choose_strongest(c, s);
    for (int64_t i = 0; i < s->n_strongest; i++) add_line(c, s, 0, s->strongest[i])->is_strong = true;
    int64_t n = 0;
    for (int64_t i = 0; i < c->m->n_channels; i++)
        if (c->in->channels[i].counts) c->room[n++] = channel_suppression_db(s, &c->m->channels[i]);
    s->suppression_db = metric_median(c->room, n);
}

static void sum_rhythms(const crowd *c, summary *s)
{
    for (int64_t b = 0; b < METER_RHYTHMS; b++) {
        const double spread = median_of(c, rhythm_spread, b);
        s->rhythms[b] = (rhythm_summary){.name = meter_rhythm_names[b],
                                         .low_hz = meter_rhythms[b].low_hz,
                                         .high_hz = meter_rhythms[b].high_hz,
                                         .ratio = median_of(c, rhythm_ratio, b),
                                         .spread_low = isnan(spread) ? UNKNOWN : fmax(1 - spread, 0),
                                         .spread_high = 1 + spread,
                                         .change_percent = median_of(c, rhythm_change, b)};
    }
}

static void sum_facet(const crowd *c, summary *s)
{
    const int64_t n = ask(c, signal_to_residue, SIDE_RESULT);
    for (int64_t i = 0; i < n; i++) s->facet.n_without_residue += isinf(c->room[i]) != 0;
    s->facet.snr = metric_median(c->room, n);
    s->facet.legacy_snr = median_of(c, signal_to_residue, SIDE_BEFORE);
    s->facet.rms_ratio = median_of(c, amplitude_ratio, 0);
    s->facet.rms_residual = s->residual_ratio;
    s->facet.median_artifact = c->m->extent_uv[SIDE_RESULT][PART_SCAN];
    s->facet.median_artifact_reference = c->m->extent_uv[SIDE_RESULT][PART_FREE];
    s->facet.median_artifact_ratio = s->facet.median_artifact / s->facet.median_artifact_reference;
}

lmp_status summary_make(const score_inputs *in, const measures *m, summary *s, lmp_error *err)
{
    *s = (summary){0};
    const crowd c = {.in = in, .m = m, .room = calloc((size_t)m->n_channels, sizeof *c.room)};
    s->bands = calloc((size_t)m->n_bands + 1, sizeof *s->bands);
    s->transfer = calloc((size_t)m->n_tones + 1, sizeof *s->transfer);
    if (c.room == NULL || s->bands == NULL || s->transfer == NULL) {
        free(c.room);
        summary_clear(s);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to score a result");
    }
    for (int64_t i = 0; i < m->n_channels; i++) s->n_counting += in->channels[i].counts;
    s->residual_ratio = median_of(&c, residual_ratio, 0);
    s->residue_uv = rms_of(&c, residue, SIDE_RESULT);
    s->residue_before_uv = rms_of(&c, residue, SIDE_BEFORE);
    s->null_uv = rms_of(&c, null_residue, 0);
    s->all = errors_of(&c, -1);
    for (int64_t i = 0; i < m->n_bands; i++) s->bands[i] = errors_of(&c, i);
    for (int64_t i = 0; i < m->n_tones; i++) s->transfer[i] = median_of(&c, transfer_of, i);
    sum_lines(&c, s);
    sum_rhythms(&c, s);
    sum_facet(&c, s);
    free(c.room);
    return LMP_OK;
}

void summary_clear(summary *s)
{
    free(s->bands);
    free(s->transfer);
    *s = (summary){0};
}
