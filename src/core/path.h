/* SPDX-License-Identifier: BSD-3-Clause
 *
 * path.h: what the name of a file says.
 */
#ifndef LIMPID_CORE_PATH_H
#define LIMPID_CORE_PATH_H

#include <stdbool.h>

/* True if the path ends in "." and one of the extensions "jpg|jpeg", in any case; ".jpg" alone is a hidden file. */
bool path_has_extension(const char *path, const char *extensions);

#endif
