/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_npy.c: NumPy arrays, read and written.
 */
#include "io/array/npy.h"

#include "io/array/npy_header.h"
#include "frames_support.h"

static lmp_open_options at_rate(double rate_hz)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.rate_hz = rate_hz;
    return options;
}

/* A file of version 1.0 with this dictionary and data; gives the length of the header. */
static size_t put_npy(const char *name, const char *dictionary, const void *data, size_t size)
{
    char bytes[4096];
    const size_t n = strlen(dictionary);
    assert_true(10 + n + size <= sizeof bytes);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (char)(n & 255);
    bytes[9] = (char)(n >> 8);
    memcpy(bytes + 10, dictionary, n);
    if (size > 0) memcpy(bytes + 10 + n, data, size);
    io_put(name, bytes, 10 + n + size);
    return 10 + n;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* All types in both byte orders. Half floats: 1, -2, 0.5, the smallest, 65504. */
static void reads_number_types(void **state)
{
    static const double numbers[5] = {1, 0, 100, 7, 64}, halves[5] = {1, -2, 0.5, 0x1p-24, 65504};
    static const uint16_t half_bits[5] = {0x3C00, 0xC000, 0x3800, 0x0001, 0x7BFF};
    static const struct {
        const char *code;
        size_t width;
        lmp_type type;
    } types[] = {{"b1", 1, LMP_UINT8},  {"i1", 1, LMP_INT8},    {"u1", 1, LMP_UINT8},   {"i2", 2, LMP_INT16},
                 {"u2", 2, LMP_UINT16}, {"i4", 4, LMP_INT32},   {"u4", 4, LMP_UINT32},  {"i8", 8, LMP_INT64},
                 {"u8", 8, LMP_UINT64}, {"f2", 2, LMP_FLOAT32}, {"f4", 4, LMP_FLOAT32}, {"f8", 8, LMP_FLOAT64}};
    const lmp_open_options options = at_rate(250);
    (void)state;
    for (int variant = 0; variant < 24; variant++) {
        const int type = variant / 2;
        const bool big = variant % 2 != 0;
        const size_t width = types[type].width;
        char dictionary[100];
        uint8_t bytes[40];
        for (size_t i = 0; i < 5; i++) {
            const uint64_t whole = (uint64_t)numbers[i];
            const float single = (float)numbers[i];
            uint8_t little[8];
            memcpy(little, &whole, 8);
            if (type == 9) memcpy(little, &half_bits[i], 2);
            if (type == 10) memcpy(little, &single, 4);
            if (type == 11) memcpy(little, &numbers[i], 8);
            for (size_t k = 0; k < width; k++) bytes[i * width + k] = little[big ? width - 1 - k : k];
        }
        snprintf(dictionary, sizeof dictionary, "{'descr': '%c%s', 'fortran_order': False, 'shape': (5,), }\n",
                 width == 1 ? '|'
                 : big      ? '>'
                            : '<',
                 types[type].code);
        put_npy("t.npy", dictionary, bytes, 5 * width);
        lmp_source source;
        io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
        assert_int_equal(source.stream.format.type, types[type].type);
        assert_int_equal(source.stream.format.n_channels, 1);
        assert_true((source.stream.format.channels[0].scale == 1) == (type < 9));
        double *values = io_read_all(&source);
        for (int i = 0; i < 5; i++)
            assert_true(values[i] == (type == 0 ? numbers[i] != 0 : type == 9 ? halves[i] : numbers[i]));
        free(values);
        io_close(&source);
    }
}

static void reads_special_halves(void **state)
{
    static const uint16_t bits[4] = {0x7C00, 0xFC00, 0x7E01, 0x8000};
    const lmp_open_options options = at_rate(250);
    lmp_source source;
    (void)state;
    put_npy("t.npy", "{'descr': '<f2', 'fortran_order': False, 'shape': (4,)}\n", bits, sizeof bits);
    io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
    double *values = io_read_all(&source);
    assert_true(values[0] == (double)INFINITY && values[1] == -(double)INFINITY && isnan(values[2]));
    assert_true(values[3] == 0 && signbit(values[3]));
    free(values);
    io_close(&source);
}

/* More channels than samples, which the caller must say. */
static void takes_the_channels_that_are_given(void **state)
{
    lmp_open_options options = at_rate(250);
    const int16_t data[15] = {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42};
    lmp_source source;
    lmp_error err = {0};
    (void)state;
    put_npy("c.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (5, 3)}", data, sizeof data);
    options.n_channels = 5;
    io_open(&lmp_io_npy, io_path("c.npy"), &options, &source);
    assert_int_equal(source.stream.format.n_channels, 5);
    assert_null(source.warnings);
    double *values = io_read_all(&source);
    for (int i = 0; i < 15; i++) assert_true(values[i] == data[i]);
    free(values);
    io_close(&source);
    options.n_channels = 4;
    assert_int_equal(lmp_io_npy.open(io_path("c.npy"), &options, &source, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "neither is a number of 4 channels"));
}

/* Both orders, both orientations: value 10 c + t of channel c at time t. */
static void reads_orientations(void **state)
{
    const lmp_open_options options = at_rate(250);
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        const bool fortran = variant % 2 != 0, transposed = variant / 2 != 0;
        char dictionary[100];
        int16_t data[15];
        lmp_source source;
        for (int c = 0; c < 3; c++)
            for (int t = 0; t < 5; t++) data[fortran != transposed ? 3 * t + c : 5 * c + t] = (int16_t)(10 * c + t);
        snprintf(dictionary, sizeof dictionary, "{'descr': '<i2', 'fortran_order': %s, 'shape': %s}",
                 fortran ? "True" : "False", transposed ? "(5, 3)" : "(3, 5)");
        put_npy("t.npy", dictionary, data, sizeof data);
        io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
        assert_int_equal(source.stream.format.n_channels, 3);
        assert_int_equal(source.stream.format.n_times, 5);
        assert_string_equal(source.stream.format.channels[2].name, "3");
        assert_true((source.warnings != NULL) == transposed);
        double *values = io_read_all(&source);
        for (int c = 0; c < 3; c++)
            for (int t = 0; t < 5; t++) assert_true(values[5 * c + t] == 10 * c + t);
        free(values);
        values = io_read_stretch(&source, 2, 2);
        for (int c = 0; c < 3; c++) assert_true(values[2 * c] == 10 * c + 2 && values[2 * c + 1] == 10 * c + 3);
        free(values);
        io_close(&source);
    }
}

