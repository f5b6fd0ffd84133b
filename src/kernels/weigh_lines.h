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

/* Plain reference: the same values. */
void weigh_lines_plain(const float *const *lines, const float *weights, int64_t radius, int64_t n, float *out);

#endif
