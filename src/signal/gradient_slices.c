/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Finding slices and averaging over them.
 *
 *   1. The period is the first high peak of the autocorrelation of the whitened templates, made precise by following
 *      its multiples to the end of the volume.
 *   2. Every slice is brought to one grid. A cell matches if it differs from the median over slices by no more than the
 *      noise of the templates lets expect.
 *   3. The difference between the template and its mean over slices is signal where slices differ, and noise else. The
 *      share of it that noise does not explain is what the template keeps of itself.
 */
#include "signal/gradient_slices.h"

#include "math/fft.h"
#include "math/median.h"
#include "signal/carve.h"
#include "signal/gradient_gain.h"

#include <math.h>
#include <string.h>

enum { PAD = 64, REACH = 20, LEAST_MATCHING = 4 };

#define SHORTEST_S      0.02 /* of a slice */
#define LEAST_PEAK      0.7  /* of the autocorrelation, to believe in slices */
#define NEAR_PEAK       0.1  /* the first peak not more than this below the highest is the period */
#define LEAST_FOLLOWED  0.5
#define MATCH_THRESHOLD 2.0
#define LEAST_WEIGHT    0.25
#define SMOOTH_HZ       250.0 /* a running mean over 1/250 s passes EEG */

/* ---- Averaging --------------------------------------------------------------------------------------------- */

/* `shape` with its ends continued by PAD samples. */
static void pad_shape(const float *shape, int64_t width, float *padded)
{
    for (int64_t i = 0; i < PAD; i++) padded[i] = shape[0];
    memcpy(padded + PAD, shape, (size_t)width * sizeof *shape);
    for (int64_t i = 0; i < PAD; i++) padded[PAD + width + i] = shape[width - 1];
}

/* out[m] = shape(time + m), m = 0 .. count - 1; time in samples of the epoch. */
static void regrid(const gradient_model *model, const float *padded, double time, float *out, int64_t count)
{
    const double place = time + PAD + EPOCH_MARGIN, whole = floor(place);
    delay_table_advance(model->delays, place - whole, padded + (int64_t)whole, out, count);
}

static int64_t cell_edge(const gradient_slices *s, int64_t cell)
{
    return s->length * cell / SLICE_CELLS;
}

/* A column of cells in which too few match is averaged whole: its mean is used by nobody but the interpolation of its
 * neighbours. */
static void add_slice(const gradient_slices *s, int64_t k, const float *slice, float *mean)
{
    for (int64_t j = 0; j < SLICE_CELLS; j++) {
        const bool is_used = s->n_matching[j] > 0.0;
        if (is_used && !s->matches[k * SLICE_CELLS + j]) continue;
        const float share = (float)(1.0 / (is_used ? s->n_matching[j] : (double)s->count));
        const int64_t first = j == 0 ? 0 : cell_edge(s, j) + REACH;
        const int64_t end = (j + 1 == SLICE_CELLS ? s->length + REACH : cell_edge(s, j + 1)) + REACH;
        for (int64_t m = first; m < end; m++) mean[m] += share * slice[m];
    }
}

static void place_mean(const gradient_slices *s, const gradient_model *model, const float *mean, int64_t k, float *out)
{
    const double start = (double)k * s->period, whole = floor(start);
    const int64_t first = (int64_t)ceil(start);
    int64_t end = (int64_t)ceil(start + s->period);
    if (end > model->length) end = model->length;
    if (end <= first) return;
    delay_table_retard(model->delays, start - whole, mean + REACH + (first - (int64_t)whole),
                       out + EPOCH_MARGIN + first, end - first);
}

int64_t gradient_slices_work(const gradient_model *model)
{
    return model->width + 2 * PAD + 2 * (model->length / 2 + 2 * REACH + 8);
}

void gradient_slices_average(const gradient_slices *slices, const gradient_model *model, const float *shape,
                             float *work, float *out)
{
    const int64_t count = slices->length + 2 * REACH;
    float *padded = work, *mean = padded + model->width + 2 * PAD, *slice = mean + count;
    pad_shape(shape, model->width, padded);
    memset(mean, 0, (size_t)count * sizeof *mean);
    for (int64_t k = 0; k < slices->count; k++) {
        regrid(model, padded, (double)k * slices->period - REACH, slice, count);
        add_slice(slices, k, slice, mean);
    }
    for (int64_t k = 0; k < slices->count; k++) place_mean(slices, model, mean, k, out);
}

