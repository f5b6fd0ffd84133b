/* SPDX-License-Identifier: BSD-3-Clause
 *
 * profile_path.c: taps are found in the order of the profile, then sorted by row of the image, so that bands of rows
 * can be added one by one.
 */
#include "movie/profile_path.h"

#include "movie/pixel_values.h"
#include "movie/zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AXIS_HORIZONTAL, AXIS_VERTICAL, AXIS_LINE };
enum { BILINEAR, NEAREST };
static const double MOST_LENGTH = 1e6, MOST_TAPS = 1e8;

const lmp_param profile_param_table[] = {
    {"axis", LMP_PARAM_CHOICE, offsetof(profile_params, axis), "horizontal", 0, 0, "", "horizontal|vertical|line",
     "Along a row, along a column, or along a line of a zones file."},
    {"y", LMP_PARAM_INTEGER, offsetof(profile_params, y), "auto", 0, 1e9, "px", "auto",
     "Row of a horizontal profile; auto: the middle."},
    {"x", LMP_PARAM_INTEGER, offsetof(profile_params, x), "auto", 0, 1e9, "px", "auto",
     "Column of a vertical profile; auto: the middle."},
    {"width", LMP_PARAM_INTEGER, offsetof(profile_params, width), "0", 0, 10000, "px", NULL,
     "How many rows, columns or points on each side are averaged with it."},
    {"zones", LMP_PARAM_FILE, offsetof(profile_params, zones), "", 0, 0, "", NULL,
     "Zones file (JSON) that holds the line."},
    {"zone", LMP_PARAM_TEXT, offsetof(profile_params, zone), "", 0, 0, "", NULL,
     "Name of the line in it; empty: the only zone there is."},
    {"interpolation", LMP_PARAM_CHOICE, offsetof(profile_params, interpolation), "bilinear", 0, 0, "",
     "bilinear|nearest", "How a line takes values between pixels."},
    {0},
};

/* ---- Taps, in the order of the profile: counted, or placed behind those of their row ---- */

typedef struct tapping {
    profile_path *path;
    int64_t width;        /* of the image */
    int64_t *row_count;   /* counting; may be NULL */
    profile_reach *reach; /* counting; may be NULL */
    int64_t *row_next;    /* placing; else NULL */
} tapping;

static void tap(tapping *t, int64_t row, int64_t column, int64_t at, double weight)
{
    if (row < 0 || row >= t->path->height || column < 0 || column >= t->width || !(weight > 0)) return;
    if (t->row_next == NULL) {
        t->path->n_taps++;
        if (t->row_count != NULL) t->row_count[row]++;
        if (t->reach != NULL && at < t->reach[row].first) t->reach[row].first = at;
        if (t->reach != NULL && at > t->reach[row].last) t->reach[row].last = at;
        return;
    }
    t->path->taps[t->row_next[row]++] = (profile_tap){.column = (int32_t)column, .at = (int32_t)at, .weight = weight};
}

static void tap_point(tapping *t, const profile_params *p, double x, double y, int64_t at)
{
    if (p->interpolation == NEAREST) {
        tap(t, (int64_t)floor(y + 0.5), (int64_t)floor(x + 0.5), at, 1);
        return;
    }
    const double left = floor(x), top = floor(y), fx = x - left, fy = y - top;
    tap(t, (int64_t)top, (int64_t)left, at, (1 - fx) * (1 - fy));
    tap(t, (int64_t)top, (int64_t)left + 1, at, fx * (1 - fy));
    tap(t, (int64_t)top + 1, (int64_t)left, at, (1 - fx) * fy);
    tap(t, (int64_t)top + 1, (int64_t)left + 1, at, fx * fy);
}

static double segment_steps(const double *a)
{
    return ceil(hypot(a[2] - a[0], a[3] - a[1]));
}

