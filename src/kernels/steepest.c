/* SPDX-License-Identifier: BSD-3-Clause
 *
 * steepest.c: pixels inside the image by comparisons without branches, many at once; those at its edge one by one.
 */
#include "kernels/steepest.h"

#include "kernels/temporal_types.h"

#include <math.h>
#include <stddef.h>

/* ---- Plain reference ---- */

static uint8_t way_down(const float *const rows[3], int64_t width, int64_t x)
{
    const double height = (double)rows[1][x];
    double steepest = 0;
    uint8_t way = STEEPEST_NOWHERE;
    for (uint8_t k = 0; k < 8; k++) {
        const float *row = rows[1 + steepest_dy[k]];
        const int64_t at = x + steepest_dx[k];
        if (row == NULL || at < 0 || at >= width) continue;
        const double drop = (height - (double)row[at]) * (k % 2 == 1 ? M_SQRT1_2 : 1);
        if (drop > steepest) {
            steepest = drop;
            way = k;
        }
    }
    return way;
}

void steepest_ways_plain(const float *above, const float *row, const float *below, int64_t width, uint8_t *ways)
{
    const float *const rows[3] = {above, row, below};
    for (int64_t x = 0; x < width; x++) ways[x] = way_down(rows, width, x);
}

/* ---- Many at once ---- */

enum { AT_ONCE = 4 };

typedef double lanes __attribute__((vector_size(AT_ONCE * sizeof(double))));
typedef int64_t mask __attribute__((vector_size(AT_ONCE * sizeof(int64_t))));
typedef float heights __attribute__((vector_size(AT_ONCE * sizeof(float)), aligned(sizeof(float))));

KERNEL_INLINE bool inner_body(const float *above, const float *row, const float *below, int64_t from, int64_t end,
                              uint8_t *to)
{
    for (int64_t x = from; x + AT_ONCE <= end; x += AT_ONCE) {
        const float *const rows[3] = {above + x, row + x, below + x};
        const lanes height = __builtin_convertvector(*(const heights *)rows[1], lanes);
        lanes steepest = {0};
        mask way = {STEEPEST_NOWHERE, STEEPEST_NOWHERE, STEEPEST_NOWHERE, STEEPEST_NOWHERE};
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++) {
            const float *at = rows[1 + steepest_dy[k]] + steepest_dx[k];
            lanes drop = height - __builtin_convertvector(*(const heights *)at, lanes);
            if (k % 2 == 1) drop *= M_SQRT1_2;
            const mask is_steeper = drop > steepest;
            steepest = (lanes)((is_steeper & (mask)drop) | (~is_steeper & (mask)steepest));
            way = (is_steeper & k) | (~is_steeper & way);
        }
        for (int i = 0; i < AT_ONCE; i++) to[x + i] = (uint8_t)way[i];
    }
    return true;
}

KERNEL_TWICE(inner, (const float *above, const float *row, const float *below, int64_t from, int64_t end, uint8_t *to),
             (above, row, below, from, end, to))

void steepest_ways(const float *above, const float *row, const float *below, int64_t width, uint8_t *ways)
{
    const float *const rows[3] = {above, row, below};
    int64_t done = width > 0 ? 1 : 0;
    if (done > 0) ways[0] = way_down(rows, width, 0);
    if (above != NULL && below != NULL && width > AT_ONCE + 1) {
        (void)KERNEL_PICK(inner, (above, row, below, 1, width - 1, ways));
        done += (width - 2) / AT_ONCE * AT_ONCE;
    }
    for (; done < width; done++) ways[done] = way_down(rows, width, done);
}
