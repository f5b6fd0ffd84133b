/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frames_support.h: what the tests of movie formats share: frames read whole, in bands of rows and lent; writers
 * driven.
 */
#ifndef LIMPID_TESTS_FRAMES_SUPPORT_H
#define LIMPID_TESTS_FRAMES_SUPPORT_H

#include "io_support.h"

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
    enum { SPARE = 1 << 16 }; /* the budget keeps pieces of whole pages */
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
    assert_true(budget_peak(budget) <= source->bytes_per_time + SPARE);
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

/* Writes a whole packed movie, the last frames first, in bands of rows unless the writer wants order. */
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
    budget_free(budget);
    return status;
}

#endif
