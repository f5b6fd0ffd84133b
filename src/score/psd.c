/* SPDX-License-Identifier: BSD-3-Clause
 *
 * psd.c: Welch's method on a stream.
 *
 * A lane holds one unfinished segment. Which sample it wants next follows from the spans alone, so results do not
 * depend on the blocks in which samples arrive.
 *
 * Always true between calls: pending[0 .. filled) are the samples just before `next`, and `next` lies in span `at`
 * (or there are no spans left).
 */
#include "score/psd.h"

#include "core/budget.h"
#include "math/fft.h"
#include "score/metrics.h"

#include <math.h>
#include <string.h>

struct psd {
    psd_options options;
    int64_t hop, n_bins;
    double scale; /* from |X|^2 to one-sided density */
    fft_plan *plan;
    double *window;
};

typedef struct part_sums {
    int64_t n_segments;
    double *power;                    /* n_bins */
    double *band_sums, *band_squares; /* n_bands */
} part_sums;

struct psd_lane {
    part_sums parts[SCAN_PARTS];
    double *pending;
    int64_t filled, next, at;
    bool is_begun;
    int64_t n_bands;
};

enum { ALIGN = 8 }; /* doubles in 64 bytes */

static int64_t align_up(int64_t doubles)
{
    return (doubles + ALIGN - 1) / ALIGN * ALIGN;
}

lmp_status psd_open(const psd_options *options, lmp_budget *budget, psd **made, lmp_error *err)
{
    void *memory = NULL;
    const size_t head = (size_t)align_up((int64_t)(sizeof(psd) / sizeof(double)) + 1) * sizeof(double);
    lmp_status status = lmp_take(budget, head + (size_t)options->n * sizeof(double), &memory, err);
    if (status != LMP_OK) return status;
    psd *p = memory;
    p->options = *options;
    p->window = (double *)(void *)((char *)memory + head);
    p->hop = options->n > 1 ? options->n / 2 : 1;
    const double bin_hz = options->rate_hz / (double)options->n;
    p->n_bins = (int64_t)fmin(floor(options->keep_hz / bin_hz), (double)(options->n / 2)) + 1;
    double squares = 0;
    for (int64_t i = 0; i < options->n; i++) {
        p->window[i] = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)options->n);
        squares += p->window[i] * p->window[i];
    }
    p->scale = 2 / (options->rate_hz * squares);
    status = budget_reserve(budget, fft_plan_bytes(options->n), err);
    if (status == LMP_OK) {
        status = fft_plan_new(options->n, &p->plan, err);
        if (status != LMP_OK) budget_release(budget, fft_plan_bytes(options->n));
    }
    if (status != LMP_OK)
        lmp_give(budget, p);
    else
        *made = p;
    return status;
}

void psd_close(psd *p, lmp_budget *budget)
{
    if (p == NULL) return;
    fft_plan_free(p->plan);
    budget_release(budget, fft_plan_bytes(p->options.n));
    lmp_give(budget, p);
}

size_t psd_scratch_bytes(const psd *p)
{
    return (size_t)(align_up(p->options.n) + fft_spectrum_doubles(p->options.n)) * sizeof(double);
}

int64_t psd_bin_count(const psd *p)
{
    return p->n_bins;
}

double psd_bin_hz(const psd *p)
{
    return p->options.rate_hz / (double)p->options.n;
}

/* ---- Lanes ---- */

static int64_t part_doubles(const psd *p)
{
    return p->n_bins + 2 * p->options.n_bands;
}

size_t psd_lane_bytes(const psd *p)
{
    return sizeof(psd_lane) + (size_t)(p->options.n + SCAN_PARTS * part_doubles(p)) * sizeof(double);
}

lmp_status psd_lane_open(const psd *p, lmp_budget *budget, psd_lane **lane, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, psd_lane_bytes(p), &memory, err);
    if (status != LMP_OK) return status;
    psd_lane *l = memory;
    double *at = (double *)(void *)(l + 1);
    l->pending = at;
    l->n_bands = p->options.n_bands;
    at += p->options.n;
    for (int i = 0; i < SCAN_PARTS; i++, at += part_doubles(p)) {
        l->parts[i].power = at;
        l->parts[i].band_sums = at + p->n_bins;
        l->parts[i].band_squares = l->parts[i].band_sums + l->n_bands;
    }
    *lane = l;
    return LMP_OK;
}

void psd_lane_close(psd_lane *lane, lmp_budget *budget)
{
    lmp_give(budget, lane);
}

static void add_bands(const psd *p, part_sums *part, const double *density)
{
    for (int64_t b = 0; b < p->options.n_bands; b++) {
        const psd_band_edges *edges = &p->options.bands[b];
        const double mean = psd_mean(density, p->n_bins, psd_bin_hz(p), edges->low_hz, edges->high_hz);
        part->band_sums[b] += mean;
        part->band_squares[b] += mean * mean;
    }
}

