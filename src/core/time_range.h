/* SPDX-License-Identifier: BSD-3-Clause
 *
 * time_range.h: stretches of time as people write them, in seconds.
 */
#ifndef LIMPID_CORE_TIME_RANGE_H
#define LIMPID_CORE_TIME_RANGE_H

#include <limpid/step.h>

/* "10-20", "10-" (last_s INFINITY) or "-20". The unit may follow. False for anything else, or if it is empty. */
bool time_range_parse(const char *text, const char *unit, lmp_time_range *range);

/* A list such as "12.5-14,20-": stretches, and times alone, whose last_s is first_s. As they are given; caller frees.
 * `step` and `key` name the parameter in the sentence about what is wrong. */
LMP_CHECKED lmp_status time_ranges_parse(const char *step, const char *key, const char *text, lmp_time_range **ranges,
                                         int64_t *count, lmp_error *err);

#endif
