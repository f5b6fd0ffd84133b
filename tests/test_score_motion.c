/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Scores of motion correction: errors of series that can be worked out by hand, what files are refused, registration of
 * shifted images, and a whole score and report of a small movie.
 */
#include "score/base64.h"
#include "score/motion_errors.h"
#include "score/motion_image.h"
#include "score_support.h"

enum { N = 40 };

static lmp_engine *engine;

static int begin(void **state)
{
    if (io_setup(state) != 0) return -1;
    engine = engine_with(2, 1 << 28, 0);
    return 0;
}

static int end(void **state)
{
    lmp_engine_free(engine);
    return io_teardown(state);
}

/* ---- Errors ---- */

typedef struct pair {
    motion_series shifts, truth;
    double values[4][N];
    bool flags[2][N];
} pair;

/* A walk, and shifts that correct it: -slope * truth + a constant. */
static void make_pair(pair *p, double slope, double constant)
{
    *p = (pair){.shifts = {.n = N}, .truth = {.n = N}};
    for (int a = 0; a < MOTION_AXES; a++) {
        for (int i = 0; i < N; i++) {
            p->values[a][i] = 5 * sin(0.3 * i + a) + 0.1 * i;
            p->values[2 + a][i] = -slope * p->values[a][i] + constant * (a + 1);
        }
        p->truth.px[a] = p->values[a];
        p->shifts.px[a] = p->values[2 + a];
    }
    p->truth.is_flagged = p->flags[0];
    p->shifts.is_flagged = p->flags[1];
}

static motion_errors errors_of(const pair *p, bool with_flagged)
{
    motion_errors e;
    lmp_error err = {0};
    if (motion_errors_make(&p->shifts, &p->truth, with_flagged, &e, &err) != LMP_OK) fail_msg("%s", err.text);
    return e;
}

static void test_a_constant_is_no_error(void **state)
{
    (void)state;
    pair p;
    make_pair(&p, 1, 3.25);
    motion_errors e = errors_of(&p, false);
    assert_int_equal(e.n, N);
    assert_true(e.by_mean.max_px < 1e-12 && e.by_median.max_px < 1e-12);
    assert_true(fabs(e.axes[0].mean_px - 3.25) < 1e-12 && fabs(e.axes[1].median_px - 6.5) < 1e-12);
    assert_true(fabs(e.axes[0].slope - 1) < 1e-12 && e.axes[0].step_px < 1e-12);
    motion_errors_clear(&e);
}

static void test_slope_is_found(void **state)
{
    (void)state;
    pair p;
    make_pair(&p, 0.9, -2);
    motion_errors e = errors_of(&p, false);
    for (int a = 0; a < MOTION_AXES; a++) assert_true(fabs(e.axes[a].slope - 0.9) < 1e-12);
    assert_true(e.by_mean.mean_px > 0.1);
    motion_errors_clear(&e);
}

/* e = +1 and -1 in turn along y, 0 along x. */
static void test_sizes(void **state)
{
    (void)state;
    pair p;
    make_pair(&p, 1, 0);
    for (int i = 0; i < N; i++) p.values[2][i] += i % 2 == 0 ? 1 : -1;
    motion_errors e = errors_of(&p, false);
    assert_true(fabs(e.by_mean.mean_px - 1) < 1e-12 && fabs(e.by_mean.max_px - 1) < 1e-12);
    assert_true(fabs(e.by_mean.p95_px - 1) < 1e-12 && fabs(e.axes[0].by_mean.rmse_px - 1) < 1e-12);
    assert_true(e.axes[1].by_mean.max_px < 1e-12);
    assert_true(fabs(e.axes[0].step_px - 2) < 0.01);
    motion_errors_clear(&e);
}

static void test_flagged_frames_are_left_out(void **state)
{
    (void)state;
    pair p;
    make_pair(&p, 1, 1);
    p.values[2][7] += 50;
    p.flags[1][7] = true;
    p.values[3][9] = (double)NAN;
    motion_errors without = errors_of(&p, false), with = errors_of(&p, true);
    assert_int_equal(without.n, N - 2);
    assert_int_equal(with.n, N - 1);
    assert_true(without.by_mean.max_px < 1e-12 && with.by_mean.max_px > 40);
    assert_true(isnan(without.error_px[0][7]) && isnan(with.error_px[1][9]));
    motion_errors_clear(&without);
    motion_errors_clear(&with);
}