static void scales(void **state)
{
    static const int16_t data[2] = {-3, 500};
    lmp_open_options options = at_rate(1000);
    lmp_source source;
    (void)state;
    options.scale_uv = 0.25;
    put_npy("t.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", data, sizeof data);
    io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
    const lmp_channel *channel = &source.stream.format.channels[0];
    assert_true(source.stream.format.rate_hz == 1000 && isnan(source.stream.format.start_unix_s));
    assert_string_equal(channel->unit, "uV");
    assert_true(channel->scale == 0.25 && channel->physical_min == -8192 && channel->digital_max == 32767);
    double *values = io_read_all(&source);
    assert_true(values[0] == -0.75 && values[1] == 125);
    free(values);
    io_close(&source);
    options.scale_uv = (double)INFINITY;
    io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_USAGE, "microvolts");
}

static void reads_versions_and_spellings(void **state)
{
    static const char *const good[] = {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }   \n",
                                       "{\"shape\":(2 ,),\"descr\":\"<i2\",\"fortran_order\":True}",
                                       " { 'shape' : ( 2L , ) , 'fortran_order' : False , 'descr' : 'i2' } ",
                                       "{'descr': '=i2', 'fortran_order': False, 'shape': (1, 2)}\n",
                                       "{'descr': '|i2', 'fortran_order': False, 'shape': (2, 1,)}\n"};
    static const int16_t data[2] = {1, 2};
    const lmp_open_options options = at_rate(1);
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const size_t n = strlen(good[i]);
        put_npy("t.npy", good[i], data, sizeof data);
        assert_true(io_try(&lmp_io_npy, io_path("t.npy"), &options));
        for (char version = 2; version <= 3; version++) {
            char bytes[200] = "\x93NUMPY";
            bytes[6] = version;
            bytes[8] = (char)n;
            memcpy(bytes + 12, good[i], n);
            memcpy(bytes + 12 + n, data, sizeof data);
            io_put("t.npy", bytes, 12 + n + sizeof data);
            assert_true(io_try(&lmp_io_npy, io_path("t.npy"), &options));
        }
    }
}

