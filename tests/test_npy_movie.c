/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_npy_movie.c: NumPy arrays as images and movies, read and written.
 */
#include "io/array/npy.h"

#include "frames_support.h"
#include "io/array/npy_header.h"

#include <fcntl.h>

static const lmp_open_options plain = LMP_OPTIONS(lmp_open_options);

/* A file of version 1.0 whose numbers start at a multiple of 64, or one byte before that. */
static void put_array(const char *name, const char *code, bool fortran, const char *shape, const void *data,
                      size_t size, bool odd)
{
    uint8_t *bytes = calloc(1, 192 + size);
    const size_t header = odd ? 127 : 128;
    assert_non_null(bytes);
    memset(bytes, ' ', header);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (uint8_t)(header - 10);
    bytes[9] = 0;
    char text[118];
    const int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': %s, 'shape': %s}", code,
                           fortran ? "True" : "False", shape);
    assert_true(n < 117);
    memcpy(bytes + 10, text, (size_t)n);
    if (size > 0) memcpy(bytes + header, data, size);
    io_put(name, bytes, header + size);
    free(bytes);
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

enum { FRAMES = 37, ROWS = 6, COLUMNS = 9, MOST = FRAMES * ROWS * COLUMNS * 4 };

/* Where number (t, y, x, c) of a movie of `colours` lies. */
static size_t place_of(bool fortran, int colours, int t, int y, int x, int c)
{
    return fortran ? (size_t)(t + FRAMES * (y + ROWS * (x + COLUMNS * c)))
                   : (size_t)(((t * ROWS + y) * COLUMNS + x) * colours + c);
}

/* Bytes of the number that stands for (t, y, x, c): any bits, and of half floats finite ones. */
static uint64_t number_of(int t, int y, int x, int c)
{
    return (uint64_t)(t * 1009 + y * 131 + x * 17 + c) * 0x9E3779B97F4A7C15u;
}

/* All number types, byte orders, orders of dimensions, alignments; grey, colour and opacity. */
static void reads_every_layout(void **state)
{
    static const struct {
        const char *code;
        size_t width;
        lmp_type type;
    } types[] = {{"i1", 1, LMP_INT8},    {"u1", 1, LMP_UINT8},  {"i2", 2, LMP_INT16}, {"u2", 2, LMP_UINT16},
                 {"i4", 4, LMP_INT32},   {"u4", 4, LMP_UINT32}, {"i8", 8, LMP_INT64}, {"u8", 8, LMP_UINT64},
                 {"f4", 4, LMP_FLOAT32}, {"f8", 8, LMP_FLOAT64}};
    static const int stored[] = {0, 1, 3, 4}; /* 0: three dimensions */
    static uint8_t file[MOST * 8], wanted[MOST * 8];
    int n_lent = 0;
    (void)state;
    for (int variant = 0; variant < 10 * 2 * 2 * 4 * 2; variant++) {
        const size_t type = (size_t)(variant % 10), width = types[type].width;
        const bool big = variant / 10 % 2 != 0, fortran = variant / 20 % 2 != 0, odd = variant / 160 != 0;
        const int colours = stored[variant / 40 % 4], n_stored = colours == 0 ? 1 : colours;
        const int n_given = n_stored == 4 ? 3 : n_stored;
        for (int t = 0; t < FRAMES; t++)
            for (int y = 0; y < ROWS; y++)
                for (int x = 0; x < COLUMNS; x++)
                    for (int c = 0; c < n_stored; c++) {
                        const uint64_t bits = number_of(t, y, x, c);
                        uint8_t little[8];
                        memcpy(little, &bits, 8);
                        uint8_t *at = file + place_of(fortran, n_stored, t, y, x, c) * width;
                        for (size_t k = 0; k < width; k++) at[k] = little[big ? width - 1 - k : k];
                        if (c < n_given) memcpy(wanted + place_of(false, n_given, t, y, x, c) * width, little, width);
                    }
        char code[8], shape[40];
        snprintf(code, sizeof code, "%c%s", big ? '>' : '<', types[type].code);
        snprintf(shape, sizeof shape, colours == 0 ? "(37, 6, 9)" : "(37, 6, 9, %d)", colours);
        put_array("m.npy", code, fortran, shape, file, (size_t)(FRAMES * ROWS * COLUMNS * n_stored) * width, odd);
        lmp_source source;
        io_open(&lmp_io_npy, io_path("m.npy"), &plain, &source);
        const lmp_format *format = &source.stream.format;
        assert_true(format->kind == LMP_MOVIE && format->type == types[type].type);
        assert_true(format->n_times == FRAMES && format->height == ROWS && format->width == COLUMNS);
        assert_true(format->n_colours == n_given && format->rate_hz == 0);
        assert_true((source.warnings != NULL) == (n_stored == 4));
        assert_true((source.view != NULL) ==
                    ((!big || width == 1) && !fortran && n_stored != 4 && !(odd && width > 1)));
        n_lent += source.view != NULL;
        frames_check_all_ways(&source, wanted);
        io_close(&source);
    }
    assert_int_equal(n_lent, 3 * (10 + 2 * 1 + 2 + 2));
}

