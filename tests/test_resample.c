/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The steps resample, upsample and downsample: tones at their new times, nothing folded back, exact counts.
 */
#include "drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_step lmp_step_resample, lmp_step_upsample, lmp_step_downsample;

static const int64_t blocks[] = {5000, 0};

static drive_signals tone(double hz, double rate_hz, int64_t n)
{
    drive_signals made = drive_new(1, n, rate_hz);
    for (int64_t i = 0; i < n; i++) made.lanes[0][i] = 50.0 + sin(2 * M_PI * hz * (double)i / rate_hz + 0.3);
    return made;
}

/* A tone in the pass band comes out as the same tone at the new times: 1e-6, except near the ends. */
static void expect_tone(const lmp_step *step, const char *settings, double hz, double rate_hz, double new_rate_hz)
{
    drive_signals in = tone(hz, rate_hz, (int64_t)(rate_hz * 12)), out;
    lmp_error err = {0};
    if (drive_step(step, settings, &in, blocks, &out, &err) != LMP_OK) fail_msg("%s", err.text);
    assert_true(fabs(out.rate_hz / new_rate_hz - 1) < 1e-12);
    assert_int_equal(out.n_times, (int64_t)floor((double)in.n_times * new_rate_hz / rate_hz + 0.5));
    double worst = 0;
    for (int64_t m = out.n_times / 5; m < out.n_times * 4 / 5; m++)
        worst = fmax(worst, fabs(out.lanes[0][m] - 50.0 - sin(2 * M_PI * hz * (double)m / new_rate_hz + 0.3)));
    if (!(worst < 1e-6)) fail_msg("%s %s: %g Hz off by %g", step->name, settings, hz, worst);
    drive_free(&in);
    drive_free(&out);
}

static void tones_keep_their_times(void **state)
{
    (void)state;
    expect_tone(&lmp_step_resample, "rate=250", 100, 5000, 250);
    expect_tone(&lmp_step_resample, "rate=5000", 900, 2048, 5000);
    expect_tone(&lmp_step_resample, "rate=512", 228, 5000, 512);
    expect_tone(&lmp_step_resample, "rate=499.5", 10, 500, 499.5);
    expect_tone(&lmp_step_resample, "rate=500", 77, 500, 500);
    expect_tone(&lmp_step_upsample, "factor=10", 400, 1000, 10000);
    expect_tone(&lmp_step_downsample, "factor=20", 110, 5000, 250);
    expect_tone(&lmp_step_downsample, "factor=2", 0.5, 250, 125);
}

/* Tones above half the new rate are gone: 100 dB. */
static void nothing_folds_back(void **state)
{
    (void)state;
    static const double tones_hz[] = {125.0, 130.0, 240.0, 260.0, 1111.0, 2400.0};
    for (int t = 0; t < 6; t++) {
        drive_signals in = tone(tones_hz[t], 5000, 60000), out;
        lmp_error err = {0};
        assert_int_equal(drive_step(&lmp_step_downsample, "factor=20", &in, blocks, &out, &err), LMP_OK);
        for (int64_t m = 600; m < 2400; m++) assert_true(fabs(out.lanes[0][m] - 50.0) < 1e-5);
        drive_free(&in);
        drive_free(&out);
    }
}

static void up_and_down_again_is_the_same(void **state)
{
    (void)state;
    drive_signals in = drive_new(1, 20001, 1000), up, down;
    for (int k = 1; k < 40; k++)
        for (int64_t i = 0; i < in.n_times; i++) in.lanes[0][i] += sin(2 * M_PI * 11.0 * k * (double)i / 1000 + k * k);
    drive_all_cuts(&lmp_step_upsample, "factor=4", &in, &up);
    drive_all_cuts(&lmp_step_downsample, "factor=4", &up, &down);
    assert_int_equal(down.n_times, in.n_times);
    for (int64_t i = 500; i < in.n_times - 500; i++) assert_true(fabs(down.lanes[0][i] - in.lanes[0][i]) < 1e-5);
    drive_free(&in);
    drive_free(&up);
    drive_free(&down);
}

