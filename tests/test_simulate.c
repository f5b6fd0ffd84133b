/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_simulate.c: the EEG-fMRI simulator as a recording: what is in it, and that it does not matter how it is read.
 */
#include "simulate/eeg_fmri.h"

#include "core/budget.h"
#include "core/param.h"
#include "core/stream.h"
#include "os/os.h"
#include "simulate/noise.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(value, wanted, tolerance)                                                                          \
    do {                                                                                                               \
        const double near_value = (value), near_wanted = (wanted);                                                     \
        if (!(fabs(near_value - near_wanted) <= (tolerance)))                                                          \
            fail_msg("%s is %.12g, not %.12g within %g", #value, near_value, near_wanted, (double)(tolerance));        \
    } while (0)

/* ---- A simulation, opened from words as on a command line ---- */

typedef struct simulation {
    lmp_source source;
    lmp_budget *budget;
} simulation;

static lmp_status try_open(const char *words, bool truth, lmp_source *source, lmp_error *err)
{
    const lmp_simulator *simulator = &lmp_simulator_eeg_fmri;
    param_set set;
    lmp_status status = param_set_new(simulator->params, simulator->params_size, simulator->name, &set, err);
    assert_int_equal(status, LMP_OK);
    char *copy = strdup(words), *rest = copy;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && status == LMP_OK; word = strtok_r(NULL, " ", &rest))
        status = param_set_word(&set, word, err);
    if (status == LMP_OK) status = simulator->open(set.values, truth, source, err);
    free(copy);
    param_set_clear(&set); /* the source must not need it any more */
    return status;
}

static simulation open_words(const char *words, bool truth)
{
    simulation s = {0};
    lmp_error err = {0};
    if (try_open(words, truth, &s.source, &err) != LMP_OK) fail_msg("%s: %s", words, err.text);
    assert_int_equal(budget_new(1 << 26, &s.budget, NULL), LMP_OK);
    return s;
}

static void close_simulation(simulation *s)
{
    s->source.close(s->source.state);
    stream_clear(&s->source.stream);
    json_decref(s->source.facts);
    free(s->source.warnings);
    assert_int_equal(budget_used(s->budget), 0);
    budget_free(s->budget);
}

static void read_lane(const simulation *s, int64_t lane, int64_t first, int64_t count, double *values)
{
    void *out = values;
    const lmp_read_request request = {.first = first, .count = count, .n_lanes = 1, .lanes = &lane, .out = &out};
    assert_int_equal(s->source.read(s->source.state, &request, s->budget, NULL), LMP_OK);
}

static double *new_lane(const simulation *s, int64_t lane)
{
    const int64_t n = s->source.stream.format.n_times;
    double *values = malloc((size_t)n * sizeof *values);
    assert_non_null(values);
    read_lane(s, lane, 0, n, values);
    return values;
}

/* One lane of a recording, of its truth, or of their difference. */
static double *lane_of(const char *words, bool truth, int64_t lane)
{
    simulation s = open_words(words, truth);
    double *values = new_lane(&s, lane);
    close_simulation(&s);
    return values;
}

static double *artifact_of(const char *words, int64_t lane, int64_t *n)
{
    simulation s = open_words(words, false);
    double *recorded = new_lane(&s, lane), *truth = lane_of(words, true, lane);
    *n = s.source.stream.format.n_times;
    for (int64_t i = 0; i < *n; i++) recorded[i] -= truth[i];
    close_simulation(&s);
    free(truth);
    return recorded;
}

static double rms(const double *values, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += values[i] * values[i];
    return sqrt(sum / (double)n);
}

/* Amplitude of a sine of this frequency over a whole number of its periods. */
static double amplitude(const double *values, int64_t n, double turns_per_sample)
{
    double re = 0, im = 0;
    for (int64_t i = 0; i < n; i++) {
        re += values[i] * cos(2 * M_PI * turns_per_sample * (double)i);
        im += values[i] * sin(2 * M_PI * turns_per_sample * (double)i);
    }
    return 2 * hypot(re, im) / (double)n;
}

static const char everything[] =
    "channels=5 seconds=40 blocks=2 triggers=volumes volume-pause=0.1 clock-ratio=12 clock-drift=5 missing=1 extra=2 "
    "motion=4 "
    "tones=3.3,11.9 evoked-uv=8 heartbeat-uv=80 line-uv=3 drift-uv=100 electrode-noise-uv=0.5";

