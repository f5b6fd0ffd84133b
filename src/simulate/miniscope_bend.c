/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope_bend.c: tissue that bends: every pixel has a displacement of its own.
 *
 * The bend belongs to the tissue: the point q is seen at q + d(q). A pixel p needs the other way round, q = p - u(p),
 * which is iterated on a coarse grid and interpolated by cubics; the grid is so fine that this costs 1e-5 px. The
 * canvas is sampled there with cubic B-splines whose coefficients are divided out of its spectrum exactly (Unser,
 * Aldroubi, Eden 1993, IEEE Trans Signal Process 41:821); on a canvas as smooth as this one that is exact to 1e-4 of
 * its contrast.
 */
#include "simulate/miniscope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRID_PER_WAVE = 64, MOST_ITERATIONS = 100, MARGIN = 3 };

static const double TURN = 6.283185307179586;
static const double SETTLED_PX = 1e-9;

/* ---- B-spline coefficients ---- */

static double spline_response(int64_t k, int64_t n)
{
    return (2 + cos(TURN * (double)k / (double)n)) / 3;
}

lmp_status miniscope_splines(miniscope_scene *s, const fft2_plan *whole, float *spectrum, float *image, void *scratch,
                             lmp_error *err)
{
    const int64_t height = s->height, width = s->width, stride = width + MARGIN;
    s->splines = miniscope_floats((height + MARGIN) * stride);
    if (s->splines == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    for (int64_t i = 0; i <= width / 2; i++)
        for (int64_t j = 0; j < height; j++) {
            const double response = spline_response(i, width) * spline_response(j, height);
            float *bin = spectrum + 2 * (i * height + j);
            bin[0] = (float)((double)bin[0] / response);
            bin[1] = (float)((double)bin[1] / response);
        }
    fft2_inverse(whole, spectrum, image, scratch);
    /* Pixel (-1, -1) comes first, and the canvas goes on beyond its end: no sample needs to wrap around. */
    for (int64_t y = 0; y < height + MARGIN; y++)
        for (int64_t x = 0; x < stride; x++)
            s->splines[y * stride + x] = image[(y + height - 1) % height * width + (x + width - 1) % width];
    return LMP_OK;
}

static inline void spline_weights(float t, float w[4])
{
    const float u = 1 - t;
    w[0] = u * u * u * (1 / 6.0F);
    w[1] = 2 / 3.0F - t * t * (2 - t) * 0.5F;
    w[2] = 2 / 3.0F - u * u * (2 - u) * 0.5F;
    w[3] = t * t * t * (1 / 6.0F);
}

static inline float sample(const miniscope_scene *s, double y, double x)
{
    const double floor_y = floor(y), floor_x = floor(x);
    const int64_t stride = s->width + MARGIN;
    const int64_t j = ((int64_t)floor_y % s->height + s->height) % s->height;
    const int64_t i = ((int64_t)floor_x % s->width + s->width) % s->width;
    const float *at = s->splines + j * stride + i;
    float wy[4], wx[4], sum = 0;
    spline_weights((float)(y - floor_y), wy);
    spline_weights((float)(x - floor_x), wx);
    for (int r = 0; r < 4; r++, at += stride)
        sum += wy[r] * (at[0] * wx[0] + at[1] * wx[1] + at[2] * wx[2] + at[3] * wx[3]);
    return sum;
}

/* ---- Displacement of every pixel ---- */

/* Displacements u beyond the rigid one, on a grid whose point (j, i) is pixel ((j - 1) * step, (i - 1) * step), and of
 * all pixels. */
typedef struct field {
    int64_t step, rows, columns; /* of the grid */
    float *grid[2], *row[2];     /* y, x; row: the grid's columns at one pixel row */
    float *weights;              /* four for each pixel between two grid points */
    float *pixels[2];
    float *values;  /* the image to make */
    double stretch; /* how much larger the bend makes a cell at most */
} field;

static size_t lay_out(const miniscope_params *p, void *memory, field *f)
{
    const int64_t step = (int64_t)fmax(1, floor(miniscope_bend_wavelength(p) / GRID_PER_WAVE));
    const int64_t rows = p->height / step + 4, columns = p->width / step + 4, n = p->height * p->width;
    const int64_t sizes[] = {rows * columns, rows * columns, columns, columns, 4 * step, n, n, n};
    float *at = memory;
    size_t floats = 0;
    float **const parts[] = {&f->grid[0], &f->grid[1],   &f->row[0],    &f->row[1],
                             &f->weights, &f->pixels[0], &f->pixels[1], &f->values};
    f->step = step;
    f->rows = rows;
    f->columns = columns;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (memory != NULL) *parts[i] = at + floats;
        floats += (size_t)sizes[i];
    }
    return floats * sizeof(float);
}

size_t miniscope_bend_bytes(const miniscope_params *p)
{
    field f;
    return lay_out(p, NULL, &f);
}

