/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running one step over arrays. Lanes are run one after the other; learning passes come first, as in the engine.
 */
#include "drive.h"

#include "core/budget.h"
#include "core/param.h"
#include "core/plan.h"
#include "core/record.h"
#include "core/stream.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CANARIES = 4, ALLOCATION_SLACK = 64 * 64 };
#define CANARY -7.25e77

typedef struct drive {
    const lmp_step *step;
    const drive_signals *in;
    const int64_t *cuts;
    lmp_recording recording;
    run_plan *plan;
    param_set params;
    lmp_budget *budget;
    void *shared, *scratch;
} drive;

drive_signals drive_new(int64_t n_lanes, int64_t n_times, double rate_hz)
{
    drive_signals made = {.rate_hz = rate_hz, .n_times = n_times, .n_lanes = n_lanes};
    made.lanes = calloc((size_t)n_lanes, sizeof *made.lanes);
    assert_non_null(made.lanes);
    for (int64_t i = 0; i < n_lanes; i++) {
        made.lanes[i] = calloc((size_t)n_times + 1, sizeof(double));
        assert_non_null(made.lanes[i]);
    }
    return made;
}

void drive_free(drive_signals *signals)
{
    for (int64_t i = 0; i < signals->n_lanes; i++) free(signals->lanes[i]);
    free(signals->lanes);
    *signals = (drive_signals){0};
}

/* ---- Setting up -------------------------------------------------------------------------------------------- */

static void describe_input(const drive_signals *in, lmp_stream *stream)
{
    lmp_channel channels[64] = {0};
    char names[64][24];
    assert_true(in->n_lanes <= 64);
    for (int64_t i = 0; i < in->n_lanes; i++) {
        snprintf(names[i], sizeof names[i], "A%lld", (long long)i);
        channels[i] = (lmp_channel){.name = names[i],
                                    .unit = "uV",
                                    .transducer = "",
                                    .filtering = "",
                                    .role = in->roles ? in->roles[i] : LMP_ROLE_EEG,
                                    .stored_rate_hz = in->rate_hz};
    }
    stream->format = (lmp_format){.kind = LMP_SIGNALS,
                                  .type = LMP_FLOAT64,
                                  .n_times = in->n_times,
                                  .rate_hz = in->rate_hz,
                                  .subject = "",
                                  .session = ""};
    assert_int_equal(lmp_stream_set_channels(stream, channels, in->n_lanes, NULL), LMP_OK);
    assert_int_equal(lmp_stream_set_events(stream, in->events, in->n_events, NULL), LMP_OK);
}

static lmp_status set_parameters(drive *d, const char *settings, lmp_error *err)
{
    char words[512], *rest = words;
    assert_true(strlen(settings) < sizeof words);
    strcpy(words, settings);
    lmp_status status = param_set_new(d->step->params, d->step->params_size, d->step->name, &d->params, err);
    for (char *word; status == LMP_OK && (word = strsep(&rest, " ")) != NULL;)
        if (*word) status = param_set_word(&d->params, word, err);
    return status == LMP_OK ? param_set_check(&d->params, err) : status;
}

/* Plans the step; what it made is undone by drive_close() whether it fails or not. */
static lmp_status drive_open(drive *d, const lmp_step *step, const char *settings, const drive_signals *in,
                             lmp_error *err)
{
    *d = (drive){.step = step, .in = in};
    describe_input(in, &d->recording.source.stream);
    d->plan = calloc(1, sizeof *d->plan);
    assert_non_null(d->plan);
    d->plan->recording = &d->recording;
    d->plan->n_steps = 1;
    d->plan->steps = calloc(1, sizeof *d->plan->steps);
    assert_non_null(d->plan->steps);
    assert_int_equal(budget_new((uint64_t)1 << 33, &d->budget, NULL), LMP_OK);
    lmp_status status = set_parameters(d, settings, err);
    if (status != LMP_OK) return status;
    d->plan->steps[0].step = step;
    d->plan->steps[0].params = d->params.values;
    return plan_step_again(d->plan, 0, err);
}

static void drive_close(drive *d)
{
    if (d->shared && d->step->close) d->step->close(d->shared, d->budget);
    lmp_give(d->budget, d->scratch);
    plan_free(d->plan);
    param_set_clear(&d->params);
    stream_clear(&d->recording.source.stream);
    budget_free(d->budget);
}

