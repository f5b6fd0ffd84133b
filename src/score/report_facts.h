/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_facts.h: what the provenance record tells that a report draws. All of it may be missing.
 */
#ifndef LIMPID_SCORE_REPORT_FACTS_H
#define LIMPID_SCORE_REPORT_FACTS_H

#include "score/score.h"

enum { FACTS_MOST_NAMES = 16, FACTS_NAME_BYTES = 48 };

/* Names that the record holds as a list or separated by commas. */
typedef struct name_list {
    char names[FACTS_MOST_NAMES][FACTS_NAME_BYTES];
    int64_t count;
} name_list;

typedef struct report_facts {
    /* Times on the clock of the recording before processing. */
    double *recorded_s; /* triggers as recorded; NULL: unknown */
    int64_t n_recorded;
    double *added_s, *removed_s;
    int64_t n_added, n_removed;
    double *onset_s, *status, *gain; /* per epoch */
    int64_t n_onsets, n_status, n_gain;
    name_list status_names;
    int64_t status_counts[FACTS_MOST_NAMES];
    name_list template_names;
    double *templates; /* one behind the other */
    int64_t template_length;
    double template_rate_hz;
} report_facts;

LMP_CHECKED lmp_status report_facts_load(const score *s, report_facts *f, lmp_error *err);
void report_facts_clear(report_facts *f);

/* Epochs whose status is not the first one ("corrected"); -1 if unknown. */
int64_t report_facts_flagged(const report_facts *f);

#endif
