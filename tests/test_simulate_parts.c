/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_simulate_parts.c: the pieces of the EEG-fMRI simulator, each against its own promise.
 */
#include "simulate/gradient_waveform.h"
#include "simulate/noise.h"
#include "simulate/oscillator.h"
#include "simulate/pink_noise.h"
#include "simulate/pulse_train.h"
#include "simulate/scan.h"
#include "simulate/trigger_faults.h"

#include "math/fft.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(value, wanted, tolerance)                                                                          \
    do {                                                                                                               \
        const double near_value = (value), near_wanted = (wanted);                                                     \
        if (!(fabs(near_value - near_wanted) <= (tolerance)))                                                          \
            fail_msg("%s is %.12g, not %.12g within %g", #value, near_value, near_wanted, (double)(tolerance));        \
    } while (0)

static double *new_doubles(int64_t n)
{
    double *values = aligned_alloc(64, ((size_t)n * sizeof *values + 63) / 64 * 64);
    assert_non_null(values);
    memset(values, 0, (size_t)n * sizeof *values);
    return values;
}

/* ---- Noise ---- */

static void noise_is_a_function_of_its_place(void **state)
{
    (void)state;
    const uint64_t key = noise_key(1, 2, 3);
    double values[64];
    noise_fill_gaussian(key, -20, 64, values);
    for (int i = 0; i < 64; i++) assert_true(values[i] == noise_gaussian(key, i - 20));
    assert_true(noise_key(1, 2, 3) == key);
    assert_true(noise_key(1, 3, 2) != key && noise_key(2, 2, 3) != key && noise_key(2, 1, 3) != key);
}

static void noise_is_normal(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    double *x = new_doubles(N);
    noise_fill_gaussian(noise_key(7, 0, 0), 0, N, x);
    double moment[7] = {0}, next = 0, largest = 0;
    int64_t below_minus_one = 0;
    for (int64_t i = 0; i < N; i++) {
        for (int k = 1; k <= 6; k++) moment[k] += pow(x[i], k) / N;
        next += i > 0 ? x[i] * x[i - 1] / N : 0;
        largest = fmax(largest, fabs(x[i]));
        below_minus_one += x[i] < -1;
    }
    /* Five standard errors: sqrt(var(x^k) / N). */
    const double five = 5 / sqrt(N);
    assert_near(moment[1], 0, five);
    assert_near(moment[2], 1, five * sqrt(2));
    assert_near(moment[3], 0, five * sqrt(15));
    assert_near(moment[4], 3, five * sqrt(96));
    assert_near(moment[6], 15, five * sqrt(10170));
    assert_near(next, 0, five);
    assert_near((double)below_minus_one / N, 0.158655, five * 0.37 + 2e-4);
    assert_true(largest > 4 && largest < 6.2);
    free(x);
}

static void uniform_is_uniform(void **state)
{
    (void)state;
    enum { N = 100000 };
    double mean = 0, square = 0;
    for (int64_t i = 0; i < N; i++) {
        const double u = noise_uniform(99, i);
        assert_true(u >= 0 && u < 1);
        mean += u / N;
        square += u * u / N;
    }
    assert_near(mean, 0.5, 5 * 0.289 / sqrt(N));
    assert_near(square, 1.0 / 3, 5 * 0.3 / sqrt(N));
}

static void sines_are_exact(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 100000; i++) {
        const double turns = 1000 * (2 * noise_uniform(5, i) - 1);
        assert_near(oscillator_sine(turns), sin(2 * M_PI * fmod(turns, 1)), 1e-11);
        assert_near(oscillator_cosine(turns), cos(2 * M_PI * fmod(turns, 1)), 1e-11);
    }
}

/* ---- Pink noise ---- */

