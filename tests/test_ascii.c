/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_ascii.c: images as tables of numbers in text files.
 */
#include "io/ascii.h"

#include "frames_support.h"

#define NONE ((double)NAN)

static void check_image(const char *name, int64_t rows, int64_t columns, const double *wanted, const char *warning)
{
    lmp_source source;
    io_open(&lmp_io_ascii, io_path(name), NULL, &source);
    const lmp_format *format = &source.stream.format;
    assert_true(format->kind == LMP_MOVIE && format->type == LMP_FLOAT64 && format->n_times == 1);
    assert_int_equal(format->height, rows);
    assert_int_equal(format->width, columns);
    if (warning == NULL && source.warnings != NULL) fail_msg("%s", source.warnings);
    if (warning != NULL) {
        assert_non_null(source.warnings);
        if (strstr(source.warnings, warning) == NULL) fail_msg("%s", source.warnings);
    }
    double *values = (double *)(void *)frames_read(&source, 0, 1);
    for (int64_t i = 0; i < rows * columns; i++)
        assert_true(values[i] == wanted[i] || (isnan(values[i]) && isnan(wanted[i])));
    free(values);
    for (int64_t y = 0; y < rows; y += 1 + rows / 4) {
        values = (double *)(void *)frames_read_band(&source, 0, 1, y, 1, 8);
        for (int64_t x = 0; x < columns; x++)
            assert_true(values[x] == wanted[y * columns + x] || isnan(wanted[y * columns + x]));
        free(values);
    }
    io_close(&source);
}

static void reads_delimiters(void **state)
{
    static const double wanted[6] = {1, -2.5, 3e-3, 40, 5.25, 6};
    static const char *const texts[] = {
        "1\t-2.5\t3e-3\n40\t5.25\t6\n",
        "1 -2.5 3e-3\n40 5.25 6",
        "   1   -2.5\t 3e-3  \n 40\t\t5.25 6 \n", /* a tab: see below */
        "1,-2.5,3e-3\n40,5.25,6\n",
        "1;-2.5;3e-3\n40;5.25;6\n",
        "1; -2.5 ;3e-3\r\n+40;5.25;6.0\r\n",
        "1,-2.5,3e-3,\n40,5.25,6,\n",
        "1\t-2.5\t3E-3\t\r40\t5.25\t6\t\r",
        ("\xEF\xBB\xBF"
         "1 -2.5 .003\n\n \n40. 5.25 6\n\n"),
        "# caf\xE9, a; comment\n1 -2.5 3e-3 # and another\n#40 5 6\n40 5.25 6\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (i == 2) continue;
        io_put_text("t.txt", texts[i]);
        check_image("t.txt", 2, 3, wanted, NULL);
    }
    io_put_text("t.txt", texts[2]); /* tabs delimit where there are any, and each of them does */
    io_refuse(&lmp_io_ascii, io_path("t.txt"), NULL, LMP_ERR_INPUT, "line 2");
}

static void leaves_row_numbers_out(void **state)
{
    static const double two[6] = {5, 6, 7, 8, 9, 10}, all[9] = {0, 5, 6, 1, 7, 8, 3, 9, 10};
    static const double narrow[4] = {0, 5, 1, 6};
    (void)state;
    io_put_text("n.asc", "0\t5\t6\n1\t7\t8\n2\t9\t10\n");
    check_image("n.asc", 3, 2, two, "the first column counts the rows from 0 on");
    io_put_text("n.asc", "1 5 6\n2 7 8\n3 9 10\n");
    check_image("n.asc", 3, 2, two, "from 1 on");
    io_put_text("n.asc", "0 5 6\n1 7 8\n3 9 10\n");
    check_image("n.asc", 3, 3, all, NULL);
    io_put_text("n.asc", "0 5\n1 6\n");
    check_image("n.asc", 2, 2, narrow, NULL);
}

static void counts_what_is_no_number(void **state)
{
    static const double wanted[6] = {1, NONE, 3, 4, (double)INFINITY, NONE};
    (void)state;
    io_put_text("b.txt", "1;x1;3\n4;inf;\n");
    check_image("b.txt", 2, 3, wanted, "2 of 6 cells are no numbers and become NaN, the first in row 1, column 2");
    io_put_text("b.txt", "1 2\nnan 4\n");
    static const double known[4] = {1, 2, NONE, 4};
    check_image("b.txt", 2, 2, known, NULL);
    io_put_text("b.txt", "1,2,3\n4,5,\n");
    static const double short_row[6] = {1, 2, 3, 4, 5, NONE};
    check_image("b.txt", 2, 3, short_row, "1 of 6");
    io_put_text("b.txt", "1 2\n3 0x10\n");
    static const double hex[4] = {1, 2, 3, NONE};
    check_image("b.txt", 2, 2, hex, "1 of 4");
    char text[700] = "1 2\n3 ";
    memset(text + 6, '1', 400);
    io_put_text("b.txt", text);
    check_image("b.txt", 2, 2, hex, "1 of 4");
}

