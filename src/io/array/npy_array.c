/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_array.c: one array in the form of .npy, as signals or a movie.
 *
 * Of signals, one dimension is one channel. Of two, the shorter one is the channels: recordings have more samples than
 * channels, and arrays are saved both ways. Either way, and in C or Fortran order, the array is a matrix of lanes x
 * times that is planar or interleaved. The format knows no rate, unit or names: the caller says the rate, channels are
 * "1" to "n". What dimensions mean for movies says array_shape.h.
 */
#include "io/array/npy_array.h"

#include "core/stream.h"
#include "io/array/array_movie.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Header ----------------------------------------------------------------------------------------------- */

static lmp_status view_part(const npy_part *part, size_t size, file_view *view, lmp_error *err)
{
    if (part->fetch != NULL) {
        const lmp_status status = part->fetch(part->user, part->begin + (int64_t)size, err);
        if (status != LMP_OK) return status;
    }
    return file_view_begin(part->input, part->begin, size, NULL, view, err);
}

lmp_status npy_array_load_header(const npy_part *part, npy_header *header, lmp_error *err)
{
    uint8_t prelude[NPY_PRELUDE_BYTES];
    file_view view;
    size_t first = 0, size = 0;
    const size_t n = part->size < NPY_PRELUDE_BYTES ? (size_t)part->size : NPY_PRELUDE_BYTES;
    lmp_status status = view_part(part, n, &view, err);
    if (status != LMP_OK) return status;
    memcpy(prelude, view.bytes, n);
    file_view_end(&view);
    status = npy_header_measure(prelude, n, part->label, &first, &size, err);
    if (status != LMP_OK) return status;
    if (size > (uint64_t)part->size)
        return lmp_fail(err, LMP_ERR_INPUT, "%s ends within its header; get the complete file again", part->label);
    status = view_part(part, size, &view, err);
    if (status != LMP_OK) return status;
    status = npy_header_parse(view.bytes, first, size, part->label, header, err);
    header->data_offset += part->begin;
    file_view_end(&view);
    return status;
}

/* ---- What both kinds share -------------------------------------------------------------------------------- */

static lmp_status no_memory(const char *label, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", label);
}

/* "(64, 1000) of int16", for the errors. */
static const char *print_array(const npy_header *header, char text[ARRAY_SHAPE_ROOM])
{
    static const char *const names[] = {"bool",   "int8",  "uint8",  "int16",   "uint16",  "int32",
                                        "uint32", "int64", "uint64", "float16", "float32", "float64"};
    array_shape_print(header->n_dimensions, header->shape, text);
    const size_t n = strlen(text);
    snprintf(text + n, ARRAY_SHAPE_ROOM - n, " of %s", names[header->type]);
    return text;
}

/* Frames or instants that are there; `unit` names them. */
static lmp_status fit_part(const npy_part *part, const npy_header *header, const matrix_layout *layout,
                           const char *unit, bool salvage, int64_t *n_times, char **warnings, lmp_error *err)
{
    char array[ARRAY_SHAPE_ROOM];
    const matrix_fit fit = matrix_measure(layout, part->begin + part->size);
    *n_times = fit.n_times;
    if (fit.n_times == 0 || (fit.found_bytes < fit.wanted_bytes && !salvage))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is cut short: its array %s takes %s%" PRId64 " bytes, %" PRId64
                        " are there; get the complete file again, or salvage it (--salvage) to read %" PRId64
                        " whole %s",
                        part->label, print_array(header, array), fit.wanted_bytes == INT64_MAX ? "over " : "",
                        fit.wanted_bytes, fit.found_bytes, fit.n_times, unit);
    if (fit.found_bytes < fit.wanted_bytes)
        file_warn(warnings, "%s is cut short; its %" PRId64 " whole %s are read", part->label, fit.n_times, unit);
    if (fit.found_bytes > fit.wanted_bytes)
        file_warn(warnings, "%s has %" PRId64 " bytes behind its array", part->label,
                  fit.found_bytes - fit.wanted_bytes);
    return LMP_OK;
}

/* ---- Signals ---------------------------------------------------------------------------------------------- */

static lmp_status check_signals(const npy_header *header, const lmp_open_options *options, const char *path,
                                lmp_error *err)
{
    char array[ARRAY_SHAPE_ROOM];
    if (!(options->rate_hz > 0) || !isfinite(options->rate_hz))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is an array %s and does not say its sampling rate; give it in Hz with --rate", path,
                        print_array(header, array));
    if (!isfinite(options->scale_uv))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: a scale of %g microvolts per unit makes no sense; give a number", path,
                        options->scale_uv);
    return LMP_OK;
}

