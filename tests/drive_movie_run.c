/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All blocks of a movie through one step. Bands of rows are those of the engine (lmp_lane_rows): a movie as wide as
 * 16384 values has one row in a band. Bands advance together; blocks of frames are visited out of order; every block
 * has memory of its own, with gaps between its frames that must stay as they are.
 */
#include "drive_movie_run.h"

#include "core/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIRT = 0xA5 };

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

int64_t drive_next_cut(const int64_t *cuts, int64_t *at, int64_t left)
{
    if (cuts[*at] == 0) *at = 0;
    const int64_t cut = cuts[(*at)++];
    return cut < left ? cut : left;
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
        const int64_t n = drive_next_cut(d->cuts, &at, n_times - done);
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
            const int64_t n = drive_next_cut(d->cuts, &at, out->n_times - first);
            if (block % 2 == turn) status = run(d, first, n, out, err);
            first += n;
        }
    }
    return status;
}

/* ---- All of them ------------------------------------------------------------------------------------------- */

lmp_status drive_run_blocks(drive *d, drive_movie *out, lmp_error *err)
{
    if (d->step->process_rows) return run_rows(d, out, err);
    if (d->step->process_images && out->kind == LMP_MOVIE) return run_out_of_order(d, out, run_images, err);
    if (d->step->measure_images) return run_out_of_order(d, out, run_measures, err);
    assert_non_null(d->step->generate);
    return run_out_of_order(d, out, run_generate, err);
}
