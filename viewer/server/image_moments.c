/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_moments.c: extremes, mean and standard deviation.
 */
#include "image_stats.h"

#include "pixels.h"

#include <math.h>

__extension__ typedef __int128 wide;

/* So many squares of 8 bits fit 32, and so many numbers of 16. */
enum { STRETCH = 1 << 15, TILE = 512, SUMS = 8 };

/* ---- Whole numbers of up to 16 bits ---- */

typedef struct whole_sums {
    int64_t sum, low, high;
    wide squares; /* of more than 2^31 numbers too */
} whole_sums;

#define ADD_WHOLE(name, type, square_type)                                                                             \
    static void name(const type *x, int64_t n, whole_sums *s)                                                          \
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
        s->sum += sum;                                                                                                 \
        s->squares += squares;                                                                                         \
        s->low = low < s->low ? low : s->low;                                                                          \
        s->high = high > s->high ? high : s->high;                                                                     \
    }
ADD_WHOLE(add_int8, int8_t, int32_t)
ADD_WHOLE(add_uint8, uint8_t, uint32_t)
ADD_WHOLE(add_int16, int16_t, int64_t)
ADD_WHOLE(add_uint16, uint16_t, uint64_t)

static void add_stretch(lmp_type type, const void *values, int64_t first, int64_t n, whole_sums *s)
{
    switch (type) {
    case LMP_INT8:
        add_int8((const int8_t *)values + first, n, s);
        break;
    case LMP_UINT8:
        add_uint8((const uint8_t *)values + first, n, s);
        break;
    case LMP_INT16:
        add_int16((const int16_t *)values + first, n, s);
        break;
    default:
        add_uint16((const uint16_t *)values + first, n, s);
        break;
    }
}

static image_moments whole_moments(lmp_type type, const void *values, int64_t n)
{
    whole_sums s = {.low = INT64_MAX, .high = INT64_MIN};
    for (int64_t i = 0; i < n; i += STRETCH) add_stretch(type, values, i, n - i < STRETCH ? n - i : STRETCH, &s);
    const wide spread = n * s.squares - (wide)s.sum * s.sum; /* n^2 times the variance */
    return (image_moments){.min = (double)s.low,
                           .max = (double)s.high,
                           .mean = (double)s.sum / (double)n,
                           .std = sqrt((double)spread) / (double)n,
                           .n = n};
}

/* ---- Other numbers ---- */

typedef struct sums {
    double sums[SUMS], low, high;
    int64_t n;
} sums;

/* Numbers [first, first + n) as doubles, NaN behind them up to a multiple of SUMS, and where they are infinite. */
static void get_tile(lmp_type type, const void *values, int64_t first, int64_t n, double tile[TILE])
{
    pixels_to_doubles(type, values, first, n, tile);
    for (int64_t i = 0; i < n; i++) tile[i] += 0 * tile[i]; /* infinity becomes NaN */
    for (int64_t i = n; i % SUMS != 0; i++) tile[i] = (double)NAN;
}

static void add_tile(const double *tile, int64_t n, sums *s)
{
    int64_t valid = 0;
    for (int64_t i = 0; i < n; i += SUMS)
        for (int64_t k = 0; k < SUMS; k++) s->sums[k] += tile[i + k] == tile[i + k] ? tile[i + k] : 0;
    for (int64_t i = 0; i < n; i++) {
        s->low = tile[i] < s->low ? tile[i] : s->low;
        s->high = tile[i] > s->high ? tile[i] : s->high;
        valid += tile[i] == tile[i];
    }
    s->n += valid;
}

static void add_squares(const double *tile, int64_t n, double mean, sums *s)
{
    for (int64_t i = 0; i < n; i += SUMS)
        for (int64_t k = 0; k < SUMS; k++) {
            const double away = tile[i + k] == tile[i + k] ? tile[i + k] - mean : 0;
            s->sums[k] += away * away;
        }
}

static double total(const sums *s)
{
    const double *x = s->sums;
    return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
}

static image_moments float_moments(lmp_type type, const void *values, int64_t n)
{
    double tile[TILE];
    sums first = {.low = INFINITY, .high = -INFINITY}, second = {.n = 0};
    for (int64_t i = 0; i < n; i += TILE) {
        const int64_t some = n - i < TILE ? n - i : TILE;
        get_tile(type, values, i, some, tile);
        add_tile(tile, some, &first);
    }
    if (first.n == 0)
        return (image_moments){
            .min = (double)NAN, .max = (double)NAN, .mean = (double)NAN, .std = (double)NAN, .n_nan = n};
    const double mean = total(&first) / (double)first.n;
    for (int64_t i = 0; i < n; i += TILE) {
        const int64_t some = n - i < TILE ? n - i : TILE;
        get_tile(type, values, i, some, tile);
        add_squares(tile, some, mean, &second);
    }
    return (image_moments){.min = first.low,
                           .max = first.high,
                           .mean = mean,
                           .std = sqrt(total(&second) / (double)first.n),
                           .n = first.n,
                           .n_nan = n - first.n};
}

image_moments image_moments_of(lmp_type type, const void *values, int64_t n)
{
    return pixels_are_short(type) && n > 0 ? whole_moments(type, values, n) : float_moments(type, values, n);
}
