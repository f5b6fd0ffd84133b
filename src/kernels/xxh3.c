/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xxh3.c: which build of the hash runs here.
 */
#include "kernels/xxh3.h"

#include "kernels/xxh3_avx2.h"

XXH128_hash_t xxh3_128(const void *bytes, size_t size)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        XXH128_hash_t hash;
        xxh3_128_avx2(bytes, size, &hash.low64, &hash.high64);
        return hash;
    }
#endif
    return XXH3_128bits(bytes, size);
}
