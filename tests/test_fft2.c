/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fourier transforms of images against the double sum that defines them.
 *
 * Tolerance: each of the log2(n) levels of a transform of n points rounds every number a few times, by half of
 * FLT_EPSILON relative to the root mean square of the spectrum (Gentleman and Sande, Fast Fourier transforms for fun
 * and profit, 1966). A factor p that is done as a sum adds up to sqrt(p) roundings more.
 */
#include "math/fft2.h"

#include "kernels/fft_image.h"
#include "os/os.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void *aligned_bytes(size_t bytes)
{
    void *made = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(made);
    return made;
}

static float *aligned_floats(int64_t n)
{
    return aligned_bytes((size_t)n * sizeof(float));
}

static float *noise(int64_t n)
{
    float *made = aligned_floats(n);
    uint64_t s = 42;
    for (int64_t i = 0; i < n; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        made[i] = (float)(s >> 40) / 16777216.0F - 0.5F;
    }
    return made;
}

/* Sum over rows, then over columns, of an image in the corner of zeros. */
static double *sum_directly(const float *image, int64_t rows, int64_t columns, int64_t stride, int64_t height,
                            int64_t width)
{
    const int64_t bins = width / 2 + 1;
    double *along = calloc((size_t)(2 * bins * rows) + 1, sizeof *along);
    double *spectrum = calloc((size_t)(2 * bins * height), sizeof *spectrum);
    assert_true(along != NULL && spectrum != NULL);
    for (int64_t y = 0; y < rows; y++)
        for (int64_t k = 0; k < bins; k++)
            for (int64_t x = 0; x < columns; x++) {
                const double phase = -2 * M_PI * (double)(k * x % width) / (double)width;
                along[2 * (k * rows + y)] += (double)image[y * stride + x] * cos(phase);
                along[2 * (k * rows + y) + 1] += (double)image[y * stride + x] * sin(phase);
            }
    for (int64_t k = 0; k < bins; k++)
        for (int64_t j = 0; j < height; j++)
            for (int64_t y = 0; y < rows; y++) {
                const double phase = -2 * M_PI * (double)(j * y % height) / (double)height;
                const double re = along[2 * (k * rows + y)], im = along[2 * (k * rows + y) + 1];
                spectrum[2 * (k * height + j)] += re * cos(phase) - im * sin(phase);
                spectrum[2 * (k * height + j) + 1] += re * sin(phase) + im * cos(phase);
            }
    free(along);
    return spectrum;
}

static double largest_prime(int64_t n)
{
    int64_t largest = 1;
    for (int64_t p = 2; n > 1; p++)
        for (; n % p == 0; n /= p) largest = p;
    return (double)largest;
}

/* Relative to the root mean square: 6 times half of FLT_EPSILON; the largest of a million normal errors is 5 times the
 * usual one. */
static double tolerance(int64_t height, int64_t width)
{
    const double levels = log2((double)(height * width)) + sqrt(largest_prime(height)) + sqrt(largest_prime(width));
    return 3 * (double)FLT_EPSILON * (levels + 1);
}

static double root_mean_square(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum / (double)n);
}

static void assert_close(const float *got, const double *expected, int64_t n, double tolerated)
{
    for (int64_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - expected[i]) <= tolerated))
            fail_msg("number %lld of %lld: %.9g instead of %.9g, tolerance %.3g", (long long)i, (long long)n,
                     (double)got[i], expected[i], tolerated);
}

static fft2_plan *plan_of(int64_t height, int64_t width, int64_t reach)
{
    fft2_plan *plan = NULL;
    assert_int_equal(fft2_plan_new(height, width, reach, &plan, NULL), LMP_OK);
    return plan;
}

typedef struct size {
    int64_t height, width;
} size;

