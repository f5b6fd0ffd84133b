/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Measuring shifts of epochs.
 *
 * Everything is done on differences D v[m] = v[m + lag] - v[m], which whiten: slow EEG and offsets vanish, and the high
 * harmonics of the artifact, which know the time best, decide. The template R is the median of the first epochs of one
 * scan block, moved to its grid by fractional delay. With z = D R and z' = D R' (R' the central difference of R, made
 * orthogonal to z, so that a change of amplitude is not taken for one of time), an epoch E = g T(m - delta) has
 *
 *   delta = - <D E, z'> / (g <z', z'>),   g = <D E, z> / <z, z>
 *
 * for small delta (the first term of a Taylor series). So an epoch that is not found near its time is first moved by
 * the whole samples of largest <D E, z>; then follow one or two Newton steps on the epoch interpolated at the shifted
 * time.
 *
 * Only windows of one epoch are kept, plus, as float, the epochs seen before the template is known. Windows are taken
 * at absolute sample numbers, so the cuts of the input do not matter.
 *
 * Always true between calls: the buffer holds samples [base, base + filled) and the window of epoch `next` begins at or
 * behind base; epochs before `next` are measured, kept, or given up.
 */
#include "signal/epoch_shift.h"

#include "math/fractional_delay.h"
#include "math/median.h"
#include "math/robust_line.h"
#include "signal/carve.h"

#include <math.h>
#include <string.h>

#define SEARCH          6 /* whole samples that an epoch may be off */
#define NEWTON_STEPS    2
#define NEWTON_MOST     1.0
#define SHIFT_MOST      (SEARCH + NEWTON_STEPS)
#define REACH           28   /* samples of a window before and behind the epoch: shift, interpolation, derivative */
#define NEAR            0.5  /* samples: a shift this small needs no search, ... */
#define NEAR_MATCH      0.9  /* ... if the epoch fits the template as epochs usually do */
#define LINEAR          0.01 /* samples: one step is enough */
#define TEMPLATE_LEAST  4
#define TEMPLATE_ROUNDS 4
#define LINE_LEAST      8 /* shifts that a straight line is put through; fewer are given their median */
#define STRIP           64

enum lane_stage { COLLECTING, MEASURING, USELESS };

struct shift_lane {
    const shift_plan *plan;
    enum lane_stage stage;
    int64_t next;         /* epoch whose window is awaited */
    int64_t base, filled; /* samples in the buffer */
    int64_t room, width;  /* of the buffer, of a window */
    double *buffer;
    double *delay, *match; /* results, per epoch */
    float *kept;           /* windows kept, from their first value on */
    int64_t *kept_epoch;
    int64_t n_kept, n_template; /* of the kept ones, those of the template are the last */
    double *reference;          /* R, m = -1 .. length */
    double *z, *slope;          /* D R and D R', m = 0 .. length - 1 - lag */
    double zz, ss;              /* their energies */
    double usual_match;         /* of the template's epochs; 0 until known */
    double *window, *grid;
    double *shift, *index, *strip, *column; /* template building */
};

/* ---- Memory ---- */

static void carve_lane(const shift_plan *plan, carve *c, shift_lane *l)
{
    int64_t width = plan->length + 2 * REACH, length = plan->length + 2 * SEARCH + 2;
    int64_t most = plan->template_most, kept = plan->template_first + most;
    l->buffer = carve_array(c, 2 * width, sizeof(double));
    l->delay = carve_array(c, plan->n, sizeof(double));
    l->match = carve_array(c, plan->n, sizeof(double));
    l->kept = carve_array(c, kept * width, sizeof(float));
    l->kept_epoch = carve_array(c, kept, sizeof(int64_t));
    l->reference = carve_array(c, length, sizeof(double));
    l->z = carve_array(c, length, sizeof(double));
    l->slope = carve_array(c, length, sizeof(double));
    l->window = carve_array(c, width, sizeof(double));
    l->grid = carve_array(c, length, sizeof(double));
    l->shift = carve_array(c, most, sizeof(double));
    l->index = carve_array(c, most, sizeof(double));
    l->column = carve_array(c, most, sizeof(double));
    l->strip = carve_array(c, most * STRIP, sizeof(double));
}

size_t epoch_shift_bytes(const shift_plan *plan)
{
    carve c = {0};
    shift_lane counted;
    (void)carve_array(&c, 1, sizeof counted);
    carve_lane(plan, &c, &counted);
    return c.used;
}

