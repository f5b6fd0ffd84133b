/* SPDX-License-Identifier: BSD-3-Clause
 *
 * convert.h: numbers of movies from one type to another, rounded to nearest, ties to even.
 */
#ifndef LIMPID_CORE_CONVERT_H
#define LIMPID_CORE_CONVERT_H

#include <limpid/step.h>

/* to[i] = from[i] in the other type. Returns -1, or the first i whose value the other type cannot hold (beyond its
 * range, or NaN for an integer); what stands there then is undefined. Neither type is int24. */
int64_t convert_values(lmp_type from_type, const void *from, lmp_type to_type, void *to, int64_t count);

/* True if every value of one type is kept exactly by the other. */
bool convert_is_exact(lmp_type from, lmp_type to);

/* Bytes of a row of a stretch of frames, and where a row of a frame begins. */
size_t frames_row_bytes(const lmp_frames *frames);
void *frames_row(const lmp_frames *frames, int64_t frame, int64_t row);

/* Frames of one type into frames of another, of the same shape; LMP_ERR_RANGE names frame and pixel. */
LMP_CHECKED lmp_status convert_frames(const lmp_frames *from, const lmp_frames *to, lmp_error *err);

/* Same type and shape. */
void copy_frames(const lmp_frames *from, const lmp_frames *to);

#endif
