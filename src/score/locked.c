/* SPDX-License-Identifier: BSD-3-Clause
 *
 * locked.c: mean epochs on several grids at once, and the swing of each epoch.
 *
 * Every sum grows in the order of time, so it does not depend on the blocks in which samples arrive.
 */
#include "score/locked.h"

#include "score/metrics.h"

#include <math.h>
#include <string.h>

enum { FIRST_TURNS = 10, TURNS = 10, FEWEST_EPOCHS = 4 };

typedef struct window_list {
    int64_t *starts; /* first sample of each window */
    int64_t count;
} window_list;

struct locked {
    int64_t length;      /* samples of an epoch */
    int64_t period;      /* samples, rounded up */
    window_list epochs;  /* those in the mean */
    double *fine_starts; /* the same, in samples, not rounded */
    double period_samples;
    int64_t first_turns, n_turns;    /* grids +-first_turns, +-(first_turns + 1), ... */
    window_list windows[SCAN_PARTS]; /* for the swings */
};

typedef struct extent {
    float lowest, highest;
} extent;

struct locked_lane {
    double *sums;     /* n_grids x length */
    int64_t *cursors; /* n_grids: no window before it is still open */
    extent *extents[SCAN_PARTS];
    int64_t extent_cursors[SCAN_PARTS];
};

/* ---- Grids ---- */

/* Stretches must come with ascending `first`; *at is the span that the last one was found in. */
static bool fits_scan(const span_list *spans, int64_t *at, int64_t first, int64_t end)
{
    while (*at < spans->count && spans->all[*at].first + spans->all[*at].count <= first) ++*at;
    if (*at == spans->count) return false;
    const span *s = &spans->all[*at];
    return s->part == PART_SCAN && first >= s->first && end <= s->first + s->count;
}

/* Every epoch in the scan has a swing; in the mean are those that stay in the scan when shifted by half a period. */
static void pick_epochs(locked *l, const locked_options *o)
{
    const int64_t half = l->period / 2 + 1;
    int64_t at = 0, at_shifted = 0;
    for (int64_t i = 0; i < o->n_epochs; i++) {
        const double start = o->onset_s[i] * o->rate_hz;
        const int64_t first = (int64_t)llround(start);
        if (fits_scan(o->spans, &at, first, first + l->length))
            l->windows[PART_SCAN].starts[l->windows[PART_SCAN].count++] = first;
        if (!fits_scan(o->spans, &at_shifted, first - half, first + half + l->length)) continue;
        l->fine_starts[l->epochs.count] = start;
        l->epochs.starts[l->epochs.count++] = first;
    }
}

static int64_t count_free_windows(const span_list *spans, int64_t length)
{
    int64_t n = 0;
    for (int64_t i = 0; i < spans->count; i++)
        if (spans->all[i].part == PART_FREE) n += spans->all[i].count / length;
    return n;
}

static void pick_free_windows(locked *l, const span_list *spans)
{
    window_list *list = &l->windows[PART_FREE];
    for (int64_t i = 0; i < spans->count; i++) {
        const span *s = &spans->all[i];
        for (int64_t k = 0; s->part == PART_FREE && k < s->count / l->length; k++)
            list->starts[list->count++] = s->first + k * l->length;
    }
}

/* With few epochs there are few grids that differ. */
static void choose_turns(locked *l)
{
    const int64_t n = l->epochs.count;
    l->first_turns = n / 20 < 1 ? 1 : n / 20 < FIRST_TURNS ? n / 20 : FIRST_TURNS;
    const int64_t room = (n - 1) / 2 - l->first_turns + 1;
    l->n_turns = room < 0 ? 0 : room < TURNS ? room : TURNS;
}

lmp_status locked_open(const locked_options *options, lmp_budget *budget, locked **made, lmp_error *err)
{
    const int64_t length = (int64_t)llround(options->length_s * options->rate_hz);
    if (length < 2 || !(options->period_s > 0))
        return lmp_fail(err, LMP_ERR_INPUT, "epochs of %g s at %g Hz are too short to be averaged", options->length_s,
                        options->rate_hz);
    const int64_t n_free = count_free_windows(options->spans, length);
    const size_t bytes = sizeof(locked) + (size_t)(3 * options->n_epochs + n_free) * sizeof(int64_t);
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, bytes, &memory, err);
    if (status != LMP_OK) return status;
    locked *l = memory;
    l->length = length;
    l->period_samples = options->period_s * options->rate_hz;
    l->period = (int64_t)ceil(l->period_samples);
    l->epochs.starts = (int64_t *)(void *)(l + 1);
    l->windows[PART_SCAN].starts = l->epochs.starts + options->n_epochs;
    l->windows[PART_FREE].starts = l->windows[PART_SCAN].starts + options->n_epochs;
    l->fine_starts = (double *)(void *)(l->windows[PART_FREE].starts + n_free);
    pick_epochs(l, options);
    pick_free_windows(l, options->spans);
    if (options->with_null) choose_turns(l);
    *made = l;
    return LMP_OK;
}

void locked_close(locked *l, lmp_budget *budget)
{
    lmp_give(budget, l);
}

int64_t locked_epoch_count(const locked *l)
{
    return l->epochs.count;
}

int64_t locked_grid_count(const locked *l)
{
    return 2 * l->n_turns;
}

