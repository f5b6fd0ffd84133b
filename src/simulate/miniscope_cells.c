/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope_cells.c: cells that fire.
 *
 * Cells are Gaussians, or Gaussians with a narrower one taken out (a ring around a dark nucleus), and are evaluated
 * where they come to lie: exact at any displacement. Their light is a sum over spikes that each die away; a spike is a
 * function of cell and frame and forgotten when less than FORGOTTEN of it is left, so a frame needs no history.
 */
#include "simulate/miniscope.h"

#include "simulate/noise.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_CELLS = 1000000 };

static const double REACH_SIGMAS = 5; /* 4e-6 of a cell's height is cut off there */
static const double NUCLEUS = 0.65;   /* its sigma relative to the cell's */
static const double SPIKE_DECAY_S = 0.6, FORGOTTEN = 1e-4;
static const double LEAST_RATE_HZ = 0.04, MOST_RATE_HZ = 0.24;

lmp_status miniscope_cells_open(miniscope_scene *s, lmp_error *err)
{
    const miniscope_params *p = s->p;
    const miniscope_kind *kind = miniscope_kind_of(p);
    const double density = p->cells == LMP_AUTO_INTEGER ? (double)MINISCOPE_USUAL_CELLS / MINISCOPE_USUAL_PIXELS
                                                        : (double)p->cells / ((double)p->height * (double)p->width);
    const double wanted = rint(density * (double)s->height * (double)s->width);
    if (wanted > MOST_CELLS)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "a canvas of %lld x %lld pixels would hold %.0f cells and %d can be simulated: give fewer cells, "
            "less drift or less motion",
            (long long)s->height, (long long)s->width, wanted, (int)MOST_CELLS);
    s->n_cells = (int64_t)wanted;
    s->spike_decay = exp(-1 / (SPIKE_DECAY_S * p->rate_hz));
    s->spike_memory = (int64_t)ceil(-log(FORGOTTEN) * SPIKE_DECAY_S * p->rate_hz);
    s->cells = calloc((size_t)s->n_cells + 1, sizeof *s->cells);
    if (s->cells == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    const uint64_t key = noise_key((uint64_t)p->seed, PURPOSE_CELLS, 0);
    for (int64_t i = 0; i < s->n_cells; i++) {
        const double rate_hz = LEAST_RATE_HZ + (MOST_RATE_HZ - LEAST_RATE_HZ) * noise_uniform(key, 8 * i + 4);
        s->cells[i] = (miniscope_cell){.y_px = noise_uniform(key, 8 * i) * (double)s->height,
                                       .x_px = noise_uniform(key, 8 * i + 1) * (double)s->width,
                                       .sigma_px = kind->cell_least_px + (kind->cell_most_px - kind->cell_least_px) *
                                                                             noise_uniform(key, 8 * i + 2),
                                       .level = kind->cell_level * exp(0.5 * noise_gaussian(key, 8 * i + 3)),
                                       .spikes_per_frame = fmin(rate_hz / p->rate_hz, 1),
                                       .key = noise_key((uint64_t)p->seed, PURPOSE_SPIKES, (uint64_t)i)};
    }
    return LMP_OK;
}

double miniscope_activity(const miniscope_scene *s, int64_t cell, int64_t frame)
{
    const miniscope_cell *c = &s->cells[cell];
    double sum = 0;
    for (int64_t t = frame - s->spike_memory; t <= frame; t++) {
        const double draw = noise_uniform(c->key, t);
        sum *= s->spike_decay;
        if (draw < c->spikes_per_frame) sum += 0.6 + draw / c->spikes_per_frame; /* 0.6 to 1.6 */
    }
    return miniscope_kind_of(s->p)->cell_rest + sum;
}

int64_t miniscope_cell_reach(const miniscope_cell *c)
{
    return (int64_t)ceil(REACH_SIGMAS * c->sigma_px);
}

float miniscope_cell_shape(double narrow, double ring, double y, double x)
{
    const double r2 = (y * y + x * x) * narrow;
    if (r2 > REACH_SIGMAS * REACH_SIGMAS / 2) return 0;
    const float whole = expf((float)-r2);
    return ring > 0 ? whole - (float)ring * expf((float)(-r2 / (NUCLEUS * NUCLEUS))) : whole;
}

/* One Gaussian about (y, x), a product of two. */
static void add_gaussian(const miniscope_params *p, double y, double x, double sigma, int64_t reach, double level,
                         const miniscope_image *image)
{
    const int64_t top = llrint(y) - reach, left = llrint(x) - reach;
    const int64_t first_y = top > 0 ? top : 0, first_x = left > 0 ? left : 0;
    const int64_t end_y = top + 2 * reach + 1 < p->height ? top + 2 * reach + 1 : p->height;
    const int64_t end_x = left + 2 * reach + 1 < p->width ? left + 2 * reach + 1 : p->width;
    const double narrow = 1 / (2 * sigma * sigma);
    float across[2 * MINISCOPE_REACH + 1];
    for (int64_t i = first_x; i < end_x; i++)
        across[i - first_x] = (float)exp(-narrow * ((double)i - x) * ((double)i - x));
    for (int64_t j = first_y; j < end_y; j++) {
        const float height = (float)(level * exp(-narrow * ((double)j - y) * ((double)j - y)));
        float *row = miniscope_row(image, j) + first_x;
        for (int64_t i = 0; i < end_x - first_x; i++) row[i] += height * across[i];
    }
}

void miniscope_add_cells(const miniscope_scene *s, int64_t frame, double dy, double dx, const miniscope_image *image)
{
    const miniscope_params *p = s->p;
    const double ring = miniscope_kind_of(p)->cell_ring;
    for (int64_t c = 0; c < s->n_cells; c++) {
        const miniscope_cell *cell = &s->cells[c];
        const int64_t reach = miniscope_cell_reach(cell);
        const miniscope_places at = miniscope_places_of(s, cell->y_px + dy, cell->x_px + dx, (double)reach + 1);
        if (at.first_y >= at.end_y || at.first_x >= at.end_x) continue;
        const double level = cell->level * miniscope_activity(s, c, frame);
        for (double y = at.first_y; y < at.end_y; y += (double)s->height)
            for (double x = at.first_x; x < at.end_x; x += (double)s->width) {
                add_gaussian(p, y, x, cell->sigma_px, reach, level, image);
                if (ring > 0) add_gaussian(p, y, x, cell->sigma_px * NUCLEUS, reach, -ring * level, image);
            }
    }
}