/* Sample k of n of the segment from a to a + 2, with its neighbours along the normal. */
static void tap_sample(tapping *t, const profile_params *p, const double *a, double k, double n, int64_t at)
{
    const double dx = a[2] - a[0], dy = a[3] - a[1], length = hypot(dx, dy);
    const double x = a[0] + k / n * dx, y = a[1] + k / n * dy;
    for (int64_t j = -p->width; j <= p->width; j++)
        tap_point(t, p, x - (double)j * dy / length, y + (double)j * dx / length, at);
}

static void tap_line(tapping *t, const profile_params *p, const zone *line)
{
    int64_t at = 0;
    const double *last = NULL;
    for (int64_t i = 0; i + 1 < line->n_points; i++) {
        const double *a = line->points + 2 * i, n = segment_steps(a);
        for (double k = 0; k < n; k++) tap_sample(t, p, a, k, n, at++);
        if (n > 0) last = a;
    }
    if (last != NULL) tap_sample(t, p, last, 1, 1, at);
}

static void tap_axis(tapping *t, const profile_params *p, int64_t middle)
{
    for (int64_t at = 0; at < t->path->length; at++)
        for (int64_t j = middle - p->width; j <= middle + p->width; j++)
            tap(t, p->axis == AXIS_HORIZONTAL ? j : at, p->axis == AXIS_HORIZONTAL ? at : j, at, 1);
}

/* ---- Lines ---- */

static lmp_status find_line(const char *step, const profile_params *p, const zones *z, const zone **line,
                            int64_t *length, lmp_error *err)
{
    const zone *found = p->zone[0] != '\0' ? zones_find(z, p->zone) : z->count == 1 ? z->items : NULL;
    if (found == NULL && p->zone[0] == '\0')
        return lmp_fail(err, LMP_ERR_USAGE, "%s: %s holds %lld zones: name one with zone=", step, p->zones,
                        (long long)z->count);
    if (found == NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: no zone of %s is called %s: its first is %s", step, p->zones, p->zone,
                        z->items[0].name);
    if (found->shape != ZONE_LINE && found->shape != ZONE_POLYLINE)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: the zone %s is a %s: name a line or polyline", step, found->name,
                        zone_shape_name(found->shape));
    double samples = 1;
    for (int64_t i = 0; i + 1 < found->n_points; i++) samples += segment_steps(found->points + 2 * i);
    if (samples < 2 || samples > MOST_LENGTH)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: the zone %s has a length of %.0f pixels: from 1 to %.0f will do", step,
                        found->name, samples - 1, MOST_LENGTH);
    *length = (int64_t)samples;
    *line = found;
    return LMP_OK;
}

/* ---- The path ---- */

typedef struct tracing {
    const profile_params *p;
    zones z;          /* axis=line */
    const zone *line; /* in z */
    int64_t middle;   /* of the band, else */
} tracing;

static lmp_status trace_axis(const char *step, const profile_params *p, const lmp_format *f, tracing *t,
                             profile_path *path, lmp_error *err)
{
    const bool is_horizontal = p->axis == AXIS_HORIZONTAL;
    const int64_t given = is_horizontal ? p->y : p->x, room = is_horizontal ? f->height : f->width;
    t->middle = given == LMP_AUTO_INTEGER ? room / 2 : given;
    path->length = is_horizontal ? f->width : f->height;
    if (t->middle < room) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s: %s=%lld lies outside the image: its last %s is %lld", step,
                    is_horizontal ? "y" : "x", (long long)given, is_horizontal ? "row" : "column", (long long)room - 1);
}

static lmp_status trace(const char *step, const profile_params *p, const lmp_format *f, tracing *t, profile_path *path,
                        lmp_error *err)
{
    *t = (tracing){.p = p};
    *path = (profile_path){.height = f->height};
    lmp_status status;
    if (p->axis == AXIS_LINE && p->zones[0] == '\0')
        return lmp_fail(err, LMP_ERR_USAGE, "%s: axis=line needs zones=FILE.json", step);
    if (p->axis != AXIS_LINE) {
        status = trace_axis(step, p, f, t, path, err);
    } else {
        status = zones_read(step, p->zones, f->width, f->height, true, &t->z, err);
        if (status != LMP_OK) return status;
        status = find_line(step, p, &t->z, &t->line, &path->length, err);
    }
    const double points = (double)path->length * (double)(2 * p->width + 1);
    if (status == LMP_OK && points > MOST_TAPS)
        status = lmp_fail(err, LMP_ERR_USAGE, "%s: width=%lld averages too many pixels: give a smaller one", step,
                          (long long)p->width);
    if (status != LMP_OK) zones_free(&t->z);
    return status;
}

