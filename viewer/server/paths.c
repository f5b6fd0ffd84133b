/* SPDX-License-Identifier: BSD-3-Clause
 *
 * paths.c: which files the page may look at: those inside the roots, once links are followed.
 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool lies_in(const char *root, const char *path)
{
    const size_t n = strlen(root);
    if (n == 1) return path[0] == '/';
    return strncmp(root, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool path_is_inside(const server *s, const char *real)
{
    for (int64_t i = 0; i < s->n_roots; i++)
        if (lies_in(s->roots[i], real)) return true;
    return false;
}

lmp_status roots_add(server *s, const char *folder, lmp_error *err)
{
    char *real = realpath(folder, NULL);
    struct stat facts;
    if (real == NULL || stat(real, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        free(real);
        return lmp_fail(err, LMP_ERR_IO, "%s is not a folder that can be opened", folder);
    }
    for (int64_t i = 0; i < s->n_roots; i++) {
        if (strcmp(s->roots[i], real) != 0) continue;
        free(real);
        return LMP_OK;
    }
    char **roots = realloc(s->roots, (size_t)(s->n_roots + 1) * sizeof *roots);
    if (roots == NULL) {
        free(real);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    }
    s->roots = roots;
    s->roots[s->n_roots++] = real;
    return LMP_OK;
}

/* The folder part, malloc'd: "/a/b" of "/a/b/c", "." of "c". *name: what follows. */
static char *folder_of(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash != NULL ? slash + 1 : path;
    if (slash == NULL) return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

void roots_free(server *s)
{
    for (int64_t i = 0; i < s->n_roots; i++) free(s->roots[i]);
    free(s->roots);
    s->roots = NULL;
    s->n_roots = 0;
}

static bool is_pattern(const char *name)
{
    return strpbrk(name, "*?[") != NULL;
}

/* The real path of the folder with the name behind it; the name must be one. */
static char *resolve_in_folder(const char *path)
{
    const char *name;
    char *folder = folder_of(path, &name);
    char *real = folder != NULL ? realpath(folder, NULL) : NULL, *whole = NULL;
    if (real != NULL && name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
        asprintf(&whole, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) < 0)
        whole = NULL;
    free(real);
    free(folder);
    return whole;
}

char *path_absolute(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    char *trimmed = strndup(path, n);
    char *whole = trimmed != NULL ? resolve_in_folder(trimmed) : NULL;
    free(trimmed);
    return whole != NULL ? whole : realpath(path, NULL); /* "..", "/" */
}

static lmp_status add_folder_of(server *s, const char *path, lmp_error *err)
{
    const char *name;
    char *folder = folder_of(path, &name);
    if (folder == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    const lmp_status status = roots_add(s, folder, err);
    free(folder);
    return status;
}

/* A link lies in one folder and leads to another: what belongs to the recording may be in either. */
lmp_status roots_add_folders_of(server *s, const char *path, lmp_error *err)
{
    char *real = realpath(path, NULL);
    lmp_status status = add_folder_of(s, path, err);
    if (status == LMP_OK && real != NULL) status = add_folder_of(s, real, err);
    free(real);
    return status;
}

/* A name that is not there yet may be a pattern, or a file to be written; a link that leads nowhere is neither. */
static char *resolve(const char *path, bool must_exist)
{
    char *real = realpath(path, NULL);
    if (real != NULL || errno != ENOENT) return real;
    const char *slash = strrchr(path, '/');
    if (must_exist && !is_pattern(slash != NULL ? slash + 1 : path)) return NULL;
    struct stat link;
    char *whole = resolve_in_folder(path);
    if (whole == NULL || lstat(whole, &link) != 0) return whole;
    free(whole);
    return NULL;
}

/* As written: no "..", and below a root. Of such paths it may be said whether they exist. */
static bool looks_inside(const server *s, const char *path)
{
    const size_t n = strlen(path);
    const bool climbs = strstr(path, "/../") != NULL || (n >= 3 && strcmp(path + n - 3, "/..") == 0);
    return !climbs && path_is_inside(s, path);
}

char *path_resolve(const server *s, const char *path, bool must_exist, lmp_error *err)
{
    if (path[0] != '/') {
        (void)lmp_fail(err, LMP_ERR_USAGE, "\"%s\" is not an absolute path: it must begin with /", path);
        return NULL;
    }
    char *real = resolve(path, must_exist);
    if (real != NULL && path_is_inside(s, real)) return real;
    if (real == NULL && looks_inside(s, path))
        (void)lmp_fail(err, LMP_ERR_IO,
                       must_exist ? "%s does not exist: give the path of a file that is there"
                                  : "the folder of %s does not exist: give one that does",
                       path);
    else
        (void)lmp_fail(err, LMP_ERR_USAGE,
                       "%s is not in a folder that this viewer may use: start limpid view with --root FOLDER", path);
    free(real);
    return NULL;
}

bool path_is_allowed(server *s, const char *path, bool must_exist, lmp_error *err)
{
    char *real = path_resolve(s, path, must_exist, err);
    free(real);
    return real != NULL;
}

static lmp_status check_member(const server *s, const char *folder, const char *name, lmp_error *err)
{
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) return LMP_OK; /* cannot be opened */
    char *real = realpath(path, NULL);
    const bool leads_out = real != NULL && !path_is_inside(s, real);
    free(real);
    if (!leads_out) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s is a link that leads out of the folders that this viewer may use: start limpid view with "
                    "--root FOLDER",
                    path);
}

static lmp_status check_folder(const server *s, const char *folder, const char *pattern, lmp_error *err)
{
    DIR *entries = opendir(folder);
    lmp_status status = LMP_OK;
    if (entries == NULL) return LMP_OK; /* the library says why */
    for (struct dirent *e = readdir(entries); e != NULL && status == LMP_OK; e = readdir(entries))
        if ((e->d_type == DT_LNK || e->d_type == DT_UNKNOWN) &&
            (pattern == NULL || fnmatch(pattern, e->d_name, 0) == 0))
            status = check_member(s, folder, e->d_name, err);
    closedir(entries);
    return status;
}

lmp_status path_check_members(const server *s, const char *real, lmp_error *err)
{
    struct stat facts;
    const bool is_there = stat(real, &facts) == 0;
    if (is_there && !S_ISDIR(facts.st_mode)) return LMP_OK;
    if (is_there) return check_folder(s, real, NULL, err);
    const char *pattern;
    char *folder = folder_of(real, &pattern);
    const lmp_status status = folder != NULL ? check_folder(s, folder, pattern, err)
                                             : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    free(folder);
    return status;
}
