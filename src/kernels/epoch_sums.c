/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sums in two vectors of four. The compiler would keep the parts in memory if they were arrays; wider vectors gain
 * little, because these sums are short.
 */
#include "kernels/epoch_sums.h"

#include <string.h>

enum { PARTS = EPOCH_SUMS_PARTS, CHUNK = EPOCH_SUMS_CHUNK };

typedef float four_floats __attribute__((vector_size(16), aligned(4), may_alias));

static inline four_floats load(const float *from)
{
    return *(const four_floats *)(const void *)from;
}

static inline four_floats load_difference(const float *v, int64_t lag)
{
    return load(v + lag) - load(v);
}

static int64_t chunk_end(int64_t first, int64_t count)
{
    return count - first < CHUNK ? count : first + CHUNK;
}

static double add_up(const float parts[PARTS])
{
    double sum = 0.0;
    for (int q = 0; q < PARTS; q++) sum += (double)parts[q];
    return sum;
}

static void add_products(const float *a, const float *b, int64_t lag, float *both, float *own)
{
    const float d = a[lag] - a[0], e = b[lag] - b[0];
    *both += d * e;
    *own += d * d;
}

epoch_products epoch_sums_whitened_plain(const float *a, const float *b, int64_t lag, int64_t count)
{
    epoch_products sums = {0};
    for (int64_t first = 0; first < count; first += CHUNK) {
        float both[PARTS] = {0}, own[PARTS] = {0};
        for (int64_t m = first; m < chunk_end(first, count); m++)
            add_products(a + m, b + m, lag, &both[(m - first) % PARTS], &own[(m - first) % PARTS]);
        sums.both += add_up(both);
        sums.own += add_up(own);
    }
    return sums;
}

epoch_products epoch_sums_whitened(const float *a, const float *b, int64_t lag, int64_t count)
{
    epoch_products sums = {0};
    for (int64_t first = 0; first < count; first += CHUNK) {
        const int64_t end = chunk_end(first, count);
        four_floats both[2] = {{0}}, own[2] = {{0}};
        int64_t m = first;
        for (; m + PARTS <= end; m += PARTS) {
            const four_floats d = load_difference(a + m, lag), e = load_difference(b + m, lag);
            const four_floats f = load_difference(a + m + 4, lag), g = load_difference(b + m + 4, lag);
            both[0] += d * e;
            both[1] += f * g;
            own[0] += d * d;
            own[1] += f * f;
        }
        float both_parts[PARTS], own_parts[PARTS];
        memcpy(both_parts, both, sizeof both_parts);
        memcpy(own_parts, own, sizeof own_parts);
        for (int q = 0; m < end; m++, q++) add_products(a + m, b + m, lag, &both_parts[q], &own_parts[q]);
        sums.both += add_up(both_parts);
        sums.own += add_up(own_parts);
    }
    return sums;
}

static void add_difference(const float *a, const float *b, float gain, float *part)
{
    const float d = *a - gain * *b;
    *part += d * d;
}

double epoch_sums_difference_plain(const float *a, const float *b, float gain, int64_t count)
{
    double sum = 0.0;
    for (int64_t first = 0; first < count; first += CHUNK) {
        float parts[PARTS] = {0};
        for (int64_t m = first; m < chunk_end(first, count); m++)
            add_difference(a + m, b + m, gain, &parts[(m - first) % PARTS]);
        sum += add_up(parts);
    }
    return sum;
}

double epoch_sums_difference(const float *a, const float *b, float gain, int64_t count)
{
    double sum = 0.0;
    for (int64_t first = 0; first < count; first += CHUNK) {
        const int64_t end = chunk_end(first, count);
        four_floats energy[2] = {{0}};
        int64_t m = first;
        for (; m + PARTS <= end; m += PARTS) {
            const four_floats d = load(a + m) - gain * load(b + m), e = load(a + m + 4) - gain * load(b + m + 4);
            energy[0] += d * d;
            energy[1] += e * e;
        }
        float parts[PARTS];
        memcpy(parts, energy, sizeof parts);
        for (int q = 0; m < end; m++, q++) add_difference(a + m, b + m, gain, &parts[q]);
        sum += add_up(parts);
    }
    return sum;
}
