/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_range.c: which physical range a channel is written with.
 *
 * Readers compute values from four header fields of 8 characters. Two wishes meet: samples that no step has touched
 * should read back as the same doubles, so the new grid of values must contain the input's to the last bit; and steps
 * should be as fine as the bits allow. A grid 2^k times as fine serves both: dividing by a power of two is exact.
 *
 * The fields are decimals, so a range can start and end only at points of the grid that 8 characters express. With the
 * grid's step as a fraction A / B of 10^-d, every B-th point has at most d decimals if the first has: those are the
 * candidates, and each is checked by computing what a reader will.
 */
#include "io/edf/edf_range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t digital_low(int bits)
{
    return -(INT64_C(1) << (bits - 1));
}

static int64_t digital_high(int bits)
{
    return (INT64_C(1) << (bits - 1)) - 1;
}

edf_scaling edf_range_scaling(const edf_range *range)
{
    const double steps = (double)(range->digital_max - range->digital_min);
    const double scale = (range->physical_max - range->physical_min) / steps;
    return (edf_scaling){.scale = scale, .offset = range->physical_min - scale * (double)range->digital_min};
}

static bool set_physical(edf_decimal low, edf_decimal high, edf_range *range)
{
    range->physical_min = edf_decimal_value(low);
    range->physical_max = edf_decimal_value(high);
    return edf_field_print(low, range->physical_min_text) && edf_field_print(high, range->physical_max_text);
}

static bool set_digital(int64_t low, int64_t high, int bits, edf_range *range)
{
    range->digital_min = low;
    range->digital_max = high;
    return low < high && low >= digital_low(bits) && high <= digital_high(bits);
}

/* ---- The channel's own grid ------------------------------------------------------------------------------- */

typedef struct grid {
    edf_decimal low, high, extent; /* physical range */
    int64_t digital_min, n_steps;
    double tolerance; /* 0: header fields say the grid to the last bit; else in steps, far below one */
} grid;

/* Formats that state a resolution compute their physical range from it, with rounding errors that no header repeats. */
static const double near_steps = 0x1p-24;

enum { GRID_DECIMALS = 7 }; /* no field of 8 characters has more */

static bool find_grid(const lmp_channel *channel, grid *g)
{
    const double steps = channel->digital_max - channel->digital_min, scale = channel->scale;
    if (scale == 0 || !isfinite(scale) || !(steps >= 1 && steps < 1e10) || !(fabs(channel->digital_min) < 1e10) ||
        steps != floor(steps) || channel->digital_min != floor(channel->digital_min) ||
        !edf_decimal_from(channel->physical_min, GRID_DECIMALS, &g->low) ||
        !edf_decimal_from(channel->physical_max, GRID_DECIMALS, &g->high) ||
        !edf_decimal_add(g->high, edf_decimal_negate(g->low), &g->extent))
        return false;
    g->digital_min = (int64_t)channel->digital_min;
    g->n_steps = (int64_t)steps;
    const double low = edf_decimal_value(g->low), high = edf_decimal_value(g->high), again = (high - low) / steps;
    const bool is_exact = low == channel->physical_min && again == scale;
    g->tolerance = is_exact ? 0 : near_steps;
    return fabs(low - channel->physical_min) <= near_steps * fabs(scale) &&
           fabs(again - scale) * steps <= near_steps * fabs(scale);
}

/* True if all values that the channel's integers stand for between lowest and highest come out of the new range as they
 * are. Up to 65536 integers are all tried; of more, as many spread evenly. */
static bool reads_back(const lmp_channel *channel, const grid *g, double lowest, double highest, const edf_range *range)
{
    const edf_scaling now = edf_range_scaling(range);
    const double step = channel->scale, offset = channel->physical_min - step * channel->digital_min;
    if (g->tolerance == 0 && now.scale != ldexp(step, -range->finer)) return false;
    const double a = (lowest - offset) / step, b = (highest - offset) / step;
    const double from = ceil(fmin(a, b)), to = floor(fmax(a, b));
    if (!(fabs(from) < 1e12 && fabs(to) < 1e12)) return false;
    const double stride = to - from > 65536 ? floor((to - from) / 65536) : 1;
    for (double digital = from; digital <= to; digital += stride) {
        const double value = step * digital + offset;
        const double again = now.scale * nearbyint((value - now.offset) / now.scale) + now.offset;
        if (fabs(again - value) > g->tolerance * fabs(step)) return false;
    }
    return true;
}

