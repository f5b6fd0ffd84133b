/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_smooth.c: separable filters go row by row: first down the columns into one row, then along it. Where pixels are
 * missing, the weights that were present are summed beside the values, and divide them.
 */
#include "math/image_smooth.h"

#include "kernels/bilateral_line.h"
#include "kernels/box_lines.h"
#include "kernels/weigh_lines.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

int64_t image_mirror(int64_t at, int64_t n)
{
    if (n == 1) return 0;
    const int64_t period = 2 * (n - 1);
    if (at < 0) at = -at;
    if (at > period) at %= period;
    return at < n ? at : period - at;
}

int64_t image_count_missing(const float *values, int64_t n)
{
    enum { RUN = 4096 }; /* counts of 32 bits, as wide as the values, make vectors */
    int64_t count = 0;
    for (int64_t first = 0; first < n; first += RUN) {
        const float *run = values + first;
        const int length = n - first < RUN ? (int)(n - first) : RUN;
        int32_t missing = 0;
        for (int i = 0; i < length; i++) missing += !(run[i] - run[i] == 0);
        count += missing;
    }
    return count;
}

/* ---- Gaussian ---------------------------------------------------------------------------------------------- */

int64_t gaussian_radius(double sigma)
{
    return (int64_t)(4 * sigma + 0.5);
}

void gaussian_weights(double sigma, float *weights)
{
    const int64_t radius = gaussian_radius(sigma);
    double sum = 1;
    for (int64_t k = 1; k <= radius; k++) sum += 2 * exp(-0.5 * (double)(k * k) / (sigma * sigma));
    for (int64_t k = 0; k <= radius; k++) weights[k] = (float)(exp(-0.5 * (double)(k * k) / (sigma * sigma)) / sum);
}

/* The rows that go into one, or one row moved; a row and its weights; the same with margins. */
size_t image_gaussian_scratch(image_size size, int64_t radius)
{
    return (size_t)(2 * radius + 1) * sizeof(float *) +
           2 * (size_t)((2 * size.width + 2 * radius) * size.n_colours) * sizeof(float);
}

static void find_rows(const float *in, image_size size, int64_t radius, int64_t row, const float **rows)
{
    for (int64_t k = -radius; k <= radius; k++)
        rows[radius + k] = in + image_mirror(row + k, size.height) * size.width * size.n_colours;
}

/* Pixels before and behind a row of `width` pixels of c values. */
static void add_margins(float *row, int64_t width, int64_t c, int64_t radius)
{
    for (int64_t k = 1; k <= radius; k++)
        for (int64_t i = 0; i < c; i++) {
            row[i - k * c] = row[image_mirror(-k, width) * c + i];
            row[(width - 1 + k) * c + i] = row[image_mirror(width - 1 + k, width) * c + i];
        }
}

/* `row` has room for margins. */
static void mix_columns(float *row, image_size size, const float *weights, int64_t radius, const float **shifts,
                        float *out)
{
    const int64_t c = size.n_colours;
    add_margins(row, size.width, c, radius);
    for (int64_t k = -radius; k <= radius; k++) shifts[radius + k] = row + k * c;
    weigh_lines(shifts, weights, radius, size.width * c, out);
}

void image_gaussian(const float *in, image_size size, const float *weights, int64_t radius, void *scratch, float *out)
{
    const int64_t n = size.width * size.n_colours, margin = radius * size.n_colours;
    const float **lines = scratch;
    float *sums = (float *)(lines + 2 * radius + 1) + margin, *counts = sums + n + 2 * margin,
          *present = counts + n + margin;
    const bool has_missing = image_count_missing(in, n * size.height) > 0;
    for (int64_t row = 0; row < size.height; row++, out += n) {
        find_rows(in, size, radius, row, lines);
        if (has_missing)
            weigh_present(lines, weights, radius, n, sums, counts);
        else
            weigh_lines(lines, weights, radius, n, sums);
        mix_columns(sums, size, weights, radius, lines, out);
        if (!has_missing) continue;
        mix_columns(counts, size, weights, radius, lines, present);
        weigh_divide(present, in + row * n, n, out);
    }
}

/* ---- Box --------------------------------------------------------------------------------------------------- */

/* Sums of columns and of windows, and how many pixels they are of; three rows of one colour. */
size_t image_box_scratch(image_size size)
{
    return (4 * (size_t)(size.width * size.n_colours) + 3 * (size_t)size.width) * sizeof(double);
}

/* to[i]: the column that stands for i + away; `step` values lie between columns. */
static void move_columns(const double *columns, int64_t width, int64_t step, int64_t away, double *to)
{
    const int64_t begins = away < 0 ? -away : 0, ends = width - (away > 0 ? away : 0);
    int64_t i = 0;
    for (; i < begins && i < width; i++) to[i] = columns[image_mirror(i + away, width) * step];
    if (step == 1 && i < ends) {
        memcpy(to + i, columns + i + away, (size_t)(ends - i) * sizeof *to);
        i = ends;
    }
    for (; i < ends; i++) to[i] = columns[(i + away) * step];
    for (; i < width; i++) to[i] = columns[image_mirror(i + away, width) * step];
}

