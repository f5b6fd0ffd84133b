/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_stats.c: sums in an order that the zone alone decides: tiles of its spans, eight running sums in each.
 *
 * The sum of a tile of integers of up to 32 bits is exact in double, and tiles are added in int64. Numbers of 64 bits
 * are summed as differences from the first, so that a constant has itself for a mean.
 */
#include "movie/zone_stats.h"

#include "math/ranks.h"
#include "movie/pixel_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TILE = 512, SUMS = 8 };
/* So many numbers of 16 bits have a sum of 32 bits, in which loops run twice as fast. */
enum { SHORT = 1 << 15 };

static const char *const stat_names[STAT_KINDS] = {"mean", "median", "min", "max", "std", "sum", "count"};

const char *zone_stat_name(zone_stat stat)
{
    return stat_names[stat];
}

typedef struct running {
    int64_t count, n_nan, whole; /* whole: sum of integers */
    double sum, low, high;
    double squares;
} running;

/* A way through the tiles of a zone, in order; behind the last number of a tile NaN fills up to a multiple of SUMS. */
typedef struct walk {
    const zone_span *spans;
    int64_t n_spans, colour;
    const lmp_frames *frames;
    const void *frame;
    int64_t span, column; /* where the next tile begins */
} walk;

static int64_t next_tile(walk *w, double *tile)
{
    while (w->span < w->n_spans) {
        const zone_span *s = &w->spans[w->span];
        const int64_t from = s->x0 + w->column, left = s->x1 + 1 - from;
        if (left <= 0) {
            w->span++;
            w->column = 0;
            continue;
        }
        const int64_t n = left < TILE ? left : TILE, colours = w->frames->n_colours;
        const int64_t at = ((int64_t)s->y * w->frames->width + from) * colours + w->colour;
        pixel_values_get(w->frames->type, w->frame, at, colours, n, tile);
        for (int64_t i = n; i % SUMS != 0; i++) tile[i] = (double)NAN;
        w->column += n;
        return n;
    }
    return 0;
}

