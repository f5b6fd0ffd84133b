/* SPDX-License-Identifier: BSD-3-Clause
 *
 * steepest.h: which way it goes down from each pixel of a row, values being heights.
 */
#ifndef LIMPID_KERNELS_STEEPEST_H
#define LIMPID_KERNELS_STEEPEST_H

#include <stdint.h>

enum { STEEPEST_NOWHERE = 8 };

/* East, south-east, south, ... clockwise, rows counted downwards. */
static const int8_t steepest_dx[8] = {1, 1, 0, -1, -1, -1, 0, 1}, steepest_dy[8] = {0, 1, 1, 1, 0, -1, -1, -1};

/* Rows of `width` heights: that of the pixels, and those above and below (NULL: there is none). ways[x]: 0 to 7, the
 * neighbour of the steepest descent, the first of equals; STEEPEST_NOWHERE from pits, flats and NaN. */
void steepest_ways(const float *above, const float *row, const float *below, int64_t width, uint8_t *ways);
void steepest_ways_plain(const float *above, const float *row, const float *below, int64_t width, uint8_t *ways);

#endif
