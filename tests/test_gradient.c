/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step gradient against a known truth: what it removes, what it keeps, and what it must not touch.
 *
 * Recordings are made here: pink-like noise and a rhythm of 10 Hz (12 uV RMS together), and an artifact of some 100 uV
 * whose epochs are no whole number of samples long, with a slow drift of its strength. Errors are RMS in the scanned
 * stretch against the recording without artifact, over all frequencies.
 */
#include "drive.h"
#include "signal/trigger_lattice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_step lmp_step_gradient;

#define RATE_HZ 1000.0

static const int64_t blocks[] = {3000, 0};

typedef struct setup {
    int64_t n_lanes, n_times;
    double first, period; /* samples */
    int64_t n_epochs;
    int64_t n_slices; /* in an epoch */
    double slice;     /* samples */
    double strength, drift;
    int64_t change_epoch; /* from here on the artifact has another shape; 0: never */
    int64_t pause_epoch;  /* a pause of pause_samples before it; 0: none */
    double pause_samples;
} setup;

static const setup slices_setup = {.n_lanes = 3,
                                   .n_times = 40000,
                                   .first = 1500.3,
                                   .period = 87.31,
                                   .n_epochs = 420,
                                   .n_slices = 1,
                                   .slice = 87.31,
                                   .strength = 300.0,
                                   .drift = 0.02};

static const setup volumes_setup = {.n_lanes = 3,
                                    .n_times = 48000,
                                    .first = 1500.3,
                                    .period = 837.17,
                                    .n_epochs = 52,
                                    .n_slices = 11,
                                    .slice = 73.61,
                                    .strength = 300.0,
                                    .drift = 0.02};

typedef struct recording {
    setup s;
    drive_signals clean, in;
    lmp_event *events;
} recording;

/* ---- Making recordings ----------------------------------------------------------------------------------------- */

static double random_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

/* Noise whose power falls with frequency: first-order low-passes of several speeds, all added up. */
static void make_eeg(double *lane, int64_t n, uint64_t seed)
{
    uint64_t state = 88172645463325252ULL + seed * 7919;
    double slow[3] = {0};
    for (int64_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = 0; k < 3; k++) {
            const double keep = 1.0 - pow(0.25, k + 1);
            slow[k] = keep * slow[k] + sqrt(1.0 - keep * keep) * random_number(&state);
            sum += slow[k];
        }
        const double t = (double)i / RATE_HZ;
        lane[i] = 22.0 * sum + 8.0 * sin(2.0 * M_PI * (10.0 * t + 0.3 * sin(0.4 * t + (double)seed)));
    }
}

/* One slice of the artifact, u = 0 .. 1. */
static double waveform(double u, int shape)
{
    double sum = 0.0;
    for (int h = 1; h <= 14; h++) sum += cos(2.0 * M_PI * h * u + 1.7 * h * h * (shape + 1)) / sqrt(h);
    return sum / 3.0;
}

static double start_of(const setup *s, int64_t i)
{
    return s->first + (double)i * s->period + (s->pause_epoch > 0 && i >= s->pause_epoch ? s->pause_samples : 0.0);
}

/* A scanner's artifact does not begin or end between two samples. */
static double fade(double from_edge)
{
    const double samples = 12.0;
    return from_edge >= samples ? 1.0 : 0.5 - 0.5 * cos(M_PI * from_edge / samples);
}

static void add_epoch(const setup *s, int64_t i, int64_t lane, double *values)
{
    const double start = start_of(s, i), length = (double)s->n_slices * s->slice;
    const double share = (double)i / (double)s->n_epochs;
    const double gain = s->strength * (1.0 + 0.5 * (double)lane) * (1.0 + s->drift * sin(6.0 * share + (double)lane));
    const bool is_other = s->change_epoch > 0 && i >= s->change_epoch;
    for (int64_t k = (int64_t)ceil(start); (double)k < start + length && k < s->n_times; k++) {
        const double t = (double)k - start, u = fmod(t, s->slice) / s->slice;
        const double edges = s->n_slices > 1 ? fade(t) * fade(length - t) : 1.0;
        values[k] += gain * edges * (waveform(u, 0) + (is_other ? 0.3 * waveform(u, 1) : 0.0));
    }
}

