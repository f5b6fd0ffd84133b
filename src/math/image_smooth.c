/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_smooth.c: separable filters go row by row: first down the columns into one row, then along it. Where pixels are
 * missing, the weights that were present are summed beside the values, and divide them.
 */
#include "math/image_smooth.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

int64_t image_mirror(int64_t at, int64_t n)
{
    if (n == 1) return 0;
    const int64_t period = 2 * (n - 1);
    at %= period;
    if (at < 0) at += period;
    return at < n ? at : period - at;
}

int64_t image_count_missing(const float *values, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += !(values[i] - values[i] == 0);
    return count;
}

static bool is_missing(float value)
{
    return !(value - value == 0);
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

/* Sums of columns and of weights, then the same with margins. */
size_t image_gaussian_scratch(image_size size, int64_t radius)
{
    return 2 * (size_t)((2 * size.width + 2 * radius) * size.n_colours) * sizeof(float);
}

static void add_rows(const float *a, const float *b, int64_t n, float weight, float *sums)
{
    for (int64_t i = 0; i < n; i++) sums[i] += weight * (a[i] + b[i]);
}

static void add_present(const float *a, int64_t n, float weight, float *sums, float *weights)
{
    for (int64_t i = 0; i < n; i++) {
        const bool missing = is_missing(a[i]);
        sums[i] += missing ? 0 : weight * a[i];
        weights[i] += missing ? 0 : weight;
    }
}

static void mix_rows(const float *in, image_size size, const float *weights, int64_t radius, int64_t row, float *sums)
{
    const int64_t n = size.width * size.n_colours;
    const float *centre = in + row * n;
    for (int64_t i = 0; i < n; i++) sums[i] = weights[0] * centre[i];
    for (int64_t k = 1; k <= radius; k++)
        add_rows(in + image_mirror(row - k, size.height) * n, in + image_mirror(row + k, size.height) * n, n,
                 weights[k], sums);
}

static void mix_present(const float *in, image_size size, const float *weights, int64_t radius, int64_t row,
                        float *sums, float *present)
{
    const int64_t n = size.width * size.n_colours;
    memset(sums, 0, (size_t)n * sizeof *sums);
    memset(present, 0, (size_t)n * sizeof *present);
    for (int64_t k = -radius; k <= radius; k++)
        add_present(in + image_mirror(row + k, size.height) * n, n, weights[k < 0 ? -k : k], sums, present);
}

static void add_margins(const float *row, image_size size, int64_t radius, float *padded)
{
    const int64_t c = size.n_colours, n = size.width * c;
    memcpy(padded + radius * c, row, (size_t)n * sizeof *row);
    for (int64_t k = 0; k < radius; k++) {
        memcpy(padded + k * c, row + image_mirror(k - radius, size.width) * c, (size_t)c * sizeof *row);
        memcpy(padded + (radius + size.width + k) * c, row + image_mirror(size.width + k, size.width) * c,
               (size_t)c * sizeof *row);
    }
}

static void mix_columns(const float *padded, image_size size, const float *weights, int64_t radius, float *out)
{
    const int64_t c = size.n_colours, n = size.width * c;
    const float *centre = padded + radius * c;
    for (int64_t i = 0; i < n; i++) out[i] = weights[0] * centre[i];
    for (int64_t k = 1; k <= radius; k++) add_rows(centre - k * c, centre + k * c, n, weights[k], out);
}

void image_gaussian(const float *in, image_size size, const float *weights, int64_t radius, void *scratch, float *out)
{
    const int64_t n = size.width * size.n_colours, wide = (size.width + 2 * radius) * size.n_colours;
    float *sums = scratch, *present = sums + n, *padded = present + n, *padded_present = padded + wide;
    const bool has_missing = image_count_missing(in, n * size.height) > 0;
    for (int64_t row = 0; row < size.height; row++, out += n) {
        if (has_missing)
            mix_present(in, size, weights, radius, row, sums, present);
        else
            mix_rows(in, size, weights, radius, row, sums);
        add_margins(sums, size, radius, padded);
        mix_columns(padded, size, weights, radius, out);
        if (!has_missing) continue;
        const float *centre = in + row * n;
        add_margins(present, size, radius, padded_present);
        mix_columns(padded_present, size, weights, radius, present);
        for (int64_t i = 0; i < n; i++) out[i] = is_missing(centre[i]) ? centre[i] : out[i] / present[i];
    }
}

/* ---- Box --------------------------------------------------------------------------------------------------- */

size_t image_box_scratch(image_size size)
{
    return (size_t)(size.width * size.n_colours) * (sizeof(double) + sizeof(int32_t));
}

/* Column sums of the window; `sign` is 1 for a row that enters and -1 for one that leaves. */
static void slide_rows(const float *row, int64_t n, int32_t sign, double *sums, int32_t *counts)
{
    for (int64_t i = 0; i < n; i++) {
        const bool missing = is_missing(row[i]);
        sums[i] += missing ? 0 : sign * (double)row[i];
        counts[i] += missing ? 0 : sign;
    }
}

/* One colour of one row: `step` values lie between its pixels. */
static void slide_columns(const double *sums, const int32_t *counts, int64_t width, int64_t step, int64_t radius,
                          const float *centre, float *out)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t k = -radius; k <= radius; k++) {
        const int64_t at = image_mirror(k, width) * step;
        sum += sums[at];
        count += counts[at];
    }
    for (int64_t i = 0; i < width; i++) {
        out[i * step] = is_missing(centre[i * step]) ? centre[i * step] : (float)(sum / (double)count);
        const int64_t in = i + radius + 1, gone = i - radius;
        const int64_t enters = (in < width ? in : image_mirror(in, width)) * step;
        const int64_t leaves = (gone >= 0 ? gone : image_mirror(gone, width)) * step;
        sum += sums[enters] - sums[leaves];
        count += counts[enters] - counts[leaves];
    }
}

