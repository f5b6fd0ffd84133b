/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_pair.c: how one image lies over another.
 */
#include "movie/motion_pair.h"

#include <math.h>

enum { LINE_FLOATS = 16, LANES = 8, MOST_CANDIDATES = 64, STRETCH = 2048 };

/* Bound of the error of a correlation by transforms in single precision, as a part of the largest that is possible.
 * Up to 6e-7 was seen, of frames that are one steep ramp. */
static const double TRANSFORM_ERROR = 2e-6;

typedef struct position {
    int64_t y, x;
} position;

typedef struct candidates {
    position at[MOST_CANDIDATES];
    float values[MOST_CANDIDATES];
    int64_t count;
} candidates;

static int64_t whole_lines(int64_t floats)
{
    return (floats + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
}

int64_t pair_image_floats(int64_t height, int64_t width)
{
    return whole_lines(height * width);
}

int64_t pair_spectrum_floats(int64_t height, int64_t width)
{
    return whole_lines(fft2_spectrum_floats(height, width));
}

/* The product of spectra, the correlation, the highest value of each of its rows, and what the transforms need. */
size_t pair_scratch_bytes(int64_t height, int64_t width)
{
    const int64_t floats = pair_spectrum_floats(height, width) + pair_image_floats(height, width) + whole_lines(height);
    return (size_t)floats * sizeof(float) + fft2_scratch_bytes(height, width);
}

/* Whole numbers stay whole: what is taken off them is. */
static float level_to_take(const motion_image *image, int64_t n)
{
    const double level = motion_image_level(image, n);
    return (float)(image->type == LMP_FLOAT32 ? level : rint(level));
}

/* Adds the squares to `lanes`, in turn. */
static void take_off(float *values, int64_t n, float level, double *lanes)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int64_t lane = 0; lane < LANES; lane++) {
            const float x = values[i + lane] - level;
            values[i + lane] = x;
            lanes[lane] += (double)x * (double)x;
        }
    }
    for (; i < n; i++) {
        values[i] -= level;
        lanes[i % LANES] += (double)values[i] * (double)values[i];
    }
}

/* In stretches that stay in cache. */
void pair_prepare(const pair_plan *plan, const motion_image *image, pair_image *made, void *scratch)
{
    const int64_t n = plan->height * plan->width;
    const float level = level_to_take(image, n);
    double lanes[LANES] = {0};
    for (int64_t from = 0; from < n; from += STRETCH) {
        const int64_t count = n - from < STRETCH ? n - from : STRETCH;
        motion_image_load(image, from, count, made->image + from);
        take_off(made->image + from, count, level, lanes);
    }
    made->energy = 0;
    for (int64_t lane = 0; lane < LANES; lane++) made->energy += lanes[lane];
    fft2_forward(plan->transforms, made->image, plan->height, plan->width, plan->width, made->spectrum, scratch);
}

/* ---- The correlation by transforms ---- */

static void multiply(const float *source, const float *target, int64_t n_floats, float *product)
{
    for (int64_t i = 0; i + 1 < n_floats; i += 2) {
        const float a = source[i], b = source[i + 1], c = target[i], d = target[i + 1];
        product[i] = a * c + b * d;
        product[i + 1] = b * c - a * d;
    }
}

static float highest_of(const float *values, int64_t n)
{
    float lanes[LANES], highest = -INFINITY;
    for (int64_t lane = 0; lane < LANES; lane++) lanes[lane] = -INFINITY;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int64_t lane = 0; lane < LANES; lane++)
            lanes[lane] = values[i + lane] > lanes[lane] ? values[i + lane] : lanes[lane];
    for (; i < n; i++) highest = values[i] > highest ? values[i] : highest;
    for (int64_t lane = 0; lane < LANES; lane++) highest = lanes[lane] > highest ? lanes[lane] : highest;
    return highest;
}