static void visit_taps(tapping *t, const tracing *trace)
{
    if (trace->line != NULL)
        tap_line(t, trace->p, trace->line);
    else
        tap_axis(t, trace->p, trace->middle);
}

lmp_status profile_path_plan(const char *step, const profile_params *p, const lmp_format *f, profile_path *path,
                             profile_reach *reach, lmp_error *err)
{
    tracing t;
    const lmp_status status = trace(step, p, f, &t, path, err);
    if (status != LMP_OK) return status;
    for (int64_t y = 0; y < f->height && reach != NULL; y++) reach[y] = (profile_reach){path->length, -1};
    tapping counting = {.path = path, .width = f->width, .reach = reach};
    visit_taps(&counting, &t);
    zones_free(&t.z);
    if (path->n_taps > 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s: the line lies outside the image: move it", step);
}

static size_t rows_bytes(const profile_path *path)
{
    return 2 * (size_t)(path->height + 1) * sizeof(int64_t);
}

size_t profile_path_bytes(const profile_path *planned)
{
    return rows_bytes(planned) + (size_t)planned->n_taps * sizeof(profile_tap);
}

lmp_status profile_path_open(const char *step, const profile_params *p, const lmp_format *f, lmp_budget *budget,
                             profile_path *path, lmp_error *err)
{
    tracing t;
    void *rows = NULL, *taps = NULL;
    lmp_status status = trace(step, p, f, &t, path, err);
    if (status != LMP_OK) return status;
    status = lmp_take(budget, rows_bytes(path), &rows, err);
    if (status == LMP_OK) {
        path->row_begin = rows;
        int64_t *next = path->row_begin + path->height + 1;
        tapping counting = {.path = path, .width = f->width, .row_count = next};
        visit_taps(&counting, &t);
        for (int64_t y = 0; y < path->height; y++) path->row_begin[y + 1] = path->row_begin[y] + next[y];
        memcpy(next, path->row_begin, (size_t)path->height * sizeof *next);
        status = lmp_take(budget, (size_t)path->n_taps * sizeof(profile_tap) + 1, &taps, err);
    }
    if (status == LMP_OK) {
        path->taps = taps;
        tapping placing = {.path = path, .width = f->width, .row_next = path->row_begin + path->height + 1};
        visit_taps(&placing, &t);
    } else {
        profile_path_close(path, budget);
    }
    zones_free(&t.z);
    return status;
}

void profile_path_close(profile_path *path, lmp_budget *budget)
{
    lmp_give(budget, path->taps);
    lmp_give(budget, path->row_begin);
    path->taps = NULL;
    path->row_begin = NULL;
}

/* ---- Sums ---- */

void profile_path_add(const profile_path *path, const lmp_frames *frames, const void *frame, double *sums)
{
    const int64_t colours = frames->n_colours;
    for (int64_t row = 0; row < frames->rows; row++) {
        const int64_t y = frames->row + row;
        for (int64_t i = path->row_begin[y]; i < path->row_begin[y + 1]; i++) {
            const profile_tap *t = &path->taps[i];
            double x[3];
            pixel_values_get(frames->type, frame, (row * frames->width + t->column) * colours, 1, colours, x);
            double *pair = sums + 2 * t->at * colours;
            for (int64_t c = 0; c < colours; c++) {
                if (isnan(x[c])) continue;
                pair[2 * c] += t->weight * x[c];
                pair[2 * c + 1] += t->weight;
            }
        }
    }
}

void profile_path_divide(const double *sums, int64_t count, double *values)
{
    for (int64_t i = 0; i < count; i++) values[i] = sums[2 * i + 1] > 0 ? sums[2 * i] / sums[2 * i + 1] : (double)NAN;
}
