/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Loops over pixels of the viewer's server: small cases by hand, odd sizes, ends of the types. Large ones are compared
 * with NumPy by view_movies.py.
 */
#include "image_stats.h"
#include "npy_stream.h"
#include "pixels.h"
#include "shrink.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NO (float)NAN

/* ---- Levels ---- */

static void squares_are_cut_at_the_edges(void **state)
{
    static const uint8_t in[] = {0, 1, 9, 2, 3, 9, 7, 8, 255}; /* 3 x 3 */
    uint8_t out[4];
    void *work = malloc(shrink_work_bytes(3));
    (void)state;
    assert_int_equal(shrink_side(3, 1), 2);
    assert_int_equal(shrink_side(1, 8), 1);
    shrink_image(LMP_UINT8, in, 3, 3, 1, 1, work, out);
    const uint8_t wanted[] = {2, 9, 8, 255}; /* 1.5 and 7.5 to even */
    assert_memory_equal(out, wanted, sizeof wanted);
    shrink_image(LMP_UINT8, in, 3, 3, 1, 8, work, out);
    assert_int_equal(out[0], 33); /* 294 / 9 = 32.67 */
    free(work);
}

static void negative_halves_go_to_even(void **state)
{
    static const int16_t in[] = {-1, -2, -3, -2, INT16_MIN, INT16_MIN, 5, -6};
    int16_t out[4];
    void *work = malloc(shrink_work_bytes(8));
    (void)state;
    shrink_image(LMP_INT16, in, 8, 1, 1, 1, work, out);
    const int16_t wanted[] = {-2, -2, INT16_MIN, 0};
    assert_memory_equal(out, wanted, sizeof wanted);
    free(work);
}

static void largest_numbers_have_exact_means(void **state)
{
    enum { SIDE = 256 };
    uint64_t *in = malloc(SIDE * SIDE * sizeof *in), out[2];
    void *work = malloc(shrink_work_bytes(SIDE));
    (void)state;
    for (int i = 0; i < SIDE * SIDE; i++) in[i] = UINT64_MAX - (uint64_t)(i % 2);
    shrink_image(LMP_UINT64, in, SIDE, SIDE, 1, 8, work, out);
    assert_true(out[0] == UINT64_MAX - 1); /* half to even */
    uint16_t *shorts = malloc(SIDE * SIDE * sizeof *shorts), mean;
    for (int i = 0; i < SIDE * SIDE; i++) shorts[i] = 65535;
    shrink_image(LMP_UINT16, shorts, SIDE, SIDE, 1, 8, work, &mean);
    assert_int_equal(mean, 65535);
    free(shorts);
    free(work);
    free(in);
}

static void missing_pixels_take_no_part(void **state)
{
    static const float in[] = {1, NO, NO, NO, 2, NO, NO, NO};
    float out[2];
    void *work = malloc(shrink_work_bytes(4));
    (void)state;
    shrink_image(LMP_FLOAT32, in, 4, 2, 1, 1, work, out);
    assert_true(out[0] == 1.5F && isnan(out[1]));
    shrink_image(LMP_FLOAT32, in, 2, 2, 2, 1, work, out); /* two colours */
    assert_true(out[0] == 1.5F && isnan(out[1]));
    free(work);
}

/* ---- Statistics ---- */

static void moments_at_the_ends_of_types(void **state)
{
    enum { MANY = 100003 };
    int16_t *values = malloc(MANY * sizeof *values);
    (void)state;
    for (int i = 0; i < MANY; i++) values[i] = i % 2 == 0 ? INT16_MIN : INT16_MAX;
    const image_moments m = image_moments_of(LMP_INT16, values, MANY);
    assert_true(m.min == INT16_MIN && m.max == INT16_MAX && m.n == MANY && m.n_nan == 0);
    const double mean = (-32768.0 * 50002 + 32767.0 * 50001) / MANY;
    assert_true(fabs(m.mean - mean) < 1e-9 && fabs(m.std - 32767.5 * sqrt(4 * 50002.0 * 50001.0) / MANY) < 1e-6);
    memset(values, 0xff, MANY);
    const image_moments bytes = image_moments_of(LMP_UINT8, values, MANY);
    assert_true(bytes.min == 255 && bytes.max == 255 && bytes.mean == 255 && bytes.std == 0);
    free(values);
}

