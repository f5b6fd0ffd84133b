/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy.c: signals as NumPy arrays (.npy).
 *
 * One dimension is one channel. Of two, the shorter one is the channels: recordings have more samples than channels,
 * and arrays are saved both ways. Either way, and in C or Fortran order, the file is a matrix of lanes x times that is
 * planar or interleaved. The format knows no rate, unit or names: the caller says the rate, channels are "1" to "n".
 *
 * Written are (channels, samples) in C order, each stretch at its own place, so that lanes may come in any order.
 */
#include "io/npy.h"

#include "core/budget.h"
#include "core/stream.h"
#include "io/file.h"
#include "io/matrix.h"
#include "io/npy_header.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static lmp_status load_header(const file_input *input, npy_header *header, lmp_error *err)
{
    uint8_t prelude[NPY_PRELUDE_BYTES];
    const int64_t available = input->info.size;
    file_view view;
    size_t first = 0, size = 0;
    const size_t n = available < NPY_PRELUDE_BYTES ? (size_t)available : NPY_PRELUDE_BYTES;
    lmp_status status = file_view_begin(input, 0, n, NULL, &view, err);
    if (status != LMP_OK) return status;
    memcpy(prelude, view.bytes, n);
    file_view_end(&view);
    status = npy_header_measure(prelude, n, input->path, &first, &size, err);
    if (status != LMP_OK) return status;
    if (size > (uint64_t)available)
        return lmp_fail(err, LMP_ERR_INPUT, "%s ends within its header; get the complete file again", input->path);
    status = file_view_begin(input, 0, size, NULL, &view, err);
    if (status != LMP_OK) return status;
    status = npy_header_parse(view.bytes, first, size, input->path, header, err);
    file_view_end(&view);
    return status;
}

/* "(64, 1000) of int16", for the errors. */
static const char *print_shape(const npy_header *header, char text[96])
{
    static const char *const names[] = {"bool",   "int8",  "uint8",  "int16",   "uint16",  "int32",
                                        "uint32", "int64", "uint64", "float16", "float32", "float64"};
    if (header->n_dimensions == 1)
        snprintf(text, 96, "(%" PRId64 ",) of %s", header->shape[0], names[header->type]);
    else
        snprintf(text, 96, "(%" PRId64 ", %" PRId64 ") of %s", header->shape[0], header->shape[1], names[header->type]);
    return text;
}

static lmp_status check_array(const npy_header *header, const lmp_open_options *options, const char *path,
                              lmp_error *err)
{
    char shape[96];
    if (header->n_dimensions < 1 || header->n_dimensions > 2)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has %" PRId64 " dimensions; signals need 1 or 2", path,
                        header->n_dimensions);
    for (int64_t i = 0; i < header->n_dimensions; i++)
        if (header->shape[i] == 0)
            return lmp_fail(err, LMP_ERR_INPUT, "%s has the shape %s: there is nothing in it", path,
                            print_shape(header, shape));
    if (!(options->rate_hz > 0) || !isfinite(options->rate_hz))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is an array %s and does not say its sampling rate; give it in Hz with --rate", path,
                        print_shape(header, shape));
    if (!isfinite(options->scale_uv))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: a scale of %g microvolts per unit makes no sense; give a number", path,
                        options->scale_uv);
    return LMP_OK;
}

/* Where channels and samples lie in the array; says so if that had to be guessed. */
static lmp_status lay_out(const npy_header *header, const char *path, matrix_layout *layout, char **warnings,
                          lmp_error *err)
{
    const int64_t rows = header->n_dimensions == 1 ? 1 : header->shape[0];
    const int64_t columns = header->n_dimensions == 1 ? header->shape[0] : header->shape[1];
    const bool is_transposed = rows > columns;
    *layout = (matrix_layout){.type = header->type,
                              .is_big_endian = header->is_big_endian,
                              /* C order keeps a row together; a row is a channel unless transposed. */
                              .is_interleaved = is_transposed != header->is_fortran_order,
                              .offset = header->data_offset,
                              .n_lanes = is_transposed ? columns : rows,
                              .n_times = is_transposed ? rows : columns};
    if (header->n_dimensions == 1) layout->is_interleaved = false; /* the same, and faster */
    if (layout->n_lanes > MATRIX_MOST_LANES)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s has the shape (%" PRId64 ", %" PRId64 "); limpid reads up to %d channels", path, rows,
                        columns, MATRIX_MOST_LANES);
    if (is_transposed)
        file_warn(warnings,
                  "%s has the shape (%" PRId64 ", %" PRId64 "); the shorter dimension is taken as channels: (samples, "
                  "channels)",
                  path, rows, columns);
    return LMP_OK;
}

static lmp_status fit_file(const matrix_source *source, bool salvage, int64_t *n_times, char **warnings, lmp_error *err)
{
    const matrix_fit fit = matrix_measure(&source->layout, source->input.info.size);
    const char *path = source->input.path;
    *n_times = fit.n_times;
    if (fit.n_times == 0 || (fit.found_bytes < fit.wanted_bytes && !salvage))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is cut short: its array of %" PRId64 " x %" PRId64 " takes %s%" PRId64 " bytes, %" PRId64
                        " are there; get the complete file again, or salvage it to read %" PRId64 " whole instants",
                        path, source->layout.n_lanes, source->layout.n_times,
                        fit.wanted_bytes == INT64_MAX ? "over " : "", fit.wanted_bytes, fit.found_bytes, fit.n_times);
    if (fit.found_bytes < fit.wanted_bytes)
        file_warn(warnings, "%s is cut short; its %" PRId64 " whole instants are read", path, fit.n_times);
    if (fit.found_bytes > fit.wanted_bytes)
        file_warn(warnings, "%s has %" PRId64 " bytes behind its array", path, fit.found_bytes - fit.wanted_bytes);
    return LMP_OK;
}

