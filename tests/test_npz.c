/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_npz.c: arrays in zip files.
 */
#include "io/array/npz.h"

#include "frames_support.h"

#include <zlib.h>

static const lmp_open_options plain = LMP_OPTIONS(lmp_open_options);

/* ---- A zip made by hand ----------------------------------------------------------------------------------- */

typedef struct zip {
    uint8_t bytes[1 << 17], directory[4096];
    size_t n, n_directory;
    int n_members;
    bool is_64; /* sizes and offsets in extra fields of 64 bits */
} zip;

static void put_16(uint8_t **at, unsigned value)
{
    *(*at)++ = (uint8_t)value;
    *(*at)++ = (uint8_t)(value >> 8);
}

static void put_32(uint8_t **at, uint64_t value)
{
    put_16(at, (unsigned)(value & 0xFFFF));
    put_16(at, (unsigned)(value >> 16 & 0xFFFF));
}

static void put_64(uint8_t **at, uint64_t value)
{
    put_32(at, value & 0xFFFFFFFF);
    put_32(at, value >> 32);
}

static size_t deflate_raw(const uint8_t *from, size_t n, uint8_t *to, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)from;
    z.avail_in = (uInt)n;
    z.next_out = to;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    const size_t made = room - z.avail_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
    return made;
}

/* Adds a member; `announced` is the size it claims to unpack to. */
static void add_member(zip *z, const char *name, const uint8_t *bytes, size_t n, int method, size_t announced)
{
    const size_t n_name = strlen(name), begin = z->n;
    const uint32_t crc = (uint32_t)crc32(0, bytes, (uInt)n);
    uint8_t *at = z->bytes + begin + 30 + n_name;
    size_t n_packed = n;
    assert_true(begin + 30 + n_name + n + 64 < sizeof z->bytes);
    if (method == 8)
        n_packed = deflate_raw(bytes, n, at, sizeof z->bytes - z->n - 100);
    else
        memcpy(at, bytes, n);
    z->n = begin + 30 + n_name + n_packed;
    at = z->bytes + begin;
    memcpy(at, "PK\3\4\24\0\0\0", 8);
    at += 8;
    put_16(&at, (unsigned)method);
    put_32(&at, 0);
    put_32(&at, crc);
    put_32(&at, n_packed);
    put_32(&at, announced);
    put_16(&at, (unsigned)n_name);
    put_16(&at, 0);
    memcpy(at, name, n_name);
    at = z->directory + z->n_directory;
    memcpy(at, "PK\1\2\24\0\24\0\0\0", 10);
    at += 10;
    put_16(&at, (unsigned)method);
    put_32(&at, 0);
    put_32(&at, crc);
    put_32(&at, z->is_64 ? UINT32_MAX : n_packed);
    put_32(&at, z->is_64 ? UINT32_MAX : announced);
    put_16(&at, (unsigned)n_name);
    put_16(&at, z->is_64 ? 28 : 0);
    put_16(&at, 0);
    put_16(&at, 0);
    put_16(&at, 0);
    put_32(&at, 0);
    put_32(&at, z->is_64 ? UINT32_MAX : begin);
    memcpy(at, name, n_name);
    at += n_name;
    if (z->is_64) {
        put_16(&at, 1);
        put_16(&at, 24);
        put_64(&at, announced);
        put_64(&at, n_packed);
        put_64(&at, begin);
    }
    z->n_directory = (size_t)(at - z->directory);
    z->n_members++;
}

