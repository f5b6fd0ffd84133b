/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr_read.c: opening an array of Zarr and reading its chunks, each a file.
 */
#include "io/array/zarr.h"

#include "io/array/chunk_movie.h"
#include "io/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct zarr_chunks {
    char *folder;
    int64_t n_dimensions;
    char separator;
    chunk_codec codec;
    size_t chunk_bytes;
} zarr_chunks;

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

/* ---- Chunks ----------------------------------------------------------------------------------------------- */

enum { NAME_ROOM = ARRAY_MOST_AXES * 21 + 1 };

static char *name_chunk(const zarr_chunks *z, const int64_t *place)
{
    char name[NAME_ROOM];
    size_t n = 0;
    for (int64_t d = 0; d < z->n_dimensions; d++) {
        if (d > 0) name[n++] = z->separator;
        n += (size_t)snprintf(name + n, NAME_ROOM - n, "%" PRId64, place[d]);
    }
    return zarr_join(z->folder, name);
}

/* A chunk that cannot be looked at counts as stored: reading it says why. */
static bool has_chunk(void *user, const int64_t *place)
{
    os_file_info info;
    char *path = name_chunk(user, place);
    const bool is_missing = path != NULL && os_path_stat(path, &info) == ENOENT;
    free(path);
    return !is_missing;
}

static lmp_status unpack_file(const zarr_chunks *z, const file_input *input, void *to, lmp_budget *budget,
                              lmp_error *err)
{
    file_view view;
    const int64_t size = input->info.size;
    if ((uint64_t)size > chunk_packed_limit(z->chunk_bytes))
        return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: it has %" PRId64 " bytes for a chunk of %zu", input->path,
                        size, z->chunk_bytes);
    lmp_status status = file_view_begin(input, 0, (size_t)size, budget, &view, err);
    if (status != LMP_OK) return status;
    status = chunk_unpack(&z->codec, input->path, view.bytes, (size_t)size, to, z->chunk_bytes, budget, err);
    file_view_end(&view);
    return status;
}

static lmp_status load_chunk(void *user, const int64_t *place, void *to, lmp_budget *budget, lmp_error *err)
{
    const zarr_chunks *z = user;
    file_input input;
    char *path = name_chunk(z, place);
    if (path == NULL) return no_memory(z->folder, err);
    lmp_status status = file_input_open(path, &input, err);
    if (status == LMP_OK) {
        status = unpack_file(z, &input, to, budget, err);
        file_input_close(&input);
    }
    free(path);
    return status;
}

static void close_chunks(void *user)
{
    zarr_chunks *z = user;
    free(z->folder);
    free(z);
}

/* True for the folder of the array, under whatever name. */
static bool is_member(void *user, const char *path)
{
    const zarr_chunks *z = user;
    os_file_info mine, other;
    return os_path_stat(z->folder, &mine) == 0 && os_path_stat(path, &other) == 0 && mine.device == other.device &&
           mine.inode == other.inode;
}

/* ---- Header ----------------------------------------------------------------------------------------------- */

static lmp_status read_header(const char *folder, zarr_header *header, lmp_error *err)
{
    char *text = NULL, *path = zarr_join(folder, ".zarray");
    size_t size = 0;
    lmp_status status = path == NULL ? no_memory(folder, err) : file_read_text(path, ZARR_MOST_TEXT, &text, &size, err);
    if (status == LMP_OK) status = zarr_header_parse(text, size, folder, header, err);
    free(text);
    free(path);
    return status;
}

/* Attributes help, but an array without them is one too. */
static void read_attributes(const char *root, const char *folder, zarr_attributes *attributes)
{
    char *path = zarr_join(folder, ".zattrs"), *text = NULL;
    char *parent = strcmp(root, folder) == 0 ? NULL : os_path_directory(folder);
    char *parents = parent == NULL ? NULL : zarr_join(parent, ".zattrs");
    size_t size = 0;
    lmp_error ignored;
    const char *slash = strrchr(folder, '/');
    if (parents != NULL && file_read_text(parents, ZARR_MOST_TEXT, &text, &size, &ignored) == LMP_OK)
        zarr_attributes_read_group(text, size, slash == NULL ? folder : slash + 1, attributes);
    free(text);
    text = NULL;
    if (path != NULL && file_read_text(path, ZARR_MOST_TEXT, &text, &size, &ignored) == LMP_OK)
        zarr_attributes_read(text, size, attributes);
    free(text);
    free(parents);
    free(parent);
    free(path);
}

