/* SPDX-License-Identifier: BSD-3-Clause
 *
 * correlate, events and measure: known answers, refusals, lack of memory.
 */
#include "drive_movie.h"

#include "core/budget.h"
#include "movie/zone_geometry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zones_support.h"

extern const lmp_step lmp_step_correlate, lmp_step_events, lmp_step_measure;

/* ---- events ---- */

static drive_movie profiles(int64_t n_times, int64_t length)
{
    drive_movie m = drive_movie_new(LMP_FLOAT32, n_times, 1, length, 1);
    m.rate_hz = 5;
    /* 1 on a ground of 0, from 10 + t to 19 + t, its highest sample at 12 + t. */
    for (int64_t t = 0; t < n_times; t++)
        for (int64_t i = 10 + t; i < 20 + t; i++) drive_movie_set(&m, t * length + i, i == 12 + t ? 3 : 1);
    return m;
}

static void events_begin_and_end(void **state)
{
    static const char *const settings[] = {"", "extent=local"};
    (void)state;
    drive_movie m = profiles(6, 60), out;
    for (int k = 0; k < 2; k++) {
        drive_movie_all_cuts(&lmp_step_events, settings[k], &m, &out);
        assert_int_equal(out.n_lanes, 3);
        assert_string_equal(out.lane_names[1], "eye");
        for (int64_t t = 0; t < 6; t++)
            assert_true(out.lanes[0][t] == (double)(9 + t) && out.lanes[1][t] == (double)(12 + t) &&
                        out.lanes[2][t] == (double)(19 + t));
        drive_movie_free(&out);
    }
    for (int64_t i = 0; i < 60; i++) drive_movie_set(&m, i, (double)NAN);
    drive_movie_all_cuts(&lmp_step_events, "smooth=3", &m, &out);
    assert_true(isnan(out.lanes[0][0]) && isnan(out.lanes[1][0]) && isnan(out.lanes[2][0]));
    assert_true(out.lanes[1][1] == 13);
    drive_movie_free(&out);
    drive_movie_all_faults(&lmp_step_events, "", &m);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_events, "smooth=61", &m), "60 pixels"));
    drive_movie_free(&m);
    m = drive_movie_new(LMP_UINT8, 2, 3, 4, 1);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_events, "", &m), "profile"));
    drive_movie_free(&m);
}

/* ---- measure ---- */

static zone polygon(double *points, int64_t n)
{
    return (zone){.shape = ZONE_POLYGON, .points = points, .n_points = n};
}

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * (1 + fabs(b));
}

static void polygons_are_measured(void **state)
{
    (void)state;
    double corner[] = {100, 200, 103, 200, 103, 204, 101, 204, 101, 202, 100, 202}; /* an L, its notch at the fifth */
    const zone z = polygon(corner, 6);
    const zone_geometry g = zone_geometry_take(&z, 1, 1), wide = zone_geometry_take(&z, 2, 1);
    assert_true(is_near(g.perimeter, 14) && is_near(g.area, 10) && is_near(wide.area, 20) &&
                is_near(wide.perimeter, 20));
    assert_true(is_near(g.left, 100) && is_near(g.top, 200) && is_near(g.width, 3) && is_near(g.height, 4));
    /* Two boxes: 3 x 2 at (101.5, 201) and 2 x 2 at (102, 203). */
    assert_true(is_near(g.x, (6 * 101.5 + 4 * 102) / 10) && is_near(g.y, (6 * 201 + 4 * 203.0) / 10));
    double sum = 0;
    for (int64_t i = 0; i < 6; i++) {
        assert_true(is_near(zone_angle(&z, i, 1, 1), i == 4 ? 270 : 90));
        assert_true(is_near(zone_angle(&z, i, 3, 0.5), i == 4 ? 270 : 90));
        sum += zone_edge_length(&z, i, 1, 1);
    }
    assert_true(is_near(sum, 14));
}

static void circles_and_lines_are_measured(void **state)
{
    (void)state;
    const double pi = acos(-1);
    const zone circle = {.shape = ZONE_ELLIPSE, .x = 1, .y = 2, .width = 10, .height = 10, .angle = 20};
    zone_geometry g = zone_geometry_take(&circle, 1, 1);
    assert_true(is_near(g.perimeter, 10 * pi) && is_near(g.area, 25 * pi) && is_near(g.x, 6) && is_near(g.width, 10));
    g = zone_geometry_take(&circle, 2, 1); /* half axes 10 and 5: 4 a E(3/4) */
    assert_true(fabs(g.perimeter - 48.44224110273838) < 1e-10);
    double ends[] = {1, 1, 4, 5};
    const zone line = {.shape = ZONE_LINE, .points = ends, .n_points = 2};
    g = zone_geometry_take(&line, 1, 1);
    assert_true(is_near(g.perimeter, 5) && g.area == 0 && is_near(g.x, 2.5) && is_near(g.y, 3));
    assert_true(isnan(zone_angle(&line, 0, 1, 1)));
    double flat[] = {0, 0, 10, 0, 20, 0};
    const zone nothing = polygon(flat, 3);
    g = zone_geometry_take(&nothing, 1, 1);
    assert_true(g.area == 0 && is_near(g.x, 10) && is_near(g.perimeter, 40));
}