bool edf_range_embed(const lmp_channel *channel, int stored_bits, int bits, edf_range *range)
{
    grid g;
    if (!find_grid(channel, &g) || !set_physical(g.low, g.high, range)) return false;
    const bool is_codes = channel->role == LMP_ROLE_STIM;
    range->finer = bits - 2 > stored_bits && !is_codes ? bits - 2 - stored_bits : 0;
    const int64_t factor = INT64_C(1) << range->finer;
    return set_digital(g.digital_min * factor, (g.digital_min + g.n_steps) * factor, bits, range) &&
           reads_back(channel, &g, channel->physical_min, channel->physical_max, range);
}

/* Points of the grid (2^finer times as fine) that have `decimals` decimals, counted from its low end: every `stride`-th
 * one, `apart` units of 10^-decimals apart. */
static bool find_points(const grid *g, int finer, int decimals, int64_t *stride, int64_t *apart)
{
    int64_t above = g->extent.mantissa, below = g->n_steps;
    const int more = decimals - g->extent.decimals;
    if (g->low.decimals > decimals) return false;
    if (__builtin_mul_overflow(below, INT64_C(1) << finer, &below) ||
        __builtin_mul_overflow(below, edf_decimal_power(more < 0 ? -more : 0), &below) ||
        __builtin_mul_overflow(above, edf_decimal_power(more > 0 ? more : 0), &above))
        return false;
    const int64_t common = edf_decimal_gcd(above, below);
    *stride = below / common;
    *apart = above / common;
    return true;
}

static bool point_at(const grid *g, int decimals, int64_t apart, int64_t index, edf_decimal *point)
{
    int64_t units;
    return !__builtin_mul_overflow(apart, index, &units) &&
           edf_decimal_add(g->low, (edf_decimal){units, decimals}, point);
}

/* The range from point `first` to point `last`. Digital values stay the input's times 2^finer where they can. */
static bool set_points(const grid *g, int bits, int decimals, int64_t stride, int64_t apart, int64_t first,
                       int64_t last, edf_range *range)
{
    edf_decimal low, high;
    const int64_t span = (last - first) * stride, spare = digital_high(bits) - digital_low(bits) - span;
    if (spare < 0 || !point_at(g, decimals, apart, first, &low) || !point_at(g, decimals, apart, last, &high) ||
        !set_physical(low, high, range))
        return false;
    const int64_t natural = g->digital_min * (INT64_C(1) << range->finer) + first * stride;
    if (set_digital(natural, natural + span, bits, range)) return true;
    return set_digital(digital_low(bits) + spare / 2, digital_low(bits) + spare / 2 + span, bits, range);
}

/* The best range at this fineness with bounds of this many decimals, for data from `from` to `to` in its steps counted
 * from the low end. */
static bool try_points(const lmp_channel *channel, const grid *g, int bits, int decimals, const double data[2],
                       const double values[2], edf_range *range)
{
    enum { WIDER = 16 };
    int64_t stride, apart;
    if (!find_points(g, range->finer, decimals, &stride, &apart) || stride >= INT64_C(1) << bits) return false;
    const int64_t first = (int64_t)floor((data[0] + 0.25) / (double)stride);
    const int64_t last = (int64_t)ceil((data[1] - 0.25) / (double)stride), next = last > first ? last : first + 1;
    /* A little wider where that division does not give the very step. */
    for (int wider = 0; wider < WIDER * WIDER; wider++)
        if (set_points(g, bits, decimals, stride, apart, first - wider / WIDER, next + wider % WIDER, range) &&
            reads_back(channel, g, values[0], values[1], range))
            return true;
    return false;
}

