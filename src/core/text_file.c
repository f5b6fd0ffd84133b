/* SPDX-License-Identifier: BSD-3-Clause
 *
 * text_file.c: read whole; written beside, synced, renamed.
 */
#include "core/text_file.h"

#include "os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

lmp_status text_file_write(const char *path, const char *text, size_t size, bool overwrite, const char *what,
                           lmp_error *err)
{
    os_file file;
    char *temporary = NULL;
    int failed = os_file_create_beside(path, &file, &temporary);
    if (failed == 0) {
        failed = os_file_write(file, 0, text, size);
        if (failed == 0) failed = os_file_sync(file);
        const int close_failed = os_file_close(file);
        if (failed == 0) failed = close_failed;
        if (failed == 0) failed = os_path_rename(temporary, path, overwrite);
        if (failed != 0) (void)os_path_remove(temporary);
    }
    free(temporary);
    if (failed == 0) return LMP_OK;
    if (failed == EEXIST)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", path);
    return lmp_fail(err, LMP_ERR_IO, "%s %s cannot be written: %s", what, path, strerror(failed));
}

static lmp_status read_open(os_file file, const char *path, int64_t most_mib, const char *what, char **text,
                            size_t *size, lmp_error *err)
{
    os_file_info info = {0};
    int failed = os_file_stat(file, &info);
    if (failed != 0) return lmp_fail(err, LMP_ERR_IO, "%s cannot be read: %s", path, strerror(failed));
    if (!info.is_regular || info.size > most_mib << 20)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is no %s: it is not a file of at most %lld MB", path, what,
                        (long long)most_mib);
    char *made = malloc((size_t)info.size + 1);
    if (made == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read %s", path);
    failed = os_file_read(file, 0, made, (size_t)info.size, size);
    if (failed != 0) {
        free(made);
        return lmp_fail(err, LMP_ERR_IO, "%s cannot be read: %s", path, strerror(failed));
    }
    made[*size] = '\0';
    *text = made;
    return LMP_OK;
}

lmp_status text_file_read(const char *path, int64_t most_mib, const char *what, char **text, size_t *size,
                          lmp_error *err)
{
    os_file file;
    const int failed = os_file_open_read(path, &file);
    if (failed != 0) return lmp_fail(err, LMP_ERR_IO, "%s cannot be read: %s", path, strerror(failed));
    const lmp_status status = read_open(file, path, most_mib, what, text, size, err);
    (void)os_file_close(file);
    return status;
}
