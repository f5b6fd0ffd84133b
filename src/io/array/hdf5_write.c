/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_write.c: writing movies as the dataset "movie" of an HDF5 file.
 *
 * Uncompressed, libhdf5 makes the file and says where its numbers will lie, and they are written there as into any
 * array. Compressed, frames (bands of rows of huge ones) are chunks that are shuffled and deflated here and handed to
 * the library as they are to be stored: one after the other, for the library puts them into the file as they come, and
 * the same movie must be the same file. For the same reason no times are kept.
 */
#include "io/array/hdf5.h"

#include "io/array/array_shape.h"
#include "io/array/chunk_codec.h"
#include "io/array/chunk_rows.h"
#include "io/file.h"
#include "io/array/hdf5_file.h"

#include "core/budget.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { DEFLATE_LEVEL = 1 };

typedef struct hdf5_writer {
    file_output output;
    hid_t file, dataset; /* -1 once closed */
    int64_t offset;      /* of the numbers in the file; -1: compressed */
    int64_t height, rows;
    size_t row_bytes, number_bytes;
} hdf5_writer;

static lmp_status fail_library(const hdf5_writer *w, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_IO, "%s cannot be written as HDF5: free some space or write to another disk",
                    w->output.path);
}

/* ---- Making the file -------------------------------------------------------------------------------------- */

static hid_t native_type(lmp_type type)
{
    switch (type) {
    case LMP_INT8:
        return H5T_NATIVE_INT8;
    case LMP_UINT8:
        return H5T_NATIVE_UINT8;
    case LMP_INT16:
        return H5T_NATIVE_INT16;
    case LMP_UINT16:
        return H5T_NATIVE_UINT16;
    case LMP_INT32:
        return H5T_NATIVE_INT32;
    case LMP_UINT32:
        return H5T_NATIVE_UINT32;
    case LMP_INT64:
        return H5T_NATIVE_INT64;
    case LMP_UINT64:
        return H5T_NATIVE_UINT64;
    case LMP_FLOAT32:
        return H5T_NATIVE_FLOAT;
    case LMP_FLOAT64:
        return H5T_NATIVE_DOUBLE;
    case LMP_INT24:
    default:
        return -1;
    }
}

static bool put_number(hid_t object, const char *name, double value)
{
    if (!(value > 0)) return true;
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = space < 0 ? -1 : H5Acreate2(object, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool is_put = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0;
    if (attribute >= 0) (void)H5Aclose(attribute);
    if (space >= 0) (void)H5Sclose(space);
    return is_put;
}

/* The dimensions by the names that HDF5 has an attribute for: a shape alone may be taken for another thing. */
static bool put_labels(hid_t dataset, int n)
{
    const char *const labels[] = {"t", "y", "x", "c"};
    const hsize_t count = (hsize_t)n;
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &count, NULL);
    const bool is_typed = type >= 0 && space >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0;
    const hid_t attribute =
        is_typed ? H5Acreate2(dataset, "DIMENSION_LABELS", type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
    const bool is_put = attribute >= 0 && H5Awrite(attribute, type, labels) >= 0;
    if (attribute >= 0) (void)H5Aclose(attribute);
    if (space >= 0) (void)H5Sclose(space);
    if (type >= 0) (void)H5Tclose(type);
    return is_put;
}

/* How the dataset is stored: contiguous and allocated at once, or in chunks of w->rows rows. */
static bool set_storage(const hdf5_writer *w, const lmp_format *f, bool compress, hid_t plist)
{
    const hsize_t chunk[] = {1, (hsize_t)w->rows, (hsize_t)f->width, (hsize_t)f->n_colours};
    if (H5Pset_obj_track_times(plist, false) < 0) return false;
    if (!compress)
        return H5Pset_layout(plist, H5D_CONTIGUOUS) >= 0 && H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY) >= 0 &&
               H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER) >= 0;
    return H5Pset_chunk(plist, f->n_colours > 1 ? 4 : 3, chunk) >= 0 && H5Pset_shuffle(plist) >= 0 &&
           H5Pset_deflate(plist, DEFLATE_LEVEL) >= 0;
}

