/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels of smoothing and destriping against their plain references: the same bits, at odd sizes and addresses, with
 * missing values; what is built on them against formulas in double, at every edge.
 */
#include "kernels/bilateral_line.h"
#include "kernels/box_lines.h"
#include "kernels/stripe_lines.h"
#include "kernels/weigh_lines.h"
#include "math/image_smooth.h"
#include "math/image_stripes.h"
#include "math/median.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 203 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* From -100 to 100; one of `missing_of` is NaN or infinite, none if 0. */
static void fill(float *values, int64_t n, uint32_t missing_of, uint32_t seed)
{
    for (int64_t i = 0; i < n; i++) {
        values[i] = (float)next_random(&seed) * (200.0f / 16777216.0f) - 100;
        if (missing_of == 0 || next_random(&seed) % missing_of != 0) continue;
        values[i] = next_random(&seed) % 2 == 0 ? NAN : INFINITY;
    }
}

static void fill_doubles(double *values, int64_t n, uint32_t seed)
{
    for (int64_t i = 0; i < n; i++) values[i] = (double)next_random(&seed) / 7 - 1e6;
}

static void assert_same_floats(const float *a, const float *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
}

static void assert_same_doubles(const double *a, const double *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
}

/* ---- Kernels --------------------------------------------------------------------------------------------------- */

static void weighed_lines_agree(void **state)
{
    enum { MOST = 9 };
    static float values[2 * MOST + 1][N + 3];
    float weights[MOST + 1], fast[N], plain[N], present[N], plain_present[N];
    const float *lines[2 * MOST + 1];
    (void)state;
    fill(weights, MOST + 1, 0, 1);
    fill(values[0], (2 * MOST + 1) * (N + 3), 9, 2);
    for (int64_t n = 1; n <= N; n++) {
        const int64_t radius = n % (MOST + 1);
        for (int64_t k = 0; k <= 2 * radius; k++) lines[k] = values[k] + n % 3;
        weigh_present(lines, weights, radius, n, fast, present);
        weigh_present_plain(lines, weights, radius, n, plain, plain_present);
        assert_same_floats(fast, plain, n);
        assert_same_floats(present, plain_present, n);
        weigh_divide(present, lines[radius], n, fast);
        weigh_divide_plain(present, lines[radius], n, plain);
        assert_same_floats(fast, plain, n);
        weigh_lines(lines, weights, radius, n, fast);
        weigh_lines_plain(lines, weights, radius, n, plain);
        assert_same_floats(fast, plain, n);
    }
}

static void boxes_agree(void **state)
{
    float lines[2][N + 1], fast[N], plain[N];
    double sums[2][N], counts[2][N], windows[2][N];
    (void)state;
    for (int k = 0; k < 4; k++) { /* with and without missing pixels, with and without a line that leaves */
        const bool has_missing = k % 2 == 1;
        fill(lines[0], 2 * (N + 1), has_missing ? 7 : 0, 3);
        for (int64_t n = 1; n <= N; n++) {
            const float *leaves = k >= 2 ? lines[1] + n % 2 : NULL;
            for (int j = 0; j < 2; j++) fill_doubles(sums[j], n, 5), fill_doubles(counts[j], n, 6);
            box_slide(lines[0] + n % 2, leaves, n, sums[0], has_missing ? counts[0] : NULL);
            box_slide_plain(lines[0] + n % 2, leaves, n, sums[1], has_missing ? counts[1] : NULL);
            assert_same_doubles(sums[0], sums[1], n);
            assert_same_doubles(counts[0], counts[1], n);
            box_windows(sums[0], counts[0], 17.3, n, windows[0]);
            box_windows_plain(sums[0], counts[0], 17.3, n, windows[1]);
            assert_same_doubles(windows[0], windows[1], n);
            box_divide(windows[0], has_missing ? counts[0] : NULL, 1.0 / 9, lines[0], n, fast);
            box_divide_plain(windows[0], has_missing ? counts[0] : NULL, 1.0 / 9, lines[0], n, plain);
            assert_same_floats(fast, plain, n);
        }
    }
}

