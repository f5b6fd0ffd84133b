/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_video.c: video files: what was written comes back, however it is read.
 */
#include "io/video/video.h"

#include "frames_support.h"

#include <pthread.h>

/* ---- Movies to write -------------------------------------------------------------------------------------- */

static lmp_stream movie_stream(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours)
{
    return (lmp_stream){.format = {.kind = LMP_MOVIE,
                                   .type = type,
                                   .n_times = n_times,
                                   .rate_hz = 30000.0 / 1001,
                                   .height = height,
                                   .width = width,
                                   .n_colours = n_colours,
                                   .start_unix_s = (double)NAN,
                                   .subject = "",
                                   .session = ""}};
}

/* Smooth shapes that move, with noise; every frame is another one. */
static void *make_movie(const lmp_format *f)
{
    const size_t n = (size_t)(f->n_times * f->height * f->width * f->n_colours);
    uint8_t *bytes = malloc(n * lmp_type_bytes(f->type));
    uint32_t noise = 1;
    size_t i = 0;
    assert_non_null(bytes);
    for (int64_t t = 0; t < f->n_times; t++)
        for (int64_t y = 0; y < f->height; y++)
            for (int64_t x = 0; x < f->width; x++)
                for (int64_t c = 0; c < f->n_colours; c++, i++) {
                    noise = noise * 1664525 + 1013904223;
                    const int64_t value = (3 * x + 2 * y + 7 * t + 50 * c + (noise >> 29)) % 256;
                    if (f->type == LMP_UINT8)
                        bytes[i] = (uint8_t)value;
                    else
                        ((uint16_t *)(void *)bytes)[i] = (uint16_t)(value * 257 + (noise >> 24));
                }
    return bytes;
}

/* Writes in order, in stretches of `step`. */
static lmp_status write_movie(const lmp_io *io, const char *path, const lmp_stream *stream,
                              const lmp_write_options *options, void *movie, int64_t step, lmp_error *err)
{
    const lmp_format *f = &stream->format;
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    lmp_status status = io->create(path, stream, options, false, &writer, err);
    if (status != LMP_OK) return status;
    assert_true(writer.in_order && writer.needs_all_lanes && writer.time_grain == 1);
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    for (int64_t first = 0; first < f->n_times && status == LMP_OK; first += step) {
        const lmp_frames frames = stream_frames(f, first, f->n_times - first < step ? f->n_times - first : step,
                                                (char *)movie + (size_t)first * frames_bytes(f));
        status = writer.write_frames(writer.state, &frames, budget, err);
    }
    if (status == LMP_OK) status = writer.finish(writer.state, err);
    writer.close(writer.state);
    budget_free(budget);
    return status;
}

static void *put_movie(const lmp_io *io, const char *path, const lmp_stream *stream)
{
    const lmp_write_options options = {.overwrite = 1};
    lmp_error err = {0};
    void *movie = make_movie(&stream->format);
    if (write_movie(io, path, stream, &options, movie, 3, &err) != LMP_OK) fail_msg("%s", err.text);
    return movie;
}

/* ---- Without loss ----------------------------------------------------------------------------------------- */

static void ffv1_comes_back(void **state)
{
    static const struct {
        lmp_type type;
        int64_t height, width, n_colours;
    } kinds[] = {{LMP_UINT8, 96, 130, 1}, {LMP_UINT16, 96, 130, 1}, {LMP_UINT8, 66, 64, 3}, {LMP_UINT16, 66, 64, 3},
                 {LMP_UINT8, 2, 2, 1},    {LMP_UINT16, 3, 2, 1},    {LMP_UINT8, 7, 5, 3},   {LMP_UINT16, 2, 9, 3}};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof kinds[0]; i++) {
        const lmp_io *io = i % 2 == 0 ? &lmp_io_avi : &lmp_io_matroska;
        const char *path = io_path(i % 2 == 0 ? "a.avi" : "a.mkv");
        const lmp_stream stream =
            movie_stream(kinds[i / 2].type, 11, kinds[i / 2].height, kinds[i / 2].width, kinds[i / 2].n_colours);
        void *movie = put_movie(io, path, &stream);
        lmp_source source;
        io_open(io, path, NULL, &source);
        const lmp_format *f = &source.stream.format;
        assert_int_equal(f->type, stream.format.type);
        assert_int_equal(f->n_times, 11);
        assert_int_equal(f->height, stream.format.height);
        assert_int_equal(f->width, stream.format.width);
        assert_int_equal(f->n_colours, stream.format.n_colours);
        assert_true(fabs(f->rate_hz - 30000.0 / 1001) < 1e-9 && f->frame_times_s == NULL);
        assert_false(source.in_order);
        assert_null(source.warnings);
        frames_check_all_ways(&source, movie);
        io_close(&source);
        free(movie);
    }
}

