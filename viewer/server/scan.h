/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scan.h: min, max, mean and standard deviation of every frame of a movie, found in the background.
 */
#ifndef LIMPID_VIEWER_SCAN_H
#define LIMPID_VIEWER_SCAN_H

#include "server.h"

/* GET .../scan: what is known so far; the first who asks starts the scan. */
void scan_answer(server *s, request *r);

#endif