static void refuses_in_one_sentence(void **state)
{
    static const struct {
        const char *text, *word;
    } cases[] = {{"1 2 3\n", "at least 2 x 2"},
                 {"1\n2\n3\n", "at least 2 x 2"},
                 {"# nothing\n", "at least 2 x 2"},
                 {"\n", "at least 2 x 2"},
                 {"1 2\n3 4 5\n", "line 2 has more cells than the 2"},
                 {"1 2 3\n\n3 4\n", "line 3 has 2 cells, the first row has 3"},
                 {"a b\nc 4\n", "only 1 of 4"},
                 {"1,5;2,5\n3,5;4,5\n", "decimals by a point"},
                 {"These are words\nand some more\n", "only 0 of 6"}};
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        io_put_text("r.txt", cases[i].text);
        io_refuse(&lmp_io_ascii, io_path("r.txt"), NULL, LMP_ERR_INPUT, cases[i].word);
    }
    io_put("r.txt", "1 2\n3 \0", 7);
    io_refuse(&lmp_io_ascii, io_path("r.txt"), NULL, LMP_ERR_INPUT, "bytes that no text has");
    io_put_text("r.txt", "1 2\n3 4\n");
    options.kind = LMP_SIGNALS;
    io_refuse(&lmp_io_ascii, io_path("r.txt"), &options, LMP_ERR_USAGE, "read as an image");
    io_refuse(&lmp_io_ascii, io_path("none.txt"), NULL, LMP_ERR_IO, "none.txt");
}

/* Lines and files longer than a view: cells lie across its border. */
static void reads_large_tables(void **state)
{
    enum { ROWS = 40, COLUMNS = 9000 };
    double *wanted = malloc(sizeof(double) * ROWS * COLUMNS);
    char *text = malloc(ROWS * COLUMNS * 24), *at = text;
    (void)state;
    assert_true(wanted != NULL && text != NULL);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        wanted[i] = sin(i) * 1e3;
        at += sprintf(at, "%.17g%c", wanted[i], i % COLUMNS == COLUMNS - 1 ? '\n' : '\t');
    }
    io_put("l.dat", text, (size_t)(at - text));
    check_image("l.dat", ROWS, COLUMNS, wanted, NULL);
    free(text);
    free(wanted);
}

static void notices_changed_files(void **state)
{
    double values[4];
    const lmp_frames out = {
        .count = 1, .rows = 2, .width = 2, .n_colours = 1, .type = LMP_FLOAT64, .data = values, .stride = 32};
    lmp_source source;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    (void)state;
    io_put_text("c.txt", "1 2\n3 4\n");
    io_open(&lmp_io_ascii, io_path("c.txt"), NULL, &source);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    FILE *file = fopen(io_path("c.txt"), "r+b");
    fputs("1 2 3 4\n", file);
    fclose(file);
    assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "changed while it was read"));
    os_fault_inject(1, 0);
    assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_ERR_IO);
    budget_free(budget);
    io_close(&source);
}

static int detect(const char *text, const char *name)
{
    return lmp_io_ascii.detect((const uint8_t *)text, strlen(text), name);
}

static void detects_modestly(void **state)
{
    (void)state;
    assert_int_equal(detect("1 2 3\n", "a.txt"), 3);
    assert_int_equal(detect("# c\n1;2;\n", "a.ASC"), 3);
    assert_int_equal(detect("1 2 3\n", "a.csv"), 0);
    assert_int_equal(detect("1 2 3\n", "a"), 0);
    assert_int_equal(detect("once upon a time\n", "a.txt"), 0);
    assert_int_equal(detect("12\n", "a.txt"), 0);
    assert_int_equal(detect("", "a.txt"), 0);
    assert_int_equal(lmp_io_ascii.detect((const uint8_t *)"1 2\0", 4, "a.dat"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_delimiters),        TEST(leaves_row_numbers_out), TEST(counts_what_is_no_number),
        TEST(refuses_in_one_sentence), TEST(reads_large_tables),     TEST(notices_changed_files),
        TEST(detects_modestly),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
