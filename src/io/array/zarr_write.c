/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr_write.c: writing movies as Zarr folders, version 2.
 *
 * Chunks are one frame, or bands of rows of frames beyond 16 MB. Everything is written into a folder with a temporary
 * name and gets its own by a rename when it is complete. Uncompressed chunks are written in place, whatever part of
 * them comes first; compressed ones need whole frames.
 */
#include "io/array/zarr.h"

#include "io/array/array_shape.h"
#include "io/array/chunk_codec.h"
#include "io/array/chunk_rows.h"
#include "io/pixels.h"

#include "core/budget.h"
#include "os/os.h"

#include <blosc.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { BLOSC_LEVEL = 5 };

typedef struct zarr_writer {
    char *path, *temporary; /* temporary: NULL once named */
    bool overwrite, is_compressed;
    int64_t height, rows; /* of a frame, of a chunk */
    bool has_colours;
    size_t row_bytes, number_bytes;
} zarr_writer;

static lmp_status fail_code(const char *path, int code, lmp_error *err)
{
    const char *advice = code == ENOSPC || code == EDQUOT ? "; free some space or write to another disk" : "";
    char text[128];
    return lmp_fail(err, code == ENOMEM ? LMP_ERR_MEMORY : LMP_ERR_IO, "cannot write %s: %s%s", path,
                    strerror_r(code, text, sizeof text), advice);
}

/* ---- Header ----------------------------------------------------------------------------------------------- */

/* NumPy's code of a type, in this machine's byte order. */
static void type_code(lmp_type type, char code[4])
{
    static const char *const codes[] = {
        [LMP_INT8] = "i1",   [LMP_UINT8] = "u1", [LMP_INT16] = "i2",  [LMP_UINT16] = "u2",  [LMP_INT32] = "i4",
        [LMP_UINT32] = "u4", [LMP_INT64] = "i8", [LMP_UINT64] = "u8", [LMP_FLOAT32] = "f4", [LMP_FLOAT64] = "f8"};
    const bool is_little = pixels_are_native(SAMPLE_INT16, false);
    code[0] = lmp_type_bytes(type) == 1 ? '|' : is_little ? '<' : '>';
    strcpy(code + 1, codes[type]);
}

static json_t *make_array(const zarr_writer *w, const lmp_format *f)
{
    char code[4];
    type_code(f->type, code);
    json_t *shape = json_pack("[I,I,I]", (json_int_t)f->n_times, (json_int_t)f->height, (json_int_t)f->width);
    json_t *chunks = json_pack("[I,I,I]", (json_int_t)1, (json_int_t)w->rows, (json_int_t)f->width);
    if (w->has_colours) json_array_append_new(shape, json_integer(f->n_colours));
    if (w->has_colours) json_array_append_new(chunks, json_integer(f->n_colours));
    json_t *compressor = w->is_compressed ? json_pack("{s:s,s:s,s:i,s:i,s:i}", "id", "blosc", "cname", "lz4", "clevel",
                                                      BLOSC_LEVEL, "shuffle", BLOSC_SHUFFLE, "blocksize", 0)
                                          : json_null();
    return json_pack("{s:i,s:o,s:o,s:s,s:o,s:i,s:s,s:n,s:s}", "zarr_format", 2, "shape", shape, "chunks", chunks,
                     "dtype", code, "compressor", compressor, "fill_value", 0, "order", "C", "filters",
                     "dimension_separator", ".");
}

static json_t *make_attributes(const zarr_writer *w, const lmp_format *f)
{
    json_t *a = json_pack("{s:[s,s,s]}", "_ARRAY_DIMENSIONS", "frame", "height", "width");
    if (w->has_colours) json_array_append_new(json_object_get(a, "_ARRAY_DIMENSIONS"), json_string("channel"));
    if (f->rate_hz > 0) json_object_set_new(a, "rate_hz", json_real(f->rate_hz));
    if (f->pixel_width_um > 0) json_object_set_new(a, "pixel_width_um", json_real(f->pixel_width_um));
    if (f->pixel_height_um > 0) json_object_set_new(a, "pixel_height_um", json_real(f->pixel_height_um));
    return a;
}