static void same_bits_however_cut(void **state)
{
    (void)state;
    static const char *const rates[] = {"rate=250", "rate=333", "rate=1024", "rate=7000"};
    static const int64_t lengths[] = {1, 5, 999, 25001};
    for (int r = 0; r < 4; r++)
        for (int l = 0; l < 4; l++) {
            drive_signals in = tone(7, 1000, lengths[l]), out;
            if (lengths[l] == 1 && r < 2) {
                assert_non_null(strstr(drive_refusal(&lmp_step_resample, rates[r], &in), "higher rate"));
            } else {
                drive_all_cuts(&lmp_step_resample, rates[r], &in, &out);
                drive_free(&out);
            }
            drive_free(&in);
        }
}

static void constants_are_unharmed(void **state)
{
    (void)state;
    drive_signals in = drive_new(2, 5000, 1000), out;
    for (int64_t i = 0; i < in.n_times; i++) in.lanes[0][i] = -1e5;
    drive_all_cuts(&lmp_step_resample, "rate=700", &in, &out);
    for (int64_t m = 0; m < out.n_times; m++) {
        assert_true(fabs(out.lanes[0][m] + 1e5) < 1e-6);
        assert_true(out.lanes[1][m] == 0.0);
    }
    drive_free(&in);
    drive_free(&out);
}

static void codes_and_slow_channels_are_held(void **state)
{
    (void)state;
    static const lmp_role roles[] = {LMP_ROLE_EEG, LMP_ROLE_STIM, LMP_ROLE_SLOW};
    drive_signals in = drive_new(3, 40000, 5000), out;
    in.roles = roles;
    in.lanes[1][777] = 5;
    for (int64_t i = 0; i < in.n_times; i++) in.lanes[2][i] = (double)(i / 5000);
    drive_all_cuts(&lmp_step_downsample, "factor=20", &in, &out);
    for (int64_t m = 0; m < out.n_times; m++) {
        assert_true(out.lanes[1][m] == (m == 777 / 20 ? 5 : 0));
        assert_true(out.lanes[2][m] == (double)(m / 250));
    }
    drive_free(&in);
    drive_free(&out);
}

static void missing_samples_do_not_spread(void **state)
{
    (void)state;
    drive_signals in = tone(7, 1000, 20000), out;
    in.lanes[0][5000] = (double)NAN;
    drive_all_cuts(&lmp_step_upsample, "factor=2", &in, &out);
    for (int64_t m = 0; m < out.n_times; m++) assert_int_equal(isnan(out.lanes[0][m]), m == 9999 || m == 10000);
    drive_free(&in);
    drive_free(&out);
}

static void impossible_rates_are_refused(void **state)
{
    (void)state;
    drive_signals in = drive_new(1, 100000, 5000), unknown = drive_new(1, 100, 0);
    assert_non_null(strstr(drive_refusal(&lmp_step_upsample, "", &unknown), "sampling rate"));
    assert_non_null(strstr(drive_refusal(&lmp_step_resample, "rate=100", &unknown), "sampling rate"));
    assert_non_null(strstr(drive_refusal(&lmp_step_resample, "", &in), "rate"));
    assert_non_null(strstr(drive_refusal(&lmp_step_resample, "rate=1e9", &in), "two steps"));
    assert_non_null(strstr(drive_refusal(&lmp_step_resample, "rate=0.001", &in), ""));
    assert_non_null(strstr(drive_refusal(&lmp_step_downsample, "factor=0", &in), "factor"));
    /* pi is no fraction of small numbers, but near enough to one. */
    assert_string_equal(drive_refusal(&lmp_step_resample, "rate=3.14159265358979", &in), "");
    drive_free(&in);
    drive_free(&unknown);
}

static void no_memory_is_reported(void **state)
{
    (void)state;
    drive_signals in = tone(7, 1000, 3000);
    drive_all_faults(&lmp_step_resample, "rate=250", &in);
    drive_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_keep_their_times),        cmocka_unit_test(nothing_folds_back),
        cmocka_unit_test(up_and_down_again_is_the_same), cmocka_unit_test(same_bits_however_cut),
        cmocka_unit_test(constants_are_unharmed),        cmocka_unit_test(codes_and_slow_channels_are_held),
        cmocka_unit_test(missing_samples_do_not_spread), cmocka_unit_test(impossible_rates_are_refused),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
