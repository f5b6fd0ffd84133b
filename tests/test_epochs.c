/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of epochs: starts, who owns which sample, pauses, refusals; and the ring that their samples wait in.
 */
#include "core/stream.h"
#include "signal/epochs.h"
#include "signal/sample_ring.h"
#include "signal/trigger_lattice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 200 };

typedef struct triggers {
    lmp_event events[MOST];
    int64_t n;
} triggers;

static void add_trigger(triggers *t, double samples)
{
    t->events[t->n++] = (lmp_event){.onset_s = samples / 1000.0, .label = TRIGGER_LABEL};
}

static lmp_status make(const triggers *t, int64_t n_times, epoch_table **table, lmp_error *err)
{
    const lmp_stream stream = {
        .format = {.kind = LMP_SIGNALS, .rate_hz = 1000.0, .n_times = n_times}, .events = t->events, .n_events = t->n};
    return epochs_new("test", &stream, NULL, table, err);
}

static void regular_triggers_follow_each_other(void **state)
{
    triggers t = {0};
    epoch_table *table;
    (void)state;
    for (int i = 0; i < 50; i++) add_trigger(&t, 100.25 + 40.3 * i);
    t.events[t.n++] = (lmp_event){.onset_s = 0.5, .label = "Stimulus/S  1"};
    assert_int_equal(make(&t, 5000, &table, NULL), LMP_OK);
    assert_int_equal(table->n, 50);
    assert_int_equal(table->n_scans, 1);
    assert_int_equal(table->length, 41);
    assert_true(fabs(table->period - 40.3) < 1e-6);
    for (int64_t i = 0; i < table->n; i++) {
        const scan_epoch *e = &table->epochs[i];
        assert_true(fabs((double)e->whole + e->fraction - (100.25 + 40.3 * (double)i)) < 1e-6);
        assert_true(e->fraction >= 0.0 && e->fraction < 1.0 && e->is_inside);
        if (i > 0) assert_int_equal(e->begin, table->epochs[i - 1].end);
        assert_int_equal(e->is_first, i == 0);
        assert_int_equal(e->is_last, i == 49);
    }
    epochs_free(table, NULL);
}

/* However triggers jitter, no sample has two owners. */
static void no_sample_has_two_owners(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 200; seed++) {
        triggers t = {0};
        epoch_table *table;
        double at = 60.0;
        srand(seed);
        for (int i = 0; i < 60; i++) {
            add_trigger(&t, at);
            at += 30.0 + (rand() % 100) / 10.0 - 5.0 + (rand() % 7 == 0 ? rand() % 12 : 0);
        }
        assert_int_equal(make(&t, 400 + rand() % 2200, &table, NULL), LMP_OK);
        int64_t end = 0;
        for (int64_t i = 0; i < table->n; i++) {
            const scan_epoch *e = &table->epochs[i];
            assert_true(e->begin >= end);
            assert_true(e->end > e->begin);
            end = e->end;
            assert_true(end <= table->n_times);
            assert_true((double)(e->end - e->begin) <= table->period + 2.0);
        }
        epochs_free(table, NULL);
    }
}

static void pauses_divide_scans(void **state)
{
    triggers t = {0};
    epoch_table *table;
    (void)state;
    for (int i = 0; i < 10; i++) add_trigger(&t, 100.0 + 50.0 * i);
    for (int i = 0; i < 10; i++) add_trigger(&t, 603.0 + 50.0 * i); /* three samples after the end */
    for (int i = 0; i < 10; i++) add_trigger(&t, 5000.0 + 50.0 * i);
    assert_int_equal(make(&t, 10000, &table, NULL), LMP_OK);
    assert_int_equal(table->n_scans, 3);
    assert_int_equal(table->epochs[9].end, 600);
    assert_int_equal(table->epochs[10].begin, 603);
    assert_int_equal(epochs_pause_after(table, 19), 5000 - 1103);
    assert_int_equal(table->epochs[20].scan, 2);
    assert_true(table->epochs[20].is_first && table->epochs[19].is_last && !table->epochs[18].is_last);
    epochs_free(table, NULL);
}

