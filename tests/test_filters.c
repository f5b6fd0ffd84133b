/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The steps highpass, lowpass, bandpass and notch: what they keep, what they remove, what they refuse.
 */
#include "drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_step lmp_step_highpass, lmp_step_lowpass, lmp_step_bandpass, lmp_step_notch;

static const int64_t blocks[] = {5000, 0};

static drive_signals tone(double hz, double rate_hz, int64_t n)
{
    drive_signals made = drive_new(1, n, rate_hz);
    for (int64_t i = 0; i < n; i++) made.lanes[0][i] = sin(2 * M_PI * hz * (double)i / rate_hz + 0.3);
    return made;
}

/* Amplitude of the tone that is left in the middle half, and the largest difference to `kept` times the input there. */
static void measure(const lmp_step *step, const char *settings, double hz, double *left, double *changed)
{
    double rate_hz = 1000.0;
    drive_signals in = tone(hz, rate_hz, 40000), out;
    lmp_error err = {0};
    if (drive_step(step, settings, &in, blocks, &out, &err) != LMP_OK) fail_msg("%s", err.text);
    *left = *changed = 0;
    for (int64_t i = 10000; i < 30000; i++) {
        *left = fmax(*left, fabs(out.lanes[0][i]));
        *changed = fmax(*changed, fabs(out.lanes[0][i] - in.lanes[0][i]));
    }
    drive_free(&in);
    drive_free(&out);
}

static void expect_kept(const lmp_step *step, const char *settings, double hz)
{
    double left, changed;
    measure(step, settings, hz, &left, &changed);
    if (!(changed < 1e-3)) fail_msg("%s %s changes %g Hz by %g", step->name, settings, hz, changed);
}

/* Removed by 50 dB. */
static void expect_gone(const lmp_step *step, const char *settings, double hz)
{
    double left, changed;
    measure(step, settings, hz, &left, &changed);
    if (!(left < 3.17e-3)) fail_msg("%s %s leaves %g of %g Hz", step->name, settings, left, hz);
}

static void tones_are_kept_or_removed(void **state)
{
    (void)state;
    expect_kept(&lmp_step_highpass, "hz=1", 3);
    expect_kept(&lmp_step_highpass, "hz=1", 300);
    expect_gone(&lmp_step_highpass, "hz=4", 1.5);
    expect_kept(&lmp_step_lowpass, "hz=70", 50);
    expect_gone(&lmp_step_lowpass, "hz=70", 90);
    expect_gone(&lmp_step_lowpass, "hz=70 transition-hz=5", 76);
    expect_kept(&lmp_step_bandpass, "low-hz=8 high-hz=12", 10);
    expect_gone(&lmp_step_bandpass, "low-hz=8 high-hz=12", 5);
    expect_gone(&lmp_step_bandpass, "low-hz=8 high-hz=12", 15.5);
    expect_kept(&lmp_step_notch, "hz=50,100", 30);
    expect_kept(&lmp_step_notch, "hz=50,100", 75);
    expect_gone(&lmp_step_notch, "hz=100,50", 50);
    expect_gone(&lmp_step_notch, "hz=50,100", 100);
}

static void butterworth_does_so_too(void **state)
{
    (void)state;
    expect_kept(&lmp_step_highpass, "hz=1 method=butterworth", 4);
    expect_gone(&lmp_step_highpass, "hz=4 method=butterworth", 1);
    expect_kept(&lmp_step_lowpass, "hz=70 method=butterworth", 20);
    expect_gone(&lmp_step_lowpass, "hz=70 method=butterworth order=8", 120);
    expect_kept(&lmp_step_bandpass, "low-hz=2 high-hz=100 method=butterworth", 15);
    expect_gone(&lmp_step_bandpass, "low-hz=8 high-hz=12 method=butterworth", 30);
    expect_gone(&lmp_step_notch, "hz=50,100 width-hz=2 method=butterworth", 50);
    expect_gone(&lmp_step_notch, "hz=50,100 width-hz=2 method=butterworth", 100);
    expect_kept(&lmp_step_notch, "hz=50,100 method=butterworth", 30);
}

