/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_figure.c: describing the figures of a report.
 *
 * Curves keep seven digits: more than any screen shows, and half the size.
 */
#include "score/report_data.h"

#include "score/base64.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_MARKS = 2000, WIDEST_PX = 800 };

json_t *data_curves(report_data *d, const char *title, const char *x_label, const char *y_label, double height)
{
    json_t *figure = data_part(d, "curves");
    json_object_set_new(figure, "title", data_string(title));
    json_object_set_new(figure, "x_label", json_string(x_label));
    json_object_set_new(figure, "y_label", data_string(y_label));
    json_object_set_new(figure, "height", json_real(height));
    json_object_set_new(figure, "series", json_array());
    return figure;
}

void figure_range(json_t *figure, const char *key, double first, double last)
{
    json_object_set_new(figure, key, json_pack("[f,f]", first, last));
}

/* ---- Curves ---- */

static double rounded(double value, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL);
}

typedef struct points {
    json_t *x, *values;
} points;

static void add_point(points *p, double x, double value)
{
    json_array_append_new(p->x, json_real(rounded(x, 10)));
    json_array_append_new(p->values, data_number(isfinite(value) ? rounded(value, 7) : value));
}

/* A stretch of points: its lowest and highest in their order, or a gap where none is known. */
static void add_stretch(points *p, const double *x, const double *values, int64_t from, int64_t to)
{
    int64_t low = -1, high = -1;
    for (int64_t i = from; i < to; i++) {
        if (!isfinite(values[i])) continue;
        if (low < 0 || values[i] < values[low]) low = i;
        if (high < 0 || values[i] > values[high]) high = i;
    }
    if (low < 0) {
        add_point(p, x[from], values[from]);
        return;
    }
    const int64_t first = low < high ? low : high, last = low < high ? high : low;
    add_point(p, x[first], values[first]);
    if (last > first) add_point(p, x[last], values[last]);
}

static json_t *add_series(json_t *figure, const char *label, const char *role, const char *style)
{
    json_t *series = json_object();
    json_object_set_new(series, "label", data_string(label));
    json_object_set_new(series, "role", json_string(role));
    json_object_set_new(series, "style", json_string(style));
    return json_array_append_new(json_object_get(figure, "series"), series) == 0 ? series : NULL;
}

void figure_series(json_t *figure, const char *label, const char *role, const char *style, const double *x,
                   const double *values, int64_t n)
{
    const int64_t step = n > MOST_POINTS ? (2 * n + MOST_POINTS - 1) / MOST_POINTS : 1;
    json_t *series = add_series(figure, label, role, style);
    points p = {json_array(), json_array()};
    for (int64_t i = 0; i < n; i += step) add_stretch(&p, x, values, i, i + step < n ? i + step : n);
    json_object_set_new(series, "x", p.x);
    json_object_set_new(series, "values", p.values);
    if (step > 1) json_object_set_new(series, "thinned_from", json_integer(n));
}

void figure_bars(json_t *figure, const char *label, const char *role, double first, double last, const int64_t *counts,
                 int64_t n)
{
    json_t *series = add_series(figure, label, role, "bars"), *edges = json_array(), *values = json_array();
    for (int64_t i = 0; i <= n; i++)
        json_array_append_new(edges, json_real(rounded(first + (last - first) * (double)i / (double)n, 10)));
    for (int64_t i = 0; i < n; i++) json_array_append_new(values, json_integer(counts[i]));
    json_object_set_new(series, "x", edges);
    json_object_set_new(series, "values", values);
}

/* ---- Marks ---- */

json_t *figure_marks(json_t *figure, const char *label, const char *role, bool is_short)
{
    json_t *all = json_object_get(figure, "marks"), *marks = json_object();
    if (all == NULL) {
        all = json_array();
        json_object_set_new(figure, "marks", all);
    }
    json_object_set_new(marks, "label", data_string(label));
    json_object_set_new(marks, "role", json_string(role));
    if (is_short) json_object_set_new(marks, "short", json_true());
    json_object_set_new(marks, "x", json_array());
    return json_array_append_new(all, marks) == 0 ? marks : NULL;
}

void mark_add(json_t *marks, double x)
{
    json_t *list = json_object_get(marks, "x");
    if (json_array_size(list) < MOST_MARKS) json_array_append_new(list, json_real(rounded(x, 10)));
}

void figure_guide(json_t *figure, double x1, double y1, double x2, double y2)
{
    json_object_set_new(figure, "guide", json_pack("[f,f,f,f]", x1, y1, x2, y2));
}

/* ---- Images ---- */

/* The mean of the known values of a rectangle; NaN if there is none. */
static float mean_of(const double *values, int64_t stride, int64_t height, int64_t width)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            if (!isfinite(values[y * stride + x])) continue;
            sum += values[y * stride + x];
            n++;
        }
    return n > 0 ? (float)(sum / (double)n) : NAN;
}

lmp_status figure_image(json_t *figure, const char *title, const double *values, int64_t height, int64_t width,
                        lmp_error *err)
{
    const int64_t step = (width + WIDEST_PX - 1) / WIDEST_PX, h = height / step > 0 ? height / step : 1,
                  w = width / step;
    float *small = malloc((size_t)(h * w) * sizeof *small);
    for (int64_t y = 0; y < h && small != NULL; y++)
        for (int64_t x = 0; x < w; x++)
            small[y * w + x] =
                mean_of(values + y * step * width + x * step, width, height < step ? height : step, step);
    char *text = small != NULL ? base64_encode(small, (size_t)(h * w) * sizeof *small) : NULL;
    json_t *image = json_object();
    json_object_set_new(image, "title", data_string(title));
    json_object_set_new(image, "height", json_integer(h));
    json_object_set_new(image, "width", json_integer(w));
    json_object_set_new(image, "pixels_per_value", json_integer(step));
    json_object_set_new(image, "type", json_string("float32"));
    const bool is_whole = text != NULL && json_object_set_new(image, "base64", json_string_nocheck(text)) == 0 &&
                          json_array_append(json_object_get(figure, "images"), image) == 0;
    json_decref(image);
    free(small);
    free(text);
    return is_whole ? LMP_OK : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a picture");
}
