/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_figures.c: plots of a report on motion.
 */
#include "score/motion_figures.h"

#include "score/metrics.h"
#include "score/svg.h"

#include <stdlib.h>

#define WIDTH 1040.0
#define LEFT  64.0
#define RIGHT 16.0

enum { MOST_DOTS = 4000 };

static const char *const axis_class[MOTION_AXES] = {"dy", "dx"};

/* ---- Over the frames ---- */

typedef struct curve {
    const char *class_name;
    const double *values;
} curve;

static void widen(svg_plot *p, const double *values, int64_t n, const bool *left_out)
{
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i]) || (left_out != NULL && left_out[i])) continue;
        p->y_first = fmin(p->y_first, values[i]);
        p->y_last = fmax(p->y_last, values[i]);
    }
}

static double *frame_numbers(int64_t n)
{
    double *x = malloc((size_t)(n + 1) * sizeof *x);
    for (int64_t i = 0; i < n && x != NULL; i++) x[i] = (double)i;
    return x;
}

/* One mark for all flagged frames that share a column of the page. */
static void mark_flagged(const svg_plot *p, const motion_score *s)
{
    double last = -1;
    for (int64_t i = 0; i < s->n_frames && s->has_shifts; i++) {
        if (!s->shifts.is_flagged[i]) continue;
        const double x = svg_x(p, (double)i);
        if (x - last < 0.8) continue;
        svg_segment(p->out, "flagged", x, p->top, x, p->top + p->height);
        last = x;
    }
}

/* Curves over the frames; the range is that of frames that are not flagged. */
static void draw_curves(FILE *out, const motion_score *s, const curve *curves, int n, double height, const char *label,
                        const char *description)
{
    const bool *left_out = s->has_shifts && s->n_flagged < s->n_frames ? s->shifts.is_flagged : NULL;
    svg_plot p = {.out = out,
                  .left = LEFT,
                  .top = 24,
                  .width = WIDTH - LEFT - RIGHT,
                  .height = height,
                  .x_last = s->n_frames > 1 ? (double)(s->n_frames - 1) : 1,
                  .y_first = HUGE_VAL,
                  .y_last = -HUGE_VAL};
    double *x = frame_numbers(s->n_frames);
    for (int i = 0; i < n; i++)
        if (curves[i].values != NULL) widen(&p, curves[i].values, s->n_frames, left_out);
    if (x != NULL && p.y_first <= p.y_last) {
        const double margin = p.y_last > p.y_first ? 0.06 * (p.y_last - p.y_first) : 0.5;
        p.y_first -= margin;
        p.y_last += margin;
        svg_begin(out, WIDTH, height + 64, description);
        svg_axis_x(&p, "frame", true);
        svg_axis_y(&p, label);
        mark_flagged(&p, s);
        for (int i = 0; i < n; i++)
            if (curves[i].values != NULL) svg_line(&p, curves[i].class_name, x, curves[i].values, s->n_frames);
        svg_end(out);
    }
    free(x);
}

void motion_figure_shifts(FILE *out, const motion_score *s)
{
    const curve curves[] = {{axis_class[0], s->shifts.px[0]}, {axis_class[1], s->shifts.px[1]}};
    draw_curves(out, s, curves, 2, 200, "shift, px", "Shifts down and to the right over the frames.");
}

void motion_figure_peak(FILE *out, const motion_score *s)
{
    const curve curves[] = {{"after", s->shifts.peak}};
    draw_curves(out, s, curves, 1, 120, "peak", "How well each frame matches the template.");
}

void motion_figure_correlation(FILE *out, const motion_score *s)
{
    const curve curves[] = {{"before", s->before.correlation}, {"after", s->after.correlation}};
    draw_curves(out, s, curves, 2, 160, "correlation", "Correlation of each frame with the mean image.");
}

void motion_figure_errors(FILE *out, const motion_score *s)
{
    const curve curves[] = {{axis_class[0], s->errors.error_px[0]}, {axis_class[1], s->errors.error_px[1]}};
    draw_curves(out, s, curves, 2, 160, "error, px", "Error of the shifts over the frames.");
}

