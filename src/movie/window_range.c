/* SPDX-License-Identifier: BSD-3-Clause
 *
 * window_range.c: arithmetic of windows of frames and of the ends of a movie.
 */
#include "movie/window_range.h"

#include <stdlib.h>

static int64_t at_most(int64_t x, int64_t most)
{
    return x < most ? x : most;
}

lmp_status window_range_fit(const char *step, int64_t window, int64_t lag, int64_t edges, int64_t n_times,
                            window_range *range, lmp_error *err)
{
    const bool crops = edges == EDGES_CROP;
    const int64_t last = n_times - window - lag; /* whose window ends at the end */
    *range = (window_range){.window = window,
                            .lag = lag,
                            .edges = (edge_kind)edges,
                            .n_times = n_times,
                            .lowest = crops && lag < 0 ? -lag : 0,
                            .highest = crops && last < n_times - 1 ? last : n_times - 1};
    if (window <= n_times && range->highest >= range->lowest) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s: no window of window=%lld frames with lag=%lld lies inside the %lld frames there are", step,
                    (long long)window, (long long)lag, (long long)n_times);
}

int64_t window_range_last(const window_range *range, int64_t n)
{
    return n + range->lag + range->window - 1;
}

int64_t window_range_owner(const window_range *range, int64_t last)
{
    return last - range->lag - range->window + 1;
}

lmp_status window_range_plan(const window_range *range, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const lmp_format *format = &in->format;
    const int64_t count = range->highest - range->lowest + 1;
    plan->out.format.n_times = count;
    /* Held back or given ahead; and a frame gives one while it counts as less where some are left out. */
    plan->burst = at_most(llabs(range->lag + range->window - 1) + format->n_times - count, count);
    if (count == format->n_times) return LMP_OK;
    const int64_t *numbers = format->frame_numbers;
    const double *times = format->frame_times_s;
    if (numbers != NULL || range->lowest == 0)
        return lmp_stream_set_frames(&plan->out, numbers == NULL ? NULL : numbers + range->lowest,
                                     times == NULL ? NULL : times + range->lowest, err);
    int64_t *made = lmp_plan_lanes(plan, count);
    if (made == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the frames' numbers");
    for (int64_t i = 0; i < count; i++) made[i] = range->lowest + i;
    return lmp_stream_set_frames(&plan->out, made, times == NULL ? NULL : times + range->lowest, err);
}

int64_t window_range_ready(const window_range *range, int64_t n_in, bool ended)
{
    const int64_t all = range->highest - range->lowest + 1;
    if (ended) return all;
    const int64_t last = window_range_owner(range, n_in - 1);
    return n_in == 0 || last < range->lowest ? 0 : at_most(last - range->lowest + 1, all);
}

bool window_range_lacks(const window_range *range, int64_t n)
{
    const int64_t first = n + range->lag, last = window_range_last(range, n);
    if (range->edges == EDGES_NAN) return first < 0 || last >= range->n_times;
    return last < 0 || first >= range->n_times;
}

int64_t window_range_beyond(const window_range *range)
{
    const int64_t wanted = window_range_last(range, range->highest) + 1 - range->n_times;
    if (range->edges != EDGES_SHRINK || wanted <= 0) return 0;
    return at_most(wanted, range->window - 1);
}
