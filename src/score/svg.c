/* SPDX-License-Identifier: BSD-3-Clause
 *
 * svg.c: drawing plots as inline SVG.
 *
 * Coordinates are written with one decimal: a page with a dozen plots stays below a megabyte.
 */
#include "score/svg.h"

#include "score/report_text.h"

#include <math.h>
#include <string.h>

/* ---- Text ---- */

static void html_character(FILE *out, const char *text, int n)
{
    switch (text[0]) {
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '&':
        fputs("&amp;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        if (n == 1 && (unsigned char)text[0] < 0x20 && text[0] != '\n')
            fputc(' ', out);
        else
            fwrite(text, 1, (size_t)n, out);
    }
}

void html_text(FILE *out, const char *text)
{
    while (*text != '\0') {
        const int n = text_character_bytes(text);
        if (n == 0)
            fputs("\xef\xbf\xbd", out);
        else
            html_character(out, text, n);
        text += n == 0 ? 1 : n;
    }
}

void html_number(FILE *out, double value, int decimals)
{
    html_text(out, NUMBER(value, decimals));
}

/* ---- Frame ---- */

void svg_begin(FILE *out, double width, double height, const char *description)
{
    fprintf(out, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", width, height);
    html_text(out, description);
    fputs("\">\n", out);
}

void svg_end(FILE *out)
{
    fputs("</svg>\n", out);
}

static double place(double value, double first, double last, bool is_log)
{
    if (is_log) {
        value = log10(value);
        first = log10(first);
        last = log10(last);
    }
    return (value - first) / (last - first);
}

double svg_x(const svg_plot *p, double x)
{
    return p->left + p->width * place(x, p->x_first, p->x_last, p->log_x);
}

double svg_y(const svg_plot *p, double y)
{
    return p->top + p->height * (1 - place(y, p->y_first, p->y_last, p->log_y));
}

void svg_rectangle(FILE *out, const char *class_name, double x, double y, double width, double height,
                   const char *title)
{
    fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\">", class_name, x, y,
            fmax(width, 0.5), height);
    if (title != NULL) {
        fputs("<title>", out);
        html_text(out, title);
        fputs("</title>", out);
    }
    fputs("</rect>\n", out);
}

void svg_segment(FILE *out, const char *class_name, double x1, double y1, double x2, double y2)
{
    fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class_name, x1, y1, x2, y2);
}

void svg_label(FILE *out, const char *class_name, double x, double y, const char *anchor, const char *text)
{
    fprintf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class_name, x, y, anchor);
    html_text(out, text);
    fputs("</text>\n", out);
}

/* ---- Axes ---- */

