/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixels.h: numbers of a file as movies hold them: the nearest public type, in the machine's byte order.
 */
#ifndef LIMPID_IO_PIXELS_H
#define LIMPID_IO_PIXELS_H

#include "io/samples.h"

/* Copies `count` numbers from `from`, each from_stride bytes behind the one before, to `to`, as
 * sample_get_info(type)->type: booleans become 0 and 1, half floats float32. No alignment is needed. */
void pixels_copy(sample_type type, bool is_big_endian, const void *from, size_t from_stride, int64_t count, void *to,
                 size_t to_stride);

/* True if the numbers of a file are what movies hold, byte for byte. */
bool pixels_are_native(sample_type type, bool is_big_endian);

#endif