/* Where channels and samples lie in the array; says so if that had to be guessed. */
static lmp_status lay_out(const npy_header *header, const char *path, int64_t n_channels, matrix_layout *layout,
                          char **warnings, lmp_error *err)
{
    const int64_t rows = header->n_dimensions == 1 ? 1 : header->shape[0];
    const int64_t columns = header->n_dimensions == 1 ? header->shape[0] : header->shape[1];
    const bool is_transposed = n_channels > 0 ? rows != n_channels : rows > columns;
    if (n_channels > 0 && rows != n_channels && columns != n_channels)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s has the shape (%" PRId64 ", %" PRId64 "): neither is a number of %" PRId64 " channels",
                        path, rows, columns, n_channels);
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
    if (is_transposed && n_channels == 0)
        file_warn(warnings,
                  "%s has the shape (%" PRId64 ", %" PRId64 "); the shorter dimension is taken as channels: (samples, "
                  "channels)",
                  path, rows, columns);
    return LMP_OK;
}

static lmp_status set_channels(matrix_source *source, const char *label, double scale, double rate_hz,
                               lmp_stream *stream, lmp_error *err)
{
    const int64_t n = source->layout.n_lanes;
    const sample_info *info = sample_get_info(source->layout.type);
    const bool is_integer = info->highest > info->lowest;
    lmp_channel *channels = calloc((size_t)n, sizeof *channels);
    char(*names)[24] = calloc((size_t)n, sizeof *names);
    source->scales = calloc((size_t)n, sizeof *source->scales);
    lmp_status status = channels == NULL || names == NULL || source->scales == NULL ? no_memory(label, err) : LMP_OK;
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

static lmp_status open_signals(const npy_part *part, const npy_header *header, const lmp_open_options *options,
                               char **warnings, lmp_source *source, lmp_error *err)
{
    int64_t n_times = 0;
    matrix_source *m = matrix_source_new();
    if (m == NULL) return no_memory(part->label, err);
    lmp_status status = check_signals(header, options, part->label, err);
    if (status == LMP_OK) status = lay_out(header, part->label, options->n_channels, &m->layout, warnings, err);
    if (status == LMP_OK)
        status = fit_part(part, header, &m->layout, "instants", options->salvage != 0, &n_times, warnings, err);
    if (status == LMP_OK) {
        const double scale = options->scale_uv == 0 ? 1 : options->scale_uv;
        source->stream.format = (lmp_format){.kind = LMP_SIGNALS,
                                             .type = sample_get_info(header->type)->type,
                                             .n_times = n_times,
                                             .rate_hz = options->rate_hz,
                                             .start_unix_s = (double)NAN,
                                             .subject = "",
                                             .session = ""};
        status = set_channels(m, part->label, scale, options->rate_hz, &source->stream, err);
    }
    if (status != LMP_OK) {
        stream_clear(&source->stream);
        matrix_source_close(m);
        return status;
    }
    m->input = *part->input;
    *part->input = (file_input){.file = {-1}};
    source->time_grain = 1;
    source->bytes_per_time = matrix_source_bytes_per_time(m);
    source->state = m;
    source->read = matrix_source_read;
    source->close = matrix_source_close;
    source->data_path = matrix_source_path;
    return LMP_OK;
}

/* ---- Movies ----------------------------------------------------------------------------------------------- */

static lmp_status open_movie(const npy_part *part, const npy_header *header, const array_shape *shape,
                             const lmp_open_options *options, char **warnings, lmp_source *source, lmp_error *err)
{
    int64_t n_times = 0;
    array_movie *movie = calloc(1, sizeof *movie);
    if (movie == NULL) return no_memory(part->label, err);
    array_movie_lay_out(shape, header->type, header->is_big_endian, header->is_fortran_order, header->data_offset,
                        movie);
    const lmp_status status =
        fit_part(part, header, &movie->layout, "frames", options->salvage != 0, &n_times, warnings, err);
    if (status != LMP_OK) {
        free(movie);
        return status;
    }
    movie->input = *part->input;
    *part->input = (file_input){.file = {-1}};
    array_movie_give(movie, n_times, options->rate_hz, source);
    return LMP_OK;
}

/* ---- Either ----------------------------------------------------------------------------------------------- */

lmp_status npy_array_open(const npy_part *part, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    npy_header header = {0};
    array_shape shape;
    char *warnings = NULL;
    lmp_status status = npy_array_load_header(part, &header, err);
    if (status == LMP_OK)
        status = array_shape_choose(part->label, header.n_dimensions, header.shape, options, &shape, &warnings, err);
    if (status == LMP_OK && shape.kind == LMP_SIGNALS)
        status = open_signals(part, &header, options, &warnings, source, err);
    else if (status == LMP_OK)
        status = open_movie(part, &header, &shape, options, &warnings, source, err);
    if (status != LMP_OK) {
        file_input_close(part->input);
        free(warnings);
        return status;
    }
    source->format_name = "NumPy";
    source->warnings = warnings;
    return LMP_OK;
}