/* ---- The same bits however it is read ---- */

typedef struct reader {
    const simulation *s;
    double **whole;
    int64_t seed;
    bool differs;
} reader;

/* Reads random stretches of random lanes and compares them with what was read at once. */
static void read_at_random(void *user)
{
    reader *r = user;
    const int64_t n = r->s->source.stream.format.n_times, n_lanes = r->s->source.stream.format.n_channels;
    double *buffer = malloc((size_t)(n_lanes * 6000) * sizeof *buffer);
    for (int64_t i = 0; i < 60 && buffer != NULL; i++) {
        const uint64_t key = noise_key((uint64_t)r->seed, 0, (uint64_t)i);
        const int64_t count = i % 3 == 0 ? 1 + i : 1 + (int64_t)(5999 * noise_uniform(key, 0));
        const int64_t first = (int64_t)((double)(n - count) * noise_uniform(key, 1));
        int64_t lanes[8], n_chosen = 0;
        void *out[8];
        for (int64_t c = 0; c < n_lanes; c++)
            if (noise_uniform(key, 10 + c) < 0.5) {
                out[n_chosen] = buffer + n_chosen * 6000;
                lanes[n_chosen++] = c;
            }
        const lmp_read_request request = {
            .first = first, .count = count, .n_lanes = n_chosen, .lanes = lanes, .out = out};
        if (r->s->source.read(r->s->source.state, &request, r->s->budget, NULL) != LMP_OK) r->differs = true;
        for (int64_t k = 0; k < n_chosen; k++)
            if (memcmp(out[k], r->whole[lanes[k]] + first, (size_t)count * sizeof(double)) != 0) r->differs = true;
    }
    if (buffer == NULL) r->differs = true;
    free(buffer);
}

static void same_bits_for_any_cut_and_thread(void **state)
{
    (void)state;
    for (int truth = 0; truth < 2; truth++) {
        simulation s = open_words(everything, truth == 1);
        assert_int_equal(s.source.stream.format.n_channels, 6);
        double *whole[6];
        for (int64_t c = 0; c < 6; c++) whole[c] = new_lane(&s, c);
        enum { N_THREADS = 4 };
        reader readers[N_THREADS];
        os_thread *threads[N_THREADS];
        for (int i = 0; i < N_THREADS; i++) {
            readers[i] = (reader){.s = &s, .whole = whole, .seed = i};
            assert_int_equal(os_thread_start(read_at_random, &readers[i], &threads[i]), 0);
        }
        for (int i = 0; i < N_THREADS; i++) os_thread_join(threads[i]);
        for (int i = 0; i < N_THREADS; i++) assert_false(readers[i].differs);
        for (int64_t c = 0; c < 6; c++) free(whole[c]);
        close_simulation(&s);
    }
}

static void movements_do_not_depend_on_cuts(void **state)
{
    (void)state;
    simulation s = open_words("channels=1 seconds=12 lead-in=1 motion=6", false);
    double *whole = new_lane(&s, 0), *part = malloc(60000 * sizeof *part);
    for (int64_t at = 0, n = 1; at < 60000; at += n, n = n * 7 % 1009 + 1) {
        n = n < 60000 - at ? n : 60000 - at;
        read_lane(&s, 0, at, n, part + at);
    }
    assert_memory_equal(whole, part, 60000 * sizeof *part);
    free(whole);
    free(part);
    close_simulation(&s);
}

static void another_seed_is_another_recording(void **state)
{
    (void)state;
    double *a = lane_of("channels=1 seconds=12", false, 0), *b = lane_of("channels=1 seconds=12 seed=2", false, 0);
    double *again = lane_of("channels=1 seconds=12", false, 0);
    assert_memory_equal(a, again, 60000 * sizeof *a);
    assert_true(memcmp(a, b, 60000 * sizeof *a) != 0);
    free(a);
    free(b);
    free(again);
}

/* ---- Levels ---- */

