/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_parts.h: what both kinds of report share: where they go, and what a provenance record tells.
 */
#ifndef LIMPID_SCORE_REPORT_PARTS_H
#define LIMPID_SCORE_REPORT_PARTS_H

#include "score/report_data.h"

/* Writes the report under `path`, complete or not at all: its JSON if the name ends in .json, else a page. `page` is
 * one that shows the data, which take the place of LMP_REPORT_PLACE; NULL: a page without script. Takes d. */
LMP_CHECKED lmp_status report_finish(report_data *d, const char *page, const char *path, int overwrite, lmp_error *err);

/* Refuses a report that exists, unless it may be replaced, and a page without a place for the data. */
LMP_CHECKED lmp_status report_check(const char *path, const char *page, int overwrite, lmp_error *err);

/* Refuses a report that would take the place of what it tells about; `input` may be NULL. */
LMP_CHECKED lmp_status report_check_input(const char *path, const char *input, lmp_error *err);

/* The file's name without its folder. */
const char *page_name_of(const char *path);

/* The line above the title; `what` "" or what the report is about; and the scored numbers for programs. */
void report_begin(report_data *d, const char *kind, const char *what, const char *title, const json_t *record,
                  json_t *score);

/* Of a provenance record (NULL: none): the chain in a line; with a step in each line, ready for a shell; what each step
 * found; where all comes from. */
void report_chain(report_data *d, const json_t *record);
void report_command(report_data *d, const json_t *record);
void report_steps(report_data *d, const json_t *record);
void report_provenance(report_data *d, const json_t *record);

#endif
