/* SPDX-License-Identifier: BSD-3-Clause
 *
 * contour.c: four neighbouring pixels are the corners of a cell. Which of them lie above the level decides by which
 * edges lines enter and leave it (Lorensen and Cline 1987, in two dimensions). Where two opposite corners lie above,
 * the mean of the four decides what is connected.
 */
#include "movie/contour.h"

#include <string.h>

/* Edges: 0 top, 1 right, 2 bottom, 3 left. Corners: 1 upper left, 2 upper right, 4 lower right, 8 lower left. */
enum { NONE = 4 };

typedef struct field {
    const float *values;
    int64_t width, height;
    double level;
    uint8_t *marks; /* of each cell: edges of entry that were passed, a bit each */
} field;

typedef struct place {
    int64_t x, y; /* cell */
    uint8_t edge; /* of entry */
} place;

static bool is_number(float value)
{
    return value - value == 0;
}

/* 0 if there is no such cell, or a corner is missing. */
static uint8_t corners_above(const field *f, int64_t x, int64_t y, double *mean)
{
    if (x < 0 || y < 0 || x + 1 >= f->width || y + 1 >= f->height) return 0;
    const float *upper = f->values + y * f->width + x, *lower = upper + f->width;
    if (!is_number(upper[0]) || !is_number(upper[1]) || !is_number(lower[0]) || !is_number(lower[1])) return 0;
    *mean = ((double)upper[0] + (double)upper[1] + (double)lower[0] + (double)lower[1]) / 4;
    return (uint8_t)(((double)upper[0] > f->level) | ((double)upper[1] > f->level) << 1 |
                     ((double)lower[1] > f->level) << 2 | ((double)lower[0] > f->level) << 3);
}

/* The edge by which a line leaves that came in by edge `from`; NONE if none does. Saddles have two entries. */
static uint8_t way_through(const field *f, int64_t x, int64_t y, uint8_t from)
{
    static const uint8_t entries[16] = {NONE, 0, 1, 1, 2, NONE, 2, 2, 3, 0, NONE, 1, 3, 0, 3, NONE};
    static const uint8_t exits[16] = {NONE, 3, 0, 3, 1, NONE, 0, 3, 2, 2, NONE, 2, 1, 1, 0, NONE};
    double mean = 0;
    const uint8_t above = corners_above(f, x, y, &mean);
    const bool joined = mean > f->level;
    if (above == 5 && from % 2 == 0) return (uint8_t)(joined ? from + 1 : 3 - from);
    if (above == 10 && from % 2 == 1) return (uint8_t)(joined ? (from + 1) % 4 : from - 1);
    return above != 5 && above != 10 && entries[above] == from ? exits[above] : NONE;
}

static void neighbour(uint8_t edge, int64_t *x, int64_t *y)
{
    *x += edge == 1 ? 1 : edge == 3 ? -1 : 0;
    *y += edge == 2 ? 1 : edge == 0 ? -1 : 0;
}

/* Where the level lies on an edge of a cell. */
static void crossing(const field *f, int64_t x, int64_t y, uint8_t edge, double *at_x, double *at_y)
{
    const bool across = edge % 2 == 0;
    const int64_t x0 = x + (edge == 1), y0 = y + (edge == 2);
    const float *first = f->values + y0 * f->width + x0;
    const double a = (double)first[0], b = (double)first[across ? 1 : f->width], t = (f->level - a) / (b - a);
    *at_x = (double)x0 + (across ? t : 0);
    *at_y = (double)y0 + (across ? 0 : t);
}

static bool walk(const field *f, place at, contour_point_fn *add, void *user)
{
    double px, py;
    bool is_first = true;
    for (;; is_first = false) {
        uint8_t *mark = &f->marks[at.y * f->width + at.x];
        crossing(f, at.x, at.y, at.edge, &px, &py);
        if (!add(user, is_first, px, py)) return false;
        if (*mark >> at.edge & 1) return true; /* closed */
        *mark |= (uint8_t)(1 << at.edge);
        const uint8_t exit = way_through(f, at.x, at.y, at.edge);
        place next = {at.x, at.y, (uint8_t)((exit + 2) % 4)};
        neighbour(exit, &next.x, &next.y);
        if (way_through(f, next.x, next.y, next.edge) == NONE) { /* the edge of the image */
            crossing(f, at.x, at.y, exit, &px, &py);
            return add(user, false, px, py);
        }
        at = next;
    }
}

/* A line begins where nothing leads to it. */
static bool begins(const field *f, place at)
{
    int64_t x = at.x, y = at.y;
    double mean;
    neighbour(at.edge, &x, &y);
    return corners_above(f, x, y, &mean) == 0;
}

/* All corners lie on one side of the level. */
static bool is_passed_by(const field *f, int64_t x, int64_t y)
{
    const float *upper = f->values + y * f->width + x, *lower = upper + f->width;
    const bool above = (double)upper[0] > f->level;
    return ((double)upper[1] > f->level) == above && ((double)lower[0] > f->level) == above &&
           ((double)lower[1] > f->level) == above;
}

bool contour_trace(const float *values, int64_t width, int64_t height, double level, uint8_t *marks,
                   contour_point_fn *add, void *user)
{
    const field f = {values, width, height, level, marks};
    memset(marks, 0, (size_t)(width * height));
    for (int turn = 0; turn < 2; turn++) {
        for (int64_t y = 0; y + 1 < height; y++) {
            for (int64_t x = 0; x + 1 < width; x++) {
                if (is_passed_by(&f, x, y)) continue;
                for (uint8_t edge = 0; edge < 4; edge++) {
                    const place at = {x, y, edge};
                    if (marks[y * width + x] >> edge & 1) continue;
                    if (way_through(&f, x, y, edge) == NONE || (turn == 0 && !begins(&f, at))) continue;
                    if (!walk(&f, at, add, user)) return false;
                }
            }
        }
    }
    return true;
}