static recording make_recording(const setup *s)
{
    recording r = {.s = *s,
                   .clean = drive_new(s->n_lanes, s->n_times, RATE_HZ),
                   .in = drive_new(s->n_lanes, s->n_times, RATE_HZ),
                   .events = calloc((size_t)s->n_epochs + 1, sizeof(lmp_event))};
    assert_non_null(r.events);
    for (int64_t i = 0; i < s->n_epochs; i++)
        r.events[i] = (lmp_event){.onset_s = start_of(s, i) / RATE_HZ, .label = TRIGGER_LABEL};
    for (int64_t lane = 0; lane < s->n_lanes; lane++) {
        make_eeg(r.clean.lanes[lane], s->n_times, (uint64_t)lane + 1);
        memcpy(r.in.lanes[lane], r.clean.lanes[lane], (size_t)s->n_times * sizeof(double));
        for (int64_t i = 0; i < s->n_epochs && s->strength > 0.0; i++) add_epoch(s, i, lane, r.in.lanes[lane]);
    }
    r.in.events = r.events;
    r.in.n_events = s->n_epochs;
    return r;
}

static void free_recording(recording *r)
{
    drive_free(&r->clean);
    drive_free(&r->in);
    free(r->events);
}

/* ---- Measures -------------------------------------------------------------------------------------------------- */

static double rms_error(const recording *r, const drive_signals *out, int64_t lane, int64_t first_epoch,
                        int64_t end_epoch)
{
    const int64_t from = (int64_t)start_of(&r->s, first_epoch);
    int64_t to = (int64_t)(start_of(&r->s, end_epoch - 1) + r->s.period);
    if (to > r->s.n_times) to = r->s.n_times;
    double sum = 0.0;
    int64_t n = 0;
    for (int64_t i = from; i < to; i++) {
        const double e = out->lanes[lane][i] - r->clean.lanes[lane][i];
        if (!isfinite(e)) continue;
        sum += e * e;
        n++;
    }
    return sqrt(sum / (double)n);
}

/* Of all lanes, without so many epochs at both ends. */
static double worst_error(const recording *r, const drive_signals *out, int64_t but)
{
    double worst = 0.0;
    for (int64_t lane = 0; lane < r->s.n_lanes; lane++)
        worst = fmax(worst, rms_error(r, out, lane, but, r->s.n_epochs - but));
    return worst;
}

static drive_signals run(const recording *r, const char *settings)
{
    drive_signals out;
    lmp_error err = {0};
    if (drive_step(&lmp_step_gradient, settings, &r->in, blocks, &out, &err) != LMP_OK) fail_msg("%s", err.text);
    return out;
}

static double error_inside(const recording *r, const char *settings, int64_t but)
{
    drive_signals out = run(r, settings);
    const double error = worst_error(r, &out, but);
    drive_free(&out);
    return error;
}

static double error_with(const recording *r, const char *settings)
{
    return error_inside(r, settings, 0);
}

static void expect_below(const char *what, double value, double bound)
{
    if (getenv("LIMPID_TEST_NUMBERS") != NULL) print_message("%s: %.3f (%.3f)\n", what, value, bound);
    if (!(value < bound)) fail_msg("%s is %g, not below %g", what, value, bound);
}

/* ---- What is removed ------------------------------------------------------------------------------------------- */

static void slices_are_removed(void **state)
{
    recording r = make_recording(&slices_setup);
    (void)state;
    assert_true(worst_error(&r, &r.in, 0) > 200.0);
    expect_below("slices", error_with(&r, ""), 1.6);
    free_recording(&r);
}

static void volumes_are_removed_better_by_their_slices(void **state)
{
    recording r = make_recording(&volumes_setup);
    (void)state;
    const double without = error_with(&r, "slices=0"), with = error_with(&r, "");
    assert_true(worst_error(&r, &r.in, 0) > 200.0);
    expect_below("volumes without their slices", without, 2.2);
    expect_below("volumes with their slices", with, 1.1);
    expect_below("volumes with their slices, told how many", error_with(&r, "slices=11"), 1.1);
    free_recording(&r);
}

