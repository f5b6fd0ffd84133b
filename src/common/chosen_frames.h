/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chosen_frames.h: numbers and times of the frames of a movie that go on.
 */
#ifndef LIMPID_COMMON_CHOSEN_FRAMES_H
#define LIMPID_COMMON_CHOSEN_FRAMES_H

#include <limpid/step.h>

/* Number of frame i in the source; its time in seconds, NaN if unknown. */
int64_t frame_number(const lmp_format *format, int64_t i);
double frame_time_s(const lmp_format *format, int64_t i);

/* `out` becomes `count` frames of `in`: every step-th from `first` on, with their numbers and times in the source. */
LMP_CHECKED lmp_status choose_frames(const lmp_stream *in, int64_t first, int64_t count, int64_t step, lmp_stream *out,
                                     lmp_error *err);

#endif
