/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xxh3_avx2.c: xxHash's own header, compiled once more with AVX2.
 */
#include "kernels/xxh3_avx2.h"

#ifdef __x86_64__
#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_INLINE_ALL
#define XXH_VECTOR 2 /* XXH_AVX2 */
#include <xxhash.h>

void xxh3_128_avx2(const void *bytes, size_t size, uint64_t *low, uint64_t *high)
{
    const XXH128_hash_t hash = XXH3_128bits(bytes, size);
    *low = hash.low64;
    *high = hash.high64;
}

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
