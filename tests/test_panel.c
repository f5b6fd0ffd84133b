/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels of principal components against their plain references: every number type, odd sizes, NaN.
 */
#include "kernels/gram8.h"
#include "kernels/panel.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void fill(double *x, int64_t n, uint32_t seed)
{
    for (int64_t i = 0; i < n; i++) x[i] = (double)next_number(&seed) / 1e6 - 8;
}

static void values_are_those_of_the_reference(void **state)
{
    enum { N = 71 };
    static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                     LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
    (void)state;
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        union {
            uint8_t bytes[N * 8];
            float floats[N];
            double doubles[N];
        } x;
        double mean[N], made[N], expected[N], sums[3][N], expected_sums[3][N];
        uint32_t seed = 3;
        for (size_t i = 0; i < sizeof x.bytes; i++) x.bytes[i] = (uint8_t)(next_number(&seed) % 251);
        if (types[k] == LMP_FLOAT32) x.floats[7] = x.floats[70] = NAN;
        if (types[k] == LMP_FLOAT64) x.doubles[7] = x.doubles[70] = (double)NAN;
        fill(mean, N, 5);
        mean[9] = (double)NAN;
        for (int64_t n = 0; n <= N; n++) {
            const panel_sums to = {sums[0], sums[1], sums[2]};
            const panel_sums to_expected = {expected_sums[0], expected_sums[1], expected_sums[2]};
            memset(made, 1, sizeof made);
            memset(expected, 1, sizeof expected);
            memset(sums, 0, sizeof sums);
            memset(expected_sums, 0, sizeof expected_sums);
            panel_centre(types[k], x.bytes, mean, n, made);
            panel_centre_plain(types[k], x.bytes, mean, n, expected);
            assert_memory_equal(made, expected, sizeof made);
            for (int twice = 0; twice < 2; twice++) {
                panel_add(types[k], x.bytes, mean, n, &to);
                panel_add_plain(types[k], x.bytes, mean, n, &to_expected);
            }
            assert_memory_equal(sums, expected_sums, sizeof sums);
        }
        assert_true(made[9] == 0 && sums[0][9] == 0 && sums[0][8] == 2);
    }
}

static void products_are_those_of_the_reference(void **state)
{
    enum { ROWS = 9, DEPTH = 11, COLUMNS = 45 };
    (void)state;
    double a[ROWS * DEPTH], b[DEPTH * COLUMNS], made[ROWS * COLUMNS], expected[ROWS * COLUMNS];
    fill(a, ROWS * DEPTH, 1);
    fill(b, DEPTH * COLUMNS, 2);
    for (int64_t columns = 1; columns <= COLUMNS; columns++)
        for (int64_t rows = 0; rows <= ROWS; rows++)
            for (int turned = 0; turned < 2; turned++) {
                const panel_factors f = {a, b, rows, DEPTH, columns, turned ? 1 : DEPTH, turned ? ROWS : 1};
                fill(made, ROWS * COLUMNS, 3);
                fill(expected, ROWS * COLUMNS, 3);
                panel_multiply(&f, made);
                panel_multiply_plain(&f, expected);
                assert_memory_equal(made, expected, sizeof made);
            }
}

/* The same bits however rows and depth are cut. */
static void products_do_not_depend_on_cuts(void **state)
{
    enum { ROWS = 13, DEPTH = 10, COLUMNS = 22 };
    (void)state;
    double a[ROWS * DEPTH], b[DEPTH * COLUMNS], made[ROWS * COLUMNS] = {0}, whole[ROWS * COLUMNS] = {0};
    fill(a, ROWS * DEPTH, 1);
    fill(b, DEPTH * COLUMNS, 2);
    const panel_factors f = {a, b, ROWS, DEPTH, COLUMNS, DEPTH, 1};
    panel_multiply(&f, whole);
    for (int64_t row = 0; row < ROWS; row += 5)
        for (int64_t k = 0; k < DEPTH; k += 3) {
            const panel_factors part = {a + row * DEPTH + k,
                                        b + k * COLUMNS,
                                        ROWS - row < 5 ? ROWS - row : 5,
                                        DEPTH - k < 3 ? DEPTH - k : 3,
                                        COLUMNS,
                                        DEPTH,
                                        1};
            panel_multiply(&part, made + row * COLUMNS);
        }
    assert_memory_equal(made, whole, sizeof made);
}

static void byte_products_are_exact(void **state)
{
    enum { N = 112, COLUMNS = 1030, FIRST = GRAM8_ROWS };
    (void)state;
    uint8_t *bytes = malloc(N * COLUMNS);
    int32_t *made = malloc(sizeof *made * GRAM8_ROWS * N), *expected = malloc(sizeof *made * GRAM8_ROWS * N);
    assert_true(bytes != NULL && made != NULL && expected != NULL);
    uint32_t seed = 9;
    for (int64_t i = 0; i < N * COLUMNS; i++) bytes[i] = (uint8_t)next_number(&seed);
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        const gram8 g = {bytes, COLUMNS, is_signed != 0};
        for (int64_t first = 0; first <= FIRST; first += FIRST) {
            gram8_multiply(&g, first, N, 4, COLUMNS, made);
            gram8_multiply_plain(&g, first, N, 4, COLUMNS, expected);
            assert_memory_equal(made, expected, sizeof *made * GRAM8_ROWS * N);
        }
        int64_t sum = 0;
        for (int64_t i = 4; i < COLUMNS; i++) {
            const uint8_t x = bytes[gram8_place(COLUMNS, FIRST + 1, i)], y = bytes[gram8_place(COLUMNS, 17, i)];
            sum += is_signed ? (int64_t)(int8_t)x * (int8_t)y : (int64_t)x * y;
        }
        assert_true(made[1 * N + 17] == sum);
    }
    free(bytes);
    free(made);
    free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_reference),
        cmocka_unit_test(products_are_those_of_the_reference),
        cmocka_unit_test(products_do_not_depend_on_cuts),
        cmocka_unit_test(byte_products_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
