/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sample_ring.h: the latest samples of one lane, addressed by their absolute numbers.
 */
#ifndef LIMPID_SIGNAL_SAMPLE_RING_H
#define LIMPID_SIGNAL_SAMPLE_RING_H

#include "signal/carve.h"

#include <stdbool.h>

/* Holds the samples [first, end); end - first <= room. */
typedef struct sample_ring {
    double *values; /* sample s at s % room */
    int64_t room, first, end;
} sample_ring;

void sample_ring_carve(sample_ring *ring, int64_t room, carve *memory);

/* Appends; there must be room. */
void sample_ring_put(sample_ring *ring, const double *in, int64_t count);

/* Forgets samples before `first`. */
void sample_ring_drop(sample_ring *ring, int64_t first);

/* Copies samples it holds. */
void sample_ring_copy(const sample_ring *ring, int64_t from, int64_t count, double *out);

/* Mean of samples, those it does not hold counting as zeros; NaN if one is not finite. */
double sample_ring_mean(const sample_ring *ring, int64_t from, int64_t count);

/* Copies samples less `offset` in single precision, with zeros for what it does not hold; true if all are finite. */
bool sample_ring_copy_single(const sample_ring *ring, int64_t from, int64_t count, double offset, float *out);

/* Subtracts from samples it holds. Those that are not finite keep their bits. */
void sample_ring_subtract(sample_ring *ring, int64_t from, int64_t count, const float *values);

#endif
