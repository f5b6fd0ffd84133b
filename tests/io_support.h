/* SPDX-License-Identifier: BSD-3-Clause
 *
 * io_support.h: what the tests of file formats share: a folder of their own, files in it, sources and writers.
 */
#ifndef LIMPID_TESTS_IO_SUPPORT_H
#define LIMPID_TESTS_IO_SUPPORT_H

#include "core/budget.h"
#include "core/source.h"
#include "core/stream.h"
#include "os/os.h"
#include "temporary.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- A folder of our own ---------------------------------------------------------------------------------- */

static char io_folder[TEMPORARY_ROOM];

static int io_setup(void **state)
{
    (void)state;
    return mkdtemp(temporary_name(io_folder, "limpid-test-XXXXXX")) == NULL ? -1 : 0;
}

/* Removes all files of the folder; gives how many there were. */
static int io_empty(void)
{
    char path[600];
    int n = 0;
    DIR *folder = opendir(io_folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%s/%s", io_folder, entry->d_name);
        assert_int_equal(unlink(path), 0);
        n++;
    }
    closedir(folder);
    return n;
}

static bool io_count_name(void *user, const char *name)
{
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) ++*(int *)user;
    return true;
}

/* Files and folders in a folder. */
static inline int io_count(const char *path)
{
    int n = 0;
    assert_int_equal(os_directory_visit(path, io_count_name, &n), 0);
    return n;
}

static int io_teardown(void **state)
{
    (void)state;
    os_fault_inject(0, 0);
    (void)io_empty();
    return rmdir(io_folder);
}

static inline int io_fresh(void **state)
{
    (void)state;
    os_fault_inject(0, 0);
    (void)io_empty();
    return 0;
}

/* Path of a name in the folder; valid until the fourth call from now. */
static const char *io_path(const char *name)
{
    static char paths[4][600];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", io_folder, name);
    return paths[turn];
}

