/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scratch.c: a private folder for results of previews, gone when the server is. A server that was killed could not
 * tidy up: the next one does, and tells by a lock whose folders are still in use.
 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "limpid-view-"

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *walk)
{
    (void)facts;
    (void)type;
    (void)walk;
    (void)remove(path);
    return 0;
}

void scratch_remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void scratch_remove_result(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = slash != NULL ? strrchr(slash, '.') : NULL;
    char *folder = slash != NULL ? strndup(path, (size_t)(slash - path)) : NULL;
    const size_t stem = dot != NULL ? (size_t)(dot - slash - 1) : 0;
    DIR *entries = folder != NULL && stem > 0 ? opendir(folder) : NULL;
    scratch_remove_tree(path);
    for (struct dirent *e = entries != NULL ? readdir(entries) : NULL; e != NULL; e = readdir(entries)) {
        char beside[PATH_MAX];
        if (strncmp(e->d_name, slash + 1, stem) != 0 || e->d_name[stem] != '.') continue;
        if ((size_t)snprintf(beside, sizeof beside, "%s/%s", folder, e->d_name) < sizeof beside)
            scratch_remove_tree(beside);
    }
    if (entries != NULL) closedir(entries);
    free(folder);
}

/* The lock of a folder, or -1: somebody holds it, or it is none of ours. */
static int lock_folder(const char *folder, int flags)
{
    char path[PATH_MAX];
    struct stat facts;
    if (lstat(folder, &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != geteuid()) return -1;
    if ((size_t)snprintf(path, sizeof path, "%s/lock", folder) >= sizeof path) return -1;
    const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static void remove_left_ones(const char *parent)
{
    DIR *entries = opendir(parent);
    if (entries == NULL) return;
    for (struct dirent *e = readdir(entries); e != NULL; e = readdir(entries)) {
        char path[PATH_MAX];
        if (strncmp(e->d_name, PREFIX, sizeof PREFIX - 1) != 0) continue;
        if ((size_t)snprintf(path, sizeof path, "%s/%s", parent, e->d_name) >= sizeof path) continue;
        const int fd = lock_folder(path, 0);
        if (fd < 0) continue;
        scratch_remove_tree(path);
        close(fd);
    }
    closedir(entries);
}

static const char *usual_parent(void)
{
    const char *given = getenv("TMPDIR");
    if (given != NULL && given[0] == '/' && access(given, W_OK) == 0) return given;
    return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

/* Until it is locked, another server that begins just then may take it for one that was left: then once more. */
static bool make_folder(char *path, int *lock)
{
    char *end = path + strlen(path) - 6;
    for (int i = 0; i < 3; i++) {
        memcpy(end, "XXXXXX", 6);
        if (mkdtemp(path) == NULL) return false;
        *lock = lock_folder(path, O_CREAT | O_EXCL);
        if (*lock >= 0 || errno != EWOULDBLOCK) return true;
    }
    return false;
}

lmp_status scratch_make(server *s, lmp_error *err)
{
    const char *parent = s->options.scratch_dir != NULL ? s->options.scratch_dir : usual_parent();
    char *real = realpath(parent, NULL), *path = NULL;
    if (real == NULL || asprintf(&path, "%s/" PREFIX "XXXXXX", strcmp(real, "/") == 0 ? "" : real) < 0) path = NULL;
    if (path != NULL) remove_left_ones(real);
    free(real);
    s->scratch_lock = -1;
    if (path == NULL || !make_folder(path, &s->scratch_lock)) {
        free(path);
        return lmp_fail(err, LMP_ERR_IO,
                        "no folder for intermediate files can be made in %s: %s; give one with --scratch", parent,
                        strerror(errno));
    }
    s->scratch = path;
    return LMP_OK;
}

void scratch_remove(server *s)
{
    if (s->scratch == NULL) return;
    scratch_remove_tree(s->scratch);
    if (s->scratch_lock >= 0) close(s->scratch_lock);
    free(s->scratch);
    s->scratch = NULL;
}