static void brain_has_its_levels(void **state)
{
    (void)state;
    enum { N = 300000 };
    for (int64_t lane = 0; lane < 3; lane++) {
        double *pink = lane_of("channels=3 seconds=60 alpha-uv=0", true, lane);
        assert_near(rms(pink, N), 15, 0.75);
        double *alpha = lane_of("channels=3 seconds=60 background-uv=0", true, lane);
        assert_near(rms(alpha, N), 10 / sqrt(2), 0.01);
        for (int64_t i = 0; i < N; i++) assert_true(fabs(alpha[i]) < 10.0001);
        double *both = lane_of("channels=3 seconds=60", true, lane);
        for (int64_t i = 0; i < N; i++) assert_near(both[i], pink[i] + alpha[i], 1e-12);
        free(pink);
        free(alpha);
        free(both);
    }
}

static void tones_have_their_amplitude(void **state)
{
    (void)state;
    double *tones = lane_of("channels=2 seconds=60 background-uv=0 alpha-uv=0 tones=3.3,11.9 tone-uv=4", true, 1);
    assert_near(amplitude(tones, 300000, 3.3 / 5000), 4, 1e-9);
    assert_near(amplitude(tones, 300000, 11.9 / 5000), 4, 1e-9);
    assert_near(rms(tones, 300000), 4, 1e-9);
    free(tones);
}

static void nuisances_have_their_levels(void **state)
{
    (void)state;
    int64_t n;
    double *line = artifact_of("channels=2 seconds=20 artifact-uv=0 line-uv=8 line-hz=60 bits=24", 1, &n);
    const double peak = amplitude(line, n, 60.0 / 5000);
    assert_true(peak >= 4 && peak <= 8);
    assert_near(rms(line, n), peak / sqrt(2), 1e-3);
    double *noise = artifact_of("channels=2 seconds=20 artifact-uv=0 electrode-noise-uv=3 bits=24", 1, &n);
    assert_near(rms(noise, n), 3, 5 * 3 / sqrt(2.0 * (double)n));
    double *drift = artifact_of("channels=2 seconds=900 rate=100 artifact-uv=0 drift-uv=50", 1, &n);
    double largest = 0, fastest = 0;
    for (int64_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(drift[i]));
        fastest = fmax(fastest, i >= 100 ? fabs(drift[i] - drift[i - 100]) : 0);
    }
    assert_true(largest > 25 && largest <= 50.1);
    assert_true(fastest < 50 * 2 * M_PI * 0.08);
    free(line);
    free(noise);
    free(drift);
}

/* ---- Truth and artifact ---- */

static void recording_is_truth_and_artifact_on_a_grid(void **state)
{
    (void)state;
    simulation s = open_words("channels=9 seconds=20", false),
               bare = open_words("channels=9 seconds=20 artifact-uv=0", false);
    double *recorded = new_lane(&s, 4), *without = new_lane(&bare, 4),
           *truth = lane_of("channels=9 seconds=20", true, 4);
    const lmp_channel *channel = &s.source.stream.format.channels[4];
    assert_int_equal(s.source.stream.format.type, LMP_INT16);
    assert_near(channel->scale, 0.1, 1e-15);
    assert_near(channel->physical_max, 3276.7, 0);
    assert_near(channel->digital_max, 32767, 0);
    assert_null(s.source.warnings);
    double in_scan = 0;
    for (int64_t i = 0; i < 100000; i++) {
        assert_near(without[i], truth[i], 0.05 + 1e-9);
        if (i < 25000) assert_true(recorded[i] == without[i]);
        in_scan = fmax(in_scan, fabs(recorded[i] - truth[i]));
        /* As a reader of the file would compute it. */
        const double digital = round((recorded[i] - channel->physical_min) / channel->scale + channel->digital_min);
        assert_true(digital >= channel->digital_min && digital <= channel->digital_max);
        assert_true(recorded[i] == channel->scale * (digital - channel->digital_min) + channel->physical_min);
    }
    assert_near(in_scan, 1500 * (0.5 + 4.0 / 8), 1500 * 0.03);
    free(recorded);
    free(without);
    free(truth);
    close_simulation(&s);
    close_simulation(&bare);
    simulation t = open_words("channels=9 seconds=20", true);
    assert_int_equal(t.source.stream.format.type, LMP_FLOAT64);
    assert_near(t.source.stream.format.channels[4].scale, 0, 0);
    close_simulation(&t);
}