static void reads_truths_and_halves(void **state)
{
    static const uint8_t truths[6] = {0, 1, 2, 255, 0, 128}, bits[6] = {0, 1, 1, 1, 0, 1};
    static const uint16_t halves[6] = {0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0x8000};
    static const float floats[6] = {1, -2, 0x1p-24f, 65504, INFINITY, -0.0f};
    uint16_t swapped[6];
    lmp_source source;
    (void)state;
    for (int i = 0; i < 6; i++) swapped[i] = (uint16_t)(halves[i] << 8 | halves[i] >> 8);
    put_array("b.npy", "|b1", false, "(3, 1, 2)", truths, sizeof truths, false);
    io_open(&lmp_io_npy, io_path("b.npy"), &plain, &source);
    assert_int_equal(source.stream.format.type, LMP_UINT8);
    assert_null(source.view);
    frames_check_all_ways(&source, bits);
    io_close(&source);
    for (int big = 0; big < 2; big++) {
        put_array("h.npy", big ? ">f2" : "<f2", false, "(1, 3, 2)", big ? swapped : halves, sizeof halves, false);
        io_open(&lmp_io_npy, io_path("h.npy"), &plain, &source);
        assert_int_equal(source.stream.format.type, LMP_FLOAT32);
        frames_check_all_ways(&source, floats);
        io_close(&source);
    }
}

/* What a shape means: {shape, rate, kind} to frames, rows, columns, colours; 0 frames: signals. */
static void decides_by_shape(void **state)
{
    static const struct {
        const char *shape;
        int n;
        double rate;
        int64_t kind, frames, rows, columns, colours;
        const char *warning;
    } cases[] = {{"(8, 6)", 48, 0, 0, 1, 8, 6, 1, NULL},
                 {"(8, 6)", 48, 30, 0, 0, 0, 0, 0, NULL},
                 {"(8, 6)", 48, 30, LMP_MOVIE, 1, 8, 6, 1, NULL},
                 {"(8, 6)", 48, 30, LMP_SIGNALS, 0, 0, 0, 0, NULL},
                 {"(48,)", 48, 30, 0, 0, 0, 0, 0, NULL},
                 {"(2, 4, 6)", 48, 30, 0, 2, 4, 6, 1, NULL},
                 {"(5, 6, 3)", 90, 0, 0, 1, 5, 6, 3, "one image in colour"},
                 {"(5, 6, 4)", 120, 0, 0, 1, 5, 6, 3, "opacity"},
                 {"(4, 6, 3)", 72, 0, 0, 4, 6, 3, 1, NULL},
                 {"(6, 4, 3)", 72, 0, 0, 6, 4, 3, 1, NULL},
                 {"(5, 6, 2)", 60, 0, 0, 5, 6, 2, 1, NULL},
                 {"(2, 3, 4, 1)", 24, 25, LMP_MOVIE, 2, 3, 4, 1, NULL},
                 {"(2, 3, 4, 3)", 72, 0, 0, 2, 3, 4, 3, NULL},
                 {"(2, 3, 1, 4)", 24, 0, 0, 2, 3, 1, 3, "opacity"}};
    static const uint8_t data[128];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lmp_open_options options = LMP_OPTIONS(lmp_open_options);
        lmp_source source;
        options.rate_hz = cases[i].rate;
        options.kind = cases[i].kind;
        put_array("s.npy", "|u1", false, cases[i].shape, data, (size_t)cases[i].n, false);
        io_open(&lmp_io_npy, io_path("s.npy"), &options, &source);
        const lmp_format *format = &source.stream.format;
        assert_int_equal(format->kind, cases[i].frames == 0 ? LMP_SIGNALS : LMP_MOVIE);
        assert_true(format->rate_hz == cases[i].rate);
        if (format->kind == LMP_MOVIE) {
            assert_int_equal(format->n_times, cases[i].frames);
            assert_int_equal(format->height, cases[i].rows);
            assert_int_equal(format->width, cases[i].columns);
            assert_int_equal(format->n_colours, cases[i].colours);
            if (cases[i].warning == NULL) assert_null(source.warnings);
            if (cases[i].warning != NULL) assert_non_null(strstr(source.warnings, cases[i].warning));
        }
        io_close(&source);
    }
}