static void refuses_in_one_sentence(void **state)
{
    static const struct {
        const char *dictionary, *word;
    } cases[] = {
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "Python objects"},
        {"{'descr': '|O8', 'fortran_order': False, 'shape': (2,)}", "Python objects"},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (2,)}", "complex numbers"},
        {"{'descr': '<U2', 'fortran_order': False, 'shape': (2,)}", "texts"},
        {"{'descr': '|V8', 'fortran_order': False, 'shape': (2,)}", "records"},
        {"{'descr': '<M8[s]', 'fortran_order': False, 'shape': (2,)}", "dates"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (2,)}", "<f16"},
        {"{'descr': '', 'fortran_order': False, 'shape': (2,)}", "unknown type"},
        {"{'descr': [('a', '<i4'), ('b', '<f8')], 'fortran_order': False, 'shape': (2,)}", "several fields"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': ()}",
         "has 0 dimensions; signals need 1 or 2, movies 2 to 4"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1, 1)}",
         "has 3 dimensions; signals need 1 or 2, movies 2 to 4"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (0,)}", "nothing in it"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (5, 0)}", "the shape (5, 0): there is nothing"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (3,)}", "cut short"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (4611686018427387904, 2)}", "cut short"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (9223372036854775807,)}", "beyond 2^63"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (70000, 70000)}", "up to 65536 channels"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (-2,)}", "negative"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (2)}", "no tuple"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': 2}", "no tuple"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': [2]}", "no tuple"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (1 2)}", "lacks a comma"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (,)}", "no number"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (2", "lacks a comma"},
        {"{'descr': '<i2', 'fortran_order': 0, 'shape': (2,)}", "not True or False"},
        {"{'descr': <i2, 'fortran_order': False, 'shape': (2,)}", "quoted"},
        {"{'descr': '<i2, 'fortran_order': False, 'shape': (2,)}", "unknown type"},
        {"{'descr': '<i2', 'shape': (2,)}", "is missing"},
        {"{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", "twice"},
        {"{'descr': '<i2', 'more': 1, 'fortran_order': False, 'shape': (2,)}", "unknown key"},
        {"{'descr': '<i2' 'fortran_order': False, 'shape': (2,)}", "comma is missing"},
        {"{'descr' '<i2', 'fortran_order': False, 'shape': (2,)}", "colon is missing"},
        {"{'descr': '<i\\x32', 'fortran_order': False, 'shape': (2,)}", "not plain"},
        {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,)} x", "follows"},
        {"__import__('os')", "no dictionary"},
        {"", "no dictionary"},
        {"{}", "is missing"},
    };
    static const int16_t data[2] = {1, 2};
    lmp_open_options options = at_rate(250), no_rate = at_rate(0);
    (void)state;
    options.kind = LMP_SIGNALS;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_npy("t.npy", cases[i].dictionary, data, sizeof data);
        io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_INPUT, cases[i].word);
    }
    put_npy("t.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", data, sizeof data);
    io_refuse(&lmp_io_npy, io_path("t.npy"), &no_rate, LMP_ERR_INPUT,
              "(2,) of int16 and does not say its sampling rate; give it in Hz with --rate");
    no_rate.rate_hz = (double)NAN;
    io_refuse(&lmp_io_npy, io_path("t.npy"), &no_rate, LMP_ERR_INPUT, "--rate");
    io_put("t.npy", "\x93NUMPY\4\0\0\0\0\0", 12);
    io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_INPUT, "version 4");
    io_put("t.npy", "\x93NUMPY\2\0\377\377\377\377", 12);
    io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_INPUT, "header of 4294967295 bytes");
    io_put("t.npy", "\x93NUMPY\1\0\377\377xx", 12);
    io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_INPUT, "ends within its header");
    io_put("t.npy", "PK\3\4zip file", 12);
    io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_INPUT, "no .npy file");
    io_refuse(&lmp_io_npy, io_path("none.npy"), &options, LMP_ERR_IO, "none.npy");
}

