/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_mraw.c: movies of Photron's cameras.
 */
#include "io/mraw.h"

#include "frames_support.h"

static const lmp_open_options plain = LMP_OPTIONS(lmp_open_options);

/* A .cih of these facts; `more` are lines behind them. */
static void put_cih(const char *name, int width, int height, int n_frames, int bits, const char *more)
{
    char text[800];
    snprintf(
        text, sizeof text,
        "#Camera Information Header\r\nDate : 2026/1/2\r\nCamera Type : FASTCAM caf\xE9\r\nRecord Rate(fps) : 5000\r\n"
        "Total Frame : %d\r\nImage Width : %d\r\nImage Height : %d\r\nColor Bit : %d\r\nFile Format : MRaw\r\n%s"
        "\r\n#Versions:\r\nTotal Frame : 999\r\n",
        n_frames, width, height, bits, more);
    io_put_text(name, text);
}

static const char mono[] =
    "Color Type : Mono\r\nEffectiveBit Depth : 12\r\nEffectiveBit Side : Lower\r\nStart Frame : Unknown\r\n";

/* Packs 16-bit values as a stream of `bits`, high bits first; gives its bytes. */
static size_t pack(const uint16_t *values, size_t n, int bits, uint8_t *bytes)
{
    memset(bytes, 0, (n * (size_t)bits + 7) / 8);
    for (size_t i = 0; i < n * (size_t)bits; i++)
        if ((values[i / (size_t)bits] >> ((size_t)bits - 1 - i % (size_t)bits) & 1) != 0)
            bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
    return (n * (size_t)bits + 7) / 8;
}

enum { FRAMES = 5, ROWS = 3, COLUMNS = 7, PIXELS = FRAMES * ROWS * COLUMNS }; /* an odd number of pixels */

/* 10 and 12 bits in all alignments of frames and rows, 8 and 16 as they are. */
static void reads_all_depths(void **state)
{
    static const int depths[] = {8, 10, 12, 16};
    (void)state;
    for (int i = 0; i < 4; i++) {
        uint16_t values[PIXELS];
        uint8_t bytes[PIXELS * 2], singles[PIXELS];
        lmp_source source;
        size_t n = 0;
        for (int k = 0; k < PIXELS; k++) values[k] = (uint16_t)(k * 40503u % (1u << depths[i]));
        for (int k = 0; k < PIXELS; k++) singles[k] = (uint8_t)values[k];
        if (depths[i] == 16)
            for (int k = 0; k < PIXELS; k++) {
                bytes[n++] = (uint8_t)values[k];
                bytes[n++] = (uint8_t)(values[k] >> 8);
            }
        else
            n = pack(values, PIXELS, depths[i], bytes);
        io_put("m.mraw", bytes, n);
        put_cih("m.cih", COLUMNS, ROWS, FRAMES, depths[i], mono);
        io_open(&lmp_io_mraw, io_path(i % 2 == 0 ? "m.cih" : "m.mraw"), &plain, &source);
        const lmp_format *format = &source.stream.format;
        assert_int_equal(format->type, depths[i] == 8 ? LMP_UINT8 : LMP_UINT16);
        assert_true(format->n_times == FRAMES && format->height == ROWS && format->width == COLUMNS);
        assert_true(format->n_colours == 1 && format->rate_hz == 5000);
        assert_null(source.warnings);
        assert_true((source.view != NULL) == (i == 0 || i == 3));
        assert_string_equal(source.data_path(source.state), io_path("m.mraw"));
        assert_string_equal(json_string_value(json_object_get(source.facts, "camera")), "FASTCAM caf\xC3\xA9");
        assert_int_equal(json_integer_value(json_object_get(source.facts, "effective_bits")), 12);
        frames_check_all_ways(&source, i == 0 ? (const void *)singles : values);
        io_close(&source);
        (void)io_empty();
    }
}

