/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_lines.c: factors, rotations and order. All angles are taken in double and rounded once.
 *
 * Sums of an odd prime p: outputs k = 1 .. h, h = (p - 1) / 2, are done in groups of 4, then 2, then 1; of each group
 * for q = 1 .. h the cosines of 2 pi k q / p for the group's k, then for q = 1 .. h the sines.
 */
#include "kernels/fft_lines.h"

#include <math.h>

enum { ALIGNMENT = 64 };

/* Radices of n, in the order of the stages; returns how many, or -1. Small ones first: the last stage needs no
 * rotations and finds its numbers side by side, which is worth most to the largest. */
static int factor(int64_t n, int64_t radices[FFT_LINES_STAGES])
{
    int stages = 0;
    if (n < 1 || n > FFT_LINES_LONGEST) return -1;
    int twos = 0;
    while (n % 2 == 0) n /= 2, twos++;
    for (; twos >= 3 && twos != 4; twos -= 3) radices[stages++] = 8;
    for (; twos >= 2; twos -= 2) radices[stages++] = 4;
    if (twos) radices[stages++] = 2;
    for (int64_t p = 3; n > 1; p += 2)
        for (; n % p == 0; n /= p) {
            if (p > FFT_LINES_LARGEST_PRIME) return -1;
            radices[stages++] = p;
        }
    return stages;
}

static size_t round_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool needs_sums(int64_t radix)
{
    return radix > 5 && radix != 8;
}

static size_t turns_bytes(int64_t radix, int64_t m)
{
    return round_up((size_t)((m - 1) * (radix - 1) * 2) * sizeof(float));
}

static size_t sums_bytes(int64_t radix)
{
    const int64_t half = (radix - 1) / 2;
    return needs_sums(radix) ? round_up((size_t)(2 * half * half) * sizeof(float)) : 0;
}

bool fft_lines_can(int64_t n)
{
    int64_t radices[FFT_LINES_STAGES];
    return factor(n, radices) >= 0;
}

size_t fft_lines_bytes(int64_t n)
{
    int64_t radices[FFT_LINES_STAGES];
    const int stages = factor(n, radices);
    size_t bytes = 2 * round_up((size_t)(n + FFT_LINES_BEYOND) * sizeof(int32_t));
    int64_t m = n;
    for (int s = 0; s < stages; s++) {
        m /= radices[s];
        bytes += turns_bytes(radices[s], m) + sums_bytes(radices[s]);
    }
    return bytes;
}

static void fill_turns(int64_t radix, int64_t m, float *turns)
{
    const int64_t n = radix * m;
    for (int64_t j = 1; j < m; j++)
        for (int64_t q = 1; q < radix; q++) {
            const double angle = -2 * M_PI * (double)(j * q % n) / (double)n;
            *turns++ = (float)cos(angle);
            *turns++ = (float)sin(angle);
        }
}

static void fill_sums(int64_t p, float *sums)
{
    const int64_t half = (p - 1) / 2;
    for (int64_t k = 1, group = 4; k <= half; k += group) {
        while (k + group - 1 > half) group /= 2;
        for (int part = 0; part < 2; part++)
            for (int64_t q = 1; q <= half; q++)
                for (int64_t i = k; i < k + group; i++) {
                    const double angle = 2 * M_PI * (double)(i * q % p) / (double)p;
                    *sums++ = (float)(part == 0 ? cos(angle) : sin(angle));
                }
    }
}

/* Frequency k = radix k' + q of a block is frequency k' of its part q. */
static int32_t find_place(const fft_lines *lines, int64_t k)
{
    int64_t place = 0;
    for (int s = 0; s < lines->stages; s++) {
        place += k % lines->stage[s].radix * lines->stage[s].m;
        k /= lines->stage[s].radix;
    }
    return (int32_t)place;
}

void fft_lines_fill(int64_t n, void *memory, fft_lines *lines)
{
    char *at = memory;
    int64_t radices[FFT_LINES_STAGES], m = n;
    *lines = (fft_lines){.n = n, .stages = factor(n, radices)};
    for (int s = 0; s < lines->stages; s++) {
        const int64_t radix = radices[s];
        m /= radix;
        float *turns = (float *)(void *)at, *sums = (float *)(void *)(at + turns_bytes(radix, m));
        at += turns_bytes(radix, m) + sums_bytes(radix);
        fill_turns(radix, m, turns);
        if (needs_sums(radix)) fill_sums(radix, sums);
        lines->stage[s] = (fft_lines_stage){.radix = radix, .m = m, .turns = turns, .sums = sums};
    }
    int32_t *order = (int32_t *)(void *)at, *mirrored = order + n + FFT_LINES_BEYOND;
    for (int64_t k = 0; k < n + FFT_LINES_BEYOND; k++) {
        order[k] = find_place(lines, k % n);
        mirrored[k] = find_place(lines, (n - k % n) % n);
    }
    lines->order = order;
    lines->mirrored = mirrored;
}
