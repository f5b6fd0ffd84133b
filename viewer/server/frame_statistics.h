/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_statistics.h: numbers that describe all pixels of a frame.
 */
#ifndef LIMPID_VIEWER_FRAME_STATISTICS_H
#define LIMPID_VIEWER_FRAME_STATISTICS_H

#include "server.h"

/* GET .../frames/{frame}/statistics */
void statistics_answer(server *s, request *r);

#endif