static void measuring_changes_nothing(void **state)
{
    (void)state;
    drive_movie m = profiles(2, 40);
    char setting[500], line[400];
    snprintf(
        setting, sizeof setting, "%s pixel-um=0.5",
        zones_setting("[{\"name\": \"a, b\", \"shape\": \"rectangle\", \"x\": 1, \"y\": 0, \"width\": 4, \"height\": "
                      "0.5}]",
                      ""));
    snprintf(setting + strlen(setting), sizeof setting - strlen(setting), " table=%s", zones_path("out.csv"));
    free(drive_movie_record(&lmp_step_measure, setting, &m));
    FILE *file = fopen(zones_path("out.csv"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "\"a, b\",rectangle,5,9,2,1,0,4,0.5,3,0.25,4.5,0.5,4 0.5 4 0.5,90 90 90 90\n");
    (void)fclose(file);
    drive_movie_free(&m);
}

/* ---- correlate: signals, so the callbacks are called by hand ---- */

enum { TIMES = 300, LAGS = 10 };

typedef struct correlate_values {
    int64_t max_lag;
    const char *channels, *table;
} correlate_values;

static void correlate_by_hand(double traces[3][TIMES], double r[3][2 * LAGS + 1])
{
    const correlate_values values = {.max_lag = LAGS, .channels = "all", .table = ""};
    const lmp_channel channels[3] = {{.name = "a", .unit = ""}, {.name = "b", .unit = ""}, {.name = "c", .unit = ""}};
    const lmp_stream in = {
        .format = {.kind = LMP_SIGNALS, .n_times = TIMES, .rate_hz = 10, .n_channels = 3, .channels = channels}};
    lmp_step_plan plan = {.shared_bytes = 1 << 16};
    lmp_budget *budget = NULL;
    void *shared = NULL;
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    assert_int_equal(lmp_step_correlate.open(&values, &in, &plan, budget, &shared, NULL), LMP_OK);
    for (int64_t lane = 2; lane >= 0; lane--)
        for (int64_t t = 0; t < TIMES; t += 75)
            assert_int_equal(lmp_step_correlate.learn(shared, lane, t, traces[lane] + t, 75, NULL), LMP_OK);
    assert_int_equal(lmp_step_correlate.learned(shared, 0, NULL, NULL), LMP_OK);
    void *first[3] = {r[0], r[1], r[2]}, *rest[3] = {r[0] + 5, r[1] + 5, r[2] + 5};
    const lmp_block a = {.count = 5, .n_lanes = 3, .lanes = first},
                    b = {.first = 5, .count = 2 * LAGS - 4, .n_lanes = 3, .lanes = rest};
    assert_int_equal(lmp_step_correlate.generate(shared, NULL, &b, NULL), LMP_OK);
    assert_int_equal(lmp_step_correlate.generate(shared, NULL, &a, NULL), LMP_OK);
    lmp_step_correlate.close(shared, budget);
    assert_true(budget_room(budget) == budget_limit(budget));
    budget_free(budget);
}

static void correlations(void **state)
{
    (void)state;
    double traces[3][TIMES], r[3][2 * LAGS + 1]; /* a x b, a x c, b x c */
    for (int t = 0; t < TIMES; t++) {
        traces[0][t] = sin(t * t / 50.0) + 0.3 * sin(t);
        traces[1][t] = t < 4 ? 0 : -3 * traces[0][t - 4] + 7; /* follows by 4, upside down */
        traces[2][t] = 5;
    }
    traces[0][100] = (double)NAN;
    traces[1][104] = 1e6; /* left out with it, at that lag */
    correlate_by_hand(traces, r);
    assert_true(fabs(r[0][LAGS + 4] + 1) < 1e-12);
    for (int i = 0; i <= 2 * LAGS; i++) {
        assert_true(r[0][i] >= -1 && r[0][i] <= 1);
        assert_true(i == LAGS + 4 || fabs(r[0][i]) < 0.95);
        assert_true(isnan(r[1][i]) && isnan(r[2][i])); /* c does not vary */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_begin_and_end),
        cmocka_unit_test(polygons_are_measured),
        cmocka_unit_test(circles_and_lines_are_measured),
        cmocka_unit_test(measuring_changes_nothing),
        cmocka_unit_test(correlations),
    };
    return cmocka_run_group_tests(tests, zones_folder_make, zones_folder_remove);
}