/* windows[i]: sum of columns[i - radius] to columns[i + radius]. `rows` has room for three rows of one colour. */
static void add_columns(const double *columns, int64_t width, int64_t step, int64_t radius, double *rows,
                        double *windows)
{
    double *enters = rows, *leaves = rows + width, *made = step == 1 ? windows : leaves + width, first = 0;
    move_columns(columns, width, step, radius, enters);
    move_columns(columns, width, step, -radius - 1, leaves);
    for (int64_t k = -radius; k <= radius; k++) first += columns[image_mirror(k, width) * step];
    made[0] = first;
    box_windows(enters + 1, leaves + 1, first, width - 1, made + 1);
    for (int64_t i = 0; step > 1 && i < width; i++) windows[i * step] = made[i];
}

void image_box(const float *in, image_size size, int64_t radius, void *scratch, float *out)
{
    const int64_t n = size.width * size.n_colours, side = 2 * radius + 1;
    const bool has_missing = image_count_missing(in, n * size.height) > 0;
    double *rows = scratch, *sums = rows + 3 * size.width, *windows = sums + n,
           *counts = has_missing ? windows + n : NULL, *window_counts = has_missing ? counts + n : NULL;
    memset(scratch, 0, image_box_scratch(size));
    for (int64_t k = -radius; k <= radius; k++) box_slide(in + image_mirror(k, size.height) * n, NULL, n, sums, counts);
    for (int64_t row = 0; row < size.height; row++) {
        for (int64_t c = 0; c < size.n_colours; c++) {
            add_columns(sums + c, size.width, size.n_colours, radius, rows, windows + c);
            if (has_missing) add_columns(counts + c, size.width, size.n_colours, radius, rows, window_counts + c);
        }
        box_divide(windows, window_counts, 1 / (double)(side * side), in + row * n, n, out + row * n);
        box_slide(in + image_mirror(row + radius + 1, size.height) * n,
                  in + image_mirror(row - radius, size.height) * n, n, sums, counts);
    }
}

/* ---- Bilateral --------------------------------------------------------------------------------------------- */

/* Floats of one colour of a row, with margins: whole vectors. */
static int64_t plane_of(image_size size, int64_t radius)
{
    return (size.width + BILATERAL_LANES - 1) / BILATERAL_LANES * BILATERAL_LANES + 2 * radius;
}

/* Rows of a window, what steps add to the exponent, all rows in planes with margins, and one row that was made. */
size_t image_bilateral_scratch(image_size size, int64_t radius)
{
    return (size_t)(2 * radius + 1) * (sizeof(float *) + sizeof(float)) +
           (size_t)((size.height + 1) * size.n_colours * plane_of(size, radius)) * sizeof(float);
}

static void spread_row(const float *row, image_size size, int64_t radius, float *planes)
{
    const int64_t plane = plane_of(size, radius);
    for (int64_t c = 0; c < size.n_colours; c++, planes += plane) {
        for (int64_t x = 0; x < size.width; x++) planes[radius + x] = row[x * size.n_colours + c];
        add_margins(planes + radius, size.width, 1, radius);
        for (int64_t x = size.width + 2 * radius; x < plane; x++) planes[x] = 0; /* beyond: not used */
    }
}

static void find_distances(int64_t radius, double sigma, float *distances)
{
    for (int64_t k = -radius; k <= radius; k++)
        distances[radius + k] = (float)(0.5 * M_LOG2E * (double)(k * k) / (sigma * sigma));
}

void image_bilateral(const float *in, image_size size, int64_t radius, double sigma, double sigma_value, void *scratch,
                     float *out)
{
    const int64_t plane = plane_of(size, radius), row_floats = plane * size.n_colours;
    const float **rows = scratch;
    float *distances = (float *)(rows + 2 * radius + 1), *made = distances + 2 * radius + 1,
          *planes = made + row_floats;
    const bilateral_rows job = {rows,           distances, radius,
                                size.n_colours, plane,     (float)(sqrt(0.5 * M_LOG2E) / sigma_value)};
    find_distances(radius, sigma, distances);
    for (int64_t y = 0; y < size.height; y++)
        spread_row(in + y * size.width * size.n_colours, size, radius, planes + y * row_floats);
    for (int64_t y = 0; y < size.height; y++) {
        for (int64_t k = -radius; k <= radius; k++)
            rows[radius + k] = planes + image_mirror(y + k, size.height) * row_floats;
        bilateral_line(&job, plane - 2 * radius, made);
        for (int64_t x = 0; x < size.width; x++)
            for (int64_t c = 0; c < size.n_colours; c++) *out++ = made[c * plane + x];
    }
}
