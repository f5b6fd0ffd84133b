/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_file.c: how formats read and write files: views, texts, outputs that appear only when complete.
 */
#include "io/file.h"

#include "io_support.h"

#include <fcntl.h>

/* ---- Input ------------------------------------------------------------------------------------------------ */

static file_input opened(const char *path)
{
    file_input input;
    lmp_error err = {0};
    if (file_input_open(path, &input, &err) != LMP_OK) fail_msg("%s", err.text);
    return input;
}

static void views_bytes(void **state)
{
    (void)state;
    io_put("a", "0123456789", 10);
    file_input input = opened(io_path("a"));
    file_view view;
    lmp_error err;
    lmp_budget *budget = NULL;
    assert_int_equal(input.info.size, 10);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    for (int counted = 0; counted < 2; counted++) {
        assert_int_equal(file_view_begin(&input, 3, 4, counted ? budget : NULL, &view, &err), LMP_OK);
        assert_memory_equal(view.bytes, "3456", 4);
        assert_true((budget_used(budget) >= 4) == (counted == 1));
        file_view_end(&view);
        file_view_end(&view); /* twice does no harm */
        assert_int_equal(budget_used(budget), 0);
    }
    assert_int_equal(file_view_begin(&input, 10, 0, NULL, &view, &err), LMP_OK);
    file_view_end(&view);
    file_input_close(&input);
    file_input_close(&input);
    budget_free(budget);
}

static void refuses_views_outside(void **state)
{
    (void)state;
    io_put("a", "0123456789", 10);
    file_input input = opened(io_path("a"));
    file_view view;
    lmp_error err = {0};
    assert_int_equal(file_view_begin(&input, 8, 3, NULL, &view, &err), LMP_ERR_INPUT);
    assert_int_equal(file_view_begin(&input, -1, 3, NULL, &view, &err), LMP_ERR_INPUT);
    assert_int_equal(file_view_begin(&input, 11, 0, NULL, &view, &err), LMP_ERR_INPUT);
    assert_int_equal(file_view_begin(&input, 1, SIZE_MAX, NULL, &view, &err), LMP_ERR_INPUT);
    assert_int_equal(truncate(io_path("a"), 5), 0);
    assert_int_equal(file_view_begin(&input, 2, 6, NULL, &view, &err), LMP_ERR_IO);
    assert_non_null(strstr(err.text, "shorter"));
    assert_null(view.own);
    file_input_close(&input);
}

static void reports_failed_reads(void **state)
{
    (void)state;
    io_put("a", "0123456789", 10);
    file_input input = opened(io_path("a"));
    file_view view;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    assert_int_equal(budget_new(100, &budget, NULL), LMP_OK);
    os_fault_inject(1, 0);
    assert_int_equal(file_view_begin(&input, 0, 10, budget, &view, &err), LMP_ERR_IO);
    assert_non_null(strstr(err.text, "/a:"));
    assert_int_equal(budget_used(budget), 0);
    budget_fail_at(budget, 1);
    assert_int_equal(file_view_begin(&input, 0, 10, budget, &view, &err), LMP_ERR_MEMORY);
    assert_int_equal(budget_used(budget), 0);
    file_input_close(&input);
    budget_free(budget);
}

static void opens_regular_files_only(void **state)
{
    (void)state;
    file_input input;
    lmp_error err = {0};
    assert_int_equal(file_input_open(io_path("absent"), &input, &err), LMP_ERR_IO);
    assert_non_null(strstr(err.text, "absent"));
    assert_int_equal(file_input_open(io_folder, &input, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "folder"));
    assert_int_equal(mkfifo(io_path("pipe"), 0600), 0);
    assert_int_equal(file_input_open(io_path("pipe"), &input, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "regular"));
}

static void reads_texts(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    lmp_error err = {0};
    io_put("a", "one\0two", 7);
    assert_int_equal(file_read_text(io_path("a"), 7, &text, &size, &err), LMP_OK);
    assert_int_equal(size, 7);
    assert_memory_equal(text, "one\0two\0", 8);
    free(text);
    assert_int_equal(file_read_text(io_path("a"), 6, &text, &size, &err), LMP_ERR_INPUT);
    io_put("empty", "", 0);
    assert_int_equal(file_read_text(io_path("empty"), 6, &text, &size, &err), LMP_OK);
    assert_int_equal(size, 0);
    assert_string_equal(text, "");
    free(text);
    os_fault_inject(1, 0);
    assert_int_equal(file_read_text(io_path("a"), 7, &text, &size, &err), LMP_ERR_IO);
}

/* ---- Texts ------------------------------------------------------------------------------------------------ */

