/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Gains, their judgement and their smoothing.
 *
 * Judgement: the energy of a fit is compared with the median energy of the latest epochs. What is far above is not
 * trusted, unless the epochs that follow are like it: then the scan has changed (the head moved), and this epoch is the
 * first of the new kind.
 *
 * Smoothing over S epochs: from 7 on a running median over S, then a Hann window over S/2; below, a Hann window over S.
 * Epochs that are not trusted count neither in one nor the other. Windows are clipped at the ends of a section.
 */
#include "signal/gradient_gain.h"

#include "math/median.h"

#include <math.h>
#include <string.h>

enum { MEDIAN_FROM = 7 };

/* ---- Fits -------------------------------------------------------------------------------------------------- */

epoch_products gain_whitened_products(const gradient_model *model, const float *a, const float *b)
{
    return epoch_sums_whitened(a + EPOCH_MARGIN, b + EPOCH_MARGIN, model->lag, model->length - model->lag);
}

gain_fit gain_fit_epoch(const gain_reference *reference, const gradient_model *model, const float *epoch)
{
    const epoch_products sums = gain_whitened_products(model, epoch, reference->shape);
    gain_fit fit = {0};
    if (reference->whitened > 0.0) fit.gain = sums.both / reference->whitened;
    if (sums.own > 0.0 && reference->whitened > 0.0)
        fit.correlation = sums.both / sqrt(sums.own) / sqrt(reference->whitened);
    fit.energy =
        epoch_sums_difference(epoch + EPOCH_MARGIN, reference->shape + EPOCH_MARGIN, (float)fit.gain, model->length);
    return fit;
}

/* ---- Windows of ordered values ------------------------------------------------------------------------------- */

