/* SPDX-License-Identifier: BSD-3-Clause
 *
 * session_file.h: a view that the page has saved.
 */
#ifndef LIMPID_VIEWER_SESSION_FILE_H
#define LIMPID_VIEWER_SESSION_FILE_H

#include "state.h"

/* *session is NULL if the file is no saved session; fails if it is JSON that is broken. */
LMP_CHECKED lmp_status session_file_read(const char *path, json_t **session, lmp_error *err);
/* Takes the session and opens its recordings. Paths in it that are not absolute are relative to the file's folder. */
lmp_status session_file_open(server *s, const char *path, json_t *session, lmp_error *err);

#endif