/* ---- Running ----------------------------------------------------------------------------------------------- */

static int64_t next_cut(const drive *d, int64_t *at, int64_t left)
{
    if (d->cuts[*at] == 0) *at = 0;
    int64_t cut = d->cuts[(*at)++];
    return cut < left ? cut : left;
}

static lmp_status learn_pass(drive *d, int64_t pass, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    int64_t count = plan->learn_count ? plan->learn_count : d->in->n_times;
    lmp_status status = LMP_OK;
    for (int64_t lane = 0; lane < d->in->n_lanes && status == LMP_OK; lane++) {
        if (plan->learn_lane && !plan->learn_lane[lane]) continue;
        int64_t at = 0;
        for (int64_t first = 0; first < count && status == LMP_OK;) {
            int64_t n = next_cut(d, &at, count - first);
            status = d->step->learn(d->shared, lane, first, d->in->lanes[lane] + first, n, err);
            first += n;
        }
    }
    if (status != LMP_OK || !d->step->learned) return status;
    return d->step->learned(d->shared, pass, &d->plan->steps[0].plan.out, err);
}

/* One block: exactly n_out values are written, the input is left alone. */
static lmp_status run_block(drive *d, void *state, const double *in, int64_t n_in, double *out, int64_t n_out,
                            bool ended, lmp_error *err)
{
    for (int64_t i = 0; i < CANARIES; i++) out[n_out + i] = CANARY;
    double *copy = malloc((size_t)(n_in + 1) * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, in, (size_t)n_in * sizeof *copy);
    lmp_status status = d->step->process(d->shared, state, d->scratch, copy, n_in, out, n_out, ended, err);
    assert_memory_equal(copy, in, (size_t)n_in * sizeof *copy);
    free(copy);
    for (int64_t i = 0; i < CANARIES; i++) assert_true(out[n_out + i] == CANARY);
    return status;
}

static lmp_status run_lane(drive *d, int64_t lane, double *out, int64_t n_planned, lmp_error *err)
{
    void *state = NULL;
    lmp_status status = LMP_OK;
    if (d->step->lane_open) status = d->step->lane_open(d->shared, lane, d->budget, &state, err);
    if (status != LMP_OK) return status;
    int64_t at = 0, done = 0, given = 0;
    double ratio = (double)n_planned / (double)(d->in->n_times ? d->in->n_times : 1);
    bool ended = false;
    while (!ended && status == LMP_OK) {
        int64_t n = next_cut(d, &at, d->in->n_times - done), due = done + n;
        ended = due == d->in->n_times;
        if (d->step->ready) due = d->step->ready(d->shared, done + n, ended);
        assert_true(due >= given && due <= n_planned);
        assert_true((double)(due - given) <= (double)n * ratio + (double)d->plan->steps[0].plan.burst + 1.0);
        status = run_block(d, state, d->in->lanes[lane] + done, n, out + given, due - given, ended, err);
        done += n;
        given = due;
    }
    if (status == LMP_OK) assert_int_equal(given, n_planned);
    if (d->step->lane_close) d->step->lane_close(d->shared, state, d->budget);
    return status;
}

static lmp_status run_lanes(drive *d, drive_signals *out, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    lmp_status status = LMP_OK;
    for (int64_t lane = 0; lane < d->in->n_lanes && status == LMP_OK; lane++) {
        bool works = d->step->process && !plan->is_identity && (!plan->lane_active || plan->lane_active[lane]);
        if (works)
            status = run_lane(d, lane, out->lanes[lane], out->n_times, err);
        else
            memcpy(out->lanes[lane], d->in->lanes[lane], (size_t)out->n_times * sizeof(double));
    }
    return status;
}

static lmp_status run_frames(drive *d, drive_signals *out, lmp_error *err)
{
    void *from[64], *to[64];
    lmp_status status = LMP_OK;
    int64_t at = 0, first = 0;
    while (first < d->in->n_times && status == LMP_OK) {
        int64_t n = next_cut(d, &at, d->in->n_times - first);
        for (int64_t i = 0; i < d->in->n_lanes; i++) from[i] = d->in->lanes[i] + first, to[i] = out->lanes[i] + first;
        lmp_block in = {.first = first, .count = n, .n_lanes = d->in->n_lanes, .lanes = from};
        lmp_block given = {.first = first, .count = n, .n_lanes = out->n_lanes, .lanes = to};
        status = d->step->process_frames(d->shared, d->scratch, &in, &given, err);
        first += n;
    }
    return status;
}

