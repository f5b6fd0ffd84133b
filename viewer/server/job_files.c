/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_files.c: the folder of a job: small files that its chain reads, and tables that it writes.
 */
#include "job_files.h"

#include "job_request.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static lmp_status write_one(const char *folder, const char *name, const json_t *content, lmp_error *err)
{
    char path[PATH_MAX];
    char *text = json_is_string(content) ? NULL : json_dumps(content, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    const char *bytes = text != NULL ? text : json_string_value(content);
    const size_t n = text != NULL ? strlen(text) : json_string_length(content);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = bytes != NULL ? fopen(path, "wxe") : NULL;
    bool is_written = file != NULL && fwrite(bytes, 1, n, file) == n;
    if (file != NULL) is_written &= fclose(file) == 0;
    free(text);
    return is_written ? LMP_OK : lmp_fail(err, LMP_ERR_IO, "%s could not be written: %s", name, strerror(errno));
}

lmp_status job_files_write(const char *folder, const json_t *files, lmp_error *err)
{
    const char *name;
    json_t *content;
    lmp_status status = LMP_OK;
    if (mkdir(folder, 0700) != 0)
        return lmp_fail(err, LMP_ERR_IO, "the folder %s could not be made: %s", folder, strerror(errno));
    json_object_foreach((json_t *)files, name, content)
    {
        if (status == LMP_OK) status = write_one(folder, name, content, err);
    }
    if (status != LMP_OK) job_files_remove(folder);
    return status;
}

static void go_through(const char *folder, void (*visit)(const char *folder, const char *name, void *user), void *user)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) return;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) visit(folder, entry->d_name, user);
    closedir(dir);
}

/* A folder may be among them: some formats are one. */
static void remove_one(const char *folder, const char *name, void *user)
{
    char path[PATH_MAX];
    (void)user;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (unlink(path) != 0) job_files_remove(path);
}

void job_files_remove(const char *folder)
{
    go_through(folder, remove_one, NULL);
    (void)rmdir(folder);
}

typedef struct made {
    const json_t *files;
    json_t *names;
} made;

static void note_one(const char *folder, const char *name, void *user)
{
    made *m = user;
    (void)folder;
    if (job_name_is_good(name) && json_object_get(m->files, name) == NULL)
        json_array_append_new(m->names, json_string(name));
}

json_t *job_files_made(const char *folder, const json_t *files)
{
    made m = {.files = files, .names = json_array()};
    go_through(folder, note_one, &m);
    return m.names;
}