static bool create_dataset(hdf5_writer *w, const lmp_format *f, bool compress)
{
    const hsize_t size[] = {(hsize_t)f->n_times, (hsize_t)f->height, (hsize_t)f->width, (hsize_t)f->n_colours};
    const hid_t space = H5Screate_simple(f->n_colours > 1 ? 4 : 3, size, NULL), plist = H5Pcreate(H5P_DATASET_CREATE);
    if (space >= 0 && plist >= 0 && set_storage(w, f, compress, plist))
        w->dataset = H5Dcreate2(w->file, "movie", native_type(f->type), space, H5P_DEFAULT, plist, H5P_DEFAULT);
    if (space >= 0) (void)H5Sclose(space);
    if (plist >= 0) (void)H5Pclose(plist);
    return w->dataset >= 0 && put_labels(w->dataset, f->n_colours > 1 ? 4 : 3) &&
           put_number(w->dataset, "rate_hz", f->rate_hz) &&
           put_number(w->dataset, "pixel_width_um", f->pixel_width_um) &&
           put_number(w->dataset, "pixel_height_um", f->pixel_height_um);
}

static bool close_library(hdf5_writer *w)
{
    hdf5_be_quiet();
    const bool dataset_closed = w->dataset < 0 || H5Dclose(w->dataset) >= 0;
    const bool file_closed = w->file < 0 || H5Fclose(w->file) >= 0;
    w->file = w->dataset = -1;
    return dataset_closed && file_closed;
}

/* The file that file_output made, with its dataset. */
static lmp_status make_file(hdf5_writer *w, const lmp_format *f, bool compress, lmp_error *err)
{
    hdf5_be_quiet();
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0 && H5Pset_fapl_sec2(access) >= 0 && H5Pset_file_locking(access, false, true) >= 0)
        w->file = H5Fcreate(w->output.temporary, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (access >= 0) (void)H5Pclose(access);
    if (w->file < 0 || !create_dataset(w, f, compress)) return fail_library(w, err);
    if (compress) return LMP_OK;
    const haddr_t offset = H5Dget_offset(w->dataset);
    if (offset == HADDR_UNDEF || !close_library(w)) return fail_library(w, err);
    w->offset = (int64_t)offset;
    return file_output_reserve(&w->output, w->offset + f->n_times * w->height * (int64_t)w->row_bytes, err);
}

/* ---- Frames ----------------------------------------------------------------------------------------------- */

static lmp_status write_plain(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    hdf5_writer *w = state;
    const size_t band = (size_t)frames->rows * w->row_bytes, frame = (size_t)w->height * w->row_bytes;
    const int64_t place = w->offset + frames->first * (int64_t)frame + frames->row * (int64_t)w->row_bytes;
    const uint8_t *from = frames->data;
    if (band == frame && frames->stride == frame)
        return file_output_write(&w->output, place, from, (size_t)frames->count * frame, err);
    lmp_status status = LMP_OK;
    for (int64_t t = 0; t < frames->count && status == LMP_OK; t++)
        status =
            file_output_write(&w->output, place + t * (int64_t)frame, from + (size_t)t * frames->stride, band, err);
    return status;
}

static size_t chunk_bytes(const hdf5_writer *w)
{
    return (size_t)w->rows * w->row_bytes;
}

/* A filled-up or shuffled chunk, another one, and what deflate makes of it. */
static size_t room_bytes(const hdf5_writer *w)
{
    return 2 * chunk_bytes(w) + compressBound(chunk_bytes(w));
}