static void test_nothing_counts(void **state)
{
    (void)state;
    pair p;
    make_pair(&p, 1, 1);
    for (int i = 0; i < N; i++) p.flags[1][i] = true;
    motion_errors e = errors_of(&p, false);
    assert_int_equal(e.n, 0);
    assert_true(isnan(e.by_mean.mean_px) && isnan(e.axes[0].slope) && isnan(e.axes[0].step_px));
    motion_errors_clear(&e);
}

static void test_quantiles(void **state)
{
    (void)state;
    const double sorted[] = {1, 2, 4, 8, 16};
    assert_true(sorted_quantile(sorted, 5, 0) == 1 && sorted_quantile(sorted, 5, 1) == 16);
    assert_true(sorted_quantile(sorted, 5, 0.5) == 4 && sorted_quantile(sorted, 5, 0.625) == 6);
    assert_true(isnan(sorted_quantile(sorted, 0, 0.5)));
}

/* ---- Files ---- */

static motion_series read_series(const char *text)
{
    motion_series s = {0};
    lmp_error err = {0};
    io_put_text("s.csv", text);
    if (motion_series_read_csv(io_path("s.csv"), &s, &err) != LMP_OK) fail_msg("%s", err.text);
    return s;
}

static void test_tables(void **state)
{
    (void)state;
    motion_series s = read_series("\xef\xbb\xbf"
                                  "frame,dy_px,dx_px,peak,flag\r\n0,1.5,-2,0.9,0\r\n1, 2 ,3,,4\r\n\r\n2,,,0.1,\r\n"
                                  "3,-7,1,0.5,blank\r\n4,0,0,1,ok\r\n");
    assert_int_equal(s.n, 5);
    assert_true(s.px[0][0] == 1.5 && s.px[1][1] == 3 && s.px[0][1] == 2 && isnan(s.px[0][2]));
    assert_true(s.peak[0] == 0.9 && isnan(s.peak[1]));
    const bool flagged[] = {false, true, true, true, false};
    for (int i = 0; i < 5; i++) assert_int_equal(s.is_flagged[i], flagged[i]);
    assert_string_equal(s.flags[3], "blank");
    assert_int_equal(motion_series_flagged(&s), 3);
    const motion_reach sound = motion_series_reach(&s, false), all = motion_series_reach(&s, true);
    assert_true(sound.down == 1.5 && sound.up == 0 && sound.left == 2 && sound.right == 0);
    assert_true(all.up == 7 && all.right == 3);
    motion_series_clear(&s);
    s = read_series("dx_px,dy_px\n1,2\n");
    assert_true(s.n == 1 && s.px[0][0] == 2 && s.peak == NULL && !s.is_flagged[0]);
    motion_series_clear(&s);
}

static void refuse_series(const char *text, const char *word)
{
    motion_series s = {0};
    lmp_error err = {0};
    io_put_text("s.csv", text);
    assert_int_equal(motion_series_read_csv(io_path("s.csv"), &s, &err), LMP_ERR_INPUT);
    if (strstr(err.text, word) == NULL) fail_msg("\"%s\" does not say %s", err.text, word);
}

static void test_bad_tables(void **state)
{
    (void)state;
    refuse_series("frame,dy,dx\n0,1,2\n", "dy_px");
    refuse_series("dy_px,dx_px\n", "no frame");
    refuse_series("dy_px,dx_px\n1,2\n3\n", "line 3");
    refuse_series("dy_px,dx_px\n1,two\n", "two");
    refuse_series(" \n \n", "empty");
}

