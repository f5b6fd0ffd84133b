/* SPDX-License-Identifier: BSD-3-Clause
 *
 * compare.c: two streams brought to the same sample, then through the same filters.
 *
 * The truth leaves its filters late, so samples of the result wait for it in a queue (and the other way round where it
 * was cut). What has both sides goes on at once: into the sums, the tones, and the two lanes of every band filter,
 * which therefore stay in step. Before any data flow, all blocks are played with counts only, to size the rooms.
 */
#include "score/compare.h"

#include "math/fir.h"
#include "math/overlap_save.h"
#include "score/queue.h"
#include "score/metrics.h"

#include <math.h>
#include <string.h>

enum { RESULT, TRUTH, SIDES };

typedef struct band_filter {
    overlap_layout layout;
    overlap_save *shared;
} band_filter;

struct compare {
    compare_options options;
    int64_t n_common; /* samples that both have in the end */
    int64_t queue_room, chunk_room, band_room;
    int64_t room; /* between two steps of the filters */
    tone_table *tone_tables;
    size_t filter_scratch; /* of band filters or steps */
    band_filter *bands;
};

typedef struct band_lane {
    overlap_lane *lanes[SIDES];
    int64_t at, cursor;
    pair_sums sums;
} band_lane;

struct compare_lane {
    refilter_lane *filter;
    queue waiting[SIDES];
    int64_t at, cursor;
    pair_sums sums;
    tone_lane *tones[SIDES];
    band_lane *bands;
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void enlarge(int64_t *most, int64_t n)
{
    if (n > *most) *most = n;
}

/* ---- Opening ---- */

/* Transitions of 2 Hz outside the band, narrower where there is no room; no edge at 0 Hz and at half the rate. */
static int64_t design_edges(const psd_band_edges *band, double rate_hz, fir_edge edges[2])
{
    int64_t n = 0;
    if (band->low_hz > 0) edges[n++] = fir_edge_rising(band->low_hz, fmin(2, band->low_hz));
    if (band->high_hz < rate_hz / 2) edges[n++] = fir_edge_falling(band->high_hz, fmin(2, rate_hz / 2 - band->high_hz));
    return n;
}

static lmp_status open_band(const compare *c, int64_t i, lmp_budget *budget, lmp_error *err)
{
    const double rate_hz = c->options.rate_hz;
    const psd_band_edges *band = &c->options.bands[i];
    fir_edge edges[2];
    const int64_t n_edges = design_edges(band, rate_hz, edges), n_taps = fir_count_taps(edges, n_edges, rate_hz);
    if (!overlap_lay_out(n_taps / 2, 1, 1, c->n_common, &c->bands[i].layout))
        return lmp_fail(err, LMP_ERR_USAGE, "the band %g-%g Hz is too narrow for a rate of %g Hz", band->low_hz,
                        band->high_hz, rate_hz);
    void *taps = NULL;
    lmp_status status = lmp_take(budget, (size_t)n_taps * sizeof(double), &taps, err);
    if (status != LMP_OK) return status;
    fir_design_taps(edges, n_edges, rate_hz, taps);
    status = overlap_open(&c->bands[i].layout, taps, budget, &c->bands[i].shared, err);
    lmp_give(budget, taps);
    return status;
}

/* What refilter_lane_process() gives in all. */
static int64_t count_truth(const compare_options *o)
{
    refilter_count counts = {0};
    int64_t n = 0;
    for (int64_t i = 0; i < o->n_blocks; i++)
        n += refilter_count_next(o->filters, &counts, o->truth_cuts[i + 1] - o->truth_cuts[i], i + 1 == o->n_blocks);
    return n;
}

static void rehearse(compare *c)
{
    const compare_options *o = &c->options;
    refilter_count counts = {0};
    int64_t n_result = 0, n_truth = 0, at = 0, given[64] = {0};
    for (int64_t i = 0; i < o->n_blocks; i++) {
        const bool ended = i + 1 == o->n_blocks;
        n_result += o->result_cuts[i + 1] - o->result_cuts[i];
        n_truth += refilter_count_next(o->filters, &counts, o->truth_cuts[i + 1] - o->truth_cuts[i], ended);
        enlarge(&c->queue_room, n_result - at);
        enlarge(&c->queue_room, n_truth - at);
        const int64_t next = smaller(n_result, n_truth);
        enlarge(&c->chunk_room, next - at);
        at = next;
        for (int64_t b = 0; b < o->n_bands; b++) {
            const int64_t out = overlap_ready(&c->bands[b].layout, at, at == c->n_common);
            enlarge(&c->band_room, out - given[b]);
            given[b] = out;
        }
    }
    c->room = counts.widest;
}

lmp_status compare_open(const compare_options *options, lmp_budget *budget, compare **made, lmp_error *err)
{
    void *memory = NULL;
    if (options->n_bands > 64)
        return lmp_fail(err, LMP_ERR_USAGE, "%lld bands were given: 64 can be compared at once",
                        (long long)options->n_bands);
    lmp_status status =
        lmp_take(budget, sizeof(compare) + (size_t)options->n_bands * sizeof(band_filter), &memory, err);
    if (status != LMP_OK) return status;
    compare *c = memory;
    c->options = *options;
    c->bands = (band_filter *)(void *)(c + 1);
    c->n_common = smaller(options->n_result, count_truth(options));
    if (c->n_common < 1) status = lmp_fail(err, LMP_ERR_INPUT, "the truth and the result have no time in common");
    for (int64_t i = 0; i < options->n_bands && status == LMP_OK; i++) {
        status = open_band(c, i, budget, err);
        if (c->bands[i].layout.scratch_bytes > c->filter_scratch) c->filter_scratch = c->bands[i].layout.scratch_bytes;
    }
    if (refilter_scratch_bytes(options->filters) > c->filter_scratch)
        c->filter_scratch = refilter_scratch_bytes(options->filters);
    if (status == LMP_OK && options->n_tones > 0)
        status = tone_table_open(options->tones_hz, options->n_tones, options->rate_hz, options->spans, budget,
                                 &c->tone_tables, err);
    if (status != LMP_OK) {
        compare_close(c, budget);
        return status;
    }
    rehearse(c);
    *made = c;
    return LMP_OK;
}

void compare_close(compare *c, lmp_budget *budget)
{
    if (c == NULL) return;
    for (int64_t i = 0; i < c->options.n_bands; i++) overlap_close(c->bands[i].shared, budget);
    tone_table_close(c->tone_tables, budget);
    lmp_give(budget, c);
}

/* ---- Memory ---- */

static int64_t align_up(int64_t doubles)
{
    return (doubles + 7) / 8 * 8;
}

typedef struct work {
    void *filter; /* of a band filter or a step */
    double *rooms[2], *bands[SIDES], *clean;
} work;

/* Doubles of each piece of a worker's scratch, in the order of `work`. */
enum { PIECES = 2 + 2 * SIDES };

static void measure_scratch(const compare *c, int64_t pieces[PIECES])
{
    const int64_t room = align_up(c->room), band = align_up(c->band_room);
    pieces[0] = align_up((int64_t)((c->filter_scratch + sizeof(double) - 1) / sizeof(double)));
    pieces[1] = pieces[2] = room;
    pieces[3] = pieces[4] = band;
    pieces[5] = align_up(c->options.n_tones > 0 ? c->chunk_room : 0);
}

size_t compare_scratch_bytes(const compare *c)
{
    int64_t pieces[PIECES], sum = 0;
    measure_scratch(c, pieces);
    for (int i = 0; i < PIECES; i++) sum += pieces[i];
    return (size_t)sum * sizeof(double);
}

static work lay_out_scratch(const compare *c, void *scratch)
{
    int64_t pieces[PIECES];
    double *at[PIECES];
    measure_scratch(c, pieces);
    at[0] = scratch;
    for (int i = 1; i < PIECES; i++) at[i] = at[i - 1] + pieces[i - 1];
    return (work){.filter = at[0], .rooms = {at[1], at[2]}, .bands = {at[3], at[4]}, .clean = at[5]};
}

size_t compare_lane_bytes(const compare *c)
{
    size_t bytes =
        sizeof(compare_lane) + (size_t)c->options.n_bands * sizeof(band_lane) + refilter_lane_bytes(c->options.filters);
    bytes += SIDES * (size_t)c->queue_room * sizeof(double);
    if (c->tone_tables != NULL) bytes += SIDES * tone_lane_bytes(c->tone_tables);
    for (int64_t i = 0; i < c->options.n_bands; i++) bytes += SIDES * c->bands[i].layout.lane_bytes;
    return bytes;
}

static lmp_status open_side(const compare *c, compare_lane *l, int side, lmp_budget *budget, lmp_error *err)
{
    lmp_status status = queue_open(&l->waiting[side], c->queue_room, budget, err);
    if (status == LMP_OK && c->tone_tables != NULL)
        status = tone_lane_open(c->tone_tables, budget, &l->tones[side], err);
    for (int64_t i = 0; i < c->options.n_bands && status == LMP_OK; i++)
        status = overlap_lane_open(c->bands[i].shared, OVERLAP_FILTER, budget, &l->bands[i].lanes[side], err);
    return status;
}

lmp_status compare_lane_open(const compare *c, int64_t truth_channel, lmp_budget *budget, compare_lane **lane,
                             lmp_error *err)
{
    void *memory = NULL;
    lmp_status status =
        lmp_take(budget, sizeof(compare_lane) + (size_t)c->options.n_bands * sizeof(band_lane), &memory, err);
    if (status != LMP_OK) return status;
    compare_lane *l = memory;
    l->bands = (band_lane *)(void *)(l + 1);
    status = refilter_lane_open(c->options.filters, truth_channel, budget, &l->filter, err);
    for (int side = 0; side < SIDES && status == LMP_OK; side++) status = open_side(c, l, side, budget, err);
    if (status == LMP_OK)
        *lane = l;
    else
        compare_lane_close(c, l, budget);
    return status;
}

void compare_lane_close(const compare *c, compare_lane *lane, lmp_budget *budget)
{
    if (lane == NULL) return;
    refilter_lane_close(c->options.filters, lane->filter, budget);
    for (int side = 0; side < SIDES; side++) {
        queue_close(&lane->waiting[side], budget);
        tone_lane_close(lane->tones[side], budget);
        for (int64_t i = 0; i < c->options.n_bands; i++) overlap_lane_close(lane->bands[i].lanes[side], budget);
    }
    lmp_give(budget, lane);
}

/* ---- Data ---- */

/* Adds the part of the pairs that lies in the scan. */
static void add_scan(const compare *c, pair_sums *sums, int64_t *cursor, int64_t first, const double *a,
                     const double *b, int64_t n)
{
    span_piece piece;
    const int64_t end = first + n;
    for (int64_t from = first; span_next(c->options.spans, cursor, from, end - from, &piece);
         from = piece.first + piece.count)
        if (piece.part == PART_SCAN)
            pair_sums_add(sums, a + (piece.first - first), b + (piece.first - first), piece.count);
}

static void add_tones(const compare *c, compare_lane *lane, const work *w, int64_t n)
{
    for (int side = 0; side < SIDES && c->tone_tables != NULL; side++) {
        const double *values = lane->waiting[side].values;
        for (int64_t i = 0; i < n; i++) w->clean[i] = isfinite(values[i]) ? values[i] : 0;
        tone_lane_add(c->tone_tables, lane->tones[side], lane->at, w->clean, n);
    }
}

static void add_band(const compare *c, compare_lane *lane, int64_t i, const work *w, int64_t n, bool ended)
{
    band_lane *band = &lane->bands[i];
    int64_t n_out = 0;
    for (int side = 0; side < SIDES; side++)
        n_out = overlap_lane_process(c->bands[i].shared, band->lanes[side], w->filter, lane->waiting[side].values, n,
                                     w->bands[side], ended);
    add_scan(c, &band->sums, &band->cursor, band->at, w->bands[RESULT], w->bands[TRUTH], n_out);
    band->at += n_out;
}

/* What has both sides. */
static void consume(const compare *c, compare_lane *lane, const work *w)
{
    const int64_t n = smaller(smaller(lane->waiting[RESULT].n, lane->waiting[TRUTH].n), c->n_common - lane->at);
    if (n <= 0) return;
    const bool ended = lane->at + n == c->n_common;
    add_scan(c, &lane->sums, &lane->cursor, lane->at, lane->waiting[RESULT].values, lane->waiting[TRUTH].values, n);
    add_tones(c, lane, w, n);
    for (int64_t i = 0; i < c->options.n_bands; i++) add_band(c, lane, i, w, n, ended);
    for (int side = 0; side < SIDES; side++) queue_drop(&lane->waiting[side], n);
    lane->at += n;
}

lmp_status compare_lane_add(const compare *c, compare_lane *lane, void *scratch, lmp_budget *budget,
                            const double *result, int64_t n_result, const double *truth, int64_t n_truth, bool ended,
                            lmp_error *err)
{
    const work w = lay_out_scratch(c, scratch);
    const refilter_rooms rooms = {.rooms = {w.rooms[0], w.rooms[1]}, .scratch = w.filter};
    const double *filtered = NULL;
    int64_t n = 0;
    lmp_status status = queue_append(&lane->waiting[RESULT], result, n_result, budget, err);
    if (status == LMP_OK)
        status = refilter_lane_process(c->options.filters, lane->filter, &rooms, truth, n_truth, ended, budget,
                                       &filtered, &n, err);
    if (status == LMP_OK) status = queue_append(&lane->waiting[TRUTH], filtered, n, budget, err);
    if (status == LMP_OK) consume(c, lane, &w);
    return status;
}

const pair_sums *compare_lane_sums(const compare_lane *lane, int64_t band)
{
    return band < 0 ? &lane->sums : &lane->bands[band].sums;
}

double compare_lane_transfer(const compare *c, const compare_lane *lane, int64_t i)
{
    if (c->tone_tables == NULL) return UNKNOWN;
    const double truth = tone_lane_amplitude(c->tone_tables, lane->tones[TRUTH], i);
    return truth > 0 ? tone_lane_amplitude(c->tone_tables, lane->tones[RESULT], i) / truth : UNKNOWN;
}
