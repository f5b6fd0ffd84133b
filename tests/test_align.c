/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step align against known times: slices and volumes under simulated EEG, rounded and jittering triggers, clocks
 * that differ and drift, several scans, channels that are of no use; the same bits for any cuts.
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

extern const lmp_step lmp_step_align;

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_WORDS   ((const char *const[]){NULL})
#define RATE_HZ    5000.0
#define PERIOD     357.17

enum { MOST_EPOCHS = 1000, HARMONICS = 40, LANES = 6 };

static uint64_t seed = 1;

/* xorshift (Marsaglia 2003) */
static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2.0 * log(uniform() + 1e-300)) * cos(2.0 * M_PI * uniform());
}

/* ---- A scan ---- */

typedef struct scan {
    double truth[MOST_EPOCHS], recorded[MOST_EPOCHS];
    int64_t n;
    trigger_input in;
    lmp_event events[MOST_EPOCHS];
} scan;

static double *lane(scan *s, int64_t i)
{
    return (double *)(uintptr_t)s->in.lanes[i];
}

/* Slow EEG of 10 uV and white noise of 1 uV. */
static double *make_eeg(int64_t n)
{
    double *x = malloc((size_t)n * sizeof *x), slow = 0.0;
    assert_non_null(x);
    for (int64_t i = 0; i < n; i++) {
        slow = 0.995 * slow + normal();
        x[i] = slow + normal() + 4000.0;
    }
    return x;
}

/* A periodic waveform of 40 harmonics that fall with the root of their number. Peak about 1. */
static double waveform(double u)
{
    static double phase_cos[HARMONICS], phase_sin[HARMONICS];
    double c = cos(2.0 * M_PI * u), s = sin(2.0 * M_PI * u), re = 1.0, im = 0.0, sum = 0.0;
    for (int h = 0; h < HARMONICS; h++) {
        if (phase_cos[h] == 0.0) {
            double phase = 2.0 * M_PI * fmod(0.618034 * (h + 1) * (h + 1), 1.0);
            phase_cos[h] = cos(phase) / sqrt(h + 1.0);
            phase_sin[h] = sin(phase) / sqrt(h + 1.0);
        }
        double turned = re * c - im * s;
        im = re * s + im * c;
        re = turned;
        sum += re * phase_cos[h] - im * phase_sin[h];
    }
    return sum / 8.0;
}

/* One epoch's artifact from `start` on, for `length` samples; its waveform lasts `period`. */
static void add_epoch(scan *s, double start, double length, double period, double peak_uv)
{
    for (int64_t i = (int64_t)ceil(start); (double)i < start + length && i < s->in.n_times; i++) {
        double value = peak_uv * waveform(((double)i - start) / period);
        for (int64_t l = 0; l < s->in.n_lanes; l++) lane(s, l)[i] += value * (0.5 + (double)(l % 4) / 4.0);
    }
}

static void set_events(scan *s)
{
    for (int64_t i = 0; i < s->n; i++)
        s->events[i] = (lmp_event){.onset_s = s->recorded[i] / RATE_HZ, .label = TRIGGER_LABEL};
    s->in.events = s->events;
    s->in.n_events = s->n;
}

typedef double clock_curve(double k);

static double steady(double k)
{
    return 5000.31 + PERIOD * (1.0 + 20e-6) * k;
}

static double drifting(double k)
{
    return 5000.31 + PERIOD * (k + 20e-6 * k * k / 600.0);
}

static double wandering(double k)
{
    return 5000.31 + PERIOD * k + 20e-6 * PERIOD * 600.0 / (2.0 * M_PI) * sin(2.0 * M_PI * k / 600.0);
}

/* 300 slices from clock curve `f`; recorded times jitter by up to `jitter` before they are rounded. */
static scan *make_scan(clock_curve *f, int64_t n, double jitter, double peak_uv)
{
    scan *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->n = n;
    for (int64_t k = 0; k < n; k++) {
        s->truth[k] = f((double)k);
        s->recorded[k] = rint(s->truth[k] + jitter * (2.0 * uniform() - 1.0));
    }
    s->in = (trigger_input){.rate_hz = RATE_HZ, .n_lanes = LANES, .n_times = (int64_t)s->truth[n - 1] + 6000};
    for (int64_t lane = 0; lane < LANES; lane++) s->in.lanes[lane] = make_eeg(s->in.n_times);
    for (int64_t k = 0; k < n; k++) {
        double length = k + 1 < n ? s->truth[k + 1] - s->truth[k] : PERIOD;
        add_epoch(s, s->truth[k], length, length, peak_uv);
    }
    set_events(s);
    return s;
}

