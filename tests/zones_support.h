/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zones_support.h: zones files for tests, in a folder that is gone at the end.
 */
#ifndef LIMPID_TESTS_ZONES_SUPPORT_H
#define LIMPID_TESTS_ZONES_SUPPORT_H

#include "temporary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char zones_folder[TEMPORARY_ROOM];

static int zones_folder_make(void **state)
{
    (void)state;
    return mkdtemp(temporary_name(zones_folder, "limpid-zones-XXXXXX")) == NULL;
}

/* Path of a file in the folder; lives until the next call. */
static const char *zones_path(const char *name)
{
    static char path[TEMPORARY_ROOM + 32];
    snprintf(path, sizeof path, "%s/%s", zones_folder, name);
    return path;
}

static int zones_folder_remove(void **state)
{
    (void)state;
    static const char *const names[] = {"z.json", "out.csv", "mask.npy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)unlink(zones_path(names[i]));
    return rmdir(zones_folder);
}

/* Writes z.json. */
static inline void zones_put(const char *text)
{
    FILE *file = fopen(zones_path("z.json"), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* "before" and the path of z.json; lives until the next call. */
static inline const char *zones_setting(const char *text, const char *before)
{
    static char setting[400];
    zones_put(text);
    snprintf(setting, sizeof setting, "%s zones=%s", before, zones_path("z.json"));
    return setting;
}

#endif
