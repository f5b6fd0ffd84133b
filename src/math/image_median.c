/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_median.c: three ways to the same result. Small windows: networks of comparisons, many pixels at once. Whole
 * numbers in larger windows: a histogram that slides along the row (Huang, Yang and Tang 1979, "A fast two-dimensional
 * median filtering algorithm"), with a coarse histogram to skip. Everything else: selection in the window.
 */
#include "math/image_median.h"

#include "math/median.h"

#include <stdbool.h>
#include <string.h>

/* ---- Network for nine values ------------------------------------------------------------------------------- */

static inline void order(float *a, float *b)
{
    const float low = *a < *b ? *a : *b, high = *a < *b ? *b : *a;
    *a = low;
    *b = high;
}

static inline float least(float a, float b)
{
    return a < b ? a : b;
}

static inline float most(float a, float b)
{
    return a < b ? b : a;
}

/* Sorted columns; the median of nine is that of the largest low, the middle middle and the smallest high. */
static inline float middle_of_nine(float p[9])
{
    for (int i = 0; i < 3; i++) {
        order(&p[3 * i], &p[3 * i + 1]);
        order(&p[3 * i + 1], &p[3 * i + 2]);
        order(&p[3 * i], &p[3 * i + 1]);
    }
    float low = most(most(p[0], p[3]), p[6]), high = least(least(p[2], p[5]), p[8]);
    float middle = most(least(p[1], p[4]), least(most(p[1], p[4]), p[7]));
    order(&low, &middle);
    return most(low, least(middle, high));
}

/* Values i of the row, whose neighbours lie `step` values away. */
static void median_nine(const float *above, const float *row, const float *below, int64_t from, int64_t end,
                        int64_t step, float *out)
{
    for (int64_t i = from; i < end; i++) {
        float p[9] = {above[i - step], row[i - step],   below[i - step], above[i],       row[i],
                      below[i],        above[i + step], row[i + step],   below[i + step]};
        out[i] = middle_of_nine(p);
    }
}

/* ---- Network for larger windows ---------------------------------------------------------------------------- */

enum { LANES = 16, NETWORK_RADIUS = 4, NETWORK_ROOM = (2 * NETWORK_RADIUS + 1) * (2 * NETWORK_RADIUS + 1) / 2 + 2 };

static inline void order_lanes(float *restrict a, float *restrict b)
{
    float low[LANES], high[LANES];
    for (int i = 0; i < LANES; i++) low[i] = a[i] < b[i] ? a[i] : b[i];
    for (int i = 0; i < LANES; i++) high[i] = b[i] < a[i] ? a[i] : b[i];
    memcpy(a, low, sizeof low);
    memcpy(b, high, sizeof high);
}

/* The least of m values goes to the first place, the largest to the last. */
static void part_ends(float p[][LANES], int64_t m)
{
    for (int64_t i = 0; i < m / 2; i++) order_lanes(p[i], p[m - 1 - i]);
    for (int64_t i = 1; i < (m + 1) / 2; i++) order_lanes(p[0], p[i]);
    for (int64_t i = m / 2; i < m - 1; i++) order_lanes(p[i], p[m - 1]);
}

/* Value k of the window around 16 neighbouring values. */
static void take_lanes(const float *const *rows, int64_t radius, int64_t step, int64_t at, int64_t k, float *to)
{
    const int64_t side = 2 * radius + 1;
    memcpy(to, rows[k / side] + at + (k % side - radius) * step, LANES * sizeof *to);
}

/* Of one more than half of the values, neither the least nor the largest can be the median: they are forgotten, and
 * the next value comes in. */
static void median_lanes(const float *const *rows, int64_t radius, int64_t step, int64_t at, float *out)
{
    const int64_t n = (2 * radius + 1) * (2 * radius + 1);
    float p[NETWORK_ROOM][LANES];
    int64_t m = n / 2 + 2, next = m;
    for (int64_t k = 0; k < m; k++) take_lanes(rows, radius, step, at, k, p[k]);
    for (; next < n; next++, m--) {
        part_ends(p, m);
        take_lanes(rows, radius, step, at, next, p[0]);
    }
    part_ends(p, 3);
    memcpy(out + at, p[1], LANES * sizeof *out);
}

/* ---- Selection --------------------------------------------------------------------------------------------- */

static float median_of_window(const float *in, image_size size, int64_t radius, int64_t x, int64_t y, int64_t c,
                              double *window)
{
    int64_t n = 0;
    for (int64_t j = -radius; j <= radius; j++) {
        const float *row = in + image_mirror(y + j, size.height) * size.width * size.n_colours + c;
        for (int64_t i = -radius; i <= radius; i++) {
            const float value = row[image_mirror(x + i, size.width) * size.n_colours];
            if (value - value == 0) window[n++] = (double)value;
        }
    }
    return (float)median_take(window, n);
}

static void select_pixels(const float *in, image_size size, int64_t radius, int64_t y, int64_t x0, int64_t x1,
                          double *window, float *out)
{
    for (int64_t x = x0; x < x1; x++) {
        for (int64_t c = 0; c < size.n_colours; c++) {
            const int64_t at = (y * size.width + x) * size.n_colours + c;
            const bool missing = !(in[at] - in[at] == 0);
            out[at] = missing ? in[at] : median_of_window(in, size, radius, x, y, c, window);
        }
    }
}

/* Margins by selection, what lies between by a network. */
static void median_by_network(const float *in, image_size size, int64_t radius, double *window, float *out)
{
    const int64_t n = size.width * size.n_colours, step = size.n_colours;
    const float *rows[2 * NETWORK_RADIUS + 1];
    const int64_t end = n - radius * step;
    for (int64_t y = 0; y < size.height; y++) {
        int64_t at = radius * step;
        for (int64_t k = -radius; k <= radius; k++) rows[k + radius] = in + image_mirror(y + k, size.height) * n;
        if (radius == 1) {
            median_nine(rows[0], rows[1], rows[2], at, end, step, out + y * n);
            at = end;
        }
        for (; at + LANES <= end; at += LANES) median_lanes(rows, radius, step, at, out + y * n);
        select_pixels(in, size, radius, y, 0, radius, window, out);
        select_pixels(in, size, radius, y, at / step, size.width, window, out);
    }
}

/* ---- Histogram --------------------------------------------------------------------------------------------- */

typedef struct histogram {
    int32_t *fine, *coarse; /* coarse: of value >> shift */
    int shift;
    int32_t lowest;
} histogram;

/* Adds `sign` for the pixels of one column of the window. */
static void count_column(const histogram *h, const float *in, image_size size, int64_t radius, int64_t x, int64_t y,
                         int32_t sign)
{
    const float *column = in + image_mirror(x, size.width) * size.n_colours;
    for (int64_t j = y - radius; j <= y + radius; j++) {
        const int64_t row = j >= 0 && j < size.height ? j : image_mirror(j, size.height);
        const int32_t value = (int32_t)column[row * size.width * size.n_colours] - h->lowest;
        h->fine[value] += sign;
        h->coarse[value >> h->shift] += sign;
    }
}

static float middle_of_histogram(const histogram *h, int64_t rank)
{
    int64_t below = 0, part = 0;
    while (below + h->coarse[part] <= rank) below += h->coarse[part++];
    int64_t value = part << h->shift;
    while (below + h->fine[value] <= rank) below += h->fine[value++];
    return (float)(value + h->lowest);
}

/* One colour; the window leaves the histogram empty at the end of each row. */
static void slide_histogram(const histogram *h, const float *in, image_size size, int64_t radius, float *out)
{
    const int64_t rank = (2 * radius + 1) * (2 * radius + 1) / 2;
    for (int64_t y = 0; y < size.height; y++) {
        for (int64_t x = -radius; x < radius; x++) count_column(h, in, size, radius, x, y, 1);
        for (int64_t x = 0; x < size.width; x++) {
            count_column(h, in, size, radius, x + radius, y, 1);
            out[(y * size.width + x) * size.n_colours] = middle_of_histogram(h, rank);
            count_column(h, in, size, radius, x - radius, y, -1);
        }
        for (int64_t x = size.width - radius; x < size.width + radius; x++) count_column(h, in, size, radius, x, y, -1);
    }
}

/* From which radius on the histogram is faster. */
static bool uses_histogram(image_values values, int64_t radius)
{
    return values.bits == 8 ? radius >= 2 : values.bits == 16 && radius >= 3;
}

static size_t histogram_bytes(int bits)
{
    return (((size_t)1 << bits) + ((size_t)1 << (bits - bits / 2))) * sizeof(int32_t);
}

size_t image_median_scratch(image_values values, int64_t radius)
{
    if (uses_histogram(values, radius)) return histogram_bytes(values.bits);
    return (size_t)((2 * radius + 1) * (2 * radius + 1)) * sizeof(double);
}

void image_median(const float *in, image_size size, int64_t radius, image_values values, void *scratch, float *out)
{
    if (uses_histogram(values, radius)) {
        memset(scratch, 0, histogram_bytes(values.bits));
        const histogram h = {scratch, (int32_t *)scratch + ((size_t)1 << values.bits), values.bits / 2, values.lowest};
        for (int64_t c = 0; c < size.n_colours; c++) slide_histogram(&h, in + c, size, radius, out + c);
    } else if (radius <= NETWORK_RADIUS && size.width > 2 * radius &&
               image_count_missing(in, size.height * size.width * size.n_colours) == 0) {
        median_by_network(in, size, radius, scratch, out);
    } else {
        for (int64_t y = 0; y < size.height; y++) select_pixels(in, size, radius, y, 0, size.width, scratch, out);
    }
}
