/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stripe_lines.c: loops without branches that the compiler turns into vectors.
 */
#include "kernels/stripe_lines.h"

#include "kernels/keep_if.h"
#include "kernels/temporal_types.h"

#include <math.h>
#include <stddef.h>

#define LESSER(a, b)  ((a) < (b) ? (a) : (b))
#define GREATER(a, b) ((a) < (b) ? (b) : (a))

KERNEL_INLINE double present(double x)
{
    return keep_double_if(x - x == 0, x);
}

KERNEL_INLINE double is_present(double x)
{
    return keep_double_if(x - x == 0, 1);
}

/* What, added to a number, leaves it or makes it NaN. */
KERNEL_INLINE double nan_if(bool is_nan)
{
    return keep_double_if(is_nan, (double)NAN);
}

KERNEL_INLINE bool middle_body(const float *restrict line, const float *restrict a, const float *restrict b,
                               const float *restrict c, int64_t n, double *restrict rests)
{
    for (int64_t x = 0; x < n; x++) {
        const float low = LESSER(a[x], b[x]), high = GREATER(a[x], b[x]), third = LESSER(high, c[x]);
        const float missing = (a[x] - a[x]) + (b[x] - b[x]) + (c[x] - c[x]); /* 0 or NaN */
        rests[x] = (double)line[x] - (double)(GREATER(low, third) + missing);
    }
    return true;
}

KERNEL_INLINE bool enter_body(const float *restrict in, double in_less, int64_t n, double *restrict sums,
                              double *restrict missing)
{
    for (int64_t x = 0; x < n; x++) {
        const double enters = (double)in[x] - in_less;
        sums[x] += present(enters);
        missing[x] += 1 - is_present(enters);
    }
    return true;
}

KERNEL_INLINE bool exchange_body(const float *restrict out, double out_less, const float *restrict in, double in_less,
                                 int64_t n, double *restrict sums, double *restrict missing)
{
    for (int64_t x = 0; x < n; x++) {
        const double leaves = (double)out[x] - out_less, enters = (double)in[x] - in_less;
        sums[x] = sums[x] - present(leaves) + present(enters);
        missing[x] += is_present(leaves) - is_present(enters);
    }
    return true;
}

KERNEL_INLINE bool level_body(const float *restrict line, const double *restrict sums, double share,
                              const double *restrict missing, int64_t n, double *restrict rests)
{
    for (int64_t x = 0; x < n; x++) {
        const double rest = (double)line[x] - sums[x] * share;
        rests[x] = rest + nan_if(missing[x] > 0);
    }
    return true;
}

KERNEL_INLINE bool slope_body(const float *restrict line, const double *restrict sums, double share,
                              const double *restrict moments, double tilt, const double *restrict missing, int64_t n,
                              double *restrict rests)
{
    for (int64_t x = 0; x < n; x++) {
        const double rest = (double)line[x] - (sums[x] * share + moments[x] * tilt);
        rests[x] = rest + nan_if(missing[x] > 0);
    }
    return true;
}

/* Counts of 64 bits are as wide as the values. */
KERNEL_INLINE bool count_body(const double *restrict values, int64_t n, double low, double high, stripe_counts *counts)
{
    int64_t below = 0, up_to = 0;
    for (int64_t i = 0; i < n; i++) {
        below += values[i] < low;
        up_to += values[i] <= high;
    }
    *counts = (stripe_counts){below, up_to};
    return true;
}

KERNEL_TWICE(middle, (const float *line, const float *a, const float *b, const float *c, int64_t n, double *rests),
             (line, a, b, c, n, rests))
KERNEL_TWICE(enter, (const float *in, double in_less, int64_t n, double *sums, double *missing),
             (in, in_less, n, sums, missing))
KERNEL_TWICE(exchange,
             (const float *out, double out_less, const float *in, double in_less, int64_t n, double *sums,
              double *missing),
             (out, out_less, in, in_less, n, sums, missing))
KERNEL_TWICE(level,
             (const float *line, const double *sums, double share, const double *missing, int64_t n, double *rests),
             (line, sums, share, missing, n, rests))
KERNEL_TWICE(slope,
             (const float *line, const double *sums, double share, const double *moments, double tilt,
              const double *missing, int64_t n, double *rests),
             (line, sums, share, moments, tilt, missing, n, rests))
KERNEL_TWICE(count, (const double *values, int64_t n, double low, double high, stripe_counts *counts),
             (values, n, low, high, counts))

void stripe_above_middle(const float *line, const float *const three[3], int64_t n, double *rests)
{
    (void)KERNEL_PICK(middle, (line, three[0], three[1], three[2], n, rests));
}

void stripe_slide(const stripe_columns *c, const stripe_line *leaves, const stripe_line *enters, int64_t n)
{
    if (leaves == NULL)
        (void)KERNEL_PICK(enter, (enters->values, enters->less, n, c->sums, c->missing));
    else
        (void)KERNEL_PICK(exchange,
                          (leaves->values, leaves->less, enters->values, enters->less, n, c->sums, c->missing));
}

void stripe_above_columns(const stripe_columns *c, const float *line, int64_t n, double *rests)
{
    if (c->tilt == 0)
        (void)KERNEL_PICK(level, (line, c->sums, c->share, c->missing, n, rests));
    else
        (void)KERNEL_PICK(slope, (line, c->sums, c->share, c->moments, c->tilt, c->missing, n, rests));
}

stripe_counts stripe_count(const double *values, int64_t n, double low, double high)
{
    stripe_counts counts;
    (void)KERNEL_PICK(count, (values, n, low, high, &counts));
    return counts;
}

/* ---- Plain references ---- */

static bool is_missing(float x)
{
    return !(x - x == 0);
}

void stripe_above_middle_plain(const float *line, const float *const three[3], int64_t n, double *rests)
{
    for (int64_t x = 0; x < n; x++) {
        const float a = three[0][x], b = three[1][x], c = three[2][x];
        const float low = fminf(a, b), high = fmaxf(a, b), middle = c < low ? low : c < high ? c : high;
        rests[x] = is_missing(a) || is_missing(b) || is_missing(c) ? (double)NAN : (double)line[x] - (double)middle;
    }
}

void stripe_slide_plain(const stripe_columns *c, const stripe_line *leaves, const stripe_line *enters, int64_t n)
{
    for (int64_t x = 0; x < n; x++) {
        if (leaves != NULL && is_missing(leaves->values[x]))
            c->missing[x]--;
        else if (leaves != NULL)
            c->sums[x] -= (double)leaves->values[x] - leaves->less;
        if (is_missing(enters->values[x]))
            c->missing[x]++;
        else
            c->sums[x] += (double)enters->values[x] - enters->less;
    }
}

void stripe_above_columns_plain(const stripe_columns *c, const float *line, int64_t n, double *rests)
{
    for (int64_t x = 0; x < n; x++) {
        const double background = c->sums[x] * c->share + (c->tilt == 0 ? 0 : c->moments[x] * c->tilt);
        rests[x] = c->missing[x] > 0 ? (double)NAN : (double)line[x] - background;
    }
}

stripe_counts stripe_count_plain(const double *values, int64_t n, double low, double high)
{
    stripe_counts counts = {0};
    for (int64_t i = 0; i < n; i++) {
        if (values[i] < low) counts.below++;
        if (values[i] <= high) counts.up_to++;
    }
    return counts;
}
