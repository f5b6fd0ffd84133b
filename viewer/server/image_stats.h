/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_stats.h: numbers that describe all pixels of an image. NaN and infinite pixels take no part. Plain functions on
 * arrays.
 */
#ifndef LIMPID_VIEWER_IMAGE_STATS_H
#define LIMPID_VIEWER_IMAGE_STATS_H

#include <limpid/limpid.h>
#include <stdbool.h>

typedef struct image_moments {
    double min, max, mean, std; /* NaN if there is no valid pixel; std of the population */
    int64_t n, n_nan;           /* pixels that are valid, and the others */
} image_moments;

/* Of n numbers. Of whole numbers of up to 16 bits exact before the last rounding, of others in two passes in double
 * precision. */
image_moments image_moments_of(lmp_type type, const void *values, int64_t n);
/* The same of what comes piece by piece. Sums of floats depend on where it is cut, in their last bits. */
__extension__ typedef __int128 image_wide;
enum { IMAGE_SUMS = 8 };
typedef struct image_tally {
    lmp_type type;
    int64_t n, n_nan;
    double low, high, mean;
    double sums[IMAGE_SUMS], squares[IMAGE_SUMS]; /* side by side */
    int64_t whole_sum;
    image_wide whole_squares; /* of more than 2^31 numbers too */
    bool is_second;
} image_tally;
void image_tally_begin(image_tally *t, lmp_type type);
void image_tally_add(image_tally *t, const void *values, int64_t n);
bool image_tally_again(image_tally *t); /* true: all pieces must be added a second time */
image_moments image_tally_end(const image_tally *t);

/* Of numbers lowest, lowest + 1, ... of which there are so many each; the same bits. */
image_moments image_moments_of_counts(const uint32_t *counts, int64_t lowest, int64_t kinds);

/* All numbers by size. */
typedef struct image_ranks image_ranks;

/* Bytes that image_ranks_new() takes for n numbers. */
size_t image_ranks_bytes(lmp_type type, int64_t n);
/* Room for n numbers (at most 2^32 - 1); NULL only if memory is out. */
image_ranks *image_ranks_new(lmp_type type, int64_t n);
void image_ranks_add(image_ranks *r, const void *values, int64_t n);
void image_ranks_free(image_ranks *r);
image_moments image_ranks_moments(const image_ranks *r);

/* Linear between neighbours, as numpy.percentile() has it; NaN if there is no valid pixel. */
double image_percentile(const image_ranks *r, double percent);

/* Counts of equal bins from first to last, the last one with its upper edge, as numpy.histogram() has them. */
void image_histogram(const image_ranks *r, double first, double last, int64_t bins, int64_t *counts);

#endif
