/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_stripes.c: sums down the columns slide from line to line; medians are taken along the lines.
 */
#include "math/image_stripes.h"

#include "math/median.h"

#include <stdbool.h>
#include <string.h>

/* What is known of each column while the window slides down. */
typedef struct columns {
    int64_t lines, width, window; /* window: never more than lines */
    double *sums, *moments;       /* of values; of values times their line, from the middle of the window */
    double *rests;                /* of one line */
    int32_t *missing;
} columns;

size_t line_offsets_scratch(int64_t lines, int64_t width)
{
    return (size_t)(3 * width + lines) * sizeof(double) + (size_t)width * sizeof(int32_t);
}

static columns columns_of(int64_t lines, int64_t width, int64_t window, double *memory)
{
    columns c = {.lines = lines, .width = width, .window = window < lines ? window : lines};
    if (c.window % 2 == 0) c.window--;
    c.sums = memory;
    c.moments = c.sums + width;
    c.rests = c.moments + width;
    c.missing = (int32_t *)(c.rests + width);
    return c;
}

static bool is_missing(float x)
{
    return !(x - x == 0);
}

static int64_t clamp(int64_t at, int64_t low, int64_t high)
{
    return at < low ? low : at > high ? high : at;
}

static float middle_of_three(float a, float b, float c)
{
    const float low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c < high ? c : high;
}

/* ---- What a line has above its neighbours -------------------------------------------------------------------- */

static double above_neighbours(const float *in, const columns *c, int64_t y)
{
    const float *line = in + y * c->width, *a = in + clamp(y - 1, 0, c->lines - 3) * c->width, *b = a + c->width,
                *d = b + c->width;
    int64_t n = 0;
    for (int64_t x = 0; x < c->width; x++)
        if (!is_missing(a[x] + b[x] + d[x]))
            c->rests[n++] = (double)line[x] - (double)middle_of_three(a[x], b[x], d[x]);
    return median_take(c->rests, n);
}

/* ---- What it has above straight lines through the window ------------------------------------------------------ */

/* Takes a line into the sums (`sign` 1) or out of them (-1). */
static void slide(const columns *c, const float *line, double less, int32_t sign)
{
    for (int64_t x = 0; x < c->width; x++) {
        const bool missing = is_missing(line[x]);
        c->sums[x] += missing ? 0 : sign * ((double)line[x] - less);
        c->missing[x] += missing ? sign : 0;
    }
}

/* For windows that begin at line `first` and serve several lines. */
static void find_moments(const columns *c, const float *in, const double *less, int64_t first)
{
    const double middle = (double)(c->window / 2);
    memset(c->moments, 0, (size_t)c->width * sizeof *c->moments);
    for (int64_t k = 0; k < c->window; k++) {
        const float *line = in + (first + k) * c->width;
        for (int64_t x = 0; x < c->width; x++)
            c->moments[x] += ((double)k - middle) * ((double)line[x] - less[first + k]);
    }
}

/* `away`: how far the line is from the middle of the window. */
static double above_background(const columns *c, const float *line, double away)
{
    const double n = (double)c->window, squares = n * (n * n - 1) / 12;
    int64_t count = 0;
    for (int64_t x = 0; x < c->width; x++) {
        if (c->missing[x] > 0) continue;
        const double slope = away == 0 ? 0 : c->moments[x] / squares;
        c->rests[count++] = (double)line[x] - (c->sums[x] / n + slope * away);
    }
    return median_take(c->rests, count);
}

static void find_offsets(const columns *c, const float *in, const double *less, double *offsets)
{
    memset(c->sums, 0, (size_t)c->width * sizeof *c->sums);
    memset(c->missing, 0, (size_t)c->width * sizeof *c->missing);
    for (int64_t y = 0; y < c->window; y++) slide(c, in + y * c->width, less[y], 1);
    find_moments(c, in, less, 0);
    int64_t first = 0;
    for (int64_t y = 0; y < c->lines; y++) {
        const int64_t begins = clamp(y - c->window / 2, 0, c->lines - c->window);
        if (begins > first) {
            slide(c, in + first * c->width, less[first], -1);
            slide(c, in + (first + c->window) * c->width, less[first + c->window], 1);
            first = begins;
            if (first == c->lines - c->window) find_moments(c, in, less, first);
        }
        offsets[y] = above_background(c, in + y * c->width, (double)(y - first - c->window / 2));
    }
}

void line_offsets(const float *in, int64_t lines, int64_t width, int64_t window, void *scratch, double *offsets)
{
    double *less = scratch, mean = 0;
    const columns c = columns_of(lines, width, window, less + lines);
    for (int64_t y = 0; y < lines; y++) less[y] = above_neighbours(in, &c, y);
    find_offsets(&c, in, less, offsets);
    for (int64_t y = 0; y < lines; y++) mean += offsets[y];
    for (int64_t y = 0; y < lines; y++) offsets[y] -= mean / (double)lines;
}

/* ---- Turning -------------------------------------------------------------------------------------------------- */

void image_transpose(const float *from, int64_t height, int64_t width, float *to)
{
    enum { TILE = 16 };
    for (int64_t y0 = 0; y0 < height; y0 += TILE)
        for (int64_t x0 = 0; x0 < width; x0 += TILE)
            for (int64_t y = y0; y < height && y < y0 + TILE; y++)
                for (int64_t x = x0; x < width && x < x0 + TILE; x++) to[x * height + y] = from[y * width + x];
}
