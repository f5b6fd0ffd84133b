/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reports: complete in themselves, safe whatever names and labels hold, written whole or not at all. And the drawing
 * beneath them.
 */
#include "score/base64.h"
#include "score/report_data.h"
#include "score/svg.h"
#include "score_support.h"

#include <stddef.h>

static lmp_engine *engine;

static int begin(void **state)
{
    static const char *const hard[] = {"heartbeat-uv=60", "missing=2,1", "extra=1", "blocks=2", "block-pause=5", NULL};
    if (io_setup(state) != 0) return -1;
    engine = engine_with(2, 1 << 28, 0);
    simulate(engine, hard);
    run_file(engine, "sim.bdf", CLEANING, "clean.bdf");
    return 0;
}

static int end(void **state)
{
    lmp_engine_free(engine);
    return io_teardown(state);
}

static char *report_in(const char *page, const char *result, const char *name)
{
    char path[700];
    lmp_error err = {0};
    lmp_score_options options = LMP_OPTIONS(lmp_score_options);
    size_t size = 0;
    options.page = page;
    snprintf(path, sizeof path, "%s", io_path(name));
    if (lmp_report(engine, io_path(result), &options, path, 1, &err) != LMP_OK) fail_msg("%s", err.text);
    char *text = io_get(path, &size);
    assert_non_null(text);
    assert_int_equal(strlen(text), size);
    return text;
}

static char *report(const char *result, const char *name)
{
    return report_in(NULL, result, name);
}

static int64_t count(const char *text, const char *word)
{
    int64_t n = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) n++;
    return n;
}

