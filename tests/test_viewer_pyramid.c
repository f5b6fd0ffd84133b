/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_viewer_pyramid.c: lists of channels, bounds, sums, pyramids and columns, against plain loops over the samples.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "channel_list.h"
#include "traces.h"

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Lists of channels --------------------------------------------------------------------------------------- */

static void list_is(const char *text, int64_t n, const int64_t *expected)
{
    int64_t *channels = NULL, count = -1;
    lmp_error err = {0};
    assert_int_equal(channel_list_parse(text, 8, &channels, &count, &err), LMP_OK);
    assert_int_equal(count, n);
    assert_memory_equal(channels, expected, (size_t)n * sizeof *expected);
    free(channels);
}

static void reads_channel_lists(void **state)
{
    (void)state;
    list_is("0", 1, (int64_t[]){0});
    list_is("0-3,7", 5, (int64_t[]){0, 1, 2, 3, 7});
    list_is("7,0-0,3-5", 5, (int64_t[]){7, 0, 3, 4, 5});
    list_is("007", 1, (int64_t[]){7});
}

static void refuses_channel_lists(void **state)
{
    static const char *const wrong[] = {"",   ",",  "0,",  ",0",   "-1",    "1-", "3-1", "0,0",        "0-2,1", " 0",
                                        "0 ", "+0", "0x1", "0--1", "0-1-2", "8",  "0-8", "9999999999", "0;1",   "a"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t *channels = NULL, count = -1;
        lmp_error err = {0};
        assert_int_equal(channel_list_parse(wrong[i], 8, &channels, &count, &err), LMP_ERR_USAGE);
        assert_null(channels);
        assert_true(err.text[0] != '\0');
    }
}

/* ---- Bounds and sums ----------------------------------------------------------------------------------------- */

static void bounds_are_rounded_outward(void **state)
{
    const double third = 1.0 / 3, values[] = {third, NAN, -third, 16777217, 1e300, -1e300};
    (void)state;
    extremes e = bounds_round(bounds_widen(bounds_none(), values, 3));
    assert_true((double)e.low <= -third && (double)nextafterf(e.low, INFINITY) > -third);
    assert_true((double)e.high >= third && (double)nextafterf(e.high, -INFINITY) < third);
    e = bounds_round(bounds_widen(bounds_none(), values + 3, 1));
    assert_true(e.low == 16777216.0f && e.high == 16777218.0f);
    e = bounds_round(bounds_widen(bounds_none(), values + 4, 2));
    assert_true(e.low == -INFINITY && e.high == INFINITY);
    e = bounds_round(bounds_widen(bounds_none(), values + 1, 1));
    assert_true(isnan(e.low) && isnan(e.high));
    assert_true(isnan(bounds_round(bounds_none()).low));
}

static double noise(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int32_t)(*seed >> 33) / 1e6;
}

static channel_sums sums(const double *values, int64_t count, int has_before)
{
    return sums_of(values, count, has_before, bounds_widen(bounds_none(), values, count));
}

/* However a stretch is cut: counts to the last one, sums to rounding. */
static void sums_join_as_one(void **state)
{
    enum { N = 1003 };
    double x[N];
    uint64_t seed = 1;
    (void)state;
    int64_t n_nan = 0;
    for (int i = 0; i < N; i++) x[i] = i % 17 == 3 ? (double)NAN : i % 5 == 4 ? x[i - 1] : fmin(noise(&seed), 900);
    for (int i = 0; i < N; i++) n_nan += isnan(x[i]) != 0;
    const channel_sums whole = sums(x, N, 0);
    for (int64_t cut = 0; cut <= N; cut += 59) {
        const channel_sums s = sums_join(sums_join(sums_none(), sums(x, cut, 0)), sums(x + cut, N - cut, cut > 0));
        assert_true(s.n == whole.n && s.n_nan == whole.n_nan && s.n_flat == whole.n_flat && s.n_low == whole.n_low &&
                    s.n_high == whole.n_high && s.low == whole.low && s.high == whole.high);
        assert_true(fabs(s.mean - whole.mean) <= 1e-12 * fabs(whole.high));
        assert_true(fabs(s.squares - whole.squares) <= 1e-12 * whole.squares);
    }
    assert_int_equal(whole.n_nan, n_nan);
    assert_int_equal(whole.n + n_nan, N);
    assert_true(whole.n_high > 1 && whole.high == 900);
}