static void fill_grid(const field *f, const miniscope_motion *m, const miniscope_moment *at)
{
    for (int64_t j = 0; j < f->rows; j++)
        for (int64_t i = 0; i < f->columns; i++) {
            const double y = (double)((j - 1) * f->step), x = (double)((i - 1) * f->step);
            double uy = at->dy_px, ux = at->dx_px, change = 1;
            for (int k = 0; k < MOST_ITERATIONS && change > SETTLED_PX; k++) {
                double dy, dx;
                miniscope_displacement(m, at, y - uy, x - ux, &dy, &dx);
                change = fabs(dy - uy) + fabs(dx - ux);
                uy = dy;
                ux = dx;
            }
            f->grid[0][j * f->columns + i] = (float)(uy - at->dy_px);
            f->grid[1][j * f->columns + i] = (float)(ux - at->dx_px);
        }
}

/* Lagrange's weights of four grid points, for each pixel between the two in the middle. */
static void fill_weights(const field *f)
{
    for (int64_t k = 0; k < f->step; k++) {
        const double t = (double)k / (double)f->step;
        float *w = f->weights + 4 * k;
        w[0] = (float)(-t * (t - 1) * (t - 2) / 6);
        w[1] = (float)((t + 1) * (t - 1) * (t - 2) / 2);
        w[2] = (float)(-(t + 1) * t * (t - 2) / 2);
        w[3] = (float)((t + 1) * t * (t - 1) / 6);
    }
}

static void fill_pixels(const field *f, const miniscope_params *p, int axis)
{
    for (int64_t y = 0; y < p->height; y++) {
        const float *w = f->weights + 4 * (y % f->step), *grid = f->grid[axis] + y / f->step * f->columns;
        float *row = f->row[axis], *out = f->pixels[axis] + y * p->width;
        for (int64_t i = 0; i < f->columns; i++)
            row[i] = w[0] * grid[i] + w[1] * grid[i + f->columns] + w[2] * grid[i + 2 * f->columns] +
                     w[3] * grid[i + 3 * f->columns];
        for (int64_t x = 0; x < p->width; x++) {
            const float *v = f->weights + 4 * (x % f->step), *from = row + x / f->step;
            out[x] = v[0] * from[0] + v[1] * from[1] + v[2] * from[2] + v[3] * from[3];
        }
    }
}

/* ---- The image ---- */

/* Adds a cell that would be seen at (y, x) without the bend, and is seen at (y + dy, x + dx) with it. */
static void add_bent_cell(const miniscope_scene *s, const miniscope_cell *c, double level, const field *f, double y,
                          double x, double dy, double dx)
{
    const miniscope_params *p = s->p;
    const double reach = (double)miniscope_cell_reach(c) * f->stretch;
    const double narrow = 1 / (2 * c->sigma_px * c->sigma_px), ring = miniscope_kind_of(p)->cell_ring;
    const int64_t first_y = (int64_t)fmax(0, ceil(y + dy - reach)), first_x = (int64_t)fmax(0, ceil(x + dx - reach));
    for (int64_t j = first_y; j < p->height && (double)j <= y + dy + reach; j++)
        for (int64_t i = first_x; i < p->width && (double)i <= x + dx + reach; i++) {
            const int64_t at = j * p->width + i;
            const double from_y = (double)j - (double)f->pixels[0][at] - y;
            const double from_x = (double)i - (double)f->pixels[1][at] - x;
            f->values[at] += (float)level * miniscope_cell_shape(narrow, ring, from_y, from_x);
        }
}

static void add_bent_cells(const miniscope_scene *s, const miniscope_motion *m, const miniscope_moment *at,
                           const field *f)
{
    for (int64_t i = 0; i < s->n_cells; i++) {
        const miniscope_cell *c = &s->cells[i];
        const double reach = (double)miniscope_cell_reach(c) * f->stretch, bend = fabs(at->bend_px);
        const miniscope_places near = miniscope_places_of(s, c->y_px + at->dy_px, c->x_px + at->dx_px, reach + bend);
        if (near.first_y >= near.end_y || near.first_x >= near.end_x) continue;
        const double level = c->level * miniscope_activity(s, i, at->shown);
        for (double y = near.first_y; y < near.end_y; y += (double)s->height)
            for (double x = near.first_x; x < near.end_x; x += (double)s->width) {
                double dy, dx;
                miniscope_displacement(m, at, y - at->dy_px, x - at->dx_px, &dy, &dx);
                add_bent_cell(s, c, level, f, y, x, dy - at->dy_px, dx - at->dx_px);
            }
    }
}

miniscope_image miniscope_bend(const miniscope_scene *s, const miniscope_motion *m, const miniscope_moment *at,
                               void *memory)
{
    const miniscope_params *p = s->p;
    field f;
    (void)lay_out(p, memory, &f);
    f.stretch = 1 + sqrt(2) * TURN * fabs(at->bend_px) / miniscope_bend_wavelength(p);
    fill_grid(&f, m, at);
    fill_weights(&f);
    fill_pixels(&f, p, 0);
    fill_pixels(&f, p, 1);
    for (int64_t y = 0; y < p->height; y++)
        for (int64_t x = 0; x < p->width; x++) {
            const int64_t i = y * p->width + x;
            f.values[i] = sample(s, (double)y - at->dy_px - (double)f.pixels[0][i],
                                 (double)x - at->dx_px - (double)f.pixels[1][i]);
        }
    add_bent_cells(s, m, at, &f);
    return (miniscope_image){.values = f.values, .first = 0, .n_rows = p->height, .stride = p->width};
}