static void bilateral_lines_agree(void **state)
{
    enum { MOST_RADIUS = 4, WIDTH = 40, PLANE = WIDTH + 2 * MOST_RADIUS };
    static float values[2 * MOST_RADIUS + 1][4 * PLANE];
    float distances[2 * MOST_RADIUS + 1], fast[4 * PLANE], plain[4 * PLANE];
    const float *lines[2 * MOST_RADIUS + 1];
    (void)state;
    fill(values[0], (2 * MOST_RADIUS + 1) * 4 * PLANE, 11, 8);
    values[1][5] = 3e38f;
    values[2][5] = -3e38f;
    for (int64_t radius = 0; radius <= MOST_RADIUS; radius++)
        for (int64_t c = 1; c <= 4; c++)
            for (int j = 0; j < 3; j++) { /* weights of most are 0; of some; of none */
                const bilateral_rows rows = {lines, distances, radius, c, PLANE, (float[]){1, 0.05f, 1e-4f}[j]};
                for (int64_t k = 0; k <= 2 * radius; k++) {
                    lines[k] = values[k];
                    distances[k] = 0.7f * (float)((k - radius) * (k - radius));
                }
                bilateral_line(&rows, WIDTH, fast);
                bilateral_line_plain(&rows, WIDTH, plain);
                for (int64_t i = 0; i < c; i++) assert_same_floats(fast + i * PLANE, plain + i * PLANE, WIDTH);
            }
}

static void stripe_lines_agree(void **state)
{
    float lines[4][N + 1];
    double fast[N], plain[N], sums[2][N], missing[2][N], moments[N];
    (void)state;
    fill(lines[0], 4 * (N + 1), 13, 21);
    fill_doubles(moments, N, 22);
    for (int64_t n = 1; n <= N; n++) {
        const float *const three[] = {lines[0] + n % 2, lines[1], lines[2]};
        const stripe_line enters = {lines[0] + n % 2, 3.1}, leaves = {lines[3], -0.7};
        stripe_above_middle(lines[1], three, n, fast);
        stripe_above_middle_plain(lines[1], three, n, plain);
        assert_same_doubles(fast, plain, n);
        for (int k = 0; k < 4; k++) {
            stripe_columns columns[2];
            for (int j = 0; j < 2; j++) {
                fill_doubles(sums[j], n, 23);
                for (int64_t i = 0; i < n; i++) missing[j][i] = (double)(i % 5 == 0);
                columns[j] = (stripe_columns){sums[j], missing[j], moments, 1.0 / 51, k < 2 ? 0 : 0.03};
            }
            stripe_slide(&columns[0], k % 2 == 0 ? NULL : &leaves, &enters, n);
            stripe_slide_plain(&columns[1], k % 2 == 0 ? NULL : &leaves, &enters, n);
            assert_same_doubles(sums[0], sums[1], n);
            assert_same_doubles(missing[0], missing[1], n);
            stripe_above_columns(&columns[0], lines[2], n, fast);
            stripe_above_columns_plain(&columns[0], lines[2], n, plain);
            assert_same_doubles(fast, plain, n);
        }
        const stripe_counts a = stripe_count(moments, n, moments[n / 2], moments[n / 3] + 1e5),
                            b = stripe_count_plain(moments, n, moments[n / 2], moments[n / 3] + 1e5);
        assert_true(a.below == b.below && a.up_to == b.up_to);
    }
}

/* ---- Images ---------------------------------------------------------------------------------------------------- */

enum { MOST_VALUES = 40 * 40 * 4 };

static bool pixel_is_missing(const float *pixel, int64_t n_colours)
{
    bool missing = false;
    for (int64_t c = 0; c < n_colours; c++) missing |= !(pixel[c] - pixel[c] == 0);
    return missing;
}

static const float *pixel_at(const float *in, image_size size, int64_t y, int64_t x)
{
    return in + (image_mirror(y, size.height) * size.width + image_mirror(x, size.width)) * size.n_colours;
}

