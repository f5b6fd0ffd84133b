/* SPDX-License-Identifier: BSD-3-Clause
 *
 * folder.c: lists a folder inside the roots. Hidden names, and links that lead out, are left out.
 */
#include "folder.h"

#include "json_text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_ENTRIES = 20000 };

typedef struct listing {
    int64_t n, room;
    struct listed {
        char *name;
        bool is_folder;
        int64_t bytes;
    } * entries;
} listing;

/* Folders first; numbers in names by their value. */
static int compare(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    if (x->is_folder != y->is_folder) return x->is_folder ? -1 : 1;
    return strverscmp(x->name, y->name);
}

static bool add(listing *l, const char *name, const struct stat *facts)
{
    if (l->n == l->room) {
        const int64_t room = l->room > 0 ? 2 * l->room : 64;
        struct listed *larger = realloc(l->entries, (size_t)room * sizeof *larger);
        if (larger == NULL) return false;
        l->entries = larger;
        l->room = room;
    }
    char *copy = strdup(name);
    if (copy == NULL) return false;
    l->entries[l->n++] = (struct listed){copy, S_ISDIR(facts->st_mode), (int64_t)facts->st_size};
    return true;
}

/* Files and folders with names that can be shown; a link only if it stays inside. */
static bool is_shown(const server *s, const char *folder, const struct dirent *e, struct stat *facts)
{
    char path[PATH_MAX];
    if (e->d_name[0] == '.') return false;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= sizeof path) return false;
    if (lstat(path, facts) != 0) return false;
    if (S_ISLNK(facts->st_mode)) {
        char *real = realpath(path, NULL);
        const bool stays = real != NULL && path_is_inside(s, real) && stat(path, facts) == 0;
        free(real);
        if (!stays) return false;
    }
    return S_ISREG(facts->st_mode) || S_ISDIR(facts->st_mode);
}

static bool read_folder(const server *s, const char *folder, DIR *entries, listing *l)
{
    for (struct dirent *e = readdir(entries); e != NULL && l->n < MOST_ENTRIES; e = readdir(entries)) {
        struct stat facts;
        if (is_shown(s, folder, e, &facts) && !add(l, e->d_name, &facts)) return false;
    }
    if (l->n > 0) qsort(l->entries, (size_t)l->n, sizeof *l->entries, compare);
    return true;
}

static json_t *parent_json(const server *s, const char *folder)
{
    const char *slash = strrchr(folder, '/');
    if (folder[1] == '\0' || slash == NULL) return json_null();
    char *parent = slash == folder ? strdup("/") : strndup(folder, (size_t)(slash - folder));
    json_t *json = parent != NULL && path_is_inside(s, parent) ? json_text(parent) : json_null();
    free(parent);
    return json;
}

static json_t *entries_json(const listing *l)
{
    json_t *all = json_array();
    for (int64_t i = 0; i < l->n; i++) {
        json_t *name = json_string(l->entries[i].name);
        if (name == NULL) continue; /* not UTF-8: the page could not ask for it */
        json_array_append_new(all, json_pack("{s:o,s:b,s:I}", "name", name, "is_folder", (int)l->entries[i].is_folder,
                                             "bytes", (json_int_t)l->entries[i].bytes));
    }
    return all;
}

json_t *folder_json(const server *s, const char *path, lmp_error *err)
{
    listing l = {0};
    json_t *json = NULL;
    char *folder = path_resolve(s, path, true, err);
    if (folder == NULL) return NULL;
    DIR *entries = opendir(folder);
    if (entries == NULL)
        (void)lmp_fail(err, errno == ENOTDIR ? LMP_ERR_USAGE : LMP_ERR_IO, "%s cannot be listed: %s", path,
                       strerror(errno));
    else if (!read_folder(s, folder, entries, &l))
        (void)lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to list %s", path);
    else
        json = json_pack("{s:o,s:o,s:o}", "path", json_text(folder), "parent", parent_json(s, folder), "entries",
                         entries_json(&l));
    if (entries != NULL) closedir(entries);
    for (int64_t i = 0; i < l.n; i++) free(l.entries[i].name);
    free(l.entries);
    free(folder);
    return json;
}
