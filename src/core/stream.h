/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stream.h: life of lmp_stream: format and events at one place of the chain.
 *
 * Channels and events are immutable lists shared by reference between the streams along a chain: a recording with a
 * hundred thousand events and ten steps holds them once.
 */
#ifndef LIMPID_CORE_STREAM_H
#define LIMPID_CORE_STREAM_H

#include <limpid/step.h>

/* `to` becomes a copy of `from` (lists shared). Fails only for lack of memory. */
LMP_CHECKED lmp_status stream_copy(lmp_stream *to, const lmp_stream *from, lmp_error *err);
void stream_clear(lmp_stream *stream);

/* Bytes of one number as the engine holds it: double for signals, the stream's type for movies. */
size_t stream_value_bytes(const lmp_stream *stream);
/* Bytes of one instant of all channels, or of one frame. */
size_t stream_instant_bytes(const lmp_stream *stream);
/* Whole frames of a movie, one behind the other from `data` on. */
lmp_frames stream_frames(const lmp_format *format, int64_t first, int64_t count, void *data);
int64_t stream_lane_count(const lmp_stream *stream);

#endif