static void pink_noise_does_not_depend_on_cuts(void **state)
{
    (void)state;
    enum { N = 20000, FIRST = -777 };
    const double rates[] = {100, 250, 5000, 100000};
    double *whole = new_doubles(N), *part = new_doubles(N);
    for (int r = 0; r < 4; r++) {
        pink_noise pink;
        pink_noise_init(&pink, rates[r], 0.5);
        double *work = new_doubles((int64_t)pink_noise_work_doubles(&pink, N));
        pink_noise_fill(&pink, 11, FIRST, N, whole, work);
        for (int64_t at = 0, i = 0, n; at < N; at += n, i++) {
            n = i < 50 ? 1 : 1 + (int64_t)(1500 * noise_uniform(3, i));
            n = n < N - at ? n : N - at;
            double *small = new_doubles((int64_t)pink_noise_work_doubles(&pink, n));
            pink_noise_fill(&pink, 11, FIRST + at, n, part + at, small);
            free(small);
        }
        assert_memory_equal(whole, part, N * sizeof *whole);
        free(work);
    }
    free(whole);
    free(part);
}

/* Mean of power times frequency over [low, high), from Hann-windowed segments that overlap by half. */
static double pink_level(const double *x, int64_t n, double rate_hz, double low_hz, double high_hz)
{
    enum { SEGMENT = 1 << 15 };
    fft_plan *plan = NULL;
    assert_int_equal(fft_plan_new(SEGMENT, &plan, NULL), LMP_OK);
    double *time = new_doubles(SEGMENT), *spectrum = new_doubles(fft_spectrum_doubles(SEGMENT)), sum = 0;
    int64_t count = 0;
    for (int64_t at = 0; at + SEGMENT <= n; at += SEGMENT / 2) {
        for (int64_t i = 0; i < SEGMENT; i++) time[i] = x[at + i] * (0.5 - 0.5 * cos(2 * M_PI * (double)i / SEGMENT));
        fft_forward(plan, time, spectrum);
        for (int64_t k = 1; k < SEGMENT / 2; k++) {
            const double hz = (double)k * rate_hz / SEGMENT;
            if (hz < low_hz || hz >= high_hz) continue;
            const double power = spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
            sum += hz * power * 2 / (rate_hz * 0.375 * SEGMENT);
            count++;
        }
    }
    fft_plan_free(plan);
    free(time);
    free(spectrum);
    return sum / (double)count;
}

static void pink_noise_is_pink(void **state)
{
    (void)state;
    enum { N = 1 << 21 };
    pink_noise pink;
    pink_noise_init(&pink, 5000, 0.5);
    double *x = new_doubles(N), *work = new_doubles((int64_t)pink_noise_work_doubles(&pink, N)), square = 0;
    pink_noise_fill(&pink, 5, 0, N, x, work);
    for (int64_t i = 0; i < N; i++) square += x[i] * x[i] / N;
    assert_near(sqrt(square), 1, 0.03);
    const double level = 1 / log(2500 / 0.5); /* C of C/f with a total power of 1 */
    const double edges[] = {2, 8, 30, 60, 120, 240, 480, 960, 1920, 2490};
    for (int b = 0; b + 1 < 10; b++) {
        const double relative = pink_level(x, N, 5000, edges[b], edges[b + 1]) / level;
        assert_near(relative, 1, edges[b] < 30 ? 0.08 : 0.03);
    }
    assert_true(pink_level(x, N, 5000, 0.1, 0.3) < 0.05 * level);
    free(x);
    free(work);
}

/* ---- Waveform ---- */

