/* SPDX-License-Identifier: BSD-3-Clause
 *
 * weigh_lines.h: symmetric weighted sum of lines; convolution along a line where the lines are its shifts.
 */
#ifndef LIMPID_KERNELS_WEIGH_LINES_H
#define LIMPID_KERNELS_WEIGH_LINES_H

#include <stdint.h>

/* Of 2 radius + 1 lines, out[i], i below n, is weights[0] * lines[radius][i] plus, k from 1 to radius, each
 * weights[k] * (lines[radius - k][i] + lines[radius + k][i]). `out` is none of the lines. The same bits on every CPU.
 */
void weigh_lines(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out);

/* The same of lines in which values that are NaN or infinite count as 0; present[i]: the sum of the weights of the
 * others. */
void weigh_present(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out,
                   float *present);

/* out[i] /= present[i], or centre[i] where that is NaN or infinite. */
void weigh_divide(const float *present, const float *centre, int64_t n, float *out);

/* Plain references: the same values. */
void weigh_lines_plain(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out);
void weigh_present_plain(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out,
                         float *present);
void weigh_divide_plain(const float *present, const float *centre, int64_t n, float *out);

#endif
