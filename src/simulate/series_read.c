/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_read.c: makes the frames of a simulated series, row by row.
 *
 * Every term is a function of frame, row and column, so it does not matter how a series is cut.
 */
#include "simulate/series.h"

#include "simulate/noise.h"

#include <math.h>

static const double PI = 3.14159265358979323846;
static const double REACH_SIGMAS = 6; /* a spot is below 2e-8 of its height there */

void series_spot_at(const series *s, int64_t spot, int64_t frame, double *x_px, double *y_px)
{
    const series_spot *a = &s->spots[spot];
    const double angle = 2 * PI * a->turns * (double)frame / (double)s->p.frames + a->phase;
    *x_px = a->x_px + a->reach_x_px * sin(angle);
    *y_px = a->y_px + a->reach_y_px * cos(angle);
}

double series_flicker(const series *s, int64_t frame)
{
    return 1 + s->p.flicker_percent / 100 * noise_gaussian(s->flicker_key, frame);
}

/* What was there: a background that darkens towards the corners, and spots. */
static void fill_scene(const series *s, int64_t frame, int64_t y, double *row)
{
    const series_params *p = &s->p;
    const double middle_x = (double)(p->width - 1) / 2, middle_y = (double)(p->height - 1) / 2;
    const double corner = middle_x * middle_x + middle_y * middle_y + 1e-9;
    const double dy = (double)y - middle_y;
    for (int64_t x = 0; x < p->width; x++) {
        const double dx = (double)x - middle_x;
        row[x] = p->background * (1 - p->vignette_percent / 100 * (dx * dx + dy * dy) / corner);
    }
    for (int64_t i = 0; i < p->spots; i++) {
        double spot_x, spot_y;
        series_spot_at(s, i, frame, &spot_x, &spot_y);
        const double reach = REACH_SIGMAS * p->spot_sigma_px, from_y = (double)y - spot_y;
        if (fabs(from_y) > reach) continue;
        const double width = 2 * p->spot_sigma_px * p->spot_sigma_px;
        const int64_t first = (int64_t)fmax(0, ceil(spot_x - reach));
        for (int64_t x = first; x < p->width && (double)x <= spot_x + reach; x++) {
            const double from_x = (double)x - spot_x;
            row[x] += s->spots[i].level * exp(-(from_x * from_x + from_y * from_y) / width);
        }
    }
}

/* Light that drifts: all over, and as a tilt from left to right that comes and goes. */
static void add_faults(const series *s, int64_t frame, double *row)
{
    const series_params *p = &s->p;
    const double part = p->frames > 1 ? (double)frame / (double)(p->frames - 1) : 0;
    const double drift = p->drift_percent / 100, flicker = series_flicker(s, frame);
    const double tilt = drift / 2 * sin(2 * PI * part);
    for (int64_t x = 0; x < p->width; x++)
        row[x] *= flicker * (1 + drift * (part - 0.5) + tilt * ((double)x / (double)p->width - 0.5));
}

static void add_noise(const series *s, int64_t frame, int64_t y, double *row)
{
    const series_params *p = &s->p;
    const int64_t at = (frame * p->height + y) * p->width;
    for (int64_t x = 0; x < p->width && p->photons_per_level > 0; x++)
        row[x] += sqrt(fmax(row[x], 0) / p->photons_per_level) * noise_gaussian(s->shot_key, at + x);
    for (int64_t x = 0; x < p->width && p->read_noise > 0; x++)
        row[x] += p->read_noise * noise_gaussian(s->read_key, at + x);
    for (int64_t i = 0; i < p->hot_pixels; i++)
        if (s->hot[i].y == y) row[s->hot[i].x] += s->hot[i].level;
}

/* A camera saturates. */
static double digitise(double value, double most)
{
    return rint(value < 0 ? 0 : value > most ? most : value);
}

static void store(const series *s, const double *row, void *out)
{
    const int64_t n = s->p.width;
    if (s->type == LMP_UINT8)
        for (int64_t x = 0; x < n; x++) ((uint8_t *)out)[x] = (uint8_t)digitise(row[x], UINT8_MAX);
    else if (s->type == LMP_UINT16)
        for (int64_t x = 0; x < n; x++) ((uint16_t *)out)[x] = (uint16_t)digitise(row[x], UINT16_MAX);
    else
        for (int64_t x = 0; x < n; x++) ((float *)out)[x] = (float)row[x];
}

lmp_status series_read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const series *s = state;
    const size_t row_bytes = (size_t)s->p.width * lmp_type_bytes(s->type);
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, (size_t)s->p.width * sizeof(double), &memory, err);
    if (status != LMP_OK) return status;
    double *row = memory;
    for (int64_t i = 0; i < out->count; i++)
        for (int64_t r = 0; r < out->rows; r++) {
            const int64_t frame = out->first + i, y = out->row + r;
            fill_scene(s, frame, y, row);
            if (!s->is_truth) {
                add_faults(s, frame, row);
                add_noise(s, frame, y, row);
            }
            store(s, row, (char *)out->data + (size_t)i * out->stride + (size_t)r * row_bytes);
        }
    lmp_give(budget, memory);
    return LMP_OK;
}
