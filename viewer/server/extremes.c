/* SPDX-License-Identifier: BSD-3-Clause
 *
 * extremes.c: lowest and highest values. Loops go in LANES side by side so that they vectorise: a comparison with NaN
 * is false, hence NaN never gets in.
 */
#include "extremes.h"

#include <math.h>

enum { LANES = 8 };

bounds bounds_none(void)
{
    return (bounds){(double)INFINITY, -(double)INFINITY};
}

static void take_in(bounds *b, double value)
{
    b->low = value < b->low ? value : b->low;
    b->high = value > b->high ? value : b->high;
}

bounds bounds_widen(bounds b, const double *values, int64_t count)
{
    double low[LANES], high[LANES];
    int64_t i = 0;
    for (int k = 0; k < LANES; k++) {
        low[k] = b.low;
        high[k] = b.high;
    }
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            low[k] = values[i + k] < low[k] ? values[i + k] : low[k];
            high[k] = values[i + k] > high[k] ? values[i + k] : high[k];
        }
    for (; i < count; i++) take_in(&b, values[i]);
    for (int k = 0; k < LANES; k++) {
        b.low = low[k] < b.low ? low[k] : b.low;
        b.high = high[k] > b.high ? high[k] : b.high;
    }
    return b;
}

bounds bounds_join(bounds b, extremes e)
{
    b.low = (double)e.low < b.low ? (double)e.low : b.low;
    b.high = (double)e.high > b.high ? (double)e.high : b.high;
    return b;
}

bounds bounds_unite(bounds a, bounds b)
{
    return (bounds){b.low < a.low ? b.low : a.low, b.high > a.high ? b.high : a.high};
}

extremes bounds_round(bounds b)
{
    if (b.low > b.high) return (extremes){NAN, NAN};
    extremes e = {(float)b.low, (float)b.high};
    if ((double)e.low > b.low) e.low = nextafterf(e.low, -INFINITY);
    if ((double)e.high < b.high) e.high = nextafterf(e.high, INFINITY);
    return e;
}

/* ---- Sums ---------------------------------------------------------------------------------------------------- */

channel_sums sums_none(void)
{
    return (channel_sums){.low = (double)INFINITY, .high = -(double)INFINITY};
}

static void find_mean(const double *values, int64_t count, channel_sums *s)
{
    double sum[LANES] = {0};
    int64_t n[LANES] = {0}, i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            const double v = values[i + k];
            sum[k] += v == v ? v : 0;
            n[k] += v == v;
        }
    for (; i < count; i++) {
        sum[0] += values[i] == values[i] ? values[i] : 0;
        n[0] += values[i] == values[i];
    }
    for (int k = 1; k < LANES; k++) {
        sum[0] += sum[k];
        n[0] += n[k];
    }
    s->n = n[0];
    s->n_nan = count - n[0];
    s->mean = n[0] > 0 ? sum[0] / (double)n[0] : 0;
}

static void find_squares(const double *values, int64_t count, channel_sums *s)
{
    double squares[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            const double d = values[i + k] - s->mean;
            squares[k] += d == d ? d * d : 0;
        }
    for (; i < count; i++) {
        const double d = values[i] - s->mean;
        squares[0] += d == d ? d * d : 0;
    }
    for (int k = 1; k < LANES; k++) squares[0] += squares[k];
    s->squares = squares[0];
}

static void count_equals(const double *values, int64_t count, int has_before, channel_sums *s)
{
    int64_t n_low = 0, n_high = 0, n_flat = has_before && count > 0 && values[0] == values[-1];
    if (count > 0) {
        n_low = values[0] == s->low;
        n_high = values[0] == s->high;
    }
    for (int64_t i = 1; i < count; i++) {
        n_low += values[i] == s->low;
        n_high += values[i] == s->high;
        n_flat += values[i] == values[i - 1];
    }
    s->n_low = n_low;
    s->n_high = n_high;
    s->n_flat = n_flat;
}

channel_sums sums_of(const double *values, int64_t count, int has_before, bounds b)
{
    channel_sums s = sums_none();
    s.low = b.low;
    s.high = b.high;
    find_mean(values, count, &s);
    find_squares(values, count, &s);
    count_equals(values, count, has_before, &s);
    return s;
}

channel_sums sums_join(channel_sums a, channel_sums b)
{
    channel_sums s = a;
    s.n += b.n;
    s.n_nan += b.n_nan;
    s.n_flat += b.n_flat;
    s.n_low = (a.low <= b.low ? a.n_low : 0) + (b.low <= a.low ? b.n_low : 0);
    s.n_high = (a.high >= b.high ? a.n_high : 0) + (b.high >= a.high ? b.n_high : 0);
    s.low = b.low < a.low ? b.low : a.low;
    s.high = b.high > a.high ? b.high : a.high;
    if (b.n == 0) return s;
    const double share = (double)b.n / (double)s.n, difference = b.mean - a.mean;
    s.mean = a.mean + difference * share;
    s.squares = a.squares + b.squares + difference * difference * (double)a.n * share;
    return s;
}
