/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running steps on triggers: plan, open, learn lane by lane, learned, record, close.
 */
#include "trigger_drive.h"

#include "core/budget.h"
#include "core/param.h"
#include "core/plan.h"
#include "core/record.h"
#include "core/stream.h"
#include "signal/trigger_lattice.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct drive {
    const lmp_step *step;
    lmp_recording recording;
    run_plan *plan;
    param_set params;
    lmp_budget *budget;
    void *shared;
    bool is_open;
} drive;

static void describe_input(const trigger_input *in, lmp_stream *stream)
{
    lmp_channel channels[TRIGGER_DRIVE_LANES] = {0};
    char names[TRIGGER_DRIVE_LANES][24];
    for (int64_t i = 0; i < in->n_lanes; i++) {
        snprintf(names[i], sizeof names[i], "A%lld", (long long)i);
        channels[i] =
            (lmp_channel){.name = names[i], .unit = "uV", .role = in->roles[i], .stored_rate_hz = in->rate_hz};
    }
    stream->format = (lmp_format){.kind = LMP_SIGNALS,
                                  .type = LMP_FLOAT64,
                                  .n_times = in->n_times,
                                  .rate_hz = in->rate_hz,
                                  .subject = "",
                                  .session = ""};
    stream->events_pending = in->events_pending;
    assert_int_equal(lmp_stream_set_channels(stream, channels, in->n_lanes, NULL), LMP_OK);
    assert_int_equal(lmp_stream_set_events(stream, in->events, in->n_events, NULL), LMP_OK);
}

static lmp_status drive_plan(drive *d, const lmp_step *step, const char *const *words, const trigger_input *in,
                             lmp_error *err)
{
    *d = (drive){.step = step};
    describe_input(in, &d->recording.source.stream);
    d->plan = calloc(1, sizeof *d->plan);
    assert_non_null(d->plan);
    d->plan->recording = &d->recording;
    d->plan->n_steps = 1;
    d->plan->steps = calloc(1, sizeof *d->plan->steps);
    assert_non_null(d->plan->steps);
    assert_int_equal(budget_new((uint64_t)1 << 33, &d->budget, NULL), LMP_OK);
    lmp_status status = param_set_new(step->params, step->params_size, step->name, &d->params, err);
    for (; status == LMP_OK && *words != NULL; words++) status = param_set_word(&d->params, *words, err);
    if (status == LMP_OK) status = param_set_check(&d->params, err);
    d->plan->steps[0].step = step;
    d->plan->steps[0].params = d->params.values;
    return status == LMP_OK ? plan_step_again(d->plan, 0, err) : status;
}

static void drive_close(drive *d)
{
    if (d->is_open) d->step->close(d->shared, d->budget);
    plan_free(d->plan);
    param_set_clear(&d->params);
    stream_clear(&d->recording.source.stream);
    budget_free(d->budget);
}

static lmp_status learn(drive *d, const trigger_input *in, int64_t cut, lmp_error *err)
{
    const plan_step *ps = &d->plan->steps[0];
    int64_t count = ps->plan.learn_count > 0 ? ps->plan.learn_count : in->n_times;
    lmp_status status = LMP_OK;
    assert_true(count <= in->n_times);
    for (int64_t lane = in->n_lanes - 1; lane >= 0; lane--) {
        if (ps->plan.learn_lane != NULL && !ps->plan.learn_lane[lane]) continue;
        for (int64_t first = 0, n = 0; first < count && status == LMP_OK; first += n) {
            n = cut > 0 && cut < count - first ? cut : count - first;
            status = d->step->learn(d->shared, lane, first, in->lanes[lane] + first, n, err);
        }
    }
    return status;
}

static lmp_status drive_run(drive *d, const trigger_input *in, int64_t cut, lmp_error *err)
{
    plan_step *ps = &d->plan->steps[0];
    lmp_status status = d->step->open(ps->params, &ps->in, &ps->plan, d->budget, &d->shared, err);
    d->is_open = status == LMP_OK;
    for (int64_t pass = 0; pass < ps->plan.learn_passes && status == LMP_OK; pass++) {
        status = learn(d, in, cut, err);
        if (status == LMP_OK) status = d->step->learned(d->shared, pass, &ps->plan.out, err);
    }
    if (status == LMP_OK) assert_true(budget_peak(d->budget) <= ps->plan.learn_bytes + ps->plan.shared_bytes);
    return status;
}

static void gather(const drive *d, trigger_output *out)
{
    const plan_step *ps = &d->plan->steps[0];
    const lmp_stream *stream = &ps->plan.out;
    *out = (trigger_output){.n_events = stream->n_events,
                            .events_pending = stream->events_pending,
                            .learns = ps->plan.learn_passes > 0,
                            .times = malloc(((size_t)stream->n_events + 1) * sizeof(double))};
    assert_non_null(out->times);
    for (int64_t i = 0; i < stream->n_events; i++)
        if (strcmp(stream->events[i].label, TRIGGER_LABEL) == 0)
            out->times[out->n++] = stream->events[i].onset_s * stream->format.rate_hz;
    snprintf(out->warnings, sizeof out->warnings, "%s", plan_step_warnings(ps));
    lmp_record record = {.values = json_object(), .warnings = json_array()};
    d->step->record(d->shared, &record);
    json_object_set_new(record.values, "warnings", record.warnings);
    out->record = json_dumps(record.values, 0);
    json_decref(record.values);
    assert_non_null(out->record);
}

lmp_status trigger_drive(const lmp_step *step, const char *const *words, const trigger_input *in, int64_t cut,
                         trigger_output *out, lmp_error *err)
{
    drive d;
    *out = (trigger_output){0};
    lmp_status status = drive_plan(&d, step, words, in, err);
    if (status == LMP_OK) status = drive_run(&d, in, cut, err);
    if (status == LMP_OK) gather(&d, out);
    drive_close(&d);
    return status;
}

void trigger_output_clear(trigger_output *out)
{
    free(out->times);
    free(out->record);
    *out = (trigger_output){0};
}

bool trigger_drive_fault(const lmp_step *step, const char *const *words, const trigger_input *in, int64_t nth)
{
    drive d;
    lmp_error err;
    assert_int_equal(drive_plan(&d, step, words, in, &err), LMP_OK);
    budget_fail_at(d.budget, nth);
    lmp_status status = drive_run(&d, in, 1000, &err);
    assert_true(status == LMP_OK || status == LMP_ERR_MEMORY);
    drive_close(&d);
    return status == LMP_OK;
}

const char *trigger_refusal(const lmp_step *step, const char *const *words, const trigger_input *in)
{
    static lmp_error err;
    drive d;
    err.text[0] = '\0';
    lmp_status status = drive_plan(&d, step, words, in, &err);
    drive_close(&d);
    assert_true((status == LMP_OK) == (err.text[0] == '\0'));
    return err.text;
}

double trigger_record_number(const char *record, const char *key)
{
    json_t *json = json_loads(record, 0, NULL), *value = json_object_get(json, key);
    if (json_is_array(value)) value = json_array_get(value, 0);
    double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
    json_decref(json);
    return number;
}
