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

/* out[i]: sums[i] / counts[i], or sums[i] / count; centre[i] where that is missing. */
void box_divide(const double *sums, const double *counts, double count, const float *centre, int64_t n, float *out);

/* Plain references: the same values. */
void box_slide_plain(const float *enters, const float *leaves, int64_t n, double *sums, double *counts);
void box_divide_plain(const double *sums, const double *counts, double count, const float *centre, int64_t n,
                      float *out);

#endif
