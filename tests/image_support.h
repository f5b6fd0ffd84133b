/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_support.h: what the tests of images share: movies in memory, written and read again.
 */
#ifndef LIMPID_TESTS_IMAGE_SUPPORT_H
#define LIMPID_TESTS_IMAGE_SUPPORT_H

#include "io_support.h"

static inline lmp_stream movie(lmp_type type, int64_t n, int64_t height, int64_t width, int64_t colours)
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

static inline size_t frame_bytes(const lmp_format *f)
{
    return (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
}

/* Pixels that differ from frame to frame and everywhere. */
static inline uint8_t *make_pixels(const lmp_format *f)
{
    const size_t n = frame_bytes(f) * (size_t)f->n_times;
    uint8_t *bytes = malloc(n);
    uint32_t random = 7;
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
    return bytes;
}

/* Writes the frames in stretches of 2, the last first. */
static inline lmp_status write_movie(const lmp_io *io, const char *path, const lmp_stream *stream,
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
            const lmp_frames frames = stream_frames(f, first, first + 2 > f->n_times ? f->n_times - first : 2,
                                                    (void *)(pixels + (size_t)first * frame_bytes(f)));
            status = writer.write_frames(writer.state, &frames, budget, err);
        }
        if (status == LMP_OK && !stops_before_finish) {
            status = writer.finish(writer.state, err);
            if (status == LMP_OK) assert_true(os_path_stat(writer.data_path(writer.state), &(os_file_info){0}) == 0);
        }
        writer.close(writer.state);
        assert_true(budget_used(budget) <= IO_VIEW_BYTES);
        assert_true(budget_peak(budget) <= io->pack_bytes(f, options != NULL && options->compress != 0) + 4096);
    }
    budget_free(budget);
    return status;
}

static inline void write_well(const lmp_io *io, const char *path, const lmp_stream *stream,
                              const lmp_write_options *options, const uint8_t *pixels)
{
    lmp_error err = {0};
    if (write_movie(io, path, stream, options, pixels, false, &err) != LMP_OK) fail_msg("%s", err.text);
}

static inline lmp_status read_frame(lmp_source *source, void *pixels, int64_t fail_at, lmp_error *err)
{
    const lmp_format *f = &source->stream.format;
    const lmp_frames frames = stream_frames(f, 0, 1, pixels);
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
static inline void check_file(const lmp_io *io, const char *path, const lmp_format *f, const void *pixels,
                              int most_difference)
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

/* Opens and reads whatever is there: anything but a crash, and a sentence where it fails. */
static inline bool try_file(const lmp_io *io, const char *path, int64_t salvage)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_source source = {0};
    lmp_error err = {0};
    options.salvage = salvage;
    if (!io_begin(io, path, &options, &source)) return false;
    const size_t bytes = frame_bytes(&source.stream.format);
    assert_true(bytes > 0 && bytes < 1 << 24);
    void *pixels = malloc(bytes);
    const lmp_status status = read_frame(&source, pixels, 0, &err);
    assert_true(status == LMP_OK || err.text[0] != '\0');
    free(pixels);
    io_close(&source);
    return status == LMP_OK;
}

/* Opens and reads every beginning of a file, and the file with each of its first bytes changed. The last `spare` bytes
 * may be missing. */
static inline void damage_file(const lmp_io *io, const char *name, size_t spare)
{
    size_t size = 0;
    char *whole = io_get(io_path(name), &size);
    for (size_t n = 0; n < size; n++) {
        io_put("cut", whole, n);
        assert_true(!try_file(io, io_path("cut"), 0) || n >= size - spare);
        (void)try_file(io, io_path("cut"), 1);
    }
    for (size_t n = 0; n < size && n < 200; n++) {
        whole[n] ^= (char)0x81;
        io_put("changed", whole, size);
        (void)try_file(io, io_path("changed"), n % 2);
        whole[n] ^= (char)0x81;
    }
    free(whole);
}

#endif
