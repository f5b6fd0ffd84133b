/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_edf_write.c: EDF+C and BDF+C files, written and read again.
 */
#include "edf_support.h"

#include <pthread.h>

static const lmp_write_options replacing = {.overwrite = 1};

static const lmp_io *const formats[2] = {&lmp_io_edf, &lmp_io_bdf};
static const char *const names[2] = {"out.edf", "out.bdf"};

/* ---- Recordings to write ---------------------------------------------------------------------------------- */

/* A stream of channels without a grid. */
static lmp_stream stream_of(int64_t n_channels, int64_t n_times, double rate_hz)
{
    lmp_stream stream = {.format = {.kind = LMP_SIGNALS,
                                    .type = LMP_FLOAT64,
                                    .n_times = n_times,
                                    .rate_hz = rate_hz,
                                    .start_unix_s = 1579838756.394531,
                                    .subject = "",
                                    .session = ""}};
    lmp_channel *channels = calloc((size_t)n_channels + 1, sizeof *channels);
    char(*labels)[16] = calloc((size_t)n_channels + 1, sizeof *labels);
    assert_true(channels != NULL && labels != NULL);
    for (int64_t i = 0; i < n_channels; i++) {
        snprintf(labels[i], sizeof labels[i], "E%d", (int)i + 1);
        channels[i] = (lmp_channel){
            .name = labels[i], .unit = "uV", .transducer = "AgCl", .filtering = "HP:0.1Hz", .stored_rate_hz = rate_hz};
    }
    assert_int_equal(lmp_stream_set_channels(&stream, channels, n_channels, NULL), LMP_OK);
    free(channels);
    free(labels);
    return stream;
}

/* The same with other channels. */
static void change_channel(lmp_stream *stream, int64_t i, lmp_channel channel)
{
    const int64_t n = stream->format.n_channels;
    lmp_channel *channels = malloc((size_t)n * sizeof *channels);
    assert_non_null(channels);
    memcpy(channels, stream->format.channels, (size_t)n * sizeof *channels);
    if (channel.stored_rate_hz == 0) channel.stored_rate_hz = channels[i].stored_rate_hz;
    if (channel.name == NULL) channel.name = channels[i].name;
    if (channel.unit == NULL) channel.unit = "uV";
    channels[i] = channel;
    assert_int_equal(lmp_stream_set_channels(stream, channels, n, NULL), LMP_OK);
    free(channels);
}

/* Something like EEG: a drift, a wave, and noise. */
static double *signals_of(const lmp_stream *stream, double size_uv)
{
    const int64_t n = stream->format.n_channels, n_times = stream->format.n_times;
    double *values = malloc((size_t)(n * n_times + 1) * sizeof *values);
    uint32_t noise = 1;
    assert_non_null(values);
    for (int64_t i = 0; i < n; i++)
        for (int64_t t = 0; t < n_times; t++) {
            noise = noise * 1664525u + 1013904223u;
            values[i * n_times + t] =
                size_uv * (sin((double)t * 0.01 * (double)(i + 1)) + 0.1 * (double)noise / 4294967296.0);
        }
    return values;
}

static void write_ok(int k, const lmp_stream *stream, const double *values, int64_t step)
{
    lmp_error err = {0};
    if (io_write(formats[k], io_path(names[k]), stream, &replacing, values, step, &err) != LMP_OK)
        fail_msg("%s", err.text);
}

/* The integers' spacing that a reader sees. */
static double spacing_of(const lmp_source *source, int64_t i)
{
    return fabs(source->stream.format.channels[i].scale);
}

/* ---- Samples ---------------------------------------------------------------------------------------------- */

