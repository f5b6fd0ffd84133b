/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running one step on a movie over arrays: planning, learning, a whole run, and what is said about it.
 */
#include "drive_movie_run.h"

#include "core/budget.h"
#include "core/param.h"
#include "core/plan.h"
#include "core/record.h"
#include "core/stream.h"
#include "core/table.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALLOCATION_SLACK = 64 * 64 };

/* ---- Planning ---------------------------------------------------------------------------------------------- */

static lmp_status plan_nothing(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)params, (void)in, (void)plan, (void)err;
    return LMP_OK;
}

/* The core makes the plan of a step that does nothing, and the step fills it in. */
static const lmp_step nothing = {
    .struct_size = sizeof(lmp_step), .name = "nothing", .grain = LMP_GRAIN_NONE, .plan = plan_nothing};

static void describe_input(const drive_movie *in, lmp_stream *stream)
{
    stream->format = (lmp_format){.kind = LMP_MOVIE,
                                  .type = in->type,
                                  .n_times = in->n_times,
                                  .rate_hz = in->rate_hz,
                                  .height = in->height,
                                  .width = in->width,
                                  .n_colours = in->n_colours,
                                  .start_unix_s = (double)NAN,
                                  .subject = "",
                                  .session = ""};
    assert_int_equal(lmp_stream_set_events(stream, NULL, 0, NULL), LMP_OK);
}

static bool works(const drive *d)
{
    const lmp_step *s = d->step;
    return !d->plan->steps[0].plan.is_identity &&
           (s->process_rows || s->process_images || s->measure_images || s->generate);
}

static void check_plan(const drive *d)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    const bool routes = plan->lane_source || plan->first != 0 || plan->count != d->in->n_times;
    assert_false(routes && works(d));
    if (!works(d) && d->step->grain != LMP_GRAIN_SINK) assert_int_equal(plan->count, plan->out.format.n_times);
    assert_true(plan->out.format.n_times >= 0);
    if (plan->learn_passes > 0) assert_true(d->step->learn_rows != NULL);
    if (plan->keeps_type) assert_int_equal(plan->out.format.kind, LMP_MOVIE);
    if (plan->table_path) assert_non_null(d->step->tabulate);
}

static lmp_status fill_plan(drive *d, lmp_error *err)
{
    assert_int_equal(plan_step_again(d->plan, 0, err), LMP_OK);
    lmp_step_plan *plan = &d->plan->steps[0].plan;
    assert_non_null(plan->own);
    d->plan->steps[0].step = d->step;
    assert_true(d->step->kind == 0 || d->step->kind == LMP_MOVIE);
    if (!d->step->takes_any_type) plan->out.format.type = LMP_FLOAT32;
    if (!d->step->process_rows && !d->step->process_images && !d->step->measure_images && !d->step->generate)
        plan->out.format.type = d->in->type;
    lmp_status status = d->step->plan(d->values, &d->plan->steps[0].in, plan, err);
    if (status != LMP_OK) return status;
    if (plan->is_identity) plan->out.format.type = d->in->type;
    check_plan(d);
    return LMP_OK;
}

/* What it made is undone by drive_close() whether it fails or not. */
static lmp_status drive_open(drive *d, const lmp_step *step, const void *values, const drive_movie *in, lmp_error *err)
{
    *d = (drive){.step = step, .in = in, .values = values};
    describe_input(in, &d->recording.source.stream);
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = 1;
    assert_int_equal(lmp_engine_new(&options, &d->recording.engine, NULL), LMP_OK);
    d->plan = zeros(sizeof *d->plan);
    d->plan->recording = &d->recording;
    d->plan->n_steps = 1;
    d->plan->steps = zeros(sizeof *d->plan->steps);
    d->plan->steps[0].step = &nothing;
    d->plan->steps[0].params = values;
    assert_int_equal(budget_new((uint64_t)1 << 33, &d->budget, NULL), LMP_OK);
    lmp_status status = fill_plan(d, err);
    if (status == LMP_OK) d->fed = movie_in_type(in, step->takes_any_type ? in->type : LMP_FLOAT32);
    return status;
}

