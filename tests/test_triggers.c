/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The steps triggers, complete-triggers and slice-triggers: what they find, keep, repair and refuse.
 */
#include "signal/trigger_lattice.h"
#include "trigger_drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_step lmp_step_triggers, lmp_step_complete_triggers, lmp_step_slice_triggers;

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_WORDS   ((const char *const[]){NULL})

enum { MOST = 3000 };

/* ---- Recordings ---- */

static lmp_event events[MOST];

/* 100 s at 1000 Hz; the events are those added since. */
static trigger_input start(void)
{
    return (trigger_input){.rate_hz = 1000.0, .n_times = 100000, .n_lanes = 2, .events = events};
}

static void add(trigger_input *in, const char *label, double first_s, double period_s, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        events[in->n_events++] = (lmp_event){.onset_s = first_s + (double)i * period_s, .label = label, .code = 7};
}

static trigger_output run(const lmp_step *step, const char *const *words, const trigger_input *in)
{
    trigger_output out;
    lmp_error err = {.text = ""};
    lmp_status status = trigger_drive(step, words, in, 0, &out, &err);
    if (status != LMP_OK) print_message("%s\n", err.text);
    assert_int_equal(status, LMP_OK);
    return out;
}

static void check_refusal(const lmp_step *step, const char *const *words, const trigger_input *in, const char *part)
{
    const char *text = trigger_refusal(step, words, in);
    if (strstr(text, part) == NULL) print_message("\"%s\" lacks \"%s\"\n", text, part);
    assert_non_null(strstr(text, part));
}

/* ---- triggers: events ---- */

static void a_label_is_found_and_the_rest_stays(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, "Stimulus/S  1", 5.0, 2.0, 40);
    add(&in, "button", 6.1, 7.3, 10);
    trigger_output out = run(&lmp_step_triggers, WORDS("pattern=S  1"), &in);
    assert_int_equal(out.n, 40);
    assert_int_equal(out.n_events, 90);
    assert_false(out.learns);
    assert_true(fabs(out.times[3] - 11000.0) < 1e-6);
    assert_true(trigger_record_number(out.record, "triggers") == 40.0);
    assert_true(fabs(trigger_record_number(out.record, "period_s") - 2.0) < 1e-9);
    trigger_output_clear(&out);
    out = run(&lmp_step_triggers, WORDS("/^S/"), &in); /* a bare word is the pattern */
    assert_int_equal(out.n, 40);
    trigger_output_clear(&out);
    out = run(&lmp_step_triggers, WORDS("S*", "offset-s=-0.0005"), &in);
    assert_true(fabs(out.times[0] - 4999.5) < 1e-6);
    trigger_output_clear(&out);
}

static void the_scanner_is_found_alone(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, "R", 0.4, 0.8, 3);
    add(&in, "R", 3.0, 0.93, 30);
    for (int64_t i = 3; i < 33; i++) events[i].onset_s += 0.04 * sin((double)i);
    add(&in, "S  8", 5.0, 2.0, 40);
    trigger_output out = run(&lmp_step_triggers, NO_WORDS, &in);
    assert_int_equal(out.n, 40);
    assert_non_null(strstr(out.record, "S  8"));
    trigger_output_clear(&out);
}

/* Done twice, the triggers of the first time are replaced, not doubled. */
static void triggers_do_not_pile_up(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, TRIGGER_LABEL, 5.2, 2.0, 41);
    add(&in, "S  8", 5.0, 2.0, 40);
    trigger_output out = run(&lmp_step_triggers, WORDS("S  8"), &in);
    assert_int_equal(out.n, 40);
    assert_int_equal(out.n_events, 80);
    assert_true(fabs(out.times[0] - 5000.0) < 1e-6);
    trigger_output_clear(&out);
    out = run(&lmp_step_triggers, WORDS(TRIGGER_LABEL), &in);
    assert_int_equal(out.n, 41);
    trigger_output_clear(&out);
}