static void nothing_valid_gives_nan(void **state)
{
    static const float in[] = {NO, INFINITY, -INFINITY};
    const image_moments m = image_moments_of(LMP_FLOAT32, in, 3);
    (void)state;
    assert_true(isnan(m.min) && isnan(m.max) && isnan(m.mean) && isnan(m.std) && m.n == 0 && m.n_nan == 3);
    image_ranks *r = image_ranks_new(LMP_FLOAT32, 3);
    image_ranks_add(r, in, 3);
    assert_true(isnan(image_percentile(r, 50)) && image_ranks_moments(r).n_nan == 3);
    image_ranks_free(r);
}

static void ranks_of_numbers_that_differ_late(void **state)
{
    /* All keys begin alike; signs; both zeros. */
    static const double in[] = {1 + 3e-16, 1, 1 + 1e-12, -0.0, 0.0, -1, -1 - 1e-15, (double)NAN};
    image_ranks *r = image_ranks_new(LMP_FLOAT64, 8);
    image_ranks_add(r, in, 8);
    int64_t counts[3];
    (void)state;
    assert_true(image_percentile(r, 0) == -1 - 1e-15);
    assert_true(image_percentile(r, 100) == 1 + 1e-12);
    assert_true(image_percentile(r, 50) == 0 && !signbit(image_percentile(r, 50)));
    assert_true(image_percentile(r, 100 * 5 / 6.0) == 1 + 3e-16);
    image_histogram(r, -1.5, 1.5, 3, counts);
    assert_true(counts[0] == 2 && counts[1] == 2 && counts[2] == 3);
    image_histogram(r, 0, 1, 2, counts); /* what lies outside is not counted; the upper edge is */
    assert_true(counts[0] == 2 && counts[1] == 1);
    image_ranks_free(r);
}

static void percentiles_of_bytes(void **state)
{
    static const int8_t in[] = {-128, 127, 0, 10};
    image_ranks *r = image_ranks_new(LMP_INT8, 4);
    image_ranks_add(r, in, 4);
    (void)state;
    assert_true(image_percentile(r, 0) == -128 && image_percentile(r, 100) == 127 && image_percentile(r, 50) == 5);
    const image_moments m = image_ranks_moments(r), all = image_moments_of(LMP_INT8, in, 4);
    assert_memory_equal(&m, &all, sizeof m);
    image_ranks_free(r);
}

/* ---- Arrays ---- */

static void headers_are_aligned(void **state)
{
    static const struct {
        lmp_type type;
        int64_t shape[4];
        int n;
        const char *text;
    } cases[] = {{LMP_UINT8, {1, 2, 3}, 3, "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3,), }"},
                 {LMP_FLOAT64, {INT64_MAX, INT64_MAX, INT64_MAX, 3}, 4, "{'descr': '<f8', 'fortran_order': False, "}};
    char header[NPY_HEADER_ROOM];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t n = npy_header(header, cases[i].type, cases[i].shape, cases[i].n);
        assert_true(n % 64 == 0 && n <= NPY_HEADER_ROOM && header[n - 1] == '\n');
        assert_memory_equal(header, "\x93NUMPY\1\0", 8);
        assert_int_equal((unsigned char)header[8] + 256 * (unsigned char)header[9] + 10, n);
        assert_memory_equal(header + 10, cases[i].text, strlen(cases[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_are_cut_at_the_edges),
        cmocka_unit_test(negative_halves_go_to_even),
        cmocka_unit_test(largest_numbers_have_exact_means),
        cmocka_unit_test(missing_pixels_take_no_part),
        cmocka_unit_test(moments_at_the_ends_of_types),
        cmocka_unit_test(nothing_valid_gives_nan),
        cmocka_unit_test(ranks_of_numbers_that_differ_late),
        cmocka_unit_test(percentiles_of_bytes),
        cmocka_unit_test(headers_are_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
