/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sliding.h: what a statistic over a sliding window does with one frame of a few neighbouring pixels.
 *
 * Frames are grouped in blocks of `window` on a fixed grid. A window is the end of one block and the beginning of the
 * next: `head` is what the present block has given so far, and `tail` what the previous block gives from a frame to its
 * end, made once when the block was complete (M. van Herk, Pattern Recognition Letters 13, 1992; J. Gil and M. Werman,
 * IEEE PAMI 15, 1993). Nothing is ever subtracted, so what has left the window has left no trace, and the cost of a
 * frame does not depend on the window.
 *
 * Each function has a form for pixels without NaN and one that counts them (`_counted`): the same bits where there are
 * none. Arrays of n numbers do not overlap.
 */
#ifndef LIMPID_KERNELS_SLIDING_H
#define LIMPID_KERNELS_SLIDING_H

#include <limpid/limpid.h>
#include <stdbool.h>

enum { SLIDING_VALUES = 512 };

/* How many frames a part of the window holds, and, counted, how many of them are missing for each pixel. */
typedef struct sliding_count {
    double frames;
    const int32_t *missing;
} sliding_count;

/* to[i] = sign * from[i], `sign` 1 or -1; true if there is a NaN. */
bool sliding_load(lmp_type type, const void *from, double sign, double *to, int64_t n);

/* missing[i] is 1 for NaN, which becomes `instead`; heads[i] += missing[i]. */
void sliding_mark(double *x, double instead, int32_t *missing, int32_t *heads, int64_t n);

/* head += x; out = head + tail, divided by the number of both if is_mean. */
void sliding_add(const double *x, double *head, const double *tail, sliding_count both, bool is_mean, double *out,
                 int64_t n);
void sliding_add_counted(const double *x, double *head, const double *tail, sliding_count head_count,
                         sliding_count tail_count, bool is_mean, double *out, int64_t n);

/* head = max(head, x); out = max(head, tail). */
void sliding_raise(const double *x, double *head, const double *tail, double *out, int64_t n);
void sliding_raise_counted(const double *x, double *head, const double *tail, sliding_count head_count,
                           sliding_count tail_count, double *out, int64_t n);

/* A tail one frame longer: row += next, or the larger of both. */
void sliding_fold_sum(double *row, const double *next, int64_t n);
void sliding_fold_largest(double *row, const double *next, int64_t n);

/* Mean and sum of squared deviations. */
typedef struct sliding_moments {
    double *mean, *square;
} sliding_moments;

/* head takes x as its `frames`th number. */
void sliding_spread(const double *x, sliding_moments head, double frames, int64_t n);
void sliding_spread_counted(const double *x, const int32_t *missing, sliding_moments head, sliding_count head_count,
                            int64_t n);

/* out: standard deviation of both together. */
void sliding_join(sliding_moments head, sliding_moments tail, double head_frames, double tail_frames, double *out,
                  int64_t n);
void sliding_join_counted(sliding_moments head, sliding_moments tail, sliding_count head_count,
                          sliding_count tail_count, double *out, int64_t n);

/* ---- Sorted windows ------------------------------------------------------------------------------------------ */

/* A sorted window of `window` lines of keys (see temporal_rank.h): in each place takes out `old` (which is there) and
 * puts in `fresh`. */
void sliding_sort(lmp_type type, void *sorted, int64_t window, const void *old, const void *fresh);
void sliding_sort_plain(lmp_type type, void *sorted, int64_t window, const void *old, const void *fresh);

#endif