static lmp_status pack_band(const hdf5_writer *w, int64_t t, int64_t band, const uint8_t *frame, uint8_t *room,
                            lmp_error *err)
{
    const size_t size = chunk_bytes(w);
    const int64_t left = w->height - band * w->rows;
    const uint8_t *bytes = frame + (size_t)band * size;
    uint8_t *shuffled = room + size, *packed = room + 2 * size;
    uLongf n = compressBound(size);
    if (left < w->rows) {
        memset(room, 0, size);
        memcpy(room, bytes, (size_t)left * w->row_bytes);
        bytes = room;
    }
    chunk_shuffle(bytes, size, w->number_bytes, shuffled);
    if (compress2(packed, &n, shuffled, size, DEFLATE_LEVEL) != Z_OK)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to compress %s", w->output.path);
    const hsize_t corner[] = {(hsize_t)t, (hsize_t)(band * w->rows), 0, 0};
    hdf5_be_quiet();
    return H5Dwrite_chunk(w->dataset, H5P_DEFAULT, 0, corner, n, packed) >= 0 ? LMP_OK : fail_library(w, err);
}

static lmp_status write_packed(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    const hdf5_writer *w = state;
    void *room = NULL;
    lmp_status status = budget_take_raw(budget, room_bytes(w), &room, err);
    for (int64_t i = 0; i < frames->count && status == LMP_OK; i++)
        for (int64_t band = 0; band * w->rows < w->height && status == LMP_OK; band++)
            status = pack_band(w, frames->first + i, band, (const uint8_t *)frames->data + (size_t)i * frames->stride,
                               room, err);
    lmp_give(budget, room);
    return status;
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

static lmp_status finish(void *state, lmp_error *err)
{
    hdf5_writer *w = state;
    if (!close_library(w)) return fail_library(w, err);
    return file_output_commit(&w->output, err);
}

static void close_writer(void *state)
{
    hdf5_writer *w = state;
    (void)close_library(w);
    file_output_discard(&w->output);
    free(w);
}

static const char *data_path(void *state)
{
    const hdf5_writer *w = state;
    return w->output.path;
}

static lmp_status check(const char *path, const lmp_format *f, const lmp_write_options *options, lmp_error *err)
{
    hbool_t is_threadsafe = false;
    lmp_status status = array_shape_check_movie(path, "HDF5", f, options, err);
    if (status != LMP_OK) return status;
    if (f->width > CHUNK_MOST_BYTES / 24) return array_shape_refuse(path, f, err);
    status = hdf5_load(err);
    if (status != LMP_OK) return status;
    if (H5is_library_threadsafe(&is_threadsafe) < 0 || !is_threadsafe)
        return lmp_fail(err, LMP_ERR_USAGE, "%s needs a build of libhdf5 for threads, as distributions package it",
                        path);
    return LMP_OK;
}

static hdf5_writer describe(const lmp_format *f)
{
    hdf5_writer w = {.file = -1, .dataset = -1, .offset = -1, .height = f->height};
    w.number_bytes = lmp_type_bytes(f->type);
    w.row_bytes = (size_t)(f->width * f->n_colours) * w.number_bytes;
    w.rows = chunk_rows(f->height, w.row_bytes);
    return w;
}

size_t hdf5_pack_bytes(const lmp_format *format, bool compress)
{
    const hdf5_writer w = describe(format);
    return compress ? room_bytes(&w) : 0;
}

lmp_status hdf5_create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                       lmp_writer *writer, lmp_error *err)
{
    const lmp_format *f = &stream->format;
    const bool compress = options->compress != 0;
    (void)force_range; /* numbers are written as they are */
    lmp_status status = check(path, f, options, err);
    if (status != LMP_OK) return status;
    hdf5_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    *w = describe(f);
    status = file_output_open(path, options->overwrite != 0, &w->output, err);
    if (status != LMP_OK) {
        free(w);
        return status;
    }
    w->output.digest = options->digest; /* what the library writes, it writes before, or all of it */
    status = make_file(w, f, compress, err);
    if (status != LMP_OK) {
        close_writer(w);
        return status;
    }
    *writer = (lmp_writer){.time_grain = 1,
                           .needs_all_lanes = compress,
                           .in_order = compress,
                           .copies = !compress,
                           .state = w,
                           .write_frames = compress ? write_packed : write_plain,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}