/* ---- A recording --------------------------------------------------------------------------------------------- */

enum { N_CHANNELS = 3, N_TIMES = 3 * 16384 + 77 };

typedef struct fixture {
    char path[64];
    double *values;
    lmp_engine *engine;
    lmp_recording *recording;
} fixture;

static void write_npy(const char *path, const double *values)
{
    char header[128];
    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\1\0\x76\0", 10);
    const int n = snprintf(header + 10, 110, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }",
                           N_CHANNELS, N_TIMES);
    header[10 + n] = ' ';
    header[127] = '\n';
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(header, sizeof header, 1, file), 1);
    assert_int_equal(fwrite(values, sizeof *values, N_CHANNELS * N_TIMES, file), N_CHANNELS * N_TIMES);
    assert_int_equal(fclose(file), 0);
}

static void set_up(fixture *f)
{
    uint64_t seed = 7;
    lmp_engine_options engine = LMP_OPTIONS(lmp_engine_options);
    lmp_open_options how = LMP_OPTIONS(lmp_open_options);
    engine.threads = 1;
    how.rate_hz = 5000;
    *f = (fixture){.path = "test_viewer_pyramid_XXXXXX.npy"};
    const int fd = mkstemps(f->path, 4);
    assert_true(fd >= 0);
    close(fd);
    f->values = malloc(N_CHANNELS * N_TIMES * sizeof *f->values);
    assert_non_null(f->values);
    for (int i = 0; i < N_CHANNELS * N_TIMES; i++) f->values[i] = noise(&seed);
    for (int i = 5000; i < 30000; i++) f->values[N_TIMES + i] = NAN;
    f->values[2 * N_TIMES + 33333] = 1e6;
    write_npy(f->path, f->values);
    assert_int_equal(lmp_engine_new(&engine, &f->engine, NULL), LMP_OK);
    assert_int_equal(lmp_recording_open(f->engine, f->path, &how, &f->recording, NULL), LMP_OK);
}

static void tear_down(fixture *f)
{
    lmp_recording_close(f->recording);
    lmp_engine_free(f->engine);
    unlink(f->path);
    free(f->values);
}

static void build(pyramid *p, int64_t stretch)
{
    double *room = malloc((size_t)(p->stretch + 1) * sizeof *room);
    assert_true(pyramid_take(p, stretch));
    assert_false(pyramid_take(p, stretch));
    for (int64_t c = 0; c < N_CHANNELS; c++) assert_int_equal(pyramid_build(p, stretch, c, room, NULL), LMP_OK);
    pyramid_publish(p, stretch);
    free(room);
}

static bool is_same(extremes a, extremes b)
{
    return (a.low == b.low || (isnan(a.low) && isnan(b.low))) && (a.high == b.high || (isnan(a.high) && isnan(b.high)));
}

static extremes expected(const fixture *f, int64_t channel, int64_t first, int64_t end)
{
    if (end > N_TIMES) end = N_TIMES;
    return bounds_round(bounds_widen(bounds_none(), f->values + channel * N_TIMES + first, end - first));
}

/* Any blocks of any level. */
static void check_blocks(const fixture *f, const pyramid *p)
{
    for (int level = 0; level < PYRAMID_LEVELS; level++) {
        const int64_t block = pyramid_block(p, level), n = p->n_blocks[level], step = n / 23 + 1;
        for (int64_t first = 0; first < n; first += step)
            for (int64_t end = first; end <= n; end += step) {
                const extremes e = bounds_round(pyramid_bounds(p, 1, level, first, end, bounds_none()));
                const int64_t from = first * block < N_TIMES ? first * block : N_TIMES;
                assert_true(is_same(e, expected(f, 1, from, end * block > from ? end * block : from)));
            }
    }
}

