/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_edf_damage.c: EDF and BDF files that are cut short, odd, or damaged: opened with a warning, or refused.
 */
#include "edf_support.h"

static const lmp_open_options to_salvage = {.struct_size = sizeof to_salvage, .salvage = 1};

/* ---- Files cut short, or too long ------------------------------------------------------------------------- */

static void salvages(void **state)
{
    (void)state;
    made_file file = made_mixed(false);
    lmp_source source;
    file.n_records = "9";
    const char *path = made_put_file(&file, "a.edf");
    io_refuse(&lmp_io_edf, path, NULL, LMP_ERR_INPUT, "announces 9 data records, 7 are complete");
    io_refuse(&lmp_io_edf, path, NULL, LMP_ERR_INPUT, "--salvage");
    io_open(&lmp_io_edf, path, &to_salvage, &source);
    assert_int_equal(source.stream.format.n_times, 700);
    assert_non_null(strstr(source.warnings, "7 of 9"));
    double *values = io_read_all(&source);
    assert_true(values[699] == made_truth(&file, 0, 100, 699, 1));
    free(values);
    io_close(&source);
}

static void counts_records_itself(void **state)
{
    (void)state;
    static const char *const unknown[] = {"-1", "0", "", "x"};
    for (int k = 0; k < 4; k++) {
        made_file file = made_mixed(false);
        lmp_source source;
        file.n_records = unknown[k];
        const char *path = made_put_file(&file, "a.edf");
        assert_int_equal(truncate(path, 1280 + 7 * 468 - 5), 0);
        io_open(&lmp_io_edf, path, NULL, &source);
        assert_int_equal(source.stream.format.n_times, 600);
        assert_non_null(strstr(source.warnings, "makes 6"));
        io_close(&source);
        assert_int_equal(truncate(path, 1280 + 300), 0);
        io_refuse(&lmp_io_edf, path, &to_salvage, LMP_ERR_INPUT, "no complete data record");
    }
}

static void ignores_what_follows(void **state)
{
    (void)state;
    made_file file = made_mixed(false);
    lmp_source source;
    file.n_records = "5";
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_int_equal(source.stream.format.n_times, 500);
    assert_non_null(strstr(source.warnings, "936 bytes follow"));
    io_close(&source);
}

/* ---- Headers ---------------------------------------------------------------------------------------------- */

static void survives_odd_headers(void **state)
{
    (void)state;
    made_file file = {.records = 2,
                      .duration = "1,0",
                      .date = "31/02/20",
                      .recording = "my recording",
                      .patient = "M\xFCller\x01",
                      .signals = {{.label = "C3", .physical_min = "-1,5", .physical_max = "1E2", .samples = 10},
                                  {.label = "C3", .physical_min = "5", .physical_max = "5", .samples = 10},
                                  {.label = "",
                                   .unit = "\x83\xCA"
                                           "V",
                                   .digital_min = "7",
                                   .digital_max = "7",
                                   .samples = 10},
                                  {.label = "D", .unit = "\xB5V", .physical_max = "much", .samples = 10},
                                  {.label = "E", .unit = "", .samples = 10},
                                  {.label = "Resp", .unit = "", .samples = 10},
                                  {.label = "none", .samples = 0}}};
    lmp_source source;
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    const lmp_channel *c = source.stream.format.channels;
    assert_int_equal(source.stream.format.n_channels, 6);
    assert_true(isnan(source.stream.format.start_unix_s));
    assert_string_equal(source.stream.format.subject, "M\xC3\xBCller");
    assert_string_equal(source.stream.format.session, "my recording");
    assert_string_equal(c[0].name, "C3-0");
    assert_string_equal(c[1].name, "C3-1");
    assert_string_equal(c[2].name, "signal 3");
    assert_true(c[0].physical_min == -1.5 && c[0].physical_max == 100);
    for (int i = 1; i < 4; i++) { /* no range: the integers themselves */
        assert_true(c[i].scale == 1 && c[i].role == LMP_ROLE_MISC && c[i].unit[0] == '\0');
        assert_non_null(strstr(source.warnings, "no usable range"));
    }
    assert_string_equal(c[4].unit, "uV"); /* the unit of old files that state none */
    assert_string_equal(c[5].unit, "");
    assert_non_null(strstr(source.warnings, "not a date"));
    assert_non_null(strstr(source.warnings, "2 signals are called \"C3\""));
    assert_non_null(strstr(source.warnings, "no samples"));
    double *values = io_read_all(&source);
    for (int t = 0; t < 20; t++) assert_true(values[20 + t] == made_value(&file, 1, t));
    free(values);
    io_close(&source);
}