lmp_status epoch_shift_new(const shift_plan *plan, lmp_budget *budget, shift_lane **lane, lmp_error *err)
{
    void *base = NULL;
    lmp_status status = lmp_take(budget, epoch_shift_bytes(plan), &base, err);
    if (status != LMP_OK) return status;
    carve c = {.memory = base};
    shift_lane *l = carve_array(&c, 1, sizeof *l);
    carve_lane(plan, &c, l);
    l->plan = plan;
    l->width = plan->length + 2 * REACH;
    l->room = 2 * l->width;
    for (int64_t i = 0; i < plan->n; i++) l->delay[i] = (double)NAN;
    *lane = l;
    return LMP_OK;
}

void epoch_shift_free(shift_lane *lane, lmp_budget *budget)
{
    lmp_give(budget, lane);
}

const double *epoch_shift_delays(const shift_lane *lane)
{
    return lane->delay;
}

const double *epoch_shift_matches(const shift_lane *lane)
{
    return lane->match;
}

/* ---- One epoch against the template ---- */

static double fraction_of(const shift_lane *l, int64_t epoch)
{
    return l->plan->start[epoch] - floor(l->plan->start[epoch]);
}

/* grid[j] = the epoch at time start + shift + m, m = from + j. `window` is the epoch's window. */
static void interpolate(const double *window, double fraction, double shift, int64_t from, double *grid, int64_t count)
{
    double h[FRACTIONAL_DELAY_TAPS], at = fraction + shift, whole = floor(at);
    fractional_delay_kernel(at - whole, h);
    fractional_delay_advance(window + REACH + (int64_t)whole + from, h, grid, count);
}

/* The whole-sample shift at which the epoch correlates best; the grid begins SEARCH samples before the epoch. */
static double search_shift(const shift_lane *l, double *grid)
{
    int64_t compared = l->plan->length - l->plan->lag, best = 0;
    double sum[2 * SEARCH + 1] = {0};
    for (int64_t j = 0; j < compared + 2 * SEARCH; j++) grid[j] = grid[j + l->plan->lag] - grid[j];
    for (int64_t m = 0; m < compared; m++)
        for (int64_t s = 0; s <= 2 * SEARCH; s++) sum[s] += l->z[m] * grid[m + s];
    for (int64_t s = 1; s <= 2 * SEARCH; s++)
        if (sum[s] > sum[best]) best = s;
    return (double)(best - SEARCH);
}

/* One Newton step from the epoch on the grid; false if it does not look like the template at all. */
static bool improve_shift(const shift_lane *l, const double *grid, double *shift, double *match)
{
    double along = 0.0, across = 0.0, own = 0.0;
    for (int64_t m = 0; m < l->plan->length - l->plan->lag; m++) {
        double d = grid[m + l->plan->lag] - grid[m];
        along += d * l->z[m];
        across += d * l->slope[m];
        own += d * d;
    }
    *match = own > 0.0 ? along / sqrt(own * l->zz) : 0.0;
    if (!(along > 0.0)) return false;
    double step = -across * l->zz / (along * l->ss);
    *shift += fmin(fmax(step, -NEWTON_MOST), NEWTON_MOST);
    return true;
}

/* Almost all epochs are where they are expected: one step tells. False if this one may not be. */
static bool measure_near(const shift_lane *l, double fraction, const double *window, double *shift, double *match)
{
    interpolate(window, fraction, 0.0, 0, l->grid, l->plan->length);
    if (!improve_shift(l, l->grid, shift, match) || fabs(*shift) > NEAR || *match < NEAR_MATCH * l->usual_match)
        return false;
    if (fabs(*shift) <= LINEAR) return true;
    interpolate(window, fraction, *shift, 0, l->grid, l->plan->length);
    return improve_shift(l, l->grid, shift, match);
}

static bool measure_far(const shift_lane *l, double fraction, const double *window, double *shift, double *match)
{
    interpolate(window, fraction, 0.0, -SEARCH, l->grid, l->plan->length + 2 * SEARCH);
    *shift = search_shift(l, l->grid);
    for (int step = 0; step < NEWTON_STEPS; step++) {
        interpolate(window, fraction, *shift, 0, l->grid, l->plan->length);
        if (!improve_shift(l, l->grid, shift, match)) return false;
    }
    return true;
}