static void drive_close(drive *d)
{
    if (d->shared && d->step->close) d->step->close(d->shared, d->budget);
    assert_int_equal(budget_room(d->budget), budget_limit(d->budget)); /* all was given back */
    plan_free(d->plan);
    stream_clear(&d->recording.source.stream);
    lmp_engine_free(d->recording.engine);
    budget_free(d->budget);
    drive_movie_free(&d->fed);
    free(d->scratch);
}

/* ---- Learning ---------------------------------------------------------------------------------------------- */

static lmp_status run_values(const lmp_step *step, const void *values, const drive_movie *in, const int64_t *cuts,
                             int64_t fail_at, json_t *record, drive_movie *out, lmp_error *err);

/* Frames that learning sees, and the number of the first of them. */
static lmp_status make_lesson(drive *d, drive_movie *lesson, int64_t *base, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    const int64_t first = plan->learn_first;
    const int64_t count = plan->learn_count ? plan->learn_count : d->in->n_times - first;
    assert_true(first >= 0 && count >= 0 && first + count <= d->in->n_times);
    if (plan->learn_through == NULL) {
        *base = first;
        *lesson = movie_in_type(&d->fed, d->fed.type);
        return LMP_OK;
    }
    const drive_movie *in = d->in;
    drive_movie chosen = drive_movie_new(in->type, count, in->height, in->width, in->n_colours), result;
    chosen.rate_hz = in->rate_hz;
    memcpy(chosen.data, movie_frame(in, first, 0), (size_t)movie_values(&chosen) * lmp_type_bytes(in->type));
    *base = 0;
    const lmp_status status =
        run_values(plan->learn_through, plan->learn_through_params, &chosen, d->cuts, 0, NULL, &result, err);
    drive_movie_free(&chosen);
    if (status != LMP_OK) return status;
    assert_int_equal(result.kind, LMP_MOVIE);
    *lesson = movie_in_type(&result, d->step->takes_any_type ? result.type : LMP_FLOAT32);
    drive_movie_free(&result);
    return LMP_OK;
}

static void lesson_format(const drive_movie *lesson, lmp_format *format)
{
    *format = (lmp_format){.kind = LMP_MOVIE,
                           .type = lesson->type,
                           .n_times = lesson->n_times,
                           .height = lesson->height,
                           .width = lesson->width,
                           .n_colours = lesson->n_colours};
}

static lmp_status learn_pass(drive *d, const drive_movie *lesson, int64_t base, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    lmp_format format;
    lesson_format(lesson, &format);
    const int64_t n_lanes = lmp_lane_count(&format);
    const int64_t count = plan->learn_through ? lesson->n_times
                          : plan->learn_count ? plan->learn_count
                                              : lesson->n_times - base;
    lmp_status status = LMP_OK;
    for (int64_t done = 0, at = 0; done < count && status == LMP_OK;) {
        const int64_t n = drive_next_cut(d->cuts, &at, count - done);
        for (int64_t lane = 0; lane < n_lanes && status == LMP_OK; lane++) {
            if (plan->learn_lane && !plan->learn_lane[lane]) continue;
            int64_t row;
            const int64_t rows = lmp_lane_rows(&format, lane, &row);
            piece in = piece_read(lesson, base + done, n, row, rows);
            status = d->step->learn_rows(d->shared, lane, &in.frames, err);
            piece_end_read(&in);
        }
        done += n;
    }
    return status;
}

static lmp_status learn(drive *d, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    if (plan->learn_passes == 0) return LMP_OK;
    drive_movie lesson = {0};
    int64_t base = 0;
    lmp_status status = make_lesson(d, &lesson, &base, err);
    for (int64_t pass = 0; pass < plan->learn_passes && status == LMP_OK; pass++) {
        status = learn_pass(d, &lesson, base, err);
        if (status == LMP_OK && d->step->learned)
            status = d->step->learned(d->shared, pass, &d->plan->steps[0].plan.out, err);
    }
    drive_movie_free(&lesson);
    return status;
}