static void writes_what_reads_back(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(5, 3000, 500);
    double *values = signals_of(&stream, 150);
    for (int t = 0; t < 3000; t++) values[2 * 3000 + t] = 7.5;                       /* flat */
    for (int t = 0; t < 3000; t++) values[3 * 3000 + t] = values[t] * 1e-15;         /* far below a microvolt */
    for (int t = 0; t < 3000; t++) values[4 * 3000 + t] = 150000 + values[t] * 0.01; /* far from 0 */
    for (int k = 0; k < 2; k++) {
        lmp_source source;
        write_ok(k, &stream, values, 500);
        io_open(formats[k], io_path(names[k]), NULL, &source);
        assert_string_equal(source.format_name, k == 0 ? "EDF+C" : "BDF+C");
        assert_null(source.warnings);
        assert_int_equal(source.stream.format.n_times, 3000);
        assert_true(source.stream.format.rate_hz == 500);
        assert_true(fabs(source.stream.format.start_unix_s - 1579838756.394531) < 1e-6);
        assert_string_equal(source.stream.format.channels[1].name, "E2");
        assert_string_equal(source.stream.format.channels[1].transducer, "AgCl");
        assert_string_equal(source.stream.format.channels[1].filtering, "HP:0.1Hz");
        double *again = io_read_all(&source);
        for (int i = 0; i < 5; i++) {
            const double spacing = spacing_of(&source, i);
            for (int t = 0; t < 3000; t++)
                if (fabs(again[i * 3000 + t] - values[i * 3000 + t]) > spacing * 0.5000001)
                    fail_msg("lane %d, time %d: %g", i, t, again[i * 3000 + t] - values[i * 3000 + t]);
            /* No more than half of the integers are wasted; of 150000.37 8 characters say one decimal. */
            if (i < 2) assert_true(spacing < 2 * 330 / (k == 0 ? 65535 : 16777215.0));
            if (i == 3) assert_true(spacing < 2 * 330e-15 / (k == 0 ? 65535 : 16777215.0));
            if (i == 4) assert_true(spacing < 2 * 3.6 / (k == 0 ? 65535 : 16777215.0));
        }
        for (int t = 0; t < 3000; t++) assert_true(again[2 * 3000 + t] == 7.5);
        free(again);
        io_close(&source);
    }
    free(values);
    stream_clear(&stream);
}

/* Copies a file through a writer; the values read from the copy must be the same doubles. */
static void expect_identical_copy(const made_file *file, int k, bool force_range)
{
    lmp_source source, copy;
    lmp_writer writer;
    lmp_error err = {0};
    io_open(made_io(file), made_put_file(file, "in.edf"), NULL, &source);
    double *values = io_read_all(&source);
    assert_int_equal(formats[k]->create(io_path(names[k]), &source.stream, &replacing, force_range, &writer, &err),
                     LMP_OK);
    assert_int_equal(writer.needs_range, k == 0 || force_range);
    writer.close(writer.state);
    write_ok(k, &source.stream, values, 200);
    io_open(formats[k], io_path(names[k]), NULL, &copy);
    const lmp_format *f = &source.stream.format;
    assert_true(copy.stream.format.n_times >= f->n_times);
    double *again = io_read_stretch(&copy, 0, f->n_times);
    for (int64_t i = 0; i < f->n_channels * f->n_times; i++)
        if (again[i] != values[i]) fail_msg("value %d: %.17g is %.17g", (int)i, values[i], again[i]);
    free(values);
    free(again);
    io_close(&source);
    io_close(&copy);
}

static void keeps_integer_grids(void **state)
{
    (void)state;
    const made_file file = {
        .records = 6,
        .signals = {{.label = "Fz", .samples = 200},
                    {.label = "A", .physical_min = "-1000", .physical_max = "1000", .samples = 200},
                    {.label = "B", .physical_min = "8711", .physical_max = "-8711", .samples = 200},
                    {.label = "C", .unit = "mV", .physical_min = "-3.2", .physical_max = "3.2", .samples = 200},
                    {.label = "STI 014", .unit = "", .samples = 200},
                    {.label = "slow", .samples = 20}}};
    made_file wide = file;
    wide.is_bdf = true;
    for (int i = 0; i < 6; i++) wide.signals[i].digital_min = wide.signals[i].digital_max = NULL;
    expect_identical_copy(&file, 0, false);
    expect_identical_copy(&file, 1, false);
    expect_identical_copy(&file, 1, true);
    expect_identical_copy(&wide, 1, false);
}

/* Stretches in any order, lanes in groups, from threads: the same bytes. */
typedef struct part {
    lmp_writer *writer;
    const double *values;
    int64_t n_times, first_lane, n_lanes, step;
    bool backwards;
    lmp_status status;
} part;