static void free_scan(scan *s)
{
    for (int64_t lane = 0; lane < s->in.n_lanes; lane++) free((double *)(uintptr_t)s->in.lanes[lane]);
    free(s);
}

static trigger_output run(const scan *s, const char *const *words)
{
    trigger_output out;
    lmp_error err = {.text = ""};
    lmp_status status = trigger_drive(&lmp_step_align, words, &s->in, 4096, &out, &err);
    if (status != LMP_OK) print_message("%s\n", err.text);
    assert_int_equal(status, LMP_OK);
    return out;
}

/* rms error of times, without a constant, which does no harm. */
static double error_of(const scan *s, const trigger_output *out)
{
    double mean = 0.0, square = 0.0;
    assert_int_equal(out->n, s->n);
    for (int64_t i = 0; i < s->n; i++) mean += (out->times[i] - s->truth[i]) / (double)s->n;
    for (int64_t i = 0; i < s->n; i++) square += pow(out->times[i] - s->truth[i] - mean, 2.0) / (double)s->n;
    return sqrt(square);
}

static double run_error(const scan *s, const char *const *words)
{
    trigger_output out = run(s, words);
    double error = error_of(s, &out);
    trigger_output_clear(&out);
    return error;
}

/* ---- Accuracy ---- */

static void times_are_found(void **state)
{
    static const struct {
        const char *name;
        clock_curve *f;
        double jitter, fit, refined;
    } cases[] = {
        {"rounded", steady, 0.0, 0.006, 0.001},
        {"rounded, clock drifts", drifting, 0.0, 0.02, 0.003},
        {"rounded, clock wanders", wandering, 0.0, 0.06, 0.01},
        {"jitter 2", steady, 2.0, 0.2, 0.001},
        {"jitter 5", steady, 5.0, 0.5, 0.001},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        scan *s = make_scan(cases[c].f, 600, cases[c].jitter, 1500.0);
        double fit = run_error(s, WORDS("refine=no")), refined = run_error(s, NO_WORDS);
        print_message("%-24s error rms: fitted %.4f, refined %.4f samples\n", cases[c].name, fit, refined);
        assert_true(fit < cases[c].fit);
        assert_true(refined < cases[c].refined);
        free_scan(s);
    }
}

/* Weak artifacts: the better the signal, the more it counts, and never is it worse than the fit by much. */
static void weak_artifacts_do_no_harm(void **state)
{
    (void)state;
    for (double peak_uv = 300.0; peak_uv > 0.5; peak_uv /= 3.0) {
        scan *s = make_scan(steady, 600, 0.0, peak_uv);
        double fit = run_error(s, WORDS("refine=no")), refined = run_error(s, NO_WORDS);
        print_message("%6.1f uV: fitted %.4f, refined %.4f samples\n", peak_uv, fit, refined);
        assert_true(refined < fmax(fit, 0.02));
        free_scan(s);
    }
}

/* A scanner that jitters itself: the epochs are followed, which a straight line cannot. */
static void real_jitter_is_followed(void **state)
{
    scan *s = calloc(1, sizeof *s), *steady_one = make_scan(steady, 400, 0.0, 0.0);
    (void)state;
    assert_non_null(s);
    *s = *steady_one;
    for (int64_t k = 0; k < s->n; k++) {
        s->truth[k] += 0.1 * normal();
        s->recorded[k] = rint(s->truth[k]);
        add_epoch(s, s->truth[k], 350.0, PERIOD, 1500.0);
    }
    set_events(s);
    trigger_output out = run(s, NO_WORDS);
    double fit = run_error(s, WORDS("refine=no"));
    print_message("jitter 0.1 of the scanner: fitted %.4f, refined %.4f samples\n", fit, error_of(s, &out));
    assert_true(fit > 0.08);
    assert_true(error_of(s, &out) < 0.02);
    assert_true(fabs(trigger_record_number(out.record, "jitter_us") - 20.0) < 4.0);
    trigger_output_clear(&out);
    free(steady_one);
    free_scan(s);
}

