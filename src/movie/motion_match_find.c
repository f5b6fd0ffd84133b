/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_match_find.c: the best match.
 */
#include "movie/motion_match.h"

#include "movie/motion_match_inside.h"
#include "movie/motion_peak.h"

#include <math.h>
#include <stdlib.h>

#define MOST_RATIO 99.0

/* A correlation around zero shift: place (y, x), negative ones from the far end. */
typedef struct surface {
    const float *values;
    int64_t height, width;
} surface;

static float value_at(const surface *c, int64_t y, int64_t x)
{
    return c->values[(y < 0 ? y + c->height : y) * c->width + (x < 0 ? x + c->width : x)];
}

typedef struct place {
    int64_t y, x;
    float value;
} place;

static void take_run(const float *row, int64_t first, int64_t count, int64_t y, int64_t x_of_first, place *best)
{
    for (int64_t i = 0; i < count; i++)
        if (row[first + i] > best->value) *best = (place){y, x_of_first + i, row[first + i]};
}

/* Highest value within reach, outside the box of `away` around `except` (NULL: anywhere). */
static place find_highest(const surface *c, int64_t reach_y, int64_t reach_x, const place *except, int64_t away)
{
    place best = {.value = -INFINITY};
    for (int64_t y = -reach_y; y <= reach_y; y++) {
        const float *row = c->values + (y < 0 ? y + c->height : y) * c->width;
        int64_t left_end = reach_x + 1, right_first = reach_x + 1; /* of x: [-reach, left_end), [right_first, reach] */
        if (except != NULL && llabs(y - except->y) <= away) {
            left_end = except->x - away;
            right_first = except->x + away + 1;
        }
        /* Negative shifts lie at the end of the row. */
        const int64_t below_zero = left_end < 0 ? left_end : 0;
        take_run(row, c->width - reach_x, below_zero + reach_x, y, -reach_x, &best);
        take_run(row, 0, left_end, y, 0, &best);
        if (right_first < 0) take_run(row, c->width + right_first, -right_first, y, right_first, &best);
        const int64_t from = right_first > 0 ? right_first : 0;
        take_run(row, from, reach_x + 1 - from, y, from, &best);
    }
    return best;
}

static void refine(const surface *c, const place *at, double *dy, double *dx)
{
    float values[9];
    for (int i = 0; i < 9; i++) values[i] = value_at(c, at->y + i / 3 - 1, at->x + i % 3 - 1);
    peak_refine(values, dy, dx);
}

/* Values within reach of no shift, less the energy there. */
static void subtract_energy(const float *energy, int64_t height, int64_t width, int64_t reach_y, int64_t reach_x,
                            float *values)
{
    for (int64_t y = -reach_y; y <= reach_y; y++) {
        const int64_t row = (y < 0 ? y + height : y) * width;
        for (int64_t x = 0; x <= reach_x; x++) values[row + x] -= energy[row + x];
        for (int64_t x = width - reach_x; x < width; x++) values[row + x] -= energy[row + x];
    }
}

static void find_within(const matcher *m, float *spectrum, const match_target *target, const fft2_plan *plan,
                        int64_t reach_y, int64_t reach_x, void *scratch, match *found)
{
    float *values = piece(scratch, m->pieces.image);
    const surface c = {values, m->height, m->width};
    const double power = cross_spectrum(&m->filter, spectrum, target->spectrum), n = (double)(m->height * m->width);
    fft2_inverse(plan, spectrum, values, piece(scratch, m->pieces.fft));
    subtract_energy(target->energy, m->height, m->width, reach_y + 1, reach_x + 1, values);
    const place best = find_highest(&c, reach_y, reach_x, NULL, 0);
    const place second = find_highest(&c, reach_y, reach_x, &best, m->away);
    double dy, dx;
    refine(&c, &best, &dy, &dx);
    *found = (match){.dy = ((double)best.y + dy) * (double)m->spec.binning,
                     .dx = ((double)best.x + dx) * (double)m->spec.binning,
                     .peak = power > 0 ? fmin(1, (double)best.value / sqrt(power)) : 0,
                     .ratio = second.value > 0 ? fmin(MOST_RATIO, (double)(best.value / second.value)) : MOST_RATIO,
                     .power = power / (n * n),
                     .is_at_limit = llabs(best.y) == reach_y || llabs(best.x) == reach_x};
}

const float *match_correlate(const matcher *m, float *spectrum, const float *target, void *scratch, double *power)
{
    float *values = piece(scratch, m->pieces.image);
    *power = cross_spectrum(&m->filter, spectrum, target);
    fft2_inverse(m->near, spectrum, values, piece(scratch, m->pieces.fft));
    return values;
}

void match_find(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found)
{
    find_within(m, spectrum, target, m->near, m->reach_y, m->reach_x, scratch, found);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void match_find_wide(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found)
{
    find_within(m, spectrum, target, m->far, smaller(2 * m->reach_y, m->rows / 2 - 2),
                smaller(2 * m->reach_x, m->columns / 2 - 2), scratch, found);
}

void match_find_far(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found)
{
    find_within(m, spectrum, target, m->far, m->rows / 2 - 2, m->columns / 2 - 2, scratch, found);
}