void motion_figure_residual(FILE *out, const motion_score *s)
{
    const motion_series *left = &s->after.residual.shifts;
    const curve curves[] = {{axis_class[0], left->px[0]}, {axis_class[1], left->px[1]}};
    if (s->after.residual.is_known)
        draw_curves(out, s, curves, 2, 140, "shift estimated anew, px",
                    "Shifts of the corrected movie over the frames.");
}

/* ---- Path and histogram ---- */

/* The same scale along both axes: the narrower range is widened. */
static void make_square(svg_plot *p)
{
    const double x = p->x_last - p->x_first, y = p->y_last - p->y_first;
    const double scale = fmax(fmax(x / p->width, y / p->height), 1e-6) * 1.1;
    const double more_x = (scale * p->width - x) / 2, more_y = (scale * p->height - y) / 2;
    p->x_first -= more_x;
    p->x_last += more_x;
    p->y_first -= more_y;
    p->y_last += more_y;
}

static void draw_path(svg_plot p, const double *x, const double *y, int64_t n)
{
    svg_plot columns = {.y_first = HUGE_VAL, .y_last = -HUGE_VAL};
    p.y_first = HUGE_VAL;
    p.y_last = -HUGE_VAL;
    widen(&p, y, n, NULL);
    widen(&columns, x, n, NULL);
    if (!(p.y_first <= p.y_last)) return;
    p.x_first = columns.y_first;
    p.x_last = columns.y_last;
    make_square(&p);
    /* Down on the page is down in the image. */
    const double low = p.y_first;
    p.y_first = p.y_last;
    p.y_last = low;
    svg_axis_x(&p, "dx, px", true);
    svg_axis_y(&p, "dy, px: where the content is moved");
    svg_dots(&p, "after", x, y, n, MOST_DOTS);
}

enum { BINS = 48 };