static void every_window_does_its_work(void **state)
{
    static const struct {
        const char *settings;
        double bound;
    } windows[] = {
        {"window=60 weighting=hann", 2.6},
        {"window=30 weighting=boxcar", 3.0},
        {"window=30 weighting=boxcar position=-1", 3.3},
        {"window=30 weighting=hann position=1", 3.6},
        {"window=100 weighting=exponential gain-smoothing=15", 1.6},
        {"window=30 mode=block", 3.0},
        {"window=12", 5.5},
        {"gain=off weighting=hann", 2.6},
        {"gain-smoothing=1", 2.0},
    };
    recording r = make_recording(&slices_setup);
    (void)state;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        expect_below(windows[i].settings, error_inside(&r, windows[i].settings, 40), windows[i].bound);
    free_recording(&r);
}

/* A change of shape (the head moved) in the middle: bad for a moment, good before and after. */
static void a_change_of_shape_is_survived(void **state)
{
    setup s = slices_setup;
    (void)state;
    s.change_epoch = 211;
    recording r = make_recording(&s);
    drive_signals out = run(&r, "");
    for (int64_t lane = 0; lane < s.n_lanes; lane++) {
        expect_below("before the change", rms_error(&r, &out, lane, 0, 208), 2.3);
        expect_below("after the change", rms_error(&r, &out, lane, 220, s.n_epochs), 1.9);
    }
    drive_free(&out);
    free_recording(&r);
}

/* Two scans with a pause longer than any look-ahead, the first of them of a few epochs. */
static void scans_with_a_pause_are_removed(void **state)
{
    static const int64_t firsts[] = {5, 30, 200};
    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        setup s = slices_setup;
        s.n_epochs = 380;
        s.pause_epoch = firsts[i];
        s.pause_samples = 3333.4;
        recording r = make_recording(&s);
        drive_signals out = run(&r, "");
        const int64_t from = (int64_t)(start_of(&s, firsts[i] - 1) + s.period) + 3;
        const int64_t to = (int64_t)start_of(&s, firsts[i]) - 3;
        for (int64_t lane = 0; lane < s.n_lanes; lane++) {
            expect_below("the main scan", rms_error(&r, &out, lane, firsts[i], s.n_epochs), 1.6);
            expect_below("the first scan", rms_error(&r, &out, lane, 0, firsts[i]), firsts[i] < 10 ? 8.0 : 2.6);
            assert_memory_equal(out.lanes[lane] + from, r.in.lanes[lane] + from, (size_t)(to - from) * sizeof(double));
        }
        drive_free(&out);
        free_recording(&r);
    }
}

/* The recording begins and ends while the scanner runs. */
static void cut_recordings_are_corrected_to_their_ends(void **state)
{
    setup s = slices_setup;
    (void)state;
    s.first = -0.3;
    s.n_times = 30033;
    s.n_epochs = (int64_t)((double)s.n_times / s.period) + 1;
    recording r = make_recording(&s);
    drive_signals out = run(&r, "");
    for (int64_t lane = 0; lane < s.n_lanes; lane++) {
        expect_below("the whole", rms_error(&r, &out, lane, 0, s.n_epochs), 2.3);
        expect_below("the end", rms_error(&r, &out, lane, s.n_epochs - 3, s.n_epochs), 2.0);
    }
    drive_free(&out);
    free_recording(&r);
}

/* ---- What is kept ---------------------------------------------------------------------------------------------- */

static double amplitude(const double *values, int64_t n, double hz)
{
    double sine = 0.0, cosine = 0.0;
    for (int64_t i = 0; i < n; i++) {
        sine += values[i] * sin(2.0 * M_PI * hz * (double)i / RATE_HZ);
        cosine += values[i] * cos(2.0 * M_PI * hz * (double)i / RATE_HZ);
    }
    return 2.0 / (double)n * hypot(sine, cosine);
}