static void salvages(void **state)
{
    static const int16_t data[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    lmp_open_options options = at_rate(250);
    lmp_source source;
    (void)state;
    options.salvage = 1;
    put_npy("t.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 6)}", data, sizeof data);
    io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 4);
    double *values = io_read_all(&source);
    assert_true(values[3] == 3 && values[4] == 6 && values[7] == 9);
    free(values);
    io_close(&source);
    put_npy("t.npy", "{'descr': '<i2', 'fortran_order': True, 'shape': (3, 6)}", data, sizeof data);
    io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 3);
    values = io_read_all(&source);
    assert_true(values[2] == 6 && values[8] == 8);
    free(values);
    io_close(&source);
    put_npy("t.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 10)}", data, sizeof data);
    io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_INPUT, "cut short");
    put_npy("t.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 4)}", data, sizeof data);
    options.salvage = 0;
    io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
    assert_non_null(strstr(source.warnings, "4 bytes behind"));
    io_close(&source);
}

static void detects(void **state)
{
    static const uint8_t head[] = "\x93NUMPY\1";
    (void)state;
    assert_int_equal(lmp_io_npy.detect(head, 7, "x"), 100);
    assert_int_equal(lmp_io_npy.detect(head, 5, "x"), 0);
    assert_int_equal(lmp_io_npy.detect(head, 5, "x.NPY"), 30);
    assert_int_equal(lmp_io_npy.detect(head, 0, ".npy"), 0);
}

/* Files larger than a view, in pieces of any size. */
static void reads_anywhere(void **state)
{
    enum { CHANNELS = 5, TIMES = 150000 };
    const lmp_open_options options = at_rate(5000);
    (void)state;
    for (int fortran = 0; fortran < 2; fortran++) {
        char *bytes = malloc(128 + 4 * CHANNELS * TIMES);
        memset(bytes, ' ', 128);
        memcpy(bytes, "\x93NUMPY\1\0\166\0", 10);
        const int n = sprintf(bytes + 10, "{'descr': '<f4', 'fortran_order': %s, 'shape': (%d, %d), }",
                              fortran ? "True" : "False", CHANNELS, TIMES);
        bytes[10 + n] = ' ';
        for (int c = 0; c < CHANNELS; c++)
            for (int t = 0; t < TIMES; t++) {
                const float value = (float)(c * TIMES + t) / 8;
                memcpy(bytes + 128 + 4 * (fortran ? t * CHANNELS + c : c * TIMES + t), &value, 4);
            }
        io_put("l.npy", bytes, 128 + 4 * CHANNELS * TIMES);
        free(bytes);
        lmp_source source;
        io_open(&lmp_io_npy, io_path("l.npy"), &options, &source);
        double *whole = io_read_all(&source);
        for (int i = 0; i < CHANNELS * TIMES; i++) assert_true(whole[i] == (double)i / 8);
        for (int64_t first = 0, count = 1; first + count <= TIMES; first += 7919, count = count * 2 % 65537) {
            double *values = io_read_stretch(&source, first, count);
            for (int c = 0; c < CHANNELS; c++)
                assert_memory_equal(values + c * count, whole + c * TIMES + first, (size_t)count * sizeof *values);
            free(values);
        }
        free(whole);
        io_close(&source);
    }
}