/* ---- A whole run ------------------------------------------------------------------------------------------- */

static lmp_status run_routing(const drive *d, drive_movie *out)
{
    assert_int_equal(out->kind, LMP_MOVIE);
    assert_true(out->width == d->in->width && out->height == d->in->height && out->type == d->in->type);
    memcpy(out->data, movie_frame(d->in, d->plan->steps[0].plan.first, 0),
           (size_t)movie_values(out) * lmp_type_bytes(out->type));
    return LMP_OK;
}

static lmp_status run_data(drive *d, drive_movie *out, lmp_error *err)
{
    if (!works(d)) return run_routing(d, out);
    return drive_run_blocks(d, out, err);
}

static void check_memory(const drive *d, int64_t n_lanes)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    const uint64_t planned = plan->shared_bytes + plan->learn_bytes + (uint64_t)n_lanes * plan->lane_bytes;
    assert_true(budget_peak(d->budget) <= planned + ALLOCATION_SLACK + (uint64_t)n_lanes * SLACK_PER_LANE);
}

static lmp_status report(drive *d, json_t *keep, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    lmp_record record = {.values = json_object(), .warnings = json_array()};
    if (d->step->record) d->step->record(d->shared, &record);
    if (keep) json_object_update(keep, record.values);
    json_decref(record.values);
    json_decref(record.warnings);
    if (plan->table_path == NULL || d->shared == NULL) return LMP_OK;
    lmp_table *table;
    lmp_status status = table_new(&table, err);
    if (status != LMP_OK) return status;
    status = d->step->tabulate(d->shared, table, err);
    if (status == LMP_OK) status = table_write(table, plan->table_path, true, err);
    table_free(table);
    return status;
}

static lmp_status run_step(drive *d, json_t *record, drive_movie *out, lmp_error *err)
{
    const lmp_step_plan *plan = &d->plan->steps[0].plan;
    lmp_status status = LMP_OK;
    if (!plan->is_identity && d->step->open)
        status = d->step->open(d->values, &d->plan->steps[0].in, plan, d->budget, &d->shared, err);
    if (status == LMP_OK) status = learn(d, err);
    if (status == LMP_OK) check_memory(d, 0);
    if (status == LMP_OK) status = run_data(d, out, err);
    if (status != LMP_OK) return status;
    check_memory(d, lmp_lane_count(&d->plan->steps[0].in.format));
    return report(d, record, err);
}

/* Rounds the result of a step that keeps the type. */
static void settle_type(const drive *d, drive_movie *out)
{
    if (!d->plan->steps[0].plan.keeps_type || !works(d) || out->type == d->in->type) return;
    drive_movie rounded = movie_in_type(out, d->in->type);
    drive_movie_free(out);
    *out = rounded;
}

static lmp_status run_values(const lmp_step *step, const void *values, const drive_movie *in, const int64_t *cuts,
                             int64_t fail_at, json_t *record, drive_movie *out, lmp_error *err)
{
    drive d;
    *out = (drive_movie){0};
    lmp_status status = drive_open(&d, step, values, in, err);
    d.cuts = cuts;
    if (status == LMP_OK) {
        const lmp_step_plan *plan = &d.plan->steps[0].plan;
        *out = movie_result(&plan->out.format, plan->keeps_type && works(&d) ? LMP_FLOAT32 : plan->out.format.type);
        budget_fail_at(d.budget, fail_at);
        status = run_step(&d, record, out, err);
        if (status == LMP_OK) settle_type(&d, out);
        if (status != LMP_OK) drive_movie_free(out);
    }
    drive_close(&d);
    return status;
}

/* ---- With parameters as text ------------------------------------------------------------------------------- */

