/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_describe.c: what is in a dataset of HDF5: numbers, shape, storage, and what its attributes say.
 */
#include "io/array/hdf5_file.h"

#include "io/pixels.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers ---------------------------------------------------------------------------------------------- */

/* IEEE 754 binary16, which the library has no name for. */
static bool is_half(hid_t type)
{
    size_t sign, exponent, n_exponent, mantissa, n_mantissa;
    return H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == 2 && H5Tget_precision(type) == 16 &&
           H5Tget_fields(type, &sign, &exponent, &n_exponent, &mantissa, &n_mantissa) >= 0 && sign == 15 &&
           exponent == 10 && n_exponent == 5 && mantissa == 0 && n_mantissa == 10 && H5Tget_ebias(type) == 15;
}

/* Truth values as Python writes them: an enumeration of two in a byte. */
static bool is_truth(hid_t type)
{
    return H5Tget_class(type) == H5T_ENUM && H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2;
}

static bool find_type(hid_t type, hdf5_array *a)
{
    const struct {
        hid_t little, big;
        sample_type type;
    } known[] = {{H5T_STD_I8LE, H5T_STD_I8BE, SAMPLE_INT8},        {H5T_STD_U8LE, H5T_STD_U8BE, SAMPLE_UINT8},
                 {H5T_STD_I16LE, H5T_STD_I16BE, SAMPLE_INT16},     {H5T_STD_U16LE, H5T_STD_U16BE, SAMPLE_UINT16},
                 {H5T_STD_I32LE, H5T_STD_I32BE, SAMPLE_INT32},     {H5T_STD_U32LE, H5T_STD_U32BE, SAMPLE_UINT32},
                 {H5T_STD_I64LE, H5T_STD_I64BE, SAMPLE_INT64},     {H5T_STD_U64LE, H5T_STD_U64BE, SAMPLE_UINT64},
                 {H5T_IEEE_F32LE, H5T_IEEE_F32BE, SAMPLE_FLOAT32}, {H5T_IEEE_F64LE, H5T_IEEE_F64BE, SAMPLE_FLOAT64}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const bool is_big = H5Tequal(type, known[i].big) > 0;
        if (!is_big && H5Tequal(type, known[i].little) <= 0) continue;
        a->type = known[i].type;
        a->is_big_endian = is_big;
        return true;
    }
    if (!is_half(type) && !is_truth(type)) return false;
    a->type = is_half(type) ? SAMPLE_FLOAT16 : SAMPLE_BOOL;
    a->is_big_endian = H5Tget_order(type) == H5T_ORDER_BE;
    return true;
}

static lmp_status read_type(const char *label, hid_t dataset, hdf5_array *a, lmp_error *err)
{
    const hid_t type = H5Dget_type(dataset);
    const bool is_known = type >= 0 && find_type(type, a);
    if (type >= 0) (void)H5Tclose(type);
    return is_known ? LMP_OK : lmp_fail(err, LMP_ERR_INPUT, "%s holds no real numbers of 1, 2, 4 or 8 bytes", label);
}

/* ---- Shape and storage ------------------------------------------------------------------------------------ */

static lmp_status read_shape(const char *label, hid_t dataset, hdf5_array *a, lmp_error *err)
{
    hsize_t size[H5S_MAX_RANK];
    const hid_t space = H5Dget_space(dataset);
    const int n =
        space < 0 || H5Sget_simple_extent_type(space) != H5S_SIMPLE ? -1 : H5Sget_simple_extent_dims(space, size, NULL);
    if (space >= 0) (void)H5Sclose(space);
    if (n < 0 || n > ARRAY_MOST_AXES) return lmp_fail(err, LMP_ERR_INPUT, "%s is no array of 2 to 4 dimensions", label);
    a->dimensions.n = n;
    for (int i = 0; i < n; i++) {
        if (size[i] > INT64_MAX / 16)
            return lmp_fail(err, LMP_ERR_INPUT, "%s has %" PRIu64 " of something: no disk holds that", label,
                            (uint64_t)size[i]);
        a->dimensions.size[i] = (int64_t)size[i];
    }
    return LMP_OK;
}