static void refuses_shapes(void **state)
{
    static const struct {
        const char *shape;
        double rate;
        int64_t kind;
        lmp_status status;
        const char *word;
    } cases[] = {{"(2, 3, 4, 5)", 0, 0, LMP_ERR_INPUT, "1, 3, or 4 with opacity"},
                 {"(1, 2, 3, 4, 5)", 0, 0, LMP_ERR_INPUT, "5 dimensions"},
                 {"()", 0, 0, LMP_ERR_INPUT, "0 dimensions"},
                 {"(9,)", 30, LMP_MOVIE, LMP_ERR_INPUT, "1 dimensions"},
                 {"(9,)", 0, 0, LMP_ERR_INPUT, "give it in Hz with --rate"},
                 {"(3, 3)", 0, LMP_SIGNALS, LMP_ERR_INPUT, "give it in Hz with --rate"},
                 {"(2, 3, 4)", 30, LMP_SIGNALS, LMP_ERR_INPUT, "signals need 1 or 2"},
                 {"(2, 3, 0)", 0, 0, LMP_ERR_INPUT, "nothing in it"},
                 {"(2, 3, 4)", -1, 0, LMP_ERR_USAGE, "frames per second"},
                 {"(2, 3, 4)", (double)NAN, 0, LMP_ERR_USAGE, "frames per second"},
                 {"(2, 3, 4)", (double)INFINITY, 0, LMP_ERR_USAGE, "frames per second"},
                 {"(2, 3, 40)", 0, 0, LMP_ERR_INPUT, "cut short: its array (2, 3, 40) of uint8 takes 240 bytes"},
                 {"(1, 4611686018427387904, 4611686018427387904)", 0, 0, LMP_ERR_INPUT, "no file holds frames"},
                 {"(4611686018427387904, 2, 4)", 0, 0, LMP_ERR_INPUT, "takes over"},
                 {"(4611686018427387904, 4611686018427387904)", 0, 0, LMP_ERR_INPUT, "no file holds frames"}};
    static const uint8_t data[128];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lmp_open_options options = LMP_OPTIONS(lmp_open_options);
        options.rate_hz = cases[i].rate;
        options.kind = cases[i].kind;
        put_array("s.npy", "|u1", false, cases[i].shape, data, 24, false);
        io_refuse(&lmp_io_npy, io_path("s.npy"), &options, cases[i].status, cases[i].word);
    }
}

