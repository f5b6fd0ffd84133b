/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_stats.h: numbers that describe the pixels of a zone in one frame.
 */
#ifndef LIMPID_MOVIE_ZONE_STATS_H
#define LIMPID_MOVIE_ZONE_STATS_H

#include "movie/zones.h"

typedef enum zone_stat {
    STAT_MEAN,
    STAT_MEDIAN,
    STAT_MIN,
    STAT_MAX,
    STAT_STD, /* of the population: divided by the number of pixels */
    STAT_SUM,
    STAT_COUNT,
    STAT_KINDS
} zone_stat;

typedef struct zone_stats {
    double value[STAT_KINDS]; /* those that were asked for; NaN where no pixel is valid (sum and count: 0) */
    int64_t n_nan;
} zone_stats;

/* Of one colour of a frame (rows one behind the other). wanted: a bit (1 << stat) each. `values` has room for the
 * zone's pixels if the median is wanted. */
void zone_stats_take(const zone_span *spans, int64_t n_spans, const lmp_frames *frames, const void *frame,
                     int64_t colour, uint32_t wanted, double *values, zone_stats *stats);

const char *zone_stat_name(zone_stat stat);

/* Bits of a list such as "mean,max", in the order given: stats[0] to stats[*count - 1]. */
LMP_CHECKED lmp_status zone_stat_list(const char *step, const char *list, zone_stat stats[STAT_KINDS], int64_t *count,
                                      lmp_error *err);

#endif
