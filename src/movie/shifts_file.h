/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shifts_file.h: known shifts of the frames of a movie, in pixels, downwards and to the right.
 *
 * Either a table (CSV) whose first line names the columns, in any order: dy_px and dx_px are needed; frame, if it is
 * there, counts from 0 upwards without holes; others are not looked at. Lines without anything are skipped. See
 * core/csv_file.h. Or a .npy array of n x 2 numbers: dy, dx.
 */
#ifndef LIMPID_MOVIE_SHIFTS_FILE_H
#define LIMPID_MOVIE_SHIFTS_FILE_H

#include <limpid/step.h>

/* Largest shift that is taken for one. */
#define SHIFTS_FILE_MOST 1e6

/* Reads exactly n_times shifts. `step` names who asks; `plan` opens arrays. */
LMP_CHECKED lmp_status shifts_file_read(const char *step, const char *path, const lmp_step_plan *plan, int64_t n_times,
                                        double *dy, double *dx, lmp_error *err);

#endif
