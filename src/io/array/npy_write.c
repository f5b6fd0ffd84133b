/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_write.c: writing signals and movies as NumPy arrays (.npy).
 *
 * Signals are written as (channels, samples), movies as (frames, rows, columns) or (frames, rows, columns, colours),
 * one frame as (rows, columns) or (rows, columns, colours), as numpy.mean(axis=0) would leave it. All in C order, each
 * stretch at its own place, so that lanes, frames and bands of rows may come in any order.
 */
#include "io/array/npy_write.h"

#include "core/budget.h"
#include "io/array/array_shape.h"
#include "io/file.h"
#include "io/array/npy_header.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

typedef struct npy_writer {
    file_output output;
    int64_t n_times;
    bool is_float32;    /* signals */
    size_t frame_bytes; /* movies */
} npy_writer;

/* ---- Signals ---------------------------------------------------------------------------------------------- */

enum { CHUNK_VALUES = 1 << 16 };

/* Position of the first finite value that float32 cannot hold, -1 if there is none. */
static int64_t round_to_float32(const double *values, int64_t count, float *rounded)
{
    bool fits = true;
    for (int64_t i = 0; i < count; i++) {
        rounded[i] = (float)values[i];
        fits &= !(isinf(rounded[i]) && isfinite(values[i]));
    }
    if (fits) return -1;
    int64_t first = 0;
    while (!(isinf(rounded[first]) && isfinite(values[first]))) first++;
    return first;
}

static lmp_status write_float32(npy_writer *w, int64_t lane, int64_t first, int64_t count, const double *values,
                                float *chunk, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t done = 0; done < count && status == LMP_OK; done += CHUNK_VALUES) {
        const int64_t n = count - done < CHUNK_VALUES ? count - done : CHUNK_VALUES;
        const int64_t place = lane * w->n_times + first + done;
        const int64_t bad = round_to_float32(values + done, n, chunk);
        if (bad >= 0)
            return lmp_fail(err, LMP_ERR_RANGE,
                            "%s: sample %" PRId64 " of channel %" PRId64
                            " is %g, beyond float32; write float64 instead",
                            w->output.path, first + done + bad, lane + 1, values[done + bad]);
        status = file_output_write(&w->output, NPY_WRITTEN_BYTES + place * (int64_t)sizeof(float), chunk,
                                   (size_t)n * sizeof(float), err);
    }
    return status;
}

static lmp_status write_stretch(void *state, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                                const void *const *data, lmp_budget *budget, lmp_error *err)
{
    npy_writer *w = state;
    void *chunk = NULL;
    lmp_status status = LMP_OK;
    if (w->is_float32) {
        const int64_t n = count < CHUNK_VALUES ? count : CHUNK_VALUES;
        status = budget_take_raw(budget, (size_t)n * sizeof(float), &chunk, err);
    }
    for (int64_t i = 0; i < n_lanes && status == LMP_OK; i++) {
        const int64_t place = lanes[i] * w->n_times + first;
        if (w->is_float32)
            status = write_float32(w, lanes[i], first, count, data[i], chunk, err);
        else
            status = file_output_write(&w->output, NPY_WRITTEN_BYTES + place * (int64_t)sizeof(double), data[i],
                                       (size_t)count * sizeof(double), err);
    }
    lmp_give(budget, chunk);
    return status;
}

/* ---- Movies ----------------------------------------------------------------------------------------------- */