static void salvages_whole_frames(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    uint8_t data[24];
    lmp_source source;
    (void)state;
    for (int i = 0; i < 24; i++) data[i] = (uint8_t)i;
    put_array("c.npy", "|u1", false, "(4, 2, 3)", data, 20, false);
    io_refuse(&lmp_io_npy, io_path("c.npy"), &options, LMP_ERR_INPUT, "salvage it (--salvage) to read 3 whole frames");
    options.salvage = 1;
    io_open(&lmp_io_npy, io_path("c.npy"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 3);
    assert_non_null(strstr(source.warnings, "3 whole frames are read"));
    frames_check_all_ways(&source, data);
    io_close(&source);
    /* Of 4 frames in Fortran order, the first 2 of the last pixel are there. */
    put_array("c.npy", "|u1", true, "(4, 2, 3)", data, 22, false);
    io_open(&lmp_io_npy, io_path("c.npy"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 2);
    static const uint8_t wanted[12] = {0, 8, 16, 4, 12, 20, 1, 9, 17, 5, 13, 21};
    frames_check_all_ways(&source, wanted);
    io_close(&source);
    put_array("c.npy", "|u1", false, "(4, 2, 3)", data, 5, false);
    io_refuse(&lmp_io_npy, io_path("c.npy"), &options, LMP_ERR_INPUT, "cut short");
    put_array("c.npy", "|u1", false, "(3, 2, 3)", data, 24, false);
    io_open(&lmp_io_npy, io_path("c.npy"), &plain, &source);
    assert_non_null(strstr(source.warnings, "6 bytes behind"));
    io_close(&source);
}

/* Only header and the frames that are asked for are touched: 40 GB of holes. */
static void opens_what_is_bigger_than_memory(void **state)
{
    const int64_t n = 40000, frame = 1024 * 1024;
    static const uint8_t mark = 77;
    lmp_source source;
    (void)state;
    put_array("big.npy", "|u1", false, "(40000, 1024, 1024)", NULL, 0, false);
    const int fd = open(io_path("big.npy"), O_WRONLY);
    assert_true(fd >= 0);
    if (ftruncate(fd, 128 + n * frame) != 0) {
        close(fd);
        skip(); /* a file system without holes of that size */
    }
    assert_int_equal(pwrite(fd, &mark, 1, 128 + 39999 * frame + 5), 1);
    close(fd);
    io_open(&lmp_io_npy, io_path("big.npy"), &plain, &source);
    assert_int_equal(source.stream.format.n_times, n);
    lmp_budget *budget = NULL;
    lmp_frames lent = {0};
    void *handle = NULL;
    assert_int_equal(budget_new(1 << 22, &budget, NULL), LMP_OK);
    assert_int_equal(source.view(source.state, 39998, 2, budget, &lent, &handle, NULL), LMP_OK);
    assert_int_equal(((uint8_t *)lent.data)[lent.stride + 5], mark);
    source.view_end(source.state, handle);
    assert_int_equal(budget_used(budget), 0);
    assert_int_equal(source.view(source.state, 0, 8, budget, &lent, &handle, NULL), LMP_ERR_MEMORY);
    budget_free(budget);
    io_close(&source);
}

static void reports_failed_reads(void **state)
{
    static const uint16_t data[24];
    uint16_t frame[6];
    const lmp_frames out = {
        .count = 1, .rows = 2, .width = 3, .n_colours = 1, .type = LMP_UINT16, .data = frame, .stride = 12};
    lmp_source source;
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    (void)state;
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    for (int fortran = 0; fortran < 2; fortran++) {
        put_array("f.npy", ">u2", fortran != 0, "(4, 2, 3)", data, sizeof data, false);
        io_open(&lmp_io_npy, io_path("f.npy"), &plain, &source);
        os_fault_inject(1, 0);
        assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_ERR_IO);
        os_fault_inject(0, 0);
        budget_fail_at(budget, 1);
        assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_ERR_MEMORY);
        assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_OK);
        assert_int_equal(truncate(io_path("f.npy"), 140), 0);
        assert_int_equal(source.read_frames(source.state, &out, budget, &err), fortran ? LMP_ERR_IO : LMP_OK);
        io_close(&source);
    }
    budget_free(budget);
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

/* Every type but int24; movies, colours, single frames; bands and stretches in any order. */
static void writes_what_reads_back(void **state)
{
    static const char *const shapes[] = {"'shape': (7, 9, 11), }", "'shape': (7, 9, 11, 3), }", "'shape': (9, 11), }",
                                         "'shape': (9, 11, 3), }"};
    static uint8_t movie[7 * 9 * 11 * 3 * 8];
    const lmp_write_options how = {0};
    (void)state;
    for (size_t i = 0; i < sizeof movie; i++) movie[i] = (uint8_t)(i * 151 % 251);
    for (int variant = 0; variant < FRAMES_TYPES * 4; variant++) {
        const lmp_stream stream =
            frames_stream(frames_types[variant / 4], variant % 4 < 2 ? 7 : 1, 9, 11, variant % 2 == 0 ? 1 : 3);
        lmp_source source;
        size_t size;
        frames_check_written(&lmp_io_npy, io_path("w.npy"), &stream, &how, movie, variant % 5 == 0 ? 9 : 4, false,
                             &source);
        assert_non_null(source.view);
        io_close(&source);
        char *bytes = io_get(io_path("w.npy"), &size);
        assert_int_equal(size, 128 + (size_t)stream.format.n_times * frames_bytes(&stream.format));
        assert_non_null(memmem(bytes, 128, shapes[variant % 4], strlen(shapes[variant % 4])));
        assert_memory_equal(bytes + 128, movie, size - 128);
        free(bytes);
        assert_int_equal(io_empty(), 1);
    }
}

static void writer_fails_cleanly(void **state)
{
    (void)state;
    /* Room, header, two frames that lie together each. */
    assert_int_equal(frames_fail_every_write(&lmp_io_npy, io_path("w.npy")), 2 + 2);
    assert_int_equal(io_empty(), 1);
    frames_refuse_what_no_array_is(&lmp_io_npy, io_path("w.npy"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_every_layout),   TEST(reads_truths_and_halves), TEST(decides_by_shape),
        TEST(refuses_shapes),       TEST(salvages_whole_frames),   TEST(opens_what_is_bigger_than_memory),
        TEST(reports_failed_reads), TEST(writes_what_reads_back),  TEST(writer_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
