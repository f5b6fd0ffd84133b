/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shrink.h: images in less detail. Plain functions on arrays.
 */
#ifndef LIMPID_VIEWER_SHRINK_H
#define LIMPID_VIEWER_SHRINK_H

#include <limpid/limpid.h>

enum { MOST_LEVEL = 8 };

/* Numbers of a side that is seen in squares of 2^level: the last square may be cut. */
int64_t shrink_side(int64_t side, int level);

/* Bytes of work for images of so many columns times colours. */
size_t shrink_work_bytes(int64_t row_values);

/* The mean of each square of 2^level x 2^level pixels, cut at the right and lower edge, in the type of the pixels:
 * of whole numbers exact, then rounded to nearest (half to even); of floats in double precision, NaN left out (NaN if
 * nothing is left). Rows lie one behind the other, colours interleaved. */
void shrink_image(lmp_type type, const void *from, int64_t width, int64_t height, int64_t n_colours, int level,
                  void *work, void *to);

#endif