static void makes_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xC2\xB5V", "\xC2\xB5V"}, /* is UTF-8 */
        {"\xE4\xB8\xAD\xF0\x9F\xA7\xA0", "\xE4\xB8\xAD\xF0\x9F\xA7\xA0"},
        {"\xB5V", "\xC2\xB5V"}, /* Latin-1 */
        {"M\xFCller", "M\xC3\xBCller"},
        {"\xC0\xAF", "\xC3\x80\xC2\xAF"},                         /* overlong */
        {"\xED\xA0\x80", "\xC3\xAD\xC2\xA0\xC2\x80"},             /* surrogate */
        {"\xF4\x90\x80\x80", "\xC3\xB4\xC2\x90\xC2\x80\xC2\x80"}, /* beyond U+10FFFF */
        {"a\xE4\xB8", "a\xC3\xA4\xC2\xB8"},                       /* cut */
        {"\xFF", "\xC3\xBF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *made = file_text_to_utf8(cases[i].from, strlen(cases[i].from));
        assert_string_equal(made, cases[i].to);
        free(made);
    }
}

static void finds_any_case(void **state)
{
    (void)state;
    io_put("Night.EEG", "x", 1);
    char *found = file_find_any_case(io_path("night.eeg"));
    assert_string_equal(found, io_path("Night.EEG"));
    free(found);
    io_put("night.eeg", "x", 1);
    found = file_find_any_case(io_path("night.eeg"));
    assert_string_equal(found, io_path("night.eeg"));
    free(found);
    assert_null(file_find_any_case(io_path("day.eeg")));
    assert_null(file_find_any_case(io_path("absent/night.eeg")));
}

static void collects_warnings(void **state)
{
    (void)state;
    char *warnings = NULL;
    file_warn(&warnings, "%d records.", 3);
    assert_string_equal(warnings, "3 records.");
    file_warn(&warnings, "More.");
    assert_string_equal(warnings, "3 records.\nMore.");
    free(warnings);
}

