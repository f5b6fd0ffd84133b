/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shift_bicubic.h: images moved by a fraction of a pixel by cubic convolution (Keys 1981, a = -1/2: Catmull and Rom's
 * spline). With c[-1] to c[2] the four neighbours in a line, and t how far the place lies behind c[0]:
 *
 *   c[0] + w[-1] (c[-1] - c[0]) + w[1] (c[1] - c[0]) + w[2] (c[2] - c[0])
 *   w[-1] = (-t + 2 t^2 - t^3) / 2,   w[1] = (t + 4 t^2 - 3 t^3) / 2,   w[2] = (-t^2 + t^3) / 2
 *
 * first down the columns, then along the rows. Up to 16 bits and float32 in float, others in double. Constant images
 * stay what they are; steep edges overshoot, integers are cut at the ends of their type.
 *
 * shift_bicubic() has a plain reference that ends in _plain: the same bits.
 */
#ifndef LIMPID_KERNELS_SHIFT_BICUBIC_H
#define LIMPID_KERNELS_SHIFT_BICUBIC_H

#include "kernels/shift_area.h"

/* Memory for `row`, aligned to 64 bytes, for rows of so many values. */
size_t shift_bicubic_row_bytes(int64_t values, int64_t colours);

/* Reads one row above and two below `a` where part_y is above 0, one column before and two behind where part_x is. */
void shift_bicubic(const shift_area *a, void *row);
void shift_bicubic_plain(const shift_area *a);

#endif
