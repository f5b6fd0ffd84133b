/* SPDX-License-Identifier: BSD-3-Clause
 *
 * text_file.c: written beside, synced, renamed.
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
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists: choose another name or add --overwrite", path);
    return lmp_fail(err, LMP_ERR_IO, "%s %s cannot be written: %s", what, path, strerror(failed));
}
