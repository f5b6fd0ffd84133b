/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_brainvision_write.c: BrainVision recordings, written and read back; dates.
 */
#include "io/brainvision/brainvision.h"

#include "io/brainvision/brainvision_header.h"
#include "io_support.h"

enum { N_TIMES = 500 };

static int stored(int channel, int time)
{
    return (channel * 1000 + time * 37) % 65536 - 32768;
}

/* ---- Dates ------------------------------------------------------------------------------------------------ */

static void converts_dates(void **state)
{
    static const struct {
        const char *date;
        double unix_s;
    } cases[] = {{"19700101000000000000", 0},
                 {"20131113161403794232", 1384359243.794232},
                 {"20000229235959999999", 951868799.999999},
                 {"19000228120000000000", -2203934400},
                 {"00010101000000000000", -62135596800},
                 {"99991231235958000000", 253402300798}};
    char date[BRAINVISION_DATE_ROOM];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(fabs(brainvision_date_to_unix(cases[i].date) - cases[i].unix_s) < 1e-6);
        brainvision_date_from_unix(cases[i].unix_s, date);
        assert_string_equal(date, cases[i].date);
    }
    static const char *const wrong[] = {"",
                                        "0",
                                        "00000000000000000000",
                                        "20010229000000000000",
                                        "20011301000000000000",
                                        "2001010100000000000x",
                                        "200101010000000000000"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) assert_true(isnan(brainvision_date_to_unix(wrong[i])));
    for (int64_t day = -25567; day < 50000; day += 13) {
        brainvision_date_from_unix((double)day * 86400 + 45296, date);
        assert_true(brainvision_date_to_unix(date) == (double)day * 86400 + 45296);
    }
    brainvision_date_from_unix((double)NAN, date);
    assert_string_equal(date, "");
    brainvision_date_from_unix(1e12, date);
    assert_string_equal(date, "");
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static const lmp_write_options auto_options = {0};

/* Stream of three channels: integers of 0.1 uV, floats, a temperature. */
static void make_stream(lmp_stream *stream, int64_t n_times)
{
    const lmp_channel channels[3] = {{.name = "F,z",
                                      .unit = "uV",
                                      .transducer = "",
                                      .filtering = "",
                                      .scale = 0.1,
                                      .physical_min = -0.1 * 32768,
                                      .physical_max = 0.1 * 32767,
                                      .digital_min = -32768,
                                      .digital_max = 32767},
                                     {.name = "\xC3\x84", .unit = "uV", .transducer = "", .filtering = ""},
                                     {.name = "T", .unit = "\xC2\xB0,C", .transducer = "", .filtering = ""}};
    const lmp_event events[] = {{.onset_s = 0, .label = "New Segment/"},
                                {.onset_s = 0.0104, .label = "Stimulus/S  1"},
                                {.onset_s = 0.02, .duration_s = 0.05, .label = "Response/R 15"},
                                {.onset_s = 0.03, .label = "just, a\nnote"},
                                {.onset_s = 0.04, .label = "A/b/c"},
                                {.onset_s = 0.05, .label = ""},
                                {.onset_s = 0.06, .label = "Comment/as/is"},
                                {.onset_s = (double)NAN, .label = "never"}};
    *stream = (lmp_stream){.format = {.kind = LMP_SIGNALS,
                                      .type = LMP_INT16,
                                      .n_times = n_times,
                                      .rate_hz = 1000,
                                      .start_unix_s = 1384359243.794232,
                                      .subject = "",
                                      .session = ""}};
    assert_int_equal(lmp_stream_set_channels(stream, channels, 3, NULL), LMP_OK);
    assert_int_equal(lmp_stream_set_events(stream, events, 8, NULL), LMP_OK);
}

static double *make_values(int64_t n_times)
{
    double *values = malloc((size_t)(3 * n_times) * sizeof *values);
    for (int64_t t = 0; t < n_times; t++) {
        values[t] = 0.1 * stored(0, (int)t);
        values[n_times + t] = (double)((float)t / 3 - 5);
        values[2 * n_times + t] = (double)(37 + (float)(t % 10) / 8);
    }
    return values;
}

