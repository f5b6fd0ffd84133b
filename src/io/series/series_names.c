/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_names.c: which files of a folder belong together, and in which order. Looks at names only.
 */
#include "io/series/series_names.h"

#include "os/os.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a list of files");
}

/* ---- Order ------------------------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Numbers of any length by value; moves both past them. */
static int compare_numbers(const char **a, const char **b)
{
    while (**a == '0') ++*a;
    while (**b == '0') ++*b;
    size_t n = 0, m = 0;
    while (is_digit((*a)[n])) n++;
    while (is_digit((*b)[m])) m++;
    const int order = n != m ? (n < m ? -1 : 1) : strncmp(*a, *b, n);
    *a += n;
    *b += m;
    return order;
}

int series_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;
    while (*x != '\0' && *y != '\0') {
        int order;
        if (is_digit(*x) && is_digit(*y)) {
            order = compare_numbers(&x, &y);
        } else {
            order = tolower((unsigned char)*x) - tolower((unsigned char)*y);
            x++;
            y++;
        }
        if (order != 0) return order;
    }
    if (*x != *y) return *x == '\0' ? -1 : 1;
    return strcmp(a, b);
}

static int compare_paths(const void *a, const void *b)
{
    return series_compare(series_name(*(char *const *)a), series_name(*(char *const *)b));
}

/* ---- Clusters --------------------------------------------------------------------------------------------- */

/* With its dot. "run.0007" has none: that is a number. */
static const char *ending_of(const char *name)
{
    const char *dot = strrchr(name, '.'), *end = name + strlen(name);
    if (dot == NULL || dot == name) return end;
    return dot[1 + strspn(dot + 1, "0123456789")] == '\0' ? end : dot;
}

/* Runs of two letters or more. */
static int count_words(const char *text, size_t n)
{
    int words = 0;
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        run = isalpha((unsigned char)text[i]) ? run + 1 : 0;
        words += run == 2;
    }
    return words;
}

series_cluster series_cluster_of(const char *name)
{
    const size_t n = (size_t)(ending_of(name) - name);
    if (memchr(name, '=', n) != NULL) return SERIES_SCHEMA;
    if (n > 0 && is_digit(name[n - 1])) return SERIES_NUMBERED;
    return count_words(name, n) >= 2 ? SERIES_SCHEMA : SERIES_PLAIN;
}

const char *series_cluster_name(series_cluster cluster)
{
    static const char *const names[] = {"", "numbered", "schema", "plain"};
    return names[cluster];
}

/* ---- Lists ------------------------------------------------------------------------------------------------ */

const char *series_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

typedef struct visitor {
    series_list *list;
    const char *folder; /* what stands before the names, with its '/' */
    size_t folder_size;
    const char *pattern; /* NULL: all */
    bool out_of_memory;
} visitor;

static bool ends_with(const char *text, const char *ending)
{
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcasecmp(text + n - m, ending) == 0;
}

static bool add_path(series_list *list, char *path)
{
    if (list->count == list->room) {
        const int64_t room = list->room == 0 ? 64 : list->room * 2;
        char **more = realloc(list->paths, (size_t)room * sizeof *more);
        if (more == NULL) return false;
        list->paths = more;
        list->room = room;
    }
    list->paths[list->count++] = path;
    return true;
}

static bool visit(void *user, const char *name)
{
    visitor *v = user;
    if (name[0] == '.' || ends_with(name, ".limpid.json")) return true;
    if (v->pattern != NULL && fnmatch(v->pattern, name, FNM_NOESCAPE) != 0) return true;
    const size_t n = strlen(name) + 1;
    char *path = malloc(v->folder_size + n);
    if (path != NULL) {
        memcpy(path, v->folder, v->folder_size);
        memcpy(path + v->folder_size, name, n);
    }
    v->out_of_memory = path == NULL || !add_path(v->list, path);
    if (v->out_of_memory) free(path);
    return !v->out_of_memory;
}

/* A name that leads nowhere stays: as a file that cannot be opened. */
static bool is_file(const char *path)
{
    os_file_info info;
    return os_path_stat(path, &info) != 0 || info.is_regular;
}

static void drop_folders(series_list *list)
{
    int64_t n = 0;
    for (int64_t i = 0; i < list->count; i++) {
        if (is_file(list->paths[i]))
            list->paths[n++] = list->paths[i];
        else
            free(list->paths[i]);
    }
    list->count = n;
}

