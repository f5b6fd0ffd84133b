/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_tophat.h: white top-hat of one image: what is left above its opening by a disk. Rows x columns x colours, each
 * colour by itself, in any number type of movies.
 */
#ifndef LIMPID_MATH_IMAGE_TOPHAT_H
#define LIMPID_MATH_IMAGE_TOPHAT_H

#include "math/image_smooth.h"

#include <limpid/limpid.h>

enum { TOPHAT_MOST_RADIUS = 500 };

/* Half the width, without its middle, of the row of a disk that lies dy from its centre: all (dx, dy) with
 * dx^2 + dy^2 <= radius^2. */
int64_t disk_half_width(int64_t radius, int64_t dy);

/* What the result is stored as: no value is negative, and the unsigned type of the same width holds them all. */
lmp_type tophat_type(lmp_type type);

/* out: in less the largest, over all disks that hold the pixel and lie anywhere, of the least pixel in the disk. Pixels
 * beyond the edge take no part, nor do NaN and infinite ones, which stay what they are. `radius` from 1 to
 * TOPHAT_MOST_RADIUS; in and out do not overlap. */
size_t image_tophat_scratch(lmp_type type, image_size size, int64_t radius);
void image_tophat(lmp_type type, const void *in, image_size size, int64_t radius, void *scratch, void *out);

#endif