static void what_lies_outside_is_left_out(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, "S  8", 91.0, 2.0, 20);
    trigger_output out = run(&lmp_step_triggers, WORDS("S  8"), &in);
    assert_int_equal(out.n, 5);
    assert_non_null(strstr(out.warnings, "15 triggers lie outside"));
    trigger_output_clear(&out);
}

static void refusals_say_what_to_change(void **state)
{
    trigger_input in = start();
    (void)state;
    check_refusal(&lmp_step_triggers, NO_WORDS, &in, "the recording has no events");
    add(&in, "a", 1.0, 3.3, 3);
    add(&in, "b", 1.1, 50.0, 1);
    for (int i = 0; i < 5; i++) add(&in, (const char *[]){"c", "d", "e", "f", "g"}[i], 2.0, 1.0, 2);
    check_refusal(&lmp_step_triggers, NO_WORDS, &in, "pattern=");
    check_refusal(&lmp_step_triggers, WORDS("S  1"), &in, "'a' (3), 'c' (2), 'd' (2), 'e' (2), 'f' (2) and 2 more");
    check_refusal(&lmp_step_triggers, WORDS("b"), &in, "one trigger");
    check_refusal(&lmp_step_triggers, WORDS("a", "offset-s=1000"), &in, "all 3 triggers");
    check_refusal(&lmp_step_triggers, WORDS("a", "channel=A1"), &in, "not both");
    check_refusal(&lmp_step_triggers, WORDS("channel=Cz"), &in, "there is no channel Cz");
    check_refusal(&lmp_step_triggers, WORDS("channel=A*"), &in, "fits 2 channels");
    check_refusal(&lmp_step_triggers, WORDS("first-s=3"), &in, "period-s");
    check_refusal(&lmp_step_triggers, WORDS("period-s=3"), &in, "first-s");
    check_refusal(&lmp_step_triggers, WORDS("period-s=0.001", "first-s=0"), &in, "two samples");
    check_refusal(&lmp_step_triggers, WORDS("period-s=1", "first-s=200"), &in, "behind the end");
    check_refusal(&lmp_step_triggers, WORDS("period-s=1", "first-s=1", "last-s=3", "count=3"), &in, "not both");
    in.rate_hz = 0.0;
    check_refusal(&lmp_step_triggers, WORDS("a"), &in, "--rate");
}

/* Labels of any bytes and lengths go into the sentence without harm. */
static void long_labels_are_cut_whole(void **state)
{
    static char label[600];
    trigger_input in = start();
    (void)state;
    memset(label, 'x', sizeof label - 1);
    for (size_t i = 1; i + 2 < sizeof label; i += 2) memcpy(label + i, "\xc3\xa4", 2); /* x, then umlauts */
    add(&in, label, 1.0, 1.0, 2);
    const char *text = trigger_refusal(&lmp_step_triggers, WORDS("nothing"), &in);
    const char *cut = strstr(text, "' (2)");
    assert_non_null(cut);
    assert_true(cut[-1] == '\xa4' && cut[-2] == '\xc3');
}

static void pending_events_are_waited_for(void **state)
{
    trigger_input in = start();
    (void)state;
    in.events_pending = true;
    assert_string_equal(trigger_refusal(&lmp_step_triggers, NO_WORDS, &in), "");
    assert_string_equal(trigger_refusal(&lmp_step_triggers, WORDS("S  1"), &in), "");
    assert_string_equal(trigger_refusal(&lmp_step_complete_triggers, NO_WORDS, &in), "");
    assert_string_equal(trigger_refusal(&lmp_step_slice_triggers, WORDS("3"), &in), "");
}

/* ---- triggers: by hand ---- */

