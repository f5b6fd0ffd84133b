/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Finding slices:
 *
 *   1. The period is the first high peak of the autocorrelation of the whitened templates. Following its multiples to
 *      the end of the volume makes it precise to a few hundredths of a sample at the end; how late each slice is
 * against the median of all makes it precise to what noise allows.
 *   2. Every slice is brought to one grid. A cell matches if it differs from the median over slices by no more than the
 *      noise of the templates lets expect.
 *   3. The difference between the template and its mean over slices is signal where slices differ, and noise else. The
 *      share of it that noise does not explain is what the template keeps of itself.
 */
#include "signal/gradient_slice_search.h"

#include "math/fft.h"
#include "math/median.h"
#include "math/robust_line.h"
#include "signal/carve.h"
#include "signal/gradient_gain.h"

#include <math.h>
#include <string.h>

enum { LEAST_MATCHING = 4 };

#define SHORTEST_S      0.02 /* of a slice */
#define LEAST_PEAK      0.7  /* of the autocorrelation, to believe in slices */
#define NEAR_PEAK       0.1  /* the first peak not more than this below the highest is the period */
#define LEAST_FOLLOWED  0.5
#define MATCH_THRESHOLD 2.0
#define LEAST_WEIGHT    0.25
#define SMOOTH_HZ       250.0 /* a running mean over 1/250 s passes EEG */

typedef struct search {
    const gradient_model *model;
    const slice_evidence *evidence;
    int64_t n;     /* samples of a whitened template */
    double *scale; /* per lane: 1 / energy of its whitened template, 0 if it has none */
} search;

/* Arrays for the period, then for what is done with slices. */
typedef struct search_memory {
    double *scale;
    double *time, *spectrum, *power, *sum, *r;
    double *distance, *sorted, *median, *late, *numbers;
    float *slices, *slice, *padded, *work, *mean;
} search_memory;

/* Most slices of a template: none has less than four samples. */
static int64_t most_slices(const gradient_model *model)
{
    return model->length / 4 + 2;
}

static void carve_search(const gradient_model *model, int64_t n_lanes, search_memory *m, carve *memory)
{
    const int64_t length = fft_good_length(2 * model->length), spectrum = fft_spectrum_doubles(length);
    const int64_t most = most_slices(model);
    m->scale = carve_array(memory, n_lanes, sizeof(double));
    m->time = carve_array(memory, length, sizeof(double));
    m->spectrum = carve_array(memory, spectrum, sizeof(double));
    m->power = carve_array(memory, spectrum, sizeof(double));
    m->sum = carve_array(memory, model->length + 1, sizeof(double));
    m->r = carve_array(memory, model->length + 1, sizeof(double));
    m->distance = carve_array(memory, most * SLICE_CELLS, sizeof(double));
    m->sorted = carve_array(memory, most, sizeof(double));
    m->median = carve_array(memory, model->length, sizeof(double));
    m->late = carve_array(memory, most, sizeof(double));
    m->numbers = carve_array(memory, most, sizeof(double));
    m->slices = carve_array(memory, 2 * model->length + 8, sizeof(float)); /* their lengths are rounded up */
    m->slice = carve_array(memory, model->length, sizeof(float));
    m->padded = carve_array(memory, model->width + 2 * SLICE_PAD, sizeof(float));
    m->work = carve_array(memory, gradient_slices_work(model), sizeof(float));
    m->mean = carve_array(memory, model->width, sizeof(float));
}

static double whitened(const search *s, const float *shape, int64_t m)
{
    return (double)(shape[EPOCH_MARGIN + m + s->model->lag] - shape[EPOCH_MARGIN + m]);
}

/* ---- The period ---------------------------------------------------------------------------------------------- */