static void waveform_holds_its_harmonics(void **state)
{
    (void)state;
    enum { N = 256, H = 40 };
    gradient_waveform wave;
    assert_int_equal(gradient_waveform_init(&wave, H, 17, NULL), LMP_OK);
    assert_near(gradient_waveform_at(&wave, 0), 0, 1e-12);
    assert_near(gradient_waveform_at(&wave, 1), 0, 1e-12);
    assert_near(wave.series[0][1], 0, 1e-12);
    double time[N] __attribute__((aligned(64))), spectrum[N + 8] __attribute__((aligned(64)));
    for (int i = 0; i < N; i++) time[i] = gradient_waveform_at(&wave, (double)i / N);
    fft_plan *plan = NULL;
    assert_int_equal(fft_plan_new(N, &plan, NULL), LMP_OK);
    fft_forward(plan, time, spectrum);
    fft_plan_free(plan);
    const double first = hypot(spectrum[2], spectrum[3]);
    for (int h = 1; h < N / 2; h++)
        assert_near(hypot(spectrum[2 * h], spectrum[2 * h + 1]) / first, h <= H ? 1 / sqrt(h) : 0, 1e-9);
    /* Anywhere between the nodes: the table against the sum of harmonics. -140 dB is 1e-7. */
    double peak = 0;
    for (int i = 0; i < 5000; i++) {
        const double phase = noise_uniform(1, i);
        double sum = 0;
        for (int h = 1; h <= H; h++)
            sum += 2.0 / N *
                   (spectrum[2 * h] * cos(2 * M_PI * h * phase) - spectrum[2 * h + 1] * sin(2 * M_PI * h * phase));
        assert_near(gradient_waveform_at(&wave, phase), sum, 1e-8);
        peak = fmax(peak, fabs(sum));
    }
    assert_near(peak, 1, 0.01);
    gradient_waveform_clear(&wave);
}

static void waveforms_of_all_sizes_start_and_end_at_zero(void **state)
{
    (void)state;
    const int64_t sizes[] = {3, 4, 5, 7, 20, 100, 1000, GRADIENT_WAVEFORM_MOST_HARMONICS};
    for (int s = 0; s < 8; s++)
        for (uint64_t key = 0; key < (sizes[s] > 100 ? 1 : 20); key++) {
            gradient_waveform wave;
            assert_int_equal(gradient_waveform_init(&wave, sizes[s], key, NULL), LMP_OK);
            assert_near(wave.series[0][0], 0, 1e-11);
            assert_near(wave.series[0][1], 0, 1e-11);
            gradient_waveform_clear(&wave);
        }
}

/* ---- Timetable ---- */

static const scan_settings settings_60s = {
    .seconds = 60, .lead_in_s = 5, .tr_s = 2, .n_blocks = 1, .n_slices = 20, .block_pause_s = 4};

static void clocks_are_inverse(void **state)
{
    (void)state;
    scan_settings settings = settings_60s;
    settings.clock_ratio = 37;
    settings.clock_drift = -11;
    scan s;
    assert_int_equal(scan_init(&s, &settings, NULL), LMP_OK);
    for (int i = 0; i <= 600; i++) {
        const double t = i / 10.0;
        assert_near(scan_clock_recorder(&s.clock, scan_clock_scanner(&s.clock, t)), t, 1e-13 * 60);
        assert_near(scan_clock_scanner(&s.clock, t), t + 1e-6 * (37 * t - 11 * t * t / 120), 1e-13 * 60);
    }
    assert_near(s.first_s, 5, 1e-14);
    assert_true(s.last_s <= 55);
    /* 37 ppm faster at first: the recorder sees volumes that much shorter, less what the drift took back by then. */
    const double volume = scan_slice_start(&s, 0, 1, 0) - scan_slice_start(&s, 0, 0, 0);
    assert_near((2 / volume - 1) * 1e6, 37 - 11 * 6 / 60.0, 1e-3);
}

static void timetable_is_regular(void **state)
{
    (void)state;
    scan_settings settings = settings_60s;
    settings.n_blocks = 2;
    settings.volume_pause_s = 0.4;
    scan s;
    assert_int_equal(scan_init(&s, &settings, NULL), LMP_OK);
    assert_int_equal(s.n_volumes, 11); /* (50 - 4) / 2 blocks / 2 s */
    assert_near(scan_slice_start(&s, 1, 2, 3), 5 + 22 + 4 + 4 + 3 * 0.08, 1e-12);
    assert_near(scan_block_end(&s, 0), 5 + 22 - 0.4, 1e-12);
    int64_t slice = -1;
    double phase = -1;
    assert_true(scan_position(&s, 5 + 22 + 4 + 2 * 2 + 3.25 * 0.08, &slice, &phase));
    assert_int_equal(slice, 3);
    assert_near(phase, 0.25, 1e-9);
    const double silent[] = {0, 4.999, 5 + 1.7, 5 + 22.1, 5 + 25.9, 5 + 22 + 4 + 22.1, 59};
    for (int i = 0; i < 7; i++) assert_false(scan_position(&s, silent[i], &slice, &phase));
    settings = settings_60s;
    settings.tr_s = 0.1;
    assert_int_equal(scan_init(&s, &settings, NULL), LMP_OK);
    assert_int_equal(s.n_volumes, 500);
}