lmp_status zarr_array_read(const char *root, const char *folder, const lmp_open_options *options, zarr_array *array,
                           char **warnings, lmp_error *err)
{
    *array = (zarr_array){0};
    const lmp_status status = read_header(folder, &array->header, err);
    if (status != LMP_OK) return status;
    read_attributes(root, folder, &array->attributes);
    array_dimensions named = array->header.dimensions;
    for (int64_t i = 0; i < named.n; i++) named.name[i] = array->attributes.name[i];
    return array_axes_find(folder, &named, options, &array->axes, &array->shape, warnings, err);
}

/* Old writers did not say how they name chunks: "0.0", or as folders "0/0". */
static char find_separator(const char *folder, const zarr_header *header)
{
    if (header->separator != 0) return header->separator;
    char *zero = zarr_join(folder, "0");
    os_file_info info;
    const bool is_nested =
        header->dimensions.n > 1 && zero != NULL && os_path_stat(zero, &info) == 0 && info.is_directory;
    free(zero);
    return is_nested ? '/' : '.';
}

/* ---- Open ------------------------------------------------------------------------------------------------- */

static lmp_status prepare(const char *folder, const zarr_array *array, const char *scratch_dir, chunk_movie *m,
                          char **warnings, lmp_error *err)
{
    m->dimensions = array->header.dimensions;
    memcpy(m->chunk, array->header.chunk, sizeof m->chunk);
    m->is_fortran_order = array->header.is_fortran_order;
    m->type = array->header.type;
    m->is_big_endian = array->header.is_big_endian;
    m->axes = array->axes;
    m->shape = array->shape;
    memcpy(m->fill, array->header.fill, sizeof m->fill);
    const lmp_status status = chunk_movie_prepare(folder, scratch_dir, m, warnings, err);
    m->loading_bytes = chunk_unpack_bytes(&array->header.codec, m->chunk_bytes) + chunk_packed_limit(m->chunk_bytes);
    return status;
}

/* The movie on an array; takes over `folder`. */
static lmp_status make_movie(char *folder, const zarr_array *array, const char *scratch_dir, chunk_movie **made,
                             char **warnings, lmp_error *err)
{
    chunk_movie *m = calloc(1, sizeof *m);
    zarr_chunks *z = calloc(1, sizeof *z);
    lmp_status status =
        m == NULL || z == NULL ? no_memory(folder, err) : prepare(folder, array, scratch_dir, m, warnings, err);
    if (status != LMP_OK) {
        free(folder);
        free(m);
        free(z);
        return status;
    }
    *z = (zarr_chunks){.folder = folder,
                       .n_dimensions = array->header.dimensions.n,
                       .separator = find_separator(folder, &array->header),
                       .codec = array->header.codec,
                       .chunk_bytes = m->chunk_bytes};
    m->user = z;
    m->has = has_chunk;
    m->load = load_chunk;
    m->close = close_chunks;
    m->is_member = is_member;
    *made = m;
    return LMP_OK;
}

lmp_status zarr_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    char *folder = NULL, *warnings = NULL;
    zarr_array array;
    chunk_movie *movie = NULL;
    lmp_status status = zarr_find_array(path, options, &folder, &warnings, err);
    if (status == LMP_OK) status = zarr_array_read(path, folder, options, &array, &warnings, err);
    if (status != LMP_OK)
        free(folder);
    else
        status = make_movie(folder, &array, source->limits.scratch_dir, &movie, &warnings, err);
    if (status != LMP_OK) {
        free(warnings);
        return status;
    }
    const double said = array.attributes.rate_hz;
    chunk_movie_give(movie, said > 0 ? said : options->rate_hz, source);
    source->stream.format.pixel_width_um = array.attributes.pixel_width_um;
    source->stream.format.pixel_height_um = array.attributes.pixel_height_um;
    source->format_name = "Zarr";
    source->warnings = warnings;
    return LMP_OK;
}
