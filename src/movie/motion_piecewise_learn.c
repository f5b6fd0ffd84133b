/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_piecewise_learn.c: the template's patches.
 */
#include "movie/motion_piecewise.h"

#include <math.h>
#include <string.h>

/* Numbers are added as integers: 24 bits for the template's standard deviation, at most 2^18 of which count. */
static const double UNIT = 0x1p24, MOST = 0x1p42;
/* Less than that is left of the taper, and a pixel counts as missing. */
static const double LEAST_WEIGHT = 0.05;

/* The template as it is over its taper; and how much it varies. */
static double restore(const piecewise *p, int64_t stretch, float *spectrum, void *scratch, float *image)
{
    const matcher *m = template_matcher(p->set);
    double sum = 0;
    memcpy(spectrum, template_sum(p->set, stretch), (size_t)match_spectrum_floats(&p->spec) * sizeof *spectrum);
    match_restore(m, spectrum, scratch, image);
    for (int64_t i = 0; i < p->n_values; i++) {
        const double weight = match_weight(m, i);
        sum += (double)image[i] * (double)image[i];
        image[i] = weight < LEAST_WEIGHT ? NAN : (float)((double)image[i] / weight);
    }
    return sqrt(sum / (double)p->n_values);
}

static size_t line_bytes(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Memory for a spectrum, an image, the larger one of two scratches. */
static lmp_status take_memory(const piecewise *p, void **memory, float **image, void **scratch, lmp_error *err)
{
    const size_t spectrum = line_bytes((size_t)match_spectrum_floats(&p->spec) * sizeof(float)),
                 values = line_bytes((size_t)p->n_values * sizeof(float)), one = match_scratch_bytes(&p->spec),
                 other = (size_t)patches_scratch_floats(&p->layout) * sizeof(float);
    const lmp_status status = lmp_take(p->budget, spectrum + values + (one > other ? one : other), memory, err);
    if (status != LMP_OK) return status;
    *image = (float *)(void *)((char *)*memory + spectrum);
    *scratch = (char *)*memory + spectrum + values;
    return LMP_OK;
}

lmp_status piecewise_first_targets(piecewise *p, lmp_error *err)
{
    void *memory = NULL, *scratch = NULL;
    float *image = NULL;
    double largest = 0;
    const lmp_status status = take_memory(p, &memory, &image, &scratch, err);
    if (status != LMP_OK) return status;
    for (int64_t k = 0; k < p->n_stretches; k++) {
        largest = fmax(largest, restore(p, k, memory, scratch, image));
        patches_set_targets(p->patches, image, scratch, p->targets + k * p->n_targets);
    }
    p->scale = largest > 0 ? UNIT / largest : 1;
    lmp_give(p->budget, memory);
    return LMP_OK;
}

/* Frames come from many workers in any order. */
void piecewise_add(piecewise *p, const piecewise_scratch *s)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < p->n_values; i++) {
        if (!isfinite(s->moved[i])) continue;
        sum += (double)s->moved[i];
        n++;
    }
    const double mean = n > 0 ? sum / (double)n : 0;
    for (int64_t i = 0; i < p->n_values; i++) {
        if (!isfinite(s->moved[i])) continue;
        const double value = ((double)s->moved[i] - mean) * p->scale;
        __atomic_fetch_add(&p->sums[i], (int64_t)fmax(-MOST, fmin(MOST, nearbyint(value))), __ATOMIC_RELAXED);
        __atomic_fetch_add(&p->counts[i], 1, __ATOMIC_RELAXED);
    }
}

lmp_status piecewise_average(piecewise *p, int64_t stretch, lmp_error *err)
{
    void *memory = NULL, *scratch = NULL;
    float *image = NULL;
    int64_t most = 0;
    for (int64_t i = 0; i < p->n_values; i++) most = p->counts[i] > most ? p->counts[i] : most;
    if (most == 0) return LMP_OK; /* no frame fits: the template's own patches stay */
    const lmp_status status = take_memory(p, &memory, &image, &scratch, err);
    if (status != LMP_OK) return status;
    for (int64_t i = 0; i < p->n_values; i++)
        image[i] = p->counts[i] * 4 < most ? NAN : (float)((double)p->sums[i] / (double)p->counts[i] / p->scale);
    patches_set_targets(p->patches, image, scratch, p->targets + stretch * p->n_targets);
    memset(p->sums, 0, (size_t)p->n_values * sizeof *p->sums);
    memset(p->counts, 0, (size_t)p->n_values * sizeof *p->counts);
    lmp_give(p->budget, memory);
    return LMP_OK;
}

/* ---- How it bends ---- */

void piecewise_keep(piecewise *p, int64_t frame, const piecewise_scratch *s)
{
    const int64_t n = p->grid.rows * p->grid.columns, slot = template_place(p->set, frame);
    float *to = p->sample + slot * 2 * n;
    memcpy(to, s->found.y, (size_t)n * sizeof *to);
    memcpy(to + n, s->found.x, (size_t)n * sizeof *to);
    ((uint8_t *)(p->sample + p->n_sample * 2 * n))[slot] = 1;
}

lmp_status piecewise_learn_prior(piecewise *p, lmp_error *err)
{
    void *work;
    const int64_t n = p->grid.rows * p->grid.columns;
    const lmp_status status = lmp_take(p->budget, (size_t)prior_work_doubles(&p->grid) * sizeof(double), &work, err);
    if (status != LMP_OK) return status;
    const field_sample sample = {.values = p->sample,
                                 .is_used = (const uint8_t *)(p->sample + p->n_sample * 2 * n),
                                 .count = p->n_sample,
                                 .is_centred = p->learns};
    prior_learn(&p->grid, &sample, work, p->smoother, &p->prior);
    p->knows_prior = true;
    lmp_give(p->budget, work);
    return LMP_OK;
}

void piecewise_end_lessons(piecewise *p)
{
    lmp_give(p->budget, p->sums);
    lmp_give(p->budget, p->sample);
    p->sums = p->counts = NULL;
    p->sample = NULL;
}
