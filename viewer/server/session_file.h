/* SPDX-License-Identifier: BSD-3-Clause
 *
 * session_file.h: a view that the page has saved.
 */
#ifndef LIMPID_VIEWER_SESSION_FILE_H
#define LIMPID_VIEWER_SESSION_FILE_H

#include "state.h"

/* True if the file is a saved session; then it opens its recordings, or fails, and the page hears of it. */
bool session_file_is(const char *path, json_t **session);
/* Takes the session. Paths in it that are not absolute are relative to the file's folder. */
lmp_status session_file_open(server *s, const char *path, json_t *session, lmp_error *err);

#endif
