/* SPDX-License-Identifier: BSD-3-Clause
 *
 * epochs.h: the epochs of a scan: where each begins (between the samples), and which samples belong to it.
 *
 * Epoch i begins at the trigger t_i = whole + fraction and lasts one period. It owns the samples [begin, end): up to
 * the next epoch where that follows at once, else one period. So every sample belongs to one epoch at most, however
 * the triggers jitter. Epochs that follow each other without a pause make a scan block.
 */
#ifndef LIMPID_SIGNAL_EPOCHS_H
#define LIMPID_SIGNAL_EPOCHS_H

#include <limpid/step.h>

typedef struct scan_epoch {
    int64_t whole;   /* floor of the start */
    double fraction; /* 0 <= fraction < 1 */
    int64_t begin, end;
    int64_t scan;           /* number of its scan block */
    bool is_first, is_last; /* of its scan block */
    bool is_inside;         /* the recording holds all of it, and what interpolation needs around it */
    bool is_skipped;        /* somebody marked a part of these samples as bad */
} scan_epoch;

typedef struct epoch_table {
    double rate_hz;
    int64_t n_times;
    double period;  /* samples */
    int64_t length; /* samples of a template: the period, rounded up */
    int64_t n, n_scans;
    int64_t n_outside; /* triggers outside the recording */
    int64_t n_dropped; /* triggers less than half a period after another */
    int64_t n_skipped; /* epochs */
    scan_epoch epochs[];
} epoch_table;

/* Samples that are needed from before `whole`, and from `whole` up to the end, to bring an epoch with its margins to
 * the grid of a template. */
enum { EPOCH_MARGIN = 20, EPOCH_NEEDS_BEFORE = 35, EPOCH_NEEDS_AFTER = 36 };

/* From the events of the stream that are labelled TRIGGER_LABEL. Refuses, in the name of `step`: no triggers, fewer
 * than 4, none inside the recording, epochs shorter than 8 samples, an unknown rate. `budget` may be NULL, then the
 * memory is not counted; give the table back with the same budget. */
LMP_CHECKED lmp_status epochs_new(const char *step, const lmp_stream *stream, lmp_budget *budget, epoch_table **table,
                                  lmp_error *err);
void epochs_free(epoch_table *table, lmp_budget *budget);

/* Marks the epochs that are overlapped, with what interpolation needs around them, by an event that fits the pattern
 * and has a duration. Refuses, in the name of `step`, if fewer than 4 are left. */
LMP_CHECKED lmp_status epochs_skip(const char *step, const lmp_stream *stream, const char *pattern, epoch_table *table,
                                   lmp_error *err);
size_t epochs_bytes(const epoch_table *table);

/* Inputs that must have come before epoch i can be brought to the grid. */
int64_t epochs_need(const epoch_table *table, int64_t i);

/* Samples from the end of epoch i to the beginning of the next; INT64_MAX after the last. */
int64_t epochs_pause_after(const epoch_table *table, int64_t i);

#endif