static lmp_status set_channels(matrix_source *source, double scale, double rate_hz, lmp_stream *stream, lmp_error *err)
{
    const int64_t n = source->layout.n_lanes;
    const sample_info *info = sample_get_info(source->layout.type);
    const bool is_integer = info->highest > info->lowest;
    lmp_channel *channels = calloc((size_t)n, sizeof *channels);
    char(*names)[24] = calloc((size_t)n, sizeof *names);
    source->scales = calloc((size_t)n, sizeof *source->scales);
    lmp_status status =
        channels == NULL || names == NULL || source->scales == NULL ? no_memory(source->input.path, err) : LMP_OK;
    for (int64_t i = 0; i < n && status == LMP_OK; i++) {
        snprintf(names[i], sizeof names[i], "%" PRId64, i + 1);
        channels[i] = (lmp_channel){.name = names[i],
                                    .unit = "uV",
                                    .transducer = "",
                                    .filtering = "",
                                    .role = LMP_ROLE_EEG,
                                    .stored_rate_hz = rate_hz,
                                    .scale = is_integer ? scale : 0,
                                    .physical_min = scale * info->lowest,
                                    .physical_max = scale * info->highest,
                                    .digital_min = info->lowest,
                                    .digital_max = info->highest};
        source->scales[i] = scale;
    }
    if (status == LMP_OK) status = lmp_stream_set_channels(stream, channels, n, err);
    free(channels);
    free(names);
    return status;
}

static lmp_status open_npy(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    npy_header header = {0};
    char *warnings = NULL;
    int64_t n_times = 0;
    matrix_source *m = matrix_source_new();
    if (m == NULL) return no_memory(path, err);
    lmp_status status = file_input_open(path, &m->input, err);
    if (status == LMP_OK) status = load_header(&m->input, &header, err);
    if (status == LMP_OK) status = check_array(&header, options, path, err);
    if (status == LMP_OK) status = lay_out(&header, path, &m->layout, &warnings, err);
    if (status == LMP_OK) status = fit_file(m, options->salvage != 0, &n_times, &warnings, err);
    if (status == LMP_OK) {
        const double scale = options->scale_uv == 0 ? 1 : options->scale_uv;
        source->stream.format = (lmp_format){.kind = LMP_SIGNALS,
                                             .type = sample_get_info(header.type)->type,
                                             .n_times = n_times,
                                             .rate_hz = options->rate_hz,
                                             .start_unix_s = (double)NAN,
                                             .subject = "",
                                             .session = ""};
        status = set_channels(m, scale, options->rate_hz, &source->stream, err);
    }
    if (status != LMP_OK) {
        stream_clear(&source->stream);
        matrix_source_close(m);
        free(warnings);
        return status;
    }
    source->format_name = "NumPy";
    source->warnings = warnings;
    source->time_grain = 1;
    source->bytes_per_time = matrix_source_bytes_per_time(m);
    source->state = m;
    source->read = matrix_source_read;
    source->close = matrix_source_close;
    source->data_path = matrix_source_path;
    return LMP_OK;
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

typedef struct npy_writer {
    file_output output;
    bool is_float32;
    int64_t n_times;
} npy_writer;

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

static lmp_status create_npy(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    (void)force_range; /* floats need no range */
    const lmp_format *format = &stream->format;
    if (format->kind != LMP_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: signals are written as .npy, not movies; choose another format", path);
    if (options->type != 0 && options->type != LMP_FLOAT64 && options->type != LMP_FLOAT32)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: .npy is written as float64 or float32; choose one of them", path);
    if (format->n_channels < 1 || format->n_times < 0 ||
        format->n_times > (INT64_MAX - NPY_WRITTEN_BYTES) / 8 / format->n_channels)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: %" PRId64 " channels of %" PRId64 " samples cannot be written", path,
                        format->n_channels, format->n_times);
    npy_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return no_memory(path, err);
    w->is_float32 = options->type == LMP_FLOAT32;
    w->n_times = format->n_times;
    lmp_status status = file_output_open(path, options->overwrite != 0, &w->output, err);
    if (status != LMP_OK) {
        free(w);
        return status;
    }
    const size_t width = w->is_float32 ? sizeof(float) : sizeof(double);
    uint8_t header[NPY_WRITTEN_BYTES];
    npy_header_print(format->n_channels, format->n_times, width, header);
    status = file_output_write(&w->output, 0, header, sizeof header, err);
    if (status != LMP_OK) {
        close_writer(w);
        return status;
    }
    *writer = (lmp_writer){.needs_all_lanes = false,
                           .time_grain = 1,
                           .bytes_per_time = w->is_float32 ? sizeof(float) : 0,
                           .state = w,
                           .write = write_stretch,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}

/* ---- The format ------------------------------------------------------------------------------------------- */

static int detect_npy(const uint8_t *head, size_t n, const char *path)
{
    const size_t length = strlen(path);
    if (npy_is_headed(head, n)) return 100;
    return length > 4 && strcasecmp(path + length - 4, ".npy") == 0 ? 30 : 0;
}

const lmp_io lmp_io_npy = {
    .name = "NumPy",
    .summary = "Array of numbers as NumPy saves it: one channel, or channels x samples; the rate is given with --rate.",
    .kind = LMP_SIGNALS,
    .extensions = "npy",
    .can_read = true,
    .can_write = true,
    .detect = detect_npy,
    .open = open_npy,
    .create = create_npy,
};