static void check_memory(const drive *d)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    uint64_t planned = plan->shared_bytes + plan->lane_bytes + plan->scratch_bytes + plan->learn_bytes;
    assert_true(budget_peak(d->budget) <= planned + ALLOCATION_SLACK);
}

static void check_record(const drive *d)
{
    lmp_record record = {.values = json_object(), .warnings = json_array()};
    if (d->step->record) d->step->record(d->shared, &record);
    json_decref(record.values);
    json_decref(record.warnings);
}

static lmp_status run_step(drive *d, drive_signals *out, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    lmp_status status = LMP_OK;
    if (!plan->is_identity && d->step->open)
        status = d->step->open(d->params.values, &d->plan->steps[0].in, plan, d->budget, &d->shared, err);
    for (int64_t pass = 0; pass < plan->learn_passes && status == LMP_OK; pass++) status = learn_pass(d, pass, err);
    if (status == LMP_OK && plan->scratch_bytes) status = lmp_take(d->budget, plan->scratch_bytes, &d->scratch, err);
    if (status == LMP_OK)
        status = d->step->process_frames && !plan->is_identity ? run_frames(d, out, err) : run_lanes(d, out, err);
    if (status != LMP_OK) return status;
    check_memory(d);
    if (d->shared) check_record(d);
    return LMP_OK;
}

static lmp_status drive_failing(const lmp_step *step, const char *settings, const drive_signals *in,
                                const int64_t *cuts, int64_t fail_at, drive_signals *out, lmp_error *err)
{
    drive d;
    *out = (drive_signals){0};
    lmp_status status = drive_open(&d, step, settings, in, err);
    d.cuts = cuts;
    if (status == LMP_OK) {
        const lmp_format *format = &d.plan->steps[0].plan.out.format;
        *out = drive_new(format->n_channels, format->n_times + CANARIES, format->rate_hz);
        out->n_times = format->n_times;
        budget_fail_at(d.budget, fail_at);
        status = run_step(&d, out, err);
        if (status != LMP_OK) drive_free(out);
    }
    drive_close(&d);
    return status;
}

lmp_status drive_step(const lmp_step *step, const char *settings, const drive_signals *in, const int64_t *cuts,
                      drive_signals *out, lmp_error *err)
{
    return drive_failing(step, settings, in, cuts, 0, out, err);
}

void drive_all_cuts(const lmp_step *step, const char *settings, const drive_signals *in, drive_signals *out)
{
    static const int64_t patterns[][4] = {{INT64_MAX}, {4096}, {1, 7, 40000}, {7}, {1}};
    lmp_error err = {0};
    if (drive_step(step, settings, in, patterns[0], out, &err) != LMP_OK) fail_msg("%s: %s", step->name, err.text);
    for (size_t i = 1; i < sizeof patterns / sizeof *patterns; i++) {
        if (patterns[i][0] == 1 && patterns[i][1] == 0 && in->n_times > 30000) continue;
        drive_signals other;
        assert_int_equal(drive_step(step, settings, in, patterns[i], &other, &err), LMP_OK);
        assert_int_equal(other.n_times, out->n_times);
        for (int64_t lane = 0; lane < out->n_lanes; lane++)
            assert_memory_equal(other.lanes[lane], out->lanes[lane], (size_t)out->n_times * sizeof(double));
        drive_free(&other);
    }
}

const char *drive_refusal(const lmp_step *step, const char *settings, const drive_signals *in)
{
    static lmp_error err;
    drive d;
    err = (lmp_error){0};
    lmp_status status = drive_open(&d, step, settings, in, &err);
    drive_close(&d);
    assert_true(status == LMP_OK || err.text[0] != '\0');
    return err.text;
}

void drive_all_faults(const lmp_step *step, const char *settings, const drive_signals *in)
{
    static const int64_t whole[] = {INT64_MAX, 0};
    for (int64_t nth = 1; nth < 1000; nth++) {
        lmp_error err = {0};
        drive_signals out;
        lmp_status status = drive_failing(step, settings, in, whole, nth, &out, &err);
        if (status == LMP_OK) {
            drive_free(&out);
            return;
        }
        assert_int_equal(status, LMP_ERR_MEMORY);
        assert_true(err.text[0] != '\0');
    }
    fail_msg("%s fails without end", step->name);
}
