/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_names.h: which files of a folder belong together, and in which order.
 */
#ifndef LIMPID_IO_SERIES_NAMES_H
#define LIMPID_IO_SERIES_NAMES_H

#include <limpid/step.h>

/* Natural order: digits by value ("a2" before "a10"), letters without their case; equal ones by bytes. */
int series_compare(const char *a, const char *b);

/* How a file is named, by its name without the ending:
 *   schema    contains '=' ("t=20_run=3"), or has two words of two letters or more and no number at its end
 *   numbered  ends with a number ("img_0042", "7")
 *   plain     any other */
typedef enum series_cluster { SERIES_ANY, SERIES_NUMBERED, SERIES_SCHEMA, SERIES_PLAIN } series_cluster;
series_cluster series_cluster_of(const char *name);
const char *series_cluster_name(series_cluster cluster);

/* Paths of files in natural order of their names. */
typedef struct series_list {
    char **paths;
    int64_t count, room;
} series_list;

const char *series_name(const char *path); /* without the folder */

/* The visible files of a folder or those that fit a pattern in the last part of a path; what limpid itself writes
 * beside its outputs is left out. */
LMP_CHECKED lmp_status series_list_files(const char *path, bool is_folder, series_list *list, lmp_error *err);
void series_list_clear(series_list *list);

/* Keeps the files for which keep() holds. */
LMP_CHECKED lmp_status series_list_keep(series_list *list, bool (*keep)(void *user, const char *name), void *user,
                                        lmp_error *err);

/* True if a file's name fits "*.tif" (case counts for nothing), or "numbered *.tif", as groups are called. */
bool series_fits(const char *pattern, const char *name);

/* Files of one ending, or of one cluster of it. */
typedef struct series_group {
    const char *ending; /* with its dot; "": none. Borrowed from a path of the list */
    series_cluster cluster;
    int64_t count;
} series_group;
bool series_is_in(const series_group *group, const char *name);
/* "*.tif", "numbered *.tif": what series_fits() understands. */
const char *series_print_group(const series_group *group, char text[64]);

/* All endings in the order of their first files; *groups is malloc'd. */
LMP_CHECKED lmp_status series_group_endings(const series_list *list, series_group **groups, int64_t *count,
                                            lmp_error *err);

#endif
