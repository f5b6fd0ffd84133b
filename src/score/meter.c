/* SPDX-License-Identifier: BSD-3-Clause
 *
 * meter.c: everything that is measured on one channel.
 *
 * Two spectra are taken of every side. The broad one has segments of 4 s (shorter only where the parts without scanning
 * are): for rhythms, which are compared between scan and scan-free parts, and for pictures. The fine one has segments
 * of eight periods of the slowest thing that repeats, so that the harmonics of volumes, half a hertz apart, are lines
 * by themselves.
 */
#include "score/meter.h"

#include "math/fft.h"
#include "score/metrics.h"

#include <string.h>

const psd_band_edges meter_rhythms[METER_RHYTHMS] = {{0.8, 4}, {4, 8}, {8, 12}, {12, 24}};
const char *const meter_rhythm_names[METER_RHYTHMS] = {"delta", "theta", "alpha", "beta"};

#define BROAD_S        4.0
#define SHORTEST_S     1.0 /* of a segment */
#define LONGEST_FINE_S 64.0
#define PICTURE_HZ     250.0

enum { MOST_LINES = 512 };

typedef struct side_lane {
    moments moments[SCAN_PARTS];
    int64_t cursor;
    psd_lane *broad, *fine;
    locked_lane *epochs;
    int64_t n_missing;
} side_lane;

struct meter_lane {
    bool has[METER_SIDES];
    side_lane sides[METER_SIDES];
    compare_lane *truth;
};

/* ---- Sides ---- */

static void find_families(meter *m, const timing *t)
{
    m->n_families = 1;
    const double all = fmin(METER_STRONGEST_HZ * t->period_s, MOST_LINES);
    m->families[0] = (line_family){"epoch", 1 / t->period_s, all > METER_LINES ? (int64_t)all : METER_LINES};
    if (t->volume_s > 0)
        m->families[m->n_families++] = (line_family){"volume", 1 / t->volume_s, METER_LINES};
    else if (t->slices_per_volume > 0)
        m->families[m->n_families++] = (line_family){"slice", (double)t->slices_per_volume / t->period_s, METER_LINES};
}

/* The wanted length, or less if the recording's parts are shorter, down to SHORTEST_S; an even number of samples that
 * transforms fast if there is room. */
static int64_t segment_samples(double wanted_s, int64_t longest, double rate_hz)
{
    const int64_t wanted = (int64_t)ceil(wanted_s * rate_hz);
    if (wanted > longest) return longest;
    const int64_t good = fft_good_length(wanted);
    return good <= longest ? good : wanted;
}

static int64_t broad_samples(const side_meter *s)
{
    const int64_t in_scan = span_longest(&s->spans, PART_SCAN), free = span_longest(&s->spans, PART_FREE);
    const bool free_is_useful = (double)free >= SHORTEST_S * s->rate_hz;
    const int64_t longest = free_is_useful && free < in_scan ? free : in_scan;
    return segment_samples(BROAD_S, longest, s->rate_hz);
}

static int64_t fine_samples(const meter *m, const side_meter *s)
{
    double slowest_hz = 1 / BROAD_S * 8;
    for (int64_t i = 0; i < m->n_families; i++) slowest_hz = fmin(slowest_hz, m->families[i].hz);
    return segment_samples(fmin(8 / slowest_hz, LONGEST_FINE_S), span_longest(&s->spans, PART_SCAN), s->rate_hz);
}

static double fastest_line(const meter *m)
{
    double hz = PICTURE_HZ;
    for (int64_t i = 0; i < m->n_families; i++) hz = fmax(hz, m->families[i].hz * (METER_LINES + 1));
    return hz;
}

static lmp_status open_psds(meter *m, side_meter *s, lmp_budget *budget, lmp_error *err)
{
    psd_options options = {.rate_hz = s->rate_hz,
                           .keep_hz = PICTURE_HZ,
                           .n = broad_samples(s),
                           .bands = meter_rhythms,
                           .n_bands = METER_RHYTHMS};
    if (options.n < 2) return lmp_fail(err, LMP_ERR_INPUT, "the recording holds no scan that could be measured");
    lmp_status status = psd_open(&options, budget, &s->broad, err);
    options.keep_hz = fastest_line(m);
    options.n = fine_samples(m, s);
    options.n_bands = 0;
    if (status == LMP_OK) status = psd_open(&options, budget, &s->fine, err);
    return status;
}