static void artifact_repeats_with_the_slices(void **state)
{
    (void)state;
    int64_t n;
    /* 100 slices of 357.17 samples are 35717 samples. */
    double *artifact = artifact_of("channels=9 seconds=30 drift=0 bits=24", 0, &n);
    for (int64_t i = 25000; i + 35717 < 117000; i++) assert_near(artifact[i], artifact[i + 35717], 1e-3);
    /* Between whole periods it does not: the fraction of a sample matters. */
    double largest = 0;
    for (int64_t i = 30000; i < 60000; i++) largest = fmax(largest, fabs(artifact[i] - artifact[i + 357]));
    assert_true(largest > 20);
    /* Lane 8 has the gain of lane 0, lane 4 twice that. */
    double *eighth = artifact_of("channels=9 seconds=30 drift=0 bits=24", 8, &n);
    double *fourth = artifact_of("channels=9 seconds=30 drift=0 bits=24", 4, &n);
    for (int64_t i = 0; i < n; i++) {
        assert_near(eighth[i], artifact[i], 1e-3);
        assert_near(fourth[i], 2 * artifact[i], 2e-3);
    }
    free(artifact);
    free(eighth);
    free(fourth);
}

static void artifact_follows_the_scanners_clock(void **state)
{
    (void)state;
    int64_t n;
    /* 100000 ppm would be a clock that is a tenth faster; 8000 ppm make slices of 357.17 / 1.008 samples. */
    double *artifact = artifact_of("channels=1 seconds=30 drift=0 bits=24 clock-ratio=8000 tr=1.44", 0, &n);
    /* 360 / 1.008 = 357.142857 samples: seven slices are 2500. */
    for (int64_t i = 25000; i + 2500 < 120000; i++) assert_near(artifact[i], artifact[i + 2500], 1e-3);
    free(artifact);
}

static void artifact_drifts_and_moves(void **state)
{
    (void)state;
    int64_t n;
    double *still = artifact_of("channels=1 seconds=60 drift=0 bits=24", 0, &n);
    double *drift = artifact_of("channels=1 seconds=60 drift=10 bits=24", 0, &n);
    double *motion = artifact_of("channels=1 seconds=60 drift=0 motion=1 bits=24", 0, &n);
    const int64_t slice = 357, first = 25000;
    double least = 9, most = 0;
    for (int64_t at = first; at + slice < first + 35717 * 6; at += slice) {
        const double ratio = rms(drift + at, slice) / rms(still + at, slice);
        least = fmin(least, ratio);
        most = fmax(most, ratio);
    }
    assert_near(least, 0.9, 1e-3);
    assert_near(most, 1.1, 1e-3);
    simulation s = open_words("channels=1 seconds=60 drift=0 motion=1 bits=24", false);
    const json_t *movements = json_object_get(s.source.facts, "movements_s");
    assert_int_equal(json_array_size(movements), 1);
    const int64_t moves = (int64_t)(5000 * json_real_value(json_array_get(movements, 0)));
    assert_true(moves > 30000 && moves < 250000);
    double change = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i <= moves) assert_near(motion[i], still[i], 1e-3);
        if (i > moves) change = fmax(change, fabs(motion[i] - still[i]));
    }
    assert_true(change > 5 && change < 750 * 0.17);
    free(still);
    free(drift);
    free(motion);
    close_simulation(&s);
}

static void volumes_repeat_slices_differ(void **state)
{
    (void)state;
    int64_t n;
    /* Volumes of 10000 samples: 18 slices of 500, 1000 without gradients. */
    double *artifact =
        artifact_of("channels=1 seconds=30 drift=0 bits=24 triggers=volumes tr=2 slices=18 volume-pause=0.2", 0, &n);
    double differ = 0;
    for (int64_t i = 25000; i < 115000; i++) {
        assert_near(artifact[i], artifact[i + 10000], 1e-3);
        if ((i - 25000) % 10000 >= 9000) assert_near(artifact[i], 0, 1e-3);
        if ((i - 25000) % 10000 < 8500) differ = fmax(differ, fabs(artifact[i] - artifact[i + 500]));
    }
    assert_true(differ > 20 && differ < 750 * 0.4);
    free(artifact);
}

/* ---- Events ---- */

static int64_t count_label(const simulation *s, const char *label)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->source.stream.n_events; i++) n += strcmp(s->source.stream.events[i].label, label) == 0;
    return n;
}

