/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Finding the lattice of triggers.
 *
 *   1. The period is the median distance, made precise by averaging all distances that agree with it; the jitter, if
 *      it is not given, follows from how far most distances are from the period.
 *   2. Two triggers agree if they are a whole number of periods apart, up to the gap allowed, within twice the jitter
 *      and 50 ppm of their distance.
 *   3. A block opens at the first trigger with which at least two of the next four agree; others are strangers. It goes
 *      on with each trigger that agrees with the last one; after three in a row that do not, it ends.
 *   4. Where triggers are missing inside a block, straight lines through the neighbours on either side are carried over
 *      the gap. If neither meets the other side, the scanner has paused: the block is split and nothing is missing.
 *      The same if there are too few triggers on one side to tell.
 *
 * The period is only needed to count periods, so it may drift slowly; the times themselves are fitted elsewhere.
 */
#include "signal/trigger_lattice.h"

#include "math/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_DRIFT      1e-4 /* distances that count as one period differ by this fraction at most, and ... */
#define JITTER_LEAST      1.0  /* samples */
#define JITTER_ROOM       1.5  /* see find_jitter() */
#define JITTER_OF_PERIOD  0.05 /* more is no lattice at all */
#define LATTICE_DRIFT     5e-5 /* ... several periods by this fraction of their length */
#define WITNESSES         4    /* triggers that are asked whether a block begins here ... */
#define WITNESSES_AGREE   2    /* ... and how many must say so */
#define MOST_STRANGERS    3
#define NEIGHBOURS        20 /* triggers in the line that is carried over a gap ... */
#define NEIGHBOURS_LEAST  8
#define GAP_OF_FEW        2.0 /* a gap longer than this times the fewer triggers beside it proves nothing */
#define PAUSE_JITTERS     1.5 /* a line that misses the other side by more than this is cut by a pause */
#define PAUSE_DRIFT       2e-5
#define CHOICE_LEAST      10   /* events of a label that may be the scanner's */
#define CHOICE_REGULAR    0.8  /* fraction of their distances that must be one period, ... */
#define CHOICE_LOOSE      5e-3 /* ... within this fraction of it if not within rounding; hearts vary ten times as much */
#define CHOICE_ALIKE      0.8  /* numbers of events so close that regularity decides */
#define CHOICE_SHORTEST_S 0.005
#define CHOICE_LONGEST_S  30.0

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- The period ---- */

/* Of ascending times; `scratch` has room for n numbers. */
static double find_period(const double *times, int64_t n, double slack, double drift, double *scratch)
{
    if (n < 2) return 0.0;
    for (int64_t i = 0; i + 1 < n; i++) scratch[i] = times[i + 1] - times[i];
    double period = median_take(scratch, n - 1);
    for (int round = 0; round < 3; round++) {
        double sum = 0.0;
        int64_t used = 0;
        for (int64_t i = 0; i + 1 < n; i++) {
            double d = times[i + 1] - times[i];
            if (fabs(d - period) > slack + drift * period) continue;
            sum += d;
            used++;
        }
        if (used > 0) period = sum / (double)used;
    }
    return period;
}

/* How far times may be off. If each is off by up to j, three of four distances are off by up to j; half as much again
 * is room for other shapes of jitter. Rounding to samples alone makes no distance wrong by more than a sample. */
static double find_jitter(const double *times, int64_t n, double period, double *scratch)
{
    if (n < 2) return JITTER_LEAST;
    for (int64_t i = 0; i + 1 < n; i++) scratch[i] = fabs(times[i + 1] - times[i] - period);
    double usual = median_select(scratch, n - 1, 3 * (n - 1) / 4);
    return usual > JITTER_LEAST && usual < JITTER_OF_PERIOD * period ? JITTER_ROOM * usual : JITTER_LEAST;
}

/* ---- Blocks ---- */

typedef struct search {
    const double *time; /* ascending, distinct */
    int64_t n;
    double period;
    trigger_tolerance tolerance;
    trigger_lattice *lattice;
} search;

/* How many periods b is after a; 0 if the two do not agree. */
static int64_t count_periods(const search *s, double a, double b)
{
    double k = nearbyint((b - a) / s->period);
    if (!(k >= 1.0 && k <= (double)s->tolerance.most_missing)) return 0;
    return fabs(b - a - k * s->period) <= 2.0 * s->tolerance.jitter + LATTICE_DRIFT * k * s->period ? (int64_t)k : 0;
}

