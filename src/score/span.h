/* SPDX-License-Identifier: BSD-3-Clause
 *
 * span.h: stretches of samples that belong to the scan or to the parts without scanning, and sums over them.
 */
#ifndef LIMPID_SCORE_SPAN_H
#define LIMPID_SCORE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* What a recording falls into. Samples in neither (next to the scan) count nowhere. */
typedef enum scan_part { PART_SCAN, PART_FREE, SCAN_PARTS } scan_part;

typedef struct span {
    int64_t first, count;
    scan_part part;
} span;

/* Ascending, without overlap. */
typedef struct span_list {
    span *all;
    int64_t count;
} span_list;

/* The next piece of [first, first + count) that lies in a span; false if there is none. *at is the span to look from:
 * 0 at the start of a recording, kept from call to call. Walking through a stretch:
 *
 *     for (from = first; span_next(spans, &at, from, end - from, &piece); from = piece.first + piece.count) ...
 */
typedef struct span_piece {
    int64_t first, count;
    scan_part part;
} span_piece;

bool span_next(const span_list *spans, int64_t *at, int64_t first, int64_t count, span_piece *piece);

/* The longest span of a part, in samples; 0 if it has none. */
int64_t span_longest(const span_list *spans, scan_part part);

/* Mean and variance of a long sequence. Sums are taken about the first value, so an electrode's offset of many
 * millivolts costs no digits. Values that are not finite are left out. */
typedef struct moments {
    double origin, sum, squares;
    int64_t n;
} moments;

void moments_add(moments *m, const double *values, int64_t count);
double moments_variance(const moments *m); /* NaN if there is no value */

#endif
