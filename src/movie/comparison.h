/* SPDX-License-Identifier: BSD-3-Clause
 *
 * comparison.h: frames less one side, over another, in one pass: y = (x - less) / over. Results do not depend on how
 * time is cut.
 */
#ifndef LIMPID_MOVIE_COMPARISON_H
#define LIMPID_MOVIE_COMPARISON_H

#include "movie/side.h"

typedef struct comparison {
    const side *less, *over; /* borrowed; one may be NULL */
    lmp_format format;       /* of the movie that comes in */
    bool slides;             /* one of the sides does */
    int64_t lowest, highest; /* frames that have a result */
    int64_t wait;            /* frames that must have come after one before its result is known */
    int64_t span;            /* and how many frames then are still needed */
} comparison;

/* Refuses windows that no frame has; `step` names who asks. */
lmp_status comparison_fit(const char *step, const side *less, const side *over, const lmp_format *format,
                          comparison *made, lmp_error *err);

/* Length, type, frame numbers and burst of the stream out, and the memory of a band. */
lmp_status comparison_plan(const comparison *c, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err);

int64_t comparison_ready(const comparison *c, int64_t n_in, bool ended);

typedef struct comparison_lane comparison_lane;

lmp_status comparison_lane_open(const comparison *c, int64_t lane, lmp_budget *budget, comparison_lane **made,
                                lmp_error *err);
void comparison_process(const comparison *c, comparison_lane *l, const lmp_frames *in, const lmp_frames *out,
                        bool ended);
/* What was counted goes to the tallies of the sides. NULL is fine. */
void comparison_lane_close(const comparison *c, comparison_lane *l, lmp_budget *budget);

#endif