/* Whole turns over the recording of grid g: 0 is the locked one, then +-first_turns and so on. */
static double turns_of(const locked *l, int64_t g)
{
    const double turns = (double)(l->first_turns + (g - 1) / 2);
    return g == 0 ? 0 : g % 2 != 0 ? turns : -turns;
}

static int64_t start_of(const locked *l, double turns, int64_t k)
{
    if (turns == 0) return l->epochs.starts[k];
    const double phase = turns * (double)k / (double)l->epochs.count + 0.5;
    return (int64_t)llround(l->fine_starts[k] + l->period_samples * (phase - floor(phase) - 0.5));
}

/* ---- Lanes ---- */

static int64_t all_grids(const locked *l)
{
    return 1 + 2 * l->n_turns;
}

size_t locked_lane_bytes(const locked *l)
{
    return sizeof(locked_lane) + (size_t)(all_grids(l) * (l->length + 1)) * sizeof(double) +
           (size_t)(l->windows[PART_SCAN].count + l->windows[PART_FREE].count) * sizeof(extent);
}

lmp_status locked_lane_open(const locked *l, lmp_budget *budget, locked_lane **lane, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, locked_lane_bytes(l), &memory, err);
    if (status != LMP_OK) return status;
    locked_lane *made = memory;
    made->sums = (double *)(void *)(made + 1);
    made->cursors = (int64_t *)(void *)(made->sums + all_grids(l) * l->length);
    made->extents[PART_SCAN] = (extent *)(void *)(made->cursors + all_grids(l));
    made->extents[PART_FREE] = made->extents[PART_SCAN] + l->windows[PART_SCAN].count;
    for (int64_t i = 0; i < l->windows[PART_SCAN].count + l->windows[PART_FREE].count; i++)
        made->extents[PART_SCAN][i] = (extent){HUGE_VALF, -HUGE_VALF};
    *lane = made;
    return LMP_OK;
}

void locked_lane_close(locked_lane *lane, lmp_budget *budget)
{
    lmp_give(budget, lane);
}

static void add_to_grid(const locked *l, locked_lane *lane, int64_t g, int64_t first, const double *values,
                        int64_t count)
{
    const double turns = turns_of(l, g);
    const int64_t end = first + count, n = l->epochs.count;
    double *sums = lane->sums + g * l->length;
    int64_t k = lane->cursors[g];
    while (k < n && start_of(l, turns, k) + l->length <= first) k++;
    lane->cursors[g] = k;
    for (; k < n; k++) {
        const int64_t start = start_of(l, turns, k), window_end = start + l->length;
        if (start >= end + l->period) break; /* shifts may put neighbours out of order by up to a period */
        const int64_t from = start > first ? start : first, to = window_end < end ? window_end : end;
        for (int64_t i = from; i < to; i++) sums[i - start] += values[i - first];
    }
}

static void widen(extent *e, const double *values, int64_t count)
{
    double lowest = (double)e->lowest, highest = (double)e->highest;
    for (int64_t i = 0; i < count; i++) {
        if (values[i] < lowest) lowest = values[i];
        if (values[i] > highest) highest = values[i];
    }
    *e = (extent){(float)lowest, (float)highest};
}

static void add_to_extents(const locked *l, locked_lane *lane, scan_part part, int64_t first, const double *values,
                           int64_t count)
{
    const window_list *list = &l->windows[part];
    const int64_t end = first + count;
    int64_t k = lane->extent_cursors[part];
    while (k < list->count && list->starts[k] + l->length <= first) k++;
    lane->extent_cursors[part] = k;
    for (; k < list->count && list->starts[k] < end; k++) {
        const int64_t start = list->starts[k], window_end = start + l->length;
        const int64_t from = start > first ? start : first, to = window_end < end ? window_end : end;
        if (to > from) widen(&lane->extents[part][k], values + (from - first), to - from);
    }
}

void locked_lane_add(const locked *l, locked_lane *lane, int64_t first, const double *values, int64_t count)
{
    for (int64_t g = 0; g < all_grids(l); g++) add_to_grid(l, lane, g, first, values, count);
    for (scan_part part = PART_SCAN; part < SCAN_PARTS; part++) add_to_extents(l, lane, part, first, values, count);
}

/* ---- Results ---- */

/* Variance of a mean epoch over its samples. */
static double grid_variance(const locked *l, const locked_lane *lane, int64_t g)
{
    moments m = {0};
    moments_add(&m, lane->sums + g * l->length, l->length);
    const double n = (double)l->epochs.count;
    return moments_variance(&m) / (n * n);
}

double locked_lane_residue(const locked *l, const locked_lane *lane)
{
    return l->epochs.count < FEWEST_EPOCHS ? UNKNOWN : sqrt(grid_variance(l, lane, 0));
}

double locked_lane_null(const locked *l, const locked_lane *lane)
{
    const int64_t n_grids = locked_grid_count(l);
    if (l->epochs.count < FEWEST_EPOCHS || n_grids == 0) return UNKNOWN;
    double sum = 0;
    for (int64_t g = 1; g <= n_grids; g++) sum += grid_variance(l, lane, g);
    return sqrt(sum / (double)n_grids);
}

int64_t locked_extent_count(const locked *l, scan_part part)
{
    return l->windows[part].count;
}

double locked_lane_extent(const locked *l, const locked_lane *lane, scan_part part, int64_t i)
{
    (void)l;
    const extent *e = &lane->extents[part][i];
    return e->highest >= e->lowest ? (double)e->highest - (double)e->lowest : UNKNOWN;
}
