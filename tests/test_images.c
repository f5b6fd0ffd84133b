/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_images.c: PNG and JPEG images: what is written is read again, sequences appear whole or not at all, damage is
 * told. Pixels against other programs: oracle_images.py.
 */
#include "image_support.h"

extern const lmp_io lmp_io_jpeg, lmp_io_png, lmp_io_bmp;

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
    for (int64_t nth = 1; nth < 40; nth++) {
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

/* ---- Damage ----------------------------------------------------------------------------------------------- */

static void damage_is_told(void **state)
{
    const lmp_stream stream = movie(LMP_UINT8, 1, 9, 11, 3);
    uint8_t *pixels = make_pixels(&stream.format);
    (void)state;
    write_well(&lmp_io_png, io_path("a.png"), &stream, NULL, pixels);
    write_well(&lmp_io_jpeg, io_path("a.jpg"), &stream, NULL, pixels);
    damage_file(&lmp_io_png, "a.png", 16); /* the checksum of the last pixels, and the end mark */
    damage_file(&lmp_io_jpeg, "a.jpg", 0);
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
        cmocka_unit_test_setup(damage_is_told, io_fresh),
        cmocka_unit_test_setup(bombs_are_refused, io_fresh),
        cmocka_unit_test_setup(notices_changes, io_fresh),
        cmocka_unit_test_setup(needs_memory, io_fresh),
        cmocka_unit_test_setup(detects, io_fresh),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
