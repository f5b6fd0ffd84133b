/* SPDX-License-Identifier: BSD-3-Clause
 *
 * temporary.h: names for files and folders that a test makes for itself.
 */
#ifndef LIMPID_TESTS_TEMPORARY_H
#define LIMPID_TESTS_TEMPORARY_H

#include <stdio.h>
#include <stdlib.h>

enum { TEMPORARY_ROOM = 256 };

/* `name` in the folder for temporary files that the environment says: for mkstemp() and mkdtemp(). */
static inline char *temporary_name(char path[TEMPORARY_ROOM], const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, TEMPORARY_ROOM, "%s/%s", folder == NULL || folder[0] == '\0' ? "/tmp" : folder, name);
    return path;
}

#endif
