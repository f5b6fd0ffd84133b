/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr_header.c: what the .zarray of a Zarr array (version 2 of its specification) says.
 */
#include "io/array/zarr_header.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static lmp_status refuse(const char *path, const char *what, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s: its .zarray %s; save the array again", path, what);
}

/* ---- Shapes ----------------------------------------------------------------------------------------------- */

static lmp_status read_sizes(const json_t *root, const char *key, int64_t least, const char *path,
                             int64_t sizes[ARRAY_MOST_AXES], int64_t *n, lmp_error *err)
{
    const json_t *list = json_object_get(root, key);
    if (!json_is_array(list))
        return lmp_fail(err, LMP_ERR_INPUT, "%s: its .zarray has no list \"%s\"; save the array again", path, key);
    *n = (int64_t)json_array_size(list);
    if (*n > ARRAY_MOST_AXES)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has %" PRId64 " dimensions; movies need 2 to 4", path, *n);
    for (int64_t i = 0; i < *n; i++) {
        const json_t *size = json_array_get(list, (size_t)i);
        if (!json_is_integer(size) || json_integer_value(size) < least)
            return lmp_fail(err, LMP_ERR_INPUT, "%s: number %" PRId64 " of \"%s\" in its .zarray makes no sense", path,
                            i + 1, key);
        sizes[i] = json_integer_value(size);
    }
    return LMP_OK;
}

static lmp_status read_shape(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    int64_t n_chunk = 0;
    lmp_status status = read_sizes(root, "shape", 0, path, h->dimensions.size, &h->dimensions.n, err);
    if (status == LMP_OK) status = read_sizes(root, "chunks", 1, path, h->chunk, &n_chunk, err);
    if (status == LMP_OK && n_chunk != h->dimensions.n)
        status = refuse(path, "has \"chunks\" of another number of dimensions than \"shape\"", err);
    return status;
}

/* ---- Numbers ---------------------------------------------------------------------------------------------- */

static lmp_status read_type(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    static const struct {
        const char *code;
        sample_type type;
    } known[] = {{"b1", SAMPLE_BOOL},   {"i1", SAMPLE_INT8},    {"u1", SAMPLE_UINT8},   {"i2", SAMPLE_INT16},
                 {"u2", SAMPLE_UINT16}, {"i4", SAMPLE_INT32},   {"u4", SAMPLE_UINT32},  {"i8", SAMPLE_INT64},
                 {"u8", SAMPLE_UINT64}, {"f2", SAMPLE_FLOAT16}, {"f4", SAMPLE_FLOAT32}, {"f8", SAMPLE_FLOAT64}};
    const json_t *value = json_object_get(root, "dtype");
    const char *code = json_string_value(value);
    if (code == NULL && json_is_array(value))
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds records of several fields; save one of them as an array", path);
    if (code == NULL) return refuse(path, "has no \"dtype\"", err);
    h->is_big_endian = code[0] == '>';
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (code[0] != '\0' && strchr("<>|", code[0]) != NULL && strcmp(code + 1, known[i].code) == 0) {
            h->type = known[i].type;
            return LMP_OK;
        }
    return lmp_fail(err, LMP_ERR_INPUT, "%s holds numbers of the type %.20s; limpid reads real numbers of 1 to 8 bytes",
                    path, code);
}

#define PUT(type, value)                                                                                               \
    do {                                                                                                               \
        const type made = (type)(value);                                                                               \
        memcpy(to, &made, sizeof made);                                                                                \
    } while (0)

static void put_integer(lmp_type type, int64_t value, void *to)
{
    if (type == LMP_FLOAT32)
        PUT(float, value);
    else if (type == LMP_FLOAT64)
        PUT(double, value);
    else if (lmp_type_bytes(type) == 1)
        PUT(uint8_t, value);
    else if (lmp_type_bytes(type) == 2)
        PUT(uint16_t, value);
    else if (lmp_type_bytes(type) == 4)
        PUT(uint32_t, value);
    else
        PUT(uint64_t, value);
}

static lmp_status put_real(const char *path, lmp_type type, double value, void *to, lmp_error *err)
{
    if (type == LMP_FLOAT32)
        PUT(float, value);
    else if (type == LMP_FLOAT64)
        PUT(double, value);
    else if (value == floor(value) && fabs(value) < 0x1p63)
        put_integer(type, (int64_t)value, to);
    else
        return refuse(path, "has a \"fill_value\" that its numbers cannot hold", err);
    return LMP_OK;
}

