/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_stripes.c: sums down the columns slide from line to line; medians are taken along the lines.
 */
#include "math/image_stripes.h"

#include "kernels/stripe_lines.h"
#include "math/image_smooth.h"
#include "math/median.h"

#include <stdbool.h>
#include <string.h>

/* What is known of each column while the window slides down. */
typedef struct columns {
    int64_t lines, width, window; /* window: never more than lines */
    double *sums, *moments;       /* of values; of values times their line, from the middle of the window */
    double *missing;              /* how many are */
    double *rests, *near;         /* of one line; those near its median */
} columns;

size_t line_offsets_scratch(int64_t lines, int64_t width)
{
    return (size_t)(5 * width + lines) * sizeof(double);
}

static columns columns_of(int64_t lines, int64_t width, int64_t window, double *memory)
{
    columns c = {.lines = lines, .width = width, .window = window < lines ? window : lines};
    if (c.window % 2 == 0) c.window--;
    c.sums = memory;
    c.moments = c.sums + width;
    c.missing = c.moments + width;
    c.rests = c.missing + width;
    c.near = c.rests + width;
    return c;
}

static int64_t clamp(int64_t at, int64_t low, int64_t high)
{
    return at < low ? low : at > high ? high : at;
}

/* ---- Medians ------------------------------------------------------------------------------------------------- */

enum { SAMPLE = 24, MARGIN = 5, FEW = 120 }; /* MARGIN: in the sorted sample, two standard deviations of a rank */

static void sort_few(double *values, int n)
{
    for (int i = 1; i < n; i++) {
        const double value = values[i];
        int at = i;
        for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
        values[at] = value;
    }
}

/* Two values that a sample says the one of rank `rank` of n lies between, mostly. */
static void guess_bounds(const double *values, int64_t n, int64_t rank, double *low, double *high)
{
    double sample[SAMPLE];
    for (int i = 0; i < SAMPLE; i++) sample[i] = values[i * n / SAMPLE];
    sort_few(sample, SAMPLE);
    const int64_t at = rank * SAMPLE / n;
    *low = sample[clamp(at - MARGIN, 0, SAMPLE - 1)];
    *high = sample[clamp(at + MARGIN, 0, SAMPLE - 1)];
}

/* Those from `low` to `high`, in their order; `to` has room for all, and may be `values`. No branch: it would be
 * guessed wrong too often. */
static void gather(const double *values, int64_t n, double low, double high, double *to)
{
    for (int64_t i = 0, k = 0; i < n; i++) {
        const double value = values[i];
        to[k] = value;
        k += (value >= low) & (value <= high);
    }
}

/* As median_take(). Where the values are many, only those between bounds around the median are looked at again, as long
 * as the bounds hold; `near` has room for all. */
static double median_of_line(double *values, int64_t n, double *near)
{
    const bool is_even = n % 2 == 0;
    int64_t rank = n / 2;
    while (n > FEW) {
        double low, high;
        guess_bounds(values, n, rank, &low, &high);
        const stripe_counts counts = stripe_count(values, n, low, high);
        if (counts.below > rank - is_even || counts.up_to <= rank) break;
        if (low == high) return low;
        if (counts.up_to - counts.below == n) break;
        gather(values, n, low, high, near);
        values = near;
        n = counts.up_to - counts.below;
        rank -= counts.below;
    }
    if (n == 0) return 0;
    const double upper = median_select(values, n, rank);
    if (!is_even) return upper;
    double lower = values[0];
    for (int64_t i = 1; i < rank; i++) lower = values[i] > lower ? values[i] : lower;
    return (lower + upper) / 2;
}

/* Of what is not NaN. */
static double median_of_rests(const columns *c, bool has_missing)
{
    int64_t n = c->width;
    if (has_missing) {
        n = 0;
        for (int64_t x = 0; x < c->width; x++)
            if (c->rests[x] == c->rests[x]) c->rests[n++] = c->rests[x];
    }
    return median_of_line(c->rests, n, c->near);
}

/* ---- What a line has above its neighbours -------------------------------------------------------------------- */

static double above_neighbours(const float *in, const columns *c, int64_t y, bool has_missing)
{
    const float *first = in + clamp(y - 1, 0, c->lines - 3) * c->width;
    const float *const three[] = {first, first + c->width, first + 2 * c->width};
    stripe_above_middle(in + y * c->width, three, c->width, c->rests);
    return median_of_rests(c, has_missing);
}

/* ---- What it has above straight lines through the window ------------------------------------------------------ */

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
static stripe_columns background_of(const columns *c, double away)
{
    const double n = (double)c->window, squares = n * (n * n - 1) / 12;
    return (stripe_columns){c->sums, c->missing, c->moments, .share = 1 / n, .tilt = away / squares};
}

static stripe_line line_of(const columns *c, const float *in, const double *less, int64_t y)
{
    return (stripe_line){in + y * c->width, less[y]};
}

static void find_offsets(const columns *c, const float *in, const double *less, bool has_missing, double *offsets)
{
    const stripe_columns level = background_of(c, 0);
    memset(c->sums, 0, (size_t)c->width * sizeof *c->sums);
    memset(c->missing, 0, (size_t)c->width * sizeof *c->missing);
    for (int64_t y = 0; y < c->window; y++) {
        const stripe_line enters = line_of(c, in, less, y);
        stripe_slide(&level, NULL, &enters, c->width);
    }
    find_moments(c, in, less, 0);
    int64_t first = 0;
    for (int64_t y = 0; y < c->lines; y++) {
        const int64_t begins = clamp(y - c->window / 2, 0, c->lines - c->window);
        if (begins > first) {
            const stripe_line leaves = line_of(c, in, less, first), enters = line_of(c, in, less, first + c->window);
            stripe_slide(&level, &leaves, &enters, c->width);
            first = begins;
            if (first == c->lines - c->window) find_moments(c, in, less, first);
        }
        const stripe_columns here = background_of(c, (double)(y - first - c->window / 2));
        stripe_above_columns(&here, in + y * c->width, c->width, c->rests);
        offsets[y] = median_of_rests(c, has_missing);
    }
}

void line_offsets(const float *in, int64_t lines, int64_t width, int64_t window, void *scratch, double *offsets)
{
    double *less = scratch, mean = 0;
    const columns c = columns_of(lines, width, window, less + lines);
    const bool has_missing = image_count_missing(in, lines * width) > 0;
    for (int64_t y = 0; y < lines; y++) less[y] = above_neighbours(in, &c, y, has_missing);
    find_offsets(&c, in, less, has_missing, offsets);
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