static void put_zip(zip *z, const char *name, const char *comment)
{
    const size_t begin = z->n, size = z->n_directory;
    memcpy(z->bytes + z->n, z->directory, size);
    uint8_t *at = z->bytes + z->n + size;
    if (z->is_64) {
        const size_t record = (size_t)(at - z->bytes);
        memcpy(at, "PK\6\6", 4);
        memset(at + 4, 0, 20);
        at += 24;
        put_64(&at, (uint64_t)z->n_members);
        put_64(&at, (uint64_t)z->n_members);
        put_64(&at, size);
        put_64(&at, begin);
        memcpy(at, "PK\6\7\0\0\0\0", 8);
        at += 8;
        put_64(&at, record);
        put_32(&at, 1);
    }
    memcpy(at, "PK\5\6\0\0\0\0", 8);
    at += 8;
    put_16(&at, z->is_64 ? 0xFFFF : (unsigned)z->n_members);
    put_16(&at, z->is_64 ? 0xFFFF : (unsigned)z->n_members);
    put_32(&at, z->is_64 ? UINT32_MAX : size);
    put_32(&at, z->is_64 ? UINT32_MAX : begin);
    put_16(&at, (unsigned)strlen(comment));
    memcpy(at, comment, strlen(comment));
    io_put(name, z->bytes, (size_t)(at - z->bytes) + strlen(comment));
}

/* An .npy of this shape and type whose bytes count up; gives its length. The numbers start at 128. */
static size_t make_npy(uint8_t *npy, const char *code, const char *shape, size_t n_bytes)
{
    memset(npy, ' ', 128);
    memcpy(npy, "\x93NUMPY\1\0\166\0", 10);
    char text[118];
    const int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s}", code, shape);
    memcpy(npy + 10, text, (size_t)n);
    for (size_t i = 0; i < n_bytes; i++) npy[128 + i] = (uint8_t)(i / 7 * 31 + i % 5);
    return 128 + n_bytes;
}

static zip made;
static uint8_t array[1 << 16];

static void start_zip(bool is_64)
{
    memset(&made, 0, sizeof made);
    made.is_64 = is_64;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* Stored and deflated, 32 and 64 bits, with a comment that looks like an end. */
static void reads_members(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        const int method = variant % 2 == 0 ? 0 : 8;
        lmp_source source;
        start_zip(variant / 2 != 0);
        const size_t n = make_npy(array, "<u2", "(11, 20, 30)", 11 * 20 * 30 * 2);
        add_member(&made, "movie.npy", array, n, method, n);
        put_zip(&made, "m.npz", "made by hand");
        io_open(&lmp_io_npz, io_path("m.npz"), &plain, &source);
        const lmp_format *format = &source.stream.format;
        assert_true(format->kind == LMP_MOVIE && format->type == LMP_UINT16 && format->n_times == 11);
        assert_true((source.warnings != NULL) == (method == 8));
        if (method == 8) assert_non_null(strstr(source.warnings, "scratch file of"));
        assert_string_equal(source.data_path(source.state), io_path("m.npz"));
        /* Backwards first: what is in front is unpacked on the way. */
        uint8_t *last = frames_read(&source, 10, 1);
        assert_memory_equal(last, array + 128 + 10 * 1200, 1200);
        free(last);
        frames_check_all_ways(&source, array + 128);
        io_close(&source);
        assert_int_equal(io_empty(), 1);
    }
}

/* Local headers move the numbers of a stored member to any place: lent where they are aligned. */
static void lends_aligned_members(void **state)
{
    static const char *const names[] = {"abcde.npy", "abcdef.npy"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        lmp_source source;
        start_zip(false);
        const size_t n = make_npy(array, "<u2", "(3, 2, 2)", 24);
        add_member(&made, names[i], array, n, 0, n);
        put_zip(&made, "m.npz", "");
        io_open(&lmp_io_npz, io_path("m.npz"), &plain, &source);
        assert_true((source.view == NULL) == (i == 0));
        frames_check_all_ways(&source, array + 128);
        io_close(&source);
    }
}