static bool opens_block(const search *s, int64_t i)
{
    int64_t asked = s->n - 1 - i < WITNESSES ? s->n - 1 - i : WITNESSES, agreed = 0;
    for (int64_t j = i + 1; j <= i + asked; j++) agreed += count_periods(s, s->time[i], s->time[j]) > 0;
    return asked > 0 && agreed >= (asked < WITNESSES_AGREE ? asked : WITNESSES_AGREE);
}

/* Adds the block that opens at trigger i; returns the first trigger behind it. */
static int64_t follow_block(search *s, int64_t i)
{
    trigger_lattice *l = s->lattice;
    trigger_block *block = &l->blocks[l->n_blocks++];
    double last = s->time[i], index = 0.0;
    int64_t next = i + 1;
    *block = (trigger_block){.first = l->n};
    l->time[l->n] = last;
    l->index[l->n++] = index;
    for (int64_t j = i + 1, strangers = 0; j < s->n && strangers < MOST_STRANGERS; j++) {
        int64_t k = count_periods(s, last, s->time[j]);
        if (k == 0) {
            if (s->time[j] - last > (double)s->tolerance.most_missing * s->period) break;
            strangers++;
            continue;
        }
        for (; next < j; next++) l->extra[l->n_extra++] = s->time[next];
        next = j + 1;
        strangers = 0;
        last = s->time[j];
        index += (double)k;
        l->time[l->n] = last;
        l->index[l->n++] = index;
    }
    block->count = l->n - block->first;
    return next;
}

static void find_blocks(search *s)
{
    trigger_lattice *l = s->lattice;
    for (int64_t i = 0; i < s->n;) {
        if (opens_block(s, i))
            i = follow_block(s, i);
        else
            l->extra[l->n_extra++] = s->time[i++];
    }
}

/* ---- Pauses ---- */

/* Distance between trigger `at` and the straight line through `count` triggers from `first` on; infinite if they are
 * too few. */
static double miss_distance(const trigger_lattice *l, int64_t first, int64_t count, int64_t at)
{
    double k_mean = 0.0, t_mean = 0.0, kk = 0.0, kt = 0.0;
    if (count < NEIGHBOURS_LEAST) return HUGE_VAL;
    for (int64_t i = first; i < first + count; i++) {
        k_mean += (l->index[i] - l->index[at]) / (double)count;
        t_mean += (l->time[i] - l->time[at]) / (double)count;
    }
    for (int64_t i = first; i < first + count; i++) {
        double k = l->index[i] - l->index[at] - k_mean;
        kk += k * k;
        kt += k * (l->time[i] - l->time[at] - t_mean);
    }
    return fabs(t_mean - kt / kk * k_mean);
}

/* True if the scanner has paused between triggers q-1 and q of the stretch [first, end). A few triggers beyond a gap
 * that is longer than they are do not prove that the gap belongs to the scan: chance may have put them there. */
static bool is_pause(const search *s, int64_t first, int64_t q, int64_t end)
{
    const trigger_lattice *l = s->lattice;
    double gap = l->index[q] - l->index[q - 1];
    int64_t before = q - first < NEIGHBOURS ? q - first : NEIGHBOURS;
    int64_t after = end - q < NEIGHBOURS ? end - q : NEIGHBOURS;
    int64_t fewer = before < after ? before : after;
    if (fewer < NEIGHBOURS_LEAST && gap - 1.0 > GAP_OF_FEW * (double)fewer) return true;
    double miss = fmin(miss_distance(l, q - before, before, q), miss_distance(l, q, after, q - 1));
    return isfinite(miss) && miss > PAUSE_JITTERS * s->tolerance.jitter + PAUSE_DRIFT * s->period * gap;
}

/* The indices of a block keep counting through a split until here. */
static void close_block(trigger_lattice *l, trigger_block *to, int64_t first, int64_t end)
{
    double start = l->index[first];
    for (int64_t i = first; i < end; i++) l->index[i] -= start;
    *to = (trigger_block){.first = first, .count = end - first, .n_epochs = (int64_t)l->index[end - 1] + 1};
}

/* Splits blocks at pauses. A block is split into at most as many as it has triggers, so there is room for all. */
static void split_blocks(search *s, trigger_block *split)
{
    trigger_lattice *l = s->lattice;
    int64_t n = 0;
    for (int64_t b = 0; b < l->n_blocks; b++) {
        int64_t first = l->blocks[b].first, end = first + l->blocks[b].count;
        for (int64_t q = first + 1; q < end; q++) {
            if (l->index[q] - l->index[q - 1] <= 1.0 || !is_pause(s, first, q, end)) continue;
            close_block(l, &split[n++], first, q);
            first = q;
        }
        close_block(l, &split[n++], first, end);
    }
    free(l->blocks);
    l->blocks = split;
    l->n_blocks = n;
}