bool edf_range_embed_data(const lmp_channel *channel, int bits, double lowest, double highest, edf_range *range)
{
    enum { MOST_FINER = 12, MOST_DECIMALS = 6 };
    grid g;
    if (!(lowest <= highest) || !find_grid(channel, &g)) return false;
    const double values[2] = {lowest, highest};
    const double a = (lowest - channel->physical_min) / channel->scale;
    const double b = (highest - channel->physical_min) / channel->scale;
    for (int finer = channel->role == LMP_ROLE_STIM ? 0 : MOST_FINER; finer >= 0; finer--) {
        const double data[2] = {ldexp(fmin(a, b), finer), ldexp(fmax(a, b), finer)};
        if (!(data[1] - data[0] < ldexp(1, bits)) || !(fabs(data[0]) < 1e12)) continue;
        range->finer = finer;
        /* The input's own range, as long as it fits. */
        const int64_t whole = g.n_steps << finer;
        if (data[0] > -0.25 && data[1] < (double)whole + 0.25 && set_physical(g.low, g.high, range) &&
            set_digital(g.digital_min * (INT64_C(1) << finer), (g.digital_min + g.n_steps) * (INT64_C(1) << finer),
                        bits, range) &&
            reads_back(channel, &g, lowest, highest, range))
            return true;
        for (int decimals = g.low.decimals; decimals <= MOST_DECIMALS; decimals++)
            if (try_points(channel, &g, bits, decimals, data, values, range)) return true;
    }
    return false;
}

void edf_range_extend(const lmp_channel *channel, int bits, int64_t lowest, int64_t highest, edf_range *range)
{
    grid g;
    const int64_t span = range->digital_max - range->digital_min;
    const int64_t below = lowest < range->digital_min ? (range->digital_min - lowest - 1) / span + 1 : 0;
    const int64_t above = highest > range->digital_max ? (highest - range->digital_max - 1) / span + 1 : 0;
    if (range->finer < 0 || below + above == 0 || !find_grid(channel, &g)) return;
    edf_range wide = {.finer = range->finer};
    edf_decimal down, up, low, high;
    if (edf_decimal_times(g.extent, -below, &down) && edf_decimal_times(g.extent, above, &up) &&
        edf_decimal_add(g.low, down, &low) && edf_decimal_add(g.high, up, &high) && set_physical(low, high, &wide) &&
        set_digital(range->digital_min - below * span, range->digital_max + above * span, bits, &wide) &&
        reads_back(channel, &g, channel->physical_min, channel->physical_max, &wide))
        *range = wide;
}

/* ---- A range of its own ----------------------------------------------------------------------------------- */

static bool outward(double x, bool up, bool exponent, edf_range *range)
{
    char *text = up ? range->physical_max_text : range->physical_min_text;
    double *value = up ? &range->physical_max : &range->physical_min;
    return edf_field_outward(x, up, exponent && x != 0, text, value);
}

bool edf_range_cover(int bits, double lowest, double highest, edf_range *range)
{
    if (!(lowest <= highest)) lowest = highest = 0;
    edf_range small = {0};
    *range = (edf_range){.digital_min = digital_low(bits), .digital_max = digital_high(bits), .finer = -1};
    small = *range;
    bool fits = outward(lowest, false, false, range) && outward(highest, true, false, range);
    /* Numbers far below 1 or of more than 8 digits: with exponents, which every known reader takes. */
    const bool is_wasted = !fits || range->physical_max - range->physical_min > 2 * (highest - lowest);
    if (highest > lowest && is_wasted && outward(lowest, false, true, &small) && outward(highest, true, true, &small) &&
        (!fits || small.physical_max - small.physical_min < range->physical_max - range->physical_min)) {
        *range = small;
        fits = true;
    }
    /* A flat channel whose value the fields express: that value is at digital_min, exactly. */
    if (fits && range->physical_max <= range->physical_min)
        fits = outward(lowest + fmax(1, fabs(lowest) / 8), true, false, range);
    const double scale = edf_range_scaling(range).scale;
    return fits && scale > 0 && isfinite(scale) && isfinite(1 / scale);
}

bool edf_range_codes(int bits, double lowest, double highest, edf_range *range)
{
    if (!(lowest <= highest)) lowest = highest = 0;
    const double low = (double)digital_low(bits), high = (double)digital_high(bits);
    *range = (edf_range){.digital_min = digital_low(bits), .digital_max = digital_high(bits), .finer = -1};
    const double shift = lowest >= low && highest <= high ? 0 : floor(lowest) - low;
    if (!(highest <= high + shift) || !(fabs(shift) < 1e8)) return false;
    return set_physical((edf_decimal){(int64_t)(low + shift), 0}, (edf_decimal){(int64_t)(high + shift), 0}, range);
}
