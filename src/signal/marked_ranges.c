/* SPDX-License-Identifier: BSD-3-Clause
 *
 * marked_ranges.c: see marked_ranges.h.
 */
#include "signal/marked_ranges.h"

#include "core/time_range.h"

#include <math.h>
#include <stdlib.h>

static double length_s(const lmp_stream *in)
{
    return (double)in->format.n_times / in->format.rate_hz;
}

lmp_status marked_ranges_check(const char *step, const lmp_time_range *range, const lmp_stream *in, lmp_error *err)
{
    const double total_s = length_s(in), half_s = 0.5 / in->format.rate_hz;
    if (range->first_s >= 0 && range->first_s < total_s && range->last_s <= total_s + half_s) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s: the stretch from %.10g to %.10g s does not lie inside the recording of "
                    "%.10g s",
                    step, range->first_s, range->last_s, total_s);
}

lmp_status marked_ranges_parse(const char *step, const char *text, const lmp_stream *in, lmp_time_range **ranges,
                               int64_t *count, lmp_error *err)
{
    lmp_status status = time_ranges_parse(step, "ranges", text, ranges, count, err);
    if (status != LMP_OK) return status;
    for (int64_t i = 0; i < *count && status == LMP_OK; i++) {
        lmp_time_range *range = &(*ranges)[i];
        if (isinf(range->last_s)) range->last_s = fmax(length_s(in), range->first_s);
        status = marked_ranges_check(step, range, in, err);
    }
    if (status != LMP_OK) {
        free(*ranges);
        *ranges = NULL;
    }
    return status;
}

lmp_status marked_ranges_find(const char *pattern, const lmp_stream *in, lmp_time_range **ranges, int64_t *count,
                              lmp_error *err)
{
    int64_t n = 0;
    lmp_time_range *made = calloc((size_t)in->n_events + 1, sizeof *made);
    if (made == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for events");
    for (int64_t i = 0; i < in->n_events; i++) {
        const lmp_event *e = &in->events[i];
        if (!(e->duration_s > 0) || !isfinite(e->onset_s) || !lmp_label_fits(pattern, e->label)) continue;
        if (e->onset_s < length_s(in) && e->onset_s + e->duration_s > 0)
            made[n++] = (lmp_time_range){e->onset_s, e->onset_s + e->duration_s};
    }
    *ranges = made;
    *count = n;
    return LMP_OK;
}

static int compare_ranges(const void *a, const void *b)
{
    const sample_range *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

/* Rounded, inside [least, most]. */
static int64_t sample_at(double seconds, double rate_hz, int64_t least, int64_t most)
{
    const double sample = floor(seconds * rate_hz + 0.5);
    return sample < (double)least ? least : sample > (double)most ? most : (int64_t)sample;
}

int64_t marked_ranges_merge(const lmp_time_range *ranges, int64_t count, const lmp_format *format, sample_range *made)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++) {
        const int64_t first = sample_at(ranges[i].first_s, format->rate_hz, 0, format->n_times - 1);
        made[i] = (sample_range){first, sample_at(ranges[i].last_s, format->rate_hz, first + 1, format->n_times)};
    }
    qsort(made, (size_t)count, sizeof *made, compare_ranges);
    for (int64_t i = 0; i < count; i++) {
        if (n == 0 || made[i].first > made[n - 1].end)
            made[n++] = made[i];
        else if (made[i].end > made[n - 1].end)
            made[n - 1].end = made[i].end;
    }
    return n;
}
