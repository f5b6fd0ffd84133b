/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_summary.h: what the shifts of a movie say: a table, numbers for the record; and how frames of unknown motion
 * are given that of their neighbours.
 */
#ifndef LIMPID_MOVIE_MOTION_SUMMARY_H
#define LIMPID_MOVIE_MOTION_SUMMARY_H

#include "movie/motion.h"

/* The documentation of the step. */
extern const char motion_doc[];

/* Flags of frame t, with MOTION_REPEATED where it equals the frame before. */
uint32_t motion_flags(const motion_shift *shifts, int64_t t);

/* Shifts of frames with any of MOTION_UNKNOWN become those of the frames around them, linearly; their flags stay. */
void motion_interpolate(motion_shift *shifts, int64_t n);

/* frame,dy_px,dx_px,peak,flag and, if wanted, ratio */
void motion_tabulate(const motion_shift *shifts, const lmp_format *format, bool has_ratio, lmp_table *table);
/* dy and dx alone, for arrays. */
void motion_tabulate_pairs(const motion_shift *shifts, const lmp_format *format, lmp_table *table);

/* shift_rms_px, shift_95_px, shift_max_px (about the mean, of frames whose motion is known), peaks, counts of flags. */
void motion_record(const motion_shift *shifts, int64_t n, lmp_record *record);

/* Takes `by` pixels away on every side. */
void motion_shrink(image_window *window, int64_t by);

#endif