static void writes_what_reads_back(void **state)
{
    static const char *const labels[] = {"New Segment/", "Stimulus/S  1", "Response/R 15", "just, a note", "A/b/c", "",
                                         "Comment/as/is"};
    lmp_stream stream;
    lmp_source source;
    lmp_error err = {0};
    (void)state;
    make_stream(&stream, N_TIMES);
    double *values = make_values(N_TIMES);
    values[N_TIMES + 3] = (double)NAN;
    values[N_TIMES + 4] = -(double)INFINITY;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &auto_options, values, 77, &err),
                     LMP_OK);
    io_open(&lmp_io_brainvision, io_path("w.vhdr"), NULL, &source);
    const lmp_format *format = &source.stream.format;
    assert_null(source.warnings);
    assert_int_equal(format->type, LMP_FLOAT32);
    assert_int_equal(format->n_times, N_TIMES);
    assert_true(format->rate_hz == 1000);
    assert_true(fabs(format->start_unix_s - stream.format.start_unix_s) < 1e-6);
    assert_string_equal(format->channels[0].name, "F,z");
    assert_string_equal(format->channels[1].name, "\xC3\x84");
    assert_string_equal(format->channels[2].unit, "\xC2\xB0,C");
    double *back = io_read_all(&source);
    assert_memory_equal(back, values, 3 * N_TIMES * sizeof *values);
    assert_int_equal(source.stream.n_events, 7);
    for (int i = 0; i < 7; i++) assert_string_equal(source.stream.events[i].label, labels[i]);
    assert_true(source.stream.events[1].onset_s == 0.01 && source.stream.events[1].code == 1);
    assert_true(source.stream.events[2].duration_s == 0.05);
    io_close(&source);
    stream_clear(&stream);
    free(back);
    free(values);
    assert_int_equal(io_empty(), 3);
}

/* Integers of any scale, up to 2^24, come back as the same doubles. */
static void keeps_integer_grids(void **state)
{
    static const double scales[] = {0.5, 0.1, 0.0488281, 1.0 / 3, 1e-7, 123.456};
    enum { N = 1001 };
    (void)state;
    for (int i = 0; i < 6; i++) {
        lmp_channel channel = {.name = "x", .unit = "uV", .transducer = "", .filtering = "", .scale = scales[i]};
        lmp_stream stream = {
            .format = {.kind = LMP_SIGNALS, .n_times = N, .rate_hz = 512, .start_unix_s = (double)NAN}};
        lmp_source source;
        lmp_error err = {0};
        double values[N];
        channel.digital_min = -16777216;
        channel.digital_max = 16777215;
        channel.physical_min = channel.scale * channel.digital_min;
        channel.physical_max = channel.scale * channel.digital_max;
        assert_int_equal(lmp_stream_set_channels(&stream, &channel, 1, NULL), LMP_OK);
        for (int t = 0; t < N; t++) values[t] = channel.scale * (t * 33554.0 - 16777216);
        assert_int_equal(io_write(&lmp_io_brainvision, io_path("g"), &stream, &auto_options, values, N, &err), LMP_OK);
        io_open(&lmp_io_brainvision, io_path("g.vhdr"), NULL, &source);
        double *back = io_read_all(&source);
        assert_memory_equal(back, values, sizeof values);
        assert_true(isnan(source.stream.format.start_unix_s) && source.stream.format.rate_hz == 512);
        free(back);
        io_close(&source);
        stream_clear(&stream);
        (void)io_empty();
    }
}

static void writes_int16(void **state)
{
    const lmp_write_options options = {.type = LMP_INT16};
    lmp_stream stream;
    lmp_source source;
    lmp_error err = {0};
    (void)state;
    make_stream(&stream, N_TIMES);
    double *values = make_values(N_TIMES);
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &options, values, 100, &err), LMP_OK);
    io_open(&lmp_io_brainvision, io_path("w.vhdr"), NULL, &source);
    assert_int_equal(source.stream.format.type, LMP_INT16);
    double *back = io_read_all(&source);
    assert_memory_equal(back, values, N_TIMES * sizeof *values); /* on its old grid */
    for (int64_t i = N_TIMES; i < 3 * N_TIMES; i++) {
        const double step = source.stream.format.channels[i / N_TIMES].scale;
        assert_true(fabs(back[i] - values[i]) <= 0.5000001 * step);
        assert_true(step <= 1.001 * (i < 2 * N_TIMES ? 162 : 38.2) / 32767);
    }
    free(back);
    io_close(&source);
    (void)io_empty();
    /* A range a hundredth as large: the step shrinks by a power of two, the grid stays exact. */
    for (int t = 0; t < N_TIMES; t++) values[t] = 0.1 * (t - 200);
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &options, values, 100, &err), LMP_OK);
    io_open(&lmp_io_brainvision, io_path("w.vhdr"), NULL, &source);
    assert_true(source.stream.format.channels[0].scale == 0.1 / 64);
    back = io_read_all(&source);
    assert_memory_equal(back, values, N_TIMES * sizeof *values);
    free(back);
    io_close(&source);
    (void)io_empty();
    /* Beyond the old range: a wider step. NaN cannot be said. */
    values[7] = 1e6;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &options, values, 100, &err), LMP_OK);
    (void)io_empty();
    values[7] = (double)NAN;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &options, values, 100, &err),
                     LMP_ERR_RANGE);
    assert_non_null(strstr(err.text, "sample 7 of channel F\\1z is"));
    assert_int_equal(io_empty(), 0);
    /* Nothing but NaN, nothing but zeros. */
    for (int64_t i = 0; i < 3 * N_TIMES; i++) values[i] = 0;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &options, values, 100, &err), LMP_OK);
    stream_clear(&stream);
    free(values);
}