static void constants_are_unharmed(void **state)
{
    (void)state;
    static const char *const methods[] = {"method=fir", "method=butterworth"};
    for (int m = 0; m < 2; m++) {
        drive_signals in = drive_new(2, 20000, 500.0), out;
        for (int64_t i = 0; i < in.n_times; i++) in.lanes[0][i] = 1e5;
        drive_all_cuts(&lmp_step_lowpass, methods[m], &in, &out);
        for (int64_t i = 0; i < in.n_times; i++) {
            assert_true(fabs(out.lanes[0][i] - 1e5) < 1e-6);
            assert_true(out.lanes[1][i] == 0.0);
        }
        drive_free(&out);
        drive_all_cuts(&lmp_step_highpass, methods[m], &in, &out);
        for (int64_t i = 0; i < in.n_times; i++) assert_true(fabs(out.lanes[0][i]) < 1e-6 && out.lanes[1][i] == 0.0);
        drive_free(&out);
        drive_free(&in);
    }
}

static void same_bits_however_cut(void **state)
{
    (void)state;
    static const struct {
        const lmp_step *step;
        const char *settings;
    } cases[] = {{&lmp_step_highpass, "hz=2"},
                 {&lmp_step_lowpass, "hz=40"},
                 {&lmp_step_bandpass, "method=butterworth"},
                 {&lmp_step_notch, "hz=50 transition-hz=2"}};
    static const int64_t lengths[] = {1, 300, 25000, 70000};
    for (int c = 0; c < 4; c++)
        for (int l = 0; l < 4; l++) {
            drive_signals in = tone(7, 1000, lengths[l]), out;
            drive_all_cuts(cases[c].step, cases[c].settings, &in, &out);
            assert_int_equal(out.n_times, lengths[l]);
            drive_free(&in);
            drive_free(&out);
        }
}

/* Missing samples stay where they are, and the rest stays near what it would have been. */
static void missing_samples_do_not_spread(void **state)
{
    (void)state;
    static const char *const methods[] = {"method=fir", "method=butterworth"};
    for (int m = 0; m < 2; m++) {
        drive_signals in = tone(3, 1000, 30000), whole, out;
        lmp_error err = {0};
        assert_int_equal(drive_step(&lmp_step_highpass, methods[m], &in, blocks, &whole, &err), LMP_OK);
        for (int64_t i = 15000; i < 15010; i++) in.lanes[0][i] = (double)(i % 2 ? NAN : INFINITY);
        drive_all_cuts(&lmp_step_highpass, methods[m], &in, &out);
        for (int64_t i = 0; i < 30000; i++) {
            assert_int_equal(isnan(out.lanes[0][i]), i >= 15000 && i < 15010);
            if (!isnan(out.lanes[0][i])) assert_true(fabs(out.lanes[0][i] - whole.lanes[0][i]) < 1e-3);
        }
        drive_free(&in);
        drive_free(&out);
        drive_free(&whole);
    }
}

static void only_chosen_channels_are_filtered(void **state)
{
    (void)state;
    static const lmp_role roles[] = {LMP_ROLE_EEG, LMP_ROLE_STIM, LMP_ROLE_ECG};
    drive_signals in = drive_new(3, 9000, 500.0), out;
    in.roles = roles;
    for (int64_t i = 0; i < in.n_times; i++)
        for (int64_t lane = 0; lane < 3; lane++) in.lanes[lane][i] = (double)(i % 100);
    drive_all_cuts(&lmp_step_lowpass, "hz=1", &in, &out);
    assert_true(fabs(out.lanes[0][4500] - 49.5) < 0.1 && fabs(out.lanes[2][4500] - 49.5) < 0.1);
    assert_memory_equal(out.lanes[1], in.lanes[1], 9000 * sizeof(double));
    drive_free(&out);
    drive_all_cuts(&lmp_step_lowpass, "hz=1 channels=ecg", &in, &out);
    assert_memory_equal(out.lanes[0], in.lanes[0], 9000 * sizeof(double));
    assert_true(fabs(out.lanes[2][4500] - 49.5) < 0.1);
    drive_free(&out);
    drive_free(&in);
}