void gradient_slices_blend(const gradient_slices *slices, const gradient_model *model, const float *mean, float *shape)
{
    mean += EPOCH_MARGIN;
    shape += EPOCH_MARGIN;
    for (int64_t m = 0; m < model->length; m++) shape[m] += slices->blend[m] * (mean[m] - shape[m]);
}

/* ---- The period ---------------------------------------------------------------------------------------------- */

typedef struct search {
    const gradient_model *model;
    const slice_evidence *evidence;
    int64_t n;     /* samples of a whitened template */
    double *scale; /* per lane: 1 / energy of its whitened template, 0 if it has none */
    double *r;     /* autocorrelation by lag, n */
} search;

static double whitened(const search *s, const float *shape, int64_t m)
{
    return (double)(shape[EPOCH_MARGIN + m + s->model->lag] - shape[EPOCH_MARGIN + m]);
}

/* Adds up power spectra of all lanes in `power` and their energy from the start in `sum` (n + 1). */
static void gather_power(const search *s, const fft_plan *fft, double *time, double *spectrum, double *power,
                         double *sum)
{
    const int64_t length = fft_plan_length(fft), n = s->n;
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
static void find_autocorrelation(const search *s, const fft_plan *fft, double *time, double *spectrum, double *power,
                                 double *sum)
{
    const int64_t length = fft_plan_length(fft), n = s->n;
    gather_power(s, fft, time, spectrum, power, sum);
    fft_inverse(fft, power, time);
    for (int64_t lag = 0; lag < n; lag++) {
        const double overlap = sqrt(sum[n - lag] * (sum[n] - sum[lag]));
        s->r[lag] = overlap > 1e-3 * sum[n] ? time[lag] / (double)length / overlap : 0.0;
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

static double find_period(const search *s, int64_t wanted)
{
    const double rate_hz = s->model->table->rate_hz;
    int64_t low = (int64_t)(SHORTEST_S * rate_hz), high = s->model->length / 3;
    if (low < 4) low = 4;
    if (high > s->n - 1) high = s->n - 1;
    if (wanted > 1) {
        const double most = s->model->table->period / ((double)wanted - 0.5);
        if (most < (double)high) high = (int64_t)most;
    }
    const double first = find_first_period(s->r, low, high);
    return first > 0.0 ? follow_period(s->r, s->n, first) : 0.0;
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

/* Adds a lane's share of what each cell differs from the median over slices. `slices`: count x length. */
static void add_distances(const gradient_slices *g, const float *slices, double scale, double *work, double *distance)
{
    for (int64_t j = 0; j < SLICE_CELLS; j++) {
        for (int64_t m = cell_edge(g, j); m < cell_edge(g, j + 1); m++) {
            for (int64_t k = 0; k < g->count; k++) work[k] = (double)slices[k * g->length + m];
            const double middle = median_take(work, g->count);
            for (int64_t k = 0; k < g->count; k++) {
                const double d = (double)slices[k * g->length + m] - middle;
                distance[k * SLICE_CELLS + j] += scale * d * d;
            }
        }
    }
}

static void measure_distances(const search *s, const gradient_slices *g, float *padded, float *slice, float *slices,
                              double *work, double *distance)
{
    const int64_t lag = s->model->lag;
    memset(distance, 0, (size_t)(g->count * SLICE_CELLS) * sizeof *distance);
    for (int64_t c = 0; c < s->evidence->n_lanes; c++) {
        if (s->scale[c] == 0.0) continue;
        pad_shape(s->evidence->mean[c], s->model->width, padded);
        for (int64_t k = 0; k < g->count; k++) {
            regrid(s->model, padded, (double)k * g->period, slice, g->length + lag);
            for (int64_t m = 0; m < g->length; m++) slices[k * g->length + m] = slice[m + lag] - slice[m];
        }
        add_distances(g, slices, s->scale[c], work, distance);
    }
}

static void set_blend(gradient_slices *g, int64_t length, double weight)
{
    g->weight = weight;
    for (int64_t m = 0; m < length; m++) {
        const int64_t k = (int64_t)floor((double)m / g->period);
        int64_t place = (int64_t)((double)m - (double)k * g->period), j = 0;
        if (place >= g->length) place = g->length - 1;
        while (place >= cell_edge(g, j + 1)) j++;
        const bool is_in = k < g->count && g->matches[k * SLICE_CELLS + j];
        g->blend[m] = is_in ? (float)(1.0 - weight) : 0.0F;
    }
}

/* True if any cell matches. */
static bool mark_matches(gradient_slices *g, const double *distance, double noise)
{
    bool any = false;
    for (int64_t j = 0; j < SLICE_CELLS; j++) {
        const double most = MATCH_THRESHOLD * noise * (double)(cell_edge(g, j + 1) - cell_edge(g, j));
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

/* Most slices of a template: SHORTEST_S, but never less than four samples. */
static int64_t most_slices(const gradient_model *model)
{
    return model->length / 4 + 2;
}

typedef struct search_memory {
    double *time, *spectrum, *power, *sum, *r, *scale; /* the period */
    double *distance, *sorted;                         /* the rest */
    float *slices, *slice, *padded, *work, *mean;
} search_memory;

static void carve_search(const gradient_model *model, int64_t n_lanes, search_memory *m, carve *memory)
{
    const int64_t length = fft_good_length(2 * model->length), spectrum = fft_spectrum_doubles(length);
    const size_t size = sizeof(double);
    m->time = carve_array(memory, length, size);
    m->spectrum = carve_array(memory, spectrum, size);
    m->power = carve_array(memory, spectrum, size);
    m->sum = carve_array(memory, model->length + 1, size);
    m->r = carve_array(memory, model->length + 1, size);
    m->scale = carve_array(memory, n_lanes, size);
    m->slices =
        carve_array(memory, 2 * model->length + 8, sizeof(float)); /* slices of 4 and more samples, rounded up */
    m->slice = carve_array(memory, model->length, sizeof(float));
    m->padded = carve_array(memory, model->width + 2 * PAD, sizeof(float));
    m->distance = carve_array(memory, most_slices(model) * SLICE_CELLS, size);
    m->sorted = carve_array(memory, most_slices(model), size);
    m->work = carve_array(memory, gradient_slices_work(model), sizeof(float));
    m->mean = carve_array(memory, model->width, sizeof(float));
}

enum { LANES_MOST = 64 };

size_t gradient_slices_find_bytes(const gradient_model *model)
{
    search_memory m;
    carve count = {0};
    carve_search(model, LANES_MOST, &m, &count);
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
    find_autocorrelation(s, fft, m->time, m->spectrum, m->power, m->sum);
    fft_plan_free(fft);
    *period = find_period(s, wanted);
    return LMP_OK;
}

/* Fills in cells and weight; false if averaging would do no good. */
static bool fill_slices(const search *s, const search_memory *m, double period, gradient_slices *g)
{
    const int64_t length = s->model->length;
    g->period = period;
    g->count = (int64_t)((s->model->table->period + 0.5) / period);
    g->length = (int64_t)ceil(period);
    g->blend = (float *)(g + 1);
    g->matches = (bool *)(g->blend + length);
    if (g->count < LEAST_MATCHING || g->count > most_slices(s->model)) return false;
    measure_distances(s, g, m->padded, m->slice, m->slices, m->sorted, m->distance);
    if (!mark_matches(g, m->distance, measure_noise(s))) return false;
    set_blend(g, length, 0.0);
    set_blend(g, length, choose_weight(s, g, m->work, m->mean));
    return g->weight < 1.0;
}

lmp_status gradient_slices_find(const gradient_model *model, const slice_evidence *evidence, int64_t wanted,
                                lmp_budget *budget, gradient_slices **slices, lmp_error *err)
{
    if (evidence->n_lanes == 0 || evidence->n_lanes > LANES_MOST) return LMP_OK;
    search_memory memory;
    carve size = {0};
    void *taken = NULL;
    carve_search(model, evidence->n_lanes, &memory, &size);
    lmp_status status = lmp_take(budget, size.used, &taken, err);
    if (status != LMP_OK) return status;
    carve place = {.memory = taken};
    carve_search(model, evidence->n_lanes, &memory, &place);
    search s = {
        .model = model, .evidence = evidence, .n = model->length - model->lag, .scale = memory.scale, .r = memory.r};
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
    if (status == LMP_OK && found != NULL && fill_slices(&s, &memory, period, found)) {
        *slices = found;
        found = NULL;
    }
    lmp_give(budget, found);
    lmp_give(budget, taken);
    return status;
}

void gradient_slices_free(gradient_slices *slices, lmp_budget *budget)
{
    lmp_give(budget, slices);
}
