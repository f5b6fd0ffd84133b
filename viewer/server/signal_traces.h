/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signal_traces.h: channels as they are drawn, and their samples.
 */
#ifndef LIMPID_VIEWER_SIGNAL_TRACES_H
#define LIMPID_VIEWER_SIGNAL_TRACES_H

#include "server.h"

/* GET .../traces and .../samples of a borrowed recording. */
void traces_answer(server *s, request *r, opened *o);
void samples_answer(server *s, request *r, opened *o);

#endif
