/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_draw.c: figures of a described report as inline SVG.
 */
#include "score/report_draw.h"

#include "score/base64.h"
#include "score/metrics.h"
#include "score/motion_picture.h"
#include "score/provenance.h"
#include "score/svg.h"

#include <stdlib.h>
#include <string.h>

#define LEFT  64.0
#define RIGHT 16.0
#define TOP   24.0

enum { MOST_DOTS = 4000 };

static double at(const json_t *list, size_t i)
{
    const json_t *value = json_array_get(list, i);
    return json_is_number(value) ? json_number_value(value) : UNKNOWN;
}

static bool is_true(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

/* ---- Curves ---- */

typedef struct drawn_series {
    double *x, *values;
    int64_t n_x, n;
} drawn_series;

static void widen(double value, double *first, double *last)
{
    if (!isfinite(value)) return;
    *first = fmin(*first, value);
    *last = fmax(*last, value);
}

/* As the figure says, else all of it with a margin. */
static void choose_range(const json_t *figure, const char *key, const drawn_series *all, size_t n, bool is_x,
                         double *first, double *last)
{
    const json_t *range = json_object_get(figure, key);
    *first = HUGE_VAL;
    *last = -HUGE_VAL;
    for (size_t s = 0; s < n && range == NULL; s++)
        for (int64_t i = 0; i < (is_x ? all[s].n_x : all[s].n); i++)
            widen(is_x ? all[s].x[i] : all[s].values[i], first, last);
    if (range != NULL || !(*first <= *last)) {
        *first = range != NULL ? at(range, 0) : 0;
        *last = range != NULL ? at(range, 1) : 1;
        return;
    }
    const double margin = *last > *first ? (is_x ? 0 : 0.06 * (*last - *first)) : 0.5;
    *first -= margin;
    *last += margin;
}

static void draw_marks(const svg_plot *p, const json_t *marks)
{
    const char *role = provenance_text(marks, "role");
    const json_t *list = json_object_get(marks, "x");
    const double height = is_true(marks, "short") ? 7 : p->height;
    double last = -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const double x = svg_x(p, at(list, i));
        if (!(at(list, i) >= p->x_first && at(list, i) <= p->x_last) || fabs(x - last) < 0.8) continue;
        svg_segment(p->out, role, x, p->top, x, p->top + height);
        last = x;
    }
}

static void draw_bars(const svg_plot *p, const drawn_series *s)
{
    for (int64_t i = 0; i < s->n && i + 1 < s->n_x; i++) {
        const double x1 = svg_x(p, s->x[i]), x2 = svg_x(p, s->x[i + 1]), y = svg_y(p, s->values[i]);
        if (s->values[i] > 0) svg_rectangle(p->out, "bar", x1 + 0.5, y, x2 - x1 - 1, p->top + p->height - y, NULL);
    }
}

static void draw_series(const svg_plot *p, const json_t *series, const drawn_series *s)
{
    const char *role = provenance_text(series, "role"), *style = provenance_text(series, "style");
    if (strcmp(style, "bars") == 0)
        draw_bars(p, s);
    else if (strcmp(style, "dots") == 0)
        svg_dots(p, role, s->x, s->values, s->n, MOST_DOTS);
    else
        svg_line(p, role, s->x, s->values, s->n);
}

static void draw_plot(FILE *out, const json_t *figure, const drawn_series *all, size_t n, double width)
{
    const double height = provenance_number(figure, "height");
    const json_t *guide = json_object_get(figure, "guide");
    size_t i;
    json_t *part;
    svg_plot p = {.out = out, .left = LEFT, .top = TOP, .width = width - LEFT - RIGHT, .height = height};
    p.log_x = is_true(figure, "log_x");
    p.log_y = is_true(figure, "log_y");
    choose_range(figure, "x_range", all, n, true, &p.x_first, &p.x_last);
    choose_range(figure, "y_range", all, n, false, &p.y_first, &p.y_last);
    if (is_true(figure, "y_down")) {
        const double low = p.y_first;
        p.y_first = p.y_last;
        p.y_last = low;
    }
    svg_begin(out, width, height + 64, provenance_text(figure, "title"));
    svg_axis_x(&p, provenance_text(figure, "x_label"), true);
    svg_axis_y(&p, provenance_text(figure, "y_label"));
    json_array_foreach(json_object_get(figure, "marks"), i, part) draw_marks(&p, part);
    json_array_foreach(json_object_get(figure, "series"), i, part) draw_series(&p, part, &all[i]);
    if (guide != NULL)
        svg_segment(out, "mark", svg_x(&p, at(guide, 0)), svg_y(&p, at(guide, 1)), svg_x(&p, at(guide, 2)),
                    svg_y(&p, at(guide, 3)));
    svg_end(out);
}

void draw_curves(FILE *out, const json_t *figure, double width)
{
    const json_t *list = json_object_get(figure, "series");
    const size_t n = json_array_size(list);
    drawn_series *all = calloc(n + 1, sizeof *all);
    for (size_t i = 0; i < n && all != NULL; i++) {
        all[i].x = provenance_numbers(json_array_get(list, i), "x", &all[i].n_x);
        all[i].values = provenance_numbers(json_array_get(list, i), "values", &all[i].n);
    }
    if (all != NULL) draw_plot(out, figure, all, n, width);
    for (size_t i = 0; i < n && all != NULL; i++) {
        free(all[i].x);
        free(all[i].values);
    }
    free(all);
}