/* A tone that is added to the input comes out with its amplitude, within 1 %. */
static void tones_are_kept(void **state)
{
    static const double tones_hz[] = {3.3, 7.9, 17.1, 29.7};
    recording r = make_recording(&slices_setup);
    drive_signals without = run(&r, "");
    const int64_t from = 1500, n = 36000;
    double *change = malloc((size_t)n * sizeof *change);
    (void)state;
    assert_non_null(change);
    for (size_t t = 0; t < sizeof tones_hz / sizeof *tones_hz; t++)
        for (int64_t i = 0; i < r.s.n_times; i++)
            r.in.lanes[0][i] += 5.0 * sin(2.0 * M_PI * tones_hz[t] * (double)i / RATE_HZ);
    drive_signals with = run(&r, "");
    for (int64_t i = 0; i < n; i++) change[i] = with.lanes[0][from + i] - without.lanes[0][from + i];
    for (size_t t = 0; t < sizeof tones_hz / sizeof *tones_hz; t++)
        expect_below("loss of a tone", fabs(amplitude(change, n, tones_hz[t]) / 5.0 - 1.0), 0.01);
    free(change);
    drive_free(&with);
    drive_free(&without);
    free_recording(&r);
}

static void nothing_is_done_where_there_is_no_artifact(void **state)
{
    setup s = slices_setup, v = volumes_setup;
    const setup *const setups[] = {&s, &v};
    (void)state;
    s.strength = v.strength = 0.0;
    for (size_t i = 0; i < 2; i++) {
        recording r = make_recording(setups[i]);
        memset(r.in.lanes[2], 0, (size_t)r.s.n_times * sizeof(double));
        for (int64_t k = 0; k < r.s.n_times; k++) r.in.lanes[1][k] = -3.25;
        drive_signals out = run(&r, "");
        for (int64_t lane = 0; lane < 3; lane++)
            assert_memory_equal(out.lanes[lane], r.in.lanes[lane], (size_t)r.s.n_times * sizeof(double));
        drive_free(&out);
        free_recording(&r);
    }
}

/* Before the first epoch, after the last, and in samples that are missing, every bit stays. */
static void bits_outside_epochs_are_kept(void **state)
{
    recording r = make_recording(&slices_setup);
    const uint64_t payload = 0x7ff8123456789abcU;
    (void)state;
    memcpy(&r.in.lanes[0][700], &payload, sizeof payload);
    memcpy(&r.in.lanes[1][r.s.n_times - 5], &payload, sizeof payload);
    memcpy(&r.in.lanes[1][20000], &payload, sizeof payload);
    r.in.lanes[2][0] = -0.0;
    drive_signals out = run(&r, "");
    const int64_t end = (int64_t)ceil(start_of(&r.s, r.s.n_epochs)) + 3;
    for (int64_t lane = 0; lane < 3; lane++) {
        assert_memory_equal(out.lanes[lane], r.in.lanes[lane], 1498 * sizeof(double));
        assert_memory_equal(out.lanes[lane] + end, r.in.lanes[lane] + end,
                            (size_t)(r.s.n_times - end) * sizeof(double));
    }
    assert_memory_equal(&out.lanes[1][20000], &payload, sizeof payload);
    drive_free(&out);
    free_recording(&r);
}

static void missing_samples_do_not_spread(void **state)
{
    recording r = make_recording(&slices_setup);
    (void)state;
    for (int64_t i = 20000; i < 20600; i++) r.in.lanes[0][i] = nan("");
    r.in.lanes[1][25000] = HUGE_VAL;
    drive_signals out = run(&r, "");
    for (int64_t i = 0; i < r.s.n_times; i++) {
        assert_int_equal(isnan(out.lanes[0][i]), i >= 20000 && i < 20600);
        assert_int_equal(isinf(out.lanes[1][i]), i == 25000);
        assert_true(isfinite(out.lanes[2][i]));
    }
    expect_below("with missing samples", worst_error(&r, &out, 0), 1.6);
    drive_free(&out);
    free_recording(&r);
}

/* A movement of the cable is not spread over its neighbours, and the artifact under it is removed all the same. */
static void outliers_stay_where_they_are(void **state)
{
    recording r = make_recording(&slices_setup);
    (void)state;
    for (int64_t i = 0; i < 60; i++) {
        const double bump = 3000.0 * sin(M_PI * (double)i / 60.0);
        r.in.lanes[0][20010 + i] += bump;
        r.clean.lanes[0][20010 + i] += bump;
    }
    expect_below("with an outlier", error_with(&r, ""), 1.6);
    free_recording(&r);
}