static void expect_refusal(const lmp_step *step, const char *settings, double rate_hz, const char *part)
{
    drive_signals in = drive_new(1, 1000, rate_hz);
    const char *text = drive_refusal(step, settings, &in);
    if (!strstr(text, part)) fail_msg("%s %s is refused with: %s", step->name, settings, text);
    drive_free(&in);
}

static void impossible_filters_are_refused(void **state)
{
    (void)state;
    expect_refusal(&lmp_step_lowpass, "hz=70", 0, "sampling rate");
    expect_refusal(&lmp_step_lowpass, "hz=125", 250, "125 Hz");
    expect_refusal(&lmp_step_highpass, "hz=900", 250, "lower frequency");
    expect_refusal(&lmp_step_highpass, "hz=900 method=butterworth", 250, "lower frequency");
    expect_refusal(&lmp_step_bandpass, "low-hz=40 high-hz=30", 250, "lower frequency first");
    expect_refusal(&lmp_step_highpass, "hz=1 transition-hz=2", 250, "transition-hz");
    expect_refusal(&lmp_step_highpass, "hz=1e-5", 5000, "method=butterworth");
    expect_refusal(&lmp_step_highpass, "hz=1e-6 method=butterworth", 5000, "rings too long");
    expect_refusal(&lmp_step_notch, "hz=50,51", 1000, "touch");
    expect_refusal(&lmp_step_notch, "hz=50 width-hz=120", 1000, "does not fit");
    expect_refusal(&lmp_step_notch, "hz=50 width-hz=120 method=butterworth", 1000, "smaller width");
    expect_refusal(&lmp_step_lowpass, "channels=stim", 1000, "channels=stim");
    drive_signals in = drive_new(1, 1000, 1000.0);
    assert_string_equal(drive_refusal(&lmp_step_notch, "hz=50,100,150", &in), "");
    drive_free(&in);
}

static void too_many_notches_are_refused(void **state)
{
    (void)state;
    char settings[500] = "hz=10";
    for (int i = 1; i < 70; i++)
        snprintf(settings + strlen(settings), sizeof settings - strlen(settings), ",%d", 10 + 5 * i);
    expect_refusal(&lmp_step_notch, settings, 5000, "64");
    snprintf(settings, sizeof settings, "hz=10");
    for (int i = 1; i < 30; i++)
        snprintf(settings + strlen(settings), sizeof settings - strlen(settings), ",%d", 10 + 5 * i);
    strcat(settings, " order=12 method=butterworth");
    expect_refusal(&lmp_step_notch, settings, 5000, "sections");
}

static void no_memory_is_reported(void **state)
{
    (void)state;
    drive_signals in = tone(7, 1000, 30000);
    drive_all_faults(&lmp_step_highpass, "", &in);
    drive_all_faults(&lmp_step_highpass, "method=butterworth", &in);
    drive_free(&in);
}

static void empty_recordings_pass(void **state)
{
    (void)state;
    drive_signals in = drive_new(1, 0, 1000.0), out;
    drive_all_cuts(&lmp_step_lowpass, "", &in, &out);
    assert_int_equal(out.n_times, 0);
    drive_free(&out);
    drive_all_cuts(&lmp_step_lowpass, "method=butterworth", &in, &out);
    drive_free(&out);
    drive_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_are_kept_or_removed),      cmocka_unit_test(butterworth_does_so_too),
        cmocka_unit_test(constants_are_unharmed),         cmocka_unit_test(same_bits_however_cut),
        cmocka_unit_test(missing_samples_do_not_spread),  cmocka_unit_test(only_chosen_channels_are_filtered),
        cmocka_unit_test(impossible_filters_are_refused), cmocka_unit_test(too_many_notches_are_refused),
        cmocka_unit_test(no_memory_is_reported),          cmocka_unit_test(empty_recordings_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
