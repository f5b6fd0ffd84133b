/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_read.c: movies from datasets of HDF5.
 *
 * libhdf5 does one thing at a time. So it is asked where numbers lie, and for chunks as they are stored; contiguous
 * ones are then read as from any array, and chunks are unpacked here, in parallel. What neither fits (other filters,
 * contiguous arrays whose dimensions are turned) the library reads itself, piece by piece.
 */
#include "io/array/hdf5.h"

#include "io/array/array_movie.h"
#include "io/array/chunk_codec.h"
#include "io/array/chunk_movie.h"
#include "io/array/hdf5_file.h"

#include "core/budget.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 20, PIECE_FRAMES = 64, FILTER_BLOSC = 32001, FILTER_ZSTD = 32015 };

typedef struct hdf5_chunks {
    hid_t file, dataset, type;
    hdf5_array array;
    char *path;
    int64_t chunk[ARRAY_MOST_AXES];
    size_t chunk_bytes;
    bool is_chunked; /* else chunks are pieces of our own choice */
    bool is_unpacked_here;
} hdf5_chunks;

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

static lmp_status fail_damaged(const hdf5_chunks *h, const int64_t *place, lmp_error *err)
{
    char text[ARRAY_SHAPE_ROOM];
    return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be read at chunk %s: it is damaged, get the complete file again",
                    h->path, array_shape_print(h->array.dimensions.n, place, text));
}

/* ---- Filters ---------------------------------------------------------------------------------------------- */

/* The codec of a chunk that was stored without the filters in `skipped`; false if the library must undo it. */
static bool find_codec(const hdf5_array *a, uint32_t skipped, chunk_codec *codec)
{
    *codec = (chunk_codec){.compressor = CHUNK_RAW};
    for (int64_t i = 0; i < a->n_filters; i++) {
        if ((skipped >> i & 1) != 0) continue;
        const H5Z_filter_t id = a->filters[i];
        if (codec->compressor != CHUNK_RAW) return false; /* compressors come last */
        if (id == H5Z_FILTER_SHUFFLE && codec->shuffle == 0)
            codec->shuffle = sample_get_info(a->type)->bytes;
        else if (id == H5Z_FILTER_DEFLATE)
            codec->compressor = CHUNK_ZLIB;
        else if (id == FILTER_BLOSC)
            codec->compressor = CHUNK_BLOSC;
        else if (id == FILTER_ZSTD)
            codec->compressor = CHUNK_ZSTD;
        else
            return false;
    }
    return true;
}

static lmp_status check_filters(const hdf5_chunks *h, lmp_error *err)
{
    for (int64_t i = 0; i < h->array.n_filters && !h->is_unpacked_here; i++)
        if (H5Zfilter_avail(h->array.filters[i]) <= 0)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s is stored through filter %d of HDF5, which limpid cannot undo: save it with gzip",
                            h->path, (int)h->array.filters[i]);
    return LMP_OK;
}

/* ---- Chunks ----------------------------------------------------------------------------------------------- */

static void find_corner(const hdf5_chunks *h, const int64_t *place, hsize_t *corner)
{
    for (int64_t d = 0; d < h->array.dimensions.n; d++) corner[d] = (hsize_t)(place[d] * h->chunk[d]);
}

/* Bytes of a chunk as it is stored, 0 if it is not; false if that cannot be found out. */
static bool find_stored(const hdf5_chunks *h, const hsize_t *corner, hsize_t *size)
{
    unsigned skipped;
    haddr_t address = HADDR_UNDEF;
    if (H5Dget_chunk_info_by_coord(h->dataset, corner, &skipped, &address, size) < 0) return false;
    if (address == HADDR_UNDEF) *size = 0;
    return true;
}

/* What cannot be looked at counts as stored: reading it says why. */
static bool has_chunk(void *user, const int64_t *place)
{
    const hdf5_chunks *h = user;
    hsize_t corner[ARRAY_MOST_AXES], size = 0;
    if (!h->is_chunked) return true;
    hdf5_be_quiet();
    find_corner(h, place, corner);
    return !find_stored(h, corner, &size) || size > 0;
}

static lmp_status unpack_chunk(const hdf5_chunks *h, const int64_t *place, void *to, lmp_budget *budget, lmp_error *err)
{
    hsize_t corner[ARRAY_MOST_AXES], size = 0;
    uint32_t skipped = 0;
    chunk_codec codec;
    void *packed = NULL;
    find_corner(h, place, corner);
    if (!find_stored(h, corner, &size) || size == 0 || size > chunk_packed_limit(h->chunk_bytes))
        return fail_damaged(h, place, err);
    lmp_status status = budget_take_raw(budget, (size_t)size, &packed, err);
    if (status != LMP_OK) return status;
    if (H5Dread_chunk(h->dataset, H5P_DEFAULT, corner, &skipped, packed) < 0 || !find_codec(&h->array, skipped, &codec))
        status = fail_damaged(h, place, err);
    else
        status = chunk_unpack(&codec, h->path, packed, (size_t)size, to, h->chunk_bytes, budget, err);
    lmp_give(budget, packed);
    return status;
}