/* A movement that lasts is no outlier, and no single epoch tells that it should not count: somebody has to say so. */
static void marked_epochs_take_no_part(void **state)
{
    recording r = make_recording(&slices_setup);
    lmp_event *events = calloc((size_t)r.s.n_epochs + 1, sizeof *events);
    (void)state;
    assert_non_null(events);
    const int64_t first = (int64_t)start_of(&r.s, 200), end = (int64_t)start_of(&r.s, 230);
    for (int64_t i = first; i < end; i++) {
        const double t = (double)(i - first) / r.s.period,
                     bump = 400.0 * sin(2.0 * M_PI * 1.9 * t) * sin(M_PI * t / 30.0);
        r.in.lanes[0][i] += bump * waveform(fmod(t, 1.0), 2);
        r.clean.lanes[0][i] += bump * waveform(fmod(t, 1.0), 2);
    }
    drive_signals without = run(&r, "");
    memcpy(events, r.events, (size_t)r.s.n_epochs * sizeof *events);
    events[r.s.n_epochs] = (lmp_event){
        .onset_s = (double)first / RATE_HZ, .duration_s = (double)(end - first) / RATE_HZ, .label = "BAD_movement"};
    r.in.events = events;
    r.in.n_events = r.s.n_epochs + 1;
    drive_signals with = run(&r, ""), off = run(&r, "skip=");
    assert_memory_equal(off.lanes[0], without.lanes[0], (size_t)r.s.n_times * sizeof(double));
    const double before = rms_error(&r, &without, 0, 160, 198), after = rms_error(&r, &with, 0, 160, 198);
    expect_below("beside a marked movement", after, 0.9 * before);
    expect_below("beside a marked movement", after, 1.6);
    expect_below("under a marked movement", rms_error(&r, &with, 0, 200, 230), 2.5);
    drive_free(&off);
    drive_free(&with);
    drive_free(&without);
    free_recording(&r);
    free(events);
}

/* Triggers that jitter make epochs overlap: no sample is subtracted from twice. */
static void overlapping_epochs_share_no_sample(void **state)
{
    recording r = make_recording(&slices_setup);
    uint64_t random = 12345;
    (void)state;
    for (int64_t i = 0; i < r.s.n_epochs; i++) r.events[i].onset_s += 8.0 * random_number(&random) / RATE_HZ;
    drive_signals out = run(&r, "gain=off window=30");
    double most = 0.0, worst = 0.0;
    for (int64_t i = 0; i < r.s.n_times; i++) {
        most = fmax(most, fabs(r.in.lanes[0][i] - r.clean.lanes[0][i]));
        worst = fmax(worst, fabs(out.lanes[0][i] - r.in.lanes[0][i]));
    }
    assert_true(most > 100.0);
    expect_below("the most that is subtracted", worst, 1.1 * most);
    drive_free(&out);
    free_recording(&r);
}

/* ---- How it is done -------------------------------------------------------------------------------------------- */

static void same_bits_however_cut(void **state)
{
    static const char *const settings[] = {"", "window=20 mode=block gain=off", "window=40 position=0.5",
                                           "slices=0 weighting=exponential"};
    setup s = slices_setup, v = volumes_setup;
    const setup *const setups[] = {&s, &v};
    (void)state;
    s.n_lanes = v.n_lanes = 2;
    s.n_times = 24000;
    s.n_epochs = 200;
    s.pause_epoch = 120;
    s.pause_samples = 2500.0;
    v.n_times = 29000;
    v.n_epochs = 33;
    for (size_t i = 0; i < 2; i++) {
        recording r = make_recording(setups[i]);
        for (int64_t k = 9000; k < 9100; k++) r.in.lanes[1][k] = nan("");
        for (size_t q = 0; q < sizeof settings / sizeof *settings; q++) {
            drive_signals out;
            drive_all_cuts(&lmp_step_gradient, settings[q], &r.in, &out);
            drive_free(&out);
        }
        free_recording(&r);
    }
}