/* True if the value is one of these numbers. */
static bool fits(const sample_info *info, double value)
{
    return info->highest <= info->lowest || (value >= info->lowest && value <= info->highest);
}

static lmp_status read_fill(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    const json_t *value = json_object_get(root, "fill_value");
    const sample_info *info = sample_get_info(h->type);
    const char *text = json_string_value(value);
    if (value == NULL || json_is_null(value)) return LMP_OK;
    if (json_is_boolean(value)) {
        put_integer(info->type, json_is_true(value), h->fill);
        return LMP_OK;
    }
    if (json_is_number(value) && !fits(info, json_number_value(value)))
        return refuse(path, "has a \"fill_value\" that its numbers cannot hold", err);
    if (json_is_integer(value)) {
        put_integer(info->type, json_integer_value(value), h->fill);
        return LMP_OK;
    }
    if (json_is_real(value)) return put_real(path, info->type, json_real_value(value), h->fill, err);
    if (text != NULL && strcmp(text, "NaN") == 0) return put_real(path, info->type, (double)NAN, h->fill, err);
    if (text != NULL && strcmp(text, "Infinity") == 0)
        return put_real(path, info->type, (double)INFINITY, h->fill, err);
    if (text != NULL && strcmp(text, "-Infinity") == 0)
        return put_real(path, info->type, (double)-INFINITY, h->fill, err);
    return refuse(path, "has a \"fill_value\" that is no number", err);
}

/* ---- Codecs ----------------------------------------------------------------------------------------------- */

static lmp_status read_compressor(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    static const struct {
        const char *id;
        chunk_compressor compressor;
    } known[] = {{"blosc", CHUNK_BLOSC}, {"zlib", CHUNK_ZLIB}, {"gzip", CHUNK_GZIP}, {"zstd", CHUNK_ZSTD}};
    const json_t *compressor = json_object_get(root, "compressor");
    const char *id = json_string_value(json_object_get(compressor, "id"));
    if (compressor == NULL || json_is_null(compressor)) return LMP_OK;
    if (id == NULL) return refuse(path, "has a \"compressor\" without \"id\"", err);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(id, known[i].id) == 0) {
            h->codec.compressor = known[i].compressor;
            return LMP_OK;
        }
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is compressed with %.40s; limpid reads blosc, zlib, gzip, zstd and uncompressed chunks", path,
                    id);
}

static lmp_status read_filters(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    const json_t *filters = json_object_get(root, "filters");
    const json_t *first = json_array_get(filters, 0);
    const char *id = json_string_value(json_object_get(first, "id"));
    if (filters == NULL || json_is_null(filters) || (json_is_array(filters) && json_array_size(filters) == 0))
        return LMP_OK;
    const json_int_t element = json_integer_value(json_object_get(first, "elementsize"));
    if (json_array_size(filters) == 1 && id != NULL && strcmp(id, "shuffle") == 0 &&
        (size_t)element == sample_get_info(h->type)->bytes) {
        h->codec.shuffle = (size_t)element;
        return LMP_OK;
    }
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is stored through a filter (%.40s) that limpid does not undo: save it without", path,
                    id == NULL ? "unnamed" : id);
}

/* ---- All of it -------------------------------------------------------------------------------------------- */

static lmp_status read_layout(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    const char *order = json_string_value(json_object_get(root, "order"));
    const char *separator = json_string_value(json_object_get(root, "dimension_separator"));
    if (order == NULL || (strcmp(order, "C") != 0 && strcmp(order, "F") != 0))
        return refuse(path, "has no \"order\" that is C or F", err);
    h->is_fortran_order = order[0] == 'F';
    if (separator != NULL && strcmp(separator, ".") != 0 && strcmp(separator, "/") != 0)
        return refuse(path, "has a \"dimension_separator\" that is neither . nor /", err);
    h->separator = separator == NULL ? 0 : separator[0];
    return LMP_OK;
}