static lmp_status write_frames(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    npy_writer *w = state;
    return file_output_write_frames(&w->output, NPY_WRITTEN_BYTES, w->frame_bytes, frames, err);
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

static lmp_status finish(void *state, lmp_error *err)
{
    npy_writer *w = state;
    return file_output_commit(&w->output, err);
}

static void close_writer(void *state)
{
    npy_writer *w = state;
    file_output_discard(&w->output);
    free(w);
}

static const char *data_path(void *state)
{
    const npy_writer *w = state;
    return w->output.path;
}

/* The writer with its header written and room for its data. */
static lmp_status start(const char *path, const lmp_write_options *options, const uint8_t header[NPY_WRITTEN_BYTES],
                        int64_t data_bytes, npy_writer **started, lmp_error *err)
{
    npy_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    lmp_status status = file_output_open(path, options->overwrite != 0, &w->output, err);
    if (status != LMP_OK) {
        free(w);
        return status;
    }
    w->output.digest = options->digest;
    status = file_output_reserve(&w->output, NPY_WRITTEN_BYTES + data_bytes, err);
    if (status == LMP_OK) status = file_output_write(&w->output, 0, header, NPY_WRITTEN_BYTES, err);
    if (status != LMP_OK)
        close_writer(w);
    else
        *started = w;
    return status;
}

static lmp_writer writer_of(npy_writer *w)
{
    return (lmp_writer){.time_grain = 1, .state = w, .finish = finish, .close = close_writer, .data_path = data_path};
}

static lmp_status create_signals(const char *path, const lmp_format *format, const lmp_write_options *options,
                                 lmp_writer *writer, lmp_error *err)
{
    npy_writer *w = NULL;
    uint8_t header[NPY_WRITTEN_BYTES];
    if (options->type != 0 && options->type != LMP_FLOAT64 && options->type != LMP_FLOAT32)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: .npy is written as float64 or float32; choose one of them", path);
    if (format->n_channels < 1 || format->n_times < 0 ||
        format->n_times > (INT64_MAX - NPY_WRITTEN_BYTES) / 8 / format->n_channels)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: %" PRId64 " channels of %" PRId64 " samples cannot be written", path,
                        format->n_channels, format->n_times);
    const bool is_float32 = options->type == LMP_FLOAT32;
    npy_header_print(is_float32 ? LMP_FLOAT32 : LMP_FLOAT64, 2, (int64_t[]){format->n_channels, format->n_times},
                     header);
    const int64_t width = is_float32 ? (int64_t)sizeof(float) : (int64_t)sizeof(double);
    const lmp_status status = start(path, options, header, format->n_channels * format->n_times * width, &w, err);
    if (status != LMP_OK) return status;
    w->n_times = format->n_times;
    w->is_float32 = is_float32;
    *writer = writer_of(w);
    writer->bytes_per_time = is_float32 ? sizeof(float) : 0;
    writer->write = write_stretch;
    return LMP_OK;
}

static lmp_status create_movie(const char *path, const lmp_format *format, const lmp_write_options *options,
                               lmp_writer *writer, lmp_error *err)
{
    npy_writer *w = NULL;
    uint8_t header[NPY_WRITTEN_BYTES];
    const int64_t shape[] = {format->n_times, format->height, format->width, format->n_colours};
    const int64_t skipped = format->n_times == 1 ? 1 : 0, n_dimensions = format->n_colours == 1 ? 3 : 4;
    lmp_status status = array_shape_check_movie(path, ".npy", format, options, err);
    if (status != LMP_OK) return status;
    npy_header_print(format->type, n_dimensions - skipped, shape + skipped, header);
    const size_t row_bytes = (size_t)(format->width * format->n_colours) * lmp_type_bytes(format->type);
    const size_t frame_bytes = (size_t)format->height * row_bytes;
    status = start(path, options, header, format->n_times * (int64_t)frame_bytes, &w, err);
    if (status != LMP_OK) return status;
    w->frame_bytes = frame_bytes;
    *writer = writer_of(w);
    writer->write_frames = write_frames;
    writer->copies = true;
    return LMP_OK;
}

lmp_status npy_create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                      lmp_writer *writer, lmp_error *err)
{
    (void)force_range; /* floats need no range */
    return stream->format.kind == LMP_SIGNALS ? create_signals(path, &stream->format, options, writer, err)
                                              : create_movie(path, &stream->format, options, writer, err);
}