/* Results scale with the unit of the input: there are no hidden microvolts. */
static void units_do_not_matter(void **state)
{
    recording r = make_recording(&volumes_setup);
    drive_signals in_uv = run(&r, "");
    (void)state;
    for (int64_t lane = 0; lane < r.s.n_lanes; lane++)
        for (int64_t i = 0; i < r.s.n_times; i++) r.in.lanes[lane][i] *= 0x1p-20;
    drive_signals in_v = run(&r, "");
    for (int64_t lane = 0; lane < r.s.n_lanes; lane++)
        for (int64_t i = 0; i < r.s.n_times; i++) assert_true(in_v.lanes[lane][i] * 0x1p20 == in_uv.lanes[lane][i]);
    drive_free(&in_uv);
    drive_free(&in_v);
    free_recording(&r);
}

static void lack_of_memory_is_reported(void **state)
{
    setup v = volumes_setup;
    (void)state;
    v.n_lanes = 1;
    v.n_times = 9000;
    v.n_epochs = 9;
    recording r = make_recording(&v);
    drive_all_faults(&lmp_step_gradient, "", &r.in);
    free_recording(&r);
}

/* As few as four epochs, as many as there may be, very short ones: nothing breaks. */
static void odd_numbers_of_epochs_work(void **state)
{
    static const double periods[] = {8.0, 9.5, 31.9, 700.5};
    static const int64_t numbers[] = {4, 5, 9, 61};
    (void)state;
    for (size_t p = 0; p < sizeof periods / sizeof *periods; p++)
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
            setup s = slices_setup;
            s.period = s.slice = periods[p];
            s.n_epochs = numbers[n];
            s.first = 500.7;
            s.n_times = 1000 + (int64_t)(s.period * (double)s.n_epochs);
            s.n_lanes = 1;
            recording r = make_recording(&s);
            drive_signals out;
            drive_all_cuts(&lmp_step_gradient, "", &r.in, &out);
            for (int64_t i = 0; i < s.n_times; i++) assert_true(isfinite(out.lanes[0][i]));
            drive_free(&out);
            free_recording(&r);
        }
}

static void expect_refusal(const drive_signals *in, const char *settings, const char *part)
{
    const char *text = drive_refusal(&lmp_step_gradient, settings, in);
    if (strstr(text, part) == NULL) fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void impossible_requests_are_refused(void **state)
{
    recording r = make_recording(&slices_setup);
    (void)state;
    expect_refusal(&r.in, "mode=block weighting=hann", "mode=block");
    expect_refusal(&r.in, "weighting=exponential position=1", "position");
    expect_refusal(&r.in, "channels=Fz", "Fz");
    r.in.n_events = 3;
    expect_refusal(&r.in, "", "at least 4 triggers");
    r.in.n_events = 0;
    expect_refusal(&r.in, "", "put the step triggers before it");
    r.in.n_events = r.s.n_epochs;
    r.in.rate_hz = 0.0;
    expect_refusal(&r.in, "", "sampling rate");
    free_recording(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_removed),
        cmocka_unit_test(volumes_are_removed_better_by_their_slices),
        cmocka_unit_test(every_window_does_its_work),
        cmocka_unit_test(a_change_of_shape_is_survived),
        cmocka_unit_test(scans_with_a_pause_are_removed),
        cmocka_unit_test(cut_recordings_are_corrected_to_their_ends),
        cmocka_unit_test(tones_are_kept),
        cmocka_unit_test(nothing_is_done_where_there_is_no_artifact),
        cmocka_unit_test(bits_outside_epochs_are_kept),
        cmocka_unit_test(missing_samples_do_not_spread),
        cmocka_unit_test(outliers_stay_where_they_are),
        cmocka_unit_test(marked_epochs_take_no_part),
        cmocka_unit_test(overlapping_epochs_share_no_sample),
        cmocka_unit_test(same_bits_however_cut),
        cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(lack_of_memory_is_reported),
        cmocka_unit_test(odd_numbers_of_epochs_work),
        cmocka_unit_test(impossible_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
