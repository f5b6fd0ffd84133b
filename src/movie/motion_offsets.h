/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_offsets.h: where templates of different stretches lie, from shifts measured between pairs of them.
 */
#ifndef LIMPID_MOVIE_MOTION_OFFSETS_H
#define LIMPID_MOVIE_MOTION_OFFSETS_H

#include <stdint.h>

enum { MOTION_MOST_STRETCHES = 24 };

typedef struct offset_pair {
    int64_t from, to;
    double shift;  /* offset[from] - offset[to] should be this */
    double weight; /* how much it is trusted, >= 0 */
} offset_pair;

/* Offsets of mean 0 that fit the pairs: least squares, weighted anew so that pairs which contradict the others by more
 * than about a pixel lose their say (Cauchy weights, Huber and Ronchetti, Robust Statistics, 2009). Each template needs
 * a pair; n <= MOTION_MOST_STRETCHES. */
void motion_offsets(const offset_pair *pairs, int64_t n_pairs, int64_t n, double *offsets);

#endif