static void knows_roles(void **state)
{
    (void)state;
    static const struct {
        const char *name, *unit;
        lmp_role role;
    } cases[] = {
        {"Fz", "uV", LMP_ROLE_EEG},        {"EEG Fpz-Cz", "", LMP_ROLE_EEG},     {"ECG", "uV", LMP_ROLE_ECG},
        {"ekg1", "mV", LMP_ROLE_ECG},      {"EOG left", "uV", LMP_ROLE_EOG},     {"HEOG", "uV", LMP_ROLE_EOG},
        {"EMG chin", "uV", LMP_ROLE_EMG},  {"STI 014", "", LMP_ROLE_STIM},       {"STI014", "V", LMP_ROLE_STIM},
        {"Status", "", LMP_ROLE_STIM},     {"Trigger", "", LMP_ROLE_STIM},       {"x", "Boolean", LMP_ROLE_STIM},
        {"Stimulate", "uV", LMP_ROLE_EEG}, {"Temp rectal", "uV", LMP_ROLE_MISC}, {"x", "DegC", LMP_ROLE_MISC},
        {"CWL1", "uV", LMP_ROLE_MISC},     {"T3", "uV", LMP_ROLE_EEG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (file_channel_role(cases[i].name, cases[i].unit) != cases[i].role)
            fail_msg("%s [%s] is %d", cases[i].name, cases[i].unit, file_channel_role(cases[i].name, cases[i].unit));
}

static void knows_units(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        double microvolts;
    } cases[] = {{"uV", 1},  {"\xC2\xB5V", 1}, {"\xCE\xBCV", 1}, {"", 1},   {"nV", 1e-3}, {"mV", 1e3},
                 {"V", 1e6}, {"Volt", 1e6},    {"DegC", 0},      {"uS", 0}, {"%", 0},     {"uVV", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(file_microvolts(cases[i].unit) == cases[i].microvolts);
}

/* ---- Output ----------------------------------------------------------------------------------------------- */

static lmp_status write_file(const char *path, bool overwrite, bool settle_first, lmp_error *err)
{
    file_output output;
    lmp_status status = file_output_open(path, overwrite, &output, err);
    if (status != LMP_OK) return status;
    assert_true(output.is_open && output.temporary != NULL);
    status = file_output_write(&output, 4, "5678", 4, err);
    if (status == LMP_OK) status = file_output_write(&output, 0, "1234", 4, err);
    if (status == LMP_OK && settle_first) status = file_output_settle(&output, err);
    if (status == LMP_OK) status = file_output_commit(&output, err);
    if (status == LMP_OK) assert_null(output.temporary);
    file_output_discard(&output);
    return status;
}

static void appears_when_complete(void **state)
{
    (void)state;
    file_output output;
    size_t size;
    assert_int_equal(file_output_open(io_path("a"), false, &output, NULL), LMP_OK);
    assert_int_equal(file_output_write(&output, 0, "x", 1, NULL), LMP_OK);
    assert_false(io_exists("a"));
    file_output_discard(&output);
    file_output_discard(&output);
    assert_int_equal(io_empty(), 0);
    for (int settle = 0; settle < 2; settle++) {
        assert_int_equal(write_file(io_path("a"), settle == 1, settle == 1, NULL), LMP_OK);
        char *bytes = io_get(io_path("a"), &size);
        assert_string_equal(bytes, "12345678");
        free(bytes);
    }
    assert_int_equal(io_empty(), 1);
}

static void replaces_only_if_told(void **state)
{
    (void)state;
    lmp_error err = {0};
    size_t size;
    io_put_text("a", "old");
    assert_int_equal(write_file(io_path("a"), false, false, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "--overwrite"));
    char *bytes = io_get(io_path("a"), &size);
    assert_string_equal(bytes, "old");
    free(bytes);
    assert_int_equal(write_file(io_path("a"), true, false, &err), LMP_OK);
    assert_int_equal(write_file(io_folder, true, false, &err), LMP_ERR_USAGE);
    assert_int_equal(write_file(io_path("absent/a"), true, false, &err), LMP_ERR_IO);
    assert_int_equal(io_empty(), 1);
    /* One that appears meanwhile is not replaced either. */
    file_output output;
    assert_int_equal(file_output_open(io_path("a"), false, &output, &err), LMP_OK);
    io_put_text("a", "other");
    assert_int_equal(file_output_commit(&output, &err), LMP_ERR_USAGE);
    file_output_discard(&output);
    assert_int_equal(io_empty(), 1);
}

static void leaves_nothing_after_a_failure(void **state)
{
    (void)state;
    lmp_error err = {0};
    for (int nth = 1; nth <= 2; nth++) {
        os_fault_inject(0, nth);
        assert_int_equal(write_file(io_path("a"), false, false, &err), LMP_ERR_IO);
        assert_non_null(strstr(err.text, "/a:"));
        assert_int_equal(io_empty(), 0);
    }
    os_fault_inject(0, 0);
    /* The rename fails: a folder has taken the name. */
    file_output output;
    assert_int_equal(file_output_open(io_path("a"), true, &output, &err), LMP_OK);
    assert_int_equal(mkdir(io_path("a"), 0700), 0);
    assert_int_equal(file_output_commit(&output, &err), LMP_ERR_IO);
    file_output_discard(&output);
    assert_int_equal(rmdir(io_path("a")), 0);
    assert_int_equal(io_empty(), 0);
    /* The sync fails: the descriptor is gone. */
    assert_int_equal(file_output_open(io_path("a"), true, &output, &err), LMP_OK);
    assert_int_equal(close(output.file.fd), 0);
    assert_int_equal(file_output_commit(&output, &err), LMP_ERR_IO);
    file_output_discard(&output);
    assert_int_equal(io_empty(), 0);
}

/* More than is left to the end before the disk is set going, backwards and twice over. */
static void long_files_hold_what_was_written(void **state)
{
    enum { PIECE = 1 << 20, PIECES = 40 };
    (void)state;
    file_output output;
    file_view view;
    lmp_error err = {0};
    uint8_t *bytes = malloc(PIECE);
    assert_non_null(bytes);
    assert_int_equal(file_output_open(io_path("long"), false, &output, &err), LMP_OK);
    for (int round = 0; round < 2; round++)
        for (int64_t i = PIECES - 1; i >= 0; i--) {
            memset(bytes, (int)(i + 100 * round), PIECE);
            assert_int_equal(file_output_write(&output, i * PIECE, bytes, PIECE, &err), LMP_OK);
        }
    assert_int_equal(file_output_commit(&output, &err), LMP_OK);
    file_output_discard(&output);
    file_input input = opened(io_path("long"));
    assert_int_equal(input.info.size, (int64_t)PIECES * PIECE);
    for (int64_t i = 0; i < PIECES; i++) {
        memset(bytes, (int)(i + 100), PIECE);
        assert_int_equal(file_view_begin(&input, i * PIECE, PIECE, NULL, &view, &err), LMP_OK);
        assert_memory_equal(view.bytes, bytes, PIECE);
        file_view_end(&view);
    }
    file_input_close(&input);
    free(bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(views_bytes),
        TEST(refuses_views_outside),
        TEST(reports_failed_reads),
        TEST(opens_regular_files_only),
        TEST(reads_texts),
        TEST(makes_utf8),
        TEST(finds_any_case),
        TEST(collects_warnings),
        TEST(knows_roles),
        TEST(knows_units),
        TEST(appears_when_complete),
        TEST(replaces_only_if_told),
        TEST(leaves_nothing_after_a_failure),
        TEST(long_files_hold_what_was_written),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