static void *write_part(void *user)
{
    part *p = user;
    lmp_budget *budget = NULL;
    p->status = budget_new(1 << 22, &budget, NULL);
    const int64_t n_steps = (p->n_times + p->step - 1) / p->step;
    for (int64_t k = 0; k < n_steps && p->status == LMP_OK; k++) {
        const int64_t first = (p->backwards ? n_steps - 1 - k : k) * p->step;
        const int64_t count = p->n_times - first < p->step ? p->n_times - first : p->step;
        int64_t lanes[8];
        const void *data[8];
        for (int64_t i = 0; i < p->n_lanes; i++) {
            lanes[i] = p->first_lane + i;
            data[i] = p->values + lanes[i] * p->n_times + first;
        }
        p->status = p->writer->write(p->writer->state, first, count, p->n_lanes, lanes, data, budget, NULL);
    }
    budget_free(budget);
    return NULL;
}

static void writes_the_same_bytes(void **state)
{
    (void)state;
    enum { LANES = 6, TIMES = 2345 };
    lmp_stream stream = stream_of(LANES, TIMES, 200);
    lmp_channel slow = {.role = LMP_ROLE_SLOW, .stored_rate_hz = 20};
    lmp_event events[100];
    change_channel(&stream, 4, slow);
    for (int i = 0; i < 100; i++) events[i] = (lmp_event){i * 0.117, 0, "R128", 0};
    assert_int_equal(lmp_stream_set_events(&stream, events, 100, NULL), LMP_OK);
    double *values = signals_of(&stream, 150);
    double lowest[LANES], highest[LANES];
    for (int i = 0; i < LANES; i++) lowest[i] = -170, highest[i] = 240;
    for (int t = 0; t < TIMES; t++) values[4 * TIMES + t] = t / 10; /* held */
    for (int k = 0; k < 2; k++) {
        char *wanted = NULL;
        size_t size = 0;
        for (int turn = 0; turn < 5; turn++) {
            lmp_writer writer;
            lmp_error err = {0};
            assert_int_equal(formats[k]->create(io_path(names[k]), &stream, &replacing, true, &writer, &err), LMP_OK);
            assert_int_equal(writer.set_range(writer.state, lowest, highest, &err), LMP_OK);
            static const int64_t steps[5] = {TIMES, 1000, 7, 333, 1};
            static const int n_groups[5] = {1, 2, 1, 3, 2};
            part parts[3];
            pthread_t threads[3];
            for (int g = 0; g < n_groups[turn]; g++) {
                const int64_t each = LANES / n_groups[turn];
                parts[g] = (part){&writer, values, TIMES, g * each, each, steps[turn], g % 2 == 1, LMP_OK};
                assert_int_equal(pthread_create(&threads[g], NULL, write_part, &parts[g]), 0);
            }
            for (int g = 0; g < n_groups[turn]; g++) {
                assert_int_equal(pthread_join(threads[g], NULL), 0);
                assert_int_equal(parts[g].status, LMP_OK);
            }
            assert_int_equal(writer.finish(writer.state, &err), LMP_OK);
            assert_string_equal(writer.data_path(writer.state), io_path(names[k]));
            writer.close(writer.state);
            size_t got_size;
            char *got = io_get(io_path(names[k]), &got_size);
            if (turn == 0) {
                wanted = got;
                size = got_size;
                continue;
            }
            assert_int_equal(got_size, size);
            assert_memory_equal(got, wanted, size);
            free(got);
        }
        free(wanted);
        lmp_source source;
        io_open(formats[k], io_path(names[k]), NULL, &source);
        assert_int_equal(source.stream.n_events, 100);
        assert_true(source.stream.format.channels[4].stored_rate_hz == 20);
        assert_int_equal(source.stream.format.channels[4].role, LMP_ROLE_SLOW);
        double *again = io_read_all(&source);
        const int64_t n = source.stream.format.n_times;
        for (int t = 0; t < TIMES; t++)
            assert_true(fabs(again[4 * n + t] - t / 10) <= spacing_of(&source, 4) / 2 * 1.0001);
        free(again);
        io_close(&source);
    }
    free(values);
    stream_clear(&stream);
}