static void refuses_to_write(void **state)
{
    lmp_stream stream;
    lmp_error err = {0};
    lmp_write_options options = {.type = LMP_FLOAT64};
    (void)state;
    make_stream(&stream, N_TIMES);
    double *values = make_values(N_TIMES);
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &options, values, 100, &err),
                     LMP_ERR_USAGE);
    stream.format.rate_hz = 0;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &auto_options, values, 100, &err),
                     LMP_ERR_USAGE);
    stream.format.rate_hz = 1000;
    values[5] = 1e300;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &auto_options, values, 100, &err),
                     LMP_ERR_RANGE);
    assert_non_null(strstr(err.text, "sample 5"));
    stream.format.kind = LMP_MOVIE;
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &auto_options, values, 100, &err),
                     LMP_ERR_USAGE);
    assert_int_equal(io_empty(), 0);
    stream_clear(&stream);
    free(values);
}

static void leaves_nothing_after_a_failure(void **state)
{
    const char *const names[3] = {"w.eeg", "w.vmrk", "w.vhdr"};
    lmp_stream stream;
    lmp_error err = {0};
    lmp_status status = LMP_ERR_IO;
    int n_failed = 0;
    (void)state;
    make_stream(&stream, N_TIMES);
    double *values = make_values(N_TIMES);
    for (int nth = 1; status != LMP_OK; nth++) {
        os_fault_inject(0, nth);
        status = io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &auto_options, values, 100, &err);
        os_fault_inject(0, 0);
        if (status == LMP_OK) break;
        assert_int_equal(status, LMP_ERR_IO);
        assert_int_equal(io_empty(), 0);
        n_failed++;
    }
    assert_int_equal(n_failed, 2 + N_TIMES / 100); /* markers, data, header */
    assert_int_equal(io_empty(), 3);
    /* What is there already is not touched. */
    for (int i = 0; i < 3; i++) {
        io_put_text(names[i], "mine");
        assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &auto_options, values, 100, &err),
                         LMP_ERR_USAGE);
        assert_non_null(strstr(err.text, names[i]));
        assert_int_equal(io_empty(), 1);
    }
    /* A file that appears meanwhile: those that were named before it go again. */
    for (int i = 0; i < 3; i++) {
        lmp_writer writer = {0};
        assert_int_equal(lmp_io_brainvision.create(io_path("w.vhdr"), &stream, &auto_options, false, &writer, &err),
                         LMP_OK);
        io_put_text(names[i], "mine");
        assert_int_equal(writer.finish(writer.state, &err), LMP_ERR_USAGE);
        writer.close(writer.state);
        size_t size;
        char *text = io_get(io_path(names[i]), &size);
        assert_string_equal(text, "mine");
        free(text);
        assert_int_equal(io_empty(), 1);
    }
    const lmp_write_options overwrite = {.overwrite = 1};
    io_put_text("w.eeg", "mine");
    assert_int_equal(io_write(&lmp_io_brainvision, io_path("w.vhdr"), &stream, &overwrite, values, 100, &err), LMP_OK);
    assert_int_equal(io_empty(), 3);
    stream_clear(&stream);
    free(values);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(converts_dates), TEST(writes_what_reads_back), TEST(keeps_integer_grids),
        TEST(writes_int16),   TEST(refuses_to_write),       TEST(leaves_nothing_after_a_failure),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
