/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frames_support.h: what the tests of movie formats share: frames read whole, in bands of rows and lent; writers
 * driven.
 */
#ifndef LIMPID_TESTS_FRAMES_SUPPORT_H
#define LIMPID_TESTS_FRAMES_SUPPORT_H

#include "io_support.h"

enum { FRAMES_SPARE = 1 << 16 }; /* the budget keeps pieces of whole pages */

static inline size_t frames_row_bytes(const lmp_format *format)
{
    return (size_t)(format->width * format->n_colours) * lmp_type_bytes(format->type);
}

static inline size_t frames_bytes(const lmp_format *format)
{
    return (size_t)format->height * frames_row_bytes(format);
}

/* Reads rows [row, row + rows) of frames [first, first + count), packed, with `gap` bytes between frames that must stay
 * as they are; the caller frees. Checks the temporary memory. */
static inline uint8_t *frames_read_band(lmp_source *source, int64_t first, int64_t count, int64_t row, int64_t rows,
                                        size_t gap)
{
    const lmp_format *format = &source->stream.format;
    const size_t band = (size_t)rows * frames_row_bytes(format);
    uint8_t *spread = malloc((size_t)count * (band + gap) + 1), *packed = malloc((size_t)count * band + 1);
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    assert_true(spread != NULL && packed != NULL);
    memset(spread, 0xA5, (size_t)count * (band + gap));
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    const lmp_frames out = {.first = first,
                            .count = count,
                            .row = row,
                            .rows = rows,
                            .width = format->width,
                            .n_colours = format->n_colours,
                            .type = format->type,
                            .data = spread,
                            .stride = band + gap};
    if (source->read_frames(source->state, &out, budget, &err) != LMP_OK) fail_msg("%s", err.text);
    assert_true(budget_peak(budget) <= source->bytes_per_time + FRAMES_SPARE);
    budget_free(budget);
    for (int64_t t = 0; t < count; t++) {
        const uint8_t *frame = spread + (size_t)t * (band + gap);
        memcpy(packed + (size_t)t * band, frame, band);
        for (size_t i = 0; i < gap; i++) assert_int_equal(frame[band + i], 0xA5);
    }
    free(spread);
    return packed;
}

static inline uint8_t *frames_read(lmp_source *source, int64_t first, int64_t count)
{
    return frames_read_band(source, first, count, 0, source->stream.format.height, 0);
}

/* Every way to read gives `wanted`, the whole movie: at once, frame by frame, with gaps, in bands, lent. */
static inline void frames_check_all_ways(lmp_source *source, const void *wanted)
{
    const lmp_format *format = &source->stream.format;
    const size_t frame = frames_bytes(format), row = frames_row_bytes(format);
    const uint8_t *all = wanted;
    uint8_t *got = frames_read(source, 0, format->n_times);
    assert_memory_equal(got, all, (size_t)format->n_times * frame);
    free(got);
    for (int64_t t = 0; t < format->n_times; t += 1 + format->n_times / 7) {
        const int64_t count = format->n_times - t < 2 ? 1 : 2;
        got = frames_read_band(source, t, count, 0, format->height, 16);
        assert_memory_equal(got, all + (size_t)t * frame, (size_t)count * frame);
        free(got);
    }
    for (int64_t y = 0; source->reads_rows && y < format->height; y += 1 + format->height / 5) {
        const int64_t rows = format->height - y < 2 ? 1 : 2;
        got = frames_read_band(source, 0, format->n_times, y, rows, 8);
        for (int64_t t = 0; t < format->n_times; t++)
            assert_memory_equal(got + (size_t)(t * rows) * row, all + (size_t)t * frame + (size_t)y * row,
                                (size_t)rows * row);
        free(got);
    }
    if (source->view == NULL) return;
    lmp_budget *budget = NULL;
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    for (int64_t t = 0; t < format->n_times; t += 1 + format->n_times / 5) {
        lmp_frames lent = {0};
        void *handle = NULL;
        lmp_error err = {0};
        const int64_t count = format->n_times - t;
        if (source->view(source->state, t, count, budget, &lent, &handle, &err) != LMP_OK) fail_msg("%s", err.text);
        assert_true(budget_used(budget) >= (uint64_t)count * frame);
        assert_int_equal((uintptr_t)lent.data % lmp_type_bytes(format->type), 0);
        for (int64_t i = 0; i < count; i++)
            assert_memory_equal((uint8_t *)lent.data + (size_t)i * lent.stride, all + (size_t)(t + i) * frame, frame);
        source->view_end(source->state, handle);
    }
    budget_free(budget);
}