static lmp_status open_epochs(side_meter *s, const side_options *options, lmp_budget *budget, lmp_error *err)
{
    const timing *t = options->times;
    void *memory = NULL;
    lmp_status status = lmp_take(budget, (size_t)t->n_epochs * sizeof(double), &memory, err);
    if (status != LMP_OK) return status;
    double *onset_s = memory;
    for (int64_t i = 0; i < t->n_epochs; i++) onset_s[i] = t->onset_s[i] - options->start_s;
    const locked_options of = {.rate_hz = s->rate_hz,
                               .onset_s = onset_s,
                               .n_epochs = t->n_epochs,
                               .period_s = t->period_s,
                               .length_s = t->length_s,
                               .spans = &s->spans,
                               .with_null = options->with_null};
    status = locked_open(&of, budget, &s->epochs, err);
    lmp_give(budget, memory);
    for (scan_part part = PART_SCAN; part < SCAN_PARTS && status == LMP_OK; part++) {
        status = lmp_take(budget, (size_t)(locked_extent_count(s->epochs, part) + 1) * sizeof(double), &memory, err);
        if (status == LMP_OK) s->extent_sums[part] = memory;
    }
    return status;
}

lmp_status meter_open_side(meter *m, meter_side side, const side_options *options, lmp_budget *budget, lmp_error *err)
{
    static const timing no_times = {.volume_s = UNKNOWN};
    side_meter *s = &m->sides[side];
    *s = (side_meter){.is_there = true, .rate_hz = options->rate_hz};
    const timing *times = options->times != NULL ? options->times : &no_times;
    lmp_status status = span_list_make(times, options->start_s, s->rate_hz, options->n_times, &s->spans, err);
    if (status != LMP_OK) return status;
    if (options->times != NULL)
        find_families(m, times);
    else if (s->spans.count > 0)
        s->spans.all[0].part = PART_SCAN; /* nothing is known: all of it */
    status = open_psds(m, s, budget, err);
    if (status == LMP_OK && options->times != NULL) status = open_epochs(s, options, budget, err);
    return status;
}

void meter_close_sides(meter *m, lmp_budget *budget)
{
    for (int i = 0; i < METER_SIDES; i++) {
        side_meter *s = &m->sides[i];
        span_list_clear(&s->spans);
        psd_close(s->broad, budget);
        psd_close(s->fine, budget);
        locked_close(s->epochs, budget);
        for (int part = 0; part < SCAN_PARTS; part++) lmp_give(budget, s->extent_sums[part]);
        *s = (side_meter){0};
    }
}

int64_t meter_bin_count(const meter *m, meter_side side)
{
    return m->sides[side].broad != NULL ? psd_bin_count(m->sides[side].broad) : 0;
}

double meter_bin_hz(const meter *m, meter_side side)
{
    return m->sides[side].broad != NULL ? psd_bin_hz(m->sides[side].broad) : UNKNOWN;
}

/* ---- Memory ---- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t meter_scratch_bytes(const meter *m)
{
    size_t bytes = m->truth != NULL ? compare_scratch_bytes(m->truth) : 0;
    for (int i = 0; i < METER_SIDES; i++) {
        if (!m->sides[i].is_there) continue;
        bytes = larger(bytes, psd_scratch_bytes(m->sides[i].broad));
        bytes = larger(bytes, psd_scratch_bytes(m->sides[i].fine));
        bytes = larger(bytes, (size_t)psd_bin_count(m->sides[i].fine) * sizeof(double));
    }
    return bytes;
}

size_t meter_lane_bytes(const meter *m)
{
    size_t bytes = sizeof(meter_lane) + (m->truth != NULL ? compare_lane_bytes(m->truth) : 0);
    for (int i = 0; i < METER_SIDES; i++) {
        const side_meter *s = &m->sides[i];
        if (s->is_there) bytes += psd_lane_bytes(s->broad) + psd_lane_bytes(s->fine);
        if (s->epochs != NULL) bytes += locked_lane_bytes(s->epochs);
    }
    return bytes;
}

/* ---- Lanes ---- */