/* A trigger that has a block for itself is a stranger. */
static void drop_singles(trigger_lattice *l)
{
    int64_t n = 0, n_blocks = 0;
    for (int64_t b = 0; b < l->n_blocks; b++) {
        trigger_block block = l->blocks[b];
        if (block.count == 1) {
            l->extra[l->n_extra++] = l->time[block.first];
            continue;
        }
        memmove(l->time + n, l->time + block.first, (size_t)block.count * sizeof *l->time);
        memmove(l->index + n, l->index + block.first, (size_t)block.count * sizeof *l->index);
        block.first = n;
        n += block.count;
        l->blocks[n_blocks++] = block;
    }
    l->n = n;
    l->n_blocks = n_blocks;
}

/* ---- The whole ---- */

static bool reserve(trigger_lattice *l, int64_t n)
{
    size_t room = (size_t)n + 1;
    l->time = malloc(room * sizeof *l->time);
    l->index = malloc(room * sizeof *l->index);
    l->extra = malloc(room * sizeof *l->extra);
    l->blocks = malloc(room * sizeof *l->blocks);
    return l->time != NULL && l->index != NULL && l->extra != NULL && l->blocks != NULL;
}

/* Ascending; times that occur twice become strangers. Returns how many are left. */
static int64_t sort_distinct(const double *times, int64_t n, double *sorted, trigger_lattice *l)
{
    int64_t kept = 0;
    if (n > 0) memcpy(sorted, times, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_numbers);
    for (int64_t i = 0; i < n; i++) {
        if (kept > 0 && sorted[i] == sorted[kept - 1])
            l->extra[l->n_extra++] = sorted[i];
        else
            sorted[kept++] = sorted[i];
    }
    return kept;
}

/* One or two triggers are a block by themselves. */
static void take_few(search *s)
{
    trigger_lattice *l = s->lattice;
    for (int64_t i = 0; i < s->n; i++) {
        l->time[l->n] = s->time[i];
        l->index[l->n++] = (double)i;
    }
    if (s->n > 0) l->blocks[l->n_blocks++] = (trigger_block){.count = s->n, .n_epochs = s->n};
}

lmp_status trigger_lattice_find(const double *times, int64_t n, trigger_tolerance tolerance, trigger_lattice *lattice,
                                lmp_error *err)
{
    double *sorted = malloc(((size_t)n + 1) * sizeof *sorted);
    trigger_block *split = malloc(((size_t)n + 1) * sizeof *split);
    *lattice = (trigger_lattice){0};
    if (sorted == NULL || split == NULL || !reserve(lattice, n)) {
        free(sorted);
        free(split);
        trigger_lattice_clear(lattice);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the lattice of triggers");
    }
    search s = {.time = sorted, .tolerance = tolerance, .lattice = lattice};
    s.n = sort_distinct(times, n, sorted, lattice);
    if (isnan(tolerance.jitter)) {
        double rough = find_period(sorted, s.n, 2.0 * JITTER_LEAST, PERIOD_DRIFT, lattice->time);
        s.tolerance.jitter = find_jitter(sorted, s.n, rough, lattice->time);
    }
    lattice->jitter = s.tolerance.jitter;
    s.period = lattice->period = find_period(sorted, s.n, 2.0 * lattice->jitter, PERIOD_DRIFT, lattice->time);
    if (s.n < 3) {
        take_few(&s);
        free(split);
    } else {
        find_blocks(&s);
        split_blocks(&s, split);
        drop_singles(lattice);
    }
    qsort(lattice->extra, (size_t)lattice->n_extra, sizeof *lattice->extra, compare_numbers);
    free(sorted);
    return LMP_OK;
}

void trigger_lattice_clear(trigger_lattice *lattice)
{
    free(lattice->time);
    free(lattice->index);
    free(lattice->extra);
    free(lattice->blocks);
    *lattice = (trigger_lattice){0};
}

int64_t trigger_lattice_count_missing(const trigger_lattice *lattice)
{
    int64_t epochs = 0;
    for (int64_t b = 0; b < lattice->n_blocks; b++) epochs += lattice->blocks[b].n_epochs;
    return epochs - lattice->n;
}

/* ---- Which label is the scanner's ---- */

typedef struct marker {
    const char *label;
    double onset_s;
} marker;

