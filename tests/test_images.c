/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_images.c: PNG, JPEG and BMP images: what is written is read again, sequences appear whole or not at all, damage
 * is told. Pixels against other programs: oracle_images.py.
 */
#include "io_support.h"

extern const lmp_io lmp_io_jpeg, lmp_io_png, lmp_io_bmp;

/* ---- What the cases share --------------------------------------------------------------------------------- */

static lmp_stream movie(lmp_type type, int64_t n, int64_t height, int64_t width, int64_t colours)
{
    return (lmp_stream){.format = {.kind = LMP_MOVIE,
                                   .type = type,
                                   .n_times = n,
                                   .height = height,
                                   .width = width,
                                   .n_colours = colours,
                                   .subject = "",
                                   .session = ""}};
}

static size_t frame_bytes(const lmp_format *f)
{
    return (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
}

/* Pixels that differ from frame to frame and everywhere. */
static uint8_t *make_pixels(const lmp_format *f)
{
    const size_t n = frame_bytes(f) * (size_t)f->n_times;
    uint8_t *bytes = malloc(n);
    uint32_t random = 7;
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
    return bytes;
}

/* Writes the frames in stretches of 2, the last first. */
static lmp_status write_movie(const lmp_io *io, const char *path, const lmp_stream *stream,
                              const lmp_write_options *options, const uint8_t *pixels, bool stops_before_finish,
                              lmp_error *err)
{
    const lmp_format *f = &stream->format;
    const lmp_write_options none = {0};
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    assert_int_equal(budget_new(1 << 26, &budget, NULL), LMP_OK);
    lmp_status status = io->create(path, stream, options == NULL ? &none : options, false, &writer, err);
    if (status == LMP_OK) {
        assert_true(writer.needs_all_lanes);
        for (int64_t first = (f->n_times - 1) / 2 * 2; first >= 0 && status == LMP_OK; first -= 2) {
            const lmp_frames frames = {.first = first,
                                       .count = first + 2 > f->n_times ? f->n_times - first : 2,
                                       .rows = f->height,
                                       .width = f->width,
                                       .n_colours = f->n_colours,
                                       .type = f->type,
                                       .data = (void *)(pixels + (size_t)first * frame_bytes(f)),
                                       .stride = frame_bytes(f)};
            status = writer.write_frames(writer.state, &frames, budget, err);
        }
        if (status == LMP_OK && !stops_before_finish) {
            status = writer.finish(writer.state, err);
            if (status == LMP_OK) assert_true(os_path_stat(writer.data_path(writer.state), &(os_file_info){0}) == 0);
        }
        writer.close(writer.state);
        assert_true(budget_used(budget) <= IO_VIEW_BYTES);
        assert_true(budget_peak(budget) <= 2 * writer.bytes_per_time + 4096);
    }
    budget_free(budget);
    return status;
}

static void write_well(const lmp_io *io, const char *path, const lmp_stream *stream, const lmp_write_options *options,
                       const uint8_t *pixels)
{
    lmp_error err = {0};
    if (write_movie(io, path, stream, options, pixels, false, &err) != LMP_OK) fail_msg("%s", err.text);
}

static lmp_status read_frame(lmp_source *source, void *pixels, int64_t fail_at, lmp_error *err)
{
    const lmp_format *f = &source->stream.format;
    const lmp_frames frames = {.count = 1,
                               .rows = f->height,
                               .width = f->width,
                               .n_colours = f->n_colours,
                               .type = f->type,
                               .data = pixels,
                               .stride = frame_bytes(f)};
    lmp_budget *budget = NULL;
    assert_int_equal(budget_new(1 << 26, &budget, NULL), LMP_OK);
    if (fail_at > 0) budget_fail_at(budget, fail_at);
    const lmp_status status = source->read_frames(source->state, &frames, budget, err);
    assert_true(budget_used(budget) <= IO_VIEW_BYTES);
    assert_true(budget_peak(budget) <= source->bytes_per_time);
    budget_free(budget);
    return status;
}

/* Opens, reads and compares a file of one frame. */
static void check_file(const lmp_io *io, const char *path, const lmp_format *f, const void *pixels, int most_difference)
{
    lmp_source source;
    lmp_error err = {0};
    io_open(io, path, NULL, &source);
    const lmp_format *got = &source.stream.format;
    assert_int_equal(got->kind, LMP_MOVIE);
    assert_int_equal(got->n_times, 1);
    assert_int_equal(got->type, f->type);
    assert_true(got->height == f->height && got->width == f->width && got->n_colours == f->n_colours);
    uint8_t *read = malloc(frame_bytes(f));
    memset(read, 0xA5, frame_bytes(f));
    if (read_frame(&source, read, 0, &err) != LMP_OK) fail_msg("%s", err.text);
    if (most_difference == 0) assert_memory_equal(read, pixels, frame_bytes(f));
    for (size_t i = 0; i < frame_bytes(f) && most_difference > 0; i++)
        assert_true(abs(read[i] - ((const uint8_t *)pixels)[i]) <= most_difference);
    free(read);
    io_close(&source);
}

static void expect_failure(const lmp_io *io, const char *path, const lmp_stream *stream,
                           const lmp_write_options *options, lmp_status status, const char *word)
{
    uint8_t *pixels = make_pixels(&stream->format);
    lmp_error err = {0};
    const lmp_status got = write_movie(io, path, stream, options, pixels, false, &err);
    free(pixels);
    if (got != status || strstr(err.text, word) == NULL)
        fail_msg("status %d, '%s'; wanted %d, '%s'", got, err.text, status, word);
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static void png_keeps_every_bit(void **state)
{
    (void)state;
    for (int variant = 0; variant < 8; variant++) {
        const lmp_write_options options = {.compress = variant / 4};
        const lmp_stream stream =
            movie(variant % 2 == 0 ? LMP_UINT8 : LMP_UINT16, 5, 13, 21, variant / 2 % 2 == 0 ? 1 : 3);
        uint8_t *pixels = make_pixels(&stream.format);
        io_fresh(state);
        write_well(&lmp_io_png, io_path("a_%03d.png"), &stream, &options, pixels);
        for (int i = 0; i < 5; i++) {
            char name[32];
            snprintf(name, sizeof name, "a_%03d.png", i);
            check_file(&lmp_io_png, io_path(name), &stream.format, pixels + (size_t)i * frame_bytes(&stream.format), 0);
        }
        assert_int_equal(io_empty(), 5);
        free(pixels);
    }
}

/* At quality 100 without subsampling only rounding is left: of coefficients, and of two conversions of colour. */
static void jpeg_is_near(void **state)
{
    (void)state;
    for (int64_t colours = 1; colours <= 3; colours += 2) {
        const lmp_write_options options = {.quality = 100};
        const lmp_stream stream = movie(LMP_UINT8, 1, 30, 41, colours);
        uint8_t *pixels = make_pixels(&stream.format);
        for (size_t i = 0; i < frame_bytes(&stream.format); i++)
            pixels[i] = (uint8_t)(100 + i / (size_t)(41 * colours));
        write_well(&lmp_io_jpeg, io_path("a.jpg"), &stream, &options, pixels);
        check_file(&lmp_io_jpeg, io_path("a.jpg"), &stream.format, pixels, 3);
        assert_int_equal(io_empty(), 1);
        free(pixels);
    }
}

static void quality_makes_size(void **state)
{
    const lmp_stream stream = movie(LMP_UINT8, 1, 64, 64, 1);
    uint8_t *pixels = make_pixels(&stream.format);
    size_t sizes[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        const lmp_write_options options = {.quality = i == 0 ? 10 : i == 1 ? 0 : 100, .overwrite = 1};
        write_well(&lmp_io_jpeg, io_path("a.jpg"), &stream, &options, pixels);
        free(io_get(io_path("a.jpg"), &sizes[i]));
    }
    assert_true(sizes[0] < sizes[1] && sizes[1] < sizes[2]);
    free(pixels);
}

static void names_files(void **state)
{
    static const struct {
        const char *path, *first, *last;
        int64_t n;
    } cases[] = {{"a.png", "a.png", "a.png", 1},
                 {"a.png", "a_00000.png", "a_00002.png", 3},
                 {"a", "a_00000", "a_00001", 2},
                 {"x%dy.png", "x0y.png", "x1y.png", 2},
                 {"x%3d.png", "x000.png", "x001.png", 2},
                 {"%05d.png", "00000.png", "00000.png", 1},
                 {"a.b_%02d.png", "a.b_00.png", "a.b_01.png", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lmp_stream stream = movie(LMP_UINT8, cases[i].n, 2, 3, 1);
        uint8_t *pixels = make_pixels(&stream.format);
        io_fresh(state);
        write_well(&lmp_io_png, io_path(cases[i].path), &stream, NULL, pixels);
        assert_true(io_exists(cases[i].first) && io_exists(cases[i].last));
        assert_int_equal(io_empty(), cases[i].n);
        free(pixels);
    }
    const lmp_stream stream = movie(LMP_UINT8, 2, 2, 3, 1);
    static const char *const bad[] = {"a%s.png",  "a%d%d.png", "a%.png",  "a%099d.png",
                                      "a%0d.png", "a%-5d.png", "100%.png"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_failure(&lmp_io_png, io_path(bad[i]), &stream, NULL, LMP_ERR_USAGE, "%05d");
    assert_int_equal(io_empty(), 0);
}

static void refuses_other_movies(void **state)
{
    const lmp_write_options odd = {.quality = 300};
    lmp_stream stream = movie(LMP_FLOAT32, 2, 2, 3, 1);
    (void)state;
    expect_failure(&lmp_io_png, io_path("a.png"), &stream, NULL, LMP_ERR_USAGE, "`convert type=uint16`");
    expect_failure(&lmp_io_jpeg, io_path("a.jpg"), &stream, NULL, LMP_ERR_USAGE, "`convert type=uint8`");
    stream = movie(LMP_UINT16, 2, 2, 3, 1);
    expect_failure(&lmp_io_jpeg, io_path("a.jpg"), &stream, NULL, LMP_ERR_USAGE, "`convert type=uint8`");
    stream = movie(LMP_UINT8, 2, 2, 3, 1);
    expect_failure(&lmp_io_jpeg, io_path("a.jpg"), &stream, &odd, LMP_ERR_USAGE, "300");
    stream = movie(LMP_UINT8, 1, 1, 70000, 1);
    expect_failure(&lmp_io_jpeg, io_path("a.jpg"), &stream, NULL, LMP_ERR_USAGE, "65500");
    stream = movie(LMP_UINT8, 2, 2, 3, 1);
    stream.format.kind = LMP_SIGNALS;
    expect_failure(&lmp_io_png, io_path("a.png"), &stream, NULL, LMP_ERR_USAGE, "signals");
    assert_int_equal(io_empty(), 0);
}

static void replaces_only_if_asked(void **state)
{
    const lmp_write_options over = {.overwrite = 1};
    const lmp_stream stream = movie(LMP_UINT8, 3, 2, 3, 1);
    uint8_t *pixels = make_pixels(&stream.format);
    (void)state;
    io_put_text("a_00001.png", "mine");
    expect_failure(&lmp_io_png, io_path("a.png"), &stream, NULL, LMP_ERR_USAGE, "a_00001.png exists");
    write_well(&lmp_io_png, io_path("a.png"), &stream, &over, pixels);
    assert_int_equal(io_empty(), 3);
    /* A file that would seem to be the next frame is in the way even then. */
    io_put_text("a_00003.png", "mine");
    expect_failure(&lmp_io_png, io_path("a.png"), &stream, &over, LMP_ERR_USAGE, "seem to be frame 3");
    assert_int_equal(io_empty(), 1);
    free(pixels);
}

/* Whatever write fails, and without finish(), nothing is left. */
static void leaves_nothing_behind(void **state)
{
    const lmp_stream stream = movie(LMP_UINT8, 3, 20, 30, 1);
    uint8_t *pixels = make_pixels(&stream.format);
    lmp_error err = {0};
    int failures = 0;
    for (int64_t nth = 1; nth < 200; nth++) {
        const lmp_io *io = nth % 2 == 0 ? &lmp_io_png : &lmp_io_jpeg;
        io_fresh(state);
        os_fault_inject(0, (nth + 1) / 2);
        const lmp_status status = write_movie(io, io_path("a.img"), &stream, NULL, pixels, false, &err);
        os_fault_inject(0, 0);
        if (status == LMP_OK) continue;
        failures++;
        assert_int_equal(status, LMP_ERR_IO);
        assert_int_equal(io_empty(), 0);
    }
    assert_true(failures > 8);
    io_fresh(state);
    assert_int_equal(write_movie(&lmp_io_png, io_path("a.png"), &stream, NULL, pixels, true, &err), LMP_OK);
    assert_int_equal(io_empty(), 0);
    free(pixels);
}

/* A file that appears meanwhile is not replaced, and the frames before it go again. */
static void gives_way_to_newcomers(void **state)
{
    const lmp_stream stream = movie(LMP_UINT8, 3, 2, 3, 1);
    const lmp_write_options none = {0};
    uint8_t *pixels = make_pixels(&stream.format);
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    (void)state;
    assert_int_equal(budget_new(1 << 26, &budget, NULL), LMP_OK);
    assert_int_equal(lmp_io_png.create(io_path("a.png"), &stream, &none, false, &writer, &err), LMP_OK);
    const lmp_frames frames = {
        .count = 3, .rows = 2, .width = 3, .n_colours = 1, .type = LMP_UINT8, .data = pixels, .stride = 6};
    assert_int_equal(writer.write_frames(writer.state, &frames, budget, &err), LMP_OK);
    assert_false(io_exists("a_00000.png"));
    io_put_text("a_00002.png", "mine");
    assert_int_equal(writer.finish(writer.state, &err), LMP_ERR_USAGE);
    writer.close(writer.state);
    size_t size = 0;
    char *mine = io_get(io_path("a_00002.png"), &size);
    assert_string_equal(mine, "mine");
    assert_int_equal(io_empty(), 1);
    free(mine);
    budget_free(budget);
    free(pixels);
}

/* ---- BMP -------------------------------------------------------------------------------------------------- */

static void put_number(uint8_t *at, int64_t value, int width)
{
    for (int i = 0; i < width; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* A file with a BITMAPINFOHEADER: `extra` (palette or masks), then `data`. */
static void put_bmp(const char *name, int64_t width, int64_t height, int depth, int compression, const void *extra,
                    size_t extra_bytes, const void *data, size_t data_bytes)
{
    uint8_t file[2048] = "BM";
    assert_true(54 + extra_bytes + data_bytes <= sizeof file);
    put_number(file + 10, 54 + (int64_t)extra_bytes, 4);
    put_number(file + 14, 40, 4);
    put_number(file + 18, width, 4);
    put_number(file + 22, height, 4);
    put_number(file + 26, 1, 2);
    put_number(file + 28, depth, 2);
    put_number(file + 30, compression, 4);
    if (depth <= 8) put_number(file + 46, (int64_t)extra_bytes / 4, 4);
    if (extra_bytes > 0) memcpy(file + 54, extra, extra_bytes);
    if (data_bytes > 0) memcpy(file + 54 + extra_bytes, data, data_bytes);
    io_put(name, file, 54 + extra_bytes + data_bytes);
}

static void check_bmp(int64_t height, int64_t width, int64_t colours, const void *pixels)
{
    const lmp_stream stream = movie(LMP_UINT8, 1, height, width, colours);
    check_file(&lmp_io_bmp, io_path("t.bmp"), &stream.format, pixels, 0);
}

static const uint8_t four_greys[16] = {0, 0, 0, 0, 80, 80, 80, 0, 160, 160, 160, 0, 240, 240, 240, 0};
static const uint8_t four_colours[16] = {1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 10, 11, 12, 0};

static void bmp_palettes(void **state)
{
    static const uint8_t bits[8] = {0x40, 0, 0, 0, 0xA0, 0, 0, 0};
    static const uint8_t nibbles[8] = {0x12, 0x30, 0, 0, 0x01, 0x20, 0, 0};
    static const uint8_t bytes[8] = {1, 2, 3, 0, 0, 1, 2, 0};
    (void)state;
    put_bmp("t.bmp", 3, 2, 1, 0, four_greys, 8, bits, 8);
    check_bmp(2, 3, 1, (const uint8_t[]){80, 0, 80, 0, 80, 0}); /* rows from the bottom */
    put_bmp("t.bmp", 3, -2, 4, 0, four_greys, 16, nibbles, 8);
    check_bmp(2, 3, 1, (const uint8_t[]){80, 160, 240, 0, 80, 160});
    put_bmp("t.bmp", 3, 2, 8, 0, four_colours, 16, bytes, 8);
    check_bmp(2, 3, 3, (const uint8_t[]){3, 2, 1, 6, 5, 4, 9, 8, 7, 6, 5, 4, 9, 8, 7, 12, 11, 10});
}

static void bmp_colours(void **state)
{
    static const uint8_t three[8] = {1, 2, 3, 4, 5, 6, 0, 0};
    static const uint8_t five[4] = {0xFF, 0x7F, 0x10, 0x04}; /* white; 00001 00000 10000 */
    static const uint8_t six[4] = {0xE0, 0x07, 0x01, 0x08};  /* green 63; red 1, blue 1 */
    static const uint8_t four[8] = {1, 2, 3, 99, 4, 5, 6, 99};
    static const uint8_t ten[4] = {0xFF, 0x03, 0xF0, 0x3F}; /* 10 bits each: red 1023, green 0, blue 1023 */
    static const uint32_t masks_6[3] = {0xF800, 0x07E0, 0x001F}, masks_10[3] = {0x3FF, 0xFFC00, 0x3FF00000};
    (void)state;
    put_bmp("t.bmp", 2, 1, 24, 0, NULL, 0, three, 8);
    check_bmp(1, 2, 3, (const uint8_t[]){3, 2, 1, 6, 5, 4});
    put_bmp("t.bmp", 2, 1, 16, 0, NULL, 0, five, 4);
    check_bmp(1, 2, 3, (const uint8_t[]){255, 255, 255, 8, 0, 132}); /* 255 / 31 = 8.2, 16 * 255 / 31 = 131.6 */
    put_bmp("t.bmp", 2, 1, 16, 3, masks_6, 12, six, 4);
    check_bmp(1, 2, 3, (const uint8_t[]){0, 255, 0, 8, 0, 8});
    put_bmp("t.bmp", 2, 1, 32, 0, NULL, 0, four, 8);
    check_bmp(1, 2, 3, (const uint8_t[]){3, 2, 1, 6, 5, 4});
    put_bmp("t.bmp", 1, 1, 32, 3, masks_10, 12, ten, 4);
    check_bmp(1, 1, 3, (const uint8_t[]){255, 0, 255});
}

static void bmp_run_lengths(void **state)
{
    /* 3 of 1, 2; end of row; as they are 3 2 1 0, 1 (padded); end of image. */
    static const uint8_t bytes[] = {3, 1, 1, 2, 1, 0, 0, 0, 0, 5, 3, 2, 1, 0, 1, 0, 0, 1};
    /* Skip 2 to the right and 1 up, then 2 of 3. */
    static const uint8_t skips[] = {1, 1, 0, 2, 2, 1, 2, 3, 0, 1};
    /* 5 of 1 2 1 2 1; end of row; as they are 3 2 1 0 1. */
    static const uint8_t nibbles[] = {5, 0x12, 0, 0, 0, 5, 0x32, 0x10, 0x10, 0, 0, 1};
    (void)state;
    put_bmp("t.bmp", 5, 2, 8, 1, four_greys, 16, bytes, sizeof bytes);
    check_bmp(2, 5, 1, (const uint8_t[]){240, 160, 80, 0, 80, 80, 80, 80, 160, 0});
    put_bmp("t.bmp", 5, 2, 8, 1, four_greys, 16, skips, sizeof skips);
    check_bmp(2, 5, 1, (const uint8_t[]){0, 0, 0, 240, 240, 80, 0, 0, 0, 0});
    put_bmp("t.bmp", 5, 2, 4, 2, four_greys, 16, nibbles, sizeof nibbles);
    check_bmp(2, 5, 1, (const uint8_t[]){240, 160, 80, 0, 80, 80, 160, 80, 160, 80});
}

/* Opens well, but cannot be decoded unless salvaged. */
static void check_broken(const lmp_io *io, const char *path, const char *word)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    for (int64_t salvage = 0; salvage < 2; salvage++) {
        lmp_source source;
        lmp_error err = {0};
        options.salvage = salvage;
        io_open(io, path, &options, &source);
        uint8_t *pixels = malloc(frame_bytes(&source.stream.format));
        const lmp_status status = read_frame(&source, pixels, 0, &err);
        if (salvage != 0 ? status != LMP_OK : status != LMP_ERR_INPUT || strstr(err.text, word) == NULL)
            fail_msg("salvage %d: status %d, '%s'", (int)salvage, status, err.text);
        free(pixels);
        io_close(&source);
    }
}

static void bmp_damage(void **state)
{
    static const uint8_t overrun[] = {9, 1, 0, 1}, unended[] = {2, 1}, beyond[8] = {1, 7, 3, 0, 0, 1, 2, 0};
    static const uint32_t scattered[3] = {0x5, 0x7E0, 0xF800};
    (void)state;
    put_bmp("t.bmp", 5, 2, 8, 1, four_greys, 16, overrun, sizeof overrun);
    check_broken(&lmp_io_bmp, io_path("t.bmp"), "run lengths");
    put_bmp("t.bmp", 5, 2, 8, 1, four_greys, 16, unended, sizeof unended);
    check_broken(&lmp_io_bmp, io_path("t.bmp"), "run lengths");
    put_bmp("t.bmp", 3, 2, 8, 0, four_greys, 16, beyond, 8);
    check_broken(&lmp_io_bmp, io_path("t.bmp"), "palette");
    put_bmp("t.bmp", 3, 20, 8, 0, four_greys, 16, beyond, 8);
    io_refuse(&lmp_io_bmp, io_path("t.bmp"), NULL, LMP_ERR_INPUT, "cut short");
    put_bmp("t.bmp", 2, 1, 16, 3, scattered, 12, beyond, 4);
    io_refuse(&lmp_io_bmp, io_path("t.bmp"), NULL, LMP_ERR_INPUT, "scattered");
    put_bmp("t.bmp", 2, 1, 24, 4, NULL, 0, beyond, 8);
    io_refuse(&lmp_io_bmp, io_path("t.bmp"), NULL, LMP_ERR_INPUT, "coding (4)");
    put_bmp("t.bmp", 0x7FFFFFFF, 0x7FFFFFFF, 32, 0, NULL, 0, beyond, 8);
    io_refuse(&lmp_io_bmp, io_path("t.bmp"), NULL, LMP_ERR_INPUT, "cut short");
    put_bmp("t.bmp", 0x7FFFFFFF, 0x7FFFFFFF, 8, 1, four_greys, 16, beyond, 8);
    io_refuse(&lmp_io_bmp, io_path("t.bmp"), NULL, LMP_ERR_INPUT, "more than a file");
}

/* ---- Damage ----------------------------------------------------------------------------------------------- */

/* Opens and reads whatever is there: anything but a crash, and a sentence where it fails. */
static bool try_file(const lmp_io *io, const char *path, int64_t salvage)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_source source = {0};
    lmp_error err = {0};
    options.salvage = salvage;
    if (io->open(path, &options, &source, &err) != LMP_OK) {
        assert_true(err.text[0] != '\0' && source.stream.own == NULL);
        return false;
    }
    const size_t bytes = frame_bytes(&source.stream.format);
    assert_true(bytes > 0 && bytes < 1 << 24);
    void *pixels = malloc(bytes);
    const lmp_status status = read_frame(&source, pixels, 0, &err);
    assert_true(status == LMP_OK || err.text[0] != '\0');
    free(pixels);
    io_close(&source);
    return status == LMP_OK;
}

/* Every length of every kind of file, and every byte of its first 200 changed. */
static void damage_is_told(void **state)
{
    static const uint8_t bytes[] = {3, 1, 1, 2, 1, 0, 0, 0, 0, 5, 3, 2, 1, 0, 1, 0, 0, 1};
    const lmp_io *const formats[] = {&lmp_io_png, &lmp_io_jpeg, &lmp_io_bmp};
    const lmp_stream stream = movie(LMP_UINT8, 1, 9, 11, 3);
    uint8_t *pixels = make_pixels(&stream.format);
    (void)state;
    write_well(&lmp_io_png, io_path("0"), &stream, NULL, pixels);
    write_well(&lmp_io_jpeg, io_path("1"), &stream, NULL, pixels);
    put_bmp("2", 5, 2, 8, 1, four_greys, 16, bytes, sizeof bytes);
    for (int i = 0; i < 3; i++) {
        const char name[2] = {(char)('0' + i), 0};
        size_t size = 0;
        char *whole = io_get(io_path(name), &size);
        for (size_t n = 0; n < size; n++) {
            io_put("cut", whole, n);
            /* Of PNG, only what stands behind the last pixels may be missing: their checksum and the end mark. */
            assert_true(!try_file(formats[i], io_path("cut"), 0) || (i == 0 && n >= size - 16));
            (void)try_file(formats[i], io_path("cut"), 1);
        }
        for (size_t n = 0; n < size && n < 200; n++) {
            whole[n] ^= (char)0x81;
            io_put("changed", whole, size);
            (void)try_file(formats[i], io_path("changed"), n % 2);
            whole[n] ^= (char)0x81;
        }
        free(whole);
    }
    free(pixels);
}

static void bombs_are_refused(void **state)
{
    static const uint8_t png[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x80\0\0\0\x80\0\x10\x02\0\0\0";
    static const uint8_t jpeg[] =
        "\xFF\xD8\xFF\xC0\0\x11\x08\xFF\xDC\xFF\xDC\x03\x01\x11\0\x02\x11\0\x03\x11\0\xFF\xDA\0\x02\x03";
    (void)state;
    io_put("a.png", png, sizeof png);
    io_refuse(&lmp_io_png, io_path("a.png"), NULL, LMP_ERR_INPUT, "32768 x 32768");
    io_put("a.jpg", jpeg, sizeof jpeg);
    io_refuse(&lmp_io_jpeg, io_path("a.jpg"), NULL, LMP_ERR_INPUT, "65500 x 65500");
    io_put_text("a.png", "GIF89a");
    io_refuse(&lmp_io_png, io_path("a.png"), NULL, LMP_ERR_INPUT, "does not begin like");
    io_refuse(&lmp_io_jpeg, io_path("a.png"), NULL, LMP_ERR_INPUT, "does not begin like");
    io_refuse(&lmp_io_jpeg, io_path("absent"), NULL, LMP_ERR_IO, "absent");
}

/* A file that changes, shrinks or goes between open and read is told. */
static void notices_changes(void **state)
{
    const lmp_io *const formats[] = {&lmp_io_png, &lmp_io_jpeg};
    const lmp_stream stream = movie(LMP_UINT8, 1, 9, 11, 3), other = movie(LMP_UINT8, 1, 11, 9, 3);
    const lmp_write_options over = {.overwrite = 1};
    uint8_t *pixels = make_pixels(&stream.format), read[9 * 11 * 3];
    (void)state;
    for (int i = 0; i < 2; i++) {
        lmp_source source;
        lmp_error err = {0};
        write_well(formats[i], io_path("a"), &stream, &over, pixels);
        io_open(formats[i], io_path("a"), NULL, &source);
        for (int64_t nth = 1; nth < 4; nth++) (void)read_frame(&source, read, nth, &err);
        write_well(formats[i], io_path("a"), &other, &over, pixels);
        assert_int_equal(read_frame(&source, read, 0, &err), LMP_ERR_INPUT);
        assert_non_null(strstr(err.text, "changed"));
        io_put_text("a", "");
        assert_int_equal(read_frame(&source, read, 0, &err), LMP_ERR_INPUT);
        assert_int_equal(io_empty(), 1);
        assert_int_equal(read_frame(&source, read, 0, &err), LMP_ERR_IO);
        io_close(&source);
    }
    free(pixels);
}

/* Without memory: a sentence, and nothing lost. */
static void needs_memory(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    const lmp_io *const formats[] = {&lmp_io_png, &lmp_io_jpeg};
    const lmp_stream stream = movie(LMP_UINT8, 1, 90, 110, 3);
    uint8_t *pixels = make_pixels(&stream.format);
    (void)state;
    options.size_ratio = 0.7;
    for (int i = 0; i < 2; i++) {
        lmp_source source;
        lmp_error err = {0};
        int failures = 0;
        write_well(formats[i], io_path("a"), &stream, &(lmp_write_options){.overwrite = 1}, pixels);
        io_open(formats[i], io_path("a"), &options, &source);
        for (int64_t nth = 1; nth < 8; nth++) {
            const lmp_status status = read_frame(&source, pixels, nth, &err);
            assert_true(status == LMP_OK || status == LMP_ERR_MEMORY);
            failures += status != LMP_OK;
        }
        assert_true(failures >= 2 && failures < 7);
        io_close(&source);
    }
    free(pixels);
}

/* The extension decides only where the first bytes say nothing. */
static void detects(void **state)
{
    static const uint8_t png[8] = "\x89PNG\r\n\x1A\n", jpeg[4] = "\xFF\xD8\xFF\xE0", text[8] = "BMX text";
    (void)state;
    assert_true(lmp_io_png.detect(png, 8, "a.jpg") > lmp_io_jpeg.detect(png, 8, "a.jpg"));
    assert_true(lmp_io_jpeg.detect(jpeg, 4, "a.png") > lmp_io_png.detect(jpeg, 4, "a.png"));
    assert_int_equal(lmp_io_bmp.detect(text, 8, "a.txt"), 0);
    assert_int_equal(lmp_io_jpeg.detect(text, 8, "jpg"), 0);
    assert_true(lmp_io_jpeg.detect(text, 8, "a.JPEG") > 0);
    assert_int_equal(lmp_io_jpeg.detect(text, 8, "a.jp"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(png_keeps_every_bit, io_fresh),
        cmocka_unit_test_setup(jpeg_is_near, io_fresh),
        cmocka_unit_test_setup(quality_makes_size, io_fresh),
        cmocka_unit_test_setup(names_files, io_fresh),
        cmocka_unit_test_setup(refuses_other_movies, io_fresh),
        cmocka_unit_test_setup(replaces_only_if_asked, io_fresh),
        cmocka_unit_test_setup(leaves_nothing_behind, io_fresh),
        cmocka_unit_test_setup(gives_way_to_newcomers, io_fresh),
        cmocka_unit_test_setup(bmp_palettes, io_fresh),
        cmocka_unit_test_setup(bmp_colours, io_fresh),
        cmocka_unit_test_setup(bmp_run_lengths, io_fresh),
        cmocka_unit_test_setup(bmp_damage, io_fresh),
        cmocka_unit_test_setup(damage_is_told, io_fresh),
        cmocka_unit_test_setup(bombs_are_refused, io_fresh),
        cmocka_unit_test_setup(notices_changes, io_fresh),
        cmocka_unit_test_setup(needs_memory, io_fresh),
        cmocka_unit_test_setup(detects, io_fresh),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
