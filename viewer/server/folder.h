/* SPDX-License-Identifier: BSD-3-Clause
 *
 * folder.h: what lies in a folder, for choosing a recording.
 */
#ifndef LIMPID_VIEWER_FOLDER_H
#define LIMPID_VIEWER_FOLDER_H

#include "state.h"

/* {path, parent, entries: [{name, is_folder, bytes}]}; NULL with a sentence. */
json_t *folder_json(const server *s, const char *path, lmp_error *err);

#endif
