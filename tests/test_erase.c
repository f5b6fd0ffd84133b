/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The steps annotate and erase: which samples are replaced and by what, which events appear, what is refused.
 */
#include "core/param.h"
#include "core/plan.h"
#include "core/stream.h"
#include "drive.h"
#include "temporary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

extern const lmp_step lmp_step_annotate, lmp_step_erase;

enum { N = 5000 };
#define RATE_HZ 500.0

static drive_signals signals(void)
{
    drive_signals made = drive_new(3, N, RATE_HZ);
    for (int64_t lane = 0; lane < 3; lane++)
        for (int64_t i = 0; i < N; i++)
            made.lanes[lane][i] =
                1000.0 * (double)(lane + 1) + 20.0 * sin(0.013 * (double)(i * (lane + 1))) + 0.01 * (double)i;
    return made;
}

static drive_signals erased(const drive_signals *in, const char *settings)
{
    drive_signals out;
    drive_all_cuts(&lmp_step_erase, settings, in, &out);
    assert_int_equal(out.n_times, in->n_times);
    return out;
}

static double mean_of(const double *x, int64_t first, int64_t end)
{
    double sum = 0.0;
    int64_t n = 0;
    for (int64_t i = first; i < end; i++) {
        if (!isfinite(x[i])) continue;
        sum += x[i];
        n++;
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* The stretch [a, b) of a lane is a line between two values, which lie beside it. */
static void expect_line(const drive_signals *out, int64_t lane, int64_t a, int64_t b, double left, double right)
{
    for (int64_t i = a; i < b; i++) {
        const double want = left + (right - left) * (double)(i - a + 1) / (double)(b - a + 1);
        if (!(fabs(out->lanes[lane][i] - want) < 1e-9))
            fail_msg("sample %lld is %.12g instead of %.12g", (long long)i, out->lanes[lane][i], want);
    }
}

static void expect_same(const drive_signals *in, const drive_signals *out, int64_t first, int64_t end)
{
    for (int64_t lane = 0; lane < in->n_lanes; lane++)
        assert_memory_equal(in->lanes[lane] + first, out->lanes[lane] + first, (size_t)(end - first) * sizeof(double));
}

/* ---- erase ---- */

static void a_line_joins_both_sides(void **state)
{
    drive_signals in = signals(), out = erased(&in, "ranges=2-3.5");
    (void)state;
    for (int64_t lane = 0; lane < 3; lane++)
        expect_line(&out, lane, 1000, 1750, mean_of(in.lanes[lane], 975, 1000), mean_of(in.lanes[lane], 1750, 1775));
    expect_same(&in, &out, 0, 1000);
    expect_same(&in, &out, 1750, N);
    drive_free(&out);
    drive_free(&in);
}

static void zero_and_mean_fill(void **state)
{
    drive_signals in = signals(), out = erased(&in, "2-3.5 with=zero");
    (void)state;
    for (int64_t i = 1000; i < 1750; i++) assert_true(out.lanes[1][i] == 0.0);
    expect_same(&in, &out, 0, 1000);
    expect_same(&in, &out, 1750, N);
    drive_free(&out);
    out = erased(&in, "2-3.5 with=mean edge-s=0.1");
    const double mean = 0.5 * (mean_of(in.lanes[2], 950, 1000) + mean_of(in.lanes[2], 1750, 1800));
    for (int64_t i = 1000; i < 1750; i++) assert_true(fabs(out.lanes[2][i] - mean) < 1e-9);
    drive_free(&out);
    drive_free(&in);
}

/* Those that overlap or touch are one; a side ends where the neighbour begins; one side may be missing. */
static void stretches_have_neighbours(void **state)
{
    drive_signals in = signals(), out = erased(&in, "9.9-,3-4,4-5,3.5-4.2,5.02-6,-0.5 edge-s=0.2");
    const double *x = in.lanes[1];
    (void)state;
    const double between = mean_of(x, 2500, 2510), after = mean_of(x, 250, 350), before = mean_of(x, 4850, 4950);
    expect_line(&out, 1, 0, 250, after, after);
    expect_line(&out, 1, 1500, 2500, mean_of(x, 1400, 1500), between);
    expect_line(&out, 1, 2510, 3000, between, mean_of(x, 3000, 3100));
    expect_line(&out, 1, 4950, N, before, before);
    expect_same(&in, &out, 250, 1500);
    expect_same(&in, &out, 2500, 2510);
    expect_same(&in, &out, 3000, 4950);
    drive_free(&out);
    out = erased(&in, "3-3.0001 edge-s=0"); /* at least one sample, also of the sides */
    expect_line(&out, 1, 1500, 1501, x[1499], x[1501]);
    expect_same(&in, &out, 1501, N);
    drive_free(&out);
    drive_free(&in);
}

static void missing_samples_tell_nothing(void **state)
{
    drive_signals in = signals();
    (void)state;
    for (int64_t i = 990; i < 1200; i++) in.lanes[0][i] = (double)(i % 2 ? NAN : INFINITY);
    for (int64_t i = 900; i < 1000; i++) in.lanes[1][i] = (double)NAN;
    for (int64_t i = 900; i < 1900; i++) in.lanes[2][i] = (double)NAN;
    drive_signals out = erased(&in, "2-3.5");
    const double right = mean_of(in.lanes[1], 1750, 1775);
    expect_line(&out, 0, 1000, 1750, mean_of(in.lanes[0], 975, 990), mean_of(in.lanes[0], 1750, 1775));
    expect_line(&out, 1, 1000, 1750, right, right);
    for (int64_t i = 1000; i < 1750; i++) assert_true(isnan(out.lanes[2][i]));
    for (int64_t i = 990; i < 1000; i++) assert_false(isfinite(out.lanes[0][i]));
    drive_free(&out);
    out = erased(&in, "2-3.5 with=zero");
    for (int64_t i = 1000; i < 1750; i++) assert_true(out.lanes[2][i] == 0.0);
    drive_free(&out);
    drive_free(&in);
}

/* Those with a duration, whatever part of it lies inside; and on chosen channels only. */
static void events_tell_stretches(void **state)
{
    static const lmp_event events[] = {{.onset_s = -1.0, .duration_s = 1.2, .label = "BAD_erase"},
                                       {.onset_s = 4.0, .duration_s = 0.0, .label = "BAD_erase"},
                                       {.onset_s = 5.0, .duration_s = 0.5, .label = "BAD_segment"},
                                       {.onset_s = 6.0, .duration_s = 0.5, .label = "BAD_erase"}};
    static const lmp_role roles[] = {LMP_ROLE_EEG, LMP_ROLE_STIM, LMP_ROLE_ECG};
    drive_signals in = signals();
    (void)state;
    in.events = events;
    in.n_events = 4;
    in.roles = roles;
    drive_signals out = erased(&in, "");
    const double right = mean_of(in.lanes[0], 100, 125);
    expect_line(&out, 0, 0, 100, right, right);
    expect_line(&out, 2, 3000, 3250, mean_of(in.lanes[2], 2975, 3000), mean_of(in.lanes[2], 3250, 3275));
    expect_same(&in, &out, 100, 3000);
    expect_same(&in, &out, 3250, N);
    assert_memory_equal(out.lanes[1], in.lanes[1], N * sizeof(double));
    drive_free(&out);
    out = erased(&in, "label=BAD* channels=ecg with=zero");
    assert_memory_equal(out.lanes[0], in.lanes[0], N * sizeof(double));
    assert_true(out.lanes[2][2600] == 0.0 && out.lanes[2][3100] == 0.0 && out.lanes[2][2900] == in.lanes[2][2900]);
    drive_free(&out);
    drive_free(&in);
}

static void lack_of_memory_is_reported(void **state)
{
    drive_signals in = signals();
    (void)state;
    drive_all_faults(&lmp_step_erase, "2-3,4-5", &in);
    drive_free(&in);
}

static void expect_refusal(const lmp_step *step, const char *settings, const drive_signals *in, const char *part)
{
    const char *text = drive_refusal(step, settings, in);
    if (strstr(text, part) == NULL) fail_msg("%s %s is refused with: %s", step->name, settings, text);
}

static void impossible_stretches_are_refused(void **state)
{
    static const lmp_event events[] = {{.onset_s = 1.0, .label = "blink"}, {.onset_s = 2.0, .label = "BAD_erase"}};
    drive_signals in = signals();
    (void)state;
    in.events = events;
    in.n_events = 2;
    expect_refusal(&lmp_step_erase, "", &in,
                   "label 'BAD_erase': give ranges, or one of the labels ('BAD_erase' (1), 'blink' (1))");
    expect_refusal(&lmp_step_erase, "2-1", &in, "\"2-1\" in ranges is no stretch of time");
    expect_refusal(&lmp_step_erase, "1-2,,3-4", &in, "\"\" in ranges is no stretch of time");
    expect_refusal(&lmp_step_erase, "1-2,nan", &in, "\"nan\" in ranges");
    expect_refusal(&lmp_step_erase, "3", &in, "3 in ranges is no stretch: give its end, as in 3-4");
    expect_refusal(&lmp_step_erase, "1-2,9-11.5", &in, "from 9 to 11.5 s does not lie inside the recording of 10 s");
    expect_refusal(&lmp_step_erase, "10-", &in, "does not lie inside");
    expect_refusal(&lmp_step_erase, "5-,-6", &in, "covers the whole recording");
    expect_refusal(&lmp_step_erase, "1-2 channels=Fz", &in, "Fz");
    assert_string_equal(drive_refusal(&lmp_step_erase, "5-,-6 with=zero", &in), "");
    expect_refusal(&lmp_step_annotate, "", &in, "give ranges, as in");
    expect_refusal(&lmp_step_annotate, "1-2 file=x.tsv", &in, "not both");
    expect_refusal(&lmp_step_annotate, "1-2 label=", &in, "label is empty");
    expect_refusal(&lmp_step_annotate, "33", &in, "from 33 to 33 s does not lie inside the recording of 10 s");
    expect_refusal(&lmp_step_annotate, "file=/nowhere/x.tsv", &in, "/nowhere/x.tsv");
    in.rate_hz = 0.0;
    expect_refusal(&lmp_step_erase, "1-2", &in, "give --rate");
    expect_refusal(&lmp_step_annotate, "1-2", &in, "give --rate");
    in.rate_hz = RATE_HZ;
    drive_free(&in);
}

/* ---- annotate ---- */

typedef struct annotated {
    lmp_recording recording;
    run_plan *plan;
    param_set params;
} annotated;

/* Plans the step behind one event at 5 s. */
static lmp_status annotate(annotated *a, const char *const *words, lmp_error *err)
{
    static const lmp_event there = {.onset_s = 5.0, .label = "R128", .code = 128};
    const lmp_step *step = &lmp_step_annotate;
    lmp_stream *stream = &a->recording.source.stream;
    *a = (annotated){.plan = calloc(1, sizeof *a->plan)};
    assert_non_null(a->plan);
    *a->plan = (run_plan){.recording = &a->recording, .n_steps = 1, .steps = calloc(1, sizeof *a->plan->steps)};
    assert_non_null(a->plan->steps);
    stream->format = (lmp_format){.kind = LMP_SIGNALS, .type = LMP_FLOAT64, .n_times = N, .rate_hz = RATE_HZ};
    assert_int_equal(lmp_stream_set_events(stream, &there, 1, err), LMP_OK);
    lmp_status status = param_set_new(step->params, step->params_size, step->name, &a->params, err);
    for (; status == LMP_OK && *words != NULL; words++) status = param_set_word(&a->params, *words, err);
    *a->plan->steps = (plan_step){.step = step, .params = a->params.values};
    return status == LMP_OK ? plan_step_again(a->plan, 0, err) : status;
}

static void clear_annotated(annotated *a)
{
    plan_free(a->plan);
    param_set_clear(&a->params);
    stream_clear(&a->recording.source.stream);
}

static const lmp_stream *events_of(const annotated *a)
{
    return &a->plan->steps->plan.out;
}

static void expect_event(const annotated *a, int64_t i, double onset_s, double duration_s, const char *label)
{
    const lmp_event *e = &events_of(a)->events[i];
    assert_true(i < events_of(a)->n_events);
    assert_true(fabs(e->onset_s - onset_s) < 1e-12 && fabs(e->duration_s - duration_s) < 1e-12);
    assert_string_equal(e->label, label);
}

static void ranges_become_events(void **state)
{
    annotated a;
    lmp_error err = {0};
    (void)state;
    assert_int_equal(annotate(&a, (const char *const[]){"8.5-, 1.25-2, 3.5", NULL}, &err), LMP_OK);
    assert_int_equal(events_of(&a)->n_events, 4);
    expect_event(&a, 0, 1.25, 0.75, "BAD_segment");
    expect_event(&a, 1, 3.5, 0.0, "BAD_segment");
    expect_event(&a, 2, 5.0, 0.0, "R128");
    expect_event(&a, 3, 8.5, 1.5, "BAD_segment");
    clear_annotated(&a);
    assert_int_equal(annotate(&a, (const char *const[]){"ranges=1-2", "label=BAD_erase", NULL}, &err), LMP_OK);
    expect_event(&a, 0, 1.0, 1.0, "BAD_erase");
    clear_annotated(&a);
}

static void a_file_becomes_events(void **state)
{
    char path[TEMPORARY_ROOM], word[TEMPORARY_ROOM + 8];
    const int file = mkstemp(temporary_name(path, "eventsXXXXXX"));
    const char inside[] = "onset\tduration\ttrial_type\n7.5\t0.25\tBAD_x\n1\tn/a\tgo\n";
    const char outside[] = "onset\tduration\ttrial_type\n7.5\t25\tBAD_x\n";
    annotated a;
    lmp_error err = {0};
    (void)state;
    assert_true(file >= 0 && write(file, inside, strlen(inside)) == (ssize_t)strlen(inside));
    snprintf(word, sizeof word, "file=%s", path);
    assert_int_equal(annotate(&a, (const char *const[]){word, NULL}, &err), LMP_OK);
    assert_int_equal(events_of(&a)->n_events, 3);
    expect_event(&a, 0, 1.0, 0.0, "go");
    expect_event(&a, 2, 7.5, 0.25, "BAD_x");
    clear_annotated(&a);
    assert_true(pwrite(file, outside, strlen(outside), 0) == (ssize_t)strlen(outside));
    assert_int_equal(ftruncate(file, (off_t)strlen(outside)), 0);
    assert_int_equal(annotate(&a, (const char *const[]){word, NULL}, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "from 7.5 to 32.5 s does not lie inside the recording of 10 s"));
    clear_annotated(&a);
    close(file);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_joins_both_sides),
        cmocka_unit_test(zero_and_mean_fill),
        cmocka_unit_test(stretches_have_neighbours),
        cmocka_unit_test(missing_samples_tell_nothing),
        cmocka_unit_test(events_tell_stretches),
        cmocka_unit_test(lack_of_memory_is_reported),
        cmocka_unit_test(impossible_stretches_are_refused),
        cmocka_unit_test(ranges_become_events),
        cmocka_unit_test(a_file_becomes_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