static void triggers_are_rounded_and_truth_is_not(void **state)
{
    (void)state;
    simulation s = open_words("channels=1 seconds=60", false), truth = open_words("channels=1 seconds=60", true);
    assert_int_equal(s.source.stream.n_events, 34 * 20);
    assert_int_equal(truth.source.stream.n_events, 34 * 20);
    double largest = 0;
    for (int64_t i = 0; i < 680; i++) {
        const lmp_event *recorded = &s.source.stream.events[i], *sent = &truth.source.stream.events[i];
        assert_string_equal(recorded->label, "S  1");
        assert_near(sent->onset_s, 5 + (double)i * 0.071434, 1e-11);
        assert_near(recorded->onset_s * 5000, round(recorded->onset_s * 5000), 1e-7);
        assert_near(recorded->onset_s, sent->onset_s, 0.5 / 5000 + 1e-12);
        largest = fmax(largest, fabs(recorded->onset_s - sent->onset_s));
    }
    assert_true(largest > 0.45 / 5000);
    close_simulation(&s);
    close_simulation(&truth);
    s = open_words("channels=1 seconds=60 trigger-rounding=no triggers=volumes trigger-label=R128", false);
    assert_int_equal(s.source.stream.n_events, 34);
    for (int64_t i = 0; i < 34; i++) assert_near(s.source.stream.events[i].onset_s, 5 + (double)i * 1.42868, 1e-11);
    assert_string_equal(s.source.stream.events[0].label, "R128");
    close_simulation(&s);
}

static void faults_are_counted(void **state)
{
    (void)state;
    const char *words = "channels=1 seconds=60 missing=3,1 extra=2 evoked-uv=5";
    simulation s = open_words(words, false), truth = open_words(words, true);
    assert_int_equal(count_label(&s, "S  1"), 680 - 4 + 2);
    assert_int_equal(count_label(&truth, "S  1"), 680);
    assert_true(count_label(&s, "stimulus") >= 24 && count_label(&s, "stimulus") <= 37);
    assert_int_equal(count_label(&truth, "stimulus"), count_label(&s, "stimulus"));
    const json_t *facts = json_object_get(s.source.facts, "triggers");
    assert_int_equal(json_array_size(json_object_get(facts, "true_s")), 680);
    assert_int_equal(json_array_size(json_object_get(facts, "recorded_s")), 680);
    assert_int_equal(json_array_size(json_object_get(facts, "missing")), 4);
    assert_int_equal(json_array_size(json_object_get(facts, "extra_s")), 2);
    const int64_t gone = json_integer_value(json_array_get(json_object_get(facts, "missing"), 0));
    assert_true(json_is_null(json_array_get(json_object_get(facts, "recorded_s"), (size_t)gone)));
    /* The artifact is there whether its trigger was recorded or not. */
    double *faulty = lane_of(words, false, 0), *fine = lane_of("channels=1 seconds=60 evoked-uv=5", false, 0);
    assert_memory_equal(faulty, fine, 300000 * sizeof *fine);
    free(faulty);
    free(fine);
    close_simulation(&s);
    close_simulation(&truth);
}

static void clock_changes_the_triggers(void **state)
{
    (void)state;
    simulation truth = open_words("channels=1 seconds=300 clock-ratio=25 clock-drift=10", true);
    const lmp_event *events = truth.source.stream.events;
    const int64_t n = truth.source.stream.n_events;
    for (int64_t i = 0; i + 100 < n; i += 100) {
        const double ppm = (100 * 0.071434 / (events[i + 100].onset_s - events[i].onset_s) - 1) * 1e6;
        const double middle_s = (events[i + 100].onset_s + events[i].onset_s) / 2;
        assert_near(ppm, 25 + 10 * middle_s / 300, 1e-4);
    }
    close_simulation(&truth);
}

static void blocks_are_apart(void **state)
{
    (void)state;
    simulation s = open_words("channels=1 seconds=120 blocks=3 block-pause=7 lead-in=2", false);
    const json_t *blocks = json_object_get(s.source.facts, "blocks");
    assert_int_equal(json_array_size(blocks), 3);
    /* (116 - 14) / 3 = 34 s: 23 volumes in each. */
    assert_int_equal(s.source.stream.n_events, 3 * 23 * 20);
    for (size_t b = 0; b + 1 < 3; b++) {
        const double end = json_real_value(json_object_get(json_array_get(blocks, b), "last_s"));
        const double next = json_real_value(json_object_get(json_array_get(blocks, b + 1), "first_s"));
        assert_near(next - end, 7, 1e-9);
    }
    close_simulation(&s);
}

