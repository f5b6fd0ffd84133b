/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page.h: the sections of a report on motion.
 */
#ifndef LIMPID_SCORE_MOTION_PAGE_H
#define LIMPID_SCORE_MOTION_PAGE_H

#include "score/motion_score.h"
#include "score/report_data.h"

/* What the report is about: the corrected movie, else the shifts. */
const char *motion_page_title(const motion_score *s);

/* motion_page_head.c: what was found, in a sentence, in numbers, and what to beware of. */
void motion_tell_head(report_data *d, const motion_score *s);

/* motion_page.c: all that follows. */
LMP_CHECKED lmp_status motion_tell_body(report_data *d, const motion_score *s, lmp_error *err);

/* motion_page_tables.c */
void motion_tell_flagged(report_data *d, const motion_score *s);
void motion_tell_numbers(report_data *d, const motion_score *s);
void motion_tell_errors(report_data *d, const motion_score *s);
void motion_tell_left(report_data *d, const motion_score *s);

#endif
