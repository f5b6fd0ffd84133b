/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_zarr.c: Zarr folders as images and movies, read and written.
 */
#include "io/array/zarr.h"

#include "frames_support.h"
#include "io/array/chunk_rows.h"

#include <blosc.h>
#include <zlib.h>
#include <zstd.h>

static const lmp_open_options plain = LMP_OPTIONS(lmp_open_options);

/* ---- Folders ---------------------------------------------------------------------------------------------- */

static int fresh(void **state)
{
    (void)state;
    os_fault_inject(0, 0);
    (void)os_folder_remove(io_folder);
    return os_folder_create(io_folder);
}

static int teardown(void **state)
{
    return fresh(state) != 0 ? -1 : io_teardown(state);
}

static void put_header(const char *folder, const char *fields)
{
    char text[2000], name[300];
    (void)os_folder_create(io_path(folder));
    snprintf(name, sizeof name, "%s/.zarray", folder);
    snprintf(text, sizeof text, "{\"zarr_format\": 2, %s}", fields);
    io_put_text(name, text);
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

enum { FRAMES = 13, ROWS = 6, COLUMNS = 9, MOST = 1 << 16 };

static const int64_t whole[4] = {FRAMES, ROWS, COLUMNS, 0};

static uint16_t number_of(int64_t t, int64_t y, int64_t x, int64_t c)
{
    return (uint16_t)(t * 10007 + y * 1009 + x * 101 + c * 11);
}

/* The chunk at `place` of the array (FRAMES, ROWS, COLUMNS, colours), beyond its end 0xEE; how many numbers. */
static int64_t make_chunk(const int64_t *chunk, const int64_t *place, int64_t colours, bool fortran, bool big,
                          uint8_t *bytes)
{
    const int64_t n = chunk[0] * chunk[1] * chunk[2] * chunk[3];
    memset(bytes, 0xEE, (size_t)n * 2);
    for (int64_t i = 0; i < n; i++) {
        int64_t at[4], left = i;
        for (int k = 0; k < 4; k++) {
            const int d = fortran ? k : 3 - k;
            at[d] = left % chunk[d] + place[d] * chunk[d];
            left /= chunk[d];
        }
        if (at[0] >= whole[0] || at[1] >= whole[1] || at[2] >= whole[2] || at[3] >= colours) continue;
        const uint16_t value = number_of(at[0], at[1], at[2], at[3]);
        bytes[2 * i] = (uint8_t)(big ? value >> 8 : value);
        bytes[2 * i + 1] = (uint8_t)(big ? value : value >> 8);
    }
    return n;
}

static size_t pack(int how, const uint8_t *bytes, size_t n, uint8_t *packed)
{
    uLongf size = MOST;
    if (how == 1) assert_int_equal(compress2(packed, &size, bytes, n, 3), Z_OK);
    if (how == 2) size = ZSTD_compress(packed, MOST, bytes, n, 1);
    if (how == 3) size = (size_t)blosc_compress_ctx(5, 1, 2, n, bytes, packed, MOST, "lz4", 0, 1);
    if (how != 0) return size;
    memcpy(packed, bytes, n);
    return n;
}

typedef struct variant {
    int64_t chunk[4];
    int64_t colours; /* 0: three dimensions */
    bool fortran, big;
    int codec;
    char separator; /* 0: legacy, nested */
} variant;

static void put_array(const char *folder, const variant *v)
{
    static const char *const codecs[] = {"null", "{\"id\": \"zlib\"}", "{\"id\": \"zstd\"}", "{\"id\": \"blosc\"}"};
    static uint8_t bytes[MOST], packed[MOST];
    char fields[600], last[2][40] = {"", ""}, separator[60] = "", name[200];
    const int64_t colours = v->colours == 0 ? 1 : v->colours;
    if (v->colours > 0) snprintf(last[0], 40, ", %d", (int)v->colours);
    if (v->colours > 0) snprintf(last[1], 40, ", %d", (int)v->chunk[3]);
    if (v->separator != 0) snprintf(separator, sizeof separator, ", \"dimension_separator\": \"%c\"", v->separator);
    snprintf(fields, sizeof fields,
             "\"shape\": [%d, %d, %d%s], \"chunks\": [%d, %d, %d%s], \"dtype\": \"%cu2\", \"order\": \"%c\", "
             "\"compressor\": %s, \"filters\": null, \"fill_value\": 0%s",
             FRAMES, ROWS, COLUMNS, last[0], (int)v->chunk[0], (int)v->chunk[1], (int)v->chunk[2], last[1],
             v->big ? '>' : '<', v->fortran ? 'F' : 'C', codecs[v->codec], separator);
    put_header(folder, fields);
    const bool nested = v->separator != '.';
    int64_t p[4];
    for (p[0] = 0; p[0] * v->chunk[0] < FRAMES; p[0]++)
        for (p[1] = 0; p[1] * v->chunk[1] < ROWS; p[1]++)
            for (p[2] = 0; p[2] * v->chunk[2] < COLUMNS; p[2]++)
                for (p[3] = 0; p[3] * v->chunk[3] < colours; p[3]++) {
                    const int64_t n = make_chunk(v->chunk, p, colours, v->fortran, v->big, bytes);
                    const size_t size = pack(v->codec, bytes, (size_t)n * 2, packed);
                    const char s = nested ? '/' : '.';
                    snprintf(name, sizeof name, "%s/%d", folder, (int)p[0]);
                    if (nested) (void)os_folder_create(io_path(name));
                    snprintf(name, sizeof name, "%s/%d%c%d", folder, (int)p[0], s, (int)p[1]);
                    if (nested) (void)os_folder_create(io_path(name));
                    snprintf(name, sizeof name, "%s/%d%c%d%c%d", folder, (int)p[0], s, (int)p[1], s, (int)p[2]);
                    if (nested && v->colours > 0) (void)os_folder_create(io_path(name));
                    const size_t used = strlen(name);
                    if (v->colours > 0) snprintf(name + used, sizeof name - used, "%c%d", s, (int)p[3]);
                    io_put(name, packed, size);
                }
}

/* Chunks of whole frames, of parts, larger than the array; both orders, byte orders, separators; four codecs. */
static void reads_every_layout(void **state)
{
    static const int64_t chunks[][3] = {{1, 6, 9}, {4, 6, 9}, {13, 6, 9}, {5, 4, 9}, {20, 7, 2}, {1, 1, 10}};
    static const int64_t colours[][2] = {{0, 1}, {3, 3}, {3, 2}, {4, 4}, {1, 1}};
    static const char separators[] = {'.', '/', 0};
    static uint16_t wanted[FRAMES * ROWS * COLUMNS * 3];
    int n_grains = 0;
    (void)state;
    for (size_t i = 0; i < 6 * 5 * 2 * 2; i++) {
        variant v = {.colours = colours[i / 6 % 5][0], .fortran = i / 30 % 2 != 0, .big = i / 60 % 2 != 0};
        memcpy(v.chunk, chunks[i % 6], 3 * sizeof(int64_t));
        v.chunk[3] = colours[i / 6 % 5][1];
        v.codec = (int)(i * 7 / 3 % 4);
        v.separator = separators[i % 3];
        assert_int_equal(fresh(NULL), 0);
        put_array("a.zarr", &v);
        const int64_t given = v.colours < 3 ? 1 : 3;
        for (int64_t k = 0, n = 0; k < FRAMES * ROWS * COLUMNS; k++)
            for (int64_t c = 0; c < given; c++)
                wanted[n++] = number_of(k / (ROWS * COLUMNS), k / COLUMNS % ROWS, k % COLUMNS, c);
        lmp_source source;
        io_open(&lmp_io_zarr, io_path("a.zarr"), &plain, &source);
        const lmp_format *f = &source.stream.format;
        assert_true(f->kind == LMP_MOVIE && f->type == LMP_UINT16 && f->n_times == FRAMES && f->height == ROWS &&
                    f->width == COLUMNS && f->n_colours == given);
        assert_int_equal(source.time_grain, v.chunk[0] < FRAMES ? v.chunk[0] : FRAMES);
        n_grains += source.time_grain > 1;
        frames_check_all_ways(&source, wanted);
        assert_null(source.data_path(source.state));
        assert_true(source.is_member(source.state, io_path("a.zarr/")));
        assert_false(source.is_member(source.state, io_folder));
        io_close(&source);
    }
    assert_int_equal(n_grains, 80);
}

static void fills_what_is_missing(void **state)
{
    static const struct {
        const char *type, *fill;
        uint8_t bytes[8];
        size_t n;
    } cases[] = {{"|u1", "7", {7}, 1},
                 {"<i2", "-2", {0xFE, 0xFF}, 2},
                 {"<u2", "null", {0, 0}, 2},
                 {"|b1", "true", {1}, 1},
                 {"<f4", "\"NaN\"", {0, 0, 0xC0, 0x7F}, 4},
                 {">f4", "\"-Infinity\"", {0, 0, 0x80, 0xFF}, 4},
                 {"<f8", "0.5", {0, 0, 0, 0, 0, 0, 0xE0, 0x3F}, 8},
                 {"<f2", "1", {0, 0, 0x80, 0x3F}, 4},
                 {"<i8", "-1", {255, 255, 255, 255, 255, 255, 255, 255}, 8},
                 {"<i4", "3.0", {3, 0, 0, 0}, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char fields[300];
        uint8_t wanted[3 * 2 * 2 * 8];
        lmp_source source;
        snprintf(fields, sizeof fields,
                 "\"shape\": [3, 2, 2], \"chunks\": [2, 2, 2], \"dtype\": \"%s\", \"fill_value\": %s, \"order\": \"C\"",
                 cases[i].type, cases[i].fill);
        put_header("f.zarr", fields);
        for (size_t k = 0; k < 12; k++) memcpy(wanted + k * cases[i].n, cases[i].bytes, cases[i].n);
        io_open(&lmp_io_zarr, io_path("f.zarr"), &plain, &source);
        frames_check_all_ways(&source, wanted);
        io_close(&source);
    }
}

static void refuses_damage(void **state)
{
    static const struct {
        const char *fields, *word;
    } cases[] = {
        {"\"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "no list \"shape\""},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "another number"},
        {"\"shape\": [2, 2, -2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "number 3 of \"shape\""},
        {"\"shape\": [2, 2, 2.0], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "makes no sense"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 0, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "number 2 of \"chunks\""},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"<c8\", \"order\": \"C\"", "real numbers"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"u1\", \"order\": \"C\"", "real numbers"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"\", \"order\": \"C\"", "real numbers"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": [[\"a\", \"<i4\"]]", "several fields"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\"", "\"order\""},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\", \"fill_value\": 256",
         "cannot hold"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\", \"fill_value\": \"NaN\"",
         "cannot hold"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\", \"compressor\": "
         "{\"id\": \"lzma\"}",
         "compressed with lzma"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\", \"filters\": "
         "[{\"id\": \"delta\"}]",
         "filter (delta)"},
        {"\"shape\": [2, 2, 2], \"chunks\": [1, 2, 2147483647], \"dtype\": \"<u2\", \"order\": \"C\"", "up to 2 GB"},
        {"\"shape\": [2, 2, 2], \"chunks\": [99999, 99999, 99999], \"dtype\": \"<u2\", \"order\": \"C\"", "up to 2 GB"},
        {"\"shape\": [2, 70000, 2], \"chunks\": [1, 1, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "larger ones"},
        {"\"shape\": [2, 9000, 9000], \"chunks\": [1, 9, 9], \"dtype\": \"|u1\", \"order\": \"C\"", "larger ones"},
        {"\"shape\": [9223372036854775807, 9000, 9000], \"chunks\": [1, 9000, 9000], \"dtype\": \"|u1\", \"order\": "
         "\"C\"",
         "no disk holds that"},
        {"\"shape\": [2, 9223372036854775807, 9223372036854775807], \"chunks\": [1, 1, 1], \"dtype\": \"|u1\", "
         "\"order\": \"C\"",
         "no file holds frames"},
        {"\"shape\": [2, 2, 2, 5], \"chunks\": [1, 2, 2, 5], \"dtype\": \"|u1\", \"order\": \"C\"", "opacity"},
        {"\"shape\": [2, 2, 3, 2, 2], \"chunks\": [1, 1, 1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "slices (Z)"},
        {"\"shape\": [2, 2, 1, 2, 2], \"chunks\": [1, 1, 1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"",
         "channels (C)"},
        {"\"shape\": [1,1,1,1,1,1,1,1,1], \"chunks\": [1], \"dtype\": \"|u1\", \"order\": \"C\"", "9 dimensions"},
        {"\"shape\": [9], \"chunks\": [9], \"dtype\": \"|u1\", \"order\": \"C\"", "1 dimensions"},
        {"\"shape\": [0, 2, 2], \"chunks\": [1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"", "nothing in it"},
        {"\"shape\": [2, 1, 0, 2, 2], \"chunks\": [1, 1, 1, 2, 2], \"dtype\": \"|u1\", \"order\": \"C\"",
         "nothing in it"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_header("d.zarr", cases[i].fields);
        io_refuse(&lmp_io_zarr, io_path("d.zarr"), &plain, LMP_ERR_INPUT, cases[i].word);
    }
    io_put_text("d.zarr/.zarray", "{\"zarr_format\": 3}");
    io_refuse(&lmp_io_zarr, io_path("d.zarr"), &plain, LMP_ERR_INPUT, "version 2");
    io_put_text("d.zarr/.zarray", "{\"zarr_format\": 2");
    io_refuse(&lmp_io_zarr, io_path("d.zarr"), &plain, LMP_ERR_INPUT, "no JSON");
    assert_int_equal(os_path_remove(io_path("d.zarr/.zarray")), 0);
    io_put_text("d.zarr/zarr.json", "{}");
    io_refuse(&lmp_io_zarr, io_path("d.zarr"), &plain, LMP_ERR_INPUT, "version 3");
}

static void refuses_damaged_chunks(void **state)
{
    static const char *const lengths[] = {"short", "empty", "long"};
    static uint8_t bytes[1 << 18];
    uint16_t frames[FRAMES * ROWS * COLUMNS];
    (void)state;
    for (int codec = 0; codec < 4; codec++)
        for (size_t i = 0; i < 3; i++) {
            const variant v = {.chunk = {1, ROWS, COLUMNS, 1}, .codec = codec, .separator = '.'};
            lmp_source source;
            lmp_error err = {0};
            lmp_budget *budget = NULL;
            size_t size = 0;
            assert_int_equal(fresh(NULL), 0);
            put_array("c.zarr", &v);
            char *stored = io_get(io_path("c.zarr/5.0.0"), &size);
            memcpy(bytes, stored, size);
            free(stored);
            io_put("c.zarr/5.0.0", bytes, i == 0 ? size - 3 : i == 1 ? 0 : sizeof bytes);
            io_open(&lmp_io_zarr, io_path("c.zarr"), &plain, &source);
            assert_int_equal(budget_new(1 << 24, &budget, NULL), LMP_OK);
            lmp_frames out = {.first = 0,
                              .count = 5,
                              .rows = ROWS,
                              .width = COLUMNS,
                              .n_colours = 1,
                              .type = LMP_UINT16,
                              .data = frames,
                              .stride = ROWS * COLUMNS * 2};
            assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_OK);
            out.count = 6;
            if (source.read_frames(source.state, &out, budget, &err) != LMP_ERR_INPUT ||
                strstr(err.text, "5.0.0 is damaged") == NULL)
                fail_msg("codec %d, %s: %s", codec, lengths[i], err.text);
            assert_int_equal(budget_used(budget), 0);
            budget_free(budget);
            io_close(&source);
        }
}

/* A Blosc header that announces more than the chunk holds must not be believed. */
static void distrusts_blosc_headers(void **state)
{
    static const size_t places[] = {0, 4, 8, 12};
    const variant v = {.chunk = {1, ROWS, COLUMNS, 1}, .codec = 3, .separator = '.'};
    (void)state;
    put_array("b.zarr", &v);
    size_t size = 0;
    char *stored = io_get(io_path("b.zarr/0.0.0"), &size);
    for (size_t i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            char damaged[1000];
            memcpy(damaged, stored, size);
            damaged[places[i] + (size_t)k] ^= 0x5A;
            io_put("b.zarr/0.0.0", damaged, size);
            assert_true(frames_try(&lmp_io_zarr, io_path("b.zarr"), &plain, true));
        }
    free(stored);
}

static void chooses_in_groups(void **state)
{
    const variant v = {.chunk = {2, ROWS, COLUMNS, 1}, .separator = '.'};
    lmp_open_options named = LMP_OPTIONS(lmp_open_options);
    lmp_source source;
    (void)state;
    put_header("g.zarr", "\"x\": 0");
    assert_int_equal(os_path_remove(io_path("g.zarr/.zarray")), 0);
    io_refuse(&lmp_io_zarr, io_path("g.zarr"), &plain, LMP_ERR_INPUT, "holds no array");
    io_put_text("g.zarr/.zgroup", "{\"zarr_format\": 2}");
    assert_int_equal(os_folder_create(io_path("g.zarr/a")), 0);
    io_put_text("g.zarr/a/.zgroup", "{\"zarr_format\": 2}");
    put_array("g.zarr/a/movie", &v);
    io_open(&lmp_io_zarr, io_path("g.zarr"), &plain, &source);
    assert_null(source.warnings);
    io_close(&source);
    put_header("g.zarr/image", "\"shape\": [2, 3], \"chunks\": [2, 3], \"dtype\": \"|u1\", \"order\": \"C\"");
    put_header("g.zarr/times", "\"shape\": [99999], \"chunks\": [2], \"dtype\": \"|u1\", \"order\": \"C\"");
    io_open(&lmp_io_zarr, io_path("g.zarr"), &plain, &source);
    assert_non_null(strstr(source.warnings, "3 arrays (a/movie, image, times)"));
    assert_int_equal(source.stream.format.n_times, FRAMES);
    io_close(&source);
    named.dataset = "image";
    io_open(&lmp_io_zarr, io_path("g.zarr"), &named, &source);
    assert_true(source.stream.format.n_times == 1 && source.stream.format.height == 2);
    io_close(&source);
    static const char *const outside[] = {"../g.zarr/image", "a/../image", "a", "", "/", "image/.", "nothing"};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        named.dataset = outside[i];
        io_refuse(&lmp_io_zarr, io_path("g.zarr"), &named, LMP_ERR_USAGE, "there are: a/movie, image, times");
    }
    named.dataset = "times";
    io_refuse(&lmp_io_zarr, io_path("g.zarr"), &named, LMP_ERR_INPUT, "1 dimensions");
    named = plain;
    named.kind = LMP_SIGNALS;
    io_refuse(&lmp_io_zarr, io_path("g.zarr/image"), &named, LMP_ERR_USAGE, "movies only");
}

static void reads_names_of_dimensions(void **state)
{
    const variant v = {.chunk = {4, 3, 2, 1}, .separator = '.'};
    lmp_source source;
    (void)state;
    put_array("n.zarr", &v);
    io_put_text("n.zarr/.zattrs", "{\"_ARRAY_DIMENSIONS\": [\"height\", \"width\", \"frame\"], \"rate_hz\": 12.5, "
                                  "\"pixel_width_um\": 2, \"pixel_height_um\": -1}");
    io_open(&lmp_io_zarr, io_path("n.zarr"), &plain, &source);
    const lmp_format *f = &source.stream.format;
    assert_true(f->n_times == COLUMNS && f->height == FRAMES && f->width == ROWS);
    assert_true(f->rate_hz == 12.5 && f->pixel_width_um == 2 && f->pixel_height_um == 0);
    static uint16_t wanted[FRAMES * ROWS * COLUMNS];
    for (int64_t i = 0; i < FRAMES * ROWS * COLUMNS; i++)
        wanted[i] = number_of(i / ROWS % FRAMES, i % ROWS, i / (FRAMES * ROWS), 0);
    frames_check_all_ways(&source, wanted);
    io_close(&source);
    io_put_text("n.zarr/.zattrs", "{\"_ARRAY_DIMENSIONS\": [\"cells\", \"width\", 3]");
    io_open(&lmp_io_zarr, io_path("n.zarr"), &plain, &source);
    assert_int_equal(source.stream.format.n_times, FRAMES);
    io_close(&source);
}

/* Chunks of many large frames are decoded once, into a scratch file, and read from there piece by piece. */
static void unpacks_long_chunks_once(void **state)
{
    enum { N = 5, HEIGHT = 1500, WIDTH = 1600 };
    const size_t frame = HEIGHT * WIDTH;
    uint8_t *movie = malloc(N * frame);
    lmp_source source;
    (void)state;
    assert_non_null(movie);
    for (size_t i = 0; i < N * frame; i++) movie[i] = (uint8_t)(i * 31 / 7);
    put_header("l.zarr",
               "\"shape\": [5, 1500, 1600], \"chunks\": [5, 1500, 800], \"dtype\": \"|u1\", \"order\": \"F\"");
    uint8_t *chunk = malloc(N * frame / 2);
    assert_non_null(chunk);
    for (size_t half = 0; half < 2; half++) {
        for (size_t x = 0; x < WIDTH / 2; x++)
            for (size_t y = 0; y < HEIGHT; y++)
                for (size_t t = 0; t < N; t++)
                    chunk[(x * HEIGHT + y) * N + t] = movie[t * frame + y * WIDTH + half * WIDTH / 2 + x];
        io_put(half == 0 ? "l.zarr/0.0.0" : "l.zarr/0.0.1", chunk, N * frame / 2);
    }
    io_open(&lmp_io_zarr, io_path("l.zarr"), &plain, &source);
    assert_non_null(strstr(source.warnings, "unpacked once"));
    uint8_t *got = frames_read(&source, 1, 1);
    assert_memory_equal(got, movie + frame, frame);
    free(got);
    /* The chunks are no longer needed. */
    io_put("l.zarr/0.0.0", "x", 1);
    io_put("l.zarr/0.0.1", "x", 1);
    got = frames_read(&source, 2, 3);
    assert_memory_equal(got, movie + 2 * frame, 3 * frame);
    free(got);
    io_close(&source);
    free(chunk);
    free(movie);
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static void writes_what_reads_back(void **state)
{
    static uint8_t movie[7 * 9 * 11 * 3 * 8];
    (void)state;
    for (size_t i = 0; i < sizeof movie; i++) movie[i] = (uint8_t)(i * 151 % 251 / 3);
    for (size_t i = 0; i < FRAMES_TYPES * 2 * 2 * 2; i++) {
        const lmp_stream stream =
            frames_stream(frames_types[i % FRAMES_TYPES], i / 10 % 2 ? 7 : 1, 9, 11, i / 20 % 2 ? 3 : 1);
        const bool compress = i / 40 != 0;
        const lmp_write_options how = {.compress = compress, .overwrite = 1};
        lmp_source source;
        frames_check_written(&lmp_io_zarr, io_path(i % 2 ? "w.zarr" : "w.zarr/"), &stream, &how, movie,
                             compress ? 9 : 4, true, &source);
        io_close(&source);
        assert_int_equal(io_count(io_folder), 1);
        assert_int_equal(io_count(io_path("w.zarr")), 2 + (int)stream.format.n_times);
    }
}

/* Frames beyond 16 MB are cut into bands of rows; the last one is filled up. */
static void cuts_huge_frames(void **state)
{
    const int64_t height = 1003, width = 17000;
    const lmp_stream stream = frames_stream(LMP_UINT8, 2, height, width, 1);
    uint8_t *movie = malloc((size_t)(2 * height * width));
    (void)state;
    assert_int_equal(chunk_rows(height, (size_t)width), 502);
    assert_int_equal(chunk_rows(5, 1 << 25), 1);
    assert_int_equal(chunk_rows(5, 1), 5);
    for (int64_t i = 0; i < 2 * height * width; i++) movie[i] = (uint8_t)(i * 31 / 7);
    for (int64_t compress = 0; compress < 2; compress++) {
        const lmp_write_options how = {.compress = compress, .overwrite = 1};
        lmp_source source;
        lmp_error err = {0};
        assert_int_equal(
            frames_write(&lmp_io_zarr, io_path("h.zarr"), &stream, &how, movie, 2, compress ? height : 400, &err),
            LMP_OK);
        assert_int_equal(io_count(io_path("h.zarr")), 2 + 4);
        io_open(&lmp_io_zarr, io_path("h.zarr"), &plain, &source);
        uint8_t *got = frames_read(&source, 0, 2);
        assert_memory_equal(got, movie, (size_t)(2 * height * width));
        free(got);
        io_close(&source);
    }
    free(movie);
}

static void writer_fails_cleanly(void **state)
{
    const lmp_stream stream = frames_stream(LMP_UINT8, 4, 5, 6, 1);
    const lmp_write_options how = {.overwrite = 1};
    lmp_error err = {0};
    (void)state;
    /* Header, attributes, frames. */
    assert_int_equal(frames_fail_every_write(&lmp_io_zarr, io_path("w.zarr")), 2 + 4);
    /* A failure leaves what was there before. */
    os_fault_inject(0, 4);
    assert_int_equal(frames_write_small(&lmp_io_zarr, io_path("w.zarr"), &stream, &how, &err), LMP_ERR_IO);
    os_fault_inject(0, 0);
    assert_int_equal(io_count(io_folder), 1);
    assert_int_equal(io_count(io_path("w.zarr")), 2 + 4);
    frames_refuse_what_no_array_is(&lmp_io_zarr, io_path("w.zarr"));
    assert_int_equal(io_count(io_path("w.zarr")), 2 + 4);
}

/* Only arrays are replaced: never a folder of something else, nor a group of many arrays. */
static void replaces_arrays_only(void **state)
{
    const lmp_stream stream = frames_stream(LMP_UINT8, 4, 5, 6, 1);
    const lmp_write_options how = {.overwrite = 1};
    lmp_error err = {0};
    (void)state;
    assert_int_equal(os_folder_create(io_path("w.zarr")), 0);
    io_put_text("w.zarr/thesis.txt", "years of work");
    assert_int_equal(frames_write_small(&lmp_io_zarr, io_path("w.zarr"), &stream, &how, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "is not replaced"));
    io_put_text("w.zarr/.zgroup", "{\"zarr_format\": 2}");
    assert_int_equal(frames_write_small(&lmp_io_zarr, io_path("w.zarr"), &stream, &how, &err), LMP_ERR_USAGE);
    assert_true(io_exists("w.zarr/thesis.txt"));
    io_put_text("v.zarr", "a file");
    assert_int_equal(frames_write_small(&lmp_io_zarr, io_path("v.zarr"), &stream, &how, &err), LMP_ERR_USAGE);
    assert_int_equal(frames_write_small(&lmp_io_zarr, io_path("no/v.zarr"), &stream, &how, &err), LMP_ERR_IO);
    assert_int_equal(io_count(io_folder), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_every_layout),      TEST(fills_what_is_missing),    TEST(refuses_damage),
        TEST(refuses_damaged_chunks),  TEST(chooses_in_groups),        TEST(reads_names_of_dimensions),
        TEST(distrusts_blosc_headers), TEST(writes_what_reads_back),   TEST(cuts_huge_frames),
        TEST(writer_fails_cleanly),    TEST(unpacks_long_chunks_once), TEST(replaces_arrays_only),
    };
    return cmocka_run_group_tests(tests, io_setup, teardown);
}
