/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gap.h: what filters see where samples are missing (NaN or infinite).
 *
 * A missing sample must not spread over everything its filter touches, nor may the result depend on where blocks or
 * segments begin. Every filter of signals therefore sees
 *
 *   - in a gap up to `reach` samples long: the straight line between its neighbours;
 *   - in a longer gap: the value before it, and over its last `reach` samples the line to the value after it;
 *   - before the first value of a recording: that value; after the last: the last; 0 if there is none at all;
 *
 * and gives NaN for exactly the samples that were missing. Which value stands for sample k depends on samples up to
 * k + reach only, so that a stream can be filled with that much look-ahead.
 */
#ifndef LIMPID_MATH_GAP_H
#define LIMPID_MATH_GAP_H

#include <stdbool.h>
#include <stdint.h>

/* Look-ahead that filters spend on gaps. */
enum { GAP_REACH = 1024 };

/* The last value before a stretch: `age` samples before its first one (1: just before); age 0: none. */
typedef struct gap_before {
    double value;
    int64_t age;
} gap_before;

/* Copies a stretch; true if a sample is missing. */
bool gap_copy_samples(const double *samples, int64_t count, double *copy);

/* Index of the last missing sample, -1 if none. */
int64_t gap_find_last(const double *samples, int64_t count);

/* What is before the sample at `count`, given what is before the first. */
gap_before gap_move_on(gap_before before, const double *samples, int64_t count);

/* Fills filled[0..count) from samples[0..known), known >= count: with known >= count + reach, or all there is. */
void gap_fill_samples(gap_before before, const double *samples, int64_t count, int64_t known, int64_t reach,
                      double *filled);

#endif