/* Bigger than a view, so that pieces of the stream begin everywhere. */
static void reads_large_packed_frames(void **state)
{
    enum { WIDTH = 1001, HEIGHT = 1203, N = 2 };
    uint16_t *values = malloc(sizeof *values * N * HEIGHT * WIDTH);
    uint8_t *bytes = malloc(2 * N * HEIGHT * WIDTH);
    (void)state;
    for (int k = 0; k < N * HEIGHT * WIDTH; k++) values[k] = (uint16_t)((unsigned)k * 2654435761u >> 20);
    for (int bits = 12; bits >= 10; bits -= 2) {
        lmp_source source;
        for (int k = 0; k < N * HEIGHT * WIDTH; k++) values[k] &= (uint16_t)((1 << bits) - 1);
        io_put("l.mraw", bytes, pack(values, N * HEIGHT * WIDTH, bits, bytes));
        put_cih("l.cih", WIDTH, HEIGHT, N, bits, mono);
        io_open(&lmp_io_mraw, io_path("l.cih"), &plain, &source);
        frames_check_all_ways(&source, values);
        io_close(&source);
        (void)io_empty();
    }
    free(bytes);
    free(values);
}

static const char cihx[] =
    "!!! This file can not be edited. !!!%c\x81\xff CIHX<?xml version=\"1.0\"?>\n<cih>\n <!-- <x> -->\n"
    " <imageDataInfo>\n  <resolution><width>4</width><height> 2 </height></resolution>\n"
    "  <colorInfo><type>Mono</type><bit>16</bit></colorInfo>\n"
    "  <effectiveBit><depth>12</depth><side>Higher</side></effectiveBit>\n </imageDataInfo>\n"
    " <deviceInfo><resolution><width>99</width></resolution><empty/></deviceInfo>\n"
    " <frameInfo><totalFrame>3</totalFrame><startFrame>7</startFrame><skipFrame>20</skipFrame></frameInfo>\n"
    " <recordInfo><recordRate>50000</recordRate></recordInfo>\n</cih>%cgarbage";

static void reads_cihx(void **state)
{
    uint8_t bytes[48];
    char text[1200];
    lmp_source source;
    (void)state;
    for (int i = 0; i < 48; i++) bytes[i] = (uint8_t)(i * 16);
    const int n = snprintf(text, sizeof text, cihx, 0, 0);
    io_put("a.CIHX", text, (size_t)n);
    io_put("a.Mraw", bytes, sizeof bytes);
    io_open(&lmp_io_mraw, io_path("a.CIHX"), &plain, &source);
    const lmp_format *format = &source.stream.format;
    assert_true(format->n_times == 3 && format->height == 2 && format->width == 4 && format->rate_hz == 2500);
    assert_non_null(strstr(source.warnings, "one in 20 frames was saved: 2500 frames per second instead of the 50000"));
    assert_non_null(strstr(source.warnings, "upper 12 of 16 bits mean something: values are multiples of 16"));
    assert_int_equal(json_integer_value(json_object_get(source.facts, "start_frame")), 7);
    frames_check_all_ways(&source, bytes);
    io_close(&source);
    io_open(&lmp_io_mraw, io_path("a.Mraw"), &plain, &source);
    io_close(&source);
}

static void reads_colours(void **state)
{
    uint8_t bytes[36];
    lmp_source source;
    (void)state;
    for (int i = 0; i < 36; i++) bytes[i] = (uint8_t)i;
    io_put("c.mraw", bytes, sizeof bytes);
    put_cih("c.cih", 3, 2, 2, 24, "Color Type : Color\r\n");
    io_open(&lmp_io_mraw, io_path("c.cih"), &plain, &source);
    assert_int_equal(source.stream.format.n_colours, 3);
    frames_check_all_ways(&source, bytes);
    io_close(&source);
}

