/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_file.c: opening HDF5 files, and which dataset is meant.
 *
 * Only hard links are followed: soft and external ones may lead to other files.
 */
#include "io/array/hdf5_file.h"

#include "io/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DATASETS = 1000, MOST_OBJECTS = 100000, LIST_ROOM = 160, PATH_ROOM = 1024 };

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

/* ---- Files ------------------------------------------------------------------------------------------------ */

void hdf5_be_quiet(void)
{
    if (hdf5.H5Eset_auto2_at != NULL) (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static hid_t open_plainly(const char *path)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = -1;
    (void)H5PLset_loading_state(0); /* filters and drivers of the library itself only */
    if (access >= 0 && H5Pset_fapl_sec2(access) >= 0 && H5Pset_file_locking(access, false, true) >= 0)
        file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (access >= 0) (void)H5Pclose(access);
    return file;
}

lmp_status hdf5_file_open(const char *path, hid_t *file, lmp_error *err)
{
    hbool_t is_threadsafe = false;
    const lmp_status status = hdf5_load(err);
    if (status != LMP_OK) return status;
    hdf5_be_quiet();
    if (H5is_library_threadsafe(&is_threadsafe) < 0 || !is_threadsafe)
        return lmp_fail(err, LMP_ERR_INPUT, "%s needs a build of libhdf5 for threads, as distributions package it",
                        path);
    *file = open_plainly(path);
    if (*file >= 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s cannot be opened as HDF5: it is damaged, or its writer did not close it; get the complete file",
                    path);
}

/* ---- The datasets of a file -------------------------------------------------------------------------------- */

typedef struct search {
    char *names[MOST_DATASETS];
    int64_t n, n_objects;
} search;

static herr_t visit_object(hid_t root, const char *name, const H5O_info_t *info, void *user)
{
    search *s = user;
    (void)root;
    if (++s->n_objects > MOST_OBJECTS || s->n == MOST_DATASETS) return 1;
    if (info->type != H5O_TYPE_DATASET) return 0;
    s->names[s->n] = strdup(name);
    if (s->names[s->n] != NULL) s->n++;
    return 0;
}

static const char *list_names(const search *s, char text[LIST_ROOM])
{
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < s->n && used < 120; i++)
        used += (size_t)snprintf(text + used, LIST_ROOM - used, "%s%.30s", i > 0 ? ", " : "", s->names[i]);
    return text;
}

static lmp_status open_dataset(const char *path, hid_t file, const char *name, hid_t *dataset, hdf5_array *array,
                               lmp_error *err)
{
    char label[PATH_ROOM];
    (void)snprintf(label, sizeof label, "dataset \"%.200s\" of %.700s", name, path);
    *dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (*dataset < 0) return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be opened: it is damaged", label);
    const lmp_status status = hdf5_describe(label, *dataset, array, err);
    if (status == LMP_OK) return LMP_OK;
    (void)H5Dclose(*dataset);
    *dataset = -1;
    return status;
}

/* Of an NWB file, the rate is beside the numbers: NAME/data, NAME/starting_time with its rate. */
static void find_rate(hid_t file, const char *name, double *rate_hz)
{
    char beside[PATH_ROOM];
    const char *slash = strrchr(name, '/');
    if (*rate_hz > 0 || slash == NULL) return;
    (void)snprintf(beside, sizeof beside, "%.*s/starting_time", (int)(slash - name), name);
    const hid_t start = H5Lexists(file, beside, H5P_DEFAULT) > 0 ? H5Dopen2(file, beside, H5P_DEFAULT) : -1;
    double rate = 0;
    if (start < 0) return;
    if (hdf5_read_number(start, "rate", &rate) && rate > 0 && rate < 1e9) *rate_hz = rate;
    (void)H5Dclose(start);
}

/* ---- Which one -------------------------------------------------------------------------------------------- */

