/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_bmp.c: BMP images, made by hand.
 */
#include "image_support.h"

extern const lmp_io lmp_io_bmp;

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

static void reads_palettes(void **state)
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

static void reads_colours(void **state)
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

static void reads_run_lengths(void **state)
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

static void refuses_damage(void **state)
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

static void damage_is_told(void **state)
{
    static const uint8_t runs[] = {3, 1, 1, 2, 1, 0, 0, 0, 0, 5, 3, 2, 1, 0, 1, 0, 0, 1};
    static const uint8_t plain[8] = {1, 2, 3, 4, 5, 6, 0, 0};
    (void)state;
    put_bmp("runs.bmp", 5, 2, 8, 1, four_greys, 16, runs, sizeof runs);
    damage_file(&lmp_io_bmp, "runs.bmp", 0);
    put_bmp("plain.bmp", 2, 1, 24, 0, NULL, 0, plain, 8);
    damage_file(&lmp_io_bmp, "plain.bmp", 2); /* padding of the last row */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_palettes, io_fresh),    cmocka_unit_test_setup(reads_colours, io_fresh),
        cmocka_unit_test_setup(reads_run_lengths, io_fresh), cmocka_unit_test_setup(refuses_damage, io_fresh),
        cmocka_unit_test_setup(damage_is_told, io_fresh),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