/* How regular the events of one label are. */
typedef struct rhythm {
    const char *label;
    int64_t n, regular; /* events, and distances of one period */
    double first_s, period_s, spread_s;
    bool is_known, is_tight;
} rhythm;

static int compare_markers(const void *a, const void *b)
{
    const marker *x = a, *y = b;
    int order = strcmp(x->label, y->label);
    return order != 0 ? order : (x->onset_s > y->onset_s) - (x->onset_s < y->onset_s);
}

static bool contains_any(const char *label, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(label, *words) != NULL) return true;
    return false;
}

static void measure_rhythm(rhythm *r, const double *times, double slack_s, double drift, double *scratch)
{
    double square = 0.0;
    r->period_s = find_period(times, r->n, slack_s, drift, scratch);
    r->regular = 0;
    for (int64_t i = 0; i + 1 < r->n; i++) {
        double off = times[i + 1] - times[i] - r->period_s;
        if (fabs(off) > slack_s + drift * r->period_s) continue;
        r->regular++;
        square += off * off;
    }
    r->spread_s = r->regular > 0 ? sqrt(square / (double)r->regular) : 0.0;
}

/* False if these events cannot be a scanner's triggers. `times` ascending. */
static bool find_rhythm(rhythm *r, const double *times, int64_t n, double sample_s, double *scratch)
{
    static const char *const known[] = {"r128", "scan", "volume", "slice", "fmri", "mri", "gradient", NULL};
    static const char *const never[] = {"sync", "segment", "boundary", "heart", "qrs", "peak", "pulse artifact", NULL};
    r->n = n;
    r->first_s = times[0];
    r->is_known = contains_any(r->label, known);
    if (n < CHOICE_LEAST || (!r->is_known && contains_any(r->label, never))) return false;
    r->is_tight = true;
    measure_rhythm(r, times, 2.0 * sample_s, PERIOD_DRIFT, scratch);
    if ((double)r->regular < CHOICE_REGULAR * (double)(n - 1)) {
        r->is_tight = false;
        measure_rhythm(r, times, 2.0 * sample_s, CHOICE_LOOSE, scratch);
    }
    return (double)r->regular >= CHOICE_REGULAR * (double)(n - 1) && r->period_s >= CHOICE_SHORTEST_S &&
           r->period_s <= CHOICE_LONGEST_S;
}

static bool is_better(const rhythm *a, const rhythm *b, double sample_s)
{
    if (a->is_known != b->is_known) return a->is_known;
    if (a->is_tight != b->is_tight) return a->is_tight;
    double more = (double)(a->n > b->n ? a->n : b->n), fewer = (double)(a->n > b->n ? b->n : a->n);
    double a_spread = fmax(a->spread_s, sample_s), b_spread = fmax(b->spread_s, sample_s);
    if (fewer >= CHOICE_ALIKE * more && a_spread != b_spread) return a_spread < b_spread;
    if (a->n != b->n) return a->n > b->n;
    return a->first_s < b->first_s;
}

static int64_t gather_markers(const lmp_stream *stream, marker *markers)
{
    int64_t n = 0;
    for (int64_t i = 0; i < stream->n_events; i++)
        if (isfinite(stream->events[i].onset_s))
            markers[n++] = (marker){stream->events[i].label, stream->events[i].onset_s};
    qsort(markers, (size_t)n, sizeof *markers, compare_markers);
    return n;
}

lmp_status trigger_lattice_choose_label(const lmp_stream *stream, trigger_choice *choice, lmp_error *err)
{
    size_t room = (size_t)stream->n_events + 1;
    marker *markers = malloc(room * sizeof *markers);
    double *times = malloc(2 * room * sizeof *times);
    double sample_s = stream->format.rate_hz > 0.0 ? 1.0 / stream->format.rate_hz : 0.0;
    rhythm best = {0};
    if (markers == NULL || times == NULL) {
        free(markers);
        free(times);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to look through %lld events",
                        (long long)stream->n_events);
    }
    int64_t n = gather_markers(stream, markers);
    for (int64_t i = 0; i < n;) {
        rhythm r = {.label = markers[i].label};
        int64_t count = 0;
        for (; i < n && strcmp(markers[i].label, r.label) == 0; i++)
            if (count == 0 || markers[i].onset_s > times[count - 1]) times[count++] = markers[i].onset_s;
        if (!find_rhythm(&r, times, count, sample_s, times + room)) continue;
        if (best.label == NULL || is_better(&r, &best, sample_s)) best = r;
    }
    *choice = (trigger_choice){.label = best.label, .count = best.n, .period_s = best.period_s};
    free(markers);
    free(times);
    return LMP_OK;
}
