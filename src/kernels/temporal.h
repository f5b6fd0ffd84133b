/* SPDX-License-Identifier: BSD-3-Clause
 *
 * temporal.h: what the statistics over time do with a few frames at once.
 *
 * A stack is up to TEMPORAL_FRAMES frames of `values` numbers each: small enough that whatever looks at it second finds
 * it in the core's first cache. Accumulators are read and written once for a stack, not once for a frame, and grow in
 * the order of the frames: the same bits however time is cut into stacks.
 *
 * Functions that give a bool say true where they met a NaN (a sum of floats: also where it is NaN for another reason,
 * inf - inf): the accumulators are then of no use, and the caller starts again from a copy of them with a stack in
 * which something neutral stands for NaN. So data without NaN are looked at once.
 *
 * Every function that gives a bool has a plain reference of the same name that ends in _plain: the same bits.
 */
#ifndef LIMPID_KERNELS_TEMPORAL_H
#define LIMPID_KERNELS_TEMPORAL_H

#include <limpid/limpid.h>
#include <stdbool.h>

enum { TEMPORAL_FRAMES = 8, TEMPORAL_VALUES = 512 };

typedef struct temporal_stack {
    lmp_type type;
    const void *data; /* of the first frame */
    size_t stride;    /* bytes from a frame to the next */
    int64_t frames;   /* 1 to TEMPORAL_FRAMES */
    int64_t values;   /* 1 to TEMPORAL_VALUES */
} temporal_stack;

/* ---- Numbers that are missing -------------------------------------------------------------------------------- */

/* missing[i] grows by how many NaN value i has. Integers have none. */
void temporal_count_missing(const temporal_stack *stack, uint32_t *missing);

/* Copies a stack of floats with instead[i], of the stack's type, in place of each NaN of value i. Frames of the copy
 * lie one behind the other. */
void temporal_fill_missing(const temporal_stack *stack, const void *instead, void *copy);

/* ---- Sums ------------------------------------------------------------------------------------------------------ */

/* Types of the accumulators: 8 and 16 bits: int32_t or uint32_t (good for 32768 frames); 32 bits: int64_t; 64 bits:
 * temporal_wide; floats: double. */
typedef struct temporal_wide {
    uint64_t low;
    int64_t high; /* value = high * 2^64 + low */
} temporal_wide;

/* sums[i] += x for each frame's x. */
bool temporal_add(const temporal_stack *stack, void *sums);
void temporal_add_plain(const temporal_stack *stack, void *sums);

/* Sums and sums of squares. 8 bits: uint32_t squares (good for 32768 frames); 16 bits: uint64_t squares; these with the
 * sums of temporal_add(). All others: double sums of x - centre[i] and of its square. */
bool temporal_add_squares(const temporal_stack *stack, const double *centre, void *sums, void *squares);
void temporal_add_squares_plain(const temporal_stack *stack, const double *centre, void *sums, void *squares);

/* ---- Extremes -------------------------------------------------------------------------------------------------- */

/* best[i], of the stack's type, becomes the larger (smaller) of itself and each frame's number. */
bool temporal_raise(const temporal_stack *stack, void *best);
void temporal_raise_plain(const temporal_stack *stack, void *best);
bool temporal_lower(const temporal_stack *stack, void *best);
void temporal_lower_plain(const temporal_stack *stack, void *best);

/* The same with the number of the frame: of the first one where equal. `frame`: the number of the stack's first. */
bool temporal_raise_at(const temporal_stack *stack, uint32_t frame, void *best, uint32_t *at);
void temporal_raise_at_plain(const temporal_stack *stack, uint32_t frame, void *best, uint32_t *at);

#endif
