/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_field.c: displacements on a regular grid of nodes, and between and beyond them.
 */
#include "movie/motion_field.h"

#include "math/median.h"

#include <math.h>
#include <string.h>

/* ---- Between nodes ---- */

/* A cubic in the way from node `cell` to the next; beyond the grid a straight line. */
typedef struct cubic {
    float constant, linear, square, cube;
} cubic;

static int64_t cell_of(double t, int64_t n)
{
    const int64_t last = n - 2;
    return t < 0 || last < 0 ? 0 : t >= (double)last ? last : (int64_t)t;
}

/* Nodes before the first and after the last lie on straight lines. */
static void fit_cubic(const float *nodes, int64_t n, int64_t stride, int64_t cell, cubic *c)
{
    const float here = nodes[cell * stride], next = nodes[(cell + 1) * stride];
    const float before = cell > 0 ? nodes[(cell - 1) * stride] : 2 * here - next;
    const float after = cell + 2 < n ? nodes[(cell + 2) * stride] : 2 * next - here;
    *c = (cubic){here, (next - before) / 2, before - 2.5F * here + 2 * next - after / 2,
                 (after - before) / 2 + 1.5F * (here - next)};
}

static float along_column(const float *nodes, int64_t n, int64_t stride, double t)
{
    cubic c;
    if (n == 1) return nodes[0];
    const int64_t cell = cell_of(t, n);
    fit_cubic(nodes, n, stride, cell, &c);
    const float u = (float)(t - (double)cell);
    if (t < 0) return c.constant + c.linear * u;
    if (t > (double)(n - 1)) {
        const float last = nodes[(n - 1) * stride];
        return last + (last - nodes[(n - 2) * stride]) * (u - 1);
    }
    return c.constant + u * (c.linear + u * (c.square + u * c.cube));
}

/* Straight lines beyond the ends: cell -1 and cell n - 1. */
static cubic cubic_of(const float *line, int64_t n, int64_t cell)
{
    cubic c = {0};
    if (n == 1) return (cubic){line[0], 0, 0, 0};
    if (cell < 0) return (cubic){line[0], line[1] - line[0], 0, 0};
    if (cell >= n - 1) return (cubic){line[n - 1], line[n - 1] - line[n - 2], 0, 0};
    fit_cubic(line, n, 1, cell, &c);
    return c;
}

static void put_run(const cubic *c, float from, float step, int64_t n, const field_scale *how, float *out)
{
    const float a = how->scale * c->constant, b = how->scale * c->linear, d = how->scale * c->square,
                e = how->scale * c->cube, most = how->most, offset = how->offset;
    for (int64_t i = 0; i < n; i++) {
        const float u = from + step * (float)(int32_t)i;
        const float value = a + u * (b + u * (d + u * e));
        const float low = value < -most ? -most : value;
        out[i] = (low > most ? most : low) + offset;
    }
}

void field_row(const field_grid *grid, const float *nodes, double y, double x, int64_t n, const field_scale *how,
               float *line, float *out)
{
    const double t = (y - grid->first_y) / grid->step_y;
    for (int64_t i = 0; i < grid->columns; i++) line[i] = along_column(nodes + i, grid->rows, grid->columns, t);
    int64_t done = 0;
    for (int64_t cell = -1; done < n; cell++) {
        const double origin = grid->first_x + (double)(cell < 0 ? 0 : cell) * grid->step_x;
        const double end = ceil(grid->first_x + (double)(cell + 1) * grid->step_x - x);
        const int64_t upto = cell >= grid->columns - 1 || end >= (double)n ? n : (int64_t)end;
        if (upto <= done) continue;
        const cubic c = cubic_of(line, grid->columns, cell);
        put_run(&c, (float)((x + (double)done - origin) / grid->step_x), (float)(1 / grid->step_x), upto - done, how,
                out + done);
        done = upto;
    }
}

/* ---- Nodes that do not fit ---- */

enum { MOST_NEIGHBOURS = 8, LEAST_JURY = 3 };

typedef struct neighbours {
    double y[MOST_NEIGHBOURS], x[MOST_NEIGHBOURS];
    int64_t count;
} neighbours;

static neighbours known_around(const field_grid *g, const field_nodes *nodes, int64_t row, int64_t column)
{
    neighbours near = {.count = 0};
    for (int64_t j = row - 1; j <= row + 1; j++)
        for (int64_t i = column - 1; i <= column + 1; i++) {
            const int64_t at = j * g->columns + i;
            if (j < 0 || i < 0 || j >= g->rows || i >= g->columns || (j == row && i == column)) continue;
            if (!nodes->is_known[at]) continue;
            near.y[near.count] = (double)nodes->y[at];
            near.x[near.count++] = (double)nodes->x[at];
        }
    return near;
}

static bool is_off(float value, double *others, int64_t n, float tolerance)
{
    const double middle = median_take(others, n), off = fabs((double)value - middle);
    for (int64_t i = 0; i < n; i++) others[i] = fabs(others[i] - middle);
    return off > (double)tolerance && off > 3 * 1.4826 * median_take(others, n);
}

static void forget_outliers(const field_grid *g, float tolerance, field_nodes *nodes, field_nodes *work)
{
    for (int64_t j = 0; j < g->rows; j++)
        for (int64_t i = 0; i < g->columns; i++) {
            const int64_t at = j * g->columns + i;
            neighbours near = known_around(g, nodes, j, i);
            work->is_known[at] = nodes->is_known[at];
            if (!nodes->is_known[at] || near.count < LEAST_JURY) continue;
            const bool off_y = is_off(nodes->y[at], near.y, near.count, tolerance),
                       off_x = is_off(nodes->x[at], near.x, near.count, tolerance);
            if (off_y || off_x) work->is_known[at] = 0;
        }
    memcpy(nodes->is_known, work->is_known, (size_t)(g->rows * g->columns));
}

static float mean_of(const double *values, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += values[i];
    return (float)(sum / (double)n);
}

/* One ring outwards; true if any became known. */
static bool grow(const field_grid *g, field_nodes *nodes, field_nodes *work)
{
    const int64_t n = g->rows * g->columns;
    bool grew = false;
    memset(work->is_known, 0, (size_t)n);
    for (int64_t at = 0; at < n; at++) {
        if (nodes->is_known[at]) continue;
        const neighbours near = known_around(g, nodes, at / g->columns, at % g->columns);
        if (near.count == 0) continue;
        work->y[at] = mean_of(near.y, near.count);
        work->x[at] = mean_of(near.x, near.count);
        work->is_known[at] = 1;
        grew = true;
    }
    for (int64_t at = 0; at < n; at++) {
        if (!work->is_known[at]) continue;
        nodes->y[at] = work->y[at];
        nodes->x[at] = work->x[at];
        nodes->is_known[at] = 1;
    }
    return grew;
}

int64_t field_mend(const field_grid *grid, float tolerance, field_nodes *nodes, field_nodes *work)
{
    const int64_t n = grid->rows * grid->columns;
    int64_t n_known = 0;
    forget_outliers(grid, tolerance, nodes, work);
    for (int64_t i = 0; i < n; i++) {
        n_known += nodes->is_known[i];
        if (!nodes->is_known[i]) nodes->y[i] = nodes->x[i] = 0;
    }
    while (grow(grid, nodes, work)) {
    }
    return n_known;
}
