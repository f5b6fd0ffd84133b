/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_ranks.c: percentiles and histograms: of short numbers from how often each occurs, of others by digits of 16
 * bits of keys that sort like the numbers.
 */
#include "image_stats.h"

#include "pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS, KEY_BITS = 64 };

struct image_ranks {
    lmp_type type;
    int64_t n, n_nan; /* valid, and others */
    int64_t lowest;   /* number of counts[0] */
    int64_t kinds;    /* 0: values */
    uint32_t *counts; /* of each short number; values: of the first digit of each key */
    double *values;   /* all that are valid */
};

/* ---- Keys ---- */

static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_of(uint64_t key)
{
    const uint64_t bits = key >> 63 ? key ^ (uint64_t)1 << 63 : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void add_values(image_ranks *r, const void *values, int64_t n)
{
    enum { TILE = 512 };
    double tile[TILE];
    for (int64_t i = 0; i < n; i += TILE) {
        const int64_t some = n - i < TILE ? n - i : TILE;
        pixels_to_doubles(r->type, values, i, some, tile);
        for (int64_t k = 0; k < some; k++) {
            if (!isfinite(tile[k])) {
                r->n_nan++;
                continue;
            }
            r->values[r->n] = tile[k] + 0.0; /* one zero, not two */
            r->counts[key_of(r->values[r->n++]) >> (KEY_BITS - DIGIT_BITS)]++;
        }
    }
}

/* The digit in which the rank falls; *rank becomes the rank among those that share it. */
static uint64_t digit_at(const uint32_t *counts, int64_t *rank)
{
    uint64_t digit = 0;
    for (; *rank >= counts[digit]; digit++) *rank -= counts[digit];
    return digit;
}

/* Digit after digit: each pass counts the next one of the keys that begin like those before. */
static uint64_t key_at(const image_ranks *r, int64_t rank, uint32_t *counts)
{
    uint64_t prefix = digit_at(r->counts, &rank);
    for (int shift = KEY_BITS - 2 * DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
        memset(counts, 0, DIGITS * sizeof *counts);
        for (int64_t i = 0; i < r->n; i++) {
            const uint64_t key = key_of(r->values[i]);
            if (key >> (shift + DIGIT_BITS) == prefix) counts[(key >> shift) % DIGITS]++;
        }
        prefix = prefix << DIGIT_BITS | digit_at(counts, &rank);
    }
    return prefix;
}

/* ---- Life ---- */

size_t image_ranks_bytes(lmp_type type, int64_t n)
{
    return sizeof(image_ranks) + 2 * DIGITS * sizeof(uint32_t) +
           (pixels_are_short(type) ? 0 : (size_t)n * sizeof(double));
}

image_ranks *image_ranks_new(lmp_type type, int64_t n)
{
    image_ranks *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    const bool is_short = pixels_are_short(type);
    r->type = type;
    r->counts = calloc(2 * DIGITS, sizeof *r->counts); /* the second half: for the digits that follow */
    r->values = is_short ? NULL : malloc((size_t)n * sizeof *r->values + 1);
    if (is_short) {
        r->kinds = pixels_kinds(type);
        r->lowest = pixels_lowest(type);
    }
    if (r->counts != NULL && (is_short || r->values != NULL)) return r;
    image_ranks_free(r);
    return NULL;
}

void image_ranks_add(image_ranks *r, const void *values, int64_t n)
{
    if (r->kinds == 0) {
        add_values(r, values, n);
        return;
    }
    pixels_count(r->type, values, n, r->counts);
    r->n += n;
}

void image_ranks_free(image_ranks *r)
{
    if (r == NULL) return;
    free(r->counts);
    free(r->values);
    free(r);
}

/* ---- Moments ---- */

image_moments image_ranks_moments(const image_ranks *r)
{
    image_moments m = r->kinds > 0 ? image_moments_of_counts(r->counts, r->lowest, r->kinds)
                                   : image_moments_of(LMP_FLOAT64, r->values, r->n);
    m.n_nan += r->n_nan;
    return m;
}

/* ---- Percentiles ---- */

static double at_rank(const image_ranks *r, int64_t rank)
{
    if (r->kinds > 0) return (double)(r->lowest + (int64_t)digit_at(r->counts, &rank));
    return value_of(key_at(r, rank, r->counts + DIGITS));
}

double image_percentile(const image_ranks *r, double percent)
{
    if (r->n == 0) return (double)NAN;
    const double place = percent / 100 * (double)(r->n - 1), below = floor(place), share = place - below;
    const double low = at_rank(r, (int64_t)below);
    if (share == 0) return low;
    const double high = at_rank(r, (int64_t)below + 1), step = high - low;
    return share < 0.5 ? low + step * share : high - step * (1 - share);
}

/* ---- Histogram ---- */

typedef struct bins {
    double first, last, width, gain;
    int64_t n;
} bins;

static double edge_of(const bins *b, int64_t i)
{
    return i == b->n ? b->last : b->first + (double)i * b->width;
}

/* -1: outside. Rounding may say a neighbour: the edges decide. */
static int64_t bin_of(const bins *b, double value)
{
    if (!(value >= b->first && value <= b->last)) return -1;
    int64_t i = (int64_t)((value - b->first) * b->gain);
    if (i > b->n - 1) i = b->n - 1;
    if (i > 0 && value < edge_of(b, i)) return i - 1;
    return i < b->n - 1 && value >= edge_of(b, i + 1) ? i + 1 : i;
}

void image_histogram(const image_ranks *r, double first, double last, int64_t n_bins, int64_t *counts)
{
    const double width = (last - first) / (double)n_bins;
    const bins b = {.first = first, .last = last, .width = width, .gain = (double)n_bins / (last - first), .n = n_bins};
    memset(counts, 0, (size_t)n_bins * sizeof *counts);
    for (int64_t i = 0; i < r->kinds; i++) {
        const int64_t bin = r->counts[i] > 0 ? bin_of(&b, (double)(r->lowest + i)) : -1;
        if (bin >= 0) counts[bin] += r->counts[i];
    }
    for (int64_t i = 0; i < r->n && r->kinds == 0; i++) {
        const int64_t bin = bin_of(&b, r->values[i]);
        if (bin >= 0) counts[bin]++;
    }
}