static void salvages(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    static const uint8_t bytes[40];
    lmp_source source;
    (void)state;
    io_put("s.mraw", bytes, 20);
    put_cih("s.cih", 4, 2, 3, 8, mono);
    io_refuse(&lmp_io_mraw, io_path("s.cih"), &options, LMP_ERR_INPUT, "2 of 3 frames are there");
    options.salvage = 1;
    io_open(&lmp_io_mraw, io_path("s.cih"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 2);
    io_close(&source);
    io_put("s.mraw", bytes, 7);
    io_refuse(&lmp_io_mraw, io_path("s.cih"), &options, LMP_ERR_INPUT, "0 of 3 frames");
    io_put("s.mraw", bytes, 40);
    io_open(&lmp_io_mraw, io_path("s.cih"), &plain, &source);
    assert_non_null(strstr(source.warnings, "16 bytes behind its frames"));
    io_close(&source);
}

static void refuses_in_one_sentence(void **state)
{
    static const uint8_t bytes[96];
    (void)state;
    put_cih("r.cih", 4, 2, 3, 8, mono);
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "needs the .mraw of the same name");
    io_put("lonely.mraw", bytes, 96);
    io_refuse(&lmp_io_mraw, io_path("lonely.mraw"), &plain, LMP_ERR_INPUT, "needs the .cih or .cihx");
    io_put("r.mraw", bytes, 96);
    put_cih("r.cih", 4, 2, 3, 14, mono);
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "14 bits for a pixel (Mono)");
    put_cih("r.cih", 4, 2, 3, 25, "Color Type : Color\r\n");
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "25 bits for a pixel (Color)");
    put_cih("r.cih", 0, 2, 3, 8, mono);
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "which cannot be");
    put_cih("r.cih", 1 << 30, 1 << 30, 3, 8, mono);
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "which cannot be");
    put_cih("r.cih", 4, 2, 3, 8, "File Format : Tiff\r\n");
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "saved as Tiff");
    io_put_text("r.cih", "#Camera Information Header\nImage Width : many\n");
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "Image Width is \"many\"");
    io_put_text("r.cih", "something else");
    io_refuse(&lmp_io_mraw, io_path("r.cih"), &plain, LMP_ERR_INPUT, "no camera information header");
    assert_int_equal(lmp_io_mraw.detect((const uint8_t *)"#Camera Information Header", 26, "x"), 100);
    assert_int_equal(lmp_io_mraw.detect((const uint8_t *)"xx", 2, "a.MRAW"), 40);
    assert_int_equal(lmp_io_mraw.detect((const uint8_t *)"xx", 2, "a.raw"), 0);
}

static void survives_mutation(void **state)
{
    static const uint8_t bytes[48];
    char text[1200], whole[1200];
    uint64_t random = 3;
    int n_opened = 0;
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    const size_t n = (size_t)snprintf(whole, sizeof whole, cihx, 0, 0);
    io_put("a.mraw", bytes, sizeof bytes);
    for (int i = 0; i < 3000; i++) {
        memcpy(text, whole, n);
        for (int k = 0; k < 1 + i % 3; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[(random >> 33) % n] = "0123456789<>/- "[(random >> 20) % 15];
        }
        options.salvage = i & 1;
        io_put("a.cihx", text, i % 7 == 0 ? (size_t)(random >> 40) % n : n);
        n_opened += frames_try(&lmp_io_mraw, io_path("a.cihx"), &options, false);
    }
    assert_true(n_opened > 100);
}

/* The 12-bit film of a ball: first pixels as three bytes hold them. */
static void reads_shared_movies(void **state)
{
    lmp_source source;
    size_t size;
    (void)state;
    io_open(&lmp_io_mraw, io_shared("pymraw/data/ball_12bit.cihx"), &plain, &source);
    const lmp_format *format = &source.stream.format;
    assert_true(format->n_times == 15 && format->height == 384 && format->width == 384 && format->rate_hz == 30000);
    uint16_t *frame = (uint16_t *)(void *)frames_read(&source, 14, 1);
    uint8_t *raw = (uint8_t *)io_get(io_shared("pymraw/data/ball_12bit.mraw"), &size);
    for (size_t i = 0; i < 384 * 384; i += 2) {
        const uint8_t *three = raw + (14 * 384 * 384 + i) / 2 * 3;
        assert_int_equal(frame[i], three[0] << 4 | three[1] >> 4);
        assert_int_equal(frame[i + 1], (three[1] & 15) << 8 | three[2]);
    }
    free(raw);
    free(frame);
    io_close(&source);
    io_open(&lmp_io_mraw, io_shared("pymraw/data/beam.mraw"), &plain, &source);
    assert_true(source.stream.format.n_times == 4 && source.stream.format.rate_hz == 20);
    io_close(&source);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_all_depths), TEST(reads_large_packed_frames), TEST(reads_cihx),        TEST(reads_colours),
        TEST(salvages),         TEST(refuses_in_one_sentence),   TEST(survives_mutation), TEST(reads_shared_movies),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
