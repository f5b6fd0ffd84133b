/* SPDX-License-Identifier: BSD-3-Clause
 *
 * window_range.h: which frames have a result over a window of frames that begins `lag` frames after them, and when.
 */
#ifndef LIMPID_MOVIE_WINDOW_RANGE_H
#define LIMPID_MOVIE_WINDOW_RANGE_H

#include <limpid/step.h>

typedef enum edge_kind { EDGES_CROP, EDGES_SHRINK, EDGES_NAN } edge_kind;

#define EDGE_KINDS "crop|shrink|nan" /* in this order */

typedef struct window_range {
    int64_t window, lag;
    edge_kind edges;
    int64_t n_times;         /* of the input */
    int64_t lowest, highest; /* frames of the input that have a result */
} window_range;

/* Refuses a window that no frame has; `step` names who asks. */
lmp_status window_range_fit(const char *step, int64_t window, int64_t lag, int64_t edges, int64_t n_times,
                            window_range *range, lmp_error *err);

/* The last frame of the window of frame n, and the other way round. */
int64_t window_range_last(const window_range *range, int64_t n);
int64_t window_range_owner(const window_range *range, int64_t last);

/* Length, burst and frame numbers of the stream out. */
lmp_status window_range_plan(const window_range *range, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err);

/* How many results there are once n_in frames have come in. */
int64_t window_range_ready(const window_range *range, int64_t n_in, bool ended);

/* True if the result of frame n is NaN whatever the data: its window must be whole, or lies outside. */
bool window_range_lacks(const window_range *range, int64_t n);

/* How many frames windows go on for past the end, as long as they still hold one of the movie. */
int64_t window_range_beyond(const window_range *range);

#endif
