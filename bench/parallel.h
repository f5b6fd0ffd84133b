/* SPDX-License-Identifier: BSD-3-Clause
 *
 * parallel.h: what benchmarks share that look at the machine: a clock, threads that do one thing, touched memory.
 */
#ifndef LIMPID_BENCH_PARALLEL_H
#define LIMPID_BENCH_PARALLEL_H

#include <stddef.h>

enum { MOST_THREADS = 64 };

double now_s(void);

/* Seconds until `body(user)` has returned on all of 1 to MOST_THREADS threads; what is to be done is shared there. */
double parallel_s(void *(*body)(void *user), void *user, long threads);

/* Pages of 2 MB that have been touched, as a program holds an array it works on; NULL: out of memory. Never freed. */
void *memory_of(size_t bytes, int value);

#endif