/* What the recording does not hold whole is known as such, and no epoch asks for samples beyond the end. */
static void ends_of_the_recording_are_known(void **state)
{
    triggers t = {0};
    epoch_table *table;
    (void)state;
    add_trigger(&t, -70.0);
    for (int i = 0; i < 20; i++) add_trigger(&t, -0.25 + 50.0 * i);
    for (int i = 0; i < 3; i++) add_trigger(&t, 1010.0 + 50.0 * i);
    add_trigger(&t, 412.0); /* a stray one */
    assert_int_equal(make(&t, 980, &table, NULL), LMP_OK);
    assert_int_equal(table->n, 20);
    assert_int_equal(table->n_outside, 4);
    assert_int_equal(table->n_dropped, 1);
    assert_int_equal(table->epochs[0].begin, 0);
    assert_false(table->epochs[0].is_inside);
    assert_true(table->epochs[5].is_inside);
    assert_false(table->epochs[19].is_inside);
    assert_int_equal(table->epochs[19].end, 980);
    assert_int_equal(epochs_need(table, 19), 980);
    epochs_free(table, NULL);
}

static void expect_refusal(const triggers *t, int64_t n_times, const char *part)
{
    epoch_table *table = NULL;
    lmp_error err = {0};
    assert_int_not_equal(make(t, n_times, &table, &err), LMP_OK);
    assert_null(table);
    if (strstr(err.text, part) == NULL) fail_msg("\"%s\" lacks \"%s\"", err.text, part);
}

static void useless_triggers_are_refused(void **state)
{
    triggers none = {0}, few = {0}, close = {0}, outside = {0}, tail = {0};
    (void)state;
    for (int i = 0; i < 3; i++) add_trigger(&few, 100.0 * i);
    for (int i = 0; i < 20; i++) add_trigger(&close, 5.0 * i);
    for (int i = 0; i < 20; i++) add_trigger(&outside, 1e6 + 50.0 * i);
    for (int i = 0; i < 20; i++) add_trigger(&tail, 900.0 + 50.0 * i);
    expect_refusal(&none, 1000, "put the step triggers before it");
    expect_refusal(&few, 1000, "at least 4 triggers");
    expect_refusal(&close, 1000, "too close");
    expect_refusal(&outside, 1000, "outside the recording");
    expect_refusal(&tail, 1000, "at least 4 epochs inside");
    tail.events[0].onset_s = -1e300;
    tail.events[1].onset_s = 1e300;
    tail.events[2].onset_s = nan("");
    expect_refusal(&tail, 1000, "outside the recording");
}

static void a_ring_holds_what_it_was_given(void **state)
{
    double memory[64], in[200], out[64], taken[64];
    float single[64], change[64];
    sample_ring ring;
    (void)state;
    for (int i = 0; i < 200; i++) in[i] = i + 0.5;
    for (int i = 0; i < 64; i++) change[i] = 1.0F;
    carve place = {.memory = (char *)memory};
    sample_ring_carve(&ring, 50, &place);
    for (int64_t at = 0; at < 200; at += 20) {
        sample_ring_drop(&ring, at - 30);
        sample_ring_put(&ring, in + at, 20);
        const int64_t first = at < 30 ? 0 : at - 30, count = at + 20 - first;
        sample_ring_copy(&ring, first, count, out);
        assert_memory_equal(out, in + first, (size_t)count * sizeof *out);
        assert_true(sample_ring_copy_single(&ring, first - 3, count + 6, 0.0, single));
        for (int64_t i = 0; i < count + 6; i++)
            assert_true((double)single[i] == (i < 3 || i >= count + 3 ? 0.0 : in[first + i - 3]));
    }
    sample_ring_subtract(&ring, 155, 40, change);
    sample_ring_copy(&ring, 150, 50, taken);
    for (int i = 0; i < 50; i++) assert_true(taken[i] == in[150 + i] - (i >= 5 && i < 45 ? 1.0 : 0.0));
}