/* Some bytes of a file of the folder. size: what the file has at least afterwards. */
static lmp_status put(const zarr_writer *w, const char *name, int64_t offset, const void *bytes, size_t n, int64_t size,
                      lmp_error *err)
{
    os_file file;
    char *path = zarr_join(w->temporary, name);
    int code = path == NULL ? ENOMEM : os_file_open_write(path, &file);
    free(path);
    if (code != 0) return fail_code(w->path, code, err);
    code = size > offset + (int64_t)n || offset > 0 ? os_file_resize(file, size) : 0;
    if (code == 0) code = os_file_write(file, offset, bytes, n);
    const int closed = os_file_close(file);
    if (code == 0) code = closed;
    return code == 0 ? LMP_OK : fail_code(w->path, code, err);
}

static lmp_status put_json(const zarr_writer *w, const char *name, json_t *value, lmp_error *err)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_INDENT(4) | JSON_REAL_PRECISION(17));
    json_decref(value);
    if (text == NULL) return fail_code(w->path, ENOMEM, err);
    const lmp_status status = put(w, name, 0, text, strlen(text), (int64_t)strlen(text), err);
    free(text);
    return status;
}

/* ---- Chunks ----------------------------------------------------------------------------------------------- */

static void name_chunk(const zarr_writer *w, int64_t t, int64_t band, char name[48])
{
    (void)snprintf(name, 48, "%" PRId64 ".%" PRId64 ".0%s", t, band, w->has_colours ? ".0" : "");
}

/* Rows [first, first + rows) of the frame, of which those of one band are written where they belong. */
static lmp_status put_rows(const zarr_writer *w, int64_t t, int64_t band, const uint8_t *frame_rows, int64_t first,
                           int64_t rows, lmp_error *err)
{
    char name[48];
    const int64_t top = band * w->rows, begin = first > top ? first : top;
    const int64_t end = first + rows < top + w->rows ? first + rows : top + w->rows;
    name_chunk(w, t, band, name);
    return put(w, name, (begin - top) * (int64_t)w->row_bytes, frame_rows + (size_t)(begin - first) * w->row_bytes,
               (size_t)(end - begin) * w->row_bytes, w->rows * (int64_t)w->row_bytes, err);
}

static size_t packed_room(const zarr_writer *w)
{
    return (size_t)w->rows * w->row_bytes + BLOSC_MAX_OVERHEAD;
}

/* What one call takes: a filled-up band, a packed one, and what the compressor takes for itself. */
static size_t room_bytes(const zarr_writer *w)
{
    const size_t size = (size_t)w->rows * w->row_bytes;
    return size + packed_room(w) + chunk_blosc_bytes(size);
}

/* One band of a whole frame; the last one is filled up with zeros in `room`, which holds the packed bytes behind. */
static lmp_status pack_band(const zarr_writer *w, int64_t t, int64_t band, const uint8_t *frame, uint8_t *room,
                            lmp_error *err)
{
    char name[48];
    const size_t size = (size_t)w->rows * w->row_bytes;
    const int64_t left = w->height - band * w->rows;
    const uint8_t *bytes = frame + (size_t)band * size;
    if (left < w->rows) {
        memset(room, 0, size);
        memcpy(room, bytes, (size_t)left * w->row_bytes);
        bytes = room;
    }
    const int n = blosc_compress_ctx(BLOSC_LEVEL, BLOSC_SHUFFLE, w->number_bytes, size, bytes, room + size,
                                     packed_room(w), BLOSC_LZ4_COMPNAME, 0, 1);
    if (n <= 0) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to compress %s", w->path);
    name_chunk(w, t, band, name);
    return put(w, name, 0, room + size, (size_t)n, n, err);
}