static void evoked_responses_follow_stimuli(void **state)
{
    (void)state;
    simulation s = open_words("channels=2 seconds=60 background-uv=0 alpha-uv=0 evoked-uv=10", true);
    double *values = new_lane(&s, 1);
    const double gain = json_real_value(json_array_get(json_object_get(s.source.facts, "evoked_gain"), 1));
    for (int64_t i = 0; i < s.source.stream.n_events; i++) {
        if (strcmp(s.source.stream.events[i].label, "stimulus") != 0) continue;
        const double onset = s.source.stream.events[i].onset_s;
        assert_near(values[llround((onset + 0.33) * 5000)], 10 * gain, 1e-3);
        assert_near(values[llround((onset + 0.10) * 5000)], -6 * gain, 1e-3);
        assert_near(values[llround((onset + 0.02) * 5000)], 0, 0);
    }
    free(values);
    close_simulation(&s);
}

/* ---- Channels, heart ---- */

static void ecg_comes_last(void **state)
{
    (void)state;
    const char *words = "channels=70 seconds=30 heartbeat-uv=80 heart-rate=75";
    simulation s = open_words(words, false);
    const lmp_format *format = &s.source.stream.format;
    assert_int_equal(format->n_channels, 71);
    assert_string_equal(format->channels[0].name, "Fp1");
    assert_string_equal(format->channels[63].name, "CPz");
    assert_string_equal(format->channels[64].name, "E65");
    assert_string_equal(format->channels[70].name, "ECG");
    assert_int_equal(format->channels[70].role, LMP_ROLE_ECG);
    for (int64_t a = 0; a < 71; a++)
        for (int64_t b = 0; b < a; b++) assert_string_not_equal(format->channels[a].name, format->channels[b].name);
    const json_t *beats = json_object_get(s.source.facts, "heartbeats_s");
    assert_true(json_array_size(beats) >= 34 && json_array_size(beats) <= 41);
    double *ecg = lane_of(words, true, 70);
    for (size_t i = 0; i < json_array_size(beats); i++) {
        const double beat = json_real_value(json_array_get(beats, i));
        const int64_t at = llround(beat * 5000);
        if (at < 150000) assert_near(ecg[at], 1000, 5);
    }
    /* The truth of an EEG lane knows no heart; the recording has a pulse of the size asked for. */
    double *calm = lane_of("channels=70 seconds=30", true, 3), *truth = lane_of(words, true, 3);
    assert_memory_equal(calm, truth, 150000 * sizeof *calm);
    int64_t n;
    double *pulse = artifact_of("channels=70 seconds=30 heartbeat-uv=80 artifact-uv=0", 3, &n), largest = 0;
    for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(pulse[i]));
    assert_true(largest > 80 * 0.35 && largest < 80 * 1.6);
    free(ecg);
    free(calm);
    free(truth);
    free(pulse);
    close_simulation(&s);
}

/* ---- Grid, facts, refusals ---- */

static void grid_is_widened_for_large_artifacts(void **state)
{
    (void)state;
    simulation s = open_words("channels=8 seconds=12 artifact-uv=9000", false);
    const lmp_channel *channel = &s.source.stream.format.channels[7];
    assert_near(channel->physical_max, 3276.7 * 4, 1e-9);
    assert_near(channel->scale, 0.4, 1e-12);
    assert_non_null(strstr(s.source.warnings, "widened from 3276.7 to 13106.8 uV"));
    double *values = new_lane(&s, 7), largest = 0;
    for (int64_t i = 0; i < 60000; i++) largest = fmax(largest, fabs(values[i]));
    assert_true(largest > 11000 && largest < 3276.7 * 4);
    free(values);
    close_simulation(&s);
    s = open_words("channels=8 seconds=12 bits=24", false);
    assert_int_equal(s.source.stream.format.type, LMP_INT24);
    assert_near(s.source.stream.format.channels[0].digital_max, 8388607, 0);
    close_simulation(&s);
}

