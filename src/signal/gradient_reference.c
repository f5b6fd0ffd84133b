/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The reference: the mean of all finite epochs among the first of a lane, then once more of those that fit it. Epochs
 * are fetched anew for every round, so that nobody has to keep them.
 *
 * The mean of odd epochs and that of even ones tell whether there is an artifact at all: their whitened correlation is
 * near 1 if there is, and near 0 if all is EEG.
 */
#include "signal/gradient_reference.h"

#include "math/median.h"

#include <math.h>
#include <string.h>

enum { LEAST_VALID = 4 };

int64_t gradient_grid_window(const gradient_model *model)
{
    return model->width + FRACTIONAL_DELAY_TAPS - 1;
}

bool gradient_grid_epoch(const gradient_model *model, const sample_ring *samples, int64_t i, float *window, float *out)
{
    const scan_epoch *e = &model->table->epochs[i];
    if (!e->is_inside || e->is_skipped) return false;
    const double offset = sample_ring_mean(samples, e->whole, model->length);
    if (!sample_ring_copy_single(samples, e->whole - EPOCH_NEEDS_BEFORE, gradient_grid_window(model), offset, window))
        return false;
    delay_table_advance(model->delays, e->fraction, window + FRACTIONAL_DELAY_BEFORE, out, model->width);
    return true;
}

bool gradient_reference_fit(const gradient_model *model, const gain_reference *reference, const float *epoch,
                            gain_fit *fit)
{
    *fit = gain_fit_epoch(reference, model, epoch);
    return isfinite(fit->gain) && isfinite(fit->energy) && isfinite(fit->correlation);
}

/* One round over the first epochs of a lane. */
typedef struct rounds {
    const gradient_model *model;
    epoch_source source;
    int64_t first, n;
    float *epoch;
    double *even, *odd; /* sums of epochs */
    double *energy;     /* per epoch, of its fit */
    double *correlation;
    bool *is_used;   /* counts for the mean */
    bool *is_finite; /* could be fitted */
    double *sorted;
} rounds;

static void carve_rounds(const gradient_model *model, rounds *r, carve *memory)
{
    const int64_t width = model->width, most = model->reference_epochs;
    r->epoch = carve_array(memory, width, sizeof *r->epoch);
    r->even = carve_array(memory, width, sizeof *r->even);
    r->odd = carve_array(memory, width, sizeof *r->odd);
    r->energy = carve_array(memory, most, sizeof *r->energy);
    r->correlation = carve_array(memory, most, sizeof *r->correlation);
    r->sorted = carve_array(memory, most, sizeof *r->sorted);
    r->is_used = carve_array(memory, most, sizeof *r->is_used);
    r->is_finite = carve_array(memory, most, sizeof *r->is_finite);
}

size_t gradient_reference_scratch(const gradient_model *model)
{
    rounds r;
    carve count = {0};
    carve_rounds(model, &r, &count);
    return count.used;
}

static rounds set_up(const gradient_model *model, epoch_source source, int64_t first, int64_t end, void *scratch)
{
    rounds r = {.model = model, .source = source, .first = first, .n = end - first};
    carve place = {.memory = scratch};
    carve_rounds(model, &r, &place);
    for (int64_t i = 0; i < r.n; i++) r.is_used[i] = true;
    return r;
}

/* Sums the epochs in use and makes their mean the reference; returns their number. */
static int64_t average_epochs(rounds *r, gain_reference *reference)
{
    const int64_t width = r->model->width;
    int64_t used = 0;
    memset(r->even, 0, (size_t)width * sizeof *r->even);
    memset(r->odd, 0, (size_t)width * sizeof *r->odd);
    for (int64_t i = 0; i < r->n; i++) {
        if (!r->is_used[i]) continue;
        r->is_used[i] = r->source.fetch(r->source.from, r->first + i, r->epoch);
        double *sum = i % 2 ? r->odd : r->even;
        for (int64_t m = 0; m < width && r->is_used[i]; m++) sum[m] += (double)r->epoch[m];
        used += r->is_used[i];
    }
    const double share = used > 0 ? 1.0 / (double)used : 0.0;
    for (int64_t m = 0; m < width; m++) reference->shape[m] = (float)((r->even[m] + r->odd[m]) * share);
    reference->whitened = gain_whitened_products(r->model, reference->shape, reference->shape).own;
    return used;
}

static double median_of_finite(const rounds *r, const double *values)
{
    int64_t n = 0;
    for (int64_t i = 0; i < r->n; i++)
        if (r->is_finite[i]) r->sorted[n++] = values[i];
    return median_take(r->sorted, n);
}

/* Fits all epochs and uses, from now on, those that fit well enough. */
static void fit_epochs(rounds *r, gain_reference *reference)
{
    for (int64_t i = 0; i < r->n; i++) {
        gain_fit fit = {0};
        r->is_finite[i] = r->source.fetch(r->source.from, r->first + i, r->epoch) &&
                          gradient_reference_fit(r->model, reference, r->epoch, &fit);
        r->energy[i] = fit.energy;
        r->correlation[i] = fit.correlation;
    }
    reference->level = median_of_finite(r, r->energy);
    for (int64_t i = 0; i < r->n; i++)
        r->is_used[i] = r->is_finite[i] && r->energy[i] <= r->model->energy_threshold * reference->level;
}

/* Whitened correlation of the means of even and odd epochs. */
static double measure_repeatability(const rounds *r)
{
    const int64_t lag = r->model->lag;
    const double *even = r->even + EPOCH_MARGIN, *odd = r->odd + EPOCH_MARGIN;
    double both = 0.0, evens = 0.0, odds = 0.0;
    for (int64_t m = 0; m + lag < r->model->length; m++) {
        const double d = even[m + lag] - even[m], e = odd[m + lag] - odd[m];
        both += d * e;
        evens += d * d;
        odds += e * e;
    }
    return evens > 0.0 && odds > 0.0 ? both / sqrt(evens) / sqrt(odds) : 0.0;
}

bool gradient_reference_make(const gradient_model *model, epoch_source source, int64_t first, int64_t end,
                             double repeatability, void *scratch, gain_reference *reference)
{
    rounds r = set_up(model, source, first, end, scratch);
    if (average_epochs(&r, reference) < LEAST_VALID) return false;
    fit_epochs(&r, reference);
    if (average_epochs(&r, reference) < LEAST_VALID || !(reference->whitened > 0.0)) return false;
    if (!(measure_repeatability(&r) >= repeatability)) return false;
    fit_epochs(&r, reference);
    for (int64_t i = 0; i < r.n; i++) r.is_finite[i] = r.is_used[i];
    reference->correlation = median_of_finite(&r, r.correlation);
    reference->first = first;
    reference->end = end;
    return true;
}