static lmp_status set_parameters(const lmp_step *step, const char *settings, param_set *params, lmp_error *err)
{
    char words[1024], *rest = words;
    assert_true(strlen(settings) < sizeof words);
    strcpy(words, settings);
    lmp_status status = param_set_new(step->params, step->params_size, step->name, params, err);
    for (char *word; status == LMP_OK && (word = strsep(&rest, " ")) != NULL;)
        if (*word) status = param_set_word(params, word, err);
    return status == LMP_OK ? param_set_check(params, err) : status;
}

static lmp_status run_settings(const lmp_step *step, const char *settings, const drive_movie *in, const int64_t *cuts,
                               int64_t fail_at, json_t *record, drive_movie *out, lmp_error *err)
{
    param_set params = {0};
    *out = (drive_movie){0};
    lmp_status status = set_parameters(step, settings, &params, err);
    if (status == LMP_OK) status = run_values(step, params.values, in, cuts, fail_at, record, out, err);
    param_set_clear(&params);
    return status;
}

lmp_status drive_movie_step(const lmp_step *step, const char *settings, const drive_movie *in, const int64_t *cuts,
                            drive_movie *out, lmp_error *err)
{
    return run_settings(step, settings, in, cuts, 0, NULL, out, err);
}

static void assert_same(const drive_movie *a, const drive_movie *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->n_times, b->n_times);
    assert_int_equal(a->n_lanes, b->n_lanes);
    if (a->kind == LMP_MOVIE) {
        assert_int_equal(movie_values(a), movie_values(b));
        assert_memory_equal(a->data, b->data, (size_t)movie_values(a) * lmp_type_bytes(a->type));
    }
    for (int64_t i = 0; i < a->n_lanes; i++)
        assert_memory_equal(a->lanes[i], b->lanes[i], (size_t)a->n_times * sizeof(double));
}

void drive_movie_all_cuts(const lmp_step *step, const char *settings, const drive_movie *in, drive_movie *out)
{
    static const int64_t patterns[][4] = {{INT64_MAX}, {7}, {1, 7, 40}, {3}, {1}};
    lmp_error err = {0};
    if (drive_movie_step(step, settings, in, patterns[0], out, &err) != LMP_OK)
        fail_msg("%s: %s", step->name, err.text);
    for (size_t i = 1; i < sizeof patterns / sizeof *patterns; i++) {
        drive_movie other;
        if (drive_movie_step(step, settings, in, patterns[i], &other, &err) != LMP_OK)
            fail_msg("%s: %s", step->name, err.text);
        assert_same(&other, out);
        drive_movie_free(&other);
    }
}

char *drive_movie_record(const lmp_step *step, const char *settings, const drive_movie *in)
{
    static const int64_t some[] = {2, 5, 0};
    lmp_error err = {0};
    drive_movie out;
    json_t *record = json_object();
    if (run_settings(step, settings, in, some, 0, record, &out, &err) != LMP_OK)
        fail_msg("%s: %s", step->name, err.text);
    char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(text);
    json_decref(record);
    drive_movie_free(&out);
    return text;
}

const char *drive_movie_refusal(const lmp_step *step, const char *settings, const drive_movie *in)
{
    static lmp_error err;
    param_set params = {0};
    err = (lmp_error){0};
    lmp_status status = set_parameters(step, settings, &params, &err);
    if (status == LMP_OK) {
        drive d;
        status = drive_open(&d, step, params.values, in, &err);
        drive_close(&d);
    }
    param_set_clear(&params);
    assert_true(status == LMP_OK || err.text[0] != '\0');
    return status == LMP_OK ? "" : err.text;
}

void drive_movie_all_faults(const lmp_step *step, const char *settings, const drive_movie *in)
{
    static const int64_t whole[] = {INT64_MAX, 0};
    for (int64_t nth = 1; nth < 1000; nth++) {
        lmp_error err = {0};
        drive_movie out;
        const lmp_status status = run_settings(step, settings, in, whole, nth, NULL, &out, &err);
        if (status == LMP_OK) {
            drive_movie_free(&out);
            return;
        }
        assert_int_equal(status, LMP_ERR_MEMORY);
        assert_true(err.text[0] != '\0');
    }
    fail_msg("%s fails without end", step->name);
}