lmp_status series_list_files(const char *path, bool is_folder, series_list *list, lmp_error *err)
{
    const char *name = series_name(path);
    const size_t n = is_folder ? strlen(path) : (size_t)(name - path);
    char *folder = malloc(n + 3);
    if (folder == NULL) return no_memory(err);
    memcpy(folder, path, n);
    if (is_folder && n > 0 && path[n - 1] != '/')
        memcpy(folder + n, "/", 2);
    else
        folder[n] = '\0';
    visitor v = {.list = list, .folder = folder, .folder_size = strlen(folder), .pattern = is_folder ? NULL : name};
    const int failed = os_directory_visit(n == 0 ? "." : folder, visit, &v);
    lmp_status status = LMP_OK;
    if (failed != 0)
        status = lmp_fail(err, LMP_ERR_IO,
                          "the folder %s cannot be read: %s; wildcards may stand in the last part of a path", folder,
                          strerror(failed));
    else if (v.out_of_memory)
        status = no_memory(err);
    free(folder);
    if (status != LMP_OK) {
        series_list_clear(list);
        return status;
    }
    drop_folders(list);
    if (list->count > 1) qsort(list->paths, (size_t)list->count, sizeof *list->paths, compare_paths);
    return LMP_OK;
}

void series_list_clear(series_list *list)
{
    for (int64_t i = 0; i < list->count; i++) free(list->paths[i]);
    free(list->paths);
    *list = (series_list){0};
}

lmp_status series_list_keep(series_list *list, bool (*keep)(void *user, const char *name), void *user, lmp_error *err)
{
    /* Freed at the end only: `user` may point into one of them. */
    char **dropped = malloc(((size_t)list->count + 1) * sizeof *dropped);
    if (dropped == NULL) return no_memory(err);
    int64_t n = 0, n_dropped = 0;
    for (int64_t i = 0; i < list->count; i++) {
        if (keep(user, series_name(list->paths[i])))
            list->paths[n++] = list->paths[i];
        else
            dropped[n_dropped++] = list->paths[i];
    }
    list->count = n;
    for (int64_t i = 0; i < n_dropped; i++) free(dropped[i]);
    free(dropped);
    return LMP_OK;
}

/* ---- Groups ----------------------------------------------------------------------------------------------- */

static bool fits_wildcard(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, FNM_NOESCAPE | FNM_CASEFOLD | FNM_EXTMATCH) == 0;
}

bool series_fits(const char *pattern, const char *name)
{
    if (fits_wildcard(pattern, name)) return true;
    const series_cluster cluster = series_cluster_of(name);
    const char *word = series_cluster_name(cluster);
    const size_t n = strlen(word);
    return strncasecmp(pattern, word, n) == 0 && pattern[n] == ' ' && fits_wildcard(pattern + n + 1, name);
}

bool series_is_in(const series_group *group, const char *name)
{
    return strcasecmp(ending_of(name), group->ending) == 0 &&
           (group->cluster == SERIES_ANY || group->cluster == series_cluster_of(name));
}

const char *series_print_group(const series_group *group, char text[64])
{
    const char *cluster = series_cluster_name(group->cluster);
    const int n = snprintf(text, 64, "%s%s", cluster, *cluster == '\0' ? "" : " ");
    if (group->ending[0] == '\0') {
        snprintf(text + n, (size_t)(64 - n), "!(*.*)");
    } else {
        snprintf(text + n, (size_t)(64 - n), "*%s", group->ending);
        for (char *c = text + n; *c != '\0'; c++) *c = (char)tolower((unsigned char)*c);
    }
    return text;
}

lmp_status series_group_endings(const series_list *list, series_group **groups, int64_t *count, lmp_error *err)
{
    series_group *made = calloc((size_t)list->count + 1, sizeof *made);
    if (made == NULL) return no_memory(err);
    int64_t n = 0;
    for (int64_t i = 0; i < list->count; i++) {
        const char *name = series_name(list->paths[i]);
        int64_t g = 0;
        while (g < n && !series_is_in(&made[g], name)) g++;
        if (g == n) made[n++] = (series_group){.ending = ending_of(name)};
        made[g].count++;
    }
    *groups = made;
    *count = n;
    return LMP_OK;
}
