/* SPDX-License-Identifier: BSD-3-Clause
 *
 * box_lines.h: sums of the lines in a window that slides down, in double, and means from them. Pixels that are NaN or
 * infinite take no part; `counts` tells how many did, and is NULL where none is missing.
 */
#ifndef LIMPID_KERNELS_BOX_LINES_H
#define LIMPID_KERNELS_BOX_LINES_H

#include <stdint.h>

/* sums[i], i below n, gains enters[i] and loses leaves[i]; `leaves` NULL: nothing leaves. */
void box_slide(const float *enters, const float *leaves, int64_t n, double *sums, double *counts);

/* windows[i], i below n: `first` and enters[j] - leaves[j] for all j up to i. */
void box_windows(const double *enters, const double *leaves, double first, int64_t n, double *windows);

/* out[i]: sums[i] / counts[i], or sums[i] * share; centre[i] where that is missing. */
void box_divide(const double *sums, const double *counts, double share, const float *centre, int64_t n, float *out);

/* Plain references: the same values. */
void box_slide_plain(const float *enters, const float *leaves, int64_t n, double *sums, double *counts);
void box_windows_plain(const double *enters, const double *leaves, double first, int64_t n, double *windows);
void box_divide_plain(const double *sums, const double *counts, double share, const float *centre, int64_t n,
                      float *out);

#endif
