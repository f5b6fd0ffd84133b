/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_median.c: three ways to the same result. Small windows: networks of comparisons, many pixels at once. Whole
 * numbers in larger windows: a histogram that slides along the row (Huang, Yang and Tang 1979, "A fast two-dimensional
 * median filtering algorithm"), with a coarse histogram to skip. Everything else, and windows that lack pixels:
 * selection in the window.
 */
#include "math/image_median.h"

#include "kernels/median_network.h"
#include "math/median.h"

#include <stdbool.h>
#include <string.h>

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

/* ---- Networks ---------------------------------------------------------------------------------------------- */

/* A row with its margins, and what a network may look at behind. */
static int64_t network_row(image_size size, int64_t radius)
{
    return (size.width + 2 * radius) * size.n_colours + MEDIAN_NETWORK_AT_ONCE;
}

/* The rows of the window, row y in place y % (2 radius + 1), and one row of medians. */
#define BY_NETWORK(suffix, type)                                                                                       \
    static void fill_row_##suffix(const float *row, image_size size, int64_t radius, float lowest, type *to)           \
    {                                                                                                                  \
        const int64_t colours = size.n_colours, n = size.width * colours;                                              \
        for (int64_t i = 0; i < n; i++) to[radius * colours + i] = (type)(row[i] - lowest);                            \
        for (int64_t x = 1; x <= radius; x++) {                                                                        \
            const type *left = to + (radius + image_mirror(-x, size.width)) * colours;                                 \
            const type *right = to + (radius + image_mirror(size.width - 1 + x, size.width)) * colours;                \
            memcpy(to + (radius - x) * colours, left, (size_t)colours * sizeof *to);                                   \
            memcpy(to + (radius + size.width - 1 + x) * colours, right, (size_t)colours * sizeof *to);                 \
        }                                                                                                              \
    }                                                                                                                  \
    static void median_by_##suffix(const float *in, image_size size, int64_t radius, float lowest, type *scratch,      \
                                   float *out)                                                                         \
    {                                                                                                                  \
        const int64_t n = size.width * size.n_colours, side = 2 * radius + 1, each = network_row(size, radius);        \
        const type *rows[2 * MEDIAN_NETWORK_RADIUS + 1];                                                               \
        type *medians = scratch + side * each;                                                                         \
        memset(scratch, 0, (size_t)((side + 1) * each) * sizeof *scratch);                                             \
        for (int64_t y = 0, filled = 0; y < size.height; y++) {                                                        \
            for (; filled < size.height && filled <= y + radius; filled++)                                             \
                fill_row_##suffix(in + filled * n, size, radius, lowest, scratch + filled % side * each);              \
            for (int64_t k = 0; k < side; k++)                                                                         \
                rows[k] = scratch + image_mirror(y + k - radius, size.height) % side * each;                           \
            median_network_##suffix(rows, (median_window){radius, size.n_colours}, n, medians);                        \
            for (int64_t i = 0; i < n; i++) out[y * n + i] = (float)medians[i] + lowest;                               \
        }                                                                                                              \
    }

BY_NETWORK(u8, uint8_t)
BY_NETWORK(u16, uint16_t)
BY_NETWORK(f32, float)

static size_t network_bytes(image_values values, image_size size, int64_t radius)
{
    const size_t one = values.bits == 0 ? sizeof(float) : (size_t)values.bits / 8;
    return (size_t)((2 * radius + 2) * network_row(size, radius)) * one;
}

static void median_by_network(const float *in, image_size size, int64_t radius, image_values values, void *scratch,
                              float *out)
{
    const float lowest = (float)values.lowest;
    if (values.bits == 8)
        median_by_u8(in, size, radius, lowest, scratch, out);
    else if (values.bits == 16)
        median_by_u16(in, size, radius, lowest, scratch, out);
    else
        median_by_f32(in, size, radius, 0, scratch, out);
}

/* Networks do not know of missing pixels: windows that hold some are done again. A pixel is in a window by its mirror
 * image only if it is there itself. */
static void select_near_missing(const float *in, image_size size, int64_t radius, double *window, uint8_t *near,
                                float *out)
{
    const int64_t n = size.width * size.n_colours, reach = radius * size.n_colours;
    for (int64_t y = 0; y < size.height; y++) {
        const int64_t top = y > radius ? y - radius : 0, end = y + radius < size.height ? y + radius + 1 : size.height;
        memset(near, 0, (size_t)n);
        for (int64_t j = top; j < end; j++)
            for (int64_t i = 0; i < n; i++) near[i] |= !(in[j * n + i] - in[j * n + i] == 0);
        for (int64_t i = 0, done = 0; i < n; i++) {
            if (!near[i]) continue;
            const int64_t first = i - reach > done ? i - reach : done, last = i + reach < n ? i + reach : n - 1;
            const int64_t x0 = first / size.n_colours, x1 = last / size.n_colours + 1;
            if (x0 < x1) select_pixels(in, size, radius, y, x0, x1, window, out);
            done = x1 * size.n_colours > done ? x1 * size.n_colours : done;
        }
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

static size_t histogram_bytes(int bits)
{
    return (((size_t)1 << bits) + ((size_t)1 << (bits - bits / 2))) * sizeof(int32_t);
}

size_t image_median_scratch(image_values values, image_size size, int64_t radius)
{
    const size_t window = (size_t)((2 * radius + 1) * (2 * radius + 1)) * sizeof(double);
    if (radius > MEDIAN_NETWORK_RADIUS) return values.bits > 0 ? histogram_bytes(values.bits) : window;
    const size_t near = (size_t)(size.width * size.n_colours), network = network_bytes(values, size, radius);
    return network > window + near ? network : window + near;
}

void image_median(const float *in, image_size size, int64_t radius, image_values values, void *scratch, float *out)
{
    const int64_t n = size.height * size.width * size.n_colours, side = 2 * radius + 1;
    if (radius > MEDIAN_NETWORK_RADIUS && values.bits > 0) {
        memset(scratch, 0, histogram_bytes(values.bits));
        const histogram h = {scratch, (int32_t *)scratch + ((size_t)1 << values.bits), values.bits / 2, values.lowest};
        for (int64_t c = 0; c < size.n_colours; c++) slide_histogram(&h, in + c, size, radius, out + c);
    } else if (radius <= MEDIAN_NETWORK_RADIUS) {
        median_by_network(in, size, radius, values, scratch, out);
        if (image_count_missing(in, n) > 0)
            select_near_missing(in, size, radius, scratch, (uint8_t *)((double *)scratch + side * side), out);
    } else {
        for (int64_t y = 0; y < size.height; y++) select_pixels(in, size, radius, y, 0, size.width, scratch, out);
    }
}
