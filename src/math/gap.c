/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Missing samples. The common case is that there are none: gap_copy_samples() finds that out while it copies, in a loop
 * without branches (x - x is +0 for every finite x, and NaN, whose bits are not 0, otherwise).
 */
#include "math/gap.h"

#include <math.h>
#include <string.h>

bool gap_copy_samples(const double *samples, int64_t count, double *copy)
{
    uint64_t missing = 0;
    for (int64_t i = 0; i < count; i++) {
        double x = samples[i], zero = x - x;
        uint64_t bits;
        memcpy(&bits, &zero, sizeof bits);
        missing |= bits;
        copy[i] = x;
    }
    return missing != 0;
}

int64_t gap_find_last(const double *samples, int64_t count)
{
    int64_t i = count - 1;
    while (i >= 0 && isfinite(samples[i])) i--;
    return i;
}

gap_before gap_move_on(gap_before before, const double *samples, int64_t count)
{
    for (int64_t i = count - 1; i >= 0; i--)
        if (isfinite(samples[i])) return (gap_before){.value = samples[i], .age = count - i};
    if (before.age) before.age += count;
    return before;
}

/* Fills [from, to) of one gap. `last` is the index of the value before it (negative: before the stretch), `next` that
 * of the value after it. */
static void fill_line(double *filled, int64_t from, int64_t to, int64_t last, double before, int64_t next, double after,
                      int64_t reach)
{
    int64_t start = next - reach > last + 1 ? next - reach - 1 : last; /* where the line leaves `before` */
    double slope = (after - before) / (double)(next - start);
    for (int64_t i = from; i < to; i++) filled[i] = i <= start ? before : before + slope * (double)(i - start);
}

void gap_fill_samples(gap_before before, const double *samples, int64_t count, int64_t known, int64_t reach,
                      double *filled)
{
    for (int64_t i = 0; i < count;) {
        if (isfinite(samples[i])) {
            before = (gap_before){.value = samples[i], .age = 1};
            filled[i] = samples[i];
            i++;
            continue;
        }
        int64_t next = i;
        while (next < known && !isfinite(samples[next])) next++;
        int64_t to = next < count ? next : count;
        bool has_next = next < known;
        double after = has_next ? samples[next] : before.age ? before.value : 0.0;
        if (!has_next || !before.age)
            for (int64_t k = i; k < to; k++) filled[k] = before.age ? before.value : after;
        else
            fill_line(filled, i, to, i - before.age, before.value, next, after, reach);
        if (before.age) before.age += to - i;
        i = to;
    }
}