static void reports_failed_reads(void **state)
{
    static const double data[4] = {1, 2, 3, 4};
    const lmp_open_options options = at_rate(250);
    const int64_t lane = 1;
    double values[2];
    void *out = values;
    const lmp_read_request request = {.count = 2, .n_lanes = 1, .lanes = &lane, .out = &out};
    lmp_source source;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    (void)state;
    put_npy("t.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", data, sizeof data);
    for (int nth = 1; nth <= 2; nth++) {
        os_fault_inject(nth, 0);
        io_refuse(&lmp_io_npy, io_path("t.npy"), &options, LMP_ERR_IO, "cannot read");
    }
    os_fault_inject(0, 0);
    io_open(&lmp_io_npy, io_path("t.npy"), &options, &source);
    assert_int_equal(budget_new(4096, &budget, NULL), LMP_OK);
    os_fault_inject(1, 0);
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_ERR_IO);
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_OK);
    assert_true(values[0] == 3 && values[1] == 4);
    budget_fail_at(budget, 1);
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_ERR_MEMORY);
    assert_int_equal(budget_used(budget), 0);
    budget_free(budget);
    io_close(&source);
}

/* ---- Damaged files ---------------------------------------------------------------------------------------- */

static void survives_truncation_and_mutation(void **state)
{
    static const char dictionary[] = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 5), }\n";
    static const int16_t data[10] = {0};
    lmp_open_options options = at_rate(250);
    char bytes[200];
    uint64_t random = 5;
    int n_opened = 0;
    (void)state;
    const size_t header = put_npy("t.npy", dictionary, data, sizeof data), size = header + sizeof data;
    char *whole = io_get(io_path("t.npy"), &(size_t){0});
    for (options.salvage = 0; options.salvage < 2; options.salvage++)
        for (size_t n = 0; n <= size; n++) {
            io_put("t.npy", whole, n);
            const bool is_open = frames_try(&lmp_io_npy, io_path("t.npy"), &options, false);
            assert_true(n != size || is_open);
            assert_true(!is_open || n == size || (options.salvage == 1 && n > header));
        }
    for (int i = 0; i < 4000; i++) {
        memcpy(bytes, whole, size);
        for (int k = 0; k < 1 + i % 3; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes[(random >> 33) % header] =
                (char)(random & 0x1000 ? "0123456789(),'{}:<>|="[random >> 50 & 15] : (int)(random >> 24));
        }
        io_put("t.npy", bytes, size);
        options.salvage = i & 1;
        n_opened += frames_try(&lmp_io_npy, io_path("t.npy"), &options, false);
    }
    assert_true(n_opened > 20);
    free(whole);
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

enum { WRITTEN_CHANNELS = 3, WRITTEN_TIMES = 211 };

static void make_stream(lmp_stream *stream)
{
    lmp_channel channels[WRITTEN_CHANNELS];
    for (int c = 0; c < WRITTEN_CHANNELS; c++)
        channels[c] = (lmp_channel){.name = "x", .unit = "uV", .transducer = "", .filtering = ""};
    *stream = (lmp_stream){.format = {.kind = LMP_SIGNALS, .n_times = WRITTEN_TIMES, .rate_hz = 100}};
    assert_int_equal(lmp_stream_set_channels(stream, channels, WRITTEN_CHANNELS, NULL), LMP_OK);
}

static void make_values(double values[WRITTEN_CHANNELS * WRITTEN_TIMES])
{
    for (int i = 0; i < WRITTEN_CHANNELS * WRITTEN_TIMES; i++) values[i] = sin(i) * 1e3;
    values[5] = (double)NAN;
    values[6] = (double)INFINITY;
}