/* Two scans whose clocks stand at different fractions of a sample, with volumes; each rounded block is off by a
 * constant of its own, which only the data can tell. */
static void scans_are_brought_together(void **state)
{
    scan *s = calloc(1, sizeof *s);
    (void)state;
    assert_non_null(s);
    s->n = 40;
    for (int64_t k = 0; k < 40; k++) {
        s->truth[k] = 3000.31 + 5000.0 * (double)k + (k >= 15 ? 12000.4 : 0.0);
        s->recorded[k] = rint(s->truth[k]);
    }
    s->in = (trigger_input){.rate_hz = RATE_HZ, .n_lanes = LANES, .n_times = 225000};
    for (int64_t l = 0; l < LANES; l++) s->in.lanes[l] = make_eeg(s->in.n_times);
    for (int64_t k = 0; k < 40; k++) add_epoch(s, s->truth[k], 13.0 * PERIOD, PERIOD, 1500.0); /* 13 slices, a pause */
    set_events(s);
    double fit = run_error(s, WORDS("refine=no"));
    trigger_output out = run(s, NO_WORDS);
    print_message("two scans of volumes: fitted %.4f, refined %.4f samples\n", fit, error_of(s, &out));
    assert_true(fit > 0.15);
    assert_true(error_of(s, &out) < 0.003);
    assert_true(trigger_record_number(out.record, "blocks") == 2.0);
    assert_true(fabs(trigger_record_number(out.record, "block_period_s") - 1.0) < 1e-7);
    assert_true(fabs(trigger_record_number(out.record, "clock_ppm")) < 0.1);
    trigger_output_clear(&out);
    free_scan(s);
}

/* ---- Promises ---- */

static void the_cuts_do_not_matter(void **state)
{
    static const int64_t cuts[] = {0, 1, 97, 100000};
    scan *s = make_scan(steady, 120, 2.0, 1500.0);
    trigger_output whole = run(s, NO_WORDS), cut;
    lmp_error err;
    (void)state;
    assert_true(whole.learns && whole.events_pending);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(trigger_drive(&lmp_step_align, NO_WORDS, &s->in, cuts[i], &cut, &err), LMP_OK);
        assert_int_equal(cut.n, whole.n);
        assert_memory_equal(cut.times, whole.times, (size_t)whole.n * sizeof(double));
        assert_string_equal(cut.record, whole.record);
        trigger_output_clear(&cut);
    }
    trigger_output_clear(&whole);
    for (int64_t nth = 1; nth < LANES + 3; nth++)
        assert_true(trigger_drive_fault(&lmp_step_align, NO_WORDS, &s->in, nth) == (nth > LANES));
    free_scan(s);
}

static void bad_channels_are_left_aside(void **state)
{
    scan *s = make_scan(steady, 300, 0.0, 1500.0);
    (void)state;
    for (int64_t i = 0; i < s->in.n_times; i++) {
        lane(s, 0)[i] = 12.5;              /* flat */
        lane(s, 1)[i] = 5000.0 * normal(); /* not connected */
        if (i % 100000 < 90000) lane(s, 2)[i] = (double)NAN;
        if (i > 40000 && i < 45000) lane(s, 3)[i] = (double)INFINITY;
    }
    trigger_output out = run(s, NO_WORDS);
    double error = error_of(s, &out);
    print_message("two good channels of six: refined %.4f samples\n", error);
    assert_true(error < 0.002);
    assert_null(strstr(out.record, "A0"));
    assert_null(strstr(out.record, "A1"));
    assert_non_null(strstr(out.record, "A5"));
    assert_non_null(strstr(out.record, "\"warnings\": []"));
    trigger_output_clear(&out);
    free_scan(s);
}

static void without_artifact_the_fit_stands(void **state)
{
    scan *s = make_scan(steady, 300, 0.0, 0.0);
    trigger_output fit = run(s, WORDS("refine=no")), out = run(s, NO_WORDS);
    (void)state;
    assert_memory_equal(out.times, fit.times, (size_t)fit.n * sizeof(double));
    assert_non_null(strstr(out.record, "none of the 6 channels"));
    trigger_output_clear(&out);
    for (int64_t l = 0; l < LANES; l++) memset(lane(s, l), 0, (size_t)s->in.n_times * sizeof(double));
    out = run(s, NO_WORDS);
    assert_memory_equal(out.times, fit.times, (size_t)fit.n * sizeof(double));
    trigger_output_clear(&out);
    for (int64_t l = 0; l < LANES; l++) lane(s, l)[0] = (double)NAN;
    s->in.n_lanes = 0;
    out = run(s, NO_WORDS);
    assert_memory_equal(out.times, fit.times, (size_t)fit.n * sizeof(double));
    assert_non_null(strstr(out.warnings, "no channel"));
    assert_false(out.learns);
    s->in.n_lanes = LANES;
    trigger_output_clear(&out);
    trigger_output_clear(&fit);
    free_scan(s);
}

