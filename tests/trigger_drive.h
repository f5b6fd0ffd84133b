/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trigger_drive.h: runs a step on triggers over events and arrays, as the engine would, and tells what came out.
 */
#ifndef LIMPID_TESTS_TRIGGER_DRIVE_H
#define LIMPID_TESTS_TRIGGER_DRIVE_H

#include <limpid/step.h>

enum { TRIGGER_DRIVE_LANES = 16 };

typedef struct trigger_input {
    double rate_hz;
    int64_t n_times, n_lanes;
    const double *lanes[TRIGGER_DRIVE_LANES]; /* named A0, A1, ...; may be NULL if nothing learns */
    lmp_role roles[TRIGGER_DRIVE_LANES];
    const lmp_event *events;
    int64_t n_events;
    bool events_pending;
} trigger_input;

typedef struct trigger_output {
    double *times; /* of the gradient triggers, samples; free with trigger_output_clear() */
    int64_t n;
    int64_t n_events; /* all events that leave the step */
    bool events_pending, learns;
    char warnings[512]; /* of the plan */
    char *record;       /* JSON */
} trigger_output;

/* `words`: parameters as on the command line, ended by NULL. `cut`: length of the blocks that learning sees; 0: all at
 * once. What is learned takes no more memory than planned: that is checked. */
lmp_status trigger_drive(const lmp_step *step, const char *const *words, const trigger_input *in, int64_t cut,
                         trigger_output *out, lmp_error *err);
void trigger_output_clear(trigger_output *out);

/* The nth allocation from the budget fails; true if the step got through without it. */
bool trigger_drive_fault(const lmp_step *step, const char *const *words, const trigger_input *in, int64_t nth);

/* The sentence with which the step refuses, "" if it does not; lives until the next call. */
const char *trigger_refusal(const lmp_step *step, const char *const *words, const trigger_input *in);

/* The number under `key` in a record, NaN if there is none; of a list, its first number. */
double trigger_record_number(const char *record, const char *key);

#endif
