/* SPDX-License-Identifier: BSD-3-Clause
 *
 * noise.h: random numbers that are a function of where they stand, not of what was drawn before.
 *
 * A stream is a key; number i of a stream is a hash of (key, i). Any stretch can be made by any thread, in any order.
 */
#ifndef LIMPID_SIMULATE_NOISE_H
#define LIMPID_SIMULATE_NOISE_H

#include <stdint.h>

/* The key of one stream: the recording's seed, what the numbers are for, and for whom (a lane, an event ...). */
uint64_t noise_key(uint64_t seed, uint64_t purpose, uint64_t owner);

/* Uniform in [0, 1), 53 bits. */
double noise_uniform(uint64_t key, int64_t index);

/* Standard normal. */
double noise_gaussian(uint64_t key, int64_t index);

/* Numbers first .. first+count-1 of a stream, standard normal. `first` may be negative. */
void noise_fill_gaussian(uint64_t key, int64_t first, int64_t count, double *values);

#endif