static lmp_status write_frames(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    const zarr_writer *w = state;
    void *room = NULL;
    lmp_status status = LMP_OK;
    if (w->is_compressed) status = budget_take_raw(budget, room_bytes(w), &room, err);
    for (int64_t i = 0; i < frames->count && status == LMP_OK; i++) {
        const uint8_t *rows = (const uint8_t *)frames->data + (size_t)i * frames->stride;
        const int64_t end = frames->row + frames->rows, t = frames->first + i;
        for (int64_t band = frames->row / w->rows; band * w->rows < end && status == LMP_OK; band++)
            status = w->is_compressed ? pack_band(w, t, band, rows, room, err)
                                      : put_rows(w, t, band, rows, frames->row, frames->rows, err);
    }
    lmp_give(budget, room);
    return status;
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

static lmp_status finish(void *state, lmp_error *err)
{
    zarr_writer *w = state;
    int code = os_folder_sync(w->temporary);
    if (code == 0) code = os_folder_rename(w->temporary, w->path, w->overwrite);
    if (code == EEXIST)
        return lmp_fail(err, LMP_ERR_IO, "%s exists already: choose another name or add --overwrite", w->path);
    if (code != 0) return fail_code(w->path, code, err);
    free(w->temporary);
    w->temporary = NULL;
    return LMP_OK;
}

static void close_writer(void *state)
{
    zarr_writer *w = state;
    if (w->temporary != NULL) (void)os_folder_remove(w->temporary);
    free(w->temporary);
    free(w->path);
    free(w);
}

/* A folder has no bytes of its own that could be digested. */
static const char *data_path(void *state)
{
    (void)state;
    return NULL;
}

static lmp_status check(const char *path, const lmp_format *f, const lmp_write_options *options, lmp_error *err)
{
    os_file_info info;
    const lmp_status status = array_shape_check_movie(path, "Zarr", f, options, err);
    if (status != LMP_OK) return status;
    if (f->width > CHUNK_MOST_BYTES / 24) return array_shape_refuse(path, f, err);
    if (os_path_stat(path, &info) != 0) return LMP_OK;
    if (options->overwrite == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", path);
    if (!info.is_directory || !zarr_has(path, ".zarray"))
        return lmp_fail(err, LMP_ERR_USAGE, "%s is not an array of Zarr's and is not replaced; choose another name",
                        path);
    return LMP_OK;
}

static void describe(const lmp_format *f, bool is_compressed, zarr_writer *w)
{
    w->is_compressed = is_compressed;
    w->has_colours = f->n_colours > 1;
    w->number_bytes = lmp_type_bytes(f->type);
    w->row_bytes = (size_t)(f->width * f->n_colours) * w->number_bytes;
    w->height = f->height;
    w->rows = chunk_rows(f->height, w->row_bytes);
}

/* Without slashes at the end, which would put the temporary folder inside. */
static char *copy_path(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    return strndup(path, n);
}

static lmp_status start(zarr_writer *w, const lmp_format *f, lmp_error *err)
{
    const int code = w->path == NULL ? ENOMEM : os_folder_create_beside(w->path, &w->temporary);
    if (code != 0) {
        w->temporary = NULL;
        return fail_code(w->path == NULL ? "a folder" : w->path, code, err);
    }
    const lmp_status status = put_json(w, ".zarray", make_array(w, f), err);
    return status == LMP_OK ? put_json(w, ".zattrs", make_attributes(w, f), err) : status;
}

size_t zarr_pack_bytes(const lmp_format *format, bool compress)
{
    zarr_writer w = {0};
    describe(format, compress, &w);
    return compress ? room_bytes(&w) : 0;
}

lmp_status zarr_create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                       lmp_writer *writer, lmp_error *err)
{
    (void)force_range; /* numbers are written as they are */
    lmp_status status = check(path, &stream->format, options, err);
    if (status != LMP_OK) return status;
    zarr_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    w->path = copy_path(path);
    w->overwrite = options->overwrite != 0;
    describe(&stream->format, options->compress != 0, w);
    status = start(w, &stream->format, err);
    if (status != LMP_OK) {
        close_writer(w);
        return status;
    }
    *writer = (lmp_writer){.time_grain = 1,
                           .needs_all_lanes = w->is_compressed,
                           .state = w,
                           .write_frames = write_frames,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}