static void chooses_a_member(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_source source;
    (void)state;
    start_zip(false);
    add_member(&made, "notes.txt", (const uint8_t *)"hello", 5, 0, 5);
    add_member(&made, "times.npy", array, make_npy(array, "<f8", "(400,)", 3200), 0, 128 + 3200);
    add_member(&made, "mask.npy", array, make_npy(array, "|u1", "(4, 5)", 20), 8, 128 + 20);
    add_member(&made, "names.npy", array, make_npy(array, "<U9", "(100, 9)", 3600), 0, 128 + 3600);
    add_member(&made, "movie.npy", array, make_npy(array, "|u1", "(6, 4, 5)", 120), 0, 128 + 120);
    put_zip(&made, "m.npz", "");
    io_open(&lmp_io_npz, io_path("m.npz"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 6);
    assert_non_null(
        strstr(source.warnings, "holds 4 arrays (times, mask, names, movie); the largest that fits is read: movie"));
    io_close(&source);
    options.dataset = "mask";
    io_open(&lmp_io_npz, io_path("m.npz"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 1);
    assert_int_equal(source.stream.format.width, 5);
    io_close(&source);
    options.dataset = "movie.npy";
    io_open(&lmp_io_npz, io_path("m.npz"), &options, &source);
    assert_null(source.warnings);
    io_close(&source);
    options.dataset = "mov";
    io_refuse(&lmp_io_npz, io_path("m.npz"), &options, LMP_ERR_USAGE, "there are: times, mask, names, movie");
    options.dataset = "times";
    io_refuse(&lmp_io_npz, io_path("m.npz"), &options, LMP_ERR_INPUT, "--rate");
    options.rate_hz = 10;
    io_open(&lmp_io_npz, io_path("m.npz"), &options, &source);
    assert_int_equal(source.stream.format.kind, LMP_SIGNALS);
    assert_int_equal(source.stream.format.n_times, 400);
    io_close(&source);
}

static void reads_signals(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    options.rate_hz = 100;
    for (int method = 0; method <= 8; method += 8) {
        lmp_source source;
        start_zip(false);
        const size_t n = make_npy(array, "<i2", "(3, 500)", 3000);
        add_member(&made, "eeg.npy", array, n, method, n);
        put_zip(&made, "s.npz", "");
        io_open(&lmp_io_npz, io_path("s.npz"), &options, &source);
        assert_int_equal(source.stream.format.n_channels, 3);
        double *values = io_read_all(&source);
        for (int i = 0; i < 1500; i++) {
            int16_t wanted;
            memcpy(&wanted, array + 128 + 2 * i, 2);
            assert_true(values[i] == wanted);
        }
        free(values);
        io_close(&source);
    }
}

/* ---- Damaged ---------------------------------------------------------------------------------------------- */

static void refuses_in_one_sentence(void **state)
{
    (void)state;
    const size_t n = make_npy(array, "|u1", "(2, 3, 4)", 24);
    start_zip(false);
    put_zip(&made, "z.npz", "");
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "no array of NumPy's");
    start_zip(false);
    add_member(&made, "a.npy", array, n, 12, n);
    put_zip(&made, "z.npz", "");
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "packed with method 12");
    start_zip(false);
    add_member(&made, "a.npy", array, n, 0, n + 1);
    put_zip(&made, "z.npz", "");
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "announces 153 bytes in 152");
    start_zip(false);
    add_member(&made, "a.npy", array, n, 8, (size_t)1 << 30);
    put_zip(&made, "z.npz", "");
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "announces 1073741824 bytes");
    start_zip(false);
    add_member(&made, "a.npy", array, n - 1, 0, n - 1);
    put_zip(&made, "z.npz", "");
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "cut short");
    start_zip(false);
    add_member(&made, "a.npy", array, n, 0, n);
    made.directory[8] = 1;
    put_zip(&made, "z.npz", "");
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "encrypted");
    io_put("z.npz", "PK\3\4 and no more than that", 27);
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "its directory is missing");
    io_put("z.npz", "PK", 2);
    io_refuse(&lmp_io_npz, io_path("z.npz"), &plain, LMP_ERR_INPUT, "ends too early");
}