/* A NaN keeps its payload, and its neighbours are subtracted from. */
static void a_ring_leaves_missing_samples_alone(void **state)
{
    double memory[64], in[40], out[40];
    float single[40], change[40];
    uint64_t payload = 0x7ff8dead0000beefU;
    sample_ring ring;
    (void)state;
    for (int i = 0; i < 40; i++) in[i] = i, change[i] = 2.0F;
    memcpy(&in[17], &payload, sizeof payload);
    in[23] = -HUGE_VAL;
    in[24] = 1e300; /* finite, but not in single precision */
    carve place = {.memory = (char *)memory};
    sample_ring_carve(&ring, 64, &place);
    sample_ring_put(&ring, in, 40);
    sample_ring_subtract(&ring, 10, 20, change);
    sample_ring_copy(&ring, 0, 40, out);
    assert_memory_equal(&out[17], &payload, sizeof payload);
    assert_true(out[23] == -HUGE_VAL && out[16] == 14.0 && out[18] == 16.0 && out[9] == 9.0 && out[30] == 30.0);
    assert_false(sample_ring_copy_single(&ring, 0, 40, 0.0, single));
    assert_true(sample_ring_copy_single(&ring, 0, 17, 0.0, single));
    assert_false(sample_ring_copy_single(&ring, 24, 3, 0.0, single));
}

/* Epochs [100 + 40 i - 35, 100 + 40 i + 40 + 36): those that a stretch touches are marked, once. */
static void marked_epochs_are_found(void **state)
{
    triggers t = {0};
    epoch_table *table;
    lmp_error err = {0};
    (void)state;
    for (int i = 0; i < 20; i++) add_trigger(&t, 100.0 + 40.0 * i);
    t.events[t.n++] = (lmp_event){.onset_s = 0.400, .duration_s = 0.040, .label = "BAD_a"};
    t.events[t.n++] = (lmp_event){.onset_s = 0.410, .duration_s = 0.010, .label = "BAD_b"};
    t.events[t.n++] = (lmp_event){.onset_s = 0.700, .duration_s = 0.0, .label = "BAD_c"};
    t.events[t.n++] = (lmp_event){.onset_s = 0.800, .duration_s = 0.100, .label = "good"};
    const lmp_stream stream = {
        .format = {.kind = LMP_SIGNALS, .rate_hz = 1000.0, .n_times = 1000}, .events = t.events, .n_events = t.n};
    assert_int_equal(make(&t, 1000, &table, NULL), LMP_OK);
    assert_int_equal(epochs_skip("test", &stream, "", table, &err), LMP_OK);
    assert_int_equal(table->n_skipped, 0);
    assert_int_equal(epochs_skip("test", &stream, "BAD*", table, &err), LMP_OK);
    for (int64_t i = 0; i < table->n; i++)
        assert_int_equal(table->epochs[i].is_skipped, 100 + 40 * i + 76 > 400 && 100 + 40 * i - 35 < 440);
    assert_int_equal(table->n_skipped, 4);
    t.events[20].onset_s = 0.0;
    t.events[20].duration_s = 0.75;
    assert_int_equal(epochs_skip("test", &stream, "BAD*", table, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "skip=BAD*"));
    epochs_free(table, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regular_triggers_follow_each_other),
        cmocka_unit_test(no_sample_has_two_owners),
        cmocka_unit_test(pauses_divide_scans),
        cmocka_unit_test(marked_epochs_are_found),
        cmocka_unit_test(ends_of_the_recording_are_known),
        cmocka_unit_test(useless_triggers_are_refused),
        cmocka_unit_test(a_ring_holds_what_it_was_given),
        cmocka_unit_test(a_ring_leaves_missing_samples_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