static const size sizes[] = {{1, 1},    {1, 2},   {2, 1},   {1, 7},   {7, 1},   {1, 16},  {2, 2},   {3, 5},
                             {4, 6},    {8, 12},  {15, 17}, {16, 94}, {48, 47}, {94, 16}, {61, 9},  {9, 67},
                             {67, 9},   {25, 27}, {40, 36}, {5, 128}, {33, 64}, {19, 21}, {23, 26}, {11, 13},
                             {2, 1009}, {30, 59}, {49, 35}, {96, 80}, {35, 98}, {53, 37}, {41, 43}, {13, 16},
                             {12, 31},  {73, 29}, {20, 83}, {13, 257}};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void check_forward(size s, int64_t rows, int64_t columns, int64_t stride, int64_t offset)
{
    fft2_plan *plan = plan_of(s.height, s.width, s.height);
    const int64_t n = fft2_spectrum_floats(s.height, s.width), held = offset + rows * stride + 1;
    float *all = noise(held), *before = noise(held), *spectrum = aligned_floats(n);
    void *scratch = aligned_bytes(fft2_scratch_bytes(s.height, s.width));
    memset(scratch, 0xff, fft2_scratch_bytes(s.height, s.width)); /* NaN */
    fft2_forward(plan, all + offset, rows, columns, stride, spectrum, scratch);
    assert_memory_equal(all, before, (size_t)held * sizeof *all);
    double *expected = sum_directly(all + offset, rows, columns, stride, s.height, s.width);
    assert_close(spectrum, expected, n, tolerance(s.height, s.width) * root_mean_square(expected, n));
    fft2_plan_free(plan);
    free(all);
    free(before);
    free(spectrum);
    free(scratch);
    free(expected);
}

static void forward_equals_the_sum(void **state)
{
    (void)state;
    for (int i = 0; i < N_SIZES; i++) check_forward(sizes[i], sizes[i].height, sizes[i].width, sizes[i].width, 0);
}

static void missing_rows_and_columns_are_zeros(void **state)
{
    (void)state;
    static const size plan[] = {{8, 12}, {40, 100}, {16, 94}, {48, 47}, {15, 17}, {40, 36}, {67, 9}};
    for (size_t i = 0; i < sizeof plan / sizeof *plan; i++) {
        const int64_t h = plan[i].height, w = plan[i].width;
        check_forward(plan[i], h - 3, w, w, 0);
        check_forward(plan[i], h, w - 5, w - 5, 0);
        check_forward(plan[i], h / 2 + 1, w / 2, w, 1);
        check_forward(plan[i], 1, 1, 1, 3);
        check_forward(plan[i], h, w, w + 3, 5);
    }
}

/* image[y][x] of a spectrum that is that of a real image. */
static void forward_then_inverse_multiplies(void **state)
{
    (void)state;
    for (int i = 0; i < N_SIZES; i++) {
        const int64_t h = sizes[i].height, w = sizes[i].width, n = h * w;
        const double scale = (double)n;
        fft2_plan *plan = plan_of(h, w, i % 2 ? h : h / 2);
        float *image = noise(n), *back = aligned_floats(n), *spectrum = aligned_floats(fft2_spectrum_floats(h, w));
        void *scratch = aligned_bytes(fft2_scratch_bytes(h, w));
        double *expected = calloc((size_t)n, sizeof *expected);
        assert_non_null(expected);
        for (int64_t k = 0; k < n; k++) expected[k] = scale * (double)image[k];
        fft2_forward(plan, image, h, w, w, spectrum, scratch);
        memset(scratch, 0xff, fft2_scratch_bytes(h, w));
        fft2_inverse(plan, spectrum, back, scratch);
        assert_close(back, expected, n, 2 * tolerance(h, w) * root_mean_square(expected, n));
        fft2_plan_free(plan);
        free(image);
        free(back);
        free(spectrum);
        free(scratch);
        free(expected);
    }
}

