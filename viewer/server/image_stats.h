/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_stats.h: numbers that describe all pixels of an image. NaN and infinite pixels take no part. Plain functions on
 * arrays.
 */
#ifndef LIMPID_VIEWER_IMAGE_STATS_H
#define LIMPID_VIEWER_IMAGE_STATS_H

#include <limpid/limpid.h>

typedef struct image_moments {
    double min, max, mean, std; /* NaN if there is no valid pixel; std of the population */
    int64_t n, n_nan;           /* pixels that are valid, and the others */
} image_moments;

/* Of n numbers. Of whole numbers of up to 16 bits exact before the last rounding, of others in two passes in double
 * precision. */
image_moments image_moments_of(lmp_type type, const void *values, int64_t n);

/* All numbers by size. */
typedef struct image_ranks image_ranks;

/* Bytes that image_ranks_new() takes for n numbers. */
size_t image_ranks_bytes(lmp_type type, int64_t n);
/* NULL only if memory is out. */
image_ranks *image_ranks_new(lmp_type type, const void *values, int64_t n);
void image_ranks_free(image_ranks *r);

/* Linear between neighbours, as numpy.percentile() has it; NaN if there is no valid pixel. */
double image_percentile(const image_ranks *r, double percent);

/* Counts of equal bins from first to last, the last one with its upper edge, as numpy.histogram() has them. */
void image_histogram(const image_ranks *r, double first, double last, int64_t bins, int64_t *counts);

#endif