static void fills_the_last_record(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(2, 100003, 1000); /* a prime number */
    double *values = signals_of(&stream, 100);
    for (int k = 0; k < 2; k++) {
        lmp_source source;
        write_ok(k, &stream, values, 4000);
        io_open(formats[k], io_path(names[k]), NULL, &source);
        const int64_t n = source.stream.format.n_times;
        assert_in_range(n, 100003, 100005);
        double *again = io_read_all(&source);
        for (int64_t t = 100003; t < n; t++) {
            assert_true(again[t] == again[100002]);
            assert_true(again[n + t] == again[n + 100002]);
        }
        free(again);
        io_close(&source);
    }
    free(values);
    stream_clear(&stream);
}

static void keeps_rates(void **state)
{
    (void)state;
    static const double rates[] = {256, 5000, 2048.5, 1000 / 3.0, 12.8, 128.05, 20000, 1 / 30.0};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        lmp_stream stream = stream_of(1, 5000, rates[i]);
        double *values = signals_of(&stream, 100);
        for (int k = 0; k < 2; k++) {
            lmp_source source;
            write_ok(k, &stream, values, 5000);
            io_open(formats[k], io_path(names[k]), NULL, &source);
            assert_true(source.stream.format.rate_hz == rates[i]);
            io_close(&source);
        }
        free(values);
        stream_clear(&stream);
    }
}

/* ---- Codes, ranges, values that do not fit ---------------------------------------------------------------- */

static void writes_codes(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(2, 600, 100);
    change_channel(&stream, 1, (lmp_channel){.name = "Status", .unit = "", .role = LMP_ROLE_STIM});
    double *values = signals_of(&stream, 100);
    for (int t = 0; t < 600; t++) values[600 + t] = 65536 + t % 256;
    for (int k = 0; k < 2; k++) {
        lmp_source source;
        write_ok(k, &stream, values, 100);
        io_open(formats[k], io_path(names[k]), NULL, &source);
        assert_int_equal(source.stream.format.channels[1].role, LMP_ROLE_STIM);
        double *again = io_read_all(&source);
        assert_memory_equal(again + 600, values + 600, 600 * sizeof *values);
        free(again);
        io_close(&source);
    }
    values[600] = 0;
    values[601] = 1 << 20;
    lmp_error err = {0};
    assert_int_equal(io_write(&lmp_io_edf, io_path("out.edf"), &stream, &replacing, values, 100, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "Status"));
    write_ok(1, &stream, values, 100);
    free(values);
    stream_clear(&stream);
}

static const lmp_channel half_microvolts = {.role = LMP_ROLE_EEG,
                                            .scale = 0.5,
                                            .physical_min = -16384,
                                            .physical_max = 16383.5,
                                            .digital_min = -32768,
                                            .digital_max = 32767};

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(3, 1000, 100);
    for (int i = 0; i < 3; i++) change_channel(&stream, i, half_microvolts);
    stream.format.type = LMP_INT16;
    double *values = signals_of(&stream, 100);
    lmp_error err = {0};
    values[2 * 1000 + 777] = 70000; /* beyond four times the input's range */
    assert_int_equal(io_write_once(&lmp_io_bdf, io_path("out.bdf"), &stream, &replacing, false, values, 100, &err),
                     LMP_ERR_RANGE);
    assert_non_null(strstr(err.text, "E3 is 70000 uV at sample 777"));
    write_ok(0, &stream, values, 100); /* whose range is from the data */
    for (int k = 0; k < 2; k++) {
        values[2 * 1000 + 777] = (double)NAN;
        assert_int_equal(io_write(formats[k], io_path(names[k]), &stream, &replacing, values, 100, &err),
                         LMP_ERR_USAGE);
        assert_non_null(strstr(err.text, "E3 is not a number at sample 777 (7.770000 s)"));
        values[2 * 1000 + 777] = -(double)INFINITY;
        assert_int_equal(io_write(formats[k], io_path(names[k]), &stream, &replacing, values, 100, &err),
                         LMP_ERR_USAGE);
    }
    (void)io_empty();
    free(values);
    stream_clear(&stream);
}

