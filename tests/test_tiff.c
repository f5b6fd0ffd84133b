/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_tiff.c: TIFF movies: round trips in all types and layouts, bands of rows, lending, files cut short.
 */
#include "io/tiff/tiff.h"

#include "io/tiff/tiff_ifd.h"
#include "io_support.h"

enum { WIDTH = 7, HEIGHT = 5, FRAMES = 4, MOST_BYTES = 1 << 16 };

static const lmp_type types[] = {LMP_INT8,  LMP_UINT8,  LMP_INT16,   LMP_UINT16,
                                 LMP_INT32, LMP_UINT32, LMP_FLOAT32, LMP_FLOAT64};

/* ---- Movies ----------------------------------------------------------------------------------------------- */

static lmp_stream movie_of(lmp_type type, int64_t n_times, int64_t n_colours)
{
    return (lmp_stream){.format = {.kind = LMP_MOVIE,
                                   .type = type,
                                   .n_times = n_times,
                                   .rate_hz = 12.5,
                                   .height = HEIGHT,
                                   .width = WIDTH,
                                   .n_colours = n_colours,
                                   .pixel_width_um = 0.5,
                                   .pixel_height_um = 0.25,
                                   .start_unix_s = (double)NAN}};
}

static size_t frame_bytes(const lmp_format *f)
{
    return (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
}

static lmp_frames frames_of(const lmp_format *f, int64_t first, int64_t count, int64_t row, int64_t rows, void *data)
{
    lmp_frames frames = stream_frames(f, first, count, data);
    frames.row = row;
    frames.rows = rows;
    frames.stride = (size_t)rows * frame_bytes(f) / (size_t)f->height;
    return frames;
}

/* Bytes that differ from pixel to pixel; small floats. */
static void fill(const lmp_format *f, uint8_t *bytes)
{
    const size_t n = (size_t)f->n_times * frame_bytes(f), width = lmp_type_bytes(f->type);
    for (size_t i = 0; i < n / width; i++) {
        const float single = 0.25f * (float)i - 3;
        const double full = (double)single;
        const uint64_t whole = 0x9E3779B97F4A7C15u * (i + 1);
        memcpy(bytes + i * width,
               f->type == LMP_FLOAT32   ? (const void *)&single
               : f->type == LMP_FLOAT64 ? (const void *)&full
                                        : (const void *)&whole,
               width);
    }
}

static lmp_budget *new_budget(void)
{
    lmp_budget *budget = NULL;
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    return budget;
}

/* Writes in bands of rows, the last first; with `compress` whole frames in order. */
static void write_movie(const char *name, const lmp_stream *stream, const uint8_t *bytes, bool compress)
{
    const lmp_format *f = &stream->format;
    const lmp_write_options options = {.compress = compress};
    const size_t row = frame_bytes(f) / (size_t)f->height;
    lmp_writer writer = {0};
    lmp_error err = {0};
    lmp_budget *budget = new_budget();
    if (lmp_io_tiff.create(io_path(name), stream, &options, false, &writer, &err) != LMP_OK) fail_msg("%s", err.text);
    assert_true(writer.needs_all_lanes == compress && writer.in_order == compress);
    uint8_t *data = malloc((size_t)f->n_times * frame_bytes(f));
    assert_non_null(data);
    for (int64_t band = 0; band < (compress ? 1 : f->height); band++) {
        const int64_t first = compress ? 0 : f->height - 1 - band, rows = compress ? f->height : 1;
        for (int64_t t = 0; t < f->n_times; t++)
            memcpy(data + (size_t)(t * rows) * row, bytes + (size_t)t * frame_bytes(f) + (size_t)first * row,
                   (size_t)rows * row);
        const lmp_frames frames = frames_of(f, 0, f->n_times, first, rows, data);
        assert_int_equal(writer.write_frames(writer.state, &frames, budget, &err), LMP_OK);
    }
    free(data);
    assert_false(io_exists(name));
    assert_int_equal(writer.finish(writer.state, &err), LMP_OK);
    assert_string_equal(writer.data_path(writer.state), io_path(name));
    writer.close(writer.state);
    assert_int_equal(budget_used(budget) <= IO_VIEW_BYTES, true);
    budget_free(budget);
}

static void read_all(lmp_source *source, uint8_t *bytes)
{
    const lmp_format *f = &source->stream.format;
    lmp_error err = {0};
    lmp_budget *budget = new_budget();
    const lmp_frames out = frames_of(f, 0, f->n_times, 0, f->height, bytes);
    if (source->read_frames(source->state, &out, budget, &err) != LMP_OK) fail_msg("%s", err.text);
    assert_true(budget_peak(budget) <= source->bytes_per_time + 8192);
    budget_free(budget);
}

static void check_bands(lmp_source *source, const uint8_t *bytes)
{
    const lmp_format *f = &source->stream.format;
    const size_t row = frame_bytes(f) / (size_t)f->height;
    uint8_t band[MOST_BYTES];
    lmp_error err = {0};
    lmp_budget *budget = new_budget();
    for (int64_t y = 0; y < f->height; y++)
        for (int64_t t = 0; t < f->n_times; t++) {
            const int64_t rows = f->height - y < 2 ? 1 : 2;
            const lmp_frames out = frames_of(f, t, 1, y, rows, band);
            assert_int_equal(source->read_frames(source->state, &out, budget, &err), LMP_OK);
            assert_memory_equal(band, bytes + (size_t)t * frame_bytes(f) + (size_t)y * row, (size_t)rows * row);
        }
    budget_free(budget);
}

static void check_lent(lmp_source *source, const uint8_t *bytes)
{
    const lmp_format *f = &source->stream.format;
    lmp_error err = {0};
    lmp_budget *budget = new_budget();
    for (int64_t first = 0; first < f->n_times; first++) {
        lmp_frames lent = {0};
        void *handle = NULL;
        assert_int_equal(source->view(source->state, first, f->n_times - first, budget, &lent, &handle, &err), LMP_OK);
        assert_int_equal((uintptr_t)lent.data % lmp_type_bytes(f->type), 0);
        for (int64_t t = first; t < f->n_times; t++)
            assert_memory_equal((const uint8_t *)lent.data + (size_t)(t - first) * lent.stride,
                                bytes + (size_t)t * frame_bytes(f), frame_bytes(f));
        source->view_end(source->state, handle);
    }
    budget_free(budget);
}

static void round_trips(void **state)
{
    static uint8_t bytes[MOST_BYTES], got[MOST_BYTES];
    (void)state;
    for (int variant = 0; variant < 64; variant++) {
        const bool compress = variant % 2 != 0;
        const lmp_stream stream =
            movie_of(types[variant / 8], variant / 2 % 2 != 0 ? FRAMES : 1, variant / 4 % 2 != 0 ? 3 : 1);
        const lmp_format *f = &stream.format;
        lmp_source source;
        fill(f, bytes);
        write_movie("a.tif", &stream, bytes, compress);
        io_open(&lmp_io_tiff, io_path("a.tif"), NULL, &source);
        const lmp_format *g = &source.stream.format;
        assert_true(g->kind == LMP_MOVIE && g->type == f->type && g->n_times == f->n_times && g->width == WIDTH);
        assert_true(g->height == HEIGHT && g->n_colours == f->n_colours);
        assert_true(g->pixel_width_um == 0.5 && g->pixel_height_um == 0.25);
        assert_true(g->rate_hz == (f->n_times > 1 ? 12.5 : 0));
        assert_null(source.warnings);
        assert_string_equal(source.format_name, "TIFF (ImageJ)");
        read_all(&source, got);
        assert_memory_equal(got, bytes, (size_t)f->n_times * frame_bytes(f));
        assert_true(source.reads_rows == !compress && (source.view != NULL) == !compress);
        if (source.reads_rows) check_bands(&source, bytes);
        if (source.view != NULL) check_lent(&source, bytes);
        io_close(&source);
        assert_int_equal(io_empty(), 1);
    }
}

/* Threads share the file and nothing else. */
typedef struct reader {
    lmp_source *source;
    uint8_t bytes[FRAMES * WIDTH * HEIGHT * 2];
    bool is_right;
    const uint8_t *wanted;
} reader;

static void read_often(void *user)
{
    reader *r = user;
    r->is_right = true;
    for (int i = 0; i < 50 && r->is_right; i++) {
        memset(r->bytes, 0, sizeof r->bytes);
        read_all(r->source, r->bytes);
        r->is_right = memcmp(r->bytes, r->wanted, sizeof r->bytes) == 0;
    }
}

static void threads_read_at_once(void **state)
{
    static uint8_t bytes[MOST_BYTES];
    static reader readers[4];
    const lmp_stream stream = movie_of(LMP_UINT16, FRAMES, 1);
    os_thread *threads[4];
    lmp_source source;
    (void)state;
    fill(&stream.format, bytes);
    write_movie("a.tif", &stream, bytes, true);
    io_open(&lmp_io_tiff, io_path("a.tif"), NULL, &source);
    for (int i = 0; i < 4; i++) {
        readers[i] = (reader){.source = &source, .wanted = bytes};
        assert_int_equal(os_thread_start(read_often, &readers[i], &threads[i]), 0);
    }
    for (int i = 0; i < 4; i++) os_thread_join(threads[i]);
    for (int i = 0; i < 4; i++) assert_true(readers[i].is_right);
    io_close(&source);
}

static void refuses_to_write(void **state)
{
    const lmp_write_options options = {0};
    lmp_writer writer = {0};
    lmp_error err = {0};
    lmp_stream stream = movie_of(LMP_UINT64, 2, 1);
    (void)state;
    assert_int_equal(lmp_io_tiff.create(io_path("a.tif"), &stream, &options, false, &writer, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "convert type=float64"));
    stream.format.kind = LMP_SIGNALS;
    assert_int_equal(lmp_io_tiff.create(io_path("a.tif"), &stream, &options, false, &writer, &err), LMP_ERR_USAGE);
    stream = movie_of(LMP_UINT8, INT64_MAX / 2, 1);
    assert_int_equal(lmp_io_tiff.create(io_path("a.tif"), &stream, &options, false, &writer, &err), LMP_ERR_USAGE);
    assert_int_equal(io_empty(), 0);
}

static void leaves_nothing_behind(void **state)
{
    static uint8_t bytes[MOST_BYTES];
    const lmp_stream stream = movie_of(LMP_UINT16, FRAMES, 1);
    const lmp_frames frames = frames_of(&stream.format, 0, FRAMES, 0, HEIGHT, bytes);
    const lmp_write_options options = {0};
    (void)state;
    for (int64_t nth = 1; nth < 6; nth++) {
        lmp_writer writer = {0};
        lmp_error err = {0};
        os_fault_inject(0, nth);
        lmp_status status = lmp_io_tiff.create(io_path("a.tif"), &stream, &options, false, &writer, &err);
        if (status == LMP_OK) {
            status = writer.write_frames(writer.state, &frames, NULL, &err);
            if (status == LMP_OK) status = writer.finish(writer.state, &err);
            writer.close(writer.state);
        }
        os_fault_inject(0, 0);
        assert_true((status == LMP_OK) == io_exists("a.tif"));
        assert_int_equal(io_empty(), status == LMP_OK ? 1 : 0);
        if (nth < 5) assert_int_equal(status, LMP_ERR_IO);
    }
}

/* ---- Damage ----------------------------------------------------------------------------------------------- */

static void cut_everywhere(void **state)
{
    static uint8_t bytes[MOST_BYTES], got[MOST_BYTES];
    const lmp_stream stream = movie_of(LMP_UINT16, FRAMES, 1);
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    size_t size = 0;
    (void)state;
    for (int compress = 0; compress < 2; compress++) {
        fill(&stream.format, bytes);
        write_movie("whole.tif", &stream, bytes, compress != 0);
        char *file = io_get(io_path("whole.tif"), &size);
        for (size_t n = 0; n < size; n += 3)
            for (options.salvage = 0; options.salvage < 2; options.salvage++) {
                lmp_source source = {0};
                lmp_error err = {0};
                io_put("cut.tif", file, n);
                if (lmp_io_tiff.open(io_path("cut.tif"), &options, &source, &err) == LMP_OK) {
                    read_all(&source, got); /* what opens is right */
                    assert_memory_equal(got, bytes, (size_t)source.stream.format.n_times * frame_bytes(&stream.format));
                    io_close(&source);
                }
                assert_true(source.state == NULL);
            }
        free(file);
        (void)io_empty();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(round_trips, io_fresh),      cmocka_unit_test_setup(threads_read_at_once, io_fresh),
        cmocka_unit_test_setup(refuses_to_write, io_fresh), cmocka_unit_test_setup(leaves_nothing_behind, io_fresh),
        cmocka_unit_test_setup(cut_everywhere, io_fresh),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