static lmp_status check_links(const char *path, hid_t file, const char *name, const search *all, lmp_error *err)
{
    char part[PATH_ROOM], names[LIST_ROOM];
    for (size_t n = 0; name[n] != '\0';) {
        n += strspn(name + n, "/");
        n += strcspn(name + n, "/");
        H5L_info_t info;
        if (n >= sizeof part || n == 0) break;
        memcpy(part, name, n);
        part[n] = '\0';
        if (H5Lget_info(file, part, &info, H5P_DEFAULT) < 0) break;
        if (info.type != H5L_TYPE_HARD)
            return lmp_fail(
                err, LMP_ERR_INPUT,
                "%s: \"%.200s\" is a link that may lead to another file, which limpid does not follow: name "
                "the dataset that it means",
                path, part);
        if (name[n] == '\0') return LMP_OK;
    }
    return lmp_fail(err, LMP_ERR_USAGE, "%s holds no dataset \"%.80s\"; there are: %s", path, name,
                    all->n == 0 ? "none" : list_names(all, names));
}

static lmp_status find_named(const char *path, hid_t file, const char *name, const search *all, hid_t *dataset,
                             hdf5_array *array, lmp_error *err)
{
    char names[LIST_ROOM];
    H5O_info_t info;
    while (*name == '/') name++;
    lmp_status status = check_links(path, file, name, all, err);
    if (status != LMP_OK) return status;
    if (H5Oget_info_by_name(file, name, &info, H5P_DEFAULT) < 0 || info.type != H5O_TYPE_DATASET)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: \"%.80s\" is no dataset; there are: %s", path, name,
                        all->n == 0 ? "none" : list_names(all, names));
    status = open_dataset(path, file, name, dataset, array, err);
    if (status == LMP_OK) find_rate(file, name, &array->rate_hz);
    return status;
}

static double stored_bytes(const hdf5_array *array)
{
    double bytes = (double)sample_get_info(array->type)->bytes;
    for (int64_t i = 0; i < array->dimensions.n; i++) bytes *= (double)array->dimensions.size[i];
    return bytes;
}

/* Size of a dataset that can be a movie; else 0 and err. */
static lmp_status try_dataset(const char *path, hid_t file, const char *name, const lmp_open_options *options,
                              double *bytes, lmp_error *err)
{
    hid_t dataset = -1;
    hdf5_array array;
    array_axes axes;
    array_shape shape;
    char *ignored = NULL;
    lmp_status status = open_dataset(path, file, name, &dataset, &array, err);
    if (status != LMP_OK) return status;
    status = array_axes_find(path, &array.dimensions, options, &axes, &shape, &ignored, err);
    *bytes = status == LMP_OK ? stored_bytes(&array) : 0;
    (void)H5Dclose(dataset);
    free(ignored);
    return status;
}

static lmp_status find_largest(const char *path, hid_t file, const search *all, const lmp_open_options *options,
                               const char **name, char **warnings, lmp_error *err)
{
    char names[LIST_ROOM];
    double largest = 0;
    for (int64_t i = 0; i < all->n; i++) {
        double bytes = 0;
        const lmp_status status = try_dataset(path, file, all->names[i], options, &bytes, err);
        if (status != LMP_OK && all->n == 1) return status;
        if (status != LMP_OK || bytes <= largest) continue;
        largest = bytes;
        *name = all->names[i];
    }
    if (all->n == 0) return lmp_fail(err, LMP_ERR_INPUT, "%s holds no dataset", path);
    if (*name == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds no dataset that can be a movie; there are: %s", path,
                        list_names(all, names));
    if (all->n > 1)
        file_warn(warnings, "%s holds %" PRId64 " datasets (%s); the largest that can be a movie is read: %s", path,
                  all->n, list_names(all, names), *name);
    return LMP_OK;
}

lmp_status hdf5_find_dataset(const char *path, hid_t file, const lmp_open_options *options, hid_t *dataset,
                             hdf5_array *array, char **warnings, lmp_error *err)
{
    const char *name = options->dataset;
    search *all = calloc(1, sizeof *all);
    if (all == NULL) return no_memory(path, err);
    /* What a damaged file has before the damage may be enough. */
    (void)H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit_object, all);
    lmp_status status = name != NULL ? LMP_OK : find_largest(path, file, all, options, &name, warnings, err);
    if (status == LMP_OK) status = find_named(path, file, name, all, dataset, array, err);
    for (int64_t i = 0; i < all->n; i++) free(all->names[i]);
    free(all);
    return status;
}
