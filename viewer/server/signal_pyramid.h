/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signal_pyramid.h: the pyramid of an open recording, built in the background while it is looked at.
 */
#ifndef LIMPID_VIEWER_SIGNAL_PYRAMID_H
#define LIMPID_VIEWER_SIGNAL_PYRAMID_H

#include "pyramid.h"
#include "server.h"

typedef struct signal_pyramid signal_pyramid;

/* That of a recording of signals; the first who asks starts it. It lives as long as the recording. */
LMP_CHECKED lmp_status signal_pyramid_of(server *s, opened *o, signal_pyramid **made, lmp_error *err);
const pyramid *signal_pyramid_blocks(const signal_pyramid *sp);
/* Builds samples [first, first + count) next, and at once if they are few. Fails if the recording cannot be read. */
LMP_CHECKED lmp_status signal_pyramid_want(signal_pyramid *sp, int64_t first, int64_t count, lmp_error *err);
/* Fails if building has. */
LMP_CHECKED lmp_status signal_pyramid_check(signal_pyramid *sp, lmp_error *err);
/* Share of the stretches under [first, first + count) that are known. */
double signal_pyramid_done(const signal_pyramid *sp, int64_t first, int64_t count);

#endif
