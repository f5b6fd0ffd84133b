/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ranks.c: values are counted in equal bins between the smallest and the largest; selection then has to look at one
 * bin's values alone. A value's bin never decreases with the value, in floating point too, so the result is exact.
 */
#include "math/ranks.h"

#include "math/median.h"

#include <math.h>
#include <stdbool.h>

enum { BINS = 2048, FEW = 4 * BINS };

typedef struct bins {
    double lowest, per_unit;
} bins;

static inline int32_t bin_of(const bins *b, double x)
{
    return (int32_t)((x - b->lowest) * b->per_unit);
}

static double smallest(const double *values, int64_t from, int64_t count)
{
    double least = values[from];
    for (int64_t i = from + 1; i < count; i++) least = values[i] < least ? values[i] : least;
    return least;
}

static rank_pair select_directly(double *values, int64_t count, int64_t rank)
{
    const double value = median_select(values, count, rank);
    return (rank_pair){value, rank + 1 < count ? smallest(values, rank + 1, count) : value};
}

/* False if the range cannot be cut: one value alone, infinite, or too small for its bins. */
static bool find_bins(const double *values, int64_t count, bins *b)
{
    enum { LANES = 8 };
    double lows[LANES], highs[LANES], low = values[0], high = values[0];
    for (int k = 0; k < LANES; k++) lows[k] = highs[k] = low;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            lows[k] = values[i + k] < lows[k] ? values[i + k] : lows[k];
            highs[k] = values[i + k] > highs[k] ? values[i + k] : highs[k];
        }
    for (; i < count; i++) {
        lows[0] = fmin(lows[0], values[i]);
        highs[0] = fmax(highs[0], values[i]);
    }
    for (int k = 0; k < LANES; k++) {
        low = fmin(low, lows[k]);
        high = fmax(high, highs[k]);
    }
    *b = (bins){low, (BINS - 1) / (high - low)};
    return isfinite(high - low) && isfinite(b->per_unit);
}

/* Brings the values of a bin to the front; how many there are. Values change places without a branch that depends on
 * them. */
static int64_t bring_forward(double *values, int64_t count, const bins *b, int32_t bin)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++) {
        const double x = values[i];
        values[i] = values[n];
        values[n] = x;
        n += bin_of(b, x) == bin;
    }
    return n;
}

static double smallest_beyond(const double *values, int64_t count, const bins *b, int32_t bin)
{
    double least = INFINITY;
    for (int64_t i = 0; i < count; i++) least = values[i] < least && bin_of(b, values[i]) > bin ? values[i] : least;
    return least;
}

rank_pair ranks_select(double *values, int64_t count, int64_t rank)
{
    uint32_t even[BINS] = {0}, odd[BINS] = {0}; /* two, so that equal neighbours do not wait for each other */
    bins b;
    if (count < FEW || !find_bins(values, count, &b)) return select_directly(values, count, rank);
    for (int64_t i = 0; i + 1 < count; i += 2) {
        even[bin_of(&b, values[i])]++;
        odd[bin_of(&b, values[i + 1])]++;
    }
    if (count % 2 == 1) even[bin_of(&b, values[count - 1])]++;
    int64_t below = 0;
    int32_t bin = 0;
    while (below + even[bin] + odd[bin] <= rank) below += even[bin] + odd[bin], bin++;
    const int64_t n = bring_forward(values, count, &b, bin);
    rank_pair made = select_directly(values, n, rank - below);
    if (rank + 1 == below + n && rank + 1 < count) made.next = smallest_beyond(values + n, count - n, &b, bin);
    return made;
}

rank_pair ranks_select_counted(const uint32_t *counts, int64_t lowest, int64_t count, int64_t rank)
{
    int64_t i = 0, up_to = counts[0];
    while (up_to <= rank) up_to += counts[++i];
    const double value = (double)(lowest + i);
    if (rank + 1 >= count) return (rank_pair){value, value};
    while (up_to <= rank + 1) up_to += counts[++i];
    return (rank_pair){value, (double)(lowest + i)};
}