static void knows_start_times(void **state)
{
    (void)state;
    static const struct {
        const char *date, *time, *recording;
        double unix_s; /* below 0: unknown */
    } cases[] = {
        {"01.01.85", "00.00.00", "", 473385600},
        {"01.01.85", "00.00.00", "Startdate X X X X", -1},
        {"31.12.84", "23.59.59", "", 3629145599},
        {"29.02.00", "12:30:15", "", 951827415},
        {"01.01.yy", "00.00.00", "Startdate 02-MAR-2090 X X X", 3792096000},
        {"24.01.20", "04.05.56", "Startdate 24-jan-2020 X X X", 1579838756},
        {"24.01.20", "25.05.56", "Startdate 24-JAN-2020 X X X", -1},
        {"00.00.00", "00.00.00", "", -1},
        {"29.02.01", "00.00.00", "", -1},
        {"", "", "", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made_file file = made_mixed(false);
        lmp_source source;
        file.date = cases[i].date;
        file.time = cases[i].time;
        file.recording = cases[i].recording;
        io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
        const double got = source.stream.format.start_unix_s;
        if (cases[i].unix_s < 0 ? !isnan(got) : got != cases[i].unix_s) fail_msg("case %d gives %.1f", (int)i, got);
        io_close(&source);
    }
}

static void finds_the_header_end(void **state)
{
    (void)state;
    made_file file = made_mixed(false);
    lmp_source source;
    size_t size;
    uint8_t *bytes = made_bytes(&file, &size);
    /* A header that is longer than usual and says so. */
    uint8_t *longer = calloc(1, size + 512);
    assert_non_null(longer);
    memcpy(longer, bytes, 1280);
    memcpy(longer + 1280 + 512, bytes + 1280, size - 1280);
    memcpy(longer + 184, "1792    ", 8);
    io_put("a.edf", longer, size + 512);
    io_open(&lmp_io_edf, io_path("a.edf"), NULL, &source);
    assert_non_null(strstr(source.warnings, "1792"));
    double *values = io_read_all(&source);
    assert_true(values[0] == made_truth(&file, 0, 100, 0, 1));
    free(values);
    io_close(&source);
    /* One that says nonsense. */
    memcpy(bytes + 184, "77      ", 8);
    io_put("a.edf", bytes, size);
    io_open(&lmp_io_edf, io_path("a.edf"), NULL, &source);
    assert_non_null(strstr(source.warnings, "77"));
    io_close(&source);
    free(bytes);
    free(longer);
}

static void refuses_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        int offset;
        const char *text, *word;
    } cases[] = {
        {0, "1       ", "neither EDF nor BDF"},
        {252, "0   ", "how many signals"},
        {252, "many", "how many signals"},
        {252, "-1  ", "how many signals"},
        {252, "9999", "inside its header"},
        {244, "-1      ", "duration"},
        {244, "long    ", "duration"},
        {244, "nan     ", "duration"},
        {244, "1E300   ", "impossible"},
        {1120, "-5      ", "samples per record"},
        {1120, "x       ", "samples per record"},
        {1120, "99999999", "no complete data record"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const made_file file = made_mixed(false);
        size_t size;
        uint8_t *bytes = made_bytes(&file, &size);
        memcpy(bytes + cases[i].offset, cases[i].text, strlen(cases[i].text));
        io_put("a.edf", bytes, size);
        free(bytes);
        io_refuse(&lmp_io_edf, io_path("a.edf"), NULL, LMP_ERR_INPUT, cases[i].word);
    }
    io_put("a.edf", "0       ", 8);
    io_refuse(&lmp_io_edf, io_path("a.edf"), NULL, LMP_ERR_INPUT, "too few");
    io_refuse(&lmp_io_edf, io_path("absent.edf"), NULL, LMP_ERR_IO, "absent.edf");
}

static void survives_a_record_of_0_s(void **state)
{
    (void)state;
    made_file file = made_mixed(false);
    lmp_source source;
    file.duration = "0";
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_true(source.stream.format.rate_hz == 100);
    assert_non_null(strstr(source.warnings, "1 second"));
    io_close(&source);
}