static lmp_status score_series(const char *shifts, const char *truth, lmp_error *err)
{
    char paths[2][700], *text = NULL;
    lmp_motion_score_options options = LMP_OPTIONS(lmp_motion_score_options);
    io_put_text("a.csv", shifts);
    io_put_text("b.csv", truth);
    snprintf(paths[0], sizeof paths[0], "%s", io_path("a.csv"));
    snprintf(paths[1], sizeof paths[1], "%s", io_path("b.csv"));
    options.shifts = paths[0];
    options.truth = paths[1];
    const lmp_status status = lmp_score_motion(engine, &options, &text, err);
    lmp_text_free(text);
    return status;
}

static void test_lengths_must_agree(void **state)
{
    (void)state;
    lmp_error err = {0};
    assert_int_equal(score_series("dy_px,dx_px\n1,2\n3,4\n", "dy_px,dx_px\n-1,-2\n-3,-4\n", &err), LMP_OK);
    assert_int_equal(score_series("dy_px,dx_px\n1,2\n3,4\n", "dy_px,dx_px\n1,2\n", &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "2 frames"));
    assert_non_null(strstr(err.text, "of 1:"));
}

static void test_nothing_to_score(void **state)
{
    (void)state;
    char *text = NULL;
    lmp_error err = {0};
    lmp_motion_score_options options = LMP_OPTIONS(lmp_motion_score_options);
    assert_int_equal(lmp_score_motion(engine, &options, &text, &err), LMP_ERR_USAGE);
    options.truth = "truth.csv";
    assert_int_equal(lmp_score_motion(engine, &options, &text, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_score_motion(engine, NULL, &text, &err), LMP_ERR_USAGE);
    assert_null(text);
}

/* ---- Images ---- */

static double scene(double y, double x)
{
    return sin(y / 5) * cos(x / 7) + 0.5 * sin((x + 2 * y) / 9) + 0.3 * cos((2 * x - y) / 11);
}

static void test_registration(void **state)
{
    (void)state;
    enum { H = 64, W = 80 };
    static float a[H * W], b[H * W];
    const double dy = 1.3, dx = -2.6;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            a[y * W + x] = (float)scene(y, x);
            b[y * W + x] = (float)scene(y - dy, x - dx);
        }
    const image_region inside = {.top = 8, .left = 8, .height = H - 16, .width = W - 16};
    image_match m = image_register(a, b, W, inside, 8);
    assert_true(fabs(m.dy - dy) < 0.05 && fabs(m.dx - dx) < 0.05 && m.peak > 0.98 && !m.is_at_edge);
    m = image_register(a, a, W, inside, 8);
    assert_true(fabs(m.dy) < 0.02 && fabs(m.dx) < 0.02 && m.peak > 0.999999);
    m = image_register(a, b, W, inside, 2);
    assert_true(m.is_at_edge);
    memset(b, 0, sizeof b);
    assert_true(isnan(image_register(a, b, W, inside, 4).peak));
}

static void test_sharpness(void **state)
{
    (void)state;
    /* A slope of 2 down and 3 to the right, with one pixel missing. */
    double values[6 * 7];
    for (int y = 0; y < 6; y++)
        for (int x = 0; x < 7; x++) values[y * 7 + x] = 10 + 2 * y + 3 * x;
    const image_region all = {.height = 6, .width = 7}, part = {.top = 1, .left = 2, .height = 4, .width = 3};
    assert_true(fabs(image_measure(values, 7, all).crispness - sqrt(13.0 * 42)) < 1e-9);
    assert_true(fabs(image_measure(values, 7, part).crispness - sqrt(13.0 * 12)) < 1e-9);
    const image_sharpness whole = image_measure(values, 7, all);
    assert_true(fabs(whole.mean - 24) < 1e-12 && fabs(whole.acutance - sqrt(13.0) / 24) < 1e-12);
    values[3 * 7 + 3] = (double)NAN; /* takes itself and its 4 neighbours' gradients along */
    assert_true(fabs(image_measure(values, 7, all).crispness - sqrt(13.0 * 37)) < 1e-9);
}

/* ---- A movie ---- */

enum { FRAMES = 30, HEIGHT = 96, WIDTH = 112 };