static void writes_what_reads_back(void **state)
{
    const lmp_open_options options = at_rate(100);
    double values[WRITTEN_CHANNELS * WRITTEN_TIMES];
    lmp_stream stream;
    lmp_error err = {0};
    (void)state;
    make_stream(&stream);
    make_values(values);
    for (int single = 0; single < 2; single++) {
        const lmp_write_options how = {.type = single ? LMP_FLOAT32 : 0};
        lmp_source source;
        size_t size;
        assert_int_equal(io_write(&lmp_io_npy, io_path("w.npy"), &stream, &how, values, 50, &err), LMP_OK);
        char *bytes = io_get(io_path("w.npy"), &size);
        assert_int_equal(size, 128 + (single ? 4 : 8) * WRITTEN_CHANNELS * WRITTEN_TIMES);
        assert_memory_equal(bytes, "\x93NUMPY\1\0\166\0{'descr': '", 21);
        assert_true(bytes[127] == '\n');
        free(bytes);
        io_open(&lmp_io_npy, io_path("w.npy"), &options, &source);
        assert_int_equal(source.stream.format.type, single ? LMP_FLOAT32 : LMP_FLOAT64);
        assert_null(source.warnings);
        double *back = io_read_all(&source);
        for (int i = 0; i < WRITTEN_CHANNELS * WRITTEN_TIMES; i++) {
            const double wanted = single ? (double)(float)values[i] : values[i];
            assert_true(back[i] == wanted || (isnan(back[i]) && isnan(wanted)));
        }
        free(back);
        io_close(&source);
        assert_int_equal(io_empty(), 1);
    }
    stream_clear(&stream);
}

/* Lanes in groups, in any order. */
static void writes_lanes_apart(void **state)
{
    static const lmp_write_options how = {0};
    double values[WRITTEN_CHANNELS * WRITTEN_TIMES];
    lmp_writer writer = {0};
    lmp_stream stream;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    size_t size;
    (void)state;
    make_stream(&stream);
    make_values(values);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    assert_int_equal(lmp_io_npy.create(io_path("w.npy"), &stream, &how, false, &writer, &err), LMP_OK);
    assert_false(writer.needs_all_lanes || writer.needs_range);
    for (int64_t lane = 2; lane >= 0; lane--) {
        const void *data = values + lane * WRITTEN_TIMES;
        assert_int_equal(writer.write(writer.state, 0, WRITTEN_TIMES, 1, &lane, &data, budget, &err), LMP_OK);
    }
    assert_false(io_exists("w.npy"));
    assert_int_equal(writer.finish(writer.state, &err), LMP_OK);
    assert_string_equal(writer.data_path(writer.state), io_path("w.npy"));
    writer.close(writer.state);
    char *bytes = io_get(io_path("w.npy"), &size);
    assert_memory_equal(bytes + 128, values, sizeof values);
    free(bytes);
    budget_free(budget);
    stream_clear(&stream);
}

static void fails_cleanly(void **state)
{
    double values[WRITTEN_CHANNELS * WRITTEN_TIMES];
    lmp_stream stream;
    lmp_error err = {0};
    lmp_write_options how = {0};
    lmp_status status = LMP_ERR_IO;
    int n_failed = -1;
    (void)state;
    make_stream(&stream);
    make_values(values);
    for (int nth = 1; status != LMP_OK; nth++, n_failed++) {
        assert_int_equal(io_empty(), 0);
        os_fault_inject(0, nth);
        status = io_write(&lmp_io_npy, io_path("w.npy"), &stream, &how, values, 100, &err);
        os_fault_inject(0, 0);
        assert_true(status == LMP_OK || status == LMP_ERR_IO);
    }
    assert_int_equal(n_failed, 2 + 3 * WRITTEN_CHANNELS); /* room, header, stretches */
    assert_int_equal(io_write(&lmp_io_npy, io_path("w.npy"), &stream, &how, values, 100, &err), LMP_ERR_USAGE);
    assert_int_equal(io_empty(), 1);
    how.type = LMP_INT16;
    assert_int_equal(io_write(&lmp_io_npy, io_path("w.npy"), &stream, &how, values, 100, &err), LMP_ERR_USAGE);
    how.type = LMP_FLOAT32;
    values[300] = -1e39;
    assert_int_equal(io_write(&lmp_io_npy, io_path("w.npy"), &stream, &how, values, 100, &err), LMP_ERR_RANGE);
    assert_non_null(strstr(err.text, "sample 89 of channel 2"));
    stream.format.n_times = INT64_MAX / 4;
    lmp_writer writer = {0};
    assert_int_equal(lmp_io_npy.create(io_path("w.npy"), &stream, &how, false, &writer, &err), LMP_ERR_USAGE);
    stream.format.kind = LMP_MOVIE;
    assert_int_equal(lmp_io_npy.create(io_path("w.npy"), &stream, &how, false, &writer, &err), LMP_ERR_USAGE);
    assert_int_equal(io_empty(), 0);
    stream_clear(&stream);
}