static void pyramid_knows_every_block(void **state)
{
    fixture f;
    pyramid p;
    (void)state;
    set_up(&f);
    assert_true(pyramid_init(&p, f.recording, 64));
    assert_int_equal(p.n_stretches, 4);
    assert_true(isnan(bounds_round(pyramid_bounds(&p, 0, 0, 0, 1000, bounds_none())).low));
    for (int64_t s = 3; s >= 0; s--) build(&p, s);
    assert_int_equal(p.n_known, 4);
    check_blocks(&f, &p);
    for (int64_t c = 0; c < N_CHANNELS; c++) {
        const channel_sums s = pyramid_sums(&p, c), e = sums(f.values + c * N_TIMES, N_TIMES, 0);
        assert_true(s.n == e.n && s.n_nan == e.n_nan && s.low == e.low && s.high == e.high && s.n_flat == e.n_flat);
        assert_true(fabs(s.squares - e.squares) <= 1e-10 * e.squares);
    }
    pyramid_clear(&p);
    tear_down(&f);
}

/* ---- Columns ------------------------------------------------------------------------------------------------- */

static int64_t edge(const trace_request *t, int64_t i, int64_t grid)
{
    const int64_t at = t->first + i * t->count / t->columns;
    return i == 0 || i == t->columns ? at : (at + grid / 2) / grid * grid;
}

static void check_columns(const fixture *f, const trace_request *t, int64_t grid, const extremes *values)
{
    for (int64_t c = 0; c < t->n_channels; c++)
        for (int64_t i = 0; i < t->columns; i++)
            assert_true(is_same(values[c * t->columns + i],
                                expected(f, t->channels[c], edge(t, i, grid), edge(t, i + 1, grid))));
}

static void columns_hold_their_samples(void **state)
{
    static const int64_t asked[][3] = {{0, N_TIMES, 10}, {0, N_TIMES, 300}, {1, N_TIMES - 1, 7},     {63, 20000, 100},
                                       {64, 16384, 1},   {5, 9999, 70},     {N_TIMES - 700, 700, 3}, {40000, 9000, 60}};
    const int64_t channels[] = {2, 0, 1};
    fixture f;
    pyramid p;
    (void)state;
    set_up(&f);
    assert_true(pyramid_init(&p, f.recording, 64));
    for (int64_t s = 0; s < 4; s++) build(&p, s);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        const trace_request t = {
            .channels = channels, .n_channels = 3, .first = asked[i][0], .count = asked[i][1], .columns = asked[i][2]};
        extremes *values = malloc((size_t)(3 * t.columns) * sizeof *values);
        assert_int_equal(trace_exact(f.recording, &t, values, NULL), LMP_OK);
        check_columns(&f, &t, 1, values);
        assert_int_equal(trace_blocks(&p, &t, values, NULL), LMP_OK);
        check_columns(&f, &t, trace_grid(&p, &t), values);
        free(values);
    }
    pyramid_clear(&p);
    tear_down(&f);
}

static trace_layout choose(int64_t n_channels, int64_t count, int64_t columns)
{
    return trace_choose(&(trace_request){.n_channels = n_channels, .count = count, .columns = columns}, 64);
}

static void layouts_are_chosen(void **state)
{
    (void)state;
    assert_int_equal(choose(64, 3200, 1600), TRACE_SAMPLES);
    assert_int_equal(choose(64, 3201, 1600), TRACE_EXACT);
    assert_int_equal(choose(64, 1600 * 64 - 1, 1600), TRACE_EXACT);
    assert_int_equal(choose(64, 1600 * 128, 1600), TRACE_BLOCKS);
    assert_int_equal(choose(1, 8000000, 10), TRACE_EXACT);
    assert_int_equal(choose(1, 8000001, 10), TRACE_BLOCKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_channel_lists),        cmocka_unit_test(refuses_channel_lists),
        cmocka_unit_test(bounds_are_rounded_outward), cmocka_unit_test(sums_join_as_one),
        cmocka_unit_test(pyramid_knows_every_block),  cmocka_unit_test(columns_hold_their_samples),
        cmocka_unit_test(layouts_are_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