/* The same picture in each frame, displaced by a whole number of pixels; or not, if it is corrected. */
static void write_movie(const char *name, bool is_corrected)
{
    static uint8_t values[128 + FRAMES * HEIGHT * WIDTH];
    char *header = (char *)values;
    int n =
        snprintf(header, 128, "\x93NUMPY\x01%c%c%c{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d), }", 0,
                 118, 0, FRAMES, HEIGHT, WIDTH);
    memset(header + n, ' ', (size_t)(127 - n));
    header[127] = '\n';
    for (int t = 0; t < FRAMES; t++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                const int dy = is_corrected ? 0 : t % 5 - 2, dx = is_corrected ? 0 : t % 7 - 3;
                values[128 + (t * HEIGHT + y) * WIDTH + x] = (uint8_t)(120 + 40 * scene(y - dy, x - dx) + (t * y) % 2);
            }
    FILE *file = fopen(io_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(values, 1, sizeof values, file), sizeof values);
    assert_int_equal(fclose(file), 0);
}

static void write_shifts(const char *name)
{
    FILE *file = fopen(io_path(name), "w");
    assert_non_null(file);
    fprintf(file, "frame,dy_px,dx_px,peak,flag\n");
    for (int t = 0; t < FRAMES; t++) fprintf(file, "%d,%d,%d,0.9,%d\n", t, 2 - t % 5, 3 - t % 7, t == 4);
    assert_int_equal(fclose(file), 0);
}

typedef struct movie_paths {
    char before[700], after[700], shifts[700], page[700];
    lmp_motion_score_options options;
} movie_paths;

static void make_movies(movie_paths *p)
{
    write_movie("before.npy", false);
    write_movie("after.npy", true);
    write_shifts("shifts.csv");
    snprintf(p->before, sizeof p->before, "%s", io_path("before.npy"));
    snprintf(p->after, sizeof p->after, "%s", io_path("after.npy"));
    snprintf(p->shifts, sizeof p->shifts, "%s", io_path("shifts.csv"));
    snprintf(p->page, sizeof p->page, "%s", io_path("page.html"));
    p->options = (lmp_motion_score_options){
        .struct_size = sizeof p->options, .before = p->before, .after = p->after, .shifts = p->shifts};
}

static char *score_of(lmp_engine *with, const lmp_motion_score_options *options)
{
    char *text = NULL;
    lmp_error err = {0};
    if (lmp_score_motion(with, options, &text, &err) != LMP_OK) fail_msg("%s", err.text);
    return text;
}

static void test_movies(void **state)
{
    (void)state;
    movie_paths p;
    make_movies(&p);
    char *text = score_of(engine, &p.options);
    json_t *json = json_loads(text, 0, NULL);
    assert_int_equal((int)number(json, "shifts.frames_flagged"), 1);
    assert_int_equal((int)number(json, "after.valid_region.top"), 2);
    assert_int_equal((int)number(json, "after.valid_region.width"), WIDTH - 6);
    assert_true(number(json, "after.crispness") > number(json, "before.crispness"));
    assert_true(number(json, "after.correlation_with_mean_least") > 0.999);
    assert_true(number(json, "before.correlation_with_mean") < 0.99);
    assert_true(number(json, "motion_left.rigid_px") < 0.05 && number(json, "motion_left.local_max_px") < 0.1);
    json_decref(json);
    lmp_text_free(text);
}

/* The same text whatever the threads and the memory. */
static void test_same_whatever_the_threads(void **state)
{
    (void)state;
    movie_paths p;
    make_movies(&p);
    lmp_engine *small = engine_with(3, 16 << 20, 5);
    char *a = score_of(engine, &p.options), *b = score_of(small, &p.options);
    assert_string_equal(a, b);
    lmp_text_free(a);
    lmp_text_free(b);
    lmp_engine_free(small);
}

static void test_left_motion_is_seen(void **state)
{
    (void)state;
    movie_paths p;
    make_movies(&p);
    p.options.before = NULL;
    p.options.after = p.before; /* not corrected at all */
    char *text = score_of(engine, &p.options);
    json_t *json = json_loads(text, 0, NULL);
    assert_true(number(json, "motion_left.rigid_px") > 2);
    assert_int_equal(json_is_null(look(json, "before")), 1);
    json_decref(json);
    lmp_text_free(text);
}

