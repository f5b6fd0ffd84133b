/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xxh3_avx2.h: XXH3-128 built for AVX2: the system's library is built for the oldest processors and three times slower.
 */
#ifndef LIMPID_KERNELS_XXH3_AVX2_H
#define LIMPID_KERNELS_XXH3_AVX2_H

#include <stddef.h>
#include <stdint.h>

/* Only where the processor has AVX2. */
void xxh3_128_avx2(const void *bytes, size_t size, uint64_t *low, uint64_t *high);

#endif