/* Replaces the lowest one, the last of equal ones, if there is no room. Keeps them in the order of rows. */
static void add_candidate(candidates *c, position at, float value)
{
    if (c->count == MOST_CANDIDATES) {
        int64_t lowest = 0;
        for (int64_t i = 1; i < c->count; i++)
            if (c->values[i] <= c->values[lowest]) lowest = i;
        if (c->values[lowest] >= value) return;
        c->count--;
        for (int64_t i = lowest; i < c->count; i++) {
            c->at[i] = c->at[i + 1];
            c->values[i] = c->values[i + 1];
        }
    }
    c->at[c->count] = at;
    c->values[c->count++] = value;
}

/* All places that may hold the highest value, given that each value may be wrong by `error`. */
static void find_candidates(const pair_plan *plan, const float *correlation, double error, float *row_highest,
                            candidates *found)
{
    const int64_t width = plan->width;
    for (int64_t y = 0; y < plan->height; y++) row_highest[y] = highest_of(correlation + y * width, width);
    const double bar = (double)highest_of(row_highest, plan->height) - 2 * error;
    found->count = 0;
    for (int64_t y = 0; y < plan->height; y++) {
        if ((double)row_highest[y] < bar) continue;
        for (int64_t x = 0; x < width; x++)
            if ((double)correlation[y * width + x] >= bar)
                add_candidate(found, (position){y, x}, correlation[y * width + x]);
    }
}

/* ---- Single values of it, in double precision ---- */

static double dot(const float *a, const float *b, int64_t n)
{
    double lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int64_t lane = 0; lane < LANES; lane++) lanes[lane] += (double)a[i + lane] * (double)b[i + lane];
    for (; i < n; i++) sum += (double)a[i] * (double)b[i];
    for (int64_t lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

/* c(p), p modulo the size. */
static double correlation_at(const pair_plan *plan, const float *source, const float *target, position p)
{
    const int64_t height = plan->height, width = plan->width;
    const int64_t py = (p.y + height) % height, px = (p.x + width) % width;
    double sum = 0;
    for (int64_t y = 0; y < height; y++) {
        const float *from = source + (y + py) % height * width, *to = target + y * width;
        sum += dot(from + px, to, width - px) + dot(from, to + width - px, px);
    }
    return sum;
}

static position best_of(const pair_plan *plan, const float *source, const float *target, const candidates *c,
                        double *value)
{
    int64_t best = 0;
    *value = correlation_at(plan, source, target, c->at[0]);
    for (int64_t i = 1; i < c->count; i++) {
        const double other = correlation_at(plan, source, target, c->at[i]);
        if (other <= *value) continue;
        *value = other;
        best = i;
    }
    return c->at[best];
}

/* What moves the source back by `place`, refined, along an axis of n pixels. */
static double refine(int64_t place, int64_t n, double before, double here, double after)
{
    const double bend = before - 2 * here + after;
    const double refined = (double)place + (bend != 0 ? 0.5 * (before - after) / bend : 0);
    return -(refined > (double)(n / 2) ? refined - (double)n : refined);
}

void pair_register(const pair_plan *plan, const pair_image *source, const pair_image *target, void *scratch,
                   double shift[2])
{
    const int64_t height = plan->height, width = plan->width;
    float *product = scratch, *correlation = product + pair_spectrum_floats(height, width);
    float *row_highest = correlation + pair_image_floats(height, width);
    const double largest = sqrt(source->energy * target->energy);
    shift[0] = shift[1] = 0;
    if (!(largest > 0)) return;

    multiply(source->spectrum, target->spectrum, fft2_spectrum_floats(height, width), product);
    fft2_inverse(plan->transforms, product, correlation, row_highest + whole_lines(height));
    const double error = TRANSFORM_ERROR * largest * (double)(height * width);
    candidates found = {0};
    find_candidates(plan, correlation, error, row_highest, &found);

    const float *s = source->image, *t = target->image;
    double here;
    const position p = best_of(plan, s, t, &found, &here);
    const position up = {p.y - 1, p.x}, down = {p.y + 1, p.x}, left = {p.y, p.x - 1}, right = {p.y, p.x + 1};
    shift[0] = refine(p.y, height, correlation_at(plan, s, t, up), here, correlation_at(plan, s, t, down));
    shift[1] = refine(p.x, width, correlation_at(plan, s, t, left), here, correlation_at(plan, s, t, right));
}