/* Adds up power spectra of all lanes, and their energy from the start. */
static void gather_power(const search *s, const search_memory *memory, const fft_plan *fft)
{
    const int64_t length = fft_plan_length(fft), n = s->n;
    double *power = memory->power, *sum = memory->sum, *time = memory->time, *spectrum = memory->spectrum;
    memset(power, 0, (size_t)fft_spectrum_doubles(length) * sizeof *power);
    memset(sum, 0, (size_t)(n + 1) * sizeof *sum);
    for (int64_t c = 0; c < s->evidence->n_lanes; c++) {
        if (s->scale[c] == 0.0) continue;
        memset(time, 0, (size_t)length * sizeof *time);
        for (int64_t m = 0; m < n; m++) {
            const double z = whitened(s, s->evidence->mean[c], m);
            time[m] = z * sqrt(s->scale[c]);
            sum[m + 1] += z * z * s->scale[c];
        }
        fft_forward(fft, time, spectrum);
        for (int64_t k = 0; k < fft_spectrum_doubles(length); k += 2)
            power[k] += spectrum[k] * spectrum[k] + spectrum[k + 1] * spectrum[k + 1];
    }
    for (int64_t m = 0; m < n; m++) sum[m + 1] += sum[m];
}

/* r(lag): correlation of what overlaps. */
static void find_autocorrelation(const search *s, const search_memory *m, const fft_plan *fft)
{
    const int64_t length = fft_plan_length(fft), n = s->n;
    gather_power(s, m, fft);
    fft_inverse(fft, m->power, m->time);
    for (int64_t lag = 0; lag < n; lag++) {
        const double overlap = sqrt(m->sum[n - lag] * (m->sum[n] - m->sum[lag]));
        m->r[lag] = overlap > 1e-3 * m->sum[n] ? m->time[lag] / (double)length / overlap : 0.0;
    }
}

/* Where the parabola through three neighbours is highest. */
static double refine_peak(const double *r, int64_t at)
{
    const double bend = r[at - 1] - 2.0 * r[at] + r[at + 1];
    const double shift = bend < 0.0 ? 0.5 * (r[at - 1] - r[at + 1]) / bend : 0.0;
    return (double)at + fmax(-1.0, fmin(shift, 1.0));
}

static int64_t find_highest(const double *r, int64_t first, int64_t end)
{
    int64_t best = first;
    for (int64_t i = first; i < end; i++)
        if (r[i] > r[best]) best = i;
    return best;
}

/* Samples of a slice, 0 if there are none in [low, high). */
static double find_first_period(const double *r, int64_t low, int64_t high)
{
    if (high <= low + 2) return 0.0;
    const double highest = r[find_highest(r, low, high)];
    if (!(highest >= LEAST_PEAK)) return 0.0;
    for (int64_t i = low; i < high; i++)
        if (r[i] >= highest - NEAR_PEAK && r[i] >= r[i - 1] && r[i] >= r[i + 1]) return refine_peak(r, i);
    return 0.0;
}

/* The peak at k periods gives the period k times as precisely. */
static double follow_period(const double *r, int64_t n, double period)
{
    for (int64_t k = 1;;) {
        const int64_t next = k + (k / 4 > 1 ? k / 4 : 1);
        const double guess = (double)next * period;
        if (guess > (double)n - 1.5 * period) return period;
        int64_t around = k == 1 ? (int64_t)(0.01 * period) : 2;
        if (around < 2) around = 2;
        const int64_t middle = (int64_t)(guess + 0.5);
        const int64_t at = find_highest(r, middle - around, middle + around + 1);
        if (r[at] < LEAST_FOLLOWED) return period;
        period = refine_peak(r, at) / (double)next;
        k = next;
    }
}

/* Samples of a slice by the autocorrelation; 0 if there are no slices. */
static double find_period(const search *s, const double *r, int64_t wanted)
{
    const double rate_hz = s->model->table->rate_hz;
    int64_t low = (int64_t)(SHORTEST_S * rate_hz), high = s->model->length / 3;
    if (low < 4) low = 4;
    if (high > s->n - 1) high = s->n - 1;
    if (wanted > 1) {
        const double most = s->model->table->period / ((double)wanted - 0.5);
        if (most < (double)high) high = (int64_t)most;
    }
    const double first = find_first_period(r, low, high);
    return first > 0.0 ? follow_period(r, s->n, first) : 0.0;
}

