/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_files.c: the folder of a job: small files that its chain reads, and tables that it writes.
 */
#include "job_files.h"

#include "job_request.h"
#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    if (status != LMP_OK) scratch_remove_tree(folder);
    return status;
}

json_t *job_files_made(const char *folder, const json_t *files)
{
    json_t *names = json_array();
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir != NULL ? readdir(dir) : NULL; e != NULL; e = readdir(dir))
        if (job_name_is_good(e->d_name) && json_object_get(files, e->d_name) == NULL)
            json_array_append_new(names, json_string(e->d_name));
    if (dir != NULL) closedir(dir);
    return names;
}