/* Epochs that begin before or end behind the recording are fitted, not measured. */
static void epochs_may_stick_out(void **state)
{
    scan *s = make_scan(steady, 100, 0.0, 1500.0);
    (void)state;
    for (int64_t k = 0; k < s->n; k++) {
        s->truth[k] -= 5000.0;
        s->recorded[k] -= 5000.0;
    }
    for (int64_t l = 0; l < LANES; l++)
        memmove(lane(s, l), lane(s, l) + 5000, (size_t)(s->in.n_times - 5000) * sizeof(double));
    s->in.n_times = (int64_t)s->truth[s->n - 1] + 100;
    set_events(s);
    trigger_output out = run(s, NO_WORDS);
    assert_true(error_of(s, &out) < 0.003);
    assert_true(trigger_record_number(out.record, "measured") == 98.0);
    trigger_output_clear(&out);
    free_scan(s);
}

static void few_triggers_are_only_fitted(void **state)
{
    scan *s = make_scan(steady, 10, 0.0, 1500.0);
    (void)state;
    s->in.n_events = s->n = 0;
    assert_non_null(strstr(trigger_refusal(&lmp_step_align, NO_WORDS, &s->in),
                           "align needs triggers: put the step triggers before it"));
    for (s->n = 1; s->n <= 3; s->n++) {
        s->in.n_events = s->n;
        trigger_output out = run(s, NO_WORDS);
        assert_int_equal(out.n, s->n);
        assert_false(out.learns);
        assert_non_null(strstr(out.warnings, "only fitted"));
        for (int64_t i = 0; i < s->n; i++) assert_true(fabs(out.times[i] - s->recorded[i]) < 0.51);
        trigger_output_clear(&out);
    }
    s->n = 10;
    for (int64_t i = 0; i < s->n; i++) s->recorded[i] = 5000.0;
    set_events(s);
    trigger_output out = run(s, NO_WORDS);
    assert_int_equal(out.n, 1);
    trigger_output_clear(&out);
    s->in.events_pending = true; /* planned again later: this time for what is not known yet */
    s->in.n_events = 0;
    assert_string_equal(trigger_refusal(&lmp_step_align, NO_WORDS, &s->in), "");
    free_scan(s);
}

static void what_fits_no_lattice_is_said(void **state)
{
    scan *s = make_scan(steady, 200, 0.0, 1500.0);
    (void)state;
    assert_non_null(strstr(trigger_refusal(&lmp_step_align, WORDS("channel=Pz"), &s->in), "channel=Pz fits none"));
    s->events[100].onset_s += 0.03;
    trigger_output out = run(s, WORDS("channel=A3"));
    assert_int_equal(out.n, 199);
    assert_non_null(strstr(out.warnings, "1 triggers fit no regular distance"));
    assert_non_null(strstr(out.warnings, "put complete-triggers before align"));
    assert_non_null(strstr(out.record, "\"channels\": \"A3\""));
    trigger_output_clear(&out);
    for (int64_t i = 0; i < s->n; i++) s->events[i].onset_s = 1e-3 * (double)(i * i);
    assert_non_null(strstr(trigger_refusal(&lmp_step_align, NO_WORDS, &s->in), "no regular distance"));
    free_scan(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_found),
        cmocka_unit_test(weak_artifacts_do_no_harm),
        cmocka_unit_test(real_jitter_is_followed),
        cmocka_unit_test(scans_are_brought_together),
        cmocka_unit_test(the_cuts_do_not_matter),
        cmocka_unit_test(bad_channels_are_left_aside),
        cmocka_unit_test(without_artifact_the_fit_stands),
        cmocka_unit_test(epochs_may_stick_out),
        cmocka_unit_test(few_triggers_are_only_fitted),
        cmocka_unit_test(what_fits_no_lattice_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
