/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trigger_lattice.h: the regular grid on which a scanner's triggers lie.
 *
 * A scanner sends its triggers in blocks (scans); inside a block they are a whole number of periods apart, and what is
 * recorded of them may lack some and hold strangers. Times are in samples and may be fractional.
 */
#ifndef LIMPID_SIGNAL_TRIGGER_LATTICE_H
#define LIMPID_SIGNAL_TRIGGER_LATTICE_H

#include <limpid/step.h>

/* Label of the events that the step `triggers` adds and the steps after it work on; other events are never touched. */
#define TRIGGER_LABEL "gradient trigger"

typedef struct trigger_block {
    int64_t first, count; /* of the triggers on the lattice */
    int64_t n_epochs;     /* with the missing ones */
} trigger_block;

typedef struct trigger_lattice {
    double period; /* samples from one trigger to the next; 0 if there are fewer than two */
    double jitter; /* as given, or as found */
    int64_t n;     /* triggers on the lattice, ascending */
    double *time;
    double *index; /* whole: periods from the first trigger of its block */
    trigger_block *blocks;
    int64_t n_blocks;
    double *extra; /* times of triggers that fit no block */
    int64_t n_extra;
} trigger_lattice;

typedef struct trigger_tolerance {
    double jitter;        /* largest error of a recorded time in samples, 1 where times are rounded; NaN: find it */
    int64_t most_missing; /* periods that a gap inside a block may last */
} trigger_tolerance;

/* Finds blocks in `n` times in any order. Fails only for lack of memory. */
LMP_CHECKED lmp_status trigger_lattice_find(const double *times, int64_t n, trigger_tolerance tolerance,
                                            trigger_lattice *lattice, lmp_error *err);
void trigger_lattice_clear(trigger_lattice *lattice);

/* Triggers that are missing in all blocks. */
int64_t trigger_lattice_count_missing(const trigger_lattice *lattice);

typedef struct trigger_choice {
    const char *label; /* borrowed from the stream; NULL: none of them looks like a scanner's triggers */
    int64_t count;
    double period_s;
} trigger_choice;

/* The label whose events look most like a scanner's triggers: at least ten, at a regular distance. Known names of
 * scanner triggers come first, then the more numerous, then the more regular. */
LMP_CHECKED lmp_status trigger_lattice_choose_label(const lmp_stream *stream, trigger_choice *choice, lmp_error *err);

#endif