static void triggers_by_hand(void **state)
{
    trigger_input in = start();
    (void)state;
    trigger_output out = run(&lmp_step_triggers, WORDS("period-s=2.0004", "first-s=10"), &in);
    assert_int_equal(out.n, 44); /* the last leaves a whole period: 10 + 43 * 2.0004 = 96.0172 */
    assert_true(fabs(out.times[43] - 96017.2) < 1e-6);
    trigger_output_clear(&out);
    out = run(&lmp_step_triggers, WORDS("period-s=0.1", "first-s=1", "last-s=2.3"), &in);
    assert_int_equal(out.n, 14);
    trigger_output_clear(&out);
    out = run(&lmp_step_triggers, WORDS("period-s=0.1", "first-s=1", "count=5", "offset-s=0.01"), &in);
    assert_int_equal(out.n, 5);
    assert_true(fabs(out.times[4] - 1410.0) < 1e-6);
    trigger_output_clear(&out);
}

/* ---- triggers: a stim channel ---- */

static double stim[100000];

/* Code 2 every 50 samples, 1 for every tenth of them, high bits that are no code, a stray 9, and a hole. */
static trigger_input start_stim(void)
{
    trigger_input in = start();
    for (int64_t i = 0; i < in.n_times; i++) {
        int64_t phase = (i - 4000) % 50, number = (i - 4000) / 50;
        bool is_on = i >= 4000 && i < 94000 && phase < 5;
        stim[i] = 65536.0 * 3.0 + (is_on ? number % 10 == 0 ? 1.0 : 2.0 : 0.0);
    }
    stim[50020] = 65536.0 * 3.0 + 9.0;
    stim[60003] = (double)NAN;
    in.lanes[0] = in.lanes[1] = stim;
    in.roles[1] = LMP_ROLE_STIM;
    return in;
}

static void a_stim_channel_is_read(void **state)
{
    trigger_input in = start_stim();
    trigger_output out;
    lmp_error err;
    (void)state;
    static const int64_t cuts[] = {0, 7, 1000};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(trigger_drive(&lmp_step_triggers, WORDS("channel=A1", "code=2,1"), &in, cuts[i], &out, &err),
                         LMP_OK);
        assert_true(out.learns);
        assert_int_equal(out.n, 1800);
        assert_true(out.times[0] == 4000.0 && fabs(out.times[1] - 4050.0) < 1e-9);
        trigger_output_clear(&out);
    }
    /* Without codes: the one that is regular; without anything: the only stim channel. */
    out = run(&lmp_step_triggers, NO_WORDS, &in);
    assert_int_equal(out.n, 1620);
    assert_non_null(strstr(out.record, "code 2"));
    trigger_output_clear(&out);
    out = run(&lmp_step_triggers, WORDS("channel=A1", "code=9,1", "mask=15"), &in);
    assert_int_equal(out.n, 181);
    trigger_output_clear(&out);
    for (int64_t i = 1; i < 20; i++) assert_true(trigger_drive_fault(&lmp_step_triggers, NO_WORDS, &in, i) == (i > 2));
}

static void stim_channels_are_refused_in_words(void **state)
{
    static double noise[100000], flat[100000];
    trigger_input in = start_stim();
    trigger_output out;
    lmp_error err;
    (void)state;
    assert_int_equal(trigger_drive(&lmp_step_triggers, WORDS("channel=A1", "code=77"), &in, 0, &out, &err),
                     LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "'2' (1620), '1' (180), '9' (1)"));
    in.lanes[1] = flat;
    assert_int_equal(trigger_drive(&lmp_step_triggers, NO_WORDS, &in, 0, &out, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "never changes"));
    for (int64_t i = 0; i < 100000; i++) noise[i] = i == 500 ? 1.0 : 0.0;
    in.lanes[1] = noise;
    assert_int_equal(trigger_drive(&lmp_step_triggers, NO_WORDS, &in, 0, &out, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "one trigger"));
}