typedef double weight_of(const float *middle, const float *other, int64_t n_colours, int64_t squares);

static double box_weight(const float *middle, const float *other, int64_t n_colours, int64_t squares)
{
    (void)middle, (void)other, (void)n_colours, (void)squares;
    return 1;
}

static double gaussian_weight(const float *middle, const float *other, int64_t n_colours, int64_t squares)
{
    (void)middle, (void)other, (void)n_colours;
    return exp(-(double)squares / (2 * 1.3 * 1.3));
}

static double bilateral_weight(const float *middle, const float *other, int64_t n_colours, int64_t squares)
{
    double differences = 0;
    for (int64_t c = 0; c < n_colours; c++)
        differences += ((double)other[c] - (double)middle[c]) * ((double)other[c] - (double)middle[c]);
    return exp(-(double)squares / (2 * 1.3 * 1.3) - differences / (2 * 40.0 * 40.0));
}

/* Weighted mean of the present pixels, of one colour. `whole_pixels`: a colour that is missing takes the pixel away. */
static double expected_mean(const float *in, image_size size, int64_t radius, int64_t at, weight_of *weight,
                            bool whole_pixels)
{
    const int64_t n = size.n_colours, c = at % n, y = at / n / size.width, x = at / n % size.width;
    const float *middle = pixel_at(in, size, y, x);
    double sum = 0, all = 0;
    if (whole_pixels ? pixel_is_missing(middle, n) : pixel_is_missing(middle + c, 1)) return (double)middle[c];
    for (int64_t dy = -radius; dy <= radius; dy++)
        for (int64_t dx = -radius; dx <= radius; dx++) {
            const float *other = pixel_at(in, size, y + dy, x + dx);
            if (whole_pixels ? pixel_is_missing(other, n) : pixel_is_missing(other + c, 1)) continue;
            const double w = weight(middle, other, n, dx * dx + dy * dy);
            sum += w * (double)other[c];
            all += w;
        }
    return sum / all;
}

static void assert_means(const float *out, const float *in, image_size size, int64_t radius, weight_of *weight,
                         bool whole_pixels)
{
    for (int64_t i = 0; i < size.height * size.width * size.n_colours; i++) {
        const double expected = expected_mean(in, size, radius, i, weight, whole_pixels);
        if (isfinite(expected))
            assert_true(fabs((double)out[i] - expected) < 1e-4);
        else
            assert_true(isnan(expected) ? isnan(out[i]) : (double)out[i] == expected);
    }
}

/* Windows much smaller than the image, nearly as large, and larger. */
static void images_follow_their_formulas(void **state)
{
    static const image_size sizes[] = {{1, 1, 1}, {1, 37, 1}, {23, 1, 1}, {9, 33, 1}, {14, 8, 3}, {7, 5, 4}, {6, 9, 2}};
    static float in[MOST_VALUES], out[MOST_VALUES];
    float weights[64];
    (void)state;
    const int64_t reach = gaussian_radius(1.3);
    gaussian_weights(1.3, weights);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (uint32_t missing_of = 0; missing_of <= 9; missing_of += 9) {
            const image_size size = sizes[k];
            fill(in, size.height * size.width * size.n_colours, missing_of, 31);
            void *scratch = malloc(image_gaussian_scratch(size, reach));
            assert_non_null(scratch);
            image_gaussian(in, size, weights, reach, scratch, out);
            assert_means(out, in, size, reach, gaussian_weight, false);
            free(scratch);
            for (int64_t radius = 0; radius <= 12; radius += 3) {
                scratch = malloc(image_box_scratch(size));
                assert_non_null(scratch);
                image_box(in, size, radius, scratch, out);
                assert_means(out, in, size, radius, box_weight, false);
                free(scratch);
                scratch = malloc(image_bilateral_scratch(size, radius));
                assert_non_null(scratch);
                image_bilateral(in, size, radius, 1.3, 40, scratch, out);
                assert_means(out, in, size, radius, bilateral_weight, true);
                free(scratch);
            }
        }
}