/* 1, 2 or 5 times a power of ten, so that there are at most `most` steps; 0 if the range is empty. */
static double nice_step(double range, int most)
{
    if (!(range > 0) || !isfinite(range)) return 0;
    const double rough = range / most, power = pow(10, floor(log10(rough)));
    const double times = rough / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

static void tick_number(FILE *out, double value, double step)
{
    const int decimals = step >= 1 ? 0 : (int)fmin(ceil(-log10(step) - 1e-9), 9);
    html_number(out, value, decimals);
}

/* A power of ten, as a plain number where that is short. */
static void decade_number(FILE *out, int power)
{
    if (power >= -2 && power <= 3)
        html_number(out, pow(10, power), power < 0 ? -power : 0);
    else
        fprintf(out, "10<tspan class=\"power\" dy=\"-5\">%s%d</tspan>", power < 0 ? "−" : "",
                power < 0 ? -power : power);
}

static void x_tick(const svg_plot *p, double x)
{
    svg_segment(p->out, "grid", svg_x(p, x), p->top, svg_x(p, x), p->top + p->height);
}

static void begin_x_number(const svg_plot *p, double x)
{
    fprintf(p->out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", svg_x(p, x),
            p->top + p->height + 16);
}

static void log_axis_x(const svg_plot *p, bool numbers)
{
    static const double parts[] = {1, 2, 5};
    for (int power = (int)floor(log10(p->x_first)); pow(10, power) <= p->x_last; power++)
        for (int i = 0; i < 3; i++) {
            const double x = parts[i] * pow(10, power);
            if (x < p->x_first * 0.999 || x > p->x_last * 1.001) continue;
            x_tick(p, x);
            if (!numbers) continue;
            begin_x_number(p, x);
            html_number(p->out, x, power < 0 ? -power : 0);
            fputs("</text>\n", p->out);
        }
}

static void linear_axis_x(const svg_plot *p, bool numbers)
{
    const double step = nice_step(p->x_last - p->x_first, p->width > 600 ? 12 : 7);
    if (!(step > 0)) return;
    for (double i = ceil(p->x_first / step - 1e-9); i * step <= p->x_last + 1e-9 * step; i++) {
        x_tick(p, i * step);
        if (!numbers) continue;
        begin_x_number(p, i * step);
        tick_number(p->out, i * step, step);
        fputs("</text>\n", p->out);
    }
}

void svg_axis_x(const svg_plot *p, const char *label, bool numbers)
{
    if (p->log_x)
        log_axis_x(p, numbers);
    else
        linear_axis_x(p, numbers);
    svg_segment(p->out, "axis", p->left, p->top + p->height, p->left + p->width, p->top + p->height);
    if (label != NULL) svg_label(p->out, "name", p->left + p->width, p->top + p->height + 32, "end", label);
}

static void begin_y_number(const svg_plot *p, double y)
{
    svg_segment(p->out, "grid", p->left, svg_y(p, y), p->left + p->width, svg_y(p, y));
    fprintf(p->out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", p->left - 6, svg_y(p, y) + 4);
}

static void log_axis_y(const svg_plot *p)
{
    const int first = (int)ceil(log10(p->y_first) - 1e-9), last = (int)floor(log10(p->y_last) + 1e-9);
    const int step = 1 + (last - first) / 8;
    for (int power = first; power <= last; power += step) {
        begin_y_number(p, pow(10, power));
        decade_number(p->out, power);
        fputs("</text>\n", p->out);
    }
}

static void linear_axis_y(const svg_plot *p)
{
    const double low = fmin(p->y_first, p->y_last), high = fmax(p->y_first, p->y_last);
    const double step = nice_step(high - low, p->height > 160 ? 6 : 5);
    if (!(step > 0)) return;
    for (double i = ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
        begin_y_number(p, i * step);
        tick_number(p->out, i * step, step);
        fputs("</text>\n", p->out);
    }
}

void svg_axis_y(const svg_plot *p, const char *label)
{
    if (p->log_y)
        log_axis_y(p);
    else
        linear_axis_y(p);
    if (label != NULL) svg_label(p->out, "name", p->left - 6, p->top - 8, "start", label);
}

/* ---- Data ---- */

typedef struct column {
    double x, lowest, highest, first, last;
    bool is_begun;
} column;

/* A column of the page: from where the line enters it, over its lowest and highest, to where it leaves. */
static void draw_column(const svg_plot *p, const column *c, bool joins)
{
    fprintf(p->out, "%c%.1f %.1f", joins ? 'L' : 'M', c->x, c->first);
    if (c->lowest == c->highest) return;
    fprintf(p->out, "V%.1fV%.1fV%.1f", c->lowest, c->highest, c->last);
}

static void add_to_column(column *c, double x, double y)
{
    if (!c->is_begun) *c = (column){.x = x, .lowest = y, .highest = y, .first = y, .is_begun = true};
    c->lowest = fmin(c->lowest, y);
    c->highest = fmax(c->highest, y);
    c->last = y;
}

/* Far outside the plot one place is as good as another, and shorter to write. */
static double keep_near(const svg_plot *p, double y)
{
    return fmin(fmax(y, p->top - p->height), p->top + 2 * p->height);
}

void svg_line(const svg_plot *p, const char *class_name, const double *x, const double *y, int64_t n)
{
    column c = {0};
    bool joins = false;
    fprintf(p->out,
            "<svg class=\"clip\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" viewBox=\"%.1f %.1f %.1f "
            "%.1f\"><path class=\"line %s\" d=\"",
            p->left, p->top, p->width, p->height, p->left, p->top, p->width, p->height, class_name);
    for (int64_t i = 0; i < n; i++) {
        const double at_x = svg_x(p, x[i]), at_y = svg_y(p, y[i]);
        const bool is_drawn = isfinite(at_x) && isfinite(at_y);
        const bool same = c.is_begun && is_drawn && at_x - c.x < 0.8;
        if (c.is_begun && !same) {
            draw_column(p, &c, joins);
            joins = is_drawn;
            c.is_begun = false;
        }
        if (is_drawn) add_to_column(&c, at_x, keep_near(p, at_y));
    }
    if (c.is_begun) draw_column(p, &c, joins);
    fputs("\"/></svg>\n", p->out);
}

void svg_dots(const svg_plot *p, const char *class_name, const double *x, const double *y, int64_t n, int64_t most)
{
    const int64_t step = n > most ? (n + most - 1) / most : 1;
    fprintf(p->out, "<path class=\"dots %s\" d=\"", class_name);
    for (int64_t i = 0; i < n; i += step) {
        const double at_x = svg_x(p, x[i]), at_y = svg_y(p, y[i]);
        if (isfinite(at_x) && isfinite(at_y)) fprintf(p->out, "M%.1f %.1fh0", at_x, keep_near(p, at_y));
    }
    fputs("\"/>\n", p->out);
}
