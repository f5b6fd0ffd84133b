/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_hdf5.c: HDF5 datasets as images and movies, read and written.
 */
#include "io/array/hdf5.h"

#include "frames_support.h"
#include "io/array/hdf5_file.h"

/* Two allocations of libhdf5 1.10 are never freed: a header that H5Fcreate makes for the first file, and a layout that
 * H5Dopen2 has read before it finds the file damaged. Its functions have no frame pointers, so that the sanitizer sees
 * one nameless frame of it and only the library can be named. Handles that limpid forgets would be hidden with them,
 * but for closes_what_it_opens(). */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

static const lmp_open_options plain = LMP_OPTIONS(lmp_open_options);

/* ---- Files ------------------------------------------------------------------------------------------------ */

enum { FRAMES = 13, ROWS = 6, COLUMNS = 9, VALUES = FRAMES * ROWS * COLUMNS };

typedef struct layout {
    bool is_chunked, shuffle, fletcher;
    hsize_t chunk[3];
    int deflate; /* level; 0: not */
    bool never;  /* no numbers are written: the fill value */
    bool big;
    hsize_t userblock;
} layout;

static hid_t make_file(const char *name, hsize_t userblock)
{
    const hid_t plist = H5Pcreate(H5P_FILE_CREATE);
    assert_true(H5Pset_userblock(plist, userblock) >= 0);
    const hid_t file = H5Fcreate(io_path(name), H5F_ACC_TRUNC, plist, H5P_DEFAULT);
    (void)H5Pclose(plist);
    assert_true(file >= 0);
    return file;
}

static void put_dataset(hid_t file, const char *name, const layout *l, const uint16_t *values)
{
    const hsize_t size[3] = {FRAMES, ROWS, COLUMNS};
    const uint16_t fill = 77;
    const hid_t space = H5Screate_simple(3, size, NULL), plist = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_fill_value(plist, H5T_NATIVE_UINT16, &fill) >= 0);
    if (l->is_chunked) assert_true(H5Pset_chunk(plist, 3, l->chunk) >= 0);
    if (l->shuffle) assert_true(H5Pset_shuffle(plist) >= 0);
    if (l->deflate > 0) assert_true(H5Pset_deflate(plist, (unsigned)l->deflate) >= 0);
    if (l->fletcher) assert_true(H5Pset_fletcher32(plist) >= 0);
    const hid_t dataset =
        H5Dcreate2(file, name, l->big ? H5T_STD_U16BE : H5T_STD_U16LE, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    assert_true(dataset >= 0);
    if (!l->never) assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    (void)H5Dclose(dataset);
    (void)H5Pclose(plist);
    (void)H5Sclose(space);
}

static const uint16_t *numbers(void)
{
    static uint16_t values[VALUES];
    for (int i = 0; i < VALUES; i++) values[i] = (uint16_t)(i % 5 == 0 ? 7 : i * 4099);
    return values;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static void reads_every_layout(void **state)
{
    static const layout layouts[] = {{.big = false},
                                     {.big = true},
                                     {.userblock = 512},
                                     {.never = true},
                                     {.is_chunked = true, .chunk = {1, 6, 9}},
                                     {.is_chunked = true, .chunk = {4, 6, 9}},
                                     {.is_chunked = true, .chunk = {13, 4, 2}, .big = true},
                                     {.is_chunked = true, .chunk = {4, 6, 9}, .deflate = 3},
                                     {.is_chunked = true, .chunk = {4, 6, 9}, .deflate = 3, .userblock = 1024},
                                     {.is_chunked = true, .chunk = {4, 5, 6}, .deflate = 3, .shuffle = true},
                                     {.is_chunked = true, .chunk = {4, 5, 6}, .shuffle = true},
                                     {.is_chunked = true, .chunk = {4, 5, 6}, .deflate = 3, .fletcher = true},
                                     {.is_chunked = true, .chunk = {4, 5, 6}, .deflate = 3, .never = true}};
    static uint16_t fill[VALUES];
    (void)state;
    for (int i = 0; i < VALUES; i++) fill[i] = 77;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        const layout *l = &layouts[i];
        lmp_source source;
        const hid_t file = make_file("a.h5", l->userblock);
        put_dataset(file, "a", l, numbers());
        (void)H5Fclose(file);
        io_open(&lmp_io_hdf5, io_path("a.h5"), &plain, &source);
        assert_int_equal(source.stream.format.type, LMP_UINT16);
        assert_true((source.view != NULL) == (!l->is_chunked && !l->big && !l->never));
        assert_int_equal(source.time_grain, l->is_chunked ? (int64_t)l->chunk[0] : l->never ? FRAMES : 1);
        assert_string_equal(source.data_path(source.state), io_path("a.h5"));
        frames_check_all_ways(&source, l->never ? fill : numbers());
        io_close(&source);
    }
}

