/* SPDX-License-Identifier: BSD-3-Clause
 *
 * isolines.c: lines of equal value of chosen frames, as a table. The movie passes unchanged.
 */
#include "movie/contour.h"
#include "movie/frame_step.h"
#include "movie/load.h"

#include "math/image_smooth.h"
#include "os/os.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SIGMA = 100 };

typedef struct isolines_params {
    lmp_numbers levels;
    int64_t count;
    lmp_frame_range frames;
    double smooth;
    int64_t points;
    char *table;
} isolines_params;

static const lmp_param params[] = {
    {"levels", LMP_PARAM_NUMBERS, offsetof(isolines_params, levels), "", -1e300, 1e300, "", NULL,
     "Values to draw lines at; none: count of them for each frame."},
    {"count", LMP_PARAM_INTEGER, offsetof(isolines_params, count), "5", 1, 1000, "", NULL,
     "Without levels: how many, equally spaced between the lowest and the highest value of the frame."},
    {"frames", LMP_PARAM_FRAMES, offsetof(isolines_params, frames), ":1", 0, 0, "", NULL,
     "Frames to draw lines of, as in Python; : for all."},
    {"smooth", LMP_PARAM_NUMBER, offsetof(isolines_params, smooth), "0", 0, MOST_SIGMA, "px", NULL,
     "Standard deviation of a Gaussian that smooths the frame before; 0: none."},
    {"points", LMP_PARAM_INTEGER, offsetof(isolines_params, points), "500000", 2, 1e9, "", NULL,
     "Most points that all lines may have together; room for them is taken at the start."},
    {"table", LMP_PARAM_FILE, offsetof(isolines_params, table), NULL, 0, 0, "", NULL,
     "CSV file to write the lines into."},
    {0},
};

typedef struct line {
    int64_t frame, first, count; /* first and count of its points */
    double level;
} line;

typedef struct point {
    float x, y;
} point;

/* What all workers fill, under the lock; lines of a frame lie one behind the other. */
typedef struct drawing {
    os_mutex *lock;
    line *lines;
    point *points;
    int64_t n_lines, n_points, most_points;
} drawing;

typedef struct isolines {
    frame_counts *counts; /* unused */
    const double *levels; /* borrowed from the parameters */
    int64_t n_levels, count;
    int64_t first, step, end;
    int64_t radius;
    const int64_t *numbers; /* of the frames in the source, borrowed from the plan; NULL: their own */
    size_t loaded_bytes;    /* of a frame as float32, at the start of the scratch */
    drawing *drawing;
    float weights[4 * MOST_SIGMA + 1];
} isolines;

/* ---- Planning ---------------------------------------------------------------------------------------------- */

static size_t drawing_bytes(int64_t points)
{
    return sizeof(drawing) + (size_t)points * sizeof(point) + (size_t)(points / 2 + 1) * sizeof(line);
}

static image_size size_of(const lmp_format *format)
{
    return (image_size){format->height, format->width, 1};
}

static int64_t radius_of(const isolines_params *p)
{
    return p->smooth > 0 ? gaussian_radius(p->smooth) : 0;
}

static size_t in_lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* The frame as float32, smoothed, what smoothing needs, and a mark for each pixel. */
static size_t scratch_bytes(const isolines_params *p, const lmp_format *in)
{
    const size_t pixels = (size_t)(in->height * in->width);
    const size_t smoothing =
        in_lines(pixels * sizeof(float)) + in_lines(image_gaussian_scratch(size_of(in), radius_of(p)));
    return in_lines(load_bytes(in)) + (radius_of(p) > 0 ? smoothing : 0) + pixels;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const isolines_params *p = values;
    int64_t first, count;
    lmp_status status = frame_step_needs_grey("isolines", &in->format, err);
    if (status == LMP_OK) status = lmp_frame_range_fit(&p->frames, in->format.n_times, "isolines", &first, &count, err);
    plan->table_path = p->table;
    plan->shared_bytes = frame_step_bytes(sizeof(isolines)) + drawing_bytes(p->points);
    plan->scratch_bytes = scratch_bytes(p, &in->format);
    return status;
}

static lmp_status drawing_new(int64_t points, lmp_budget *budget, drawing **made, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(budget, drawing_bytes(points), &memory, err);
    if (status != LMP_OK) return status;
    drawing *d = memory;
    d->lines = (line *)(d + 1);
    d->points = (point *)(d->lines + points / 2 + 1);
    d->most_points = points;
    d->lock = os_mutex_new();
    if (d->lock == NULL) {
        lmp_give(budget, memory);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a lock");
    }
    *made = d;
    return LMP_OK;
}

static void drawing_free(drawing *d, lmp_budget *budget)
{
    os_mutex_free(d->lock);
    lmp_give(budget, d);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    const isolines_params *p = values;
    isolines s = {.levels = p->levels.values,
                  .n_levels = p->levels.count,
                  .count = p->count,
                  .step = p->frames.step,
                  .radius = radius_of(p),
                  .numbers = in->format.frame_numbers,
                  .loaded_bytes = in_lines(load_bytes(&in->format))};
    int64_t count;
    lmp_status status = lmp_frame_range_fit(&p->frames, in->format.n_times, "isolines", &s.first, &count, err);
    if (status != LMP_OK) return status;
    s.end = s.first + (count - 1) * s.step + 1;
    if (s.radius > 0) gaussian_weights(p->smooth, s.weights);
    status = drawing_new(p->points, budget, &s.drawing, err);
    if (status != LMP_OK) return status;
    status = frame_step_open(budget, &s, sizeof s, shared, err);
    if (status != LMP_OK) drawing_free(s.drawing, budget);
    return status;
}

/* ---- Drawing ----------------------------------------------------------------------------------------------- */