/* ---- Faults and damage ------------------------------------------------------------------------------------ */

static made_file annotated(void)
{
    static const char *const notes[] = {"+0||^+0.5|a|^", "+1||^+1.5~1|b|^", "+2||^", "+3||^+3|c|^"};
    made_file file = made_gapped(notes);
    file.signals[2] = (made_signal){.label = "Cz", .samples = 7};
    return file;
}

static void reports_failed_reads(void **state)
{
    (void)state;
    const made_file file = annotated();
    const char *path = made_put_file(&file, "a.edf");
    for (int nth = 1; nth <= 3; nth++) { /* header, signals, annotations */
        os_fault_inject(nth, 0);
        io_refuse(&lmp_io_edf, path, NULL, LMP_ERR_IO, "a.edf");
    }
    os_fault_inject(0, 0);
    lmp_source source;
    io_open(&lmp_io_edf, path, NULL, &source);
    lmp_budget *budget = NULL;
    const int64_t lane = 0;
    double values[40];
    void *out = values;
    const lmp_read_request request = {0, 40, 1, &lane, &out};
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    os_fault_inject(1, 0);
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_ERR_IO);
    budget_fail_at(budget, 1);
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_ERR_MEMORY);
    assert_int_equal(truncate(path, 1200), 0);
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_ERR_IO);
    assert_int_equal(budget_used(budget), 0);
    budget_free(budget);
    io_close(&source);
}

/* Whatever is in the file: it opens and reads, or is refused with a sentence. */
static bool try_file(const char *path)
{
    bool opened = false;
    for (int64_t salvage = 0; salvage < 2; salvage++) {
        const lmp_open_options options = {.struct_size = sizeof options, .salvage = salvage};
        lmp_source source = {0};
        lmp_error err = {0};
        if (edf_open(path, &options, &source, &err) != LMP_OK) {
            assert_true(err.text[0] != '\0' && source.stream.own == NULL && source.warnings == NULL);
            continue;
        }
        opened = true;
        const lmp_format *f = &source.stream.format;
        assert_true(f->n_channels == 0 ? f->n_times == 0 : f->n_times > 0 && f->rate_hz > 0);
        if (f->n_channels > 0) free(io_read_stretch(&source, 0, f->n_times < 300 ? f->n_times : 300));
        io_close(&source);
    }
    return opened;
}

static void survives_truncation(void **state)
{
    (void)state;
    const made_file file = annotated();
    size_t size;
    uint8_t *bytes = made_bytes(&file, &size);
    int n_opened = 0;
    for (size_t n = 0; n <= size; n += n < 1024 ? 13 : 1) {
        io_put("a.edf", bytes, n);
        n_opened += try_file(io_path("a.edf"));
    }
    assert_int_equal(n_opened, 3 * (int)(2 * (10 + 40 + 7)) + 1); /* from the end of the first record on */
    free(bytes);
}

static void survives_mutation(void **state)
{
    (void)state;
    static const char interesting[] = "0123456789-+.,E \x14\x15|XD\xFF";
    made_file files[2] = {annotated(), made_mixed(true)};
    uint64_t seed = 7;
    int n_opened = 0;
    for (int turn = 0; turn < 3000; turn++) {
        size_t size;
        uint8_t *bytes = made_bytes(&files[turn % 2], &size);
        for (int k = 0; k <= turn % 5; k++) {
            const size_t at = next_random(&seed) % (turn % 3 == 0 ? size : 256 + 4 * 256);
            bytes[at] =
                (uint8_t)(next_random(&seed) % 2 == 0 ? (uint64_t)interesting[next_random(&seed) % sizeof interesting]
                                                      : next_random(&seed));
        }
        io_put("a.edf", bytes, size);
        n_opened += try_file(io_path("a.edf"));
        free(bytes);
    }
    assert_true(n_opened > 500);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(salvages),
        TEST(counts_records_itself),
        TEST(ignores_what_follows),
        TEST(survives_odd_headers),
        TEST(knows_start_times),
        TEST(finds_the_header_end),
        TEST(refuses_in_one_sentence),
        TEST(survives_a_record_of_0_s),
        TEST(reports_failed_reads),
        TEST(survives_truncation),
        TEST(survives_mutation),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
