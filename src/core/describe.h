/* SPDX-License-Identifier: BSD-3-Clause
 *
 * describe.h: what a file of bare numbers does not say.
 */
#ifndef LIMPID_CORE_DESCRIBE_H
#define LIMPID_CORE_DESCRIBE_H

#include <limpid/step.h>

/* Gives a recording the rate, start, channels, events, pixel size, frame numbers and frame times of a stream of the
 * same size. Channels become floats without a grid: the file has numbers, not what they were stored as before. */
LMP_CHECKED lmp_status recording_describe(lmp_recording *recording, const lmp_stream *like, lmp_error *err);

#endif
