/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope_read.c: makes the frames of a simulated movie: the tissue where it is by then, the light that falls on it,
 * the sensor, and what breaks on the way to the disk.
 *
 * Every term is a function of frame and pixel, so it does not matter how a movie is cut.
 */
#include "simulate/miniscope.h"

#include "core/budget.h"
#include "simulate/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_BANDS = 1, MOST_BANDS = 4 };

static const double FLOOD = 20;       /* a saturated frame has so much light */
static const double FEW_PHOTONS = 16; /* below, photons are counted one by one */

/* ---- The sensor ---- */

static void fill_vignette(miniscope *m)
{
    const miniscope_params *p = &m->p;
    const double depth =
        (isnan(p->vignette_percent) ? miniscope_kind_of(p)->vignette_percent : p->vignette_percent) / 100;
    const double half_y = (double)p->height / 2, half_x = (double)p->width / 2;
    for (int64_t y = 0; y < p->height; y++)
        for (int64_t x = 0; x < p->width; x++) {
            /* The lens is never in the middle. */
            const double from_y = ((double)y - 1.075 * half_y) / half_y, from_x = ((double)x - 0.933 * half_x) / half_x;
            const double bell = exp(-(from_y * from_y + from_x * from_x) / (0.95 * 0.95));
            m->light[y * p->width + x] = (float)(p->gain * (1 - depth + depth * bell));
            m->haze[y * p->width + x] = (float)(p->glow * bell);
        }
}

static void add_speck(miniscope *m, double y, double x, double sigma, double depth)
{
    const miniscope_params *p = &m->p;
    const double reach = 5 * sigma;
    for (int64_t j = (int64_t)fmax(0, ceil(y - reach)); j < p->height && (double)j <= y + reach; j++)
        for (int64_t i = (int64_t)fmax(0, ceil(x - reach)); i < p->width && (double)i <= x + reach; i++) {
            const double r2 = ((double)j - y) * ((double)j - y) + ((double)i - x) * ((double)i - x);
            const float factor = (float)(1 - depth * exp(-r2 / (2 * sigma * sigma)));
            m->light[j * p->width + i] *= factor;
            m->haze[j * p->width + i] *= factor;
        }
}

void miniscope_light_sensor(miniscope *m)
{
    const miniscope_params *p = &m->p;
    const uint64_t key = noise_key((uint64_t)p->seed, PURPOSE_DIRT, 0);
    fill_vignette(m);
    for (int64_t i = 0; i < p->dirt; i++)
        add_speck(m, noise_uniform(key, 4 * i) * (double)p->height, noise_uniform(key, 4 * i + 1) * (double)p->width,
                  1.5 + 3.5 * noise_uniform(key, 4 * i + 2), 0.2 + 0.5 * noise_uniform(key, 4 * i + 3));
    for (int64_t i = 0; i < p->height * p->width; i++) m->haze[i] += (float)p->offset;
}

/* ---- Noise ---- */

/* A count of photons, Poisson distributed, by inversion. */
static double count_photons(double mean, double uniform)
{
    double chance = exp(-mean), sum = chance, count = 0;
    while (uniform >= sum && count < 200) {
        count++;
        chance *= mean / count;
        sum += chance;
    }
    return count;
}

/* Shot noise in normal approximation and read noise are one normal number; few photons are counted. */
static void add_noise(const miniscope *m, int64_t frame, int64_t y, bool is_lit, double *row, double *normal)
{
    const miniscope_params *p = &m->p;
    const int64_t n = p->width, at = (frame * p->height + y) * n;
    const double photons = isnan(p->photons_per_level) ? miniscope_kind_of(p)->photons_per_level : p->photons_per_level;
    const bool has_shot = is_lit && photons > 0;
    const double shot = has_shot ? 1 / photons : 0, read = p->read_noise * p->read_noise;
    if (!has_shot && read == 0) return;
    noise_fill_gaussian(m->read_key, at, n, normal);
    const double few = has_shot ? FEW_PHOTONS / photons : -1;
    for (int64_t x = 0; x < n; x++) {
        const double level = row[x] > 0 ? row[x] : 0;
        if (level < few)
            row[x] = count_photons(level * photons, noise_uniform(m->photon_key, at + x)) / photons +
                     p->read_noise * normal[x];
        else
            row[x] += sqrt(level * shot + read) * normal[x];
    }
}

/* ---- Storing ---- */

static void store(const miniscope *m, const double *row, void *out)
{
    const int64_t n = m->p.width;
    const double most = m->is_truth ? (double)INFINITY : m->p.full;
    const double least = m->type == LMP_FLOAT32 ? -(double)INFINITY : 0;
    for (int64_t x = 0; x < n; x++) {
        const double value = row[x] < least ? least : row[x] > most ? most : row[x];
        if (m->type == LMP_UINT8)
            ((uint8_t *)out)[x] = (uint8_t)rint(value);
        else if (m->type == LMP_UINT16)
            ((uint16_t *)out)[x] = (uint16_t)rint(value);
        else
            ((float *)out)[x] = (float)value;
    }
}

