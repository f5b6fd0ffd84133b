/* SPDX-License-Identifier: BSD-3-Clause
 *
 * subtract and divide: references from ranges, files and sliding windows, against the formula.
 */
#include "drive_movie.h"
#include "kernels/compare.h"
#include "temporary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

extern const lmp_step lmp_step_subtract, lmp_step_divide, lmp_step_reduce, lmp_step_sliding;

enum { T = 19, HEIGHT = 3, WIDTH = 5, PIXELS = HEIGHT * WIDTH };

static drive_movie make(lmp_type type)
{
    drive_movie movie = drive_movie_new(type, T, HEIGHT, WIDTH, 1);
    uint32_t seed = 23;
    for (int64_t i = 0; i < T * PIXELS; i++) {
        seed = seed * 1664525u + 1013904223u;
        drive_movie_set(&movie, i, 1 + (double)(seed >> 26));
    }
    return movie;
}

static double applied(bool divides, double x, double reference, double amount)
{
    if (!divides) return x - amount * reference;
    const double denominator = amount * reference + 1 - amount;
    return denominator == 0 ? (double)NAN : x / denominator;
}

static bool same(double got, double wanted)
{
    return (isnan(got) && isnan(wanted)) || fabs(got - wanted) <= 1e-6 * (1 + fabs(wanted));
}

static void check_range(lmp_type type, const char *how, double amount)
{
    char settings[160];
    drive_movie movie = make(type), reference, result;
    if (type == LMP_FLOAT32)
        for (int64_t t = 0; t < T; t++) drive_movie_set(&movie, t * PIXELS + 2, t == 3 ? 5 : (double)NAN);
    drive_movie_all_cuts(&lmp_step_reduce, how, &movie, &reference);
    for (int divides = 0; divides < 2; divides++) {
        snprintf(settings, sizeof settings, "%s amount=%g", how, amount);
        drive_movie_all_cuts(divides ? &lmp_step_divide : &lmp_step_subtract, settings, &movie, &result);
        assert_int_equal(result.type, LMP_FLOAT32);
        assert_int_equal(result.n_times, T);
        for (int64_t i = 0; i < T * PIXELS; i++)
            assert_true(same(drive_movie_get(&result, i), applied(divides, drive_movie_get(&movie, i),
                                                                  drive_movie_get(&reference, i % PIXELS), amount)));
        drive_movie_free(&result);
    }
    drive_movie_free(&reference);
    drive_movie_free(&movie);
}

static void ranges_agree_with_reduce(void **state)
{
    (void)state;
    static const lmp_type types[] = {LMP_INT8, LMP_UINT8, LMP_UINT16, LMP_INT32, LMP_INT64, LMP_FLOAT32, LMP_FLOAT64};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        check_range(types[k], "stat=mean range=:", 1);
        check_range(types[k], "stat=median range=3:11:2", 0.5);
        check_range(types[k], "stat=min range=4:", 0.25);
    }
    check_range(LMP_UINT8, "stat=p30 range=-5:", 0);
}

static void zero_denominators_are_nan(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_UINT8, 4, 1, 2, 1), result;
    for (int64_t t = 0; t < 4; t++) drive_movie_set(&movie, 2 * t + 1, 8);
    drive_movie_all_cuts(&lmp_step_divide, "", &movie, &result);
    for (int64_t t = 0; t < 4; t++) {
        assert_true(isnan(drive_movie_get(&result, 2 * t)));
        assert_true(drive_movie_get(&result, 2 * t + 1) == 1);
    }
    drive_movie_free(&result);
    drive_movie_all_cuts(&lmp_step_divide, "from=sliding window=2", &movie, &result);
    assert_true(isnan(drive_movie_get(&result, 0)) && drive_movie_get(&result, 1) == 1);
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