static void impossible_timetables_are_refused(void **state)
{
    (void)state;
    const struct {
        double tr_s, pause_s, lead_in_s;
        int64_t n_blocks;
        const char *names;
    } cases[] = {{0, 0, 5, 1, "tr=0"},          {-1, 0, 5, 1, "tr=-1"},        {2, 2, 5, 1, "volume-pause=2"},
                 {2, 0, 30, 1, "lead-in=30"},   {2, 0, 5, 20, "blocks=20"},    {51, 0, 5, 1, "tr=51"},
                 {(double)NAN, 0, 5, 1, "tr="}, {0.0001, 0, 5, 1, "2 million"}};
    for (int i = 0; i < 8; i++) {
        scan_settings settings = settings_60s;
        settings.tr_s = cases[i].tr_s;
        settings.volume_pause_s = cases[i].pause_s;
        settings.lead_in_s = cases[i].lead_in_s;
        settings.n_blocks = cases[i].n_blocks;
        scan s;
        lmp_error err = {0};
        assert_int_equal(scan_init(&s, &settings, &err), LMP_ERR_USAGE);
        if (strstr(err.text, cases[i].names) == NULL) fail_msg("\"%s\" does not name %s", err.text, cases[i].names);
    }
}

/* ---- Triggers ---- */

static triggers_settings settings_plain(void)
{
    return (triggers_settings){.per_slice = true, .is_rounded = true, .rate_hz = 5000, .key = 3};
}

static void missing_runs_are_gaps_of_their_length(void **state)
{
    (void)state;
    scan_settings timetable = settings_60s;
    timetable.n_blocks = 2;
    scan s;
    assert_int_equal(scan_init(&s, &timetable, NULL), LMP_OK);
    const double runs[] = {3, 1, 7, 1};
    triggers_settings settings = settings_plain();
    settings.missing_runs = (lmp_numbers){runs, 4};
    settings.n_extra = 5;
    triggers t;
    for (settings.key = 0; settings.key < 50; settings.key++) {
        assert_int_equal(triggers_init(&t, &s, &settings, NULL), LMP_OK);
        const int64_t n_block = s.n_volumes * s.n_slices;
        int64_t lengths[8] = {0}, run = 0;
        for (int64_t i = 0; i < t.n; i++) {
            if (i % n_block == 0 || i % n_block == n_block - 1) assert_false(t.is_missing[i]);
            if (!t.is_missing[i]) {
                lengths[run < 8 ? run : 0]++;
                run = 0;
            } else {
                run++;
            }
        }
        assert_int_equal(lengths[3], 1);
        assert_int_equal(lengths[1], 2);
        assert_int_equal(lengths[7], 1);
        assert_int_equal(t.n_missing, 12);
        assert_int_equal(t.n_extra, 5);
        for (int64_t e = 0; e < t.n_extra; e++)
            for (int64_t i = 0; i < t.n; i++) assert_true(fabs(t.extra_s[e] - t.recorded_s[i]) > 0.05 * s.slice_s);
        triggers_clear(&t);
    }
}

