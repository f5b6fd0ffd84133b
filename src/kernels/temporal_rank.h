/* SPDX-License-Identifier: BSD-3-Clause
 *
 * temporal_rank.h: the k-th smallest over time of many pixels side by side.
 *
 * Numbers are kept as keys: signed integers of their own width in the same order, NaN (as the largest) behind all
 * others. A line is TEMPORAL_LINE bytes of neighbouring keys of one frame; the lines of one place follow each other
 * frame by frame, so that a search reads memory in order. The search is a bisection over the bits of the keys: compare
 * and count, for all keys of a line at once.
 */
#ifndef LIMPID_KERNELS_TEMPORAL_RANK_H
#define LIMPID_KERNELS_TEMPORAL_RANK_H

#include "kernels/temporal.h"

enum { TEMPORAL_LINE = 64 };

/* Lines of `values` numbers of a type; numbers of a line. */
int64_t temporal_lines(lmp_type type, int64_t values);
int64_t temporal_line_values(lmp_type type);

/* Writes the keys of frame k, line j of the stack to keys + j * line_stride + k * TEMPORAL_LINE. True if there is a
 * NaN. */
bool temporal_store_keys(const temporal_stack *stack, void *keys, size_t line_stride);
bool temporal_store_keys_plain(const temporal_stack *stack, void *keys, size_t line_stride);

/* Of `frames` lines of keys, one behind the other: the key of rank ranks[i] (0: the smallest) of each place, and,
 * unless NULL, that of the next rank (of the last one: the largest possible key). */
void temporal_rank(lmp_type type, const void *keys, int64_t frames, const uint32_t *ranks, void *found, void *next);
void temporal_rank_plain(lmp_type type, const void *keys, int64_t frames, const uint32_t *ranks, void *found,
                         void *next);

/* Turns keys back into `count` numbers of the type, in place. */
void temporal_open_keys(lmp_type type, void *keys, int64_t count);

#endif
