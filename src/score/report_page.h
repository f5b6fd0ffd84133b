/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_page.h: the sections of a report on a cleaned recording.
 */
#ifndef LIMPID_SCORE_REPORT_PAGE_H
#define LIMPID_SCORE_REPORT_PAGE_H

#include "score/report_data.h"
#include "score/report_facts.h"

enum { PAGE_PICKS = 3 };

typedef struct report_page {
    report_data *d;
    const score *s;
    const report_facts *f;
    int64_t picks[PAGE_PICKS]; /* channels that are shown: the worst, the median, the best */
    int64_t n_picks;
} report_page;

/* Chooses the channels to show. */
LMP_CHECKED lmp_status report_page_pick(report_page *p, lmp_error *err);

/* report_head.c: what was found, in a sentence, in numbers, and what to beware of. */
void report_tell_head(const report_page *p);

/* report_page.c: all that follows. */
LMP_CHECKED lmp_status report_tell_body(const report_page *p, lmp_error *err);

/* report_tables.c */
void report_tell_quality(const report_page *p);
void report_tell_channels(const report_page *p);

#endif