/* The part of a chunk that lies in the array, through the library. */
static bool read_piece(const hdf5_chunks *h, const int64_t *place, void *to)
{
    const int n = (int)h->array.dimensions.n;
    hsize_t corner[ARRAY_MOST_AXES], room[ARRAY_MOST_AXES], count[ARRAY_MOST_AXES];
    const hsize_t zero[ARRAY_MOST_AXES] = {0};
    find_corner(h, place, corner);
    for (int d = 0; d < n; d++) {
        const int64_t left = h->array.dimensions.size[d] - place[d] * h->chunk[d];
        room[d] = (hsize_t)h->chunk[d];
        count[d] = (hsize_t)(left < h->chunk[d] ? left : h->chunk[d]);
    }
    const hid_t from = H5Dget_space(h->dataset), into = H5Screate_simple(n, room, NULL);
    const bool is_read = from >= 0 && into >= 0 &&
                         H5Sselect_hyperslab(from, H5S_SELECT_SET, corner, NULL, count, NULL) >= 0 &&
                         H5Sselect_hyperslab(into, H5S_SELECT_SET, zero, NULL, count, NULL) >= 0 &&
                         H5Dread(h->dataset, h->type, into, from, H5P_DEFAULT, to) >= 0;
    if (from >= 0) (void)H5Sclose(from);
    if (into >= 0) (void)H5Sclose(into);
    return is_read;
}

/* What the library takes for itself to undo filters. */
static size_t library_bytes(const hdf5_chunks *h)
{
    return h->is_chunked ? h->chunk_bytes + chunk_packed_limit(h->chunk_bytes) : 0;
}

static lmp_status load_chunk(void *user, const int64_t *place, void *to, lmp_budget *budget, lmp_error *err)
{
    const hdf5_chunks *h = user;
    hdf5_be_quiet();
    if (h->is_unpacked_here) return unpack_chunk(h, place, to, budget, err);
    const lmp_status status = budget_reserve(budget, library_bytes(h), err);
    if (status != LMP_OK) return status;
    const bool is_read = read_piece(h, place, to);
    budget_release(budget, library_bytes(h));
    return is_read ? LMP_OK : fail_damaged(h, place, err);
}

static const char *data_path(void *user)
{
    const hdf5_chunks *h = user;
    return h->path;
}

static void close_chunks(void *user)
{
    hdf5_chunks *h = user;
    hdf5_be_quiet();
    if (h->type >= 0) (void)H5Tclose(h->type);
    if (h->dataset >= 0) (void)H5Dclose(h->dataset);
    if (h->file >= 0) (void)H5Fclose(h->file);
    free(h->path);
    free(h);
}

/* ---- Datasets in chunks, or whose dimensions are turned ----------------------------------------------------- */

/* Pieces of about PIECE_BYTES that lie together in the file as far as possible. */
static void choose_pieces(const hdf5_array *a, const array_axes *axes, int64_t chunk[ARRAY_MOST_AXES])
{
    int64_t left = PIECE_BYTES / (int64_t)sample_get_info(a->type)->bytes;
    for (int64_t d = a->dimensions.n - 1; d >= 0; d--) {
        const int64_t most = d == axes->time && left > PIECE_FRAMES ? PIECE_FRAMES : left;
        chunk[d] = a->dimensions.size[d] < most ? a->dimensions.size[d] : most;
        left /= chunk[d];
    }
}

static lmp_status prepare(hdf5_chunks *h, const char *scratch_dir, const array_axes *axes, const array_shape *shape,
                          chunk_movie *m, char **warnings, lmp_error *err)
{
    chunk_codec codec;
    const hdf5_array *a = &h->array;
    h->is_chunked = a->layout == H5D_CHUNKED;
    h->is_unpacked_here = h->is_chunked && !a->is_plain_at_edges && find_codec(a, 0, &codec);
    if (h->is_chunked)
        memcpy(h->chunk, a->chunk, sizeof h->chunk);
    else
        choose_pieces(a, axes, h->chunk);
    memcpy(m->chunk, h->chunk, sizeof m->chunk);
    m->dimensions = a->dimensions;
    m->type = a->type;
    m->is_big_endian = a->is_big_endian;
    m->axes = *axes;
    m->shape = *shape;
    memcpy(m->fill, a->fill, sizeof m->fill);
    lmp_status status = check_filters(h, err);
    if (status == LMP_OK) status = chunk_movie_prepare(h->path, scratch_dir, m, warnings, err);
    h->chunk_bytes = m->chunk_bytes;
    m->loading_bytes = !h->is_unpacked_here
                           ? library_bytes(h)
                           : chunk_unpack_bytes(&codec, h->chunk_bytes) + chunk_packed_limit(h->chunk_bytes);
    m->user = h;
    m->has = has_chunk;
    m->load = load_chunk;
    m->close = close_chunks;
    m->data_path = data_path;
    return status;
}

