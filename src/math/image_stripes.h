/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_stripes.h: how much each line (row) of a grey image lies above what its neighbours say.
 */
#ifndef LIMPID_MATH_IMAGE_STRIPES_H
#define LIMPID_MATH_IMAGE_STRIPES_H

#include <stddef.h>
#include <stdint.h>

enum { STRIPES_LEAST_LINES = 3 };

/* offsets[y]: the median along line y of pixel less background, and of all offsets their mean less. The background is,
 * in each column, the straight line through the `window` lines around (those next to the edge where fewer are left on
 * one side), evaluated at y; before, each line gives up what it has above the middle one of itself and its two
 * neighbours, so that a single bad line does not pull on those around it. Columns with pixels that are NaN or infinite
 * in the window take no part; a line without any column gets 0.
 * `window` odd; at least STRIPES_LEAST_LINES lines. */
size_t line_offsets_scratch(int64_t lines, int64_t width);
void line_offsets(const float *in, int64_t lines, int64_t width, int64_t window, void *scratch, double *offsets);

/* to[x * height + y] = from[y * width + x] */
void image_transpose(const float *from, int64_t height, int64_t width, float *to);

#endif