/* ---- Slices on one grid -------------------------------------------------------------------------------------- */

/* Cuts the whitened template of a lane into slices (count x length). */
static void cut_slices(const search *s, const search_memory *m, const gradient_slices *g, int64_t lane)
{
    const int64_t lag = s->model->lag;
    slice_pad_shape(s->evidence->mean[lane], s->model->width, m->padded);
    for (int64_t k = 0; k < g->count; k++) {
        slice_regrid(s->model, m->padded, (double)k * g->period, m->slice, g->length + lag);
        for (int64_t i = 0; i < g->length; i++) m->slices[k * g->length + i] = m->slice[i + lag] - m->slice[i];
    }
}

static void find_median_slice(const search_memory *m, const gradient_slices *g)
{
    for (int64_t i = 0; i < g->length; i++) {
        for (int64_t k = 0; k < g->count; k++) m->sorted[k] = (double)m->slices[k * g->length + i];
        m->median[i] = median_take(m->sorted, g->count);
    }
}

/* How late each slice is, from all lanes: E(t) = M(t - late) = M - late M', so late = - <E - M, M'> / <M', M'>. */
static void measure_lateness(const search *s, const search_memory *m, const gradient_slices *g, double *late)
{
    double all = 0.0;
    memset(late, 0, (size_t)g->count * sizeof *late);
    for (int64_t c = 0; c < s->evidence->n_lanes; c++) {
        if (s->scale[c] == 0.0) continue;
        cut_slices(s, m, g, c);
        find_median_slice(m, g);
        for (int64_t i = 1; i + 1 < g->length; i++) {
            const double slope = 0.5 * (m->median[i + 1] - m->median[i - 1]);
            for (int64_t k = 0; k < g->count; k++)
                late[k] -= s->scale[c] * ((double)m->slices[k * g->length + i] - m->median[i]) * slope;
            all += s->scale[c] * slope * slope;
        }
    }
    for (int64_t k = 0; k < g->count && all > 0.0; k++) late[k] /= all;
}

/* Slices that come later and later tell that the period is longer. The first and the last one count for nothing: where
 * a volume begins and ends they are not like the others. */
static lmp_status refine_period(const search *s, const search_memory *m, gradient_slices *g, lmp_error *err)
{
    lmp_status status = LMP_OK;
    const int64_t n = g->count - 2;
    const double first = g->period;
    double period = first;
    for (int round = 0; round < 3 && n >= LEAST_MATCHING && status == LMP_OK; round++) {
        robust_line line;
        measure_lateness(s, m, g, m->late);
        for (int64_t k = 0; k < g->count; k++) m->numbers[k] = (double)k;
        status = robust_line_fit(m->numbers + 1, m->late + 1, n, 1e-6, &line, err);
        if (status == LMP_OK) period += robust_line_at(&line, 1.0) - robust_line_at(&line, 0.0);
        /* The autocorrelation is right to a sample at the end of the volume: what leads away from it is no slice. */
        if (status == LMP_OK && fabs(period - first) * (double)n < 1.0) g->period = period;
    }
    return status;
}

/* ---- Which cells match --------------------------------------------------------------------------------------- */

/* Energy of the noise of the templates, per sample and in all lanes. */
static double measure_noise(const search *s)
{
    double energy = 0.0;
    for (int64_t c = 0; c < s->evidence->n_lanes; c++)
        energy += s->scale[c] * gain_whitened_products(s->model, s->evidence->noise[c], s->evidence->noise[c]).own;
    return energy / (double)s->n;
}

/* What each cell differs from the median over slices, all lanes added up. */
static void measure_distances(const search *s, const search_memory *m, const gradient_slices *g)
{
    memset(m->distance, 0, (size_t)(g->count * SLICE_CELLS) * sizeof *m->distance);
    for (int64_t c = 0; c < s->evidence->n_lanes; c++) {
        if (s->scale[c] == 0.0) continue;
        cut_slices(s, m, g, c);
        find_median_slice(m, g);
        for (int64_t i = 0, j = 0; i < g->length; i++) {
            while (i >= slice_cell_edge(g, j + 1)) j++;
            for (int64_t k = 0; k < g->count; k++) {
                const double d = (double)m->slices[k * g->length + i] - m->median[i];
                m->distance[k * SLICE_CELLS + j] += s->scale[c] * d * d;
            }
        }
    }
}

