/* SPDX-License-Identifier: BSD-3-Clause
 *
 * path.c: what the name of a file says.
 */
#include "core/path.h"

#include <string.h>
#include <strings.h>

bool path_has_extension(const char *path, const char *extensions)
{
    const char *dot = strrchr(path, '.');
    if (dot == NULL || dot == path || dot[-1] == '/' || dot[1] == '\0') return false;
    const size_t length = strlen(dot + 1);
    for (const char *at = extensions;;) {
        const size_t n = strcspn(at, "|");
        if (length == n && strncasecmp(dot + 1, at, n) == 0) return true;
        if (at[n] == '\0') return false;
        at += n + 1;
    }
}
