/* SPDX-License-Identifier: BSD-3-Clause
 *
 * svg.h: drawing plots as inline SVG, and writing text and numbers into a page safely.
 *
 * Colours are classes that the page's style sheet defines for light and dark: see report_style.c.
 */
#ifndef LIMPID_SCORE_SVG_H
#define LIMPID_SCORE_SVG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* ---- Text ---- */

/* Escapes what HTML would take for markup, and replaces what is not UTF-8: file names and labels may hold anything. */
void html_text(FILE *out, const char *text);

/* As number_text(). */
void html_number(FILE *out, double value, int decimals);

/* ---- Plots ---- */

typedef struct svg_plot {
    FILE *out;
    double left, top, width, height;         /* of the area inside the axes */
    double x_first, x_last, y_first, y_last; /* y_first at the bottom: above y_last where numbers grow downwards */
    bool log_x, log_y;
} svg_plot;

void svg_begin(FILE *out, double width, double height, const char *description);
void svg_end(FILE *out);

double svg_x(const svg_plot *p, double x); /* on the page */
double svg_y(const svg_plot *p, double y);

/* Grid lines, numbers and a label; `label` may be NULL. Without `numbers` only the grid. */
void svg_axis_x(const svg_plot *p, const char *label, bool numbers);
void svg_axis_y(const svg_plot *p, const char *label);

/* A line through n points with ascending x, clipped to the plot. Where many points share a column of the page, their
 * lowest and highest are drawn. Points that are not finite break the line. */
void svg_line(const svg_plot *p, const char *class_name, const double *x, const double *y, int64_t n);

/* n dots; no more than `most` of them, evenly chosen. */
void svg_dots(const svg_plot *p, const char *class_name, const double *x, const double *y, int64_t n, int64_t most);

void svg_rectangle(FILE *out, const char *class_name, double x, double y, double width, double height,
                   const char *title);
void svg_segment(FILE *out, const char *class_name, double x1, double y1, double x2, double y2);

/* anchor: "start", "middle", "end". The text is escaped. */
void svg_label(FILE *out, const char *class_name, double x, double y, const char *anchor, const char *text);

#endif