static int64_t find_place(const sorted_window *w, double value)
{
    int64_t low = 0, high = w->n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (w->values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_value(sorted_window *w, double value)
{
    const int64_t at = find_place(w, value);
    memmove(w->values + at + 1, w->values + at, (size_t)(w->n - at) * sizeof value);
    w->values[at] = value;
    w->n++;
}

static void remove_value(sorted_window *w, double value)
{
    const int64_t at = find_place(w, value);
    w->n--;
    memmove(w->values + at, w->values + at + 1, (size_t)(w->n - at) * sizeof value);
}

static double middle_value(const double *sorted, int64_t n)
{
    if (n == 0) return 0.0;
    return n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

int64_t gain_hann_epochs(int64_t smoothing)
{
    return smoothing >= MEDIAN_FROM ? smoothing / 2 | 1 : smoothing;
}

double gain_hann(int64_t k, int64_t epochs)
{
    return 0.5 + 0.5 * cos(2.0 * M_PI * (double)k / (double)(epochs + 1));
}

/* ---- The track --------------------------------------------------------------------------------------------- */

void gain_track_carve(gain_track *track, const gradient_model *model, int64_t ahead, carve *memory)
{
    const int64_t span = ahead + model->reference_epochs + 2 * model->choice.smoothing + model->regime_epochs + 4;
    int64_t room = 16;
    while (room < span) room *= 2;
    *track = (gain_track){.mask = room - 1};
    track->entries = carve_array(memory, room, sizeof *track->entries);
    track->energies.room = model->reference_epochs + 1;
    track->energies.values = carve_array(memory, track->energies.room, sizeof(double));
    track->gains.room = model->choice.smoothing + 1;
    track->gains.values = carve_array(memory, track->gains.room, sizeof(double));
    track->work = carve_array(memory, model->regime_epochs + 1, sizeof(double));
    track->weights = carve_array(memory, model->choice.smoothing / 2 + 1, sizeof(double));
}

void gain_track_begin(gain_track *track, const gradient_model *model, int64_t epoch, int64_t section_end, bool anew)
{
    if (anew) {
        track->energies_first = epoch;
        track->energies.n = 0;
    }
    const int64_t epochs = gain_hann_epochs(model->choice.smoothing);
    for (int64_t k = 0; k <= epochs / 2; k++) track->weights[k] = gain_hann(k, epochs);
    track->first = epoch;
    track->section_end = section_end;
    track->fitted = track->judged = track->middled = track->smoothed = epoch;
    track->gains_first = track->gains_end = epoch;
    track->gains.n = 0;
}

void gain_track_add(gain_track *track, const gain_fit *fit, bool is_finite)
{
    *gain_track_at(track, track->fitted++) = (gain_entry){.fit = *fit, .is_finite = is_finite};
}

/* True if most of the epochs from `at` on, as many as count for a regime, are like this. */
static bool is_new_regime(gain_track *track, const gradient_model *model, int64_t at, double energy)
{
    int64_t n = 0, end = at + model->regime_epochs + 1;
    if (end > track->section_end) end = track->section_end;
    for (int64_t i = at; i < end; i++)
        if (gain_track_at(track, i)->is_finite) track->work[n++] = gain_track_at(track, i)->fit.energy;
    return 2 * n > model->regime_epochs + 1 && energy <= model->energy_threshold * median_take(track->work, n);
}

static void judge_epoch(gain_track *track, const gradient_model *model, const gain_reference *reference, int64_t i)
{
    gain_entry *e = gain_track_at(track, i);
    if (e->is_finite) insert_value(&track->energies, e->fit.energy);
    while (track->energies_first <= i - model->reference_epochs) {
        const gain_entry *old = gain_track_at(track, track->energies_first++);
        if (old->is_finite) remove_value(&track->energies, old->fit.energy);
    }
    e->level = i < reference->end ? reference->level : middle_value(track->energies.values, track->energies.n);
    e->is_valid = e->is_finite && (e->fit.energy <= model->energy_threshold * e->level ||
                                   is_new_regime(track, model, i, e->fit.energy));
}

static void find_middle(gain_track *track, int64_t i, int64_t half)
{
    for (; track->gains_end <= i + half && track->gains_end < track->section_end; track->gains_end++)
        if (gain_track_at(track, track->gains_end)->is_valid)
            insert_value(&track->gains, gain_track_at(track, track->gains_end)->fit.gain);
    for (; track->gains_first < i - half; track->gains_first++)
        if (gain_track_at(track, track->gains_first)->is_valid)
            remove_value(&track->gains, gain_track_at(track, track->gains_first)->fit.gain);
    gain_entry *e = gain_track_at(track, i);
    e->has_middle = track->gains.n > 0;
    e->middle = middle_value(track->gains.values, track->gains.n);
}

/* Hann-weighted mean of the neighbours; where there is none, the gain before, or 1. */
static double smooth_gain(const gain_track *track, int64_t i, int64_t epochs, bool use_middle)
{
    double sum = 0.0, weights = 0.0;
    for (int64_t k = -(epochs / 2); k <= epochs / 2; k++) {
        if (i + k < track->first || i + k >= track->section_end) continue;
        const gain_entry *e = gain_track_at(track, i + k);
        if (!(use_middle ? e->has_middle : e->is_valid)) continue;
        const double weight = track->weights[k < 0 ? -k : k];
        sum += weight * (use_middle ? e->middle : e->fit.gain);
        weights += weight;
    }
    if (weights > 0.0) return sum / weights;
    return i > track->first ? gain_track_at(track, i - 1)->smooth : 1.0;
}

/* True if epoch i can go on when its neighbours up to i + ahead have passed the station before, whose count is given.
 */
static bool may_pass(const gain_track *track, int64_t i, int64_t ahead, int64_t before)
{
    return i < before && (i + ahead < before || before == track->section_end);
}

void gain_track_advance(gain_track *track, const gradient_model *model, const gain_reference *reference)
{
    const int64_t s = model->choice.smoothing, half = s / 2;
    const bool use_middle = s >= MEDIAN_FROM;
    const int64_t epochs = gain_hann_epochs(s);
    while (may_pass(track, track->judged, model->regime_epochs, track->fitted))
        judge_epoch(track, model, reference, track->judged++);
    if (!model->choice.use_gain) {
        for (; track->smoothed < track->judged; track->smoothed++) gain_track_at(track, track->smoothed)->smooth = 1.0;
        return;
    }
    while (use_middle && may_pass(track, track->middled, half, track->judged))
        find_middle(track, track->middled++, half);
    const int64_t *before = use_middle ? &track->middled : &track->judged;
    for (; may_pass(track, track->smoothed, epochs / 2, *before); track->smoothed++)
        gain_track_at(track, track->smoothed)->smooth = smooth_gain(track, track->smoothed, epochs, use_middle);
}