/* The same bits as the whole inverse for the rows within reach; the others are not touched. */
static void check_reach(int64_t h, int64_t w, int64_t reach)
{
    fft2_plan *near = plan_of(h, w, reach), *all = plan_of(h, w, h);
    const int64_t n = fft2_spectrum_floats(h, w);
    float *image = noise(h * w), *part = aligned_floats(h * w), *whole = aligned_floats(h * w);
    float *a = aligned_floats(n), *b = aligned_floats(n);
    void *scratch = aligned_bytes(fft2_scratch_bytes(h, w));
    fft2_forward(near, image, h, w, w, a, scratch);
    fft2_forward(all, image, h, w, w, b, scratch);
    assert_memory_equal(a, b, (size_t)n * sizeof *a);
    for (int64_t i = 0; i < h * w; i++) part[i] = 1234;
    fft2_inverse(near, a, part, scratch);
    fft2_inverse(all, b, whole, scratch);
    for (int64_t y = 0; y < h; y++)
        for (int64_t x = 0; x < w; x++) {
            const float got = part[y * w + x], full = whole[y * w + x];
            if (y <= reach || y >= h - reach)
                assert_true(fabsf(got - full) <= 1e-6F * (float)(h * w));
            else
                assert_true(got == 1234);
        }
    fft2_plan_free(near);
    fft2_plan_free(all);
    free(image);
    free(part);
    free(whole);
    free(a);
    free(b);
    free(scratch);
}

static void inverse_gives_rows_within_reach(void **state)
{
    (void)state;
    static const size some[] = {{1, 5}, {8, 12}, {15, 17}, {48, 47}, {60, 94}, {64, 40}, {61, 67}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        const int64_t h = some[i].height;
        const int64_t reaches[] = {0, 1, 3, h / 2 - 1, h / 2, h - 1, h, 10 * h};
        for (size_t r = 0; r < sizeof reaches / sizeof *reaches; r++)
            if (reaches[r] >= 0) check_reach(h, some[i].width, reaches[r]);
    }
}

/* Forward, of a part of the image, and inverse. */
static void transform_with(int lanes, const fft_image *plan, float *spectrum, float *image)
{
    const int64_t h = plan->height, w = plan->width, rows = h - h / 5, columns = w - w / 7;
    float *scratch = aligned_bytes(fft_image_scratch_bytes(h, w)), *from = noise(h * w);
    float *copy = aligned_floats(fft2_spectrum_floats(h, w));
    memset(scratch, 0xff, fft_image_scratch_bytes(h, w));
    memset(image, 0, (size_t)(h * w) * sizeof *image);
    fft_image_forward(lanes, plan, from, h, w, w, copy, scratch);
    fft_image_inverse(lanes, plan, copy, image, scratch);
    fft_image_forward(lanes, plan, from, rows, columns, w, spectrum, scratch);
    free(scratch);
    free(from);
    free(copy);
}

static void any_number_of_lanes_gives_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < N_SIZES; i++) {
        const int64_t h = sizes[i].height, w = sizes[i].width, n = fft2_spectrum_floats(h, w);
        if (!fft_lines_can(h) || !fft_lines_can(w)) continue;
        void *memory = aligned_bytes(fft_lines_bytes(h) + fft_lines_bytes(w));
        fft_image plan = {.height = h, .width = w, .reach = h / 3};
        fft_lines_fill(h, memory, &plan.columns);
        fft_lines_fill(w, (char *)memory + fft_lines_bytes(h), &plan.rows);
        float *spectrum = aligned_floats(n), *image = aligned_floats(h * w);
        float *plain_spectrum = aligned_floats(n), *plain_image = aligned_floats(h * w);
        transform_with(1, &plan, plain_spectrum, plain_image);
        float *from = noise(h * w);
        double *expected = sum_directly(from, h - h / 5, w - w / 7, w, h, w);
        assert_close(plain_spectrum, expected, n, tolerance(h, w) * root_mean_square(expected, n));
        free(from);
        free(expected);
        for (int lanes = 4; lanes <= fft_image_lanes(); lanes *= 2) {
            transform_with(lanes, &plan, spectrum, image);
            assert_memory_equal(spectrum, plain_spectrum, (size_t)n * sizeof *spectrum);
            assert_memory_equal(image, plain_image, (size_t)(h * w) * sizeof *image);
        }
        free(memory);
        free(spectrum);
        free(image);
        free(plain_spectrum);
        free(plain_image);
    }
}