static void check_sliding(const char *stat, int window, int lag, const char *edges)
{
    char settings[160], all[200];
    drive_movie movie = make(LMP_UINT16), reference, result;
    snprintf(settings, sizeof settings, "stat=%s window=%d lag=%d edges=%s", stat, window, lag, edges);
    snprintf(all, sizeof all, "from=sliding %s amount=0.5", settings);
    drive_movie_all_cuts(&lmp_step_sliding, settings, &movie, &reference);
    const int64_t lowest = strcmp(edges, "crop") == 0 && lag < 0 ? -lag : 0;
    for (int divides = 0; divides < 2; divides++) {
        drive_movie_all_cuts(divides ? &lmp_step_divide : &lmp_step_subtract, all, &movie, &result);
        assert_int_equal(result.n_times, reference.n_times);
        for (int64_t i = 0; i < result.n_times * PIXELS; i++)
            assert_true(same(drive_movie_get(&result, i), applied(divides, drive_movie_get(&movie, i + lowest * PIXELS),
                                                                  drive_movie_get(&reference, i), 0.5)));
        drive_movie_free(&result);
    }
    drive_movie_free(&reference);
    drive_movie_free(&movie);
}

static void sliding_agrees_with_sliding(void **state)
{
    (void)state;
    static const char *const edges[] = {"crop", "shrink", "nan"};
    for (int e = 0; e < 3; e++) {
        check_sliding("mean", 4, 0, edges[e]);
        check_sliding("median", 5, 3, edges[e]);
        check_sliding("std", 5, -2, edges[e]);
        check_sliding("max", 5, -4, edges[e]);
        check_sliding("min", 3, -3, edges[e]);
        check_sliding("mean", 2, -9, edges[e]);
        check_sliding("sum", 1, 0, edges[e]);
    }
    check_sliding("mean", 3, 40, "shrink");
    check_sliding("mean", 3, -40, "nan");
    check_sliding("mean", 3, 1000000000, "shrink");
    check_sliding("mean", 3, -1000000000, "shrink");
}

/* A file of HEIGHT x WIDTH float32: 0, 1, 2, ... */
static void write_image(const char *path, const char *shape, int64_t values)
{
    char header[128];
    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int n = snprintf(header + 10, 117, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
    header[10 + n] = ' ';
    header[127] = '\n';
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(header, 1, sizeof header, file);
    for (int64_t i = 0; i < values; i++) fwrite(&(float){(float)i}, sizeof(float), 1, file);
    fclose(file);
}

static void files_are_read_or_refused(void **state)
{
    (void)state;
    char path[TEMPORARY_ROOM], settings[TEMPORARY_ROOM + 32];
    const int file = mkstemps(temporary_name(path, "limpid-test-XXXXXX.npy"), 4);
    assert_true(file >= 0);
    close(file);
    snprintf(settings, sizeof settings, "from=file file=%s", path);
    drive_movie movie = make(LMP_UINT8), result;
    write_image(path, "(1, 3, 5)", PIXELS);
    drive_movie_all_cuts(&lmp_step_subtract, settings, &movie, &result);
    for (int64_t i = 0; i < T * PIXELS; i++)
        assert_true(drive_movie_get(&result, i) == drive_movie_get(&movie, i) - (double)(i % PIXELS));
    drive_movie_free(&result);
    write_image(path, "(1, 5, 3)", PIXELS);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, settings, &movie), "5 rows, 3 columns"));
    write_image(path, "(2, 3, 5)", 2 * PIXELS);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_divide, settings, &movie), "2 frames"));
    unlink(path);
    assert_true(drive_movie_refusal(&lmp_step_divide, settings, &movie)[0] != '\0');
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_divide, "from=file", &movie), "needs file="));
    drive_movie_free(&movie);
}

static void refusals(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_UINT8);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, "stat=mean,max", &movie), "one is needed"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, "from=sliding stat=p5", &movie), "stat=p5"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, "from=sliding window=20", &movie), "19 frames"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, "range=30:", &movie), "leaves no frame"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, "amount=1.5", &movie), "amount=1.5"));
    drive_movie_free(&movie);
}

