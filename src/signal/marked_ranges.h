/* SPDX-License-Identifier: BSD-3-Clause
 *
 * marked_ranges.h: stretches of a recording that somebody has marked, by times or by events with a duration.
 */
#ifndef LIMPID_SIGNAL_MARKED_RANGES_H
#define LIMPID_SIGNAL_MARKED_RANGES_H

#include <limpid/step.h>

/* Samples [first, end). */
typedef struct sample_range {
    int64_t first, end;
} sample_range;

/* Parses `text`, the parameter `ranges` of `step`, and checks that all of it lies inside the recording; open ends
 * become its end. Caller frees. */
LMP_CHECKED lmp_status marked_ranges_parse(const char *step, const char *text, const lmp_stream *in,
                                           lmp_time_range **ranges, int64_t *count, lmp_error *err);

/* Fails, naming the stretch, unless it lies inside the recording but for half a sample. */
LMP_CHECKED lmp_status marked_ranges_check(const char *step, const lmp_time_range *range, const lmp_stream *in,
                                           lmp_error *err);

/* The events that fit the pattern and last, whatever part of them lies inside. Caller frees. */
LMP_CHECKED lmp_status marked_ranges_find(const char *pattern, const lmp_stream *in, lmp_time_range **ranges,
                                          int64_t *count, lmp_error *err);

/* In whole samples: rounded as `crop` does, at least one each, cut to the recording, ascending, those that overlap or
 * touch as one. Returns how many are left of `count`; `made` has room for as many. */
int64_t marked_ranges_merge(const lmp_time_range *ranges, int64_t count, const lmp_format *format, sample_range *made);

#endif