static void a_wave_is_one_number(void **state)
{
    (void)state;
    /* A cosine along x has two bins, one of which is kept. */
    const int64_t h = 12, w = 40;
    fft2_plan *plan = plan_of(h, w, 0);
    float *image = aligned_floats(h * w), *spectrum = aligned_floats(fft2_spectrum_floats(h, w));
    void *scratch = aligned_bytes(fft2_scratch_bytes(h, w));
    for (int64_t i = 0; i < h * w; i++)
        image[i] = (float)cos(2 * M_PI * (3.0 * (double)(i % w) / (double)w + 2.0 * (double)(i / w) / (double)h));
    fft2_forward(plan, image, h, w, w, spectrum, scratch);
    for (int64_t k = 0; k < h * (w / 2 + 1); k++) {
        const float expected = k == 3 * h + 2 ? (float)(h * w) / 2 : 0;
        assert_true(fabsf(spectrum[2 * k] - expected) < 1e-4F && fabsf(spectrum[2 * k + 1]) < 1e-4F);
    }
    fft2_plan_free(plan);
    free(image);
    free(spectrum);
    free(scratch);
}

enum { N_THREADS = 4, HEIGHT = 48, WIDTH = 94 };

static void transform_in_thread(void *spectrum)
{
    float *image = noise(HEIGHT * WIDTH);
    void *scratch = aligned_bytes(fft2_scratch_bytes(HEIGHT, WIDTH));
    for (int repeat = 0; repeat < 20; repeat++) {
        fft2_plan *plan = NULL;
        if (fft2_plan_new(HEIGHT, WIDTH, 3, &plan, NULL) != LMP_OK) break;
        fft2_forward(plan, image, HEIGHT, WIDTH, WIDTH, spectrum, scratch);
        fft2_plan_free(plan);
    }
    free(image);
    free(scratch);
}

static void threads_get_the_same_bits(void **state)
{
    (void)state;
    const int64_t n = fft2_spectrum_floats(HEIGHT, WIDTH);
    float *spectra[N_THREADS];
    os_thread *threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++) {
        spectra[i] = aligned_floats(n);
        memset(spectra[i], 0, (size_t)n * sizeof(float));
        assert_int_equal(os_thread_start(transform_in_thread, spectra[i], &threads[i]), 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        os_thread_join(threads[i]);
        assert_memory_equal(spectra[i], spectra[0], (size_t)n * sizeof(float));
    }
    assert_true(spectra[0][2] != 0.0F);
    for (int i = 0; i < N_THREADS; i++) free(spectra[i]);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    static const int64_t wrong[][3] = {{0, 4, 1}, {4, 0, 1}, {-3, 4, 1}, {32769, 4, 1}, {4, 32769, 1}, {4, 4, -1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fft2_plan *plan = NULL;
        lmp_error err = {0};
        assert_int_equal(fft2_plan_new(wrong[i][0], wrong[i][1], wrong[i][2], &plan, &err), LMP_ERR_USAGE);
        assert_non_null(strstr(err.text, "Fourier"));
        assert_null(plan);
    }
    fft2_plan_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_equals_the_sum),
        cmocka_unit_test(missing_rows_and_columns_are_zeros),
        cmocka_unit_test(forward_then_inverse_multiplies),
        cmocka_unit_test(inverse_gives_rows_within_reach),
        cmocka_unit_test(any_number_of_lanes_gives_the_same_bits),
        cmocka_unit_test(a_wave_is_one_number),
        cmocka_unit_test(threads_get_the_same_bits),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