static void test_whole_page(void **state)
{
    (void)state;
    char *text = report("clean.bdf", "clean.html");
    static const char *const there[] = {"<!DOCTYPE html>",
                                        "clean.bdf</h1>",
                                        "dB</b> weaker",
                                        "Spectra",
                                        "Traces",
                                        "Removed and kept",
                                        "Against the known truth",
                                        "Triggers and epochs",
                                        "The artifact that was taken away",
                                        "Channels",
                                        "What was done",
                                        "Provenance",
                                        "ECG",
                                        "limpid run ",
                                        "xxh3-128",
                                        "class=\"added\"",
                                        "class=\"removed\"",
                                        "prefers-color-scheme:dark",
                                        "@media print",
                                        "</html>"};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        if (strstr(text, there[i]) == NULL) fail_msg("the page lacks %s", there[i]);
    /* It loads nothing and runs nothing. */
    static const char *const not_there[] = {"<script", "http://", "https://", " src=", "@import",
                                            "url(",    " href=",  "Mnan",     "Lnan",  "Vnan",
                                            "\"nan",   ">nan",    " nan",     "\"inf", ">inf"};
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++)
        if (strstr(text, not_there[i]) != NULL) fail_msg("the page holds %s", not_there[i]);
    /* What is opened is closed. */
    static const char *const pairs[][2] = {{"<svg", "</svg>"}, {"<table", "</table>"},   {"<tr", "</tr>"},
                                           {"<div", "</div>"}, {"<figure", "</figure>"}, {"<td", "</td>"},
                                           {"<b>", "</b>"},    {"<text", "</text>"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(count(text, pairs[i][0]), count(text, pairs[i][1]));
    assert_true(strlen(text) < 3000000);
    free(text);
}

/* ---- As data ---- */

#define PAGE "<p>$&</p><script>" LMP_REPORT_PLACE "</script><i>" LMP_REPORT_PLACE "</i>"

/* A part of that kind, wherever it is. */
static json_t *find_part(json_t *of, const char *kind)
{
    size_t i;
    json_t *part, *found = NULL;
    json_array_foreach(json_object_get(of, "parts"), i, part)
    {
        const char *name = json_string_value(json_object_get(part, "kind"));
        if (found == NULL) found = strcmp(name, kind) == 0 ? part : find_part(part, kind);
    }
    return found;
}

static void check_series(json_t *series)
{
    const size_t n = json_array_size(json_object_get(series, "x"));
    assert_true(n > 1);
    assert_int_equal(json_array_size(json_object_get(series, "values")), n);
}

static void test_data(void **state)
{
    (void)state;
    static const char *const kinds[] = {"heading", "text",   "tiles", "facts", "command",
                                        "table",   "curves", "lanes", "tabs",  "pair"};
    char *text = report_in(NULL, "clean.bdf", "clean.json");
    json_t *data = json_loads(text, 0, NULL);
    assert_non_null(data);
    assert_null(strchr(text, '<'));
    assert_string_equal(json_string_value(json_object_get(data, "kind")), "eeg-fmri");
    assert_true(json_is_object(json_object_get(data, "score")));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (find_part(data, kinds[i]) == NULL) fail_msg("no part is of the kind %s", kinds[i]);
    check_series(json_array_get(json_object_get(find_part(data, "curves"), "series"), 0));
    json_decref(data);
    free(text);
}

/* The first place takes the data; all else of the page stays as it is. */
static void test_page_around_data(void **state)
{
    (void)state;
    char *page = report_in(PAGE, "clean.bdf", "framed.html"), *data = report_in(PAGE, "clean.bdf", "framed.json");
    static const char before[] = "<p>$&</p><script>", after[] = "</script><i>" LMP_REPORT_PLACE "</i>";
    const size_t n = strlen(data) - 1; /* a line feed ends the file */
    assert_int_equal(strlen(page), strlen(before) + n + strlen(after));
    assert_memory_equal(page, before, strlen(before));
    assert_memory_equal(page + strlen(before), data, n);
    assert_string_equal(page + strlen(before) + n, after);
    free(page);
    free(data);
}

static void test_page_without_a_place(void **state)
{
    (void)state;
    lmp_error err = {0};
    lmp_score_options options = LMP_OPTIONS(lmp_score_options);
    options.page = "<html></html>";
    assert_int_equal(lmp_report(engine, io_path("clean.bdf"), &options, io_path("x.html"), 1, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "no place for its data"));
    /* Callers that do not know of pages. */
    options.struct_size = offsetof(lmp_score_options, page);
    if (lmp_report(engine, io_path("clean.bdf"), &options, io_path("old.html"), 1, &err) != LMP_OK)
        fail_msg("%s", err.text);
}

/* Of more points than are kept, the lowest and highest of every stretch are; gaps stay gaps. */
static void test_thinning(void **state)
{
    (void)state;
    enum { N = 1000000 };
    double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    report_data d;
    assert_true(x != NULL && y != NULL);
    for (int i = 0; i < N; i++) {
        x[i] = i;
        y[i] = i >= 300000 && i < 310000 ? (double)NAN : i == 777777 ? 9 : i == 123456 ? -9 : sin(i * 1e-3);
    }
    data_begin(&d, "motion", "t");
    json_t *figure = data_curves(&d, "", "x", "y", 100);
    figure_series(figure, "", "after", "line", x, y, N);
    json_t *series = json_array_get(json_object_get(figure, "series"), 0), *values = json_object_get(series, "values");
    const size_t n = json_array_size(values);
    double low = 0, high = 0, last = -1;
    int gaps = 0;
    assert_true(n <= MOST_POINTS && n > MOST_POINTS / 2);
    for (size_t i = 0; i < n; i++) {
        const double at = json_number_value(json_array_get(json_object_get(series, "x"), i));
        assert_true(at > last);
        last = at;
        gaps += json_is_null(json_array_get(values, i));
        low = fmin(low, json_number_value(json_array_get(values, i)));
        high = fmax(high, json_number_value(json_array_get(values, i)));
    }
    assert_true(low == -9 && high == 9 && gaps > 10);
    data_clear(&d);
    free(x);
    free(y);
}

static void test_base64(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const size_t n = strlen(known[i][0]);
        char *text = base64_encode(known[i][0], n);
        assert_string_equal(text, known[i][1]);
        void *bytes = base64_decode(text, n);
        assert_memory_equal(bytes, known[i][0], n);
        assert_null(base64_decode(text, n + 3));
        free(bytes);
        free(text);
    }
}

/* ---- As a page without script ---- */

/* The same page from the same files, however many threads made it. */
static void test_same_page(void **state)
{
    (void)state;
    char *first = report("clean.bdf", "one.html");
    lmp_engine *usual = engine;
    engine = engine_with(1, 5 << 20, 500);
    char *second = report("clean.bdf", "one.html");
    lmp_engine_free(engine);
    engine = usual;
    assert_string_equal(first, second);
    free(first);
    free(second);
}

