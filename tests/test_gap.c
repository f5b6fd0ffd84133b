/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Missing samples: what stands for them, and that a stream sees the same as the whole.
 */
#include "math/gap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define X ((double)NAN)

static const gap_before nothing = {0};

static void expect(const double *samples, int64_t n, int64_t reach, const double *expected)
{
    double filled[32];
    gap_fill_samples(nothing, samples, n, n, reach, filled);
    for (int64_t i = 0; i < n; i++) assert_true(fabs(filled[i] - expected[i]) < 1e-15);
}

static void short_gaps_are_lines(void **state)
{
    (void)state;
    expect((double[]){1, X, X, 4, (double)INFINITY, 6}, 6, 2, (double[]){1, 2, 3, 4, 5, 6});
}

static void long_gaps_hold_then_run(void **state)
{
    (void)state;
    expect((double[]){2, X, X, X, X, 8}, 6, 2, (double[]){2, 2, 2, 4, 6, 8});
}

static void ends_hold(void **state)
{
    (void)state;
    expect((double[]){X, X, 5, X, X}, 5, 1, (double[]){5, 5, 5, 5, 5});
    expect((double[]){X, X, X}, 3, 9, (double[]){0, 0, 0});
}

static void what_is_before_counts(void **state)
{
    (void)state;
    double samples[] = {X, X, 8}, filled[3];
    gap_before before = {.value = 2, .age = 1};
    gap_fill_samples(before, samples, 3, 3, 9, filled);
    assert_true(fabs(filled[0] - 4) < 1e-15 && fabs(filled[1] - 6) < 1e-15);
    before = gap_move_on(before, samples, 2);
    assert_true(before.value == 2 && before.age == 3);
    before = gap_move_on(before, samples, 3);
    assert_true(before.value == 8 && before.age == 1);
    assert_int_equal(gap_move_on(nothing, samples, 2).age, 0);
}

/* Any window with `reach` samples of look-ahead fills as the whole does. */
static void windows_fill_as_the_whole(void **state)
{
    (void)state;
    enum { N = 60, REACH = 5 };
    double samples[N], whole[N], part[N];
    for (int i = 0; i < N; i++) samples[i] = sin(i) + (double)i;
    for (int i = 10; i < 13; i++) samples[i] = X;
    for (int i = 20; i < 41; i++) samples[i] = X;
    gap_fill_samples(nothing, samples, N, N, REACH, whole);
    for (int start = 1; start < N - REACH; start++)
        for (int count = 1; start + count + REACH <= N; count++) {
            gap_before before = gap_move_on(nothing, samples, start);
            gap_fill_samples(before, samples + start, count, count + REACH, REACH, part);
            for (int i = 0; i < count; i++) assert_true(fabs(part[i] - whole[start + i]) < 1e-13);
        }
}

static void copying_sees_what_is_missing(void **state)
{
    (void)state;
    double samples[9] = {0, -1e308, 5e-324, 3, 4, 5, 6, 7, 8}, copy[9];
    assert_false(gap_copy_samples(samples, 9, copy));
    assert_memory_equal(samples, copy, sizeof copy);
    assert_int_equal(gap_find_last(samples, 9), -1);
    for (int i = 0; i < 9; i++) {
        double kept = samples[i];
        samples[i] = i % 2 ? X : -(double)INFINITY;
        assert_true(gap_copy_samples(samples, 9, copy));
        assert_int_equal(gap_find_last(samples, 9), i);
        samples[i] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_gaps_are_lines),
        cmocka_unit_test(long_gaps_hold_then_run),
        cmocka_unit_test(ends_hold),
        cmocka_unit_test(what_is_before_counts),
        cmocka_unit_test(windows_fill_as_the_whole),
        cmocka_unit_test(copying_sees_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
