/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xxh3.h: the XXH3-128 hash of bytes in memory, at the speed of memory.
 */
#ifndef LIMPID_KERNELS_XXH3_H
#define LIMPID_KERNELS_XXH3_H

#include <stddef.h>
#include <xxhash.h>

XXH128_hash_t xxh3_128(const void *bytes, size_t size);

#endif
