/* SPDX-License-Identifier: BSD-3-Clause
 *
 * digest_set.h: the fingerprint of several files: numbered images, or all that is in a folder.
 */
#ifndef LIMPID_CORE_DIGEST_SET_H
#define LIMPID_CORE_DIGEST_SET_H

#include "core/digest.h"

/* Names of files, with their folder before them where it is not the one they are all in. */
typedef struct name_list {
    char **names;
    int64_t count, room;
} name_list;

/* Takes over `name`; false, and it is freed, if memory is out. */
bool name_list_add(name_list *list, char *name);
void name_list_clear(name_list *list);

/* All files below a folder, in order of their names. */
LMP_CHECKED lmp_status name_list_folder(const char *folder, name_list *list, lmp_error *err);

/* XXH3-128 over the names and fingerprints of the files, in the order given. */
LMP_CHECKED lmp_status digest_set(const char *folder, const name_list *list, pool *workers, lmp_budget *budget,
                                  char text[DIGEST_TEXT], lmp_error *err);

#endif
