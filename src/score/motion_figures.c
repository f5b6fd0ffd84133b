/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_figures.c: plots of a report on motion.
 */
#include "score/motion_figures.h"

#include "score/metrics.h"

#include <stdlib.h>

enum { BINS = 48, MOST_TOLD_APART = 2000 };

static const char *const axis_role[MOTION_AXES] = {"dy", "dx"};

typedef struct extent {
    double low, high;
} extent;

#define NO_EXTENT ((extent){HUGE_VAL, -HUGE_VAL})

static void widen(extent *e, const double *values, int64_t n, const bool *left_out)
{
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i]) || (left_out != NULL && left_out[i])) continue;
        e->low = fmin(e->low, values[i]);
        e->high = fmax(e->high, values[i]);
    }
}

/* ---- Over the frames ---- */

typedef struct curve {
    const char *label, *role;
    const double *values; /* NULL: none */
} curve;

static double *frame_numbers(int64_t n)
{
    double *x = malloc((size_t)(n + 1) * sizeof *x);
    for (int64_t i = 0; i < n && x != NULL; i++) x[i] = (double)i;
    return x;
}

/* One mark for all flagged frames that lie too close to be told apart. */
static void mark_flagged(json_t *figure, const motion_score *s)
{
    if (!s->has_shifts || s->n_flagged == 0) return;
    json_t *marks = figure_marks(figure, "flagged frame", "flagged", false);
    const int64_t least = s->n_frames / MOST_TOLD_APART;
    for (int64_t i = 0, last = -least - 1; i < s->n_frames; i++) {
        if (!s->shifts.is_flagged[i] || i - last <= least) continue;
        mark_add(marks, (double)i);
        last = i;
    }
}

/* Curves over the frames; the range is that of frames that are not flagged. */
static void tell_curves(report_data *d, const motion_score *s, const curve *curves, int n, double height,
                        const char *label, const char *title)
{
    const bool *left_out = s->has_shifts && s->n_flagged < s->n_frames ? s->shifts.is_flagged : NULL;
    double *x = frame_numbers(s->n_frames);
    extent e = NO_EXTENT;
    for (int i = 0; i < n; i++)
        if (curves[i].values != NULL) widen(&e, curves[i].values, s->n_frames, left_out);
    if (x != NULL && e.low <= e.high) {
        const double margin = e.high > e.low ? 0.06 * (e.high - e.low) : 0.5;
        json_t *figure = data_curves(d, title, "frame", label, height);
        figure_range(figure, "x_range", 0, s->n_frames > 1 ? (double)(s->n_frames - 1) : 1);
        figure_range(figure, "y_range", e.low - margin, e.high + margin);
        for (int i = 0; i < n; i++)
            if (curves[i].values != NULL)
                figure_series(figure, curves[i].label, curves[i].role, "line", x, curves[i].values, s->n_frames);
        mark_flagged(figure, s);
    }
    free(x);
}

static void tell_axes(report_data *d, const motion_score *s, double *const px[MOTION_AXES], double height,
                      const char *label, const char *title)
{
    const curve curves[] = {{"dy, downwards", axis_role[0], px[0]}, {"dx, to the right", axis_role[1], px[1]}};
    tell_curves(d, s, curves, MOTION_AXES, height, label, title);
}

void motion_figure_shifts(report_data *d, const motion_score *s)
{
    tell_axes(d, s, s->shifts.px, 200, "shift, px", "Shifts down and to the right over the frames.");
}

void motion_figure_peak(report_data *d, const motion_score *s)
{
    const curve curves[] = {{"", "after", s->shifts.peak}};
    tell_curves(d, s, curves, 1, 120, "peak", "How well each frame matches the template.");
}

void motion_figure_correlation(report_data *d, const motion_score *s)
{
    const curve curves[] = {{"before", "before", s->before.correlation},
                            {s->before.is_known ? "after" : "the movie", "after", s->after.correlation}};
    tell_curves(d, s, curves, 2, 160, "correlation", "Correlation of each frame with the mean image.");
}

