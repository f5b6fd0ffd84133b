/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_moments.c: extremes, mean and standard deviation.
 */
#include "image_stats.h"

#include "pixels.h"

#include <math.h>

/* So many squares of 8 bits fit 32, and so many numbers of 16. */
enum { STRETCH = 1 << 15, TILE = 512 };

static image_moments no_moments(int64_t n_nan)
{
    return (image_moments){
        .min = (double)NAN, .max = (double)NAN, .mean = (double)NAN, .std = (double)NAN, .n_nan = n_nan};
}

/* ---- Whole numbers of up to 16 bits ---- */

#define ADD_WHOLE(name, type, square_type)                                                                             \
    static void name(const type *x, int64_t n, image_tally *t)                                                         \
    {                                                                                                                  \
        int32_t sum = 0;                                                                                               \
        square_type squares = 0;                                                                                       \
        type low = x[0], high = x[0];                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            sum += x[i];                                                                                               \
            low = x[i] < low ? x[i] : low;                                                                             \
            high = x[i] > high ? x[i] : high;                                                                          \
        }                                                                                                              \
        for (int64_t i = 0; i < n; i++) squares += (square_type)((square_type)x[i] * (square_type)x[i]);               \
        t->whole_sum += sum;                                                                                           \
        t->whole_squares += squares;                                                                                   \
        t->low = low < t->low ? low : t->low;                                                                          \
        t->high = high > t->high ? high : t->high;                                                                     \
    }
ADD_WHOLE(add_int8, int8_t, int32_t)
ADD_WHOLE(add_uint8, uint8_t, uint32_t)
ADD_WHOLE(add_int16, int16_t, int64_t)
ADD_WHOLE(add_uint16, uint16_t, uint64_t)

static void add_stretch(image_tally *t, const void *values, int64_t first, int64_t n)
{
    switch (t->type) {
    case LMP_INT8:
        add_int8((const int8_t *)values + first, n, t);
        break;
    case LMP_UINT8:
        add_uint8((const uint8_t *)values + first, n, t);
        break;
    case LMP_INT16:
        add_int16((const int16_t *)values + first, n, t);
        break;
    default:
        add_uint16((const uint16_t *)values + first, n, t);
        break;
    }
}

static image_moments whole_moments(const image_tally *t)
{
    if (t->n == 0) return no_moments(0);
    const image_wide spread = t->n * t->whole_squares - (image_wide)t->whole_sum * t->whole_sum; /* n^2 variances */
    return (image_moments){.min = t->low,
                           .max = t->high,
                           .mean = (double)t->whole_sum / (double)t->n,
                           .std = sqrt((double)spread) / (double)t->n,
                           .n = t->n};
}

image_moments image_moments_of_counts(const uint32_t *counts, int64_t lowest, int64_t kinds)
{
    image_tally t;
    image_tally_begin(&t, LMP_UINT16);
    for (int64_t i = 0; i < kinds; i++) {
        const int64_t value = lowest + i;
        if (counts[i] == 0) continue;
        if (t.n == 0) t.low = (double)value;
        t.high = (double)value;
        t.n += counts[i];
        t.whole_sum += counts[i] * value;
        t.whole_squares += (image_wide)counts[i] * (value * value);
    }
    return whole_moments(&t);
}

/* ---- Other numbers ---- */

/* Numbers [first, first + n) as doubles, NaN behind them up to a multiple of IMAGE_SUMS, and where they are infinite.
 */
static void get_tile(lmp_type type, const void *values, int64_t first, int64_t n, double tile[TILE])
{
    pixels_to_doubles(type, values, first, n, tile);
    for (int64_t i = 0; i < n; i++) tile[i] += 0 * tile[i]; /* infinity becomes NaN */
    for (int64_t i = n; i % IMAGE_SUMS != 0; i++) tile[i] = (double)NAN;
}

static void add_tile(const double *tile, int64_t n, image_tally *t)
{
    int64_t valid = 0;
    for (int64_t i = 0; i < n; i += IMAGE_SUMS)
        for (int64_t k = 0; k < IMAGE_SUMS; k++) t->sums[k] += tile[i + k] == tile[i + k] ? tile[i + k] : 0;
    for (int64_t i = 0; i < n; i++) {
        t->low = tile[i] < t->low ? tile[i] : t->low;
        t->high = tile[i] > t->high ? tile[i] : t->high;
        valid += tile[i] == tile[i];
    }
    t->n += valid;
    t->n_nan += n - valid;
}

static void add_squares(const double *tile, int64_t n, image_tally *t)
{
    for (int64_t i = 0; i < n; i += IMAGE_SUMS)
        for (int64_t k = 0; k < IMAGE_SUMS; k++) {
            const double away = tile[i + k] == tile[i + k] ? tile[i + k] - t->mean : 0;
            t->squares[k] += away * away;
        }
}

static double total(const double x[IMAGE_SUMS])
{
    return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
}

static image_moments float_moments(const image_tally *t)
{
    if (t->n == 0) return no_moments(t->n_nan);
    return (image_moments){.min = t->low,
                           .max = t->high,
                           .mean = t->mean,
                           .std = sqrt(total(t->squares) / (double)t->n),
                           .n = t->n,
                           .n_nan = t->n_nan};
}

/* ---- All ---- */

void image_tally_begin(image_tally *t, lmp_type type)
{
    *t = (image_tally){.type = type, .low = (double)INFINITY, .high = -(double)INFINITY};
}

void image_tally_add(image_tally *t, const void *values, int64_t n)
{
    if (pixels_are_short(t->type)) {
        for (int64_t i = 0; i < n; i += STRETCH) add_stretch(t, values, i, n - i < STRETCH ? n - i : STRETCH);
        t->n += n;
        return;
    }
    double tile[TILE];
    for (int64_t i = 0; i < n; i += TILE) {
        const int64_t some = n - i < TILE ? n - i : TILE;
        get_tile(t->type, values, i, some, tile);
        if (t->is_second)
            add_squares(tile, some, t);
        else
            add_tile(tile, some, t);
    }
}

bool image_tally_again(image_tally *t)
{
    if (t->is_second || t->n == 0 || pixels_are_short(t->type)) return false;
    t->is_second = true;
    t->mean = total(t->sums) / (double)t->n;
    return true;
}

image_moments image_tally_end(const image_tally *t)
{
    return pixels_are_short(t->type) ? whole_moments(t) : float_moments(t);
}

image_moments image_moments_of(lmp_type type, const void *values, int64_t n)
{
    image_tally t;
    image_tally_begin(&t, type);
    do image_tally_add(&t, values, n);
    while (image_tally_again(&t));
    return image_tally_end(&t);
}