/* Opens whatever is there and reads its ends: for damaged files, which may do anything but crash. Reading may fail
 * where `reads_fail`. */
static inline bool frames_try(const lmp_io *io, const char *path, const lmp_open_options *options, bool reads_fail)
{
    lmp_source source = {0};
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    if (!io_begin(io, path, options, &source)) return false;
    const lmp_format *format = &source.stream.format;
    if (format->kind == LMP_SIGNALS) {
        io_close(&source);
        return io_try(io, path, options);
    }
    assert_true(format->n_times > 0 && format->height > 0 && format->width > 0);
    assert_true(format->n_colours == 1 || format->n_colours == 3);
    assert_int_equal(budget_new(1 << 26, &budget, NULL), LMP_OK);
    void *frame = malloc(frames_bytes(format));
    for (int64_t t = 0; t < format->n_times && frame != NULL; t += format->n_times < 2 ? 1 : format->n_times - 1) {
        const lmp_frames out = stream_frames(format, t, 1, frame);
        const lmp_status status = source.read_frames(source.state, &out, budget, &err);
        assert_true(status == LMP_OK || (reads_fail && err.text[0] != '\0'));
    }
    free(frame);
    budget_free(budget);
    io_close(&source);
    return true;
}

/* Writes a whole packed movie, the last frames first, in bands of rows unless the writer wants order. Checks that it
 * takes no more memory than the plan is told. */
static inline lmp_status frames_write(const lmp_io *io, const char *path, const lmp_stream *stream,
                                      const lmp_write_options *options, void *movie, int64_t step, int64_t band,
                                      lmp_error *err)
{
    const lmp_format *format = &stream->format;
    const size_t frame = frames_bytes(format), row = frames_row_bytes(format);
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    lmp_status status = io->create(path, stream, options, false, &writer, err);
    if (status != LMP_OK) return status;
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    for (int64_t first = (format->n_times - 1) / step * step; first >= 0; first -= step)
        for (int64_t y = 0; y < format->height && status == LMP_OK; y += band) {
            const int64_t count = format->n_times - first < step ? format->n_times - first : step;
            const lmp_frames frames = {.first = first,
                                       .count = count,
                                       .row = y,
                                       .rows = format->height - y < band ? format->height - y : band,
                                       .width = format->width,
                                       .n_colours = format->n_colours,
                                       .type = format->type,
                                       .data = (uint8_t *)movie + (size_t)first * frame + (size_t)y * row,
                                       .stride = frame};
            status = writer.write_frames(writer.state, &frames, budget, err);
        }
    if (status == LMP_OK) status = writer.finish(writer.state, err);
    writer.close(writer.state);
    const size_t promised = io->pack_bytes == NULL ? 0 : io->pack_bytes(format, options->compress != 0);
    assert_true(budget_peak(budget) <= promised + FRAMES_SPARE);
    budget_free(budget);
    return status;
}

/* ---- Writers of arrays ------------------------------------------------------------------------------------ */

static const lmp_type frames_types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                        LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { FRAMES_TYPES = sizeof frames_types / sizeof *frames_types };