static void draw_histogram(svg_plot p, const double *values, int64_t n)
{
    int64_t counts[BINS] = {0}, most = 1;
    p.y_first = 0;
    p.y_last = 0;
    widen(&p, values, n, NULL);
    p.x_first = 0;
    p.x_last = p.y_last > 0 ? p.y_last * 1.02 : 1;
    for (int64_t i = 0; i < n; i++) {
        const int64_t bin = isfinite(values[i]) ? (int64_t)(values[i] / p.x_last * BINS) : -1;
        if (bin >= 0 && bin < BINS && ++counts[bin] > most) most = counts[bin];
    }
    p.y_last = (double)most * 1.08;
    svg_axis_x(&p, "distance from the median shift, px", true);
    svg_axis_y(&p, "frames");
    for (int b = 0; b < BINS; b++) {
        const double height = p.height * (double)counts[b] / p.y_last, step = p.width / BINS;
        if (counts[b] > 0)
            svg_rectangle(p.out, "bar", p.left + b * step + 0.5, p.top + p.height - height, step - 1, height, NULL);
    }
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

void motion_figure_path(FILE *out, const motion_score *s)
{
    const size_t bytes = (size_t)(s->n_frames + 1) * sizeof(double);
    double *y = malloc(bytes), *x = malloc(bytes), *far = malloc(bytes);
    if (y != NULL && x != NULL && far != NULL) {
        const int64_t n = choose_known(&s->shifts, s->n_flagged == s->n_frames, y, x, far);
        const svg_plot left = {.out = out, .left = LEFT, .top = 24, .width = 400, .height = 260},
                       right = {.out = out, .left = 560, .top = 24, .width = WIDTH - 560 - RIGHT, .height = 260};
        svg_begin(out, WIDTH, 326, "Where the frames are moved to, and a histogram of how far.");
        draw_path(left, x, y, n);
        draw_histogram(right, far, n);
        svg_end(out);
    }
    free(y);
    free(x);
    free(far);
}

/* ---- Against the truth ---- */

static void draw_scatter(svg_plot p, const motion_score *s, int axis, double *truth)
{
    char label[80];
    const double *found = s->shifts.px[axis];
    double *shown = truth + s->n_frames;
    p.x_first = p.y_first = HUGE_VAL;
    p.x_last = p.y_last = -HUGE_VAL;
    for (int64_t i = 0; i < s->n_frames; i++) {
        const bool counts = isfinite(s->errors.error_px[axis][i]);
        truth[i] = -s->truth.px[axis][i];
        shown[i] = counts ? found[i] - s->errors.axes[axis].mean_px : UNKNOWN;
        if (!counts) continue;
        p.x_first = p.y_first = fmin(p.x_first, fmin(truth[i], shown[i]));
        p.x_last = p.y_last = fmax(p.x_last, fmax(truth[i], shown[i]));
    }
    if (!(p.x_first < p.x_last)) return;
    make_square(&p);
    snprintf(label, sizeof label, "%s found, px · slope %.4f", axis == 0 ? "dy" : "dx", s->errors.axes[axis].slope);
    svg_axis_x(&p, axis == 0 ? "minus the true dy, px" : "minus the true dx, px", true);
    svg_axis_y(&p, label);
    const double first = fmax(p.x_first, p.y_first), last = fmin(p.x_last, p.y_last);
    svg_segment(p.out, "mark", svg_x(&p, first), svg_y(&p, first), svg_x(&p, last), svg_y(&p, last));
    svg_dots(&p, axis_class[axis], truth, shown, s->n_frames, MOST_DOTS);
}

void motion_figure_scatter(FILE *out, const motion_score *s)
{
    double *room = malloc((size_t)(2 * s->n_frames + 1) * sizeof *room);
    if (room == NULL) return;
    svg_begin(out, WIDTH, 326, "Shifts that were found against the known displacement.");
    for (int a = 0; a < MOTION_AXES; a++) {
        const svg_plot p = {.out = out, .left = LEFT + a * 520, .top = 24, .width = 400, .height = 260};
        draw_scatter(p, s, a, room);
    }
    svg_end(out);
    free(room);
}

/* ---- What is left ---- */

#define MAGNIFIED 40.0

static void draw_blocks(FILE *out, const motion_score *s, const local_pair *pair, double left, double width)
{
    static const char *const titles[] = {"lowest against highest dy", "lowest against highest dx",
                                         "first against last third"};
    const motion_movie *m = &s->after.movie;
    const double scale = width / (double)m->width, top = 26;
    const image_region r = s->after.region;
    svg_label(out, "name", left, 16, "start", titles[pair - s->local.pairs]);
    svg_rectangle(out, "frame", left, top, width, (double)m->height * scale, NULL);
    svg_rectangle(out, "valid", left + (double)r.left * scale, top + (double)r.top * scale, (double)r.width * scale,
                  (double)r.height * scale, NULL);
    for (int64_t k = 0; k < pair->n_blocks; k++) {
        const local_block *b = &pair->blocks[k];
        const double x = left + (double)b->x * scale, y = top + (double)b->y * scale;
        if (!b->is_used) continue;
        svg_rectangle(out, "block", x - 2, y - 2, 4, 4, NULL);
        svg_segment(out, "arrow", x, y, x + MAGNIFIED * b->dx, y + MAGNIFIED * b->dy);
    }
}

void motion_figure_local(FILE *out, const motion_score *s)
{
    int n = 0, at = 0;
    const double gap = 28;
    for (int p = 0; p < LOCAL_PAIRS; p++) n += s->local.pairs[p].is_known;
    const double width = fmin((WIDTH - gap * (LOCAL_PAIRS - 1)) / LOCAL_PAIRS, 500),
                 height = width * (double)s->after.movie.height / (double)s->after.movie.width;
    if (n == 0) return;
    svg_begin(out, WIDTH, height + 60, "Displacement between means of thirds of the frames, block by block.");
    for (int p = 0; p < LOCAL_PAIRS; p++)
        if (s->local.pairs[p].is_known) draw_blocks(out, s, &s->local.pairs[p], (width + gap) * at++, width);
    svg_segment(out, "arrow", 0, height + 46, MAGNIFIED, height + 46);
    svg_label(out, "tick", MAGNIFIED + 8, height + 50, "start", "1 px");
    svg_end(out);
}