void image_box(const float *in, image_size size, int64_t radius, void *scratch, float *out)
{
    const int64_t n = size.width * size.n_colours;
    double *sums = scratch;
    int32_t *counts = (int32_t *)(sums + n);
    memset(scratch, 0, image_box_scratch(size));
    for (int64_t k = -radius; k <= radius; k++) slide_rows(in + image_mirror(k, size.height) * n, n, 1, sums, counts);
    for (int64_t row = 0; row < size.height; row++) {
        for (int64_t c = 0; c < size.n_colours; c++)
            slide_columns(sums + c, counts + c, size.width, size.n_colours, radius, in + row * n + c,
                          out + row * n + c);
        slide_rows(in + image_mirror(row + radius + 1, size.height) * n, n, 1, sums, counts);
        slide_rows(in + image_mirror(row - radius, size.height) * n, n, -1, sums, counts);
    }
}

/* ---- Bilateral --------------------------------------------------------------------------------------------- */

typedef struct bilateral {
    image_size size;
    int64_t radius;
    double by_distance, by_value; /* factors of the squares in the exponent */
} bilateral;

enum { MOST_COLOURS = 4 };

static bool any_missing(const float *pixel, int64_t n_colours)
{
    bool missing = false;
    for (int64_t c = 0; c < n_colours; c++) missing |= is_missing(pixel[c]);
    return missing;
}

/* The weight is 0 for a pixel that is missing. */
static double bilateral_weight(const bilateral *b, const float *a, const float *other, int64_t dx, int64_t dy)
{
    double squares = 0;
    for (int64_t c = 0; c < b->size.n_colours; c++) {
        const double d = (double)other[c] - (double)a[c];
        squares += d * d;
    }
    return any_missing(other, b->size.n_colours)
               ? 0
               : exp((double)(dx * dx + dy * dy) * b->by_distance + squares * b->by_value);
}

static void bilateral_pixel(const bilateral *b, const float *in, int64_t x, int64_t y, float *out)
{
    const int64_t n = b->size.n_colours;
    const float *centre = in + (y * b->size.width + x) * n;
    double sums[MOST_COLOURS] = {0}, total = 0;
    for (int64_t dy = -b->radius; dy <= b->radius; dy++) {
        const float *row = in + image_mirror(y + dy, b->size.height) * b->size.width * n;
        for (int64_t dx = -b->radius; dx <= b->radius; dx++) {
            const float *other = row + image_mirror(x + dx, b->size.width) * n;
            const double weight = bilateral_weight(b, centre, other, dx, dy);
            if (weight == 0) continue;
            total += weight;
            for (int64_t c = 0; c < n; c++) sums[c] += weight * (double)other[c];
        }
    }
    for (int64_t c = 0; c < n; c++) out[c] = (float)(sums[c] / total);
}

void image_bilateral(const float *in, image_size size, int64_t radius, double sigma, double sigma_value, float *out)
{
    const bilateral b = {size, radius, -0.5 / (sigma * sigma), -0.5 / (sigma_value * sigma_value)};
    for (int64_t y = 0; y < size.height; y++) {
        for (int64_t x = 0; x < size.width; x++) {
            const int64_t at = (y * size.width + x) * size.n_colours;
            if (any_missing(in + at, size.n_colours))
                memcpy(out + at, in + at, (size_t)size.n_colours * sizeof *in);
            else
                bilateral_pixel(&b, in, x, y, out + at);
        }
    }
}
