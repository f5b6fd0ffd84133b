/* SPDX-License-Identifier: BSD-3-Clause
 *
 * histogram and autocrop: exact counts, edges of bins, boxes.
 */
#include "drive_movie.h"

#include "core/budget.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zones_support.h"

extern const lmp_step lmp_step_histogram, lmp_step_autocrop;

enum { T = 4, H = 30, W = 1500, N = H * W };

static void counts_of_bytes(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_UINT8, T, H, W, 1), all, each;
    double expected[T][256] = {{0}};
    for (int64_t i = 0; i < T * N; i++) {
        const int64_t x = (i * i / 7 + i) % 256;
        drive_movie_set(&m, i, (double)x);
        expected[i / N][x]++;
    }
    drive_movie_all_cuts(&lmp_step_histogram, "range=-0.5,255.5", &m, &all);
    drive_movie_all_cuts(&lmp_step_histogram, "range=-0.5,255.5 per=frame", &m, &each);
    assert_true(all.n_lanes == 1 && all.n_times == 256 && each.n_lanes == 256 && each.n_times == T);
    for (int64_t x = 0; x < 256; x++) {
        double sum = 0;
        for (int64_t t = 0; t < T; t++) {
            sum += expected[t][x];
            assert_true(each.lanes[x][t] == expected[t][x]);
        }
        assert_true(all.lanes[0][x] == sum);
    }
    drive_movie_free(&all);
    drive_movie_free(&each);
    drive_movie_free(&m);
}

static void edges_nan_and_strays(void **state)
{
    (void)state;
    static const double values[] = {0.1, 0.3, 0.3, 0.7, -1, 9, 0, 0, 0.2, 0.9, 1, 0.5};
    drive_movie m = drive_movie_new(LMP_FLOAT64, 1, 1, 12, 1), out;
    for (int i = 0; i < 12; i++) drive_movie_set(&m, i, i == 6 ? (double)NAN : i == 7 ? (double)INFINITY : values[i]);
    drive_movie_all_cuts(&lmp_step_histogram, "bins=10 range=0,1", &m, &out);
    static const double expected[] = {0, 1, 3, 0, 0, 1, 1, 0, 0, 2}; /* as numpy.histogram: 0.7 < 7 * 0.1 */
    for (int i = 0; i < 10; i++) assert_true(out.lanes[0][i] == expected[i]);
    drive_movie_free(&out);
    char *record = drive_movie_record(&lmp_step_histogram, "bins=10 range=0,1", &m);
    assert_non_null(strstr(record, "\"above\":2"));
    assert_non_null(strstr(record, "\"below\":1"));
    assert_non_null(strstr(record, "\"nan\":1"));
    free(record);
    record = drive_movie_record(&lmp_step_histogram, "bins=5", &m);
    assert_non_null(strstr(record, "\"low\":-1"));
    assert_non_null(strstr(record, "\"high\":9"));
    free(record);
    drive_movie_all_faults(&lmp_step_histogram, "bins=5 per=frame", &m);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_histogram, "range=3,3", &m), "low below high"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_histogram, "range=3", &m), "auto or low,high"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_histogram, "per=frame bins=2000", &m), "1024"));
    drive_movie_free(&m);
}

static void constants_and_colours(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_UINT16, 2, 3, 4, 3), out;
    for (int64_t i = 0; i < 72; i++) drive_movie_set(&m, i, 7);
    drive_movie_all_cuts(&lmp_step_histogram, "bins=3", &m, &out);
    assert_int_equal(out.n_lanes, 3);
    assert_string_equal(out.lane_names[1], "count.g");
    for (int c = 0; c < 3; c++) assert_true(out.lanes[c][0] == 0 && out.lanes[c][1] == 24 && out.lanes[c][2] == 0);
    drive_movie_free(&out);
    char setting[TEMPORARY_ROOM + 100], line[100];
    snprintf(setting, sizeof setting, "bins=3 table=%s", zones_path("out.csv"));
    free(drive_movie_record(&lmp_step_histogram, setting, &m));
    FILE *file = fopen(zones_path("out.csv"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "low,high,count.r,count.g,count.b\n");
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "6.5,6.83333333,0,0,0\n");
    (void)fclose(file);
    drive_movie_free(&m);
}