static lmp_status read_root(const json_t *root, const char *path, zarr_header *h, lmp_error *err)
{
    const json_t *version = json_object_get(root, "zarr_format");
    if (!json_is_integer(version) || json_integer_value(version) != 2)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is not in version 2 of Zarr, the one that limpid reads: save it as that", path);
    lmp_status status = read_shape(root, path, h, err);
    if (status == LMP_OK) status = read_type(root, path, h, err);
    if (status == LMP_OK) status = read_fill(root, path, h, err);
    if (status == LMP_OK) status = read_compressor(root, path, h, err);
    if (status == LMP_OK) status = read_filters(root, path, h, err);
    if (status == LMP_OK) status = read_layout(root, path, h, err);
    return status;
}

lmp_status zarr_header_parse(const char *text, size_t size, const char *path, zarr_header *header, lmp_error *err)
{
    json_error_t why;
    *header = (zarr_header){0};
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: its .zarray is no JSON (line %d: %.80s); save the array again", path,
                        why.line, why.text);
    const lmp_status status = read_root(root, path, header, err);
    json_decref(root);
    return status;
}

/* ---- Attributes ------------------------------------------------------------------------------------------- */

static void take_name(const json_t *value, char name[ZARR_NAME_ROOM])
{
    const char *text = json_string_value(value);
    if (text != NULL && strlen(text) < ZARR_NAME_ROOM) strcpy(name, text);
}

static void take_positive(double value, double *to)
{
    if (value > 0 && isfinite(value)) *to = value;
}

void zarr_attributes_read(const char *text, size_t size, zarr_attributes *a)
{
    json_t *root = json_loadb(text, size, 0, NULL);
    const json_t *names = json_object_get(root, "_ARRAY_DIMENSIONS");
    for (size_t i = 0; i < json_array_size(names) && i < ARRAY_MOST_AXES; i++)
        take_name(json_array_get(names, i), a->name[i]);
    take_positive(json_number_value(json_object_get(root, "rate_hz")), &a->rate_hz);
    take_positive(json_number_value(json_object_get(root, "pixel_width_um")), &a->pixel_width_um);
    take_positive(json_number_value(json_object_get(root, "pixel_height_um")), &a->pixel_height_um);
    json_decref(root);
}

/* The scale of each axis, of a dataset of OME's. */
static const json_t *scale_of(const json_t *scales, const char *name)
{
    const json_t *datasets = json_object_get(scales, "datasets");
    for (size_t i = 0; i < json_array_size(datasets); i++) {
        const json_t *dataset = json_array_get(datasets, i);
        const char *path = json_string_value(json_object_get(dataset, "path"));
        const json_t *first = json_array_get(json_object_get(dataset, "coordinateTransformations"), 0);
        if (path != NULL && strcmp(path, name) == 0) return json_object_get(first, "scale");
    }
    return NULL;
}

/* Seconds or micrometres of a unit of OME's; 0: another unit. */
static double unit_of(const json_t *axis)
{
    static const struct {
        const char *name;
        double value;
    } known[] = {{"second", 1},     {"millisecond", 1e-3}, {"microsecond", 1e-6}, {"minute", 60},
                 {"micrometer", 1}, {"nanometer", 1e-3},   {"millimeter", 1e3},   {"meter", 1e6}};
    const char *unit = json_string_value(json_object_get(axis, "unit"));
    for (size_t i = 0; unit != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(unit, known[i].name) == 0) return known[i].value;
    return 0;
}

void zarr_attributes_read_group(const char *text, size_t size, const char *name, zarr_attributes *a)
{
    json_t *root = json_loadb(text, size, 0, NULL);
    const json_t *scales = json_array_get(json_object_get(root, "multiscales"), 0);
    const json_t *axes = json_object_get(scales, "axes"), *scale = scale_of(scales, name);
    for (size_t i = 0; i < json_array_size(axes) && i < ARRAY_MOST_AXES; i++) {
        const json_t *axis = json_array_get(axes, i);
        const double step = json_number_value(json_array_get(scale, i)) * unit_of(axis);
        take_name(json_is_string(axis) ? axis : json_object_get(axis, "name"), a->name[i]);
        if (strcmp(a->name[i], "t") == 0) take_positive(1 / step, &a->rate_hz);
        if (strcmp(a->name[i], "y") == 0) take_positive(step, &a->pixel_height_um);
        if (strcmp(a->name[i], "x") == 0) take_positive(step, &a->pixel_width_um);
    }
    json_decref(root);
}