/* Moves the row to the right by `columns`; what leaves comes in on the left. */
static void turn_row(void *row, int64_t columns, int64_t width, size_t bytes, void *room)
{
    const size_t moved = (size_t)columns * bytes, whole = (size_t)width * bytes;
    memcpy(room, row, whole);
    memcpy((char *)row + moved, room, whole - moved);
    memcpy(row, (char *)room + whole - moved, moved);
}

/* A broken transfer: bands of rows that lie too far right, or are not image at all. */
static void corrupt_row(const miniscope *m, int64_t frame, int64_t y, double *row, void *out)
{
    const miniscope_params *p = &m->p;
    const uint64_t key = noise_key(m->band_key, PURPOSE_BANDS, (uint64_t)frame);
    const int64_t tallest = p->height / 6 > 2 ? p->height / 6 : 2;
    const int64_t n = FEWEST_BANDS + (int64_t)((MOST_BANDS - FEWEST_BANDS + 1) * noise_uniform(key, 0));
    for (int64_t b = 0; b < n; b++) {
        const int64_t first = (int64_t)(noise_uniform(key, 4 * b + 1) * (double)p->height);
        const int64_t count = 1 + (int64_t)(noise_uniform(key, 4 * b + 2) * (double)tallest);
        if (y < first || y >= first + count) continue;
        const double draw = noise_uniform(key, 4 * b + 4);
        if (noise_uniform(key, 4 * b + 3) < 0.5) {
            turn_row(out, (int64_t)((0.1 + 0.8 * draw) * (double)p->width), p->width, lmp_type_bytes(m->type), row);
            continue;
        }
        for (int64_t x = 0; x < p->width; x++)
            row[x] = p->full * noise_uniform(m->static_key, (frame * p->height + y) * p->width + x);
        store(m, row, out);
    }
}

/* ---- Frames ---- */

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* The tissue of a frame, cells and all. */
static miniscope_image show(const miniscope *m, const miniscope_moment *at, void *memory)
{
    if (m->scene.splines != NULL && !m->is_truth) return miniscope_bend(&m->scene, &m->motion, at, memory);
    const miniscope_image image = miniscope_shift(&m->scene, at->dy_px, at->dx_px, memory);
    miniscope_add_cells(&m->scene, at->shown, at->dy_px, at->dx_px, &image);
    return image;
}

static void expose_row(const miniscope *m, const miniscope_moment *at, int64_t y, const float *tissue, double *row)
{
    const miniscope_params *p = &m->p;
    const float *light = m->light + y * p->width, *haze = m->haze + y * p->width;
    const double part = p->frames > 1 ? (double)at->shown / (double)(p->frames - 1) : 0;
    const double left = pow(1 - p->bleaching_percent / 100, part) * (at->status == MINISCOPE_SATURATED ? FLOOD : 1);
    if (at->status == MINISCOPE_BLANK)
        for (int64_t x = 0; x < p->width; x++) row[x] = p->offset;
    else
        for (int64_t x = 0; x < p->width; x++) row[x] = (double)tissue[x] * (double)light[x] * left + (double)haze[x];
}

static void make_frame(const miniscope *m, int64_t frame, void *memory, char *out)
{
    const miniscope_params *p = &m->p;
    const size_t row_bytes = (size_t)p->width * lmp_type_bytes(m->type);
    double *row = memory, *normal = row + p->width;
    void *room = (char *)memory + rounded((size_t)(2 * p->width) * sizeof *row);
    const miniscope_moment at = m->is_truth ? (miniscope_moment){.shown = frame} : miniscope_at(&m->motion, frame);
    const bool is_lit = at.status != MINISCOPE_BLANK;
    const miniscope_image image = is_lit ? show(m, &at, room) : (miniscope_image){.n_rows = 1, .values = room};
    for (int64_t y = 0; y < p->height; y++, out += row_bytes) {
        const float *tissue = miniscope_row(&image, y);
        if (m->is_truth) {
            for (int64_t x = 0; x < p->width; x++) row[x] = p->gain * (double)tissue[x];
            store(m, row, out);
            continue;
        }
        expose_row(m, &at, y, tissue, row);
        add_noise(m, at.shown, y, is_lit, row, normal);
        store(m, row, out);
        if (at.status == MINISCOPE_CORRUPTED) corrupt_row(m, frame, y, row, out);
    }
}

size_t miniscope_read_bytes(const miniscope *m)
{
    const bool bends = m->scene.splines != NULL && !m->is_truth;
    return rounded((size_t)(2 * m->p.width) * sizeof(double)) +
           (bends ? miniscope_bend_bytes(&m->p) : miniscope_shift_bytes(&m->scene));
}

lmp_status miniscope_read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const miniscope *m = state;
    void *memory = NULL;
    const lmp_status status = budget_take_raw(budget, miniscope_read_bytes(m), &memory, err);
    if (status != LMP_OK) return status;
    for (int64_t i = 0; i < out->count; i++)
        make_frame(m, out->first + i, memory, (char *)out->data + (size_t)i * out->stride);
    lmp_give(budget, memory);
    return LMP_OK;
}