/* A measurement instead of codes stops before it fills the memory. */
static void a_noisy_channel_is_no_trigger_channel(void **state)
{
    int64_t n = 300000;
    double *noise = malloc((size_t)n * sizeof *noise);
    trigger_input in = start();
    trigger_output out;
    lmp_error err;
    (void)state;
    assert_non_null(noise);
    for (int64_t i = 0; i < n; i++) noise[i] = (double)(i % 1000) + 1.0;
    in.n_times = n;
    in.lanes[0] = noise;
    assert_int_equal(trigger_drive(&lmp_step_triggers, WORDS("channel=A0"), &in, 0, &out, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "no trigger channel"));
    free(noise);
}

/* ---- complete-triggers ---- */

static void losses_are_repaired_and_strangers_dropped(void **state)
{
    trigger_input in = start();
    double period = 71.434; /* samples */
    (void)state;
    add(&in, "stimulus", 1.0, 9.0, 10);
    for (int64_t k = 0; k < 1000; k++)
        if (k != 100 && (k < 500 || k > 507))
            add(&in, TRIGGER_LABEL, rint(5000.3 + period * (double)k) / 1000.0, 1.0, 1);
    add(&in, TRIGGER_LABEL, 30.0, 1.0, 1);
    add(&in, TRIGGER_LABEL, 2.0, 1.0, 1);
    trigger_output out = run(&lmp_step_complete_triggers, NO_WORDS, &in);
    assert_int_equal(out.n, 1000);
    assert_int_equal(out.n_events, 1010);
    for (int64_t k = 0; k < 1000; k++) assert_true(fabs(out.times[k] - 5000.3 - period * (double)k) < 0.51);
    for (int64_t k = 500; k <= 507; k++) assert_true(fabs(out.times[k] - 5000.3 - period * (double)k) < 0.15);
    assert_true(trigger_record_number(out.record, "missing_added") == 9.0);
    assert_true(trigger_record_number(out.record, "extra_removed") == 2.0);
    assert_true(trigger_record_number(out.record, "removed_s") == 2.0);
    assert_true(trigger_record_number(out.record, "blocks") == 1.0);
    assert_true(fabs(trigger_record_number(out.record, "period_s") - 0.071434) < 1e-6);
    trigger_output_clear(&out);
}

static void pauses_stay_pauses(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, TRIGGER_LABEL, 5.0, 0.07, 300);
    add(&in, TRIGGER_LABEL, 5.0 + 310.37 * 0.07, 0.07, 300);
    trigger_output out = run(&lmp_step_complete_triggers, NO_WORDS, &in);
    assert_int_equal(out.n, 600);
    assert_true(trigger_record_number(out.record, "blocks") == 2.0);
    assert_true(trigger_record_number(out.record, "block_first_s") == 5.0);
    trigger_output_clear(&out);
}

static void few_or_odd_triggers(void **state)
{
    trigger_input in = start();
    (void)state;
    check_refusal(&lmp_step_complete_triggers, NO_WORDS, &in, "put the step triggers before it");
    add(&in, TRIGGER_LABEL, 5.0, 2.0, 1);
    for (int64_t n = 1; n <= 3; n++) {
        trigger_output out = run(&lmp_step_complete_triggers, NO_WORDS, &in);
        assert_int_equal(out.n, n);
        trigger_output_clear(&out);
        add(&in, TRIGGER_LABEL, 5.0 + 2.0 * (double)n, 1.0, 1);
    }
    in.n_events = 0;
    add(&in, TRIGGER_LABEL, 5.0, 0.0, 50); /* all at one time */
    trigger_output out = run(&lmp_step_complete_triggers, NO_WORDS, &in);
    assert_int_equal(out.n, 1);
    assert_non_null(strstr(out.warnings, "49 too many"));
    trigger_output_clear(&out);
    in.n_events = 0;
    add(&in, TRIGGER_LABEL, 5.0, 0.004, 50);
    check_refusal(&lmp_step_complete_triggers, NO_WORDS, &in, "too close");
    in.n_events = 0;
    for (int64_t i = 0; i < 40; i++) add(&in, TRIGGER_LABEL, 0.01 * (double)(i * i), 1.0, 1);
    check_refusal(&lmp_step_complete_triggers, NO_WORDS, &in, "no regular distance");
}