static void facts_hold_every_parameter(void **state)
{
    (void)state;
    simulation s = open_words(everything, false);
    const json_t *parameters = json_object_get(s.source.facts, "parameters");
    for (const lmp_param *row = lmp_simulator_eeg_fmri.params; row->name != NULL; row++) {
        if (json_object_get(parameters, row->name) == NULL) fail_msg("%s is missing", row->name);
        assert_true(row->help[strlen(row->help) - 1] == '.');
        assert_true(row->offset < lmp_simulator_eeg_fmri.params_size);
    }
    assert_near(json_real_value(json_object_get(parameters, "clock-ratio")), 12, 0);
    assert_string_equal(json_string_value(json_object_get(parameters, "triggers")), "volumes");
    assert_int_equal(json_array_size(json_object_get(s.source.facts, "tones_hz")), 2);
    assert_int_equal(json_array_size(json_object_get(s.source.facts, "artifact_gain")), 6);
    assert_int_equal(json_array_size(json_object_get(s.source.facts, "movements_s")), 4);
    close_simulation(&s);
}

static void impossible_settings_are_refused(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"artifact-bandwidth=2501", "artifact-bandwidth=2501"},
        {"rate=1000 artifact-bandwidth=400 tones=501", "tones=501"},
        {"line-uv=1 line-hz=3000", "line-hz=3000"},
        {"seconds=10", "lead-in=5"},
        {"tr=0", "tr=0"},
        {"volume-pause=2", "volume-pause=2"},
        {"artifact-bandwidth=40", "holds 2 harmonics"},
        {"missing=9999", "missing=9999"},
        {"missing=0", "missing=0"},
        {"extra=999999", "extra=999999"},
        {"trigger-label=", "trigger-label"},
        {"trigger-jitter=0.1", "trigger-jitter=0.1"},
        {"channels=0", "channels=0"},
        {"bits=40", "bits=40"},
        {"tr=400 seconds=350", "tr=400"},
        {"colour=1", "colour"},
        {"seconds=500000 tr=0.001 artifact-uv=0", "2 million"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lmp_source source = {0};
        lmp_error err = {0};
        if (try_open(cases[i][0], false, &source, &err) != LMP_ERR_USAGE) fail_msg("%s was not refused", cases[i][0]);
        if (strstr(err.text, cases[i][1]) == NULL)
            fail_msg("%s: \"%s\" does not say %s", cases[i][0], err.text, cases[i][1]);
        assert_null(source.stream.own);
        assert_null(source.facts);
    }
}

static void reading_takes_little_memory_and_says_if_it_cannot(void **state)
{
    (void)state;
    simulation s = open_words(everything, false);
    double *values = malloc(100000 * sizeof *values);
    void *out = values;
    const int64_t lane = 0;
    lmp_read_request request = {.first = 0, .count = 100000, .n_lanes = 1, .lanes = &lane, .out = &out};
    assert_int_equal(s.source.read(s.source.state, &request, s.budget, NULL), LMP_OK);
    assert_true(budget_peak(s.budget) <= (uint64_t)EEG_FMRI_TILE * EEG_FMRI_BYTES_PER_TIME);
    lmp_error err = {0};
    budget_fail_at(s.budget, 1);
    assert_int_equal(s.source.read(s.source.state, &request, s.budget, &err), LMP_ERR_MEMORY);
    request.count = 0;
    assert_int_equal(s.source.read(s.source.state, &request, s.budget, NULL), LMP_OK);
    free(values);
    close_simulation(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_for_any_cut_and_thread),
        cmocka_unit_test(movements_do_not_depend_on_cuts),
        cmocka_unit_test(another_seed_is_another_recording),
        cmocka_unit_test(brain_has_its_levels),
        cmocka_unit_test(tones_have_their_amplitude),
        cmocka_unit_test(nuisances_have_their_levels),
        cmocka_unit_test(recording_is_truth_and_artifact_on_a_grid),
        cmocka_unit_test(artifact_repeats_with_the_slices),
        cmocka_unit_test(artifact_follows_the_scanners_clock),
        cmocka_unit_test(artifact_drifts_and_moves),
        cmocka_unit_test(volumes_repeat_slices_differ),
        cmocka_unit_test(triggers_are_rounded_and_truth_is_not),
        cmocka_unit_test(faults_are_counted),
        cmocka_unit_test(clock_changes_the_triggers),
        cmocka_unit_test(blocks_are_apart),
        cmocka_unit_test(evoked_responses_follow_stimuli),
        cmocka_unit_test(ecg_comes_last),
        cmocka_unit_test(grid_is_widened_for_large_artifacts),
        cmocka_unit_test(facts_hold_every_parameter),
        cmocka_unit_test(impossible_settings_are_refused),
        cmocka_unit_test(reading_takes_little_memory_and_says_if_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