/* Names from files are text, whatever they look like. */
static void test_markup_in_names(void **state)
{
    (void)state;
    json_t *record = json_load_file(io_path("clean.bdf.limpid.json"), 0, NULL);
    assert_non_null(record);
    run_file(engine, "clean.bdf", "rename Fp1:<i>x</i>", "evil.bdf");
    json_object_set_new(record, "chain", json_string("<script>alert(1)</script> ! \"quoted\" & 'more'"));
    json_array_append_new(json_object_get(record, "warnings"), json_string("</ul><img onerror=x>"));
    json_t *gradient = json_array_get(json_object_get(record, "steps"), 4);
    json_object_set_new(gradient, "template_channel", json_string("<b>,\"'&"));
    json_object_set_new(gradient, "status_names", json_string("<u>fine,</style>"));
    json_object_set_new(gradient, "<s>", json_string("<a>"));
    assert_int_equal(json_dump_file(record, io_path("evil.bdf.limpid.json"), 0), 0);
    json_decref(record);
    char *text = report("evil.bdf", "evil.html");
    static const char *const not_there[] = {"<script", "<i>x", "<img", "<u>", "<s>", "<a>", "<b>,"};
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++)
        if (strstr(text, not_there[i]) != NULL) fail_msg("the page holds %s", not_there[i]);
    assert_non_null(strstr(text, "&lt;script&gt;"));
    assert_non_null(strstr(text, "&lt;i&gt;x&lt;/i&gt;"));
    assert_int_equal(count(text, "</style>"), 1);
    free(text);
    /* Nor do they end the script that holds them. */
    text = report_in(PAGE, "evil.bdf", "framed.html");
    assert_int_equal(count(text, "</script>"), 1);
    assert_int_equal(count(text, "<script"), 1);
    free(text);
}

static void test_little_known(void **state)
{
    (void)state;
    run_file(engine, "sim.truth.bdf", "drop channels=ECG", "bare.bdf");
    assert_int_equal(unlink(io_path("bare.bdf.limpid.json")), 0);
    char *text = report("bare.bdf", "bare.html");
    assert_non_null(strstr(text, "There is no provenance record"));
    assert_non_null(strstr(text, "Spectra"));
    free(text);
}

/* ---- Files ---- */

static void refuse(const char *html, int overwrite, lmp_status status, const char *word)
{
    char path[700];
    lmp_error err = {0};
    snprintf(path, sizeof path, "%s", html[0] == '/' ? html : io_path(html));
    const lmp_status got = lmp_report(engine, io_path("clean.bdf"), NULL, path, overwrite, &err);
    if (got != status || strstr(err.text, word) == NULL)
        fail_msg("status %d, '%s'; wanted %d, '%s'", got, err.text, status, word);
}

static int64_t count_files(void)
{
    int64_t n = 0;
    DIR *folder = opendir(io_folder);
    while (readdir(folder) != NULL) n++;
    closedir(folder);
    return n;
}

static void test_files(void **state)
{
    (void)state;
    io_put_text("mine.html", "mine");
    refuse("mine.html", 0, LMP_ERR_USAGE, "exists already");
    refuse("/nonexistent/x.html", 1, LMP_ERR_IO, "/nonexistent/x.html");
    size_t size = 0;
    char *sim = io_get(io_path("sim.bdf"), &size);
    refuse("sim.bdf", 1, LMP_ERR_USAGE, "which it tells about");
    refuse("clean.bdf", 1, LMP_ERR_USAGE, "which it tells about");
    size_t size_now = 0;
    char *sim_now = io_get(io_path("sim.bdf"), &size_now);
    assert_int_equal(size, size_now);
    assert_memory_equal(sim, sim_now, size);
    free(sim);
    free(sim_now);
    /* A full disk leaves what was there, and nothing else. */
    const int64_t n_files = count_files();
    os_fault_inject(0, 1);
    refuse("mine.html", 1, LMP_ERR_IO, "mine.html");
    os_fault_inject(0, 0);
    char *mine = io_get(io_path("mine.html"), &size);
    assert_string_equal(mine, "mine");
    free(mine);
    assert_int_equal(count_files(), n_files);
}

