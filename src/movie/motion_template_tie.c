/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template_tie.c: how the templates of different stretches lie to each other.
 */
#include "movie/motion_template_inside.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 4 };

/* What shifts between templates are uncertain by even where both show the same, as a share of what noise makes of one
 * that has half of its power from it. */
#define FLOOR 0.1

static void copy_spectrum(const template_set *set, const float *from, float *to)
{
    memcpy(to, from, (size_t)set->spectrum_floats * sizeof *to);
}

static void clear_spectrum(const template_set *set, float *spectrum)
{
    memset(spectrum, 0, (size_t)set->spectrum_floats * sizeof *spectrum);
}

/* What is left between a, moved by (-dy, -dx), and b, both under the tapers of both, so that what one of them has alone
 * plays no part. Where this is 0, nothing pulls it anywhere. */
static match match_overlap(template_set *set, const stretch *a, const stretch *b, double dy, double dx)
{
    float *moved = set->work, *other = moved + set->spectrum_floats, *ones = set->tapers;
    match_target target = {set->still, set->still + set->spectrum_floats};
    match rest;
    clear_spectrum(set, moved);
    match_add_moved(set->m, a->sum, -dy, -dx, set->scratch, moved);
    match_taper_moved(set->m, set->taper, 0, 0, set->scratch, set->target_scratch, moved);
    copy_spectrum(set, b->sum, other);
    match_taper_moved(set->m, set->taper, -dy, -dx, set->scratch, set->target_scratch, other);
    clear_spectrum(set, ones); /* the tapers stay */
    ones[0] = (float)(match_spectrum_rows(&set->spec) * 2 * (match_spectrum_columns(&set->spec) - 1));
    match_set_target(set->m, other, ones, set->target_scratch, &target);
    match_find(set->m, moved, &target, set->scratch, &rest);
    return rest;
}

/* How a lies over b; peak: how alike they are where both are. */
static match match_templates(template_set *set, const stretch *a, const stretch *b)
{
    match m;
    copy_spectrum(set, a->sum, set->work);
    match_find_far(set->m, set->work, &b->target, set->scratch, &m);
    for (int round = 0; round < ROUNDS; round++) {
        const match rest = match_overlap(set, a, b, m.dy, m.dx);
        m.peak = rest.peak;
        if (rest.is_at_limit) break;
        m.dy += rest.dy;
        m.dx += rest.dx;
    }
    return m;
}

/* One over the variance of a shift, but for a factor. */
static double trust_in(const match *m)
{
    const double alike = fmax(m->peak, 0) * fmax(m->peak, 0);
    return alike / (1 + FLOOR - alike);
}

void template_tie(template_set *set)
{
    offset_pair pairs_y[MOTION_MOST_STRETCHES * MOTION_MOST_STRETCHES],
        pairs_x[MOTION_MOST_STRETCHES * MOTION_MOST_STRETCHES];
    double y[MOTION_MOST_STRETCHES], x[MOTION_MOST_STRETCHES];
    int64_t n = 0;
    if (set->n_stretches < 2 || set->given != NULL) return;
    for (int64_t a = 0; a < set->n_stretches; a++)
        for (int64_t b = a + 1; b < set->n_stretches; b++) {
            const match m = match_templates(set, &set->stretches[a], &set->stretches[b]);
            pairs_y[n] = (offset_pair){a, b, -m.dy, trust_in(&m)};
            pairs_x[n++] = (offset_pair){a, b, -m.dx, trust_in(&m)};
        }
    motion_offsets(pairs_y, n, set->n_stretches, y);
    motion_offsets(pairs_x, n, set->n_stretches, x);
    for (int64_t k = 0; k < set->n_stretches; k++) {
        set->stretches[k].offset_y = y[k];
        set->stretches[k].offset_x = x[k];
    }
    for (int64_t p = 0; p < n; p++) /* neighbours in time */
        if (pairs_y[p].to == pairs_y[p].from + 1)
            set->worst_tie = fmax(set->worst_tie, hypot(y[pairs_y[p].from] - y[pairs_y[p].to] - pairs_y[p].shift,
                                                        x[pairs_x[p].from] - x[pairs_x[p].to] - pairs_x[p].shift));
}