static lmp_status open_side_lane(const side_meter *s, side_lane *l, lmp_budget *budget, lmp_error *err)
{
    lmp_status status = psd_lane_open(s->broad, budget, &l->broad, err);
    if (status == LMP_OK) status = psd_lane_open(s->fine, budget, &l->fine, err);
    if (status == LMP_OK && s->epochs != NULL) status = locked_lane_open(s->epochs, budget, &l->epochs, err);
    return status;
}

lmp_status meter_lane_open(const meter *m, bool has_before, int64_t truth_channel, lmp_budget *budget,
                           meter_lane **lane, lmp_error *err)
{
    void *memory = NULL;
    lmp_status status = lmp_take(budget, sizeof(meter_lane), &memory, err);
    if (status != LMP_OK) return status;
    meter_lane *l = memory;
    l->has[SIDE_RESULT] = true;
    l->has[SIDE_BEFORE] = has_before && m->sides[SIDE_BEFORE].is_there;
    for (int i = 0; i < METER_SIDES && status == LMP_OK; i++)
        if (l->has[i]) status = open_side_lane(&m->sides[i], &l->sides[i], budget, err);
    if (status == LMP_OK && m->truth != NULL && truth_channel >= 0)
        status = compare_lane_open(m->truth, truth_channel, budget, &l->truth, err);
    if (status == LMP_OK)
        *lane = l;
    else
        meter_lane_close(m, l, budget);
    return status;
}

void meter_lane_close(const meter *m, meter_lane *lane, lmp_budget *budget)
{
    if (lane == NULL) return;
    for (int i = 0; i < METER_SIDES; i++) {
        psd_lane_close(lane->sides[i].broad, budget);
        psd_lane_close(lane->sides[i].fine, budget);
        locked_lane_close(lane->sides[i].epochs, budget);
    }
    if (m->truth != NULL) compare_lane_close(m->truth, lane->truth, budget);
    lmp_give(budget, lane);
}

/* Missing samples as 0, for what cannot leave them out; how many there were. */
static int64_t clean_samples(const double *values, int64_t count, double *clean)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++) {
        const bool is_there = isfinite(values[i]);
        clean[i] = is_there ? values[i] : 0;
        n += !is_there;
    }
    return n;
}

static void add_side(const side_meter *s, side_lane *l, int64_t first, const double *values, int64_t count,
                     void *scratch, double *clean)
{
    span_piece piece;
    const int64_t end = first + count;
    for (int64_t from = first; span_next(&s->spans, &l->cursor, from, end - from, &piece);
         from = piece.first + piece.count)
        moments_add(&l->moments[piece.part], values + (piece.first - first), piece.count);
    psd_lane_add(s->broad, l->broad, &s->spans, scratch, first, values, count);
    psd_lane_add(s->fine, l->fine, &s->spans, scratch, first, values, count);
    l->n_missing += clean_samples(values, count, clean);
    if (s->epochs != NULL) locked_lane_add(s->epochs, l->epochs, first, clean, count);
}

lmp_status meter_lane_add(const meter *m, meter_lane *lane, const meter_block *block, void *scratch, double *clean,
                          lmp_budget *budget, lmp_error *err)
{
    for (int i = 0; i < METER_SIDES; i++)
        if (lane->has[i] && block->count[i] > 0)
            add_side(&m->sides[i], &lane->sides[i], block->first[i], block->values[i], block->count[i], scratch, clean);
    if (lane->truth == NULL) return LMP_OK;
    return compare_lane_add(m->truth, lane->truth, scratch, budget, block->values[SIDE_RESULT],
                            block->count[SIDE_RESULT], block->truth, block->n_truth, block->ended, err);
}

/* ---- Results ---- */

static double median_extent(const side_meter *s, const side_lane *l, scan_part part, double *room)
{
    const int64_t n = locked_extent_count(s->epochs, part);
    for (int64_t i = 0; i < n; i++) room[i] = locked_lane_extent(s->epochs, l->epochs, part, i);
    return metric_median(room, n);
}

static void add_extents(side_meter *s, const side_lane *l)
{
    s->n_extents++;
    for (scan_part part = PART_SCAN; part < SCAN_PARTS; part++)
        for (int64_t i = 0; i < locked_extent_count(s->epochs, part); i++)
            s->extent_sums[part][i] += locked_lane_extent(s->epochs, l->epochs, part, i);
}