/* ---- Drawing ---- */

static char *drawn;
static size_t drawn_size;

static FILE *open_page(void)
{
    FILE *out = open_memstream(&drawn, &drawn_size);
    assert_non_null(out);
    return out;
}

static void check_text(const char *text, const char *expected)
{
    FILE *out = open_page();
    html_text(out, text);
    fclose(out);
    assert_string_equal(drawn, expected);
    free(drawn);
}

static void test_text(void **state)
{
    (void)state;
    check_text("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
    check_text("\xc2\xb5V \xe2\x86\x92 \xf0\x9f\x98\x80", "\xc2\xb5V \xe2\x86\x92 \xf0\x9f\x98\x80");
    check_text("\xb5V", "\xef\xbf\xbdV");               /* Latin-1 */
    check_text("\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd"); /* an overlong "<" */
    check_text("\xed\xa0\x80\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    check_text("a\x01\tb\n", "a  b\n");
}

static void check_number(double value, int decimals, const char *expected)
{
    FILE *out = open_page();
    html_number(out, value, decimals);
    fclose(out);
    assert_string_equal(drawn, expected);
    free(drawn);
}

static void test_numbers(void **state)
{
    (void)state;
    check_number(-1.25, 1, "−1.2");
    check_number(-0.01, 1, "0.0");
    check_number((double)NAN, 1, "–");
    check_number(1234.56, -1, "1235");
    check_number(12.345, -1, "12.3");
    check_number(9.9951, -1, "10.0");
    check_number(0.45678, -1, "0.457");
    check_number(0, -1, "0");
}

/* Plots of anything end, and never write what is not a number. */
static void test_plots(void **state)
{
    (void)state;
    static const double ranges[][2] = {{0, 1}, {0, 0}, {-3, 3}, {1e-300, 1e300}, {5, 2}, {0, 1e-12}, {-1e300, 1e300}};
    double x[5000], y[5000];
    for (int i = 0; i < 5000; i++) {
        x[i] = i / 5000.0;
        y[i] = i % 7 == 0 ? (double)NAN : i % 11 == 0 ? 1e300 : sin(i);
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (int is_log = 0; is_log < 2; is_log++) {
            FILE *out = open_page();
            svg_begin(out, 100, 100, "\"<plot>\"");
            const svg_plot p = {.out = out,
                                .left = 10,
                                .top = 10,
                                .width = 80,
                                .height = 80,
                                .x_first = ranges[i][0],
                                .x_last = ranges[i][1],
                                .y_first = ranges[i][0],
                                .y_last = ranges[i][1],
                                .log_x = is_log != 0 && ranges[i][0] > 0,
                                .log_y = is_log != 0 && ranges[i][0] > 0};
            svg_axis_x(&p, "x", true);
            svg_axis_y(&p, "y");
            svg_line(&p, "a", x, y, 5000);
            svg_dots(&p, "b", x, y, 5000, 100);
            svg_end(out);
            fclose(out);
            assert_true(drawn_size < 300000);
            assert_null(strstr(drawn, "<plot"));
            free(drawn);
        }
}

/* Where many points share a column of the page, none of their extremes is lost. */
static void test_extremes_survive(void **state)
{
    (void)state;
    enum { N = 100000 };
    static double x[N], y[N];
    for (int i = 0; i < N; i++) x[i] = i;
    y[54321] = 1;
    FILE *out = open_page();
    const svg_plot p = {.out = out, .width = 100, .height = 50, .x_last = N, .y_first = 0, .y_last = 1};
    svg_line(&p, "a", x, y, N);
    fclose(out);
    assert_non_null(strstr(drawn, "V0.0")); /* the top */
    assert_true(drawn_size < 3000);
    free(drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_page_around_data),
        cmocka_unit_test(test_page_without_a_place),
        cmocka_unit_test(test_thinning),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_whole_page),
        cmocka_unit_test(test_same_page),
        cmocka_unit_test(test_markup_in_names),
        cmocka_unit_test(test_little_known),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_plots),
        cmocka_unit_test(test_extremes_survive),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
