/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_tiff_directory.c: TIFF directories made by hand: circles, lies, and what few writers write.
 */
#include "frames_support.h"
#include "io/tiff/tiff.h"
#include "io/tiff/tiff_ifd.h"

static void read_all(lmp_source *source, uint8_t *bytes)
{
    const lmp_format *format = &source->stream.format;
    uint8_t *got = frames_read(source, 0, format->n_times);
    memcpy(bytes, got, (size_t)format->n_times * frames_bytes(format));
    free(got);
}

/* ---- Directories by hand ---------------------------------------------------------------------------------- */

typedef struct entry {
    int tag, type;
    uint32_t count, value;
} entry;

static uint8_t image[1 << 14];
static size_t image_size;

static void put_number(size_t at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++) image[at + i] = (uint8_t)(value >> 8 * i);
}

/* A classic little-endian file: header, then 16 bytes of pixels 0 to 15 at 8. */
static void begin_image(uint32_t first_ifd)
{
    memset(image, 0, sizeof image);
    memcpy(image, "II*", 4);
    put_number(4, first_ifd, 4);
    for (int i = 0; i < 16; i++) image[8 + i] = (uint8_t)i;
    image_size = 24;
}

static void put_directory(size_t at, const entry *entries, size_t n, uint32_t next)
{
    put_number(at, n, 2);
    for (size_t i = 0; i < n; i++) {
        put_number(at + 2 + 12 * i, (uint64_t)entries[i].tag, 2);
        put_number(at + 4 + 12 * i, (uint64_t)entries[i].type, 2);
        put_number(at + 6 + 12 * i, entries[i].count, 4);
        put_number(at + 10 + 12 * i, entries[i].value, 4);
    }
    put_number(at + 2 + 12 * n, next, 4);
    if (at + 6 + 12 * n > image_size) image_size = at + 6 + 12 * n;
}

/* A page of 4 x 4 pixels of 8 bits at offset 8, after `change` (tag 0: none). */
static void put_page(size_t at, entry change, uint32_t next)
{
    entry entries[] = {{256, 3, 1, 4}, {257, 3, 1, 4}, {258, 3, 1, 8}, {259, 3, 1, 1},  {262, 3, 1, 1},
                       {273, 4, 1, 8}, {277, 3, 1, 1}, {278, 3, 1, 4}, {279, 4, 1, 16}, {305, 2, 0, 0}};
    const size_t n = sizeof entries / sizeof entries[0];
    bool is_there = false;
    for (size_t i = 0; i < n; i++)
        if (entries[i].tag == change.tag) {
            entries[i] = change;
            is_there = true;
        }
    if (!is_there && change.tag != 0) entries[n - 1] = change;
    put_directory(at, entries, n, next);
}

enum { PAGE = 6 + 12 * 10, FIRST = 32 };
static const entry same = {0, 0, 0, 0};

static void refuse_image(const char *word)
{
    io_put("a.tif", image, image_size);
    io_refuse(&lmp_io_tiff, io_path("a.tif"), NULL, LMP_ERR_INPUT, word);
}

/* With --salvage the first `n` pages remain. */
static void salvage_image(int64_t n)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_source source;
    uint8_t got[64];
    options.salvage = 1;
    io_put("a.tif", image, image_size);
    io_open(&lmp_io_tiff, io_path("a.tif"), &options, &source);
    assert_int_equal(source.stream.format.n_times, n);
    assert_non_null(source.warnings);
    assert_true(n <= 4);
    read_all(&source, got);
    assert_memory_equal(got, image + 8, 16);
    io_close(&source);
}

static void circles_are_found(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 9; n++) /* pages */
        for (uint32_t back = 0; back < n; back++) {
            begin_image(FIRST);
            for (uint32_t i = 0; i < n; i++)
                put_page(FIRST + PAGE * i, same, FIRST + PAGE * (i + 1 < n ? i + 1 : back));
            refuse_image("circle");
        }
}

static void overlapping_chains_end(void **state)
{
    (void)state;
    /* Directories every 4 bytes, each with entries enough to reach beyond the next. */
    begin_image(FIRST);
    for (size_t at = FIRST; at + 4 < sizeof image; at += 4) put_number(at, 0x00040004, 4);
    image_size = sizeof image;
    io_put("a.tif", image, image_size);
    lmp_source source = {0};
    lmp_error err = {0};
    assert_int_equal(
        lmp_io_tiff.open(io_path("a.tif"), &(lmp_open_options){.struct_size = sizeof(lmp_open_options)}, &source, &err),
        LMP_ERR_INPUT);
}

static void broken_chains(void **state)
{
    (void)state;
    begin_image(FIRST);
    put_page(FIRST, same, FIRST + PAGE);
    put_page(FIRST + PAGE, same, 4000000000u);
    refuse_image("page 3 is said to be at 4000000000");
    salvage_image(2);
    begin_image(FIRST);
    put_page(FIRST, same, FIRST + PAGE);
    put_page(FIRST + PAGE, (entry){256, 3, 1, 5}, 0);
    image_size += 100;
    refuse_image("page 2 has 5 x 4 pixels of uint8");
    salvage_image(1);
    begin_image(FIRST);
    put_page(FIRST, same, FIRST + PAGE);
    put_page(FIRST + PAGE, (entry){273, 4, 1, 0x7FFFFFFF}, 0);
    refuse_image("page 2 goes on behind the end");
    salvage_image(1);
    begin_image(FIRST);
    put_page(FIRST, same, FIRST + PAGE);
    put_number(FIRST + PAGE, 9999, 2);
    image_size = FIRST + PAGE + 2;
    refuse_image("9999 entries");
    salvage_image(1);
}

