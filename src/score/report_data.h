/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_data.h: describing a report: texts, tables and figures, one after the other, as JSON.
 *
 * The description is all there is to know about a report: report_html.c makes a page without script of it, the viewer's
 * page shows it as it shows recordings, and programs read it. A part is an object with a "kind"; groups ("pair",
 * "tabs" with "tab"s, "figure") have "parts" of their own. What is not known is null. Colours are roles: "before",
 * "after", "dy", ... that whoever draws knows.
 */
#ifndef LIMPID_SCORE_REPORT_DATA_H
#define LIMPID_SCORE_REPORT_DATA_H

#include "score/report_text.h"

#include <jansson.h>
#include <limpid/step.h>
#include <stdbool.h>

enum { DATA_DEPTH = 8, COLUMN_TEXT = -2, COLUMN_SHORT = -1 };

typedef struct report_data {
    json_t *root;
    json_t *open[DATA_DEPTH]; /* lists of parts that are written to, the innermost last */
    int depth;
    json_t *spans;  /* of the text that is told */
    bool is_broken; /* memory is out */
} report_data;

/* kind: "eeg-fmri" or "motion". */
void data_begin(report_data *d, const char *kind, const char *title);
void data_clear(report_data *d);

/* The finished description; a new reference. */
LMP_CHECKED lmp_status data_end(report_data *d, json_t **made, lmp_error *err);

/* A text of any bytes as a JSON string. */
json_t *data_string(const char *text);

/* null if it is not finite. */
json_t *data_number(double value);

/* ---- Parts ---- */

/* A new part at the end; borrowed. */
json_t *data_part(report_data *d, const char *kind);

/* Parts that follow belong to a group until data_close(); a group without any is dropped. */
void data_open(report_data *d, const char *kind, const char *title);
void data_close(report_data *d);

void data_heading(report_data *d, int level, const char *title);

/* A paragraph; style "" or "soft". It is told piece by piece; what is stressed stands out. */
void data_text(report_data *d, const char *style);
void say(report_data *d, const char *words, ...) LMP_PRINTF(2, 3);
void stress(report_data *d, const char *words, ...) LMP_PRINTF(2, 3);

/* Words for a shell. */
void data_command(report_data *d, const char *text);

/* Numbers that stand out; one that is not known is left out. */
void data_tiles(report_data *d);
void data_tile(report_data *d, double value, int decimals, const char *unit, const char *label);

/* Two lists of texts, one after the other; none if both are empty. */
void data_warnings(report_data *d, const json_t *of_run, const json_t *of_report);

/* Names and texts or numbers; what is empty or not known is left out. */
json_t *data_facts(report_data *d);
void fact_text(json_t *facts, const char *name, const char *text);
void fact_number(json_t *facts, const char *name, double value, const char *unit);
void fact_bytes(json_t *facts, const char *name, double bytes);

/* ---- Tables ---- */

json_t *data_table(report_data *d, const char *title);

/* decimals as in number_text(), or COLUMN_TEXT. The first column names the rows. */
void table_column(json_t *table, const char *name, const char *unit, int decimals);
json_t *table_row(json_t *table);
void row_number(json_t *row, double value);
void row_text(json_t *row, const char *words, ...) LMP_PRINTF(2, 3);

/* A number in a column of texts, or one with decimals of its own. */
void row_own_number(json_t *row, double value, int decimals);

/* ---- Figures ---- */

enum { MOST_POINTS = 16384 };

/* Curves over x. */
json_t *data_curves(report_data *d, const char *title, const char *x_label, const char *y_label, double height);

/* "x_range", "y_range": what is shown at first. */
void figure_range(json_t *figure, const char *key, double first, double last);

/* n points with ascending x; style "line" or "dots". Of many points the lowest and highest of each stretch are kept.
 * `label` "": it is in no key. */
void figure_series(json_t *figure, const char *label, const char *role, const char *style, const double *x,
                   const double *values, int64_t n);

/* n counts between n + 1 evenly spaced edges. */
void figure_bars(json_t *figure, const char *label, const char *role, double first, double last, const int64_t *counts,
                 int64_t n);

/* Lines across; "short" ones touch the upper edge only. No more than a few thousand are told apart. */
json_t *figure_marks(json_t *figure, const char *label, const char *role, bool is_short);
void mark_add(json_t *marks, double x);

/* A line from (x1, y1) to (x2, y2) for the eye. */
void figure_guide(json_t *figure, double x1, double y1, double x2, double y2);

/* An image: values as float32 in base64, rows one behind the other; made smaller by a whole number where it is wide. */
LMP_CHECKED lmp_status figure_image(json_t *figure, const char *title, const double *values, int64_t height,
                                    int64_t width, lmp_error *err);

#endif