/* Takes over h on success. */
static lmp_status give_chunked(hdf5_chunks *h, const lmp_open_options *options, const array_axes *axes,
                               const array_shape *shape, char **warnings, lmp_source *source, lmp_error *err)
{
    chunk_movie *m = calloc(1, sizeof *m);
    h->type = H5Dget_type(h->dataset);
    lmp_status status = m == NULL || h->type < 0
                            ? no_memory(h->path, err)
                            : prepare(h, source->limits.scratch_dir, axes, shape, m, warnings, err);
    if (status != LMP_OK) {
        free(m);
        return status;
    }
    chunk_movie_give(m, h->array.rate_hz > 0 ? h->array.rate_hz : options->rate_hz, source);
    return LMP_OK;
}

/* ---- Datasets that lie in the file as movies do ------------------------------------------------------------ */

/* True if the axes come in order: -1 or ascending. */
static bool is_in_order(const hdf5_array *a, const array_axes *axes)
{
    return a->layout == H5D_CONTIGUOUS && a->offset >= 0 && axes->time < axes->row && axes->row < axes->column &&
           (axes->colour < 0 || axes->column < axes->colour || a->dimensions.size[axes->colour] == 1);
}

static lmp_status give_contiguous(const hdf5_chunks *h, const array_shape *shape, double rate_hz, lmp_source *source,
                                  lmp_error *err)
{
    const hdf5_array *a = &h->array;
    array_movie *m = calloc(1, sizeof *m);
    if (m == NULL) return no_memory(h->path, err);
    array_movie_lay_out(shape, a->type, a->is_big_endian, false, a->offset, m);
    lmp_status status = file_input_open(h->path, &m->input, err);
    if (status != LMP_OK) {
        free(m);
        return status;
    }
    const matrix_fit fit = matrix_measure(&m->layout, m->input.info.size);
    if (fit.n_times != shape->n_times) {
        array_movie_close(m);
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is cut short: it holds %" PRId64 " of its %" PRId64 " frames; get the complete file again",
                        h->path, fit.n_times, shape->n_times);
    }
    array_movie_give(m, shape->n_times, rate_hz, source);
    return LMP_OK;
}

/* ---- Open ------------------------------------------------------------------------------------------------- */

static lmp_status open_dataset(hdf5_chunks *h, const lmp_open_options *options, char **warnings, lmp_source *source,
                               bool *is_taken, lmp_error *err)
{
    array_axes axes;
    array_shape shape;
    lmp_status status = hdf5_file_open(h->path, &h->file, err);
    if (status == LMP_OK) status = hdf5_find_dataset(h->path, h->file, options, &h->dataset, &h->array, warnings, err);
    if (status == LMP_OK) {
        hdf5_array_point_names(&h->array);
        status = array_axes_find(h->path, &h->array.dimensions, options, &axes, &shape, warnings, err);
    }
    if (status != LMP_OK) return status;
    const double rate_hz = h->array.rate_hz > 0 ? h->array.rate_hz : options->rate_hz;
    if (is_in_order(&h->array, &axes)) {
        status = give_contiguous(h, &shape, rate_hz, source, err);
    } else {
        status = give_chunked(h, options, &axes, &shape, warnings, source, err);
        *is_taken = status == LMP_OK;
    }
    if (status != LMP_OK) return status;
    source->stream.format.pixel_width_um = h->array.pixel_width_um;
    source->stream.format.pixel_height_um = h->array.pixel_height_um;
    return LMP_OK;
}

lmp_status hdf5_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    char *warnings = NULL;
    bool is_taken = false;
    hdf5_chunks *h = calloc(1, sizeof *h);
    if (h == NULL) return no_memory(path, err);
    h->file = h->dataset = h->type = -1;
    h->path = strdup(path);
    const lmp_status status =
        h->path == NULL ? no_memory(path, err) : open_dataset(h, options, &warnings, source, &is_taken, err);
    if (!is_taken) close_chunks(h);
    if (status != LMP_OK) {
        free(warnings);
        return status;
    }
    source->format_name = "HDF5";
    source->warnings = warnings;
    return LMP_OK;
}