/* Values beyond the input's range: the header says that they may be there. */
static void widens_digital_ranges(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(2, 1000, 100);
    for (int i = 0; i < 2; i++) change_channel(&stream, i, half_microvolts);
    stream.format.type = LMP_INT16;
    double *values = signals_of(&stream, 100);
    values[500] = 20000;
    values[1000 + 500] = -16384;
    write_ok(1, &stream, values, 100);
    lmp_source source;
    io_open(&lmp_io_bdf, io_path("out.bdf"), NULL, &source);
    const lmp_channel *c = source.stream.format.channels;
    assert_true(c[0].physical_max >= 20000 && c[0].digital_max > c[1].digital_max);
    assert_true(c[1].physical_max == 16383.5 && c[1].digital_max == 32767 * 64);
    assert_true(c[0].scale == 0.5 / 64 && c[1].scale == 0.5 / 64);
    double *again = io_read_all(&source);
    assert_true(again[500] == 20000 && again[1500] == -16384);
    free(again);
    io_close(&source);
    free(values);
    stream_clear(&stream);
}

/* ---- Events and headers ----------------------------------------------------------------------------------- */

static void keeps_events(void **state)
{
    (void)state;
    enum { EVENTS = 64 * 60 };
    lmp_stream stream = stream_of(1, 60 * 250, 250);
    double *values = signals_of(&stream, 100);
    lmp_event *events = calloc(EVENTS, sizeof *events);
    assert_non_null(events);
    for (int i = 0; i < EVENTS; i++)
        events[i] =
            (lmp_event){i / 64.0 + 1e-7 * i, i % 10 == 0 ? 0.123456789 : 0, i % 10 == 0 ? "\xC3\xA9tat" : "s  1", 0};
    events[0].onset_s = -3.25;
    events[EVENTS - 1].onset_s = 1e5 + 1e-6;
    assert_int_equal(lmp_stream_set_events(&stream, events, EVENTS, NULL), LMP_OK);
    for (int k = 0; k < 2; k++) {
        lmp_source source;
        write_ok(k, &stream, values, 1000);
        io_open(formats[k], io_path(names[k]), NULL, &source);
        assert_null(source.warnings);
        assert_int_equal(source.stream.n_events, EVENTS);
        for (int i = 0; i < EVENTS; i++) {
            const lmp_event *e = &source.stream.events[i];
            assert_true(fabs(e->onset_s - events[i].onset_s) < 1e-11);
            assert_true(e->duration_s == events[i].duration_s);
            assert_string_equal(e->label, events[i].label);
        }
        /* Written again, nothing drifts. */
        lmp_stream same = stream;
        same.own = NULL;
        same.events = source.stream.events;
        write_ok(k, &same, values, 1000);
        lmp_source again;
        io_open(formats[k], io_path(names[k]), NULL, &again);
        for (int i = 0; i < EVENTS; i++) assert_true(again.stream.events[i].onset_s == source.stream.events[i].onset_s);
        io_close(&again);
        io_close(&source);
    }
    free(events);
    free(values);
    stream_clear(&stream);
}

static void writes_events_only(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(0, 0, 0);
    const lmp_event events[] = {{0, 30630, "Sleep stage W", 0}, {30630, 120, "Sleep stage 1", 0}};
    assert_int_equal(lmp_stream_set_events(&stream, events, 2, NULL), LMP_OK);
    for (int k = 0; k < 2; k++) {
        lmp_writer writer;
        lmp_source source;
        lmp_error err = {0};
        assert_int_equal(formats[k]->create(io_path(names[k]), &stream, &replacing, false, &writer, &err), LMP_OK);
        assert_false(writer.needs_range);
        assert_int_equal(writer.finish(writer.state, &err), LMP_OK);
        writer.close(writer.state);
        io_open(formats[k], io_path(names[k]), NULL, &source);
        assert_int_equal(source.stream.n_events, 2);
        assert_true(source.stream.events[1].onset_s == 30630 && source.stream.events[1].duration_s == 120);
        assert_int_equal(source.stream.format.n_channels, 0);
        io_close(&source);
    }
    stream_clear(&stream);
}

