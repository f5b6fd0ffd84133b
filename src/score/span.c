/* SPDX-License-Identifier: BSD-3-Clause
 *
 * span.c: walking through spans, and sums over them.
 */
#include "score/span.h"
#include "score/metrics.h"

#include <math.h>

bool span_next(const span_list *spans, int64_t *at, int64_t first, int64_t count, span_piece *piece)
{
    const int64_t end = first + count;
    for (; *at < spans->count; ++*at) {
        const span *s = &spans->all[*at];
        const int64_t span_end = s->first + s->count;
        if (span_end <= first) continue;
        if (s->first >= end || count <= 0) return false;
        const int64_t from = s->first > first ? s->first : first, to = span_end < end ? span_end : end;
        *piece = (span_piece){.first = from, .count = to - from, .part = s->part};
        return true;
    }
    return false;
}

int64_t span_longest(const span_list *spans, scan_part part)
{
    int64_t longest = 0;
    for (int64_t i = 0; i < spans->count; i++)
        if (spans->all[i].part == part && spans->all[i].count > longest) longest = spans->all[i].count;
    return longest;
}

void moments_add(moments *m, const double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) continue;
        if (m->n == 0) m->origin = values[i];
        const double v = values[i] - m->origin;
        m->sum += v;
        m->squares += v * v;
        m->n++;
    }
}

double moments_variance(const moments *m)
{
    if (m->n == 0) return UNKNOWN;
    const double mean = m->sum / (double)m->n;
    return fmax(m->squares / (double)m->n - mean * mean, 0);
}
