/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_choose.c: which of the files of a folder are the recording.
 *
 * Files are grouped by their endings; a group counts if one of its first files opens as an image or movie. Images are
 * often named by several schemes side by side (frames, overviews, backgrounds): groups of four images and more are
 * divided by how they are named. Nothing is guessed between several groups: the user says which. Only tables of numbers
 * and headers count for nothing beside images or movies: cameras write them.
 */
#include "io/series/series_choose.h"

#include "core/recording.h"
#include "io/series/series_scan.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_TRIES = 8, DIVIDED_FROM = 4, MOST_NAMED = 6 };

static bool fits(void *user, const char *name)
{
    return series_fits(user, name);
}

static bool is_in(void *user, const char *name)
{
    return series_is_in(user, name);
}

static lmp_status pick(const char *path, const char *group, series_list *list, lmp_error *err)
{
    const int64_t n = list->count;
    char *pattern = strdup(group);
    if (pattern == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    lmp_status status = series_list_keep(list, fits, pattern, err);
    free(pattern);
    if (status == LMP_OK && list->count == 0)
        status =
            lmp_fail(err, LMP_ERR_INPUT, "%s: none of its %lld files fits the group '%s'; give for example '*.tif'",
                     path, (long long)n, group);
    return status;
}

/* What the first files of a group are. One that is damaged says nothing; if all are, the format that knows them does.
 */
static void probe(const series_opening *how, const series_list *list, const series_group *group, bool *is_movie,
                  bool *is_image)
{
    int tries = 0;
    *is_movie = *is_image = false;
    for (int64_t i = 0; i < list->count && tries < MOST_TRIES; i++) {
        if (!series_is_in(group, series_name(list->paths[i]))) continue;
        lmp_source source;
        const lmp_io *io = NULL;
        tries++;
        if (series_open_file(how, list->paths[i], &io, &source, NULL) == LMP_OK) {
            *is_movie = source.stream.format.kind == LMP_MOVIE;
            *is_image = *is_movie && source.stream.format.n_times == 1;
            source_clear(&source);
            return;
        }
        *is_movie = *is_movie || (io != NULL && io->kind == LMP_MOVIE);
    }
}

/* Appends the non-empty clusters of a group, or the group itself. */
static void divide(const series_list *list, const series_group *group, bool is_image, series_group *to, int64_t *n)
{
    int64_t counts[SERIES_PLAIN + 1] = {0};
    int kinds = 0;
    for (int64_t i = 0; i < list->count; i++) {
        const char *name = series_name(list->paths[i]);
        if (series_is_in(group, name)) counts[series_cluster_of(name)]++;
    }
    for (int c = SERIES_NUMBERED; c <= SERIES_PLAIN; c++) kinds += counts[c] > 0;
    if (!is_image || group->count < DIVIDED_FROM || kinds < 2) {
        to[(*n)++] = *group;
        return;
    }
    for (int c = SERIES_NUMBERED; c <= SERIES_PLAIN; c++)
        if (counts[c] > 0)
            to[(*n)++] = (series_group){.ending = group->ending, .cluster = (series_cluster)c, .count = counts[c]};
}

/* Tables of numbers, and headers of cameras whose data files open as well. */
static bool stands_beside(const series_group *group)
{
    static const char *const endings[] = {".csv", ".tsv", ".txt", ".dat", ".asc", ".cih", ".cihx"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(group->ending, endings[i]) == 0) return true;
    return false;
}

/* How many groups are left. */
static int64_t drop_beside(series_group *groups, int64_t n)
{
    int64_t left = 0;
    for (int64_t i = 0; i < n; i++)
        if (!stands_beside(&groups[i])) groups[left++] = groups[i];
    return left > 0 ? left : n;
}

static lmp_status refuse_several(const char *path, const series_group *groups, int64_t n, lmp_error *err)
{
    char named[MOST_NAMED * 96] = "", text[64];
    for (int64_t i = 0; i < n && i < MOST_NAMED; i++) {
        const size_t used = strlen(named);
        snprintf(named + used, sizeof named - used, "%s'%s' (%lld file%s)", i == 0 ? "" : ", ",
                 series_print_group(&groups[i], text), (long long)groups[i].count, groups[i].count == 1 ? "" : "s");
    }
    return lmp_fail(err, LMP_ERR_INPUT, "%s holds several series, %s%s: choose one, for example with --group '%s'",
                    path, named, n > MOST_NAMED ? " and others" : "", series_print_group(&groups[0], text));
}

static lmp_status only_group(const series_opening *how, const char *path, series_list *list, lmp_error *err)
{
    series_group *endings = NULL, *found = NULL;
    int64_t n_endings = 0, n = 0;
    lmp_status status = series_group_endings(list, &endings, &n_endings, err);
    if (status != LMP_OK) return status;
    found = calloc((size_t)n_endings * SERIES_PLAIN + 1, sizeof *found);
    if (found == NULL) status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    for (int64_t i = 0; i < n_endings && status == LMP_OK; i++) {
        bool is_movie, is_image;
        probe(how, list, &endings[i], &is_movie, &is_image);
        if (is_movie) divide(list, &endings[i], is_image, found, &n);
    }
    if (status == LMP_OK) n = drop_beside(found, n);
    if (status == LMP_OK && n == 0)
        status = lmp_fail(err, LMP_ERR_INPUT,
                          "%s is a folder without images or movies that limpid reads; folders in it are not looked "
                          "into: name a file or another folder",
                          path);
    if (status == LMP_OK && n > 1) status = refuse_several(path, found, n, err);
    if (status == LMP_OK) status = series_list_keep(list, is_in, &found[0], err);
    free(endings);
    free(found);
    return status;
}

lmp_status series_choose(const series_opening *how, const char *path, const char *group, series_list *list,
                         lmp_error *err)
{
    os_file_info info;
    const bool is_folder = os_path_stat(path, &info) == 0;
    lmp_status status = series_list_files(path, is_folder, list, err);
    if (status != LMP_OK) return status;
    if (!is_folder && list->count == 0)
        status = lmp_fail(err, LMP_ERR_IO, "no file fits %s: check the pattern and the folder", path);
    else if (group != NULL)
        status = pick(path, group, list, err);
    else if (is_folder)
        status = only_group(how, path, list, err);
    if (status != LMP_OK) series_list_clear(list);
    return status;
}