static void same_movie_same_bytes(void **state)
{
    static const struct {
        const lmp_io *io;
        const char *names[2];
    } files[] = {
        {&lmp_io_avi, {"a.avi", "b.avi"}}, {&lmp_io_matroska, {"a.mkv", "b.mkv"}}, {&lmp_io_mp4, {"a.mp4", "b.mp4"}}};
    const lmp_stream stream = movie_stream(LMP_UINT8, 30, 64, 80, 1);
    const lmp_write_options options = {.overwrite = 1};
    void *movie = make_movie(&stream.format);
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        lmp_error err = {0};
        char *bytes[2];
        size_t sizes[2];
        for (int k = 0; k < 2; k++) {
            const char *path = io_path(files[i].names[k]);
            assert_int_equal(write_movie(files[i].io, path, &stream, &options, movie, k == 0 ? 1 : 30, &err), LMP_OK);
            bytes[k] = io_get(path, &sizes[k]);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
    free(movie);
}

/* Irregular times are kept where the container has room for them. */
static void keeps_times(void **state)
{
    lmp_stream stream = movie_stream(LMP_UINT8, 5, 16, 16, 1);
    static const double times_s[5] = {0, 0.1, 0.2, 0.5, 0.6};
    lmp_source source;
    (void)state;
    stream.format.rate_hz = 10;
    stream.format.frame_times_s = times_s;
    for (int i = 0; i < 2; i++) {
        const lmp_io *io = i == 0 ? &lmp_io_matroska : &lmp_io_mp4;
        const char *path = io_path(i == 0 ? "t.mkv" : "t.mp4");
        free(put_movie(io, path, &stream));
        io_open(io, path, NULL, &source);
        assert_int_equal(source.stream.format.n_times, 5);
        assert_non_null(source.stream.format.frame_times_s);
        for (int t = 0; t < 5; t++) assert_true(fabs(source.stream.format.frame_times_s[t] - times_s[t]) < 2e-3);
        assert_non_null(strstr(source.warnings, "irregular"));
        io_close(&source);
    }
}

/* ---- H.264 ------------------------------------------------------------------------------------------------ */

static double mean_difference(const uint8_t *a, const uint8_t *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += abs(a[i] - b[i]);
    return sum / (double)n;
}

/* Frame numbers of codecs that reorder: each frame is nearest to the one that was written under its number. */
static void h264_keeps_numbers(void **state)
{
    const lmp_stream stream = movie_stream(LMP_UINT8, 130, 48, 64, 1);
    const size_t frame = 48 * 64;
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_source source;
    (void)state;
    options.grey = 1;
    uint8_t *movie = put_movie(&lmp_io_mp4, io_path("a.mp4"), &stream);
    io_open(&lmp_io_mp4, io_path("a.mp4"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 130);
    assert_int_equal(source.stream.format.n_colours, 1);
    assert_true(source.in_order);
    uint8_t *all = frames_read(&source, 0, 130);
    for (int64_t t = 1; t < 129; t++) {
        const double own = mean_difference(all + (size_t)t * frame, movie + (size_t)t * frame, frame);
        assert_true(own < 6);
        assert_true(own < mean_difference(all + (size_t)t * frame, movie + (size_t)(t - 1) * frame, frame));
        assert_true(own < mean_difference(all + (size_t)t * frame, movie + (size_t)(t + 1) * frame, frame));
    }
    frames_check_all_ways(&source, all);
    static const int64_t jumps[] = {129, 0, 101, 100, 99, 57, 128, 3, 64};
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        uint8_t *one = frames_read(&source, jumps[i], 1);
        assert_memory_equal(one, all + (size_t)jumps[i] * frame, frame);
        free(one);
    }
    free(all);
    free(movie);
    io_close(&source);
}

static void quality_makes_files_larger(void **state)
{
    const lmp_stream stream = movie_stream(LMP_UINT8, 12, 64, 64, 3);
    void *movie = make_movie(&stream.format);
    size_t sizes[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        const lmp_write_options options = {.overwrite = 1, .quality = i == 1 ? 0 : i == 0 ? 10 : 100};
        lmp_error err = {0};
        assert_int_equal(write_movie(&lmp_io_mp4, io_path("q.mp4"), &stream, &options, movie, 12, &err), LMP_OK);
        free(io_get(io_path("q.mp4"), &sizes[i]));
    }
    assert_true(sizes[0] < sizes[1] && sizes[1] < sizes[2]);
    free(movie);
}

/* ---- Several threads --------------------------------------------------------------------------------------- */

typedef struct slice {
    lmp_source *source;
    lmp_budget *budget;
    int64_t first, count;
    uint8_t *to;
    lmp_status status;
} slice;

static void *read_slice(void *user)
{
    slice *s = user;
    const lmp_format *f = &s->source->stream.format;
    s->status = LMP_OK;
    for (int64_t t = 0; t < s->count && s->status == LMP_OK; t += 2) {
        const lmp_frames out =
            stream_frames(f, s->first + t, s->count - t < 2 ? s->count - t : 2, s->to + (size_t)t * frames_bytes(f));
        s->status = s->source->read_frames(s->source->state, &out, s->budget, NULL);
    }
    return NULL;
}

static void threads_read_the_same(void **state)
{
    enum { N = 60, THREADS = 6 };
    (void)state;
    for (int i = 0; i < 2; i++) {
        const lmp_io *io = i == 0 ? &lmp_io_avi : &lmp_io_mp4;
        const char *path = io_path(i == 0 ? "p.avi" : "p.mp4");
        const lmp_stream stream = movie_stream(LMP_UINT8, N, 64, 64, 1);
        lmp_source source;
        lmp_budget *budget = NULL;
        slice slices[THREADS];
        pthread_t threads[THREADS];
        free(put_movie(io, path, &stream));
        io_open(io, path, NULL, &source);
        const size_t frame = frames_bytes(&source.stream.format);
        uint8_t *all = frames_read(&source, 0, N), *parts = malloc(N * frame);
        assert_int_equal(budget_new(1 << 30, &budget, NULL), LMP_OK);
        for (int k = 0; k < THREADS; k++) {
            slices[k] = (slice){&source, budget, k * 10, 10, parts + (size_t)k * 10 * frame, LMP_OK};
            assert_int_equal(pthread_create(&threads[k], NULL, read_slice, &slices[k]), 0);
        }
        for (int k = 0; k < THREADS; k++) {
            assert_int_equal(pthread_join(threads[k], NULL), 0);
            assert_int_equal(slices[k].status, LMP_OK);
        }
        assert_memory_equal(parts, all, N * frame);
        budget_free(budget);
        free(parts);
        free(all);
        io_close(&source);
    }
}

/* ---- Damage ------------------------------------------------------------------------------------------------ */

/* Data of the nth video chunk of an AVI file. */
static uint8_t *find_chunk(uint8_t *bytes, size_t size, int64_t n, uint32_t *length)
{
    uint8_t *p = memmem(bytes, size, "movi", 4);
    assert_non_null(p);
    for (p += 4;; p += 8 + *length + *length % 2) {
        memcpy(length, p + 4, 4);
        assert_true(p + 8 + *length <= bytes + size);
        if (memcmp(p, "00dc", 4) == 0 && n-- == 0) return p + 8;
    }
}

static void names_the_damaged_frame(void **state)
{
    const lmp_stream stream = movie_stream(LMP_UINT8, 12, 64, 96, 1);
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    const size_t frame = 64 * 96;
    lmp_source source;
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    size_t size = 0;
    uint32_t length = 0;
    (void)state;
    uint8_t *movie = put_movie(&lmp_io_avi, io_path("a.avi"), &stream);
    uint8_t *bytes = (uint8_t *)io_get(io_path("a.avi"), &size);
    uint8_t *chunk = find_chunk(bytes, size, 7, &length);
    for (uint32_t i = length / 2; i < length / 2 + 8; i++) chunk[i] ^= 0x55;
    io_put("b.avi", bytes, size);
    free(bytes);

    io_open(&lmp_io_avi, io_path("b.avi"), NULL, &source);
    assert_int_equal(source.stream.format.n_times, 12);
    uint8_t *sound = frames_read(&source, 8, 4);
    assert_memory_equal(sound, movie + 8 * frame, 4 * frame);
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    const lmp_frames out = {.first = 6,
                            .count = 4,
                            .rows = 64,
                            .width = 96,
                            .n_colours = 1,
                            .type = LMP_UINT8,
                            .data = sound,
                            .stride = frame};
    assert_int_equal(source.read_frames(source.state, &out, budget, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "frame 7 of"));
    assert_non_null(strstr(err.text, "salvage"));
    budget_free(budget);
    free(sound);
    sound = frames_read(&source, 0, 7);
    assert_memory_equal(sound, movie, 7 * frame);
    free(sound);
    io_close(&source);

    options.salvage = 1;
    io_open(&lmp_io_avi, io_path("b.avi"), &options, &source);
    assert_non_null(strstr(source.warnings, "1 of the 12 frames"));
    memcpy(movie + 7 * frame, movie + 6 * frame, frame);
    frames_check_all_ways(&source, movie);
    io_close(&source);
    free(movie);
}

static void reads_cut_files_to_salvage(void **state)
{
    static const char *const names[] = {"c.avi", "c.mkv"};
    const lmp_io *const formats[] = {&lmp_io_avi, &lmp_io_matroska};
    const lmp_stream stream = movie_stream(LMP_UINT8, 20, 64, 96, 1);
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    options.salvage = 1;
    for (int i = 0; i < 2; i++) {
        lmp_source source;
        size_t size = 0;
        uint8_t *movie = put_movie(formats[i], io_path(names[i]), &stream);
        char *bytes = io_get(io_path(names[i]), &size);
        io_put(names[i], bytes, size / 2);
        free(bytes);
        io_refuse(formats[i], io_path(names[i]), NULL, LMP_ERR_INPUT, "salvage");
        io_open(formats[i], io_path(names[i]), &options, &source);
        assert_true(source.stream.format.n_times > 4 && source.stream.format.n_times < 20);
        frames_check_all_ways(&source, movie);
        io_close(&source);
        free(movie);
    }
}

/* Files of which some bytes are wrong may give anything but a crash. */
static void survives_wrong_bytes(void **state)
{
    static const char *const names[] = {"d.avi", "d.mkv", "d.mp4"};
    const lmp_io *const formats[] = {&lmp_io_avi, &lmp_io_matroska, &lmp_io_mp4};
    const lmp_stream stream = movie_stream(LMP_UINT8, 6, 32, 32, 1);
    (void)state;
    for (int i = 0; i < 3; i++) {
        size_t size = 0;
        uint32_t random = 7;
        free(put_movie(formats[i], io_path(names[i]), &stream));
        char *bytes = io_get(io_path(names[i]), &size), *worse = malloc(size);
        for (int trial = 0; trial < 60; trial++) {
            lmp_open_options options = LMP_OPTIONS(lmp_open_options);
            options.salvage = trial % 2;
            memcpy(worse, bytes, size);
            for (int k = 0; k <= trial % 5; k++) {
                random = random * 1664525 + 1013904223;
                worse[(random >> 8) % size] ^= (char)(1 << (random >> 29));
            }
            io_put(names[i], worse, trial % 7 == 6 ? size * (random >> 24) / 256 : size);
            (void)frames_try(formats[i], io_path(names[i]), &options, true);
        }
        free(bytes);
        free(worse);
    }
}

static void refuses_what_is_no_video(void **state)
{
    (void)state;
    io_put_text("e.avi", "RIFF\4\1\1\1AVI LIST and nothing else");
    io_refuse(&lmp_io_avi, io_path("e.avi"), NULL, LMP_ERR_INPUT, "e.avi");
    io_put_text("e.mp4", "");
    io_refuse(&lmp_io_mp4, io_path("e.mp4"), NULL, LMP_ERR_INPUT, "e.mp4");
    io_refuse(&lmp_io_mp4, io_path("absent.mp4"), NULL, LMP_ERR_IO, "absent.mp4");
    assert_int_equal(lmp_io_avi.detect((const uint8_t *)"RIFF....AVI LIST", 16, "x"), 100);
    assert_int_equal(lmp_io_avi.detect((const uint8_t *)"RIFF....WAVE", 12, "x.wav"), 0);
    assert_int_equal(lmp_io_gif.detect((const uint8_t *)"GIF89a", 6, "x"), 100);
    assert_int_equal(lmp_io_matroska.detect((const uint8_t *)"\x1A\x45\xDF\xA3", 4, "x"), 100);
    assert_int_equal(lmp_io_mp4.detect((const uint8_t *)"\0\0\0\x18"
                                                        "ftypisom",
                                       12, "x"),
                     100);
    assert_int_equal(lmp_io_mp4.detect((const uint8_t *)"", 0, "x.MOV"), 30);
}

/* ---- Refusals and faults of writing ------------------------------------------------------------------------- */

static void refuses_to_write(void **state)
{
    static const struct {
        const lmp_io *io;
        lmp_type type;
        int64_t height, width;
        double quality;
        const char *word;
    } wrong[] = {{&lmp_io_avi, LMP_FLOAT32, 32, 32, 0, "convert type=uint8"},
                 {&lmp_io_mp4, LMP_UINT16, 32, 32, 0, "convert type=uint8"},
                 {&lmp_io_mp4, LMP_UINT8, 33, 32, 0, "crop"},
                 {&lmp_io_mp4, LMP_UINT8, 32, 32, 101, "quality"},
                 {&lmp_io_avi, LMP_UINT8, 1, 32, 0, ".npy"},
                 {&lmp_io_avi, LMP_UINT8, 2, 70000, 0, "70000"}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const lmp_stream stream = movie_stream(wrong[i].type, 2, wrong[i].height, wrong[i].width, 1);
        const lmp_write_options options = {.quality = wrong[i].quality};
        lmp_writer writer = {0};
        lmp_error err = {0};
        assert_int_equal(wrong[i].io->create(io_path("w.out"), &stream, &options, false, &writer, &err), LMP_ERR_USAGE);
        if (strstr(err.text, wrong[i].word) == NULL) fail_msg("'%s' without '%s'", err.text, wrong[i].word);
        assert_int_equal(io_empty(), 0);
    }
}

static void leaves_nothing_behind(void **state)
{
    const lmp_stream stream = movie_stream(LMP_UINT8, 20, 64, 64, 1);
    const lmp_write_options options = {0};
    void *movie = make_movie(&stream.format);
    (void)state;
    for (int i = 0; i < 3; i++) {
        const lmp_io *io = i == 0 ? &lmp_io_avi : i == 1 ? &lmp_io_matroska : &lmp_io_mp4;
        lmp_writer writer = {0};
        lmp_error err = {0};
        os_fault_inject(0, 1);
        assert_int_equal(write_movie(io, io_path("f.out"), &stream, &options, movie, 20, &err), LMP_ERR_IO);
        assert_non_null(strstr(err.text, "f.out"));
        os_fault_inject(0, 0);
        assert_int_equal(io_empty(), 0);
        assert_int_equal(io->create(io_path("f.out"), &stream, &options, false, &writer, &err), LMP_OK);
        writer.close(writer.state); /* given up */
        assert_int_equal(io_empty(), 0);
        assert_int_equal(write_movie(io, io_path("f.out"), &stream, &options, movie, 20, &err), LMP_OK);
        assert_int_equal(io_empty(), 1);
    }
    free(movie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ffv1_comes_back, io_fresh),
        cmocka_unit_test_setup(same_movie_same_bytes, io_fresh),
        cmocka_unit_test_setup(keeps_times, io_fresh),
        cmocka_unit_test_setup(h264_keeps_numbers, io_fresh),
        cmocka_unit_test_setup(quality_makes_files_larger, io_fresh),
        cmocka_unit_test_setup(threads_read_the_same, io_fresh),
        cmocka_unit_test_setup(names_the_damaged_frame, io_fresh),
        cmocka_unit_test_setup(reads_cut_files_to_salvage, io_fresh),
        cmocka_unit_test_setup(survives_wrong_bytes, io_fresh),
        cmocka_unit_test_setup(refuses_what_is_no_video, io_fresh),
        cmocka_unit_test_setup(refuses_to_write, io_fresh),
        cmocka_unit_test_setup(leaves_nothing_behind, io_fresh),
    };
    return cmocka_run_group_tests_name("video", tests, io_setup, io_teardown);
}