/* The size of the result is known after learning, so the callbacks are called by hand. */
static void crop_by_hand(const drive_movie *m, drive_movie *out)
{
    const double params[] = {5, 3}; /* threshold, margin */
    lmp_budget *budget = NULL;
    lmp_stream in = {.format = {.kind = LMP_MOVIE,
                                .type = m->type,
                                .n_times = m->n_times,
                                .height = m->height,
                                .width = m->width,
                                .n_colours = 1}},
               behind = in;
    lmp_step_plan plan = {.out = in};
    void *shared = NULL;
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    assert_int_equal(lmp_step_autocrop.plan(params, &in, &plan, NULL), LMP_OK);
    assert_int_equal(lmp_step_autocrop.open(params, &in, &plan, budget, &shared, NULL), LMP_OK);
    lmp_frames frames = {.count = m->n_times,
                         .rows = m->height,
                         .width = m->width,
                         .n_colours = 1,
                         .type = m->type,
                         .data = m->data,
                         .stride = (size_t)(m->height * m->width) * lmp_type_bytes(m->type)};
    assert_int_equal(lmp_step_autocrop.learn_rows(shared, 0, &frames, NULL), LMP_OK);
    assert_int_equal(lmp_step_autocrop.learned(shared, 0, &behind, NULL), LMP_OK);
    *out = drive_movie_new(m->type, m->n_times, behind.format.height, behind.format.width, 1);
    lmp_frames cropped = frames;
    cropped.rows = out->height;
    cropped.width = out->width;
    cropped.data = out->data;
    cropped.stride = (size_t)(out->height * out->width) * lmp_type_bytes(m->type);
    assert_int_equal(lmp_step_autocrop.process_images(shared, NULL, &frames, &cropped, NULL), LMP_OK);
    lmp_step_autocrop.close(shared, budget);
    assert_true(budget_peak(budget) <= plan.shared_bytes + plan.learn_bytes + 4096);
    assert_true(budget_room(budget) == budget_limit(budget));
    budget_free(budget);
}

static void boxes(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_UINT16, 3, 100, 200, 1), out;
    for (int64_t i = 0; i < 3 * 20000; i++) drive_movie_set(&m, i, 20 + (double)(i % 3));
    /* Never all of the box at once. */
    for (int64_t t = 0; t < 3; t++)
        for (int64_t y = 30 + 10 * t; y < 40 + 10 * t; y++)
            for (int64_t x = 50; x < 90; x++) drive_movie_set(&m, (t * 100 + y) * 200 + x, (double)(1000 + x + t));
    crop_by_hand(&m, &out);
    assert_true(out.width == 40 + 12 && out.height == 30 + 6);
    for (int64_t t = 0; t < 3; t++)
        for (int64_t y = 0; y < 36; y++)
            for (int64_t x = 0; x < 52; x++)
                assert_true(drive_movie_get(&out, (t * 36 + y) * 52 + x) ==
                            drive_movie_get(&m, (t * 100 + y + 27) * 200 + x + 44));
    drive_movie_free(&out);
    drive_movie_all_faults(&lmp_step_autocrop, "", &m);
    for (int64_t i = 0; i < 3 * 20000; i++) drive_movie_set(&m, i, 5);
    crop_by_hand(&m, &out);
    assert_true(out.width == 200 && out.height == 100);
    drive_movie_free(&out);
    drive_movie_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_bytes),
        cmocka_unit_test(edges_nan_and_strays),
        cmocka_unit_test(constants_and_colours),
        cmocka_unit_test(boxes),
    };
    return cmocka_run_group_tests(tests, zones_folder_make, zones_folder_remove);
}