/* ---- slice-triggers ---- */

static void volumes_become_slices(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, "R128", 5.0, 2.0, 20);
    add(&in, TRIGGER_LABEL, 5.0, 2.0, 20);
    trigger_output out = run(&lmp_step_slice_triggers, WORDS("28"), &in);
    assert_int_equal(out.n, 560);
    assert_int_equal(out.n_events, 580);
    for (int64_t i = 0; i < 560; i++) assert_true(fabs(out.times[i] - 5000.0 - 2000.0 / 28.0 * (double)i) < 1e-6);
    assert_true(fabs(trigger_record_number(out.record, "slice_s") - 2.0 / 28.0) < 1e-9);
    trigger_output_clear(&out);
    out = run(&lmp_step_slice_triggers, WORDS("slices=10", "pause-s=0.5", "relative-position=0.03"), &in);
    assert_int_equal(out.n, 200);
    assert_true(fabs(out.times[0] - (5000.0 - 4.5)) < 1e-6);
    assert_true(fabs(out.times[11] - (7000.0 + 0.97 * 150.0)) < 1e-6);
    trigger_output_clear(&out);
}

static void slices_end_with_the_volume_and_the_recording(void **state)
{
    trigger_input in = start();
    (void)state;
    add(&in, TRIGGER_LABEL, 5.0, 2.0, 10);
    add(&in, TRIGGER_LABEL, 24.0, 2.0, 10); /* the tenth volume was cut short */
    trigger_output out = run(&lmp_step_slice_triggers, WORDS("20"), &in);
    assert_int_equal(out.n, 390);
    trigger_output_clear(&out);
    in.n_events = 0;
    add(&in, TRIGGER_LABEL, 91.0, 2.0, 5);
    out = run(&lmp_step_slice_triggers, WORDS("20"), &in);
    assert_int_equal(out.n, 90);
    assert_non_null(strstr(out.warnings, "10 slices lie outside"));
    trigger_output_clear(&out);
}

static void slices_that_cannot_be_are_refused(void **state)
{
    trigger_input in = start();
    (void)state;
    check_refusal(&lmp_step_slice_triggers, WORDS("20"), &in, "put the step triggers before it");
    check_refusal(&lmp_step_slice_triggers, NO_WORDS, &in, "slices");
    add(&in, TRIGGER_LABEL, 5.0, 2.0, 1);
    check_refusal(&lmp_step_slice_triggers, WORDS("20"), &in, "at least two");
    add(&in, TRIGGER_LABEL, 7.0, 2.0, 9);
    check_refusal(&lmp_step_slice_triggers, WORDS("20", "pause-s=2"), &in, "longer than the volume");
    check_refusal(&lmp_step_slice_triggers, WORDS("1000"), &in, "2 samples each");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_is_found_and_the_rest_stays),
        cmocka_unit_test(the_scanner_is_found_alone),
        cmocka_unit_test(triggers_do_not_pile_up),
        cmocka_unit_test(what_lies_outside_is_left_out),
        cmocka_unit_test(refusals_say_what_to_change),
        cmocka_unit_test(long_labels_are_cut_whole),
        cmocka_unit_test(pending_events_are_waited_for),
        cmocka_unit_test(triggers_by_hand),
        cmocka_unit_test(a_stim_channel_is_read),
        cmocka_unit_test(stim_channels_are_refused_in_words),
        cmocka_unit_test(a_noisy_channel_is_no_trigger_channel),
        cmocka_unit_test(losses_are_repaired_and_strangers_dropped),
        cmocka_unit_test(pauses_stay_pauses),
        cmocka_unit_test(few_or_odd_triggers),
        cmocka_unit_test(volumes_become_slices),
        cmocka_unit_test(slices_end_with_the_volume_and_the_recording),
        cmocka_unit_test(slices_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