/* ---- Files of others -------------------------------------------------------------------------------------- */

/* Values as NumPy loads them. */
static void reads_shared_arrays(void **state)
{
    const lmp_open_options options = at_rate(100);
    static const struct {
        const char *name;
        int64_t n;
        double first, step, last;
    } arrays[] = {{"tort_npy_libnpy/int32_array.npy", 25, 0, 1, 24},
                  {"tort_npy_xtensor/int.be.npy", 5, 3, 1, 7},
                  {"tort_npy_xtensor/int.le.npy", 5, 3, 1, 7},
                  {"tort_npy_xtensor/unsignedlong.be.npy", 5, 12, 2, 1234321},
                  {"tort_npy_xtensor/unsignedlong.le.npy", 5, 12, 2, 1234321},
                  {"tort_npy_xtensor/unsignedlong_fortran.be.npy", 5, 12, 2, 1234321},
                  {"tort_npy_xtensor/unsignedlong_fortran.le.npy", 5, 12, 2, 1234321}};
    (void)state;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        lmp_source source;
        io_open(&lmp_io_npy, io_shared(arrays[i].name), &options, &source);
        assert_int_equal(source.stream.format.n_times, arrays[i].n);
        double *values = io_read_all(&source);
        for (int64_t t = 0; t < arrays[i].n - 1; t++)
            assert_true(values[t] == arrays[i].first + arrays[i].step * (double)t);
        assert_true(values[arrays[i].n - 1] == arrays[i].last);
        free(values);
        io_close(&source);
    }
}

static void refuses_shared_arrays(void **state)
{
    lmp_open_options options = at_rate(100);
    static const struct {
        const char *name, *word;
    } arrays[] = {{"tort_npy_libnpy/bool.npy", "3 dimensions"},
                  {"tort_npy_libnpy/complex128.npy", "complex"},
                  {"tort_npy_libnpy/complex64.npy", "complex"},
                  {"tort_npy_libnpy/float32.npy", "3 dimensions"},
                  {"tort_npy_libnpy/int32_big.npy", "3 dimensions"},
                  {"tort_npy_libnpy/int32_scalar.npy", "0 dimensions"},
                  {"tort_npy_libnpy/uint8_fortran.npy", "3 dimensions"},
                  {"tort_npy_libnpy/unicode.npy", "texts"},
                  {"tort_npy_libnpy/test.npz", "no .npy file"},
                  {"tort_npy_numpy/py2-np0-objarr.npy", "Python objects"},
                  {"tort_npy_numpy/py2-objarr.npy", "Python objects"},
                  {"tort_npy_numpy/py3-objarr.npy", "Python objects"},
                  {"tort_npy_xtensor/bool.be.npy", "3 dimensions"},
                  {"tort_npy_xtensor/double_fortran.le.npy", "3 dimensions"}};
    (void)state;
    options.kind = LMP_SIGNALS;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        io_refuse(&lmp_io_npy, io_shared(arrays[i].name), &options, LMP_ERR_INPUT, arrays[i].word);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_number_types),
        TEST(reads_special_halves),
        TEST(reads_orientations),
        TEST(takes_the_channels_that_are_given),
        TEST(scales),
        TEST(reads_versions_and_spellings),
        TEST(refuses_in_one_sentence),
        TEST(salvages),
        TEST(detects),
        TEST(reads_anywhere),
        TEST(reports_failed_reads),
        TEST(survives_truncation_and_mutation),
        TEST(writes_what_reads_back),
        TEST(writes_lanes_apart),
        TEST(fails_cleanly),
        TEST(reads_shared_arrays),
        TEST(refuses_shared_arrays),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
