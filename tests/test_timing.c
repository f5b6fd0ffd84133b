/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Blocks, volumes and parts without scanning from the times of triggers.
 */
#include "score/timing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NONE ((double)NAN)

static timing made;

static int clear(void **state)
{
    (void)state;
    timing_clear(&made);
    return 0;
}

static void test_one_block(void **state)
{
    (void)state;
    double onset_s[100];
    for (int i = 0; i < 100; i++) onset_s[99 - i] = 5 + 0.07 * i; /* in any order */
    assert_int_equal(timing_make(onset_s, 100, NONE, 60, &made, NULL), LMP_OK);
    assert_int_equal(made.n_epochs, 100);
    assert_int_equal(made.n_blocks, 1);
    assert_int_equal(made.slices_per_volume, 0);
    assert_true(made.onset_s[0] == 5 && fabs(made.period_s - 0.07) < 1e-12 && made.length_s == made.period_s);
    assert_true(made.blocks[0].first_s == 5 && fabs(made.blocks[0].last_s - 12) < 1e-9);
    timing_set_slices(&made, 20, false);
    assert_true(fabs(made.volume_s - 1.4) < 1e-9);
}

/* Two scans, a missing trigger, a spurious one, and jitter: the blocks and the period come out all the same. */
static void test_faults_in_triggers(void **state)
{
    (void)state;
    double onset_s[220];
    int n = 0;
    for (int block = 0; block < 2; block++)
        for (int i = 0; i < 100; i++)
            if (i != 40) onset_s[n++] = 3 + block * 20 + 0.1 * i + (i % 3 - 1) * 1e-4;
    onset_s[n++] = 5.033;
    onset_s[n++] = -1;  /* outside */
    onset_s[n++] = 1e9; /* outside */
    onset_s[n++] = NONE;
    assert_int_equal(timing_make(onset_s, n, 0.09, 40, &made, NULL), LMP_OK);
    assert_int_equal(made.n_epochs, 199);
    assert_int_equal(made.n_blocks, 2);
    assert_true(fabs(made.period_s - 0.1) < 1e-4 && made.length_s == 0.09);
    assert_true(fabs(made.blocks[1].first_s - 23) < 1e-3 && fabs(made.blocks[1].last_s - 32.99) < 1e-3);
}

/* Ten slices of 60 ms, then a pause of 200 ms: volumes of 0.8 s; blocks are farther apart. */
static void test_volumes(void **state)
{
    (void)state;
    double onset_s[600];
    int n = 0;
    for (int block = 0; block < 2; block++)
        for (int volume = 0; volume < 30; volume++)
            for (int slice = 0; slice < 10; slice++) onset_s[n++] = 2 + block * 40 + 0.8 * volume + 0.06 * slice;
    assert_int_equal(timing_make(onset_s, n, NONE, 100, &made, NULL), LMP_OK);
    assert_int_equal(made.n_blocks, 2);
    assert_int_equal(made.slices_per_volume, 10);
    assert_true(fabs(made.period_s - 0.06) < 1e-9 && fabs(made.volume_s - 0.8) < 1e-9);
}

static void test_epochs_are_volumes(void **state)
{
    (void)state;
    double onset_s[10];
    for (int i = 0; i < 10; i++) onset_s[i] = 2 * i;
    assert_int_equal(timing_make(onset_s, 10, NONE, 20, &made, NULL), LMP_OK);
    timing_set_slices(&made, 25, true);
    assert_true(made.slices_per_volume == 25 && isnan(made.volume_s));
}

static void test_refusals(void **state)
{
    (void)state;
    lmp_error err = {0};
    const double one[] = {1, NONE}, same[] = {3, 3, 3};
    assert_int_equal(timing_make(one, 2, NONE, 10, &made, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "two at least"));
    assert_int_equal(timing_make(same, 3, NONE, 10, &made, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "same time"));
    assert_int_equal(timing_make(NULL, 0, NONE, 10, &made, &err), LMP_ERR_INPUT);
    assert_null(made.onset_s);
}

/* Spans are cut to the recording and keep their distance from the scan; a cropped result starts later. */
static void test_spans(void **state)
{
    (void)state;
    const double onset_s[] = {2, 2.5, 3, 3.5, 8, 8.5, 9, 9.5};
    span_list spans;
    assert_int_equal(timing_make(onset_s, 8, NONE, 12, &made, NULL), LMP_OK);
    assert_int_equal(span_list_make(&made, 0, 100, 1200, &spans, NULL), LMP_OK);
    static const span expected[] = {{0, 190, PART_FREE},
                                    {200, 200, PART_SCAN},
                                    {410, 380, PART_FREE},
                                    {800, 200, PART_SCAN},
                                    {1010, 190, PART_FREE}};
    assert_int_equal(spans.count, 5);
    for (int i = 0; i < 5; i++) {
        assert_true(llabs(spans.all[i].first - expected[i].first) <= 1);
        assert_true(llabs(spans.all[i].count - expected[i].count) <= 1);
        assert_int_equal(spans.all[i].part, expected[i].part);
    }
    span_list_clear(&spans);
    assert_int_equal(span_list_make(&made, 3, 100, 550, &spans, NULL), LMP_OK);
    assert_int_equal(spans.count, 3);
    assert_true(spans.all[0].first == 0 && spans.all[0].part == PART_SCAN && spans.all[0].count == 100);
    assert_true(spans.all[2].first + spans.all[2].count == 550);
    span_list_clear(&spans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_one_block, clear), cmocka_unit_test_teardown(test_faults_in_triggers, clear),
        cmocka_unit_test_teardown(test_volumes, clear),   cmocka_unit_test_teardown(test_epochs_are_volumes, clear),
        cmocka_unit_test_teardown(test_refusals, clear),  cmocka_unit_test_teardown(test_spans, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