/* What belongs to another reference than the one taken would be ignored. */
static void parameters_that_say_nothing_are_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"from=sliding range=:5", "range= says nothing about a reference from=sliding"},
        {"window=4 range=:5", "range= says nothing about a reference from=sliding"},
        {"from=range file=a.npy", "file= says nothing about a reference from=range"},
        {"from=range window=4", "window= says nothing about a reference from=range"},
        {"file=a.npy window=4", "window= says nothing about a reference from=file"},
        {"file=a.npy range=2:", "range= says nothing about a reference from=file"},
        {"file=a.npy stat=max", "stat= says nothing about a reference from=file"},
        {"lag=2", "lag= says nothing about a reference from=range"},
        {"edges=nan", "edges= says nothing about a reference from=range"},
    };
    drive_movie movie = make(LMP_UINT8);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_non_null(strstr(drive_movie_refusal(&lmp_step_subtract, rows[i][0], &movie), rows[i][1]));
        assert_non_null(strstr(drive_movie_refusal(&lmp_step_divide, rows[i][0], &movie), rows[i][1]));
    }
    drive_movie_free(&movie);
}

static void check_same(const drive_movie *movie, const char *one, const char *other)
{
    drive_movie first, second;
    drive_movie_all_cuts(&lmp_step_subtract, one, movie, &first);
    drive_movie_all_cuts(&lmp_step_subtract, other, movie, &second);
    assert_int_equal(first.n_times, second.n_times);
    assert_memory_equal(first.data, second.data, (size_t)first.n_times * PIXELS * sizeof(float));
    drive_movie_free(&first);
    drive_movie_free(&second);
}

static void the_source_follows_from_what_is_given(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_UINT16), longer = drive_movie_new(LMP_UINT8, 31, HEIGHT, WIDTH, 1);
    check_same(&movie, "window=3", "from=sliding window=3");
    check_same(&movie, "range=2:7 stat=max", "from=range range=2:7 stat=max");
    check_same(&movie, "", "from=range range=:");
    for (int64_t i = 0; i < 31 * PIXELS; i++) drive_movie_set(&longer, i, (double)(i * i % 251));
    check_same(&longer, "from=sliding", "from=sliding window=20");
    drive_movie_free(&longer);
    drive_movie_free(&movie);
}

/* Every type, every remainder of a vector; the formula in double, to the bit. */
static void kernels_compute_in_double(void **state)
{
    (void)state;
    static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                     LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
    enum { MOST = 37 };
    double less[MOST], over[MOST];
    float got[MOST + 1];
    for (int i = 0; i < MOST; i++) {
        less[i] = 1.0 / (i + 3);
        over[i] = i == 5 ? (double)NAN : 0.1 * (i + 1);
    }
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        drive_movie x = drive_movie_new(types[k], 1, 1, MOST, 1);
        for (int64_t i = 0; i < MOST; i++) drive_movie_set(&x, i, (double)(i * 3 + 1));
        for (int64_t n = 0; n <= MOST; n++)
            for (int form = 0; form < 3; form++) {
                got[n] = -7;
                compare_values(types[k], x.data, form == 1 ? NULL : less, form == 0 ? NULL : over, got, n);
                for (int64_t i = 0; i < n; i++) {
                    const double top = drive_movie_get(&x, i) - (form == 1 ? 0.0 : less[i]);
                    const float wanted = (float)(form == 0 ? top : top / over[i]);
                    assert_true(got[i] == wanted || (isnan(got[i]) && isnan(wanted)));
                }
                assert_true(got[n] == -7);
            }
        drive_movie_free(&x);
    }
}

static void faults_are_reported(void **state)
{
    (void)state;
    drive_movie movie = make(LMP_FLOAT32);
    drive_movie_all_faults(&lmp_step_subtract, "from=sliding window=4 lag=-1", &movie);
    drive_movie_all_faults(&lmp_step_divide, "range=2:9", &movie);
    drive_movie_free(&movie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_agree_with_reduce),
        cmocka_unit_test(zero_denominators_are_nan),
        cmocka_unit_test(sliding_agrees_with_sliding),
        cmocka_unit_test(files_are_read_or_refused),
        cmocka_unit_test(refusals),
        cmocka_unit_test(parameters_that_say_nothing_are_refused),
        cmocka_unit_test(the_source_follows_from_what_is_given),
        cmocka_unit_test(kernels_compute_in_double),
        cmocka_unit_test(faults_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