static inline lmp_stream frames_stream(lmp_type type, int64_t n, int64_t height, int64_t width, int64_t colours)
{
    return (lmp_stream){.format = {.kind = LMP_MOVIE,
                                   .type = type,
                                   .n_times = n,
                                   .rate_hz = 30,
                                   .height = height,
                                   .width = width,
                                   .n_colours = colours,
                                   .pixel_width_um = 0.5,
                                   .pixel_height_um = 0.25}};
}

/* Writes the movie in stretches of 3 frames, opens it again and checks shape, type and every way to read; rate and size
 * of pixels where the format keeps them. */
static inline void frames_check_written(const lmp_io *io, const char *path, const lmp_stream *stream,
                                        const lmp_write_options *how, void *movie, int64_t band, bool keeps_scales,
                                        lmp_source *source)
{
    const lmp_open_options plain = LMP_OPTIONS(lmp_open_options);
    const lmp_format *wanted = &stream->format, *got = &source->stream.format;
    lmp_error err = {0};
    if (frames_write(io, path, stream, how, movie, 3, band, &err) != LMP_OK) fail_msg("%s", err.text);
    io_open(io, path, &plain, source);
    assert_true(got->type == wanted->type && got->n_times == wanted->n_times && got->height == wanted->height);
    assert_true(got->width == wanted->width && got->n_colours == wanted->n_colours);
    if (keeps_scales) {
        assert_true(got->rate_hz == wanted->rate_hz && got->pixel_width_um == wanted->pixel_width_um);
        assert_true(got->pixel_height_um == wanted->pixel_height_um);
    }
    frames_check_all_ways(source, movie);
}

enum { FRAMES_SMALL = 4 * 5 * 6 };

static inline lmp_status frames_write_small(const lmp_io *io, const char *path, const lmp_stream *stream,
                                            const lmp_write_options *how, lmp_error *err)
{
    static uint8_t movie[FRAMES_SMALL];
    return frames_write(io, path, stream, how, movie, 2, 5, err);
}

/* Lets the 1st, 2nd, ... write fail until the file is made: each failure is told and leaves nothing. Then what exists
 * is not replaced unasked. Gives how many writes failed. */
static inline int frames_fail_every_write(const lmp_io *io, const char *path)
{
    const lmp_stream stream = frames_stream(LMP_UINT8, 4, 5, 6, 1);
    const lmp_write_options how = {0};
    lmp_status status = LMP_ERR_IO;
    lmp_error err = {0};
    int n_failed = -1;
    for (int nth = 1; status != LMP_OK; nth++, n_failed++) {
        assert_int_equal(io_count(io_folder), 0);
        os_fault_inject(0, nth);
        status = frames_write_small(io, path, &stream, &how, &err);
        os_fault_inject(0, 0);
        assert_true(status == LMP_OK || status == LMP_ERR_IO);
    }
    assert_int_equal(frames_write_small(io, path, &stream, &how, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "exists already: choose another name or add --overwrite"));
    return n_failed;
}

/* What no array can hold is refused before anything is made. */
static inline void frames_refuse_what_no_array_is(const lmp_io *io, const char *path)
{
    lmp_stream stream = frames_stream(LMP_UINT8, 4, 5, 6, 1);
    lmp_write_options how = {.type = LMP_FLOAT32, .overwrite = 1};
    const int n_before = io_count(io_folder);
    lmp_error err = {0};
    assert_int_equal(frames_write_small(io, path, &stream, &how, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "in the number type it has"));
    how.type = 0;
    stream.format.type = LMP_INT24;
    assert_int_equal(frames_write_small(io, path, &stream, &how, &err), LMP_ERR_USAGE);
    stream.format.type = LMP_UINT8;
    stream.format.n_colours = 2;
    assert_int_equal(io->create(path, &stream, &how, false, &(lmp_writer){0}, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "in 2 colours cannot be written"));
    stream.format.n_colours = 1;
    stream.format.n_times = INT64_MAX / 16;
    assert_int_equal(io->create(path, &stream, &how, false, &(lmp_writer){0}, &err), LMP_ERR_USAGE);
    assert_int_equal(io_count(io_folder), n_before);
}

#endif