static void read_fill(hid_t plist, hdf5_array *a)
{
    const struct {
        sample_type type;
        hid_t native;
    } known[] = {
        {SAMPLE_INT8, H5T_NATIVE_INT8},     {SAMPLE_UINT8, H5T_NATIVE_UINT8},   {SAMPLE_INT16, H5T_NATIVE_INT16},
        {SAMPLE_UINT16, H5T_NATIVE_UINT16}, {SAMPLE_INT32, H5T_NATIVE_INT32},   {SAMPLE_UINT32, H5T_NATIVE_UINT32},
        {SAMPLE_INT64, H5T_NATIVE_INT64},   {SAMPLE_UINT64, H5T_NATIVE_UINT64}, {SAMPLE_FLOAT16, H5T_NATIVE_FLOAT},
        {SAMPLE_FLOAT32, H5T_NATIVE_FLOAT}, {SAMPLE_FLOAT64, H5T_NATIVE_DOUBLE}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].type == a->type && H5Pget_fill_value(plist, known[i].native, a->fill) < 0)
            memset(a->fill, 0, sizeof a->fill);
}

static bool read_chunk_shape(hid_t plist, hdf5_array *a)
{
    hsize_t chunk[ARRAY_MOST_AXES];
    unsigned options = 0;
    if (H5Pget_chunk(plist, ARRAY_MOST_AXES, chunk) != a->dimensions.n) return false;
    for (int64_t i = 0; i < a->dimensions.n; i++) {
        if (chunk[i] < 1 || chunk[i] > UINT32_MAX) return false;
        a->chunk[i] = (int64_t)chunk[i];
    }
    a->is_plain_at_edges =
        H5Pget_chunk_opts(plist, &options) < 0 || (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
    return true;
}

static bool read_filters(hid_t plist, hdf5_array *a)
{
    const int n = H5Pget_nfilters(plist);
    if (n < 0 || n > HDF5_MOST_FILTERS) return false;
    a->n_filters = n;
    for (unsigned i = 0; i < (unsigned)n; i++) {
        unsigned flags, parameters[8], config;
        size_t n_parameters = 8;
        char name[8];
        a->filters[i] = H5Pget_filter2(plist, i, &flags, &n_parameters, parameters, sizeof name, name, &config);
        if (a->filters[i] < 0) return false;
    }
    return true;
}

static lmp_status read_storage(const char *label, hid_t dataset, hdf5_array *a, lmp_error *err)
{
    const hid_t plist = H5Dget_create_plist(dataset);
    const haddr_t offset = H5Dget_offset(dataset);
    a->layout = plist < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(plist);
    a->offset = offset == HADDR_UNDEF || offset > INT64_MAX / 2 ? -1 : (int64_t)offset;
    const bool is_elsewhere = a->layout == H5D_VIRTUAL || (plist >= 0 && H5Pget_external_count(plist) != 0);
    bool is_sound = a->layout != H5D_LAYOUT_ERROR;
    if (is_sound && a->layout == H5D_CHUNKED) is_sound = read_chunk_shape(plist, a) && read_filters(plist, a);
    if (is_sound) read_fill(plist, a);
    if (plist >= 0) (void)H5Pclose(plist);
    if (is_elsewhere)
        return lmp_fail(err, LMP_ERR_INPUT, "%s lies in other files, which limpid does not open: copy it into one file",
                        label);
    return is_sound ? LMP_OK : lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: its storage makes no sense", label);
}

/* ---- Attributes ------------------------------------------------------------------------------------------- */

/* Up to `most` numbers of an attribute, as doubles; how many there are. */
static int64_t read_numbers(hid_t object, const char *name, double *values, int64_t most)
{
    const hid_t attribute = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    if (attribute < 0) return 0;
    const hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
    const H5T_class_t kind = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    const hssize_t n = space < 0 ? 0 : H5Sget_simple_extent_npoints(space);
    const bool is_read = (kind == H5T_INTEGER || kind == H5T_FLOAT) && n >= 1 && n <= most &&
                         H5Aread(attribute, H5T_NATIVE_DOUBLE, values) >= 0;
    if (space >= 0) (void)H5Sclose(space);
    if (type >= 0) (void)H5Tclose(type);
    (void)H5Aclose(attribute);
    return is_read ? (int64_t)n : 0;
}

bool hdf5_read_number(hid_t object, const char *name, double *value)
{
    return read_numbers(object, name, value, 1) == 1;
}

static double read_positive(hid_t object, const char *name)
{
    double value = 0;
    return hdf5_read_number(object, name, &value) && value > 0 && isfinite(value) ? value : 0;
}

/* Text of variable length, one for each dimension. */
static void read_labels(hid_t dataset, hdf5_array *a)
{
    char *labels[ARRAY_MOST_AXES] = {0};
    const hid_t attribute =
        H5Aexists(dataset, "DIMENSION_LABELS") > 0 ? H5Aopen(dataset, "DIMENSION_LABELS", H5P_DEFAULT) : -1;
    if (attribute < 0) return;
    const hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
    const bool fits = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == a->dimensions.n &&
                      H5Tis_variable_str(type) > 0;
    if (fits && H5Aread(attribute, type, labels) >= 0) {
        for (int64_t i = 0; i < a->dimensions.n; i++)
            if (labels[i] != NULL && strlen(labels[i]) < HDF5_NAME_ROOM) strcpy(a->name[i], labels[i]);
        (void)H5Dvlen_reclaim(type, space, H5P_DEFAULT, labels);
    }
    if (space >= 0) (void)H5Sclose(space);
    if (type >= 0) (void)H5Tclose(type);
    (void)H5Aclose(attribute);
}

/* MATLAB's arrays (rows, columns[, colours], frames) run first index fastest and so have their dimensions turned. */
static void name_as_matlab(hdf5_array *a)
{
    static const char *const names[] = {"", "", "xy", "txy", "tcxy"};
    if (a->dimensions.n > 4) return;
    const char *letters = names[a->dimensions.n];
    for (size_t i = 0; letters[i] != '\0'; i++) a->name[i][0] = letters[i];
}

static void read_attributes(hid_t dataset, hdf5_array *a)
{
    double element_um[3];
    if (H5Aexists(dataset, "MATLAB_class") > 0) name_as_matlab(a);
    read_labels(dataset, a);
    a->rate_hz = read_positive(dataset, "rate_hz");
    a->pixel_width_um = read_positive(dataset, "pixel_width_um");
    a->pixel_height_um = read_positive(dataset, "pixel_height_um");
    if (read_numbers(dataset, "element_size_um", element_um, 3) != 3) return; /* z, y, x */
    if (element_um[1] > 0 && isfinite(element_um[1])) a->pixel_height_um = element_um[1];
    if (element_um[2] > 0 && isfinite(element_um[2])) a->pixel_width_um = element_um[2];
}

/* ---- All of it -------------------------------------------------------------------------------------------- */

void hdf5_array_point_names(hdf5_array *array)
{
    for (int64_t i = 0; i < array->dimensions.n; i++) array->dimensions.name[i] = array->name[i];
}

lmp_status hdf5_describe(const char *label, hid_t dataset, hdf5_array *array, lmp_error *err)
{
    *array = (hdf5_array){.offset = -1};
    lmp_status status = read_type(label, dataset, array, err);
    if (status == LMP_OK) status = read_shape(label, dataset, array, err);
    if (status == LMP_OK) status = read_storage(label, dataset, array, err);
    if (status != LMP_OK) return status;
    read_attributes(dataset, array);
    hdf5_array_point_names(array);
    return LMP_OK;
}
