/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr_find.c: which array of a Zarr folder is meant.
 */
#include "io/array/zarr.h"

#include "io/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ARRAYS = 1000, MOST_ENTRIES = 100000, MOST_DEPTH = 8, LIST_ROOM = 160 };

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

/* ---- The arrays of a group -------------------------------------------------------------------------------- */

typedef struct search {
    const char *root;
    char *names[MOST_ARRAYS]; /* relative to the root */
    int64_t n, n_entries, depth;
    char *prefix; /* of the folder that is visited, relative; "" for the root */
    bool is_out_of_memory;
} search;

static void visit_folder(search *s, char *prefix);

static bool visit_entry(void *user, const char *name)
{
    search *s = user;
    char *relative = NULL;
    os_file_info info;
    if (++s->n_entries > MOST_ENTRIES || s->n == MOST_ARRAYS) return false;
    if (name[0] == '.') return true;
    if (asprintf(&relative, "%s%s%s", s->prefix, s->prefix[0] == '\0' ? "" : "/", name) < 0) {
        s->is_out_of_memory = true;
        return false;
    }
    char *path = zarr_join(s->root, relative);
    const bool is_folder = path != NULL && os_path_stat(path, &info) == 0 && info.is_directory;
    if (is_folder && zarr_has(path, ".zarray")) {
        s->names[s->n++] = relative;
        relative = NULL;
    } else if (is_folder && zarr_has(path, ".zgroup") && s->depth < MOST_DEPTH) {
        visit_folder(s, relative);
    }
    free(path);
    free(relative);
    return true;
}

static void visit_folder(search *s, char *prefix)
{
    char *before = s->prefix, *path = prefix[0] == '\0' ? strdup(s->root) : zarr_join(s->root, prefix);
    s->prefix = prefix;
    s->depth++;
    if (path != NULL) (void)os_directory_visit(path, visit_entry, s);
    s->depth--;
    s->prefix = before;
    free(path);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_all(search *s)
{
    char none[] = "";
    visit_folder(s, none);
    qsort(s->names, (size_t)s->n, sizeof s->names[0], compare_names);
}

/* The names, for sentences; cut. */
static const char *list_names(const search *s, char text[LIST_ROOM])
{
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < s->n && used < 120; i++)
        used += (size_t)snprintf(text + used, LIST_ROOM - used, "%s%.30s", i > 0 ? ", " : "", s->names[i]);
    return text;
}

/* ---- Which one -------------------------------------------------------------------------------------------- */

static double stored_bytes(const zarr_array *array)
{
    double bytes = (double)sample_get_info(array->header.type)->bytes;
    for (int64_t i = 0; i < array->header.dimensions.n; i++) bytes *= (double)array->header.dimensions.size[i];
    return bytes;
}

static lmp_status find_largest(search *s, const lmp_open_options *options, int64_t *found, char **warnings,
                               lmp_error *err)
{
    char names[LIST_ROOM];
    double largest = 0;
    *found = -1;
    for (int64_t i = 0; i < s->n; i++) {
        zarr_array array;
        char *folder = zarr_join(s->root, s->names[i]), *ignored = NULL;
        if (folder == NULL) return no_memory(s->root, err);
        const lmp_status status = zarr_array_read(s->root, folder, options, &array, &ignored, err);
        free(folder);
        free(ignored);
        if (status == LMP_OK && stored_bytes(&array) > largest) {
            largest = stored_bytes(&array);
            *found = i;
        } else if (s->n == 1 && status != LMP_OK) {
            return status;
        }
    }
    if (s->n == 0) return lmp_fail(err, LMP_ERR_INPUT, "%s holds no array of Zarr, version 2", s->root);
    if (*found < 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds no array that can be a movie; there are: %s", s->root,
                        list_names(s, names));
    if (s->n > 1)
        file_warn(warnings, "%s holds %" PRId64 " arrays (%s); the largest that can be a movie is read: %s", s->root,
                  s->n, list_names(s, names), s->names[*found]);
    return LMP_OK;
}

/* True if a name stays inside the folder. */
static bool is_inside(const char *name)
{
    if (name[0] == '\0' || name[0] == '/') return false;
    for (const char *part = name; *part != '\0'; part += strspn(part, "/")) {
        const size_t n = strcspn(part, "/");
        if ((n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.')) return false;
        part += n;
    }
    return true;
}

static lmp_status find_named(search *s, const char *name, char **folder, lmp_error *err)
{
    char names[LIST_ROOM];
    while (*name == '/') name++;
    char *path = is_inside(name) ? zarr_join(s->root, name) : NULL;
    if (path != NULL && zarr_has(path, ".zarray")) {
        *folder = path;
        return LMP_OK;
    }
    free(path);
    find_all(s);
    return lmp_fail(err, LMP_ERR_USAGE, "%s holds no array \"%.80s\"; there are: %s", s->root, name,
                    s->n == 0 ? "none" : list_names(s, names));
}

static lmp_status find_in_group(const char *path, const lmp_open_options *options, char **folder, char **warnings,
                                lmp_error *err)
{
    int64_t found = -1;
    search *s = calloc(1, sizeof *s);
    if (s == NULL) return no_memory(path, err);
    s->root = path;
    lmp_status status;
    if (options->dataset != NULL) {
        status = find_named(s, options->dataset, folder, err);
    } else {
        find_all(s);
        status = find_largest(s, options, &found, warnings, err);
        if (status == LMP_OK && (*folder = zarr_join(path, s->names[found])) == NULL) status = no_memory(path, err);
    }
    if (s->is_out_of_memory && status != LMP_OK) status = no_memory(path, err);
    for (int64_t i = 0; i < s->n; i++) free(s->names[i]);
    free(s);
    return status;
}

lmp_status zarr_find_array(const char *path, const lmp_open_options *options, char **folder, char **warnings,
                           lmp_error *err)
{
    const bool is_array = zarr_has(path, ".zarray");
    if (!is_array && zarr_has(path, "zarr.json"))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is in version 3 of Zarr; limpid reads version 2: save it with zarr_format=2", path);
    if (!is_array) return find_in_group(path, options, folder, warnings, err);
    if (options->dataset != NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "%s is an array and holds no \"%.80s\": leave the name away", path,
                        options->dataset);
    *folder = strdup(path);
    return *folder == NULL ? no_memory(path, err) : LMP_OK;
}