/* A member that unpacks to something else than it announces fails where it is read, and never writes more. */
static void notices_false_members(void **state)
{
    uint8_t frame[12];
    const lmp_frames out = {
        .first = 1, .count = 1, .rows = 3, .width = 4, .n_colours = 1, .type = LMP_UINT8, .data = frame, .stride = 12};
    static const char *const words[] = {"checksum", "unpacks to more", "end too early", "make no sense"};
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        lmp_source source = {0};
        lmp_error err = {0};
        lmp_budget *budget = NULL;
        start_zip(false);
        const size_t n = make_npy(array, "|u1", "(2, 3, 4)", 24);
        const size_t longer = variant == 1 ? n + 9 : variant == 2 ? n - 9 : n;
        add_member(&made, "a.npy", array, longer, 8, n);
        if (variant == 0) made.directory[16] ^= 1;
        if (variant == 3) memset(made.bytes + 35, 0xFF, made.n - 35); /* behind header and name */
        put_zip(&made, "z.npz", "");
        lmp_status status = lmp_io_npz.open(io_path("z.npz"), &plain, &source, &err);
        if (status == LMP_OK) {
            assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
            status = source.read_frames(source.state, &out, budget, &err);
            budget_free(budget);
            io_close(&source);
        }
        assert_int_equal(status, LMP_ERR_INPUT);
        if (strstr(err.text, words[variant]) == NULL) fail_msg("%s: %s", words[variant], err.text);
    }
}

static void reports_a_full_disk(void **state)
{
    lmp_source source;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    uint8_t *frame = malloc(1200);
    const lmp_frames out = {.first = 10,
                            .count = 1,
                            .rows = 20,
                            .width = 30,
                            .n_colours = 1,
                            .type = LMP_UINT16,
                            .data = frame,
                            .stride = 1200};
    (void)state;
    start_zip(false);
    const size_t n = make_npy(array, "<u2", "(11, 20, 30)", 11 * 20 * 30 * 2);
    add_member(&made, "movie.npy", array, n, 8, n);
    put_zip(&made, "m.npz", "");
    os_fault_inject(0, 1);
    io_refuse(&lmp_io_npz, io_path("m.npz"), &plain, LMP_ERR_IO, "name a folder with more room with --scratch");
    os_fault_inject(0, 0);
    io_open(&lmp_io_npz, io_path("m.npz"), &plain, &source);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_OK);
    budget_free(budget);
    io_close(&source);
    free(frame);
}

static void survives_truncation_and_mutation(void **state)
{
    uint64_t random = 11;
    int n_opened = 0;
    (void)state;
    for (int variant = 0; variant < 2; variant++) {
        size_t size;
        start_zip(variant == 1);
        add_member(&made, "a.npy", array, make_npy(array, "<u2", "(2, 3, 4)", 48), 8, 176);
        add_member(&made, "b.npy", array, make_npy(array, "|u1", "(2, 3, 4)", 24), 0, 152);
        put_zip(&made, "z.npz", "");
        char *whole = io_get(io_path("z.npz"), &size);
        for (size_t n = 0; n < size; n++) {
            io_put("z.npz", whole, n);
            assert_false(frames_try(&lmp_io_npz, io_path("z.npz"), &plain, true));
        }
        char *bytes = malloc(size);
        for (int i = 0; i < 1500; i++) {
            memcpy(bytes, whole, size);
            for (int k = 0; k < 1 + i % 3; k++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                const int value = i % 2 != 0 ? (int)(random >> 24 & 255) : (random & 0x100) != 0 ? 0 : -1;
                bytes[(random >> 33) % size] = (char)value;
            }
            io_put("z.npz", bytes, size);
            n_opened += frames_try(&lmp_io_npz, io_path("z.npz"), &plain, true);
        }
        free(bytes);
        free(whole);
    }
    assert_true(n_opened > 100);
}

static void detects(void **state)
{
    (void)state;
    assert_int_equal(lmp_io_npz.detect((const uint8_t *)"PK\3\4", 4, "a.npz"), 100);
    assert_int_equal(lmp_io_npz.detect((const uint8_t *)"PK\3\4", 4, "a.zip"), 10);
    assert_int_equal(lmp_io_npz.detect((const uint8_t *)"PKX4", 4, "a.zip"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_members),
        TEST(lends_aligned_members),
        TEST(chooses_a_member),
        TEST(reads_signals),
        TEST(refuses_in_one_sentence),
        TEST(notices_false_members),
        TEST(reports_a_full_disk),
        TEST(survives_truncation_and_mutation),
        TEST(detects),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