static void too_many_faults_are_refused(void **state)
{
    (void)state;
    scan_settings timetable = settings_60s;
    timetable.n_slices = 1;
    scan s;
    assert_int_equal(scan_init(&s, &timetable, NULL), LMP_OK); /* 25 triggers */
    const double many[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, longest[] = {23}, too_long[] = {24},
                 more[] = {26}, half[] = {0.5};
    const struct {
        const double *runs;
        int64_t n, n_extra;
        double jitter_s;
        const char *names; /* NULL: is fine */
    } cases[] = {{many, 14, 0, 0, "missing"},      {longest, 1, 0, 0, NULL},
                 {too_long, 1, 0, 0, "run of 24"}, {more, 1, 0, 0, "25 triggers"},
                 {half, 1, 0, 0, "missing=0.5"},   {many, 0, 25, 0, "extra=25"},
                 {many, 0, 24, 0, NULL},           {many, 0, 0, 0.2, "trigger-jitter=0.2"}};
    for (int i = 0; i < 8; i++) {
        triggers_settings settings = settings_plain();
        settings.missing_runs = (lmp_numbers){cases[i].runs, cases[i].n};
        settings.n_extra = cases[i].n_extra;
        settings.jitter_s = cases[i].jitter_s;
        triggers t;
        lmp_error err = {0};
        const lmp_status status = triggers_init(&t, &s, &settings, &err);
        assert_int_equal(status, cases[i].names == NULL ? LMP_OK : LMP_ERR_USAGE);
        if (cases[i].names != NULL && strstr(err.text, cases[i].names) == NULL)
            fail_msg("\"%s\" does not name %s", err.text, cases[i].names);
        if (status == LMP_OK) triggers_clear(&t);
    }
}

static void jitter_has_its_size(void **state)
{
    (void)state;
    scan s;
    assert_int_equal(scan_init(&s, &settings_60s, NULL), LMP_OK);
    triggers_settings settings = settings_plain();
    settings.is_rounded = false;
    settings.jitter_s = 0.001;
    triggers t;
    assert_int_equal(triggers_init(&t, &s, &settings, NULL), LMP_OK);
    double square = 0;
    for (int64_t i = 0; i < t.n; i++)
        square += (t.recorded_s[i] - t.true_s[i]) * (t.recorded_s[i] - t.true_s[i]) / (double)t.n;
    assert_near(sqrt(square), 0.001, 0.001 * 5 / sqrt(2 * (double)t.n));
    triggers_clear(&t);
}

/* ---- Pulses ---- */

static void pulses_add_up_wherever_they_are_cut(void **state)
{
    (void)state;
    double onsets[] = {0.1, 0.4, 0.45, 2}, strength[] = {1, 2, 0.5, 1};
    const pulse_train train = {.n = 4, .onset_s = onsets, .strength = strength};
    const pulse_wave waves[] = {{-0.05, 0.1, 1}, {0.3, 0.2, -0.5}};
    enum { N = 3000 };
    double time[N], whole[N] = {0}, part[N] = {0};
    for (int i = 0; i < N; i++) time[i] = i / 1000.0;
    pulse_train_add(&train, waves, 2, time, N, whole);
    for (int at = 0, n = 1; at < N; at += n, n = n % 97 + 1)
        pulse_train_add(&train, waves, 2, time + at, at + n < N ? n : N - at, part + at);
    assert_memory_equal(whole, part, sizeof whole);
    assert_near(whole[1950], 1, 1e-9);
    assert_near(whole[2300], -0.5, 1e-9);
    assert_near(whole[1500], 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_a_function_of_its_place),
        cmocka_unit_test(noise_is_normal),
        cmocka_unit_test(uniform_is_uniform),
        cmocka_unit_test(sines_are_exact),
        cmocka_unit_test(pink_noise_does_not_depend_on_cuts),
        cmocka_unit_test(pink_noise_is_pink),
        cmocka_unit_test(waveform_holds_its_harmonics),
        cmocka_unit_test(waveforms_of_all_sizes_start_and_end_at_zero),
        cmocka_unit_test(clocks_are_inverse),
        cmocka_unit_test(timetable_is_regular),
        cmocka_unit_test(impossible_timetables_are_refused),
        cmocka_unit_test(missing_runs_are_gaps_of_their_length),
        cmocka_unit_test(too_many_faults_are_refused),
        cmocka_unit_test(jitter_has_its_size),
        cmocka_unit_test(pulses_add_up_wherever_they_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
