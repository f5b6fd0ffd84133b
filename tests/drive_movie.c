/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running one step on a movie over arrays. Bands of rows are those of the engine (lmp_lane_rows): a movie as wide as
 * 16384 values has one row in a band. Bands advance together; blocks of frames are visited out of order; every block
 * has memory of its own, with gaps between its frames that must stay as they are.
 */
#include "drive_movie_data.h"

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

enum { ALLOCATION_SLACK = 64 * 64, SLACK_PER_LANE = 256 };
enum { DIRT = 0xA5 };

typedef struct drive {
    const lmp_step *step;
    const drive_movie *in; /* in its own type */
    const int64_t *cuts;
    lmp_recording recording;
    run_plan *plan;
    const void *values; /* of the parameters: borrowed */
    lmp_budget *budget;
    drive_movie fed; /* in the type that the step gets */
    void *shared, *scratch;
} drive;

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

/* ---- Scratch and cuts ------------------------------------------------------------------------------------------ */

/* What a step left in the scratch is not there any more next time. */
static void *dirty_scratch(drive *d)
{
    const size_t bytes = d->plan->steps[0].plan.scratch_bytes;
    if (bytes == 0) return NULL;
    if (d->scratch == NULL) d->scratch = aligned_alloc(64, (bytes + 127) / 64 * 64);
    assert_non_null(d->scratch);
    memset(d->scratch, DIRT, (bytes + 127) / 64 * 64);
    return d->scratch;
}

static void check_scratch(const drive *d)
{
    const size_t bytes = d->plan->steps[0].plan.scratch_bytes;
    const uint8_t *beyond = (const uint8_t *)d->scratch + bytes;
    if (bytes > 0)
        for (size_t i = 0; i < 64; i++) assert_int_equal(beyond[i], DIRT);
}

