/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template_tie.c: how the templates of different stretches lie to each other.
 */
#include "movie/motion_template_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 4 };

/* What shifts between templates are uncertain by even where both show the same, as a share of what noise makes of one
 * that has half of its power from it. */
#define FLOOR 0.1

/* What one strand of pairs works with; another strand has other memory. */
typedef struct strand {
    float *moved, *other, *ones, *target_scratch;
    match_target target;
} strand;

typedef struct tie_task {
    template_set *set;
    int64_t n_strands, n_pairs;
    const offset_pair *pairs; /* which templates; the rest is found */
    match *found;
} tie_task;

/* Slots of the sample, which is not needed any more, that a strand takes. */
static int64_t slots_of_strand(const template_set *set)
{
    enum { SPECTRA = 5 };
    return SPECTRA + (match_target_scratch_floats(&set->spec) + set->spectrum_floats - 1) / set->spectrum_floats;
}

/* Strand 0 has the memory that templates were learned with. */
static strand strand_of(const template_set *set, int64_t i)
{
    float *still = set->still;
    if (i == 0)
        return (strand){set->work,
                        set->work + set->spectrum_floats,
                        set->tapers,
                        set->target_scratch,
                        {still, still + set->spectrum_floats}};
    const int64_t first = (i - 1) * slots_of_strand(set);
    return (strand){template_slot(set, first),
                    template_slot(set, first + 1),
                    template_slot(set, first + 2),
                    template_slot(set, first + 5),
                    {template_slot(set, first + 3), template_slot(set, first + 4)}};
}

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
static match match_overlap(const template_set *set, strand *m, void *scratch, const stretch *a, const stretch *b,
                           double dy, double dx)
{
    match rest;
    clear_spectrum(set, m->moved);
    match_add_moved(set->m, a->sum, -dy, -dx, scratch, m->moved);
    match_taper_moved(set->m, set->taper, 0, 0, scratch, m->target_scratch, m->moved);
    copy_spectrum(set, b->sum, m->other);
    match_taper_moved(set->m, set->taper, -dy, -dx, scratch, m->target_scratch, m->other);
    clear_spectrum(set, m->ones); /* the tapers stay */
    m->ones[0] = (float)(match_spectrum_rows(&set->spec) * 2 * (match_spectrum_columns(&set->spec) - 1));
    match_set_target(set->m, m->other, m->ones, m->target_scratch, &m->target);
    match_find(set->m, m->moved, &m->target, scratch, &rest);
    return rest;
}

/* How a lies over b; peak: how alike they are where both are. */
static match match_templates(const template_set *set, strand *memory, void *scratch, const stretch *a, const stretch *b)
{
    match m;
    copy_spectrum(set, a->sum, memory->moved);
    match_find_far(set->m, memory->moved, &b->target, scratch, &m);
    for (int round = 0; round < ROUNDS; round++) {
        const match rest = match_overlap(set, memory, scratch, a, b, m.dy, m.dx);
        m.peak = rest.peak;
        if (rest.is_at_limit) break;
        m.dy += rest.dy;
        m.dx += rest.dx;
    }
    return m;
}

static void match_pairs(void *user, int64_t i, int64_t worker)
{
    const tie_task *task = user;
    const template_set *set = task->set;
    strand memory = strand_of(set, i);
    for (int64_t p = i; p < task->n_pairs; p += task->n_strands)
        task->found[p] = match_templates(set, &memory, set->workers[worker].scratch,
                                         &set->stretches[task->pairs[p].from], &set->stretches[task->pairs[p].to]);
}

/* One over the variance of a shift, but for a factor. */
static double trust_in(const match *m)
{
    const double alike = fmax(m->peak, 0) * fmax(m->peak, 0);
    return alike / (1 + FLOOR - alike);
}

/* Every pair by itself, on as many workers as there is memory for. */
static void match_all(template_set *set, const offset_pair *pairs, int64_t n, match *found)
{
    const int64_t most = 1 + set->n_slots / slots_of_strand(set);
    tie_task task = {.set = set,
                     .n_strands = set->n_workers < most ? set->n_workers : most,
                     .n_pairs = n,
                     .pairs = pairs,
                     .found = found};
    lmp_run_jobs(set->budget, task.n_strands, match_pairs, &task);
}

lmp_status template_tie(template_set *set, lmp_error *err)
{
    offset_pair pairs_y[MOTION_MOST_STRETCHES * MOTION_MOST_STRETCHES],
        pairs_x[MOTION_MOST_STRETCHES * MOTION_MOST_STRETCHES];
    double y[MOTION_MOST_STRETCHES], x[MOTION_MOST_STRETCHES];
    int64_t n = 0;
    if (set->n_stretches < 2 || set->given != NULL) return LMP_OK;
    for (int64_t a = 0; a < set->n_stretches; a++)
        for (int64_t b = a + 1; b < set->n_stretches; b++) pairs_y[n++] = (offset_pair){.from = a, .to = b};
    match *found = calloc((size_t)n, sizeof *found);
    if (found == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for templates");
    match_all(set, pairs_y, n, found);
    for (int64_t p = 0; p < n; p++) {
        const int64_t a = pairs_y[p].from, b = pairs_y[p].to;
        const double trust = trust_in(&found[p]);
        pairs_y[p] = (offset_pair){a, b, -found[p].dy, trust};
        pairs_x[p] = (offset_pair){a, b, -found[p].dx, trust};
    }
    free(found);
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
    return LMP_OK;
}
