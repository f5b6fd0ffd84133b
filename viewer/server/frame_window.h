/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_window.h: a statistic over some frames around one, as step `sliding` defines it.
 */
#ifndef LIMPID_VIEWER_FRAME_WINDOW_H
#define LIMPID_VIEWER_FRAME_WINDOW_H

#include "server.h"

#define WINDOW_STATS "mean|min|max|std|median"

/* GET .../frames/{frame}/window */
void window_answer(server *s, request *r);

#endif