static void measure(shift_lane *l, int64_t epoch, const double *window)
{
    double fraction = fraction_of(l, epoch), shift = 0.0, match = 0.0;
    bool is_found = l->usual_match > 0.0 && measure_near(l, fraction, window, &shift, &match);
    if (!is_found) is_found = measure_far(l, fraction, window, &shift, &match);
    l->delay[epoch] = is_found ? shift : (double)NAN;
    l->match[epoch] = is_found ? match : 0.0;
}

/* ---- The template ---- */

static const float *kept_window(const shift_lane *l, int64_t i)
{
    return l->kept + (size_t)i * (size_t)l->width;
}

/* R at m = from .. from + count - 1: medians over the template's epochs. */
static void take_medians(shift_lane *l, int64_t from, int64_t count)
{
    int64_t first = l->n_kept - l->n_template;
    for (int64_t e = 0; e < l->n_template; e++) {
        double at = fraction_of(l, l->kept_epoch[first + e]) + l->shift[e], whole = floor(at);
        double h[FRACTIONAL_DELAY_TAPS], near[STRIP + FRACTIONAL_DELAY_TAPS];
        const float *window = kept_window(l, first + e) + REACH + (int64_t)whole + from - FRACTIONAL_DELAY_BEFORE;
        for (int64_t j = 0; j < count + FRACTIONAL_DELAY_TAPS - 1; j++) near[j] = (double)window[j];
        fractional_delay_kernel(at - whole, h);
        fractional_delay_advance(near + FRACTIONAL_DELAY_BEFORE, h, l->strip + e * STRIP, count);
    }
    for (int64_t j = 0; j < count; j++) {
        for (int64_t e = 0; e < l->n_template; e++) l->column[e] = l->strip[e * STRIP + j];
        l->reference[1 + from + j] = median_take(l->column, l->n_template);
    }
}

/* z, z' and their energies from R; false if R is flat. */
static bool derive(shift_lane *l)
{
    const double *r = l->reference + 1; /* r[-1] and r[length] are there */
    int64_t lag = l->plan->lag, n = l->plan->length - lag;
    double zs = 0.0;
    l->zz = l->ss = 0.0;
    for (int64_t m = 0; m < n; m++) {
        l->z[m] = r[m + lag] - r[m];
        l->slope[m] = (r[m + lag + 1] - r[m + lag - 1] - r[m + 1] + r[m - 1]) / 2.0;
        l->zz += l->z[m] * l->z[m];
        zs += l->z[m] * l->slope[m];
    }
    if (!(l->zz > 0.0)) return false;
    for (int64_t m = 0; m < n; m++) {
        l->slope[m] -= zs / l->zz * l->z[m];
        l->ss += l->slope[m] * l->slope[m];
    }
    return l->ss > 0.0;
}

static void measure_kept(shift_lane *l, int64_t first, int64_t count)
{
    for (int64_t i = first; i < first + count; i++) {
        const float *kept = kept_window(l, i);
        for (int64_t j = 0; j < l->width; j++) l->window[j] = (double)kept[j];
        measure(l, l->kept_epoch[i], l->window);
    }
}

/* Moves the template's epochs along the straight line through their shifts. */
static lmp_status follow_shifts(shift_lane *l, lmp_error *err)
{
    int64_t first = l->n_kept - l->n_template, n = 0;
    robust_line line;
    for (int64_t e = 0; e < l->n_template; e++) {
        int64_t epoch = l->kept_epoch[first + e];
        if (isnan(l->delay[epoch])) continue;
        l->column[n] = l->delay[epoch];
        l->index[n++] = l->plan->index[epoch];
    }
    if (n < LINE_LEAST) {
        double middle = median_take(l->column, n);
        for (int64_t e = 0; e < l->n_template; e++) l->shift[e] = middle;
        return LMP_OK;
    }
    lmp_status status = robust_line_fit(l->index, l->column, n, 1e-6, &line, err);
    for (int64_t e = 0; e < l->n_template && status == LMP_OK; e++) {
        double at = robust_line_at(&line, l->plan->index[l->kept_epoch[first + e]]);
        l->shift[e] = fmin(fmax(at, -SHIFT_MOST), SHIFT_MOST);
    }
    return status;
}

static double usual_match(shift_lane *l)
{
    for (int64_t e = 0; e < l->n_template; e++) l->column[e] = l->match[l->kept_epoch[l->n_kept - l->n_template + e]];
    return median_take(l->column, l->n_template);
}