/* Sums of whole numbers are exact, and so are means that float32 holds. */
static void boxes_of_whole_numbers_are_exact(void **state)
{
    static const image_size size = {21, 35, 1};
    float in[21 * 35], out[21 * 35];
    (void)state;
    for (int64_t i = 0; i < 21 * 35; i++) in[i] = (float)(65535 - i % 35 * 1000 - i / 35 * 7);
    void *scratch = malloc(image_box_scratch(size));
    assert_non_null(scratch);
    image_box(in, size, 3, scratch, out);
    for (int64_t y = 3; y < 18; y++)
        for (int64_t x = 3; x < 32; x++) assert_true(out[y * 35 + x] == in[y * 35 + x]);
    free(scratch);
}

/* ---- Medians of lines ------------------------------------------------------------------------------------------ */

/* The middle one of three lines is `rest` above the others, which are equal: so are its offset and theirs. */
static void assert_offset(const float *rest, int64_t width)
{
    float *image = calloc((size_t)(3 * width), sizeof *image);
    double *scratch = malloc(line_offsets_scratch(3, width)), *sorted = malloc((size_t)width * sizeof *sorted),
           offsets[3];
    assert_true(image != NULL && scratch != NULL && sorted != NULL);
    int64_t n = 0;
    for (int64_t x = 0; x < width; x++) {
        image[width + x] = rest[x];
        if (rest[x] - rest[x] == 0) sorted[n++] = (double)rest[x];
    }
    line_offsets(image, 3, width, 3, scratch, offsets);
    const double less = median_take(sorted, n); /* given up before sums are made */
    for (int64_t x = n = 0; x < width; x++)
        if (rest[x] - rest[x] == 0) sorted[n++] = (double)rest[x] - ((double)rest[x] - less) * (1.0 / 3);
    const double above = median_take(sorted, n);
    for (int64_t x = n = 0; x < width; x++)
        if (rest[x] - rest[x] == 0) sorted[n++] = 0 - ((double)rest[x] - less) * (1.0 / 3);
    const double others = median_take(sorted, n), mean = (others + above + others) / 3;
    assert_true(fabs(offsets[1] - (above - mean)) < 1e-9 && fabs(offsets[0] - (others - mean)) < 1e-9);
    free(image);
    free(scratch);
    free(sorted);
}

/* Column x of `width` is one of the 24 that a sample is made of. */
static bool is_sampled(int64_t x, int64_t width)
{
    return (width - x * 24 % width) % width < 24;
}

/* Few and many, with ties, ordered, in two heaps, with gaps, and so that the sample misleads: it holds the largest; it
 * holds nothing but the larger one of the two in the middle. */
static void medians_of_lines_are_exact(void **state)
{
    enum { MOST = 1500, KINDS = 7 };
    static float rest[MOST];
    (void)state;
    for (int64_t width = 1; width <= MOST; width += width < 130 ? 1 : 61)
        for (int kind = 0; kind < KINDS; kind++) {
            uint32_t seed = (uint32_t)width;
            int64_t low = width / 2;
            for (int64_t x = 0; x < width; x++) {
                const float random = (float)(1 + next_random(&seed) % 10000);
                const bool sampled = is_sampled(x, width), is_low = !sampled && low-- > 0;
                const float made[KINDS] = {random,
                                           1 + (float)((int)random % 3),
                                           (float)(1 + x),
                                           ((int)random % 2 == 0 ? 1 : 1000) + random / 1000,
                                           (int)random % 5 == 0 ? NAN : random,
                                           sampled ? 20000 : random,
                                           sampled  ? 500
                                           : is_low ? 1
                                                    : 1000};
                rest[x] = made[kind];
            }
            assert_offset(rest, width);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighed_lines_agree),          cmocka_unit_test(boxes_agree),
        cmocka_unit_test(bilateral_lines_agree),        cmocka_unit_test(stripe_lines_agree),
        cmocka_unit_test(images_follow_their_formulas), cmocka_unit_test(boxes_of_whole_numbers_are_exact),
        cmocka_unit_test(medians_of_lines_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