static void io_put(const char *name, const void *bytes, size_t size)
{
    (void)unlink(io_path(name)); /* some file systems flush a file that is cut to 0 and written again */
    FILE *file = fopen(io_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void io_put_text(const char *name, const char *text)
{
    io_put(name, text, strlen(text));
}

static inline bool io_exists(const char *name)
{
    struct stat st;
    return stat(io_path(name), &st) == 0;
}

/* The whole file, ended by 0; the caller frees. */
static inline char *io_get(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    *size = 0;
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    bytes[*size] = '\0';
    fclose(file);
    return bytes;
}

/* A path in the folder of shared recordings; skips the test if it is absent. */
static inline const char *io_shared(const char *name)
{
    static char path[1200];
    struct stat st;
    const char *given = getenv("LIMPID_SHARED");
    const char *slash = strrchr(__FILE__, '/');
    if (given != NULL)
        snprintf(path, sizeof path, "%s/data/%s", given, name);
    else
        snprintf(path, sizeof path, "%.*s/../../shared/data/%s", slash == NULL ? 1 : (int)(slash - __FILE__),
                 slash == NULL ? "." : __FILE__, name);
    if (stat(path, &st) != 0) {
        print_message("skipped: %s is absent; LIMPID_SHARED names the folder above data\n", path);
        skip();
    }
    return path;
}

/* The budget keeps what large pieces it gave for the next taker: one view, if none was lost. */
enum { IO_VIEW_BYTES = (1 << 20) + 4096 };

/* ---- Sources ---------------------------------------------------------------------------------------------- */

static inline void io_close(lmp_source *source)
{
    if (source->close != NULL) source->close(source->state);
    stream_clear(&source->stream);
    json_decref(source->facts);
    free(source->warnings);
    *source = (lmp_source){0};
}

/* Opens, expecting success. */
static inline void io_open(const lmp_io *io, const char *path, const lmp_open_options *options, lmp_source *source)
{
    const lmp_open_options none = LMP_OPTIONS(lmp_open_options);
    lmp_error err = {0};
    *source = (lmp_source){0};
    if (io->open(path, options == NULL ? &none : options, source, &err) != LMP_OK) fail_msg("%s", err.text);
}

/* Opens, expecting `status` and a sentence with `word`. */
static inline void io_refuse(const lmp_io *io, const char *path, const lmp_open_options *options, lmp_status status,
                             const char *word)
{
    const lmp_open_options none = LMP_OPTIONS(lmp_open_options);
    lmp_source source = {0};
    lmp_error err = {0};
    const lmp_status got = io->open(path, options == NULL ? &none : options, &source, &err);
    if (got == LMP_OK) {
        io_close(&source);
        fail_msg("%s opened, but should be refused (%s)", path, word);
    }
    if (got != status || strstr(err.text, word) == NULL)
        fail_msg("%s: status %d, '%s'; wanted %d, '%s'", path, got, err.text, status, word);
    assert_true(strlen(err.text) < sizeof err.text - 1);
}

/* Opens; what is refused is refused with a sentence and leaves nothing behind. */
static inline bool io_begin(const lmp_io *io, const char *path, const lmp_open_options *options, lmp_source *source)
{
    lmp_error err = {0};
    *source = (lmp_source){0};
    if (io->open(path, options, source, &err) == LMP_OK) return true;
    assert_true(err.text[0] != '\0' && err.status != LMP_OK);
    assert_null(source->stream.own);
    return false;
}

/* Opens whatever is there and reads a little of it: for damaged files, which may do anything but crash. */
static inline bool io_try(const lmp_io *io, const char *path, const lmp_open_options *options)
{
    lmp_source source = {0};
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    if (!io_begin(io, path, options, &source)) return false;
    const lmp_format *format = &source.stream.format;
    assert_true(format->n_times > 0 && format->n_channels > 0 && format->rate_hz > 0);
    assert_int_equal(budget_new(1 << 26, &budget, NULL), LMP_OK);
    const int64_t n = format->n_times < 100 ? format->n_times : 100;
    for (int64_t lane = 0; lane < format->n_channels; lane += 1 + format->n_channels / 8) {
        double values[100];
        void *out = values;
        const lmp_read_request request = {
            .first = format->n_times - n, .count = n, .n_lanes = 1, .lanes = &lane, .out = &out};
        assert_int_equal(source.read(source.state, &request, budget, &err), LMP_OK);
    }
    assert_true(budget_used(budget) <= IO_VIEW_BYTES);
    budget_free(budget);
    io_close(&source);
    return true;
}

/* Reads a stretch of all lanes, planar; the caller frees. */
static inline double *io_read_stretch(lmp_source *source, int64_t first, int64_t count)
{
    const int64_t n = source->stream.format.n_channels;
    double *values = malloc((size_t)(n * count) * sizeof *values);
    int64_t *lanes = malloc((size_t)n * sizeof *lanes);
    void **out = malloc((size_t)n * sizeof *out);
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    assert_true(values != NULL && lanes != NULL && out != NULL);
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    for (int64_t i = 0; i < n; i++) {
        lanes[i] = i;
        out[i] = values + i * count;
    }
    const lmp_read_request request = {.first = first, .count = count, .n_lanes = n, .lanes = lanes, .out = out};
    if (source->read(source->state, &request, budget, &err) != LMP_OK) fail_msg("%s", err.text);
    assert_true(budget_used(budget) <= IO_VIEW_BYTES);
    assert_true(budget_peak(budget) <= (uint64_t)count * source->bytes_per_time + 4096);
    budget_free(budget);
    free(lanes);
    free(out);
    return values;
}

static inline double *io_read_all(lmp_source *source)
{
    return io_read_stretch(source, 0, source->stream.format.n_times);
}

/* ---- Writers ---------------------------------------------------------------------------------------------- */

/* Writes planar values of all lanes in stretches of `step`, the last first. Stops at the first failure; closes. */
static inline lmp_status io_write_once(const lmp_io *io, const char *path, const lmp_stream *stream,
                                       const lmp_write_options *options, bool force_range, const double *values,
                                       int64_t step, lmp_error *err)
{
    const int64_t n = stream->format.n_channels, n_times = stream->format.n_times;
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    assert_int_equal(budget_new(1 << 28, &budget, NULL), LMP_OK);
    double *lowest = calloc((size_t)n, sizeof *lowest), *highest = calloc((size_t)n, sizeof *highest);
    int64_t *lanes = calloc((size_t)n, sizeof *lanes);
    const void **data = calloc((size_t)n, sizeof *data);
    lmp_status status = io->create(path, stream, options, force_range, &writer, err);
    if (status != LMP_OK) goto done;
    for (int64_t i = 0; i < n; i++) {
        lanes[i] = i;
        lowest[i] = highest[i] = (double)NAN;
        for (int64_t t = 0; t < n_times; t++) {
            const double v = values[i * n_times + t];
            if (!isfinite(v)) continue;
            lowest[i] = fmin(lowest[i], v);
            highest[i] = fmax(highest[i], v);
        }
    }
    if (writer.needs_range) status = writer.set_range(writer.state, lowest, highest, err);
    for (int64_t first = (n_times - 1) / step * step; first >= 0 && status == LMP_OK; first -= step) {
        const int64_t count = n_times - first < step ? n_times - first : step;
        for (int64_t i = 0; i < n; i++) data[i] = values + i * n_times + first;
        status = writer.write(writer.state, first, count, n, lanes, data, budget, err);
    }
    if (status == LMP_OK) status = writer.finish(writer.state, err);
    writer.close(writer.state);
done:
    assert_true(budget_used(budget) <= IO_VIEW_BYTES);
    budget_free(budget);
    free(lowest);
    free(highest);
    free(lanes);
    free(data);
    return status;
}

/* As the engine does: once more with the range of the data if a value did not fit. */
static inline lmp_status io_write(const lmp_io *io, const char *path, const lmp_stream *stream,
                                  const lmp_write_options *options, const double *values, int64_t step, lmp_error *err)
{
    const lmp_status status = io_write_once(io, path, stream, options, false, values, step, err);
    return status == LMP_ERR_RANGE ? io_write_once(io, path, stream, options, true, values, step, err) : status;
}

#endif