static lmp_status build_template(shift_lane *l, lmp_error *err)
{
    l->stage = USELESS;
    if (l->n_template < TEMPLATE_LEAST) return LMP_OK;
    for (int round = 0; round < TEMPLATE_ROUNDS; round++) {
        for (int64_t from = -1; from <= l->plan->length; from += STRIP) {
            int64_t left = l->plan->length + 1 - from;
            take_medians(l, from, left < STRIP ? left : STRIP);
        }
        if (!derive(l)) return LMP_OK;
        measure_kept(l, l->n_kept - l->n_template, l->n_template);
        if (round + 1 == TEMPLATE_ROUNDS) break;
        lmp_status status = follow_shifts(l, err);
        if (status != LMP_OK) return status;
    }
    l->usual_match = usual_match(l);
    measure_kept(l, 0, l->n_kept - l->n_template);
    l->stage = MEASURING;
    return LMP_OK;
}

/* ---- The stream of samples ---- */

static int64_t window_start(const shift_plan *plan, int64_t epoch)
{
    return (int64_t)floor(plan->start[epoch]) - REACH;
}

int64_t epoch_shift_end(const shift_plan *plan, int64_t n_times)
{
    if (plan->n == 0) return 0;
    int64_t end = window_start(plan, plan->n - 1) + plan->length + 2 * REACH;
    return end < n_times ? end : n_times;
}

static bool is_finite(const double *values, int64_t count)
{
    double sum = 0.0; /* 0 times infinity or NaN is NaN */
    for (int64_t i = 0; i < count; i++) sum += 0.0 * values[i];
    return sum == 0.0;
}

static lmp_status take_epoch(shift_lane *l, int64_t epoch, const double *window, lmp_error *err)
{
    bool is_behind = epoch >= l->plan->template_end;
    if (l->stage == COLLECTING && is_behind) {
        lmp_status status = build_template(l, err);
        if (status != LMP_OK) return status;
    }
    if (l->stage == USELESS || !is_finite(window, l->width)) return LMP_OK;
    if (l->stage == MEASURING) {
        measure(l, epoch, window);
        return LMP_OK;
    }
    float *kept = l->kept + (size_t)l->n_kept * (size_t)l->width;
    for (int64_t j = 0; j < l->width; j++) kept[j] = (float)(window[j] - window[0]);
    l->kept_epoch[l->n_kept++] = epoch;
    l->n_template += epoch >= l->plan->template_first;
    return l->n_template == l->plan->template_most ? build_template(l, err) : LMP_OK;
}

/* Takes every epoch whose window is complete, then forgets what no later window needs. */
static lmp_status take_epochs(shift_lane *l, lmp_error *err)
{
    const shift_plan *plan = l->plan;
    lmp_status status = LMP_OK;
    for (; l->next < plan->n && status == LMP_OK; l->next++) {
        int64_t at = window_start(plan, l->next) - l->base;
        if (at < 0) continue; /* begins before the recording */
        if (at + l->width > l->filled) break;
        status = take_epoch(l, l->next, l->buffer + at, err);
    }
    int64_t drop = l->next < plan->n ? window_start(plan, l->next) - l->base : l->filled;
    if (drop > l->filled) drop = l->filled;
    if (drop > 0) {
        memmove(l->buffer, l->buffer + drop, (size_t)(l->filled - drop) * sizeof *l->buffer);
        l->base += drop;
        l->filled -= drop;
    }
    return status;
}

lmp_status epoch_shift_add(shift_lane *l, int64_t first, const double *values, int64_t count, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < count && status == LMP_OK && l->next < l->plan->n;) {
        if (l->filled == 0) {
            int64_t skip = window_start(l->plan, l->next) - (first + i);
            if (skip > 0) i += skip < count - i ? skip : count - i;
            l->base = first + i;
        }
        int64_t take = l->room - l->filled < count - i ? l->room - l->filled : count - i;
        memcpy(l->buffer + l->filled, values + i, (size_t)take * sizeof *values);
        l->filled += take;
        i += take;
        status = take_epochs(l, err);
    }
    return status;
}

lmp_status epoch_shift_finish(shift_lane *l, lmp_error *err)
{
    return l->stage == COLLECTING ? build_template(l, err) : LMP_OK;
}