static void writes_headers_by_the_book(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(4, 1000, 100);
    change_channel(&stream, 0,
                   (lmp_channel){.name = "a name of more than 16 characters",
                                 .unit = "\xC2\xB0"
                                         "C"});
    change_channel(&stream, 1, (lmp_channel){.name = "a name of more than 16 letters"});
    change_channel(&stream, 2, (lmp_channel){.name = "EDF Annotations", .unit = "\xC2\xB5S"});
    change_channel(&stream, 3, (lmp_channel){.name = "\xC3\xA9", .transducer = NULL});
    stream.format.subject = "MCH-0234567 F 02-MAY-1951 Haagse_Harry";
    stream.format.session = "Startdate 01-JAN-1999 PSG-1234/1999 NN Telemetry03";
    double *values = signals_of(&stream, 100);
    write_ok(0, &stream, values, 1000);
    size_t size;
    char *bytes = io_get(io_path("out.edf"), &size);
    assert_memory_equal(bytes, "0       MCH-0234567 F 02-MAY-1951 Haagse_Harry   ", 49);
    assert_memory_equal(bytes + 88, "Startdate 24-JAN-2020 PSG-1234/1999 NN Telemetry03   ", 53);
    assert_memory_equal(bytes + 168, "24.01.2004.05.561536    EDF+C   ", 32);
    assert_memory_equal(bytes + 236, "10      1       5   ", 20);
    assert_memory_equal(bytes + 256, "a name of more t", 16);
    assert_memory_equal(bytes + 272, "a name of more-1", 16);
    assert_memory_equal(bytes + 288, "EDF Annotation-1", 16);
    assert_memory_equal(bytes + 304, "_               ", 16);
    assert_memory_equal(bytes + 320, "EDF Annotations ", 16);
    assert_memory_equal(bytes + 256 + 5 * 96, "degC    uV      uS      uV              ", 40);
    for (size_t i = 0; i < 1536; i++) assert_in_range(bytes[i], 0x20, 0x7E);
    assert_int_equal((size - 1536) % 10, 0);
    free(bytes);
    stream.format.start_unix_s = (double)NAN;
    write_ok(1, &stream, values, 1000);
    bytes = io_get(io_path("out.bdf"), &size);
    assert_memory_equal(bytes, "\377BIOSEMI", 8);
    assert_memory_equal(bytes + 88, "Startdate X PSG-1234/1999", 25);
    assert_memory_equal(bytes + 168, "01.01.8500.00.001536    BDF+C   ", 32);
    free(bytes);
    lmp_source source;
    io_open(&lmp_io_bdf, io_path("out.bdf"), NULL, &source);
    assert_true(isnan(source.stream.format.start_unix_s));
    io_close(&source);
    free(values);
    stream_clear(&stream);
}

/* ---- Refusals and faults ---------------------------------------------------------------------------------- */

static void refuse_create(const lmp_stream *stream, const lmp_write_options *options, const char *word)
{
    lmp_writer writer;
    lmp_error err = {0};
    assert_int_equal(lmp_io_edf.create(io_path("out.edf"), stream, options, false, &writer, &err), LMP_ERR_USAGE);
    if (strstr(err.text, word) == NULL) fail_msg("'%s' lacks '%s'", err.text, word);
    assert_int_equal(io_empty(), 0);
}

static void refuses_to_start(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(1, 1000, 100);
    lmp_write_options options = {.type = LMP_FLOAT32};
    refuse_create(&stream, &options, "16-bit");
    options.type = LMP_INT16;
    stream.format.rate_hz = 0;
    refuse_create(&stream, &options, "sampling rate");
    stream.format.rate_hz = 100 * sqrt(2);
    refuse_create(&stream, &options, "resample");
    stream.format.rate_hz = 100;
    stream.format.n_times = 0;
    refuse_create(&stream, &options, "no samples");
    stream.format.n_times = 1000;
    const lmp_event event = {(double)NAN, 0, "x", 0};
    assert_int_equal(lmp_stream_set_events(&stream, &event, 1, NULL), LMP_OK);
    refuse_create(&stream, &options, "event 1 (x)");
    assert_int_equal(lmp_stream_set_events(&stream, NULL, 0, NULL), LMP_OK);
    lmp_writer writer;
    lmp_error err = {0};
    io_put_text("out.edf", "mine");
    assert_int_equal(lmp_io_edf.create(io_path("out.edf"), &stream, &options, false, &writer, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "--overwrite"));
    assert_int_equal(io_empty(), 1);
    assert_int_equal(lmp_io_edf.create(io_path("out.edf"), &stream, &options, false, &writer, &err), LMP_OK);
    const int64_t lane = 0;
    const void *data = &err;
    assert_int_equal(writer.write(writer.state, 0, 1, 1, &lane, &data, NULL, &err), LMP_ERR_USAGE); /* no range yet */
    writer.close(writer.state);
    assert_int_equal(io_empty(), 0);
    stream_clear(&stream);
}