static void set_blend(gradient_slices *g, int64_t length, double weight)
{
    g->weight = weight;
    for (int64_t m = 0; m < length; m++) {
        const int64_t k = (int64_t)floor((double)m / g->period);
        int64_t place = (int64_t)((double)m - (double)k * g->period), j = 0;
        if (place >= g->length) place = g->length - 1;
        while (place >= slice_cell_edge(g, j + 1)) j++;
        const bool is_in = k < g->count && g->matches[k * SLICE_CELLS + j];
        g->blend[m] = is_in ? (float)(1.0 - weight) : 0.0F;
    }
}

/* True if any cell matches. */
static bool mark_matches(gradient_slices *g, const double *distance, double noise)
{
    bool any = false;
    for (int64_t j = 0; j < SLICE_CELLS; j++) {
        const double most = MATCH_THRESHOLD * noise * (double)(slice_cell_edge(g, j + 1) - slice_cell_edge(g, j));
        for (int64_t k = 0; k < g->count; k++) {
            bool *match = &g->matches[k * SLICE_CELLS + j];
            *match = distance[k * SLICE_CELLS + j] <= most;
            g->n_matching[j] += *match;
        }
        const bool is_used = g->n_matching[j] >= LEAST_MATCHING;
        for (int64_t k = 0; k < g->count && !is_used; k++) g->matches[k * SLICE_CELLS + j] = false;
        if (!is_used) g->n_matching[j] = 0.0;
        any |= is_used;
    }
    return any;
}

/* ---- How much to believe them -------------------------------------------------------------------------------- */

/* Energy of `values` (count, changed) after a running mean over w; `rising`: of its change over w more samples. */
static double band_energy(float *values, int64_t count, int64_t w, bool rising)
{
    double sum = 0.0, energy = 0.0;
    for (int64_t m = 0; m < w && m < count; m++) sum += (double)values[m];
    for (int64_t m = 0; m + w <= count; m++) {
        const double mean = sum / (double)w;
        if (m + w < count) sum += (double)(values[m + w] - values[m]);
        values[m] = (float)mean;
    }
    count -= w - 1;
    for (int64_t m = 0; m + (rising ? w : 0) < count; m++) {
        const double v = (double)(rising ? values[m + w] - values[m] : values[m]);
        energy += v * v;
    }
    return energy;
}

/* What is left of a template's energy in a band when the mean over slices is taken away, added over lanes. */
static double measure_remainder(const search *s, const gradient_slices *g, float *const *shapes, bool rising,
                                float *work, float *mean)
{
    const int64_t length = s->model->length;
    const int64_t w = (int64_t)(s->model->table->rate_hz / SMOOTH_HZ + 0.5);
    double energy = 0.0;
    for (int64_t c = 0; c < s->evidence->n_lanes; c++) {
        const float *shape = shapes[c] + EPOCH_MARGIN;
        memset(mean, 0, (size_t)s->model->width * sizeof *mean);
        gradient_slices_average(g, s->model, shapes[c], work, mean);
        for (int64_t m = 0; m < length; m++) mean[m] = g->blend[m] * (shape[m] - mean[EPOCH_MARGIN + m]);
        energy += band_energy(mean, length, w > 1 ? w : 1, rising);
    }
    return energy;
}

static double choose_weight(const search *s, const gradient_slices *g, float *work, float *mean)
{
    double weight = 0.0;
    for (int rising = 0; rising < 2; rising++) {
        const double all = measure_remainder(s, g, s->evidence->mean, rising, work, mean);
        const double noise = measure_remainder(s, g, s->evidence->noise, rising, work, mean);
        const double share = all > 0.0 ? 1.0 - noise / all : 0.0;
        if (share >= LEAST_WEIGHT && share > weight) weight = share;
    }
    return weight;
}