static void chooses_datasets(void **state)
{
    static const char *const absent[] = {"nothing", "", "/", "g/none", "movie/x"};
    const hid_t file = make_file("c.h5", 0);
    const layout l = {.big = false};
    lmp_open_options named = LMP_OPTIONS(lmp_open_options);
    lmp_source source;
    (void)state;
    io_put_text("t.h5", "not HDF5");
    io_refuse(&lmp_io_hdf5, io_path("t.h5"), &plain, LMP_ERR_INPUT, "cannot be opened as HDF5");
    (void)H5Gclose(H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    assert_true(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0);
    put_dataset(file, "g/movie", &l, numbers());
    put_dataset(file, "other", &l, numbers());
    assert_true(H5Lcreate_soft("/g/movie", file, "soft", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_external("x.h5", "/x", file, "external", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    (void)H5Fclose(file);
    io_open(&lmp_io_hdf5, io_path("c.h5"), &plain, &source);
    assert_non_null(strstr(source.warnings, "2 datasets (g/movie, other)"));
    io_close(&source);
    named.dataset = "/g/movie";
    io_open(&lmp_io_hdf5, io_path("c.h5"), &named, &source);
    assert_null(source.warnings);
    frames_check_all_ways(&source, numbers());
    io_close(&source);
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        named.dataset = absent[i];
        io_refuse(&lmp_io_hdf5, io_path("c.h5"), &named, LMP_ERR_USAGE, "there are: g/movie, other");
    }
    named.dataset = "g";
    io_refuse(&lmp_io_hdf5, io_path("c.h5"), &named, LMP_ERR_USAGE, "is no dataset");
    named.dataset = "soft";
    io_refuse(&lmp_io_hdf5, io_path("c.h5"), &named, LMP_ERR_INPUT, "does not follow");
    named.dataset = "external/x";
    io_refuse(&lmp_io_hdf5, io_path("c.h5"), &named, LMP_ERR_INPUT, "does not follow");
    named.dataset = "other";
    named.kind = LMP_SIGNALS;
    io_refuse(&lmp_io_hdf5, io_path("c.h5"), &named, LMP_ERR_USAGE, "movies only");
}

/* Any cut, and damage in what describes the numbers: pixels or a sentence. */
static void survives_damage(void **state)
{
    const layout l = {.is_chunked = true, .chunk = {4, 6, 9}, .deflate = 3, .shuffle = true};
    const hid_t file = make_file("d.h5", 0);
    size_t size = 0;
    int n_refused = 0;
    (void)state;
    put_dataset(file, "a", &l, numbers());
    (void)H5Fclose(file);
    char *whole = io_get(io_path("d.h5"), &size);
    for (size_t cut = 1; cut < size; cut += size / 40) {
        io_put("d.h5", whole, cut);
        n_refused += !frames_try(&lmp_io_hdf5, io_path("d.h5"), &plain, true);
    }
    assert_true(n_refused >= 35);
    for (size_t at = 0; at < 1024; at += 7) {
        const char kept = whole[at];
        whole[at] = (char)(kept ^ 0x41);
        io_put("d.h5", whole, size);
        (void)frames_try(&lmp_io_hdf5, io_path("d.h5"), &plain, true);
        whole[at] = kept;
    }
    free(whole);
}

static void refuses_a_cut_movie(void **state)
{
    const layout l = {.big = false};
    const hid_t file = make_file("s.h5", 0);
    lmp_source source;
    (void)state;
    put_dataset(file, "a", &l, numbers());
    (void)H5Fclose(file);
    io_open(&lmp_io_hdf5, io_path("s.h5"), &plain, &source);
    io_close(&source);
    assert_int_equal(truncate(io_path("s.h5"), 2500), 0);
    io_refuse(&lmp_io_hdf5, io_path("s.h5"), &plain, LMP_ERR_INPUT, "get the complete file");
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static void writes_what_reads_back(void **state)
{
    static uint8_t movie[7 * 9 * 11 * 3 * 8];
    (void)state;
    for (size_t i = 0; i < sizeof movie; i++) movie[i] = (uint8_t)(i * 151 % 251 / 3);
    for (size_t i = 0; i < FRAMES_TYPES * 2 * 2 * 2; i++) {
        const lmp_stream stream = frames_stream(frames_types[i % FRAMES_TYPES], i / 10 % 2 ? 7 : 1, 9,
                                                i % 3 == 0 ? 3 : 11, i / 20 % 2 ? 3 : 1);
        const bool compress = i / 40 != 0;
        const lmp_write_options how = {.compress = compress, .overwrite = 1};
        lmp_source source;
        frames_check_written(&lmp_io_hdf5, io_path("w.h5"), &stream, &how, movie, compress ? 9 : 4, true, &source);
        assert_true((source.view != NULL) == !compress);
        io_close(&source);
        assert_int_equal(io_empty(), 1);
    }
}

static void writer_fails_cleanly(void **state)
{
    (void)state;
    /* Room, two frames that lie together each. */
    assert_int_equal(frames_fail_every_write(&lmp_io_hdf5, io_path("w.h5")), 1 + 2);
    assert_int_equal(io_empty(), 1);
    frames_refuse_what_no_array_is(&lmp_io_hdf5, io_path("w.h5"));
}

/* After each test: no file, dataset, type or space is open. */
static int closes_what_it_opens(void **state)
{
    (void)state;
    return H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) == 0 ? 0 : -1;
}

/* The tests make files with the library too. */
static int load_library(void **state)
{
    return hdf5_load(NULL) == LMP_OK ? io_setup(state) : -1;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, io_fresh, closes_what_it_opens)
    const struct CMUnitTest tests[] = {
        TEST(reads_every_layout),  TEST(chooses_datasets),       TEST(survives_damage),
        TEST(refuses_a_cut_movie), TEST(writes_what_reads_back), TEST(writer_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, load_library, io_teardown);
}