static void leaves_nothing_after_a_failure(void **state)
{
    (void)state;
    lmp_stream stream = stream_of(3, 5000, 500);
    double *values = signals_of(&stream, 100);
    for (int k = 0; k < 2; k++) {
        lmp_status status = LMP_ERR_IO;
        int nth = 0;
        while (status != LMP_OK) {
            lmp_error err = {0};
            assert_true(nth < 100);
            os_fault_inject(0, ++nth);
            status = io_write(formats[k], io_path(names[k]), &stream, &replacing, values, 1000, &err);
            if (status == LMP_OK) break;
            assert_int_equal(status, LMP_ERR_IO);
            assert_non_null(strstr(err.text, names[k]));
            assert_int_equal(io_empty(), 0);
        }
        assert_true(nth > 5);
        os_fault_inject(0, 0);
        assert_int_equal(io_empty(), 1);
    }
    /* The rename, the sync, the memory. */
    lmp_writer writer;
    lmp_error err = {0};
    assert_int_equal(lmp_io_edf.create(io_path("out.edf"), &stream, &replacing, false, &writer, &err), LMP_OK);
    assert_int_equal(mkdir(io_path("out.edf"), 0700), 0);
    assert_int_equal(writer.finish(writer.state, &err), LMP_ERR_IO);
    writer.close(writer.state);
    assert_int_equal(rmdir(io_path("out.edf")), 0);
    assert_int_equal(io_empty(), 0);
    const double low[3] = {-200, -200, -200}, high[3] = {200, 200, 200};
    lmp_budget *budget = NULL;
    const int64_t lane = 0;
    const void *data = values;
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    budget_fail_at(budget, 1);
    assert_int_equal(lmp_io_edf.create(io_path("out.edf"), &stream, &replacing, false, &writer, &err), LMP_OK);
    assert_int_equal(writer.set_range(writer.state, low, high, &err), LMP_OK);
    assert_int_equal(writer.write(writer.state, 0, 1000, 1, &lane, &data, budget, &err), LMP_ERR_MEMORY);
    writer.close(writer.state);
    assert_int_equal(io_empty(), 0);
    budget_free(budget);
    free(values);
    stream_clear(&stream);
}

static void copies_shared_recordings(void **state)
{
    (void)state;
    static const char *const shared[] = {
        "pyedflib/data/test_generator.edf", "pyedflib/data/test_utf8.edf",
        "edfio/TEST_DATA/short_psg.edf",    "mne_io/edf/tests/data/test_bdf_stim_channel.bdf",
        "mne_io/edf/tests/data/test.bdf",   "mne_io/edf/tests/data/test.edf"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        lmp_source source, copy;
        io_open(&lmp_io_edf, io_shared(shared[i]), NULL, &source);
        const int k = source.stream.format.type == LMP_INT24;
        double *values = io_read_all(&source);
        write_ok(k, &source.stream, values, 1024);
        io_open(formats[k], io_path(names[k]), NULL, &copy);
        const lmp_format *f = &source.stream.format;
        double *again = io_read_stretch(&copy, 0, f->n_times);
        assert_memory_equal(again, values, (size_t)(f->n_channels * f->n_times) * sizeof *values);
        assert_int_equal(copy.stream.n_events, source.stream.n_events);
        for (int64_t e = 0; e < copy.stream.n_events; e++) {
            assert_true(copy.stream.events[e].onset_s == source.stream.events[e].onset_s);
            assert_string_equal(copy.stream.events[e].label, source.stream.events[e].label);
        }
        assert_true(fabs(copy.stream.format.start_unix_s - f->start_unix_s) < 1e-6);
        free(values);
        free(again);
        io_close(&source);
        io_close(&copy);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(writes_what_reads_back),
        TEST(keeps_integer_grids),
        TEST(writes_the_same_bytes),
        TEST(fills_the_last_record),
        TEST(keeps_rates),
        TEST(writes_codes),
        TEST(refuses_what_does_not_fit),
        TEST(widens_digital_ranges),
        TEST(keeps_events),
        TEST(writes_events_only),
        TEST(writes_headers_by_the_book),
        TEST(refuses_to_start),
        TEST(leaves_nothing_after_a_failure),
        TEST(copies_shared_recordings),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