/* ---- Lanes ---- */

enum { LANE = 28 };

static void draw_lane(const svg_plot *p, const json_t *lane, double top)
{
    size_t i, k;
    json_t *part, *x;
    svg_label(p->out, "row", LEFT - 8, top + 14, "end", provenance_text(lane, "label"));
    json_array_foreach(json_object_get(lane, "spans"), i, part)
    {
        const double first = svg_x(p, provenance_number(part, "from")), last = svg_x(p, provenance_number(part, "to"));
        const char *text = provenance_text(part, "text");
        svg_rectangle(p->out, provenance_text(part, "role"), first, top, last - first, 18,
                      text[0] != '\0' ? text : NULL);
    }
    json_array_foreach(json_object_get(lane, "ticks"), i, part) json_array_foreach(json_object_get(part, "x"), k, x)
        svg_segment(p->out, provenance_text(part, "role"), svg_x(p, json_number_value(x)), top,
                    svg_x(p, json_number_value(x)), top + 18);
}

void draw_lanes(FILE *out, const json_t *figure, double width)
{
    const json_t *range = json_object_get(figure, "x_range");
    const double height = LANE * (double)json_array_size(json_object_get(figure, "lanes"));
    const svg_plot p = {.out = out,
                        .left = LEFT,
                        .top = 8,
                        .width = width - LEFT - RIGHT,
                        .height = height,
                        .x_first = at(range, 0),
                        .x_last = at(range, 1),
                        .y_last = 1};
    size_t i;
    json_t *lane;
    svg_begin(out, width, height + 46, provenance_text(figure, "title"));
    svg_axis_x(&p, provenance_text(figure, "x_label"), true);
    json_array_foreach(json_object_get(figure, "lanes"), i, lane) draw_lane(&p, lane, 12 + LANE * (double)i);
    svg_end(out);
}

/* ---- Arrows over an image's outline ---- */

static void draw_region(FILE *out, const char *role, const json_t *region, double scale, double top)
{
    svg_rectangle(out, role, provenance_number(region, "left") * scale, top + provenance_number(region, "top") * scale,
                  provenance_number(region, "width") * scale, provenance_number(region, "height") * scale, NULL);
}

void draw_arrows(FILE *out, const json_t *figure, double width)
{
    const double times = provenance_number(figure, "magnified"), image_width = provenance_number(figure, "width"),
                 image_height = provenance_number(figure, "height"), top = 26;
    const double scale = fmin(width / image_width, 360 / image_height), height = scale * image_height;
    size_t i;
    json_t *arrow;
    svg_begin(out, width, height + 60, provenance_text(figure, "title"));
    svg_label(out, "name", 0, 16, "start", provenance_text(figure, "title"));
    svg_rectangle(out, "frame", 0, top, image_width * scale, height, NULL);
    draw_region(out, "valid", json_object_get(figure, "region"), scale, top);
    json_array_foreach(json_object_get(figure, "arrows"), i, arrow)
    {
        const double x = provenance_number(arrow, "x") * scale, y = top + provenance_number(arrow, "y") * scale;
        svg_rectangle(out, "block", x - 2, y - 2, 4, 4, NULL);
        svg_segment(out, "arrow", x, y, x + times * provenance_number(arrow, "dx"),
                    y + times * provenance_number(arrow, "dy"));
    }
    svg_segment(out, "arrow", 0, height + 46, times, height + 46);
    svg_label(out, "tick", times + 8, height + 50, "start", "1 px");
    svg_end(out);
}

/* ---- Images ---- */

static void begin_image(FILE *out, const json_t *image, double width, double height)
{
    fprintf(out, "<figure><svg class=\"picture\" viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", width, height);
    html_text(out, provenance_text(image, "title"));
    fprintf(out, "\"><image width=\"%g\" height=\"%g\" preserveAspectRatio=\"none\" href=\"", width, height);
}

static void end_image(FILE *out, const json_t *image)
{
    const json_t *region = json_object_get(image, "region");
    fputs("\"/>", out);
    if (region != NULL) draw_region(out, "region", region, 1, 0);
    fputs("</svg><figcaption>", out);
    html_text(out, provenance_text(image, "title"));
    fputs("</figcaption></figure>\n", out);
}

lmp_status draw_images(FILE *out, const json_t *figure, lmp_error *err)
{
    const picture_range range = {provenance_number(figure, "low"), provenance_number(figure, "high")};
    lmp_status status = LMP_OK;
    size_t i;
    json_t *image;
    fputs("<div class=\"pair\">\n", out);
    json_array_foreach(json_object_get(figure, "images"), i, image)
    {
        const double height = provenance_number(image, "height"), width = provenance_number(image, "width"),
                     step = provenance_number(image, "pixels_per_value");
        const size_t n = (size_t)(height * width);
        float *values = base64_decode(provenance_text(image, "base64"), n * sizeof *values);
        begin_image(out, image, width * step, height * step);
        if (values == NULL)
            status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a picture");
        else
            status = picture_write(out, values, (int64_t)height, (int64_t)width, range, err);
        end_image(out, image);
        free(values);
        if (status != LMP_OK) break;
    }
    fputs("</div>\n", out);
    return status;
}
