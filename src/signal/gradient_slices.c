/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Averaging over slices: they are brought to the grid of the first one, those of a cell that match are averaged, and
 * the mean is put back where the slices are.
 */
#include "signal/gradient_slices.h"

#include <math.h>
#include <string.h>

enum { REACH = 20 }; /* of the mean beyond a slice, for interpolation */

void slice_pad_shape(const float *shape, int64_t width, float *padded)
{
    for (int64_t i = 0; i < SLICE_PAD; i++) padded[i] = shape[0];
    memcpy(padded + SLICE_PAD, shape, (size_t)width * sizeof *shape);
    for (int64_t i = 0; i < SLICE_PAD; i++) padded[SLICE_PAD + width + i] = shape[width - 1];
}

void slice_regrid(const gradient_model *model, const float *padded, double time, float *out, int64_t count)
{
    const double place = time + SLICE_PAD + EPOCH_MARGIN, whole = floor(place);
    delay_table_advance(model->delays, place - whole, padded + (int64_t)whole, out, count);
}

/* A column of cells in which too few match is averaged whole: its mean is used by nobody but the interpolation of its
 * neighbours. */
static void add_slice(const gradient_slices *s, int64_t k, const float *slice, float *mean)
{
    for (int64_t j = 0; j < SLICE_CELLS; j++) {
        const bool is_used = s->n_matching[j] > 0.0;
        if (is_used && !s->matches[k * SLICE_CELLS + j]) continue;
        const float share = (float)(1.0 / (is_used ? s->n_matching[j] : (double)s->count));
        const int64_t first = j == 0 ? 0 : slice_cell_edge(s, j) + REACH;
        const int64_t end = (j + 1 == SLICE_CELLS ? s->length + REACH : slice_cell_edge(s, j + 1)) + REACH;
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
    return model->width + 2 * SLICE_PAD + 2 * (model->length / 2 + 2 * REACH + 8);
}

void gradient_slices_average(const gradient_slices *slices, const gradient_model *model, const float *shape,
                             float *work, float *out)
{
    const int64_t count = slices->length + 2 * REACH;
    float *padded = work, *mean = padded + model->width + 2 * SLICE_PAD, *slice = mean + count;
    slice_pad_shape(shape, model->width, padded);
    memset(mean, 0, (size_t)count * sizeof *mean);
    for (int64_t k = 0; k < slices->count; k++) {
        slice_regrid(model, padded, (double)k * slices->period - REACH, slice, count);
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