static void lies_are_refused(void **state)
{
    static const struct {
        entry change;
        const char *word;
    } cases[] = {
        {{256, 4, 1, 0}, "0 x 4 pixels"},
        {{257, 4, 1, 0xFFFFFFFF}, "4294967295 pixels"},
        {{256, 4, 1, 0x7FFFFFFF}, "2^31"},
        {{257, 4, 1, 0x7FFFFFF}, "fewer strips"},
        {{256, 4, 1, 60000}, "page 1 goes on behind the end"},
        {{258, 3, 1, 0}, "0 bits"},
        {{258, 3, 1, 65}, "65 bits"},
        {{258, 3, 1, 40}, "40 bits"},
        {{258, 3, 2, 0x00070008}, "different numbers of bits"},
        {{277, 3, 1, 0}, "0 numbers"},
        {{262, 3, 1, 2}, "fewer than three"},
        {{262, 3, 1, 777}, "not known"},
        {{259, 3, 1, 12345}, "compression 12345"},
        {{273, 4, 0, 8}, "where the pixels are"},
        {{273, 4, 1, 0xFFFFFFFF}, "cut short"},
        {{278, 4, 1, 1}, "fewer strips"},
        {{339, 3, 1, 5}, "complex"},
        {{339, 3, 1, 3}, "floating-point numbers of 8 bits"},
        {{254, 4, 1, 1}, "thumbnails"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_image(FIRST);
        put_page(FIRST, cases[i].change, 0);
        refuse_image(cases[i].word);
    }
    begin_image(FIRST); /* 16 bytes of LZW as 40000 x 40000 pixels in one strip */
    put_page(FIRST, (entry){259, 3, 1, 5}, 0);
    static const size_t sizes[] = {0, 1, 7}; /* width, height, rows per strip */
    for (int i = 0; i < 3; i++) put_number(FIRST + 2 + 12 * sizes[i] + 8, 40000, 4);
    refuse_image("more than its bytes can hold");
    begin_image(7000);
    refuse_image("outside");
    io_put("a.tif", "II*\0\10\0\0\0\0\0", 10);
    io_refuse(&lmp_io_tiff, io_path("a.tif"), NULL, LMP_ERR_INPUT, "0 entries");
    io_put("a.tif", "II+\0\4\0\0\0\20\0\0\0\0\0\0\0\0\0", 18);
    io_refuse(&lmp_io_tiff, io_path("a.tif"), NULL, LMP_ERR_INPUT, "offsets of 4 bytes");
    io_put("a.tif", "nothing of the kind", 19);
    io_refuse(&lmp_io_tiff, io_path("a.tif"), NULL, LMP_ERR_INPUT, "no TIFF file");
    io_refuse(&lmp_io_tiff, io_path("none.tif"), NULL, LMP_ERR_IO, "none.tif");
}

static void reads_by_hand(void **state)
{
    lmp_source source;
    uint8_t got[64];
    (void)state;
    /* Bits of other widths keep their values; 0 as white is inverted. */
    begin_image(FIRST);
    put_page(FIRST, (entry){258, 3, 1, 4}, 0);
    io_put("a.tif", image, image_size);
    io_open(&lmp_io_tiff, io_path("a.tif"), NULL, &source);
    read_all(&source, got);
    static const uint8_t nibbles[8] = {0, 0, 0, 1, 0, 2, 0, 3};
    assert_memory_equal(got, nibbles, 8);
    io_close(&source);
    begin_image(FIRST);
    put_page(FIRST, (entry){262, 3, 1, 0}, 0);
    io_put("a.tif", image, image_size);
    io_open(&lmp_io_tiff, io_path("a.tif"), NULL, &source);
    read_all(&source, got);
    for (int i = 0; i < 16; i++) assert_int_equal(got[i], 255 - i);
    assert_non_null(strstr(source.warnings, "inverted"));
    io_close(&source);
    /* Orientation 3: turned by half a circle. */
    begin_image(FIRST);
    put_page(FIRST, (entry){274, 3, 1, 3}, 0);
    io_put("a.tif", image, image_size);
    io_open(&lmp_io_tiff, io_path("a.tif"), NULL, &source);
    read_all(&source, got);
    for (int i = 0; i < 16; i++) assert_int_equal(got[i], 15 - i);
    assert_null(source.view);
    io_close(&source);
}

/* One directory, three planes one behind the other. */
static void reads_metamorph(void **state)
{
    lmp_source source;
    uint8_t got[64];
    (void)state;
    begin_image(FIRST);
    put_page(FIRST, (entry){33629, 5, 3, 8}, 0);
    io_put("a.stk", image, image_size);
    io_open(&lmp_io_tiff, io_path("a.stk"), NULL, &source);
    assert_int_equal(source.stream.format.n_times, 3);
    read_all(&source, got);
    assert_memory_equal(got, image + 8, 48);
    frames_check_all_ways(&source, image + 8);
    io_close(&source);
    put_page(FIRST, (entry){33629, 5, 15, 8}, 0);
    refuse_image("15 images and has bytes for 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(circles_are_found, io_fresh), cmocka_unit_test_setup(overlapping_chains_end, io_fresh),
        cmocka_unit_test_setup(broken_chains, io_fresh),     cmocka_unit_test_setup(lies_are_refused, io_fresh),
        cmocka_unit_test_setup(reads_by_hand, io_fresh),     cmocka_unit_test_setup(reads_metamorph, io_fresh),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
