/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The formulas of the quality metrics on numbers that can be worked out by hand; sums and walks over spans.
 */
#include "score/metrics.h"

#include "score/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOTHING UNKNOWN
#define ENDLESS ((double)INFINITY)

static void test_median(void **state)
{
    (void)state;
    double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, gaps[] = {NOTHING, 5, NOTHING, 7, 6}, none[] = {NOTHING};
    double mostly_endless[] = {ENDLESS, 1, ENDLESS}, half_endless[] = {1, ENDLESS};
    assert_true(metric_median(odd, 3) == 2);
    assert_true(metric_median(even, 4) == 2.5);
    assert_true(metric_median(gaps, 5) == 6);
    assert_true(isnan(metric_median(none, 1)) && isnan(metric_median(none, 0)));
    assert_true(metric_median(mostly_endless, 3) == ENDLESS);
    assert_true(metric_median(half_endless, 2) == ENDLESS);
}

static void test_means(void **state)
{
    (void)state;
    const double values[] = {3, NOTHING, -4}, none[] = {NOTHING};
    assert_true(metric_mean(values, 3) == -0.5);
    assert_true(metric_rms(values, 3) == sqrt(12.5));
    assert_true(isnan(metric_mean(none, 1)) && isnan(metric_rms(none, 1)));
}

static void test_ratios(void **state)
{
    (void)state;
    assert_true(metric_decibel(100) == 20 && isnan(metric_decibel(0)) && isnan(metric_decibel(NOTHING)) &&
                isnan(metric_decibel(-1)));
    assert_true(metric_change_percent(3, 2) == 50 && isnan(metric_change_percent(3, 0)) &&
                isnan(metric_change_percent(NOTHING, 2)));
}

/* FACETpy's formula has a floor of 1e-10 V^2 in it; ours must give the same in any unit. */
static void test_signal_to_residue(void **state)
{
    (void)state;
    assert_true(metric_signal_to_residue(15, 10) == 2);
    assert_true(fabs(metric_signal_to_residue(15e-12, 10e-12) - 2) < 1e-12);
    assert_true(metric_signal_to_residue(9, 10) == ENDLESS);
    assert_true(metric_signal_to_residue(10, 10) == ENDLESS);
    assert_true(isnan(metric_signal_to_residue(NOTHING, 10)) && isnan(metric_signal_to_residue(1, NOTHING)) &&
                isnan(metric_signal_to_residue(1, 0)));
}

/* b = 1, 2, 3, 4 on an offset that swallows nothing; a = b + 0.5 * (1, -1, 1, -1) + another offset. */
static void test_pairs(void **state)
{
    (void)state;
    enum { N = 4000 };
    static double a[N], b[N];
    pair_sums whole = {0}, parts = {0}, none = {0};
    for (int i = 0; i < N; i++) {
        b[i] = 1e7 + (i % 4);
        a[i] = -3e6 + (i % 4) + (i % 2 == 0 ? 0.5 : -0.5);
    }
    pair_sums_add(&whole, a, b, N);
    for (int i = 0; i < N; i += 7) pair_sums_add(&parts, a + i, b + i, N - i < 7 ? N - i : 7);
    assert_true(fabs(pair_sums_error(&whole) - 0.5) < 1e-12);
    assert_true(fabs(pair_sums_deviation_b(&whole) - sqrt(1.25)) < 1e-12);
    /* cov(a, b) = 1.25 - 0.25 = 1, var(a) = 1.25 + 0.25 - 0.5 = 1 */
    assert_true(fabs(pair_sums_correlation(&whole) - 1 / sqrt(1.25)) < 1e-12);
    assert_true(pair_sums_error(&whole) == pair_sums_error(&parts) &&
                pair_sums_correlation(&whole) == pair_sums_correlation(&parts));
    assert_true(isnan(pair_sums_error(&none)) && isnan(pair_sums_correlation(&none)));
}

static void test_pairs_with_gaps(void **state)
{
    (void)state;
    const double a[] = {1, NOTHING, 3, ENDLESS, 5}, b[] = {1, 2, NOTHING, 4, 5}, flat[] = {2, 2, 2, 2, 2};
    pair_sums sums = {0}, constant = {0};
    pair_sums_add(&sums, a, b, 5);
    assert_int_equal(sums.n, 2);
    assert_true(pair_sums_error(&sums) == 0 && pair_sums_correlation(&sums) == 1);
    pair_sums_add(&constant, b, flat, 5);
    assert_true(isnan(pair_sums_correlation(&constant)));
}

static void test_moments(void **state)
{
    (void)state;
    moments m = {0}, none = {0};
    const double values[] = {1e9, 1e9 + 2, NOTHING, 1e9, 1e9 + 2};
    moments_add(&m, values, 5);
    assert_true(m.n == 4 && moments_variance(&m) == 1);
    assert_true(isnan(moments_variance(&none)));
}

/* A walk through spans in pieces meets every sample of them once, in order, however the pieces are cut. */
static void test_spans(void **state)
{
    (void)state;
    span all[] = {{2, 3, PART_FREE}, {5, 1, PART_SCAN}, {20, 30, PART_SCAN}, {60, 5, PART_FREE}};
    const span_list spans = {all, 4};
    for (int64_t block = 1; block <= 70; block++) {
        int64_t at = 0, seen[SCAN_PARTS] = {0}, last = -1;
        for (int64_t first = 0; first < 70; first += block) {
            span_piece piece;
            const int64_t end = first + block < 70 ? first + block : 70;
            for (int64_t from = first; span_next(&spans, &at, from, end - from, &piece);
                 from = piece.first + piece.count) {
                assert_true(piece.first > last && piece.first >= first && piece.first + piece.count <= end);
                last = piece.first + piece.count - 1;
                seen[piece.part] += piece.count;
            }
        }
        assert_int_equal(seen[PART_SCAN], 31);
        assert_int_equal(seen[PART_FREE], 8);
    }
    assert_int_equal(span_longest(&spans, PART_SCAN), 30);
    assert_int_equal(span_longest(&(span_list){0}, PART_SCAN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median),  cmocka_unit_test(test_means),
        cmocka_unit_test(test_ratios),  cmocka_unit_test(test_signal_to_residue),
        cmocka_unit_test(test_pairs),   cmocka_unit_test(test_pairs_with_gaps),
        cmocka_unit_test(test_moments), cmocka_unit_test(test_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
