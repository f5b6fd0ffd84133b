/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ranks.h: values of a rank among very many, exact.
 */
#ifndef LIMPID_MATH_RANKS_H
#define LIMPID_MATH_RANKS_H

#include <stdint.h>

/* Values of the ranks `rank` and rank + 1 (0: the smallest; both the largest if there is no next) of `count` > rank
 * numbers, none of them NaN. Changes their order. */
typedef struct rank_pair {
    double value, next;
} rank_pair;

rank_pair ranks_select(double *values, int64_t count, int64_t rank);

/* The same for numbers of which counts[i] are lowest + i. */
rank_pair ranks_select_counted(const uint32_t *counts, int64_t lowest, int64_t count, int64_t rank);

#endif