void motion_figure_errors(report_data *d, const motion_score *s)
{
    tell_axes(d, s, s->errors.error_px, 160, "error, px", "Error of the shifts over the frames.");
}

void motion_figure_residual(report_data *d, const motion_score *s)
{
    if (s->after.residual.is_known)
        tell_axes(d, s, s->after.residual.shifts.px, 140, "shift estimated anew, px",
                  "Shifts of the corrected movie over the frames.");
}

/* ---- Path and histogram ---- */

/* How wide a plot is for its height, where two stand side by side. */
#define PLOT_ASPECT 1.6

/* The same scale along both axes: the narrower range is widened. */
static void show_square(json_t *figure, extent x, extent y)
{
    const double scale = fmax(fmax((x.high - x.low) / PLOT_ASPECT, y.high - y.low), 1e-6) * 1.1;
    const double more_x = (scale * PLOT_ASPECT - (x.high - x.low)) / 2, more_y = (scale - (y.high - y.low)) / 2;
    figure_range(figure, "x_range", x.low - more_x, x.high + more_x);
    figure_range(figure, "y_range", y.low - more_y, y.high + more_y);
}

typedef struct place {
    double x, y;
} place;

static int compare_places(const void *a, const void *b)
{
    const place *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

/* Dots, from left to right; those that are not known are left out. */
static void add_dots(json_t *figure, const char *role, const double *x, const double *y, int64_t n)
{
    place *all = malloc((size_t)(n + 1) * sizeof *all);
    double *sorted = malloc((size_t)(2 * n + 1) * sizeof *sorted);
    int64_t known = 0;
    for (int64_t i = 0; i < n && all != NULL; i++)
        if (isfinite(x[i] + y[i])) all[known++] = (place){x[i], y[i]};
    if (all != NULL && sorted != NULL) {
        qsort(all, (size_t)known, sizeof *all, compare_places);
        for (int64_t i = 0; i < known; i++) {
            sorted[i] = all[i].x;
            sorted[n + i] = all[i].y;
        }
        figure_series(figure, "", role, "dots", sorted, sorted + n, known);
    }
    free(all);
    free(sorted);
}

static void tell_path(report_data *d, const double *x, const double *y, int64_t n)
{
    extent columns = NO_EXTENT, rows = NO_EXTENT;
    widen(&columns, x, n, NULL);
    widen(&rows, y, n, NULL);
    if (!(rows.low <= rows.high)) return;
    json_t *figure =
        data_curves(d, "Where the frames are moved to.", "dx, px", "dy, px: where the content is moved", 260);
    show_square(figure, columns, rows);
    /* Down on the page is down in the image. */
    json_object_set_new(figure, "y_down", json_true());
    add_dots(figure, "after", x, y, n);
}

static void tell_histogram(report_data *d, const double *far, int64_t n)
{
    int64_t counts[BINS] = {0};
    extent e = {0, 0};
    widen(&e, far, n, NULL);
    const double last = e.high > 0 ? e.high * 1.02 : 1;
    for (int64_t i = 0; i < n; i++) {
        const int64_t bin = isfinite(far[i]) ? (int64_t)(far[i] / last * BINS) : -1;
        if (bin >= 0 && bin < BINS) counts[bin]++;
    }
    json_t *figure =
        data_curves(d, "A histogram of how far frames are moved.", "distance from the median shift, px", "frames", 260);
    figure_bars(figure, "", "bar", 0, last, counts, BINS);
}

/* Frames that are not flagged, and how far each is from the median. */
static int64_t choose_known(const motion_series *shifts, bool all, double *y, double *x, double *far)
{
    int64_t n = 0;
    for (int64_t i = 0; i < shifts->n; i++) {
        if ((shifts->is_flagged[i] && !all) || !isfinite(shifts->px[0][i] + shifts->px[1][i])) continue;
        y[n] = shifts->px[0][i];
        x[n++] = shifts->px[1][i];
    }
    for (int64_t i = 0; i < n; i++) far[i] = y[i];
    const double middle_y = metric_median(far, n);
    for (int64_t i = 0; i < n; i++) far[i] = x[i];
    const double middle_x = metric_median(far, n);
    for (int64_t i = 0; i < n; i++) far[i] = hypot(y[i] - middle_y, x[i] - middle_x);
    return n;
}

void motion_figure_path(report_data *d, const motion_score *s)
{
    const size_t bytes = (size_t)(s->n_frames + 1) * sizeof(double);
    double *y = malloc(bytes), *x = malloc(bytes), *far = malloc(bytes);
    if (y != NULL && x != NULL && far != NULL) {
        const int64_t n = choose_known(&s->shifts, s->n_flagged == s->n_frames, y, x, far);
        data_open(d, "pair", "");
        tell_path(d, x, y, n);
        tell_histogram(d, far, n);
        data_close(d);
    }
    free(y);
    free(x);
    free(far);
}

/* ---- Against the truth ---- */

static void tell_scatter(report_data *d, const motion_score *s, int axis, double *truth)
{
    char label[80];
    double *found = truth + s->n_frames;
    extent e = NO_EXTENT;
    for (int64_t i = 0; i < s->n_frames; i++) {
        const bool counts = isfinite(s->errors.error_px[axis][i]);
        truth[i] = counts ? -s->truth.px[axis][i] : UNKNOWN;
        found[i] = counts ? s->shifts.px[axis][i] - s->errors.axes[axis].mean_px : UNKNOWN;
    }
    widen(&e, truth, 2 * s->n_frames, NULL);
    if (!(e.low < e.high)) return;
    snprintf(label, sizeof label, "%s found, px · slope %.4f", axis_role[axis], s->errors.axes[axis].slope);
    json_t *figure = data_curves(d, "Shifts that were found against the known displacement.",
                                 axis == 0 ? "minus the true dy, px" : "minus the true dx, px", label, 260);
    show_square(figure, e, e);
    figure_guide(figure, e.low, e.low, e.high, e.high);
    add_dots(figure, axis_role[axis], truth, found, s->n_frames);
}

void motion_figure_scatter(report_data *d, const motion_score *s)
{
    double *room = malloc((size_t)(2 * s->n_frames + 1) * sizeof *room);
    if (room == NULL) return;
    data_open(d, "pair", "");
    for (int a = 0; a < MOTION_AXES; a++) tell_scatter(d, s, a, room);
    data_close(d);
    free(room);
}

/* ---- What is left ---- */

#define MAGNIFIED 40.0

static void tell_blocks(report_data *d, const motion_score *s, const local_pair *pair)
{
    static const char *const titles[] = {"lowest against highest dy", "lowest against highest dx",
                                         "first against last third"};
    const image_region r = s->after.region;
    json_t *figure = data_part(d, "arrows"), *arrows = json_array();
    json_object_set_new(figure, "title", json_string(titles[pair - s->local.pairs]));
    json_object_set_new(figure, "height", json_integer(s->after.movie.height));
    json_object_set_new(figure, "width", json_integer(s->after.movie.width));
    json_object_set_new(figure, "magnified", json_real(MAGNIFIED));
    json_object_set_new(figure, "region",
                        json_pack("{s:I,s:I,s:I,s:I}", "top", (json_int_t)r.top, "left", (json_int_t)r.left, "height",
                                  (json_int_t)r.height, "width", (json_int_t)r.width));
    json_object_set_new(figure, "arrows", arrows);
    for (int64_t k = 0; k < pair->n_blocks; k++) {
        const local_block *b = &pair->blocks[k];
        if (b->is_used)
            json_array_append_new(arrows, json_pack("{s:I,s:I,s:f,s:f}", "y", (json_int_t)b->y, "x", (json_int_t)b->x,
                                                    "dy", b->dy, "dx", b->dx));
    }
}

void motion_figure_local(report_data *d, const motion_score *s)
{
    data_open(d, "row", "");
    for (int p = 0; p < LOCAL_PAIRS; p++)
        if (s->local.pairs[p].is_known) tell_blocks(d, s, &s->local.pairs[p]);
    data_close(d);
}