static bool add_point(void *user, bool is_first, double x, double y)
{
    drawing *d = user;
    if (d->n_points == d->most_points) return false;
    line *l = &d->lines[d->n_lines - (is_first ? 0 : 1)];
    if (is_first) {
        l->first = d->n_points;
        l->count = 0;
        d->n_lines++;
    }
    d->points[d->n_points++] = (point){(float)x, (float)y};
    l->count++;
    return true;
}

/* Names the lines that have come since `from`. */
static void name_lines(drawing *d, int64_t from, int64_t frame, double level)
{
    for (int64_t i = from; i < d->n_lines; i++) {
        d->lines[i].frame = frame;
        d->lines[i].level = level;
    }
}

static double level_of(const isolines *s, int64_t i, double low, double high)
{
    return s->n_levels > 0 ? s->levels[i] : low + (high - low) * (double)(i + 1) / (double)(s->count + 1);
}

static lmp_status draw_frame(const isolines *s, const float *values, const lmp_frames *in, int64_t frame,
                             uint8_t *marks, lmp_error *err)
{
    drawing *d = s->drawing;
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int64_t i = 0; i < in->rows * in->width; i++) {
        if (!isfinite(values[i])) continue;
        low = fmin(low, (double)values[i]);
        high = fmax(high, (double)values[i]);
    }
    bool fits = true;
    os_mutex_lock(d->lock);
    for (int64_t i = 0; i < (s->n_levels > 0 ? s->n_levels : s->count) && fits && low < high; i++) {
        const double level = level_of(s, i, low, high);
        const int64_t before = d->n_lines;
        fits = contour_trace(values, in->width, in->rows, level, marks, add_point, d);
        name_lines(d, before, frame, level);
    }
    os_mutex_unlock(d->lock);
    if (fits) return LMP_OK;
    return lmp_fail(
        err, LMP_ERR_USAGE,
        "isolines: the lines have more than %lld points: give fewer levels or frames, smooth, or raise points",
        (long long)d->most_points);
}

static lmp_status look_at_frame(const isolines *s, const lmp_frames *in, int64_t i, char *scratch, lmp_error *err)
{
    const image_size size = {in->rows, in->width, 1};
    const size_t pixels = (size_t)(in->rows * in->width);
    const float *values = load_frame(in, i, scratch);
    char *at = scratch + s->loaded_bytes;
    if (s->radius > 0) {
        float *smooth = (void *)at;
        at += in_lines(pixels * sizeof(float));
        image_gaussian(values, size, s->weights, s->radius, at, smooth);
        at += in_lines(image_gaussian_scratch(size, s->radius));
        values = smooth;
    }
    return draw_frame(s, values, in, in->first + i, (uint8_t *)at, err);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    const isolines *s = shared;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < out->count && status == LMP_OK; i++) {
        const int64_t frame = in->first + i;
        memcpy(frame_out(out, i), frame_in(in, i), (size_t)frame_values(in) * lmp_type_bytes(in->type));
        if (frame >= s->first && frame < s->end && (frame - s->first) % s->step == 0)
            status = look_at_frame(s, in, i, scratch, err);
    }
    return status;
}

/* ---- The table --------------------------------------------------------------------------------------------- */

static int by_frame(const void *a, const void *b)
{
    const line *x = a, *y = b;
    if (x->frame != y->frame) return x->frame < y->frame ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    (void)err;
    const isolines *s = shared;
    drawing *d = s->drawing;
    qsort(d->lines, (size_t)d->n_lines, sizeof *d->lines, by_frame);
    lmp_table_columns(table, "frame,level,line,point,x,y");
    int64_t number = 0;
    for (int64_t i = 0; i < d->n_lines; i++) {
        const line *l = &d->lines[i];
        number = i > 0 && l[-1].frame == l->frame ? number + 1 : 0;
        for (int64_t k = 0; k < l->count; k++) {
            lmp_table_number(table, (double)(s->numbers != NULL ? s->numbers[l->frame] : l->frame));
            lmp_table_number(table, l->level);
            lmp_table_number(table, (double)number);
            lmp_table_number(table, (double)k);
            lmp_table_number(table, (double)d->points[l->first + k].x);
            lmp_table_number(table, (double)d->points[l->first + k].y);
            lmp_table_end_row(table);
        }
    }
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    const isolines *s = shared;
    lmp_record_number(record, "lines", (double)s->drawing->n_lines);
    lmp_record_number(record, "points", (double)s->drawing->n_points);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    drawing_free(((isolines *)shared)->drawing, budget);
    frame_step_close(shared, budget);
}

const lmp_step lmp_step_isolines = {
    .struct_size = sizeof(lmp_step),
    .name = "isolines",
    .summary = "Lines of equal value of chosen frames, as a table.",
    .doc = "Marching squares: where the level lies between two neighbouring pixels, the line crosses between them, "
           "interpolated linearly; where two opposite corners of four pixels lie above, the mean of the four decides "
           "what is "
           "connected. A pixel equal to the level counts as below.\n\n"
           "The table has a row for each point: `frame` (its number in the source), `level`, `line` (numbered in each "
           "frame), "
           "`point`, `x`, `y`, in pixels, with pixel centres at whole numbers. Higher values lie to the right of the "
           "way; a "
           "closed line ends with its first point. Without `levels`, `count` of them lie at `min + (max - min) * k / "
           "(count "
           "+ 1)`, k from 1 to count, for each frame.\n\n"
           "Lines end at the edge of the frame, and beside NaN or infinite pixels. The movie itself passes unchanged, "
           "in any "
           "number type. Colours are refused: put `grey` before.\n",
    .known_as = "Isolines (BLITZ), measure.find_contours (scikit-image), contour (Matplotlib), Find contours (ImageJ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(isolines_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
    .tabulate = tabulate,
};