static void test_lengths_of_movies_must_agree(void **state)
{
    (void)state;
    movie_paths p;
    lmp_error err = {0};
    char *text = NULL;
    make_movies(&p);
    io_put_text("shifts.csv", "dy_px,dx_px\n0,0\n1,1\n");
    assert_int_equal(lmp_score_motion(engine, &p.options, &text, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "2 frames"));
}

/* Data inside a page, as programs read them; images with as many values as they say. */
static void test_report_data(void **state)
{
    (void)state;
    movie_paths p;
    lmp_error err = {0};
    size_t size = 0;
    make_movies(&p);
    p.options.page = LMP_REPORT_PLACE;
    if (lmp_report_motion(engine, &p.options, p.page, 0, &err) != LMP_OK) fail_msg("%s", err.text);
    char *text = io_get(p.page, &size), *score = score_of(engine, &p.options);
    json_t *data = json_loads(text, 0, NULL), *told = json_loads(score, 0, NULL), *part;
    int64_t n_images = 0;
    size_t i, k;
    json_t *image;
    assert_non_null(data);
    assert_true(number(data, "score.after.crispness") == number(told, "after.crispness"));
    assert_true(number(data, "score.motion_left.local_max_px") == number(told, "motion_left.local_max_px"));
    json_array_foreach(json_object_get(data, "parts"), i, part)
        json_array_foreach(json_object_get(part, "images"), k, image)
    {
        const size_t n = (size_t)(number(image, "height") * number(image, "width"));
        void *values = base64_decode(json_string_value(json_object_get(image, "base64")), n * sizeof(float));
        assert_non_null(values);
        free(values);
        n_images++;
    }
    assert_int_equal(n_images, 4);
    json_decref(data);
    json_decref(told);
    free(text);
    lmp_text_free(score);
    p.options.page = "no place";
    assert_int_equal(lmp_report_motion(engine, &p.options, p.page, 1, &err), LMP_ERR_USAGE);
}

static void test_report(void **state)
{
    (void)state;
    movie_paths p;
    lmp_error err = {0};
    size_t size = 0;
    make_movies(&p);
    if (lmp_report_motion(engine, &p.options, p.page, 0, &err) != LMP_OK) fail_msg("%s", err.text);
    char *text = io_get(p.page, &size);
    static const char *const there[] = {"<!DOCTYPE html>", "after.npy</h1>",
                                        "Mean images",     "data:image/png;base64,",
                                        "Shifts</h2>",     "Flagged frames",
                                        "crispness",       "Motion that is left",
                                        "</html>",         "1 of 30 frames are flagged"};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        if (strstr(text, there[i]) == NULL) fail_msg("the page does not say %s", there[i]);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, " nan"));
    assert_null(strstr(text, ">nan"));
    free(text);
    assert_int_equal(lmp_report_motion(engine, &p.options, p.page, 0, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_report_motion(engine, &p.options, p.page, 1, &err), LMP_OK);
    assert_int_equal(lmp_report_motion(engine, &p.options, p.after, 1, &err), LMP_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_constant_is_no_error),
        cmocka_unit_test(test_slope_is_found),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_flagged_frames_are_left_out),
        cmocka_unit_test(test_nothing_counts),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test_setup(test_tables, io_fresh),
        cmocka_unit_test_setup(test_bad_tables, io_fresh),
        cmocka_unit_test_setup(test_lengths_must_agree, io_fresh),
        cmocka_unit_test(test_nothing_to_score),
        cmocka_unit_test(test_registration),
        cmocka_unit_test(test_sharpness),
        cmocka_unit_test_setup(test_movies, io_fresh),
        cmocka_unit_test_setup(test_same_whatever_the_threads, io_fresh),
        cmocka_unit_test_setup(test_left_motion_is_seen, io_fresh),
        cmocka_unit_test_setup(test_lengths_of_movies_must_agree, io_fresh),
        cmocka_unit_test_setup(test_report, io_fresh),
        cmocka_unit_test_setup(test_report_data, io_fresh),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
