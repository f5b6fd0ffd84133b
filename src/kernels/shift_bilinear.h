/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shift_bilinear.h: images moved by a fraction of a pixel, each pixel between its neighbours:
 *
 *   v(y) = in(y, x) + part_x (in(y, x + 1) - in(y, x)),   out = v(y) + part_y (v(y + 1) - v(y))
 *
 * Integers of 8 bits are computed in steps of 1/128 with weights of 15 bits: at most 0.02 off before they are rounded,
 * and exact for halves; those of 16 bits and float32 in float, others in double. Constant images stay what they are.
 *
 * shift_bilinear() has a plain reference that ends in _plain: the same bits.
 */
#ifndef LIMPID_KERNELS_SHIFT_BILINEAR_H
#define LIMPID_KERNELS_SHIFT_BILINEAR_H

#include "kernels/shift_area.h"

/* Memory for `row`, aligned to 64 bytes, for rows of so many values. */
size_t shift_bilinear_row_bytes(lmp_type type, int64_t values);

/* Reads one row and one column more than `a` has where the parts are above 0. */
void shift_bilinear(const shift_area *a, void *row);
void shift_bilinear_plain(const shift_area *a);

#endif