static int64_t next_cut(const int64_t *cuts, int64_t *at, int64_t left)
{
    if (cuts[*at] == 0) *at = 0;
    const int64_t cut = cuts[(*at)++];
    return cut < left ? cut : left;
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
        const int64_t n = next_cut(d->cuts, &at, count - done);
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

/* ---- Grain time -------------------------------------------------------------------------------------------- */

static int64_t ready_after(const drive *d, int64_t n_in, bool ended)
{
    return d->step->ready ? d->step->ready(d->shared, n_in, ended) : n_in;
}

static void check_ready(const drive *d, int64_t n_planned)
{
    int64_t before = 0;
    for (int64_t n = 0; n <= d->in->n_times; n++) {
        const int64_t now = ready_after(d, n, false);
        assert_true(now >= before && now <= n_planned);
        before = now;
    }
    assert_int_equal(ready_after(d, d->in->n_times, true), n_planned);
}

static lmp_status run_band(drive *d, void *state, int64_t lane, const int64_t span_in[2], const int64_t span_out[2],
                           bool ended, drive_movie *out, lmp_error *err)
{
    int64_t row;
    const int64_t rows = lmp_lane_rows(&d->plan->steps[0].in.format, lane, &row);
    piece in = piece_read(&d->fed, span_in[0], span_in[1] - span_in[0], row, rows);
    piece given = piece_new(out, span_out[0], span_out[1] - span_out[0], row, rows);
    const lmp_status status =
        d->step->process_rows(d->shared, state, dirty_scratch(d), &in.frames, &given.frames, ended, err);
    check_scratch(d);
    piece_end_read(&in);
    piece_end_write(&given, out);
    return status;
}

static lmp_status run_bands_through_time(drive *d, void **states, int64_t n_lanes, drive_movie *out, lmp_error *err)
{
    const int64_t n_times = d->in->n_times;
    const double ratio = (double)out->n_times / (double)(n_times ? n_times : 1);
    lmp_status status = LMP_OK;
    int64_t at = 0, done = 0, given = 0;
    for (bool ended = false; !ended && status == LMP_OK;) {
        const int64_t n = next_cut(d->cuts, &at, n_times - done);
        ended = done + n == n_times;
        const int64_t due = ready_after(d, done + n, ended);
        assert_true(due >= given && due <= out->n_times);
        assert_true((double)(due - given) <= (double)n * ratio + (double)d->plan->steps[0].plan.burst + 1.0);
        const int64_t span_in[] = {done, done + n}, span_out[] = {given, due};
        for (int64_t lane = 0; lane < n_lanes && status == LMP_OK; lane++)
            status = run_band(d, states[lane], lane, span_in, span_out, ended, out, err);
        done += n;
        given = due;
    }
    if (status == LMP_OK) assert_int_equal(given, out->n_times);
    return status;
}

static lmp_status run_rows(drive *d, drive_movie *out, lmp_error *err)
{
    const lmp_format *format = &d->plan->steps[0].in.format;
    const int64_t n_lanes = lmp_lane_count(format);
    assert_int_equal(out->kind, LMP_MOVIE);
    assert_true(out->width == d->in->width && out->height == d->in->height);
    check_ready(d, out->n_times);
    void **states = zeros((size_t)n_lanes * sizeof *states);
    int64_t n_open = 0;
    lmp_status status = LMP_OK;
    for (; d->step->lane_open && n_open < n_lanes && status == LMP_OK; n_open += status == LMP_OK) {
        const uint64_t room = budget_room(d->budget);
        status = d->step->lane_open(d->shared, n_open, d->budget, &states[n_open], err);
        if (status == LMP_OK)
            assert_true(room - budget_room(d->budget) <= d->plan->steps[0].plan.lane_bytes + SLACK_PER_LANE);
    }
    if (status == LMP_OK) status = run_bands_through_time(d, states, n_lanes, out, err);
    for (int64_t lane = 0; lane < n_open; lane++)
        if (d->step->lane_close) d->step->lane_close(d->shared, states[lane], d->budget);
    free(states);
    return status;
}

/* ---- Grain frame and block --------------------------------------------------------------------------------- */

static lmp_status run_images(drive *d, int64_t first, int64_t n, drive_movie *out, lmp_error *err)
{
    piece in = piece_read(&d->fed, first, n, 0, d->fed.height);
    piece given = piece_new(out, first, n, 0, out->height);
    const lmp_status status = d->step->process_images(d->shared, dirty_scratch(d), &in.frames, &given.frames, err);
    check_scratch(d);
    piece_end_read(&in);
    piece_end_write(&given, out);
    return status;
}

/* A copy of the stretch of every lane goes out, so that writing beside it is found. */
static lmp_status fill_signals(drive *d, const lmp_frames *in, int64_t first, int64_t n, drive_movie *out,
                               lmp_error *err)
{
    const size_t bytes = (size_t)n * sizeof(double);
    void **lanes = zeros((size_t)out->n_lanes * sizeof *lanes);
    for (int64_t i = 0; i < out->n_lanes; i++) {
        lanes[i] = zeros(bytes + sizeof(double));
        memset(lanes[i], UNTOUCHED, bytes + sizeof(double));
    }
    const lmp_block given = {.first = first, .count = n, .n_lanes = out->n_lanes, .lanes = lanes};
    const lmp_status status = in ? d->step->measure_images(d->shared, dirty_scratch(d), in, &given, err)
                                 : d->step->generate(d->shared, NULL, &given, err);
    if (in) check_scratch(d);
    for (int64_t i = 0; i < out->n_lanes; i++) {
        memcpy(out->lanes[i] + first, lanes[i], bytes);
        assert_untouched((uint8_t *)lanes[i] + bytes, sizeof(double));
        free(lanes[i]);
    }
    free(lanes);
    return status;
}

static lmp_status run_measures(drive *d, int64_t first, int64_t n, drive_movie *out, lmp_error *err)
{
    assert_int_equal(out->kind, LMP_SIGNALS);
    piece in = piece_read(&d->fed, first, n, 0, d->fed.height);
    const lmp_status status = fill_signals(d, &in.frames, first, n, out, err);
    piece_end_read(&in);
    return status;
}

static lmp_status run_generate(drive *d, int64_t first, int64_t n, drive_movie *out, lmp_error *err)
{
    if (out->kind == LMP_SIGNALS) return fill_signals(d, NULL, first, n, out, err);
    piece given = piece_new(out, first, n, 0, out->height);
    const lmp_status status = d->step->generate(d->shared, &given.frames, NULL, err);
    piece_end_write(&given, out);
    return status;
}

/* Every second block first, then those between. */
static lmp_status run_out_of_order(drive *d, drive_movie *out,
                                   lmp_status (*run)(drive *, int64_t, int64_t, drive_movie *, lmp_error *),
                                   lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t turn = 0; turn < 2; turn++) {
        int64_t block = 0, at = 0;
        for (int64_t first = 0; first < out->n_times && status == LMP_OK; block++) {
            const int64_t n = next_cut(d->cuts, &at, out->n_times - first);
            if (block % 2 == turn) status = run(d, first, n, out, err);
            first += n;
        }
    }
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
    if (d->step->process_rows) return run_rows(d, out, err);
    if (d->step->process_images && out->kind == LMP_MOVIE) return run_out_of_order(d, out, run_images, err);
    if (d->step->measure_images) return run_out_of_order(d, out, run_measures, err);
    assert_non_null(d->step->generate);
    return run_out_of_order(d, out, run_generate, err);
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