/* A line is as wide as the window makes it, and a quarter of the way to its neighbours at most. */
static void find_lines(const meter *m, const side_meter *s, const side_lane *l, double *power, side_values *values)
{
    psd_lane_power(s->fine, l->fine, PART_SCAN, power);
    for (int64_t f = 0; f < m->n_families; f++)
        for (int64_t h = 0; h < m->families[f].n_lines; h++) {
            const double first_hz = m->families[f].hz, half_width_hz = fmin(0.5, first_hz / 4);
            values->lines[f][h] =
                psd_find_line(power, psd_bin_count(s->fine), psd_bin_hz(s->fine), (double)(h + 1) * first_hz,
                              half_width_hz, fmin(first_hz / 2, 4 * half_width_hz));
        }
}

static lmp_status finish_side(meter *m, meter_side side, const side_lane *l, bool counts, lmp_budget *budget,
                              side_values *values, lmp_error *err)
{
    side_meter *s = &m->sides[side];
    int64_t room = psd_bin_count(s->fine);
    for (scan_part part = PART_SCAN; part < SCAN_PARTS && s->epochs != NULL; part++)
        if (locked_extent_count(s->epochs, part) > room) room = locked_extent_count(s->epochs, part);
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, (size_t)(room + 1) * sizeof(double), &memory, err);
    if (status != LMP_OK) return status;
    for (scan_part part = PART_SCAN; part < SCAN_PARTS; part++) {
        values->variance[part] = moments_variance(&l->moments[part]);
        psd_lane_power(s->broad, l->broad, part, values->power[part]);
        for (int64_t b = 0; b < METER_RHYTHMS; b++) values->rhythm[part][b] = psd_lane_band(l->broad, part, b);
        values->extent_uv[part] = s->epochs != NULL ? median_extent(s, l, part, memory) : UNKNOWN;
    }
    for (int64_t b = 0; b < METER_RHYTHMS; b++)
        values->rhythm_deviation[b] = psd_lane_band_deviation(l->broad, PART_FREE, b);
    find_lines(m, s, l, memory, values);
    values->n_missing = l->n_missing;
    values->residue_uv = s->epochs != NULL ? locked_lane_residue(s->epochs, l->epochs) : UNKNOWN;
    values->null_uv = s->epochs != NULL ? locked_lane_null(s->epochs, l->epochs) : UNKNOWN;
    if (counts && s->epochs != NULL) add_extents(s, l);
    lmp_give(budget, memory);
    return LMP_OK;
}

static error_values error_of(const pair_sums *sums)
{
    return (error_values){.error_uv = pair_sums_error(sums),
                          .reference_uv = pair_sums_deviation_b(sums),
                          .correlation = pair_sums_correlation(sums)};
}

static void set_unknown(channel_values *values, const meter *m, meter_side side)
{
    side_values *v = &values->sides[side];
    for (int part = 0; part < SCAN_PARTS; part++) {
        v->variance[part] = v->extent_uv[part] = UNKNOWN;
        for (int64_t b = 0; b < METER_RHYTHMS; b++) v->rhythm[part][b] = v->rhythm_deviation[b] = UNKNOWN;
        for (int64_t k = 0; k < meter_bin_count(m, side); k++) v->power[part][k] = UNKNOWN;
    }
    for (int64_t f = 0; f < m->n_families; f++)
        for (int64_t h = 0; h < m->families[f].n_lines; h++) v->lines[f][h] = (psd_line){UNKNOWN, UNKNOWN};
    v->residue_uv = v->null_uv = UNKNOWN;
}

lmp_status meter_lane_finish(meter *m, const meter_lane *lane, bool counts, lmp_budget *budget, channel_values *values,
                             lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (meter_side side = SIDE_RESULT; side < METER_SIDES && status == LMP_OK; side++) {
        set_unknown(values, m, side);
        if (lane->has[side])
            status = finish_side(m, side, &lane->sides[side], counts, budget, &values->sides[side], err);
    }
    static const pair_sums none = {0};
    values->all = error_of(lane->truth != NULL ? compare_lane_sums(lane->truth, -1) : &none);
    for (int64_t i = 0; i < m->n_bands; i++)
        values->bands[i] = error_of(lane->truth != NULL ? compare_lane_sums(lane->truth, i) : &none);
    for (int64_t i = 0; i < m->n_tones; i++)
        values->transfer[i] = lane->truth != NULL ? compare_lane_transfer(m->truth, lane->truth, i) : UNKNOWN;
    return status;
}
