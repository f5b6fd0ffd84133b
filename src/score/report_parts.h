/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_parts.h: what every report is made of: the page, tiles with a number, cells of tables, keys of figures.
 */
#ifndef LIMPID_SCORE_REPORT_PARTS_H
#define LIMPID_SCORE_REPORT_PARTS_H

#include <jansson.h>
#include <limpid/step.h>
#include <stdio.h>

/* Writes the page's content between its frame. */
typedef lmp_status page_writer(FILE *out, const void *of, lmp_error *err);

/* Makes a whole page in memory and writes it under `html_path`: complete or not at all. */
LMP_CHECKED lmp_status page_make(const char *title, page_writer *write, const void *of, const char *html_path,
                                 int overwrite, lmp_error *err);

/* Refuses a page that exists, unless it may be replaced. */
LMP_CHECKED lmp_status page_check_path(const char *html_path, int overwrite, lmp_error *err);

/* Refuses a page that would take the place of what it tells about; `input` may be NULL. */
LMP_CHECKED lmp_status page_check_input(const char *html_path, const char *input, lmp_error *err);

/* The file's name without its folder. */
const char *page_name_of(const char *path);

/* A tile of the row of numbers; none if the value is not known. decimals below 0: about three digits. */
void page_tile(FILE *out, double value, int decimals, const char *unit, const char *text);

void page_cell(FILE *out, double value, int decimals);

/* An entry of a figure's key; class_name as in report_style.c. */
void page_key(FILE *out, const char *class_name, const char *text);

/* Items of a list: texts of a JSON array. */
void page_warning_items(FILE *out, const json_t *warnings);

/* A row of a table of names and texts or numbers; none where the value is not known. */
void page_text_row(FILE *out, const char *name, const char *text);
void page_number_row(FILE *out, const char *name, double value, const char *unit);
void page_bytes_row(FILE *out, const char *name, double bytes);

/* Of a provenance record (NULL: none): the chain in a line; with a step in each line, ready for a shell; what each step
 * found; where all comes from. */
void page_chain(FILE *out, const json_t *record);
void page_command(FILE *out, const json_t *record);
void page_steps(FILE *out, const json_t *record);
void page_provenance(FILE *out, const json_t *record);

void page_footer(FILE *out);

#endif