/* ---- All of it ----------------------------------------------------------------------------------------------- */

size_t gradient_slices_find_bytes(const gradient_model *model)
{
    search_memory m;
    carve count = {0};
    carve_search(model, SLICE_EVIDENCE_LANES, &m, &count);
    return count.used + fft_plan_bytes(fft_good_length(2 * model->length));
}

size_t gradient_slices_bytes(const gradient_model *model)
{
    return sizeof(gradient_slices) + (size_t)model->length * sizeof(float) +
           (size_t)(most_slices(model) * SLICE_CELLS) * sizeof(bool);
}

static lmp_status search_period(const search *s, const search_memory *m, int64_t wanted, double *period, lmp_error *err)
{
    fft_plan *fft = NULL;
    const lmp_status status = fft_plan_new(fft_good_length(2 * s->model->length), &fft, err);
    if (status != LMP_OK) return status;
    find_autocorrelation(s, m, fft);
    fft_plan_free(fft);
    *period = find_period(s, m->r, wanted);
    return LMP_OK;
}

/* Fills in period, cells and weight; *is_good: averaging will do good. */
static lmp_status fill_slices(const search *s, const search_memory *m, double period, gradient_slices *g, bool *is_good,
                              lmp_error *err)
{
    const int64_t length = s->model->length;
    *is_good = false;
    g->period = period;
    g->count = (int64_t)((s->model->table->period + 0.5) / period);
    g->length = (int64_t)ceil(period);
    g->blend = (float *)(g + 1);
    g->matches = (bool *)(g->blend + length);
    if (g->count < LEAST_MATCHING || g->count >= most_slices(s->model)) return LMP_OK;
    const lmp_status status = refine_period(s, m, g, err);
    if (status != LMP_OK) return status;
    g->count = (int64_t)((s->model->table->period + 0.5) / g->period);
    g->length = (int64_t)ceil(g->period);
    measure_distances(s, m, g);
    if (g->count < LEAST_MATCHING || !mark_matches(g, m->distance, measure_noise(s))) return LMP_OK;
    set_blend(g, length, 0.0);
    set_blend(g, length, choose_weight(s, g, m->work, m->mean));
    *is_good = g->weight < 1.0;
    return LMP_OK;
}

lmp_status gradient_slices_find(const gradient_model *model, const slice_evidence *evidence, int64_t wanted,
                                lmp_budget *budget, gradient_slices **slices, lmp_error *err)
{
    if (evidence->n_lanes == 0 || evidence->n_lanes > SLICE_EVIDENCE_LANES) return LMP_OK;
    search_memory memory;
    carve size = {0};
    void *taken = NULL;
    carve_search(model, evidence->n_lanes, &memory, &size);
    lmp_status status = lmp_take(budget, size.used, &taken, err);
    if (status != LMP_OK) return status;
    carve place = {.memory = taken};
    carve_search(model, evidence->n_lanes, &memory, &place);
    const search s = {.model = model, .evidence = evidence, .n = model->length - model->lag, .scale = memory.scale};
    bool any = false;
    for (int64_t c = 0; c < evidence->n_lanes; c++) {
        const double energy = gain_whitened_products(model, evidence->mean[c], evidence->mean[c]).own;
        s.scale[c] = energy > 0.0 ? 1.0 / energy : 0.0;
        any |= energy > 0.0;
    }
    double period = 0.0;
    gradient_slices *found = NULL;
    if (any) status = search_period(&s, &memory, wanted, &period, err);
    if (status == LMP_OK && period > 0.0) status = lmp_take(budget, gradient_slices_bytes(model), (void **)&found, err);
    bool is_good = false;
    if (status == LMP_OK && found != NULL) status = fill_slices(&s, &memory, period, found, &is_good, err);
    if (status == LMP_OK && is_good)
        *slices = found;
    else
        lmp_give(budget, found);
    lmp_give(budget, taken);
    return status;
}

void gradient_slices_free(gradient_slices *slices, lmp_budget *budget)
{
    lmp_give(budget, slices);
}
