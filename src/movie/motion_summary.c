/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_summary.c: what the shifts of a movie say.
 */
#include "movie/motion_summary.h"

#include "math/median.h"

#include <math.h>
#include <stdlib.h>

static bool is_known(const motion_shift *s)
{
    return (s->flags & MOTION_UNKNOWN) == 0;
}

/* Different frames give different numbers down to the last bit, but for chance that noise does not leave. */
static bool is_same_frame(const motion_shift *a, const motion_shift *b)
{
    return a->power > 0 && a->power == b->power && a->peak == b->peak && a->ratio == b->ratio && a->dy == b->dy &&
           a->dx == b->dx;
}

uint32_t motion_flags(const motion_shift *shifts, int64_t t)
{
    const bool repeats = t > 0 && is_same_frame(&shifts[t], &shifts[t - 1]);
    return shifts[t].flags | (repeats ? MOTION_REPEATED : 0);
}

void motion_interpolate(motion_shift *shifts, int64_t n)
{
    int64_t before = -1; /* the last frame whose motion is known */
    for (int64_t t = 0; t <= n; t++) {
        if (t < n && !is_known(&shifts[t])) continue;
        for (int64_t i = before + 1; i < t && (before >= 0 || t < n); i++) {
            const motion_shift *a = &shifts[before >= 0 ? before : t], *b = &shifts[t < n ? t : before];
            const double part = (double)(i - before) / (double)(t - before);
            shifts[i].dy = a->dy + part * (b->dy - a->dy);
            shifts[i].dx = a->dx + part * (b->dx - a->dx);
        }
        before = t;
    }
}

void motion_tabulate(const motion_shift *shifts, const lmp_format *format, bool has_ratio, lmp_table *table)
{
    lmp_table_columns(table, has_ratio ? "frame,dy_px,dx_px,peak,flag,ratio" : "frame,dy_px,dx_px,peak,flag");
    for (int64_t t = 0; t < format->n_times; t++) {
        lmp_table_number(table, (double)t);
        lmp_table_number(table, shifts[t].dy);
        lmp_table_number(table, shifts[t].dx);
        lmp_table_number(table, (double)shifts[t].peak);
        lmp_table_number(table, motion_flags(shifts, t));
        if (has_ratio) lmp_table_number(table, (double)shifts[t].ratio);
        lmp_table_end_row(table);
    }
}

void motion_tabulate_pairs(const motion_shift *shifts, const lmp_format *format, lmp_table *table)
{
    lmp_table_columns(table, "dy_px,dx_px");
    for (int64_t t = 0; t < format->n_times; t++) {
        lmp_table_number(table, shifts[t].dy);
        lmp_table_number(table, shifts[t].dx);
        lmp_table_end_row(table);
    }
}

/* ---- The record ---- */

static void record_distances(const motion_shift *shifts, int64_t n, double *numbers, lmp_record *record)
{
    double mean_y = 0, mean_x = 0, squares = 0, farthest = 0;
    int64_t count = 0;
    for (int64_t t = 0; t < n; t++) {
        if (!is_known(&shifts[t])) continue;
        mean_y += shifts[t].dy;
        mean_x += shifts[t].dx;
        count++;
    }
    if (count == 0) return;
    mean_y /= (double)count;
    mean_x /= (double)count;
    count = 0;
    for (int64_t t = 0; t < n; t++) {
        if (!is_known(&shifts[t])) continue;
        const double distance = hypot(shifts[t].dy - mean_y, shifts[t].dx - mean_x);
        squares += distance * distance;
        farthest = fmax(farthest, distance);
        numbers[count++] = distance;
    }
    lmp_record_number(record, "shift_rms_px", sqrt(squares / (double)count));
    lmp_record_number(record, "shift_95_px", median_select(numbers, count, (int64_t)(0.95 * (double)(count - 1))));
    lmp_record_number(record, "shift_max_px", farthest);
}

static void record_peaks(const motion_shift *shifts, int64_t n, double *numbers, lmp_record *record)
{
    int64_t count = 0;
    double lowest = INFINITY;
    for (int64_t t = 0; t < n; t++) {
        if (!is_known(&shifts[t]) || isnan(shifts[t].peak)) continue;
        numbers[count++] = (double)shifts[t].peak;
        lowest = fmin(lowest, (double)shifts[t].peak);
    }
    if (count == 0) return;
    lmp_record_number(record, "median_peak", median_take(numbers, count));
    lmp_record_number(record, "lowest_peak", lowest);
}

static void record_flags(const motion_shift *shifts, int64_t n, lmp_record *record)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } kinds[] = {{MOTION_AT_LIMIT, "frames_at_limit"}, {MOTION_BLANK, "frames_blank"},
                 {MOTION_WEAK, "frames_weak"},         {MOTION_SATURATED, "frames_saturated"},
                 {MOTION_CORRUPT, "frames_corrupt"},   {MOTION_REPEATED, "frames_repeated"}};
    int64_t flagged = 0, unknown = 0, counts[sizeof kinds / sizeof *kinds] = {0};
    for (int64_t t = 0; t < n; t++) {
        const uint32_t flags = motion_flags(shifts, t);
        flagged += flags != 0;
        unknown += (flags & MOTION_UNKNOWN) != 0;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) counts[k] += (flags & kinds[k].flag) != 0;
    }
    lmp_record_number(record, "frames_flagged", (double)flagged);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (counts[k] > 0) lmp_record_number(record, kinds[k].name, (double)counts[k]);
    if (unknown * 2 > n)
        lmp_record_warn(record,
                        "motion is unknown in %lld of %lld frames: look at the template, and at max-shift, smooth and "
                        "background",
                        (long long)unknown, (long long)n);
}

void motion_record(const motion_shift *shifts, int64_t n, lmp_record *record)
{
    double *numbers = malloc((size_t)(n + 1) * sizeof *numbers);
    if (numbers != NULL) record_distances(shifts, n, numbers, record);
    if (numbers != NULL) record_peaks(shifts, n, numbers, record);
    free(numbers);
    record_flags(shifts, n, record);
}

void motion_shrink(image_window *window, int64_t by)
{
    window->y += by;
    window->x += by;
    window->height -= 2 * by;
    window->width -= 2 * by;
}