/* Sum of f(x - shift) over valid numbers, f the identity or the square. */
static double tile_sum(const double *tile, int64_t n, double shift, bool squared)
{
    double sums[SUMS] = {0};
    for (int64_t i = 0; i < n; i += SUMS)
        for (int64_t k = 0; k < SUMS; k++) {
            const double x = tile[i + k] == tile[i + k] ? tile[i + k] - shift : 0;
            sums[k] += squared ? x * x : x;
        }
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/* The same of a tile without a NaN, in half the time; NaN if there is one. */
static double full_tile_sum(const double *tile, int64_t n, double shift)
{
    double sums[SUMS] = {0};
    if (n % SUMS != 0) return (double)NAN;
    for (int64_t i = 0; i < n; i += SUMS)
        for (int64_t k = 0; k < SUMS; k++) sums[k] += tile[i + k] - shift;
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

static int64_t tile_valid(const double *tile, int64_t n)
{
    int64_t valid = 0;
    for (int64_t i = 0; i < n; i++) valid += tile[i] == tile[i];
    return valid;
}

static void tile_extremes(const double *tile, int64_t n, running *r)
{
    double low[SUMS], high[SUMS];
    for (int64_t k = 0; k < SUMS; k++) low[k] = r->low, high[k] = r->high;
    for (int64_t i = 0; i < n; i += SUMS)
        for (int64_t k = 0; k < SUMS; k++) {
            low[k] = tile[i + k] < low[k] ? tile[i + k] : low[k];
            high[k] = tile[i + k] > high[k] ? tile[i + k] : high[k];
        }
    for (int64_t k = 0; k < SUMS; k++) {
        r->low = low[k] < r->low ? low[k] : r->low;
        r->high = high[k] > r->high ? high[k] : r->high;
    }
}

/* Numbers of 8 and 16 bits, one colour: a stretch fits 64-bit sums as it is. */
#define SUM_SPAN(type)                                                                                                 \
    do {                                                                                                               \
        const type *x = (const type *)w->frame + at;                                                                   \
        type low = x[0], high = x[0];                                                                                  \
        int64_t sum = 0;                                                                                               \
        for (int64_t i = 0; i < n;) {                                                                                  \
            const int64_t end = n - i < SHORT ? n : i + SHORT;                                                         \
            int32_t part = 0;                                                                                          \
            for (; i < end; i++) part += x[i];                                                                         \
            sum += part;                                                                                               \
        }                                                                                                              \
        for (int64_t i = 0; i < n && extremes; i++) {                                                                  \
            low = x[i] < low ? x[i] : low;                                                                             \
            high = x[i] > high ? x[i] : high;                                                                          \
        }                                                                                                              \
        r->whole += sum;                                                                                               \
        r->low = fmin(r->low, (double)low);                                                                            \
        r->high = fmax(r->high, (double)high);                                                                         \
    } while (0)

static void sum_narrow(const walk *w, bool extremes, running *r)
{
    for (int64_t k = 0; k < w->n_spans; k++) {
        const zone_span *s = &w->spans[k];
        const int64_t n = s->x1 + 1 - s->x0, at = (int64_t)s->y * w->frames->width + s->x0;
        switch (w->frames->type) {
        case LMP_INT8:
            SUM_SPAN(int8_t);
            break;
        case LMP_UINT8:
            SUM_SPAN(uint8_t);
            break;
        case LMP_INT16:
            SUM_SPAN(int16_t);
            break;
        default:
            SUM_SPAN(uint16_t);
            break;
        }
        r->count += n;
    }
}

static void sum_wide(walk w, bool is_whole, double shift, bool extremes, running *r)
{
    double tile[TILE + SUMS];
    for (int64_t n; (n = next_tile(&w, tile)) > 0;) {
        double sum = full_tile_sum(tile, n, shift);
        const bool is_full = sum == sum;
        const int64_t valid = is_full ? n : tile_valid(tile, n);
        if (!is_full) sum = tile_sum(tile, n, shift, false);
        if (extremes) tile_extremes(tile, n, r);
        r->count += valid;
        r->n_nan += n - valid;
        if (is_whole)
            r->whole += (int64_t)sum;
        else
            r->sum += sum;
    }
}

static double first_valid(walk w)
{
    double tile[TILE + SUMS];
    for (int64_t n; (n = next_tile(&w, tile)) > 0;)
        for (int64_t i = 0; i < n; i++)
            if (!isnan(tile[i])) return isfinite(tile[i]) ? tile[i] : 0;
    return 0;
}

static double mean_of_two(rank_pair ranks, int64_t count)
{
    return count % 2 == 1 ? ranks.value : (ranks.value + ranks.next) / 2;
}

/* Numbers of 8 bits: each is counted. */
static double middle_of_bytes(const walk *w, int64_t count)
{
    uint32_t even[256] = {0}, odd[256] = {0}; /* two, so that equal neighbours do not wait for each other */
    const uint8_t flip = w->frames->type == LMP_INT8 ? 128 : 0;
    const int64_t colours = w->frames->n_colours;
    for (int64_t k = 0; k < w->n_spans; k++) {
        const zone_span *s = &w->spans[k];
        const int64_t n = s->x1 + 1 - s->x0, at = ((int64_t)s->y * w->frames->width + s->x0) * colours + w->colour;
        const uint8_t *x = (const uint8_t *)w->frame + at;
        for (int64_t i = 0; i + 1 < n; i += 2) {
            even[x[i * colours] ^ flip]++;
            odd[x[(i + 1) * colours] ^ flip]++;
        }
        if (n % 2 == 1) even[x[(n - 1) * colours] ^ flip]++;
    }
    for (int i = 0; i < 256; i++) even[i] += odd[i];
    return mean_of_two(ranks_select_counted(even, -(int64_t)flip, count, (count - 1) / 2), count);
}

static double middle(walk w, int64_t count, double *values)
{
    double tile[TILE + SUMS];
    int64_t kept = 0;
    if (count == 0) return (double)NAN;
    if (lmp_type_bytes(w.frames->type) == 1) return middle_of_bytes(&w, count);
    for (int64_t n; (n = next_tile(&w, tile)) > 0;)
        for (int64_t i = 0; i < n; i++) {
            values[kept] = tile[i];
            kept += tile[i] == tile[i]; /* a NaN is overwritten */
        }
    return mean_of_two(ranks_select(values, count, (count - 1) / 2), count);
}

static double deviation(walk w, int64_t count, double mean)
{
    double tile[TILE + SUMS], squares = 0;
    for (int64_t n; (n = next_tile(&w, tile)) > 0;) squares += tile_sum(tile, n, mean, true);
    return count > 0 ? sqrt(squares / (double)count) : (double)NAN;
}

void zone_stats_take(const zone_span *spans, int64_t n_spans, const lmp_frames *frames, const void *frame,
                     int64_t colour, uint32_t wanted, double *values, zone_stats *stats)
{
    const walk w = {.spans = spans, .n_spans = n_spans, .colour = colour, .frames = frames, .frame = frame};
    const lmp_type type = frames->type;
    const bool is_whole = pixel_type_is_integer(type) && lmp_type_bytes(type) <= 4;
    const double shift = lmp_type_bytes(type) == 8 ? first_valid(w) : 0;
    const bool extremes = (wanted & (1U << STAT_MIN | 1U << STAT_MAX)) != 0;
    running r = {.low = INFINITY, .high = -INFINITY};
    if (is_whole && lmp_type_bytes(type) <= 2 && frames->n_colours == 1)
        sum_narrow(&w, extremes, &r);
    else
        sum_wide(w, is_whole, shift, extremes, &r);
    const double sum = is_whole ? (double)r.whole : r.sum, count = (double)r.count;
    const double mean = r.count > 0 ? shift + sum / count : (double)NAN;
    stats->n_nan = r.n_nan;
    stats->value[STAT_MEAN] = mean;
    stats->value[STAT_SUM] = sum + shift * count;
    stats->value[STAT_COUNT] = count;
    stats->value[STAT_MIN] = r.count > 0 ? r.low : (double)NAN;
    stats->value[STAT_MAX] = r.count > 0 ? r.high : (double)NAN;
    if (wanted & (1U << STAT_STD)) stats->value[STAT_STD] = deviation(w, r.count, mean);
    if (wanted & (1U << STAT_MEDIAN)) stats->value[STAT_MEDIAN] = middle(w, r.count, values);
}

lmp_status zone_stat_list(const char *step, const char *list, zone_stat stats[STAT_KINDS], int64_t *count,
                          lmp_error *err)
{
    uint32_t seen = 0;
    *count = 0;
    for (const char *word = list; word != NULL;) {
        const char *comma = strchr(word, ',');
        const size_t n = comma != NULL ? (size_t)(comma - word) : strlen(word);
        int k = 0;
        while (k < STAT_KINDS && (strlen(stat_names[k]) != n || strncmp(stat_names[k], word, n) != 0)) k++;
        if (k == STAT_KINDS)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "%s: stat=%s: \"%.*s\" is none of mean, median, min, max, std, sum and count", step, list,
                            n < 40 ? (int)n : 40, word);
        if (seen & (1U << k))
            return lmp_fail(err, LMP_ERR_USAGE, "%s: stat=%s names %s twice: take one away", step, list, stat_names[k]);
        seen |= 1U << k;
        stats[(*count)++] = (zone_stat)k;
        word = comma != NULL ? comma + 1 : NULL;
    }
    return LMP_OK;
}
