/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv.c: signals as tables for people and spreadsheets (.csv).
 *
 * A row for each frame or sample: its number, its time in seconds, then the channels, quoted as RFC 4180 says. Numbers
 * have the fewest digits that read back as the same double; NaN and unknown times are empty. Rows differ in length, so
 * they are written in order.
 */
#include "io/csv.h"

#include "core/budget.h"
#include "core/stream.h"
#include "io/decimal.h"
#include "io/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 16 };

typedef struct csv_writer {
    file_output output;
    lmp_stream stream;
    int64_t size; /* bytes written */
    int64_t next; /* first time that has not been written */
} csv_writer;

/* ---- Text that goes out in chunks ------------------------------------------------------------------------- */

typedef struct csv_text {
    csv_writer *w;
    char *chunk; /* CHUNK_BYTES */
    size_t n;
    lmp_status status; /* of the first failure */
    lmp_error *err;
} csv_text;

static void flush(csv_text *t)
{
    if (t->status == LMP_OK && t->n > 0)
        t->status = file_output_write(&t->w->output, t->w->size, t->chunk, t->n, t->err);
    t->w->size += (int64_t)t->n;
    t->n = 0;
}

static void put(csv_text *t, const char *text, size_t n)
{
    while (n > 0) {
        if (t->n == CHUNK_BYTES) flush(t);
        const size_t room = CHUNK_BYTES - t->n, part = n < room ? n : room;
        memcpy(t->chunk + t->n, text, part);
        t->n += part;
        text += part;
        n -= part;
    }
}

static void put_text(csv_text *t, const char *text)
{
    put(t, text, strlen(text));
}

static void put_quoted(csv_text *t, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        put_text(t, text);
        return;
    }
    put(t, "\"", 1);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') put(t, "\"", 1);
        put(t, c, 1);
    }
    put(t, "\"", 1);
}

static void put_number(csv_text *t, double value)
{
    char text[DECIMAL_ROOM];
    if (isnan(value)) return;
    if (isinf(value))
        snprintf(text, sizeof text, value < 0 ? "-inf" : "inf");
    else
        decimal_print(value, text);
    put_text(t, text);
}

/* ---- Rows ------------------------------------------------------------------------------------------------- */

static void put_head(csv_text *t, const lmp_format *format)
{
    put_text(t, "frame,time_s");
    for (int64_t i = 0; i < format->n_channels; i++) {
        put(t, ",", 1);
        put_quoted(t, format->channels[i].name);
    }
    put(t, "\n", 1);
}

static double time_of(const lmp_format *format, int64_t i, int64_t number)
{
    if (format->frame_times_s != NULL) return format->frame_times_s[i];
    return format->rate_hz > 0 ? (double)number / format->rate_hz : (double)NAN;
}

static void put_row(csv_text *t, const lmp_format *format, int64_t time, const void *const *data, int64_t i)
{
    char text[24];
    const int64_t number = format->frame_numbers != NULL ? format->frame_numbers[time] : time;
    snprintf(text, sizeof text, "%" PRId64 ",", number);
    put_text(t, text);
    put_number(t, time_of(format, time, number));
    for (int64_t c = 0; c < format->n_channels; c++) {
        put(t, ",", 1);
        put_number(t, ((const double *)data[c])[i]);
    }
    put(t, "\n", 1);
}

/* ---- The writer ------------------------------------------------------------------------------------------- */

static lmp_status write_rows(void *state, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                             const void *const *data, lmp_budget *budget, lmp_error *err)
{
    csv_writer *w = state;
    const lmp_format *format = &w->stream.format;
    void *chunk = NULL;
    (void)lanes;
    if (first != w->next || n_lanes != format->n_channels)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s is written row after row: sample %" PRId64 " of all channels is next, not %" PRId64,
                        w->output.path, w->next, first);
    const lmp_status status = budget_take_raw(budget, CHUNK_BYTES, &chunk, err);
    if (status != LMP_OK) return status;
    csv_text t = {.w = w, .chunk = chunk, .err = err};
    for (int64_t i = 0; i < count && t.status == LMP_OK; i++) put_row(&t, format, first + i, data, i);
    flush(&t);
    lmp_give(budget, chunk);
    w->next += count;
    return t.status;
}

static lmp_status finish(void *state, lmp_error *err)
{
    csv_writer *w = state;
    return file_output_commit(&w->output, err);
}

static void close_writer(void *state)
{
    csv_writer *w = state;
    file_output_discard(&w->output);
    stream_clear(&w->stream);
    free(w);
}

static const char *data_path(void *state)
{
    const csv_writer *w = state;
    return w->output.path;
}

static lmp_status start(const char *path, const lmp_stream *stream, const lmp_write_options *options, csv_writer *w,
                        lmp_error *err)
{
    lmp_status status = stream_copy(&w->stream, stream, err);
    if (status == LMP_OK) status = file_output_open(path, options->overwrite != 0, &w->output, err);
    if (status != LMP_OK) return status;
    w->output.digest = options->digest;
    csv_text t = {.w = w, .chunk = malloc(CHUNK_BYTES), .err = err};
    if (t.chunk == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    put_head(&t, &w->stream.format);
    flush(&t);
    free(t.chunk);
    return t.status;
}

static lmp_status create_csv(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    (void)force_range; /* decimals need no range */
    if (stream->format.kind != LMP_SIGNALS || stream->format.n_channels < 1)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: signals are written as .csv, not movies; measure something first",
                        path);
    if (options->type != 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: .csv holds decimal numbers, which have no type; leave it away", path);
    csv_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    w->output.file.fd = -1;
    const lmp_status status = start(path, stream, options, w, err);
    if (status != LMP_OK) {
        close_writer(w);
        return status;
    }
    *writer = (lmp_writer){.needs_all_lanes = true,
                           .in_order = true,
                           .time_grain = 1,
                           .state = w,
                           .write = write_rows,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}

static int detect_csv(const uint8_t *head, size_t n, const char *path)
{
    (void)head;
    (void)n;
    (void)path;
    return 0; /* written only */
}

const lmp_io lmp_io_csv = {
    .name = "CSV",
    .summary = "Table of signals: frame, time_s and a column for each channel, every number to its last bit.",
    .kind = LMP_SIGNALS,
    .extensions = "csv",
    .can_write = true,
    .detect = detect_csv,
    .create = create_csv,
};