static void add_segment(const psd *p, part_sums *part, const double *values, double *scratch)
{
    const int64_t n = p->options.n;
    double *spectrum = scratch + align_up(n), mean = 0;
    for (int64_t i = 0; i < n; i++) mean += values[i];
    mean /= (double)n;
    if (!isfinite(mean)) return;
    for (int64_t i = 0; i < n; i++) scratch[i] = (values[i] - mean) * p->window[i];
    fft_forward(p->plan, scratch, spectrum);
    for (int64_t k = 0; k < p->n_bins; k++) {
        const double re = spectrum[2 * k], im = spectrum[2 * k + 1];
        const bool is_single = k == 0 || 2 * k == n; /* 0 Hz and half the rate have no mirror image */
        scratch[k] = (re * re + im * im) * p->scale * (is_single ? 0.5 : 1);
        part->power[k] += scratch[k];
    }
    add_bands(p, part, scratch);
    part->n_segments++;
}

static void begin_span(psd_lane *lane, const span_list *spans)
{
    lane->filled = 0;
    if (lane->at < spans->count) lane->next = spans->all[lane->at].first;
}

void psd_lane_add(const psd *p, psd_lane *lane, const span_list *spans, void *scratch, int64_t first,
                  const double *values, int64_t count)
{
    if (!lane->is_begun) begin_span(lane, spans);
    lane->is_begun = true;
    while (lane->at < spans->count) {
        const span *s = &spans->all[lane->at];
        const int64_t span_end = s->first + s->count, end = first + count < span_end ? first + count : span_end;
        while (lane->next < end) {
            const int64_t room = p->options.n - lane->filled, there = end - lane->next;
            const int64_t n = room < there ? room : there;
            memcpy(lane->pending + lane->filled, values + (lane->next - first), (size_t)n * sizeof *values);
            lane->filled += n;
            lane->next += n;
            if (lane->filled < p->options.n) break;
            add_segment(p, &lane->parts[s->part], lane->pending, scratch);
            lane->filled -= p->hop;
            memmove(lane->pending, lane->pending + p->hop, (size_t)lane->filled * sizeof *lane->pending);
        }
        if (lane->next < span_end) return;
        lane->at++;
        begin_span(lane, spans);
    }
}

int64_t psd_lane_segments(const psd_lane *lane, scan_part part)
{
    return lane->parts[part].n_segments;
}

void psd_lane_power(const psd *p, const psd_lane *lane, scan_part part, double *power)
{
    const part_sums *sums = &lane->parts[part];
    for (int64_t k = 0; k < p->n_bins; k++)
        power[k] = sums->n_segments > 0 ? sums->power[k] / (double)sums->n_segments : UNKNOWN;
}

double psd_lane_band(const psd_lane *lane, scan_part part, int64_t i)
{
    const part_sums *sums = &lane->parts[part];
    return sums->n_segments > 0 ? sums->band_sums[i] / (double)sums->n_segments : UNKNOWN;
}

double psd_lane_band_deviation(const psd_lane *lane, scan_part part, int64_t i)
{
    const part_sums *sums = &lane->parts[part];
    const double n = (double)sums->n_segments, mean = psd_lane_band(lane, part, i);
    if (sums->n_segments < 3) return UNKNOWN;
    return sqrt(fmax(sums->band_squares[i] / n - mean * mean, 0) * n / (n - 1));
}

/* ---- Reading a spectrum ---- */

double psd_mean(const double *power, int64_t n_bins, double bin_hz, double low_hz, double high_hz)
{
    double sum = 0;
    int64_t n = 0;
    /* Edges are included although neither they nor the bins are exact binary numbers. */
    const double slack = 1e-9 * bin_hz;
    for (int64_t k = (int64_t)fmax(ceil((low_hz - slack) / bin_hz), 0); k < n_bins; k++) {
        if ((double)k * bin_hz > high_hz + slack) break;
        sum += power[k];
        n++;
    }
    return n > 0 ? sum / (double)n : UNKNOWN;
}

psd_line psd_find_line(const double *power, int64_t n_bins, double bin_hz, double hz, double half_width_hz,
                       double reach_hz)
{
    enum { MOST_AROUND = 512 };
    double around[MOST_AROUND];
    int64_t n = 0;
    const double slack = 1e-9 * bin_hz;
    for (int64_t k = (int64_t)fmax(ceil((hz - reach_hz) / bin_hz), 0); k < n_bins && n < MOST_AROUND; k++) {
        const double away = fabs((double)k * bin_hz - hz);
        if ((double)k * bin_hz > hz + reach_hz + slack) break;
        if (away > half_width_hz + slack) around[n++] = power[k];
    }
    const bool is_inside = hz + half_width_hz <= (double)(n_bins - 1) * bin_hz + slack;
    return (psd_line){.peak =
                          is_inside ? psd_mean(power, n_bins, bin_hz, hz - half_width_hz, hz + half_width_hz) : UNKNOWN,
                      .around = metric_median(around, n)};
}
