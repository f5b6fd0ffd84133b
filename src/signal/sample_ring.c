/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A ring of samples. Every stretch is at most two pieces; the loops run over pieces, never over a modulus.
 */
#include "signal/sample_ring.h"

#include <math.h>
#include <string.h>

void sample_ring_carve(sample_ring *ring, int64_t room, carve *memory)
{
    *ring = (sample_ring){.values = carve_array(memory, room, sizeof(double)), .room = room};
}

/* Where sample `from` is, and how many of `count` follow it without a break. */
static double *find_piece(const sample_ring *ring, int64_t from, int64_t count, int64_t *piece)
{
    const int64_t at = from % ring->room;
    *piece = count < ring->room - at ? count : ring->room - at;
    return ring->values + at;
}

void sample_ring_put(sample_ring *ring, const double *in, int64_t count)
{
    while (count > 0) {
        int64_t piece;
        double *to = find_piece(ring, ring->end, count, &piece);
        memcpy(to, in, (size_t)piece * sizeof *in);
        ring->end += piece;
        in += piece;
        count -= piece;
    }
}

void sample_ring_drop(sample_ring *ring, int64_t first)
{
    if (first > ring->first) ring->first = first < ring->end ? first : ring->end;
}

void sample_ring_copy(const sample_ring *ring, int64_t from, int64_t count, double *out)
{
    while (count > 0) {
        int64_t piece;
        const double *values = find_piece(ring, from, count, &piece);
        memcpy(out, values, (size_t)piece * sizeof *out);
        from += piece;
        out += piece;
        count -= piece;
    }
}

/* In the two functions below: x - x is 0 for every finite x, and NaN else. */
static bool is_finite(const double *values, int64_t count)
{
    double missing[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int q = 0; q < 4; q++) missing[q] += values[i + q] - values[i + q];
    for (; i < count; i++) missing[0] += values[i] - values[i];
    return missing[0] + missing[1] + missing[2] + missing[3] == 0.0;
}

static bool convert_piece(const double *values, int64_t count, double offset, float *out)
{
    float missing[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int q = 0; q < 4; q++) {
            out[i + q] = (float)(values[i + q] - offset);
            missing[q] += out[i + q] - out[i + q];
        }
    for (; i < count; i++) {
        out[i] = (float)(values[i] - offset);
        missing[0] += out[i] - out[i];
    }
    return missing[0] + missing[1] + missing[2] + missing[3] == 0.0F;
}

double sample_ring_mean(const sample_ring *ring, int64_t from, int64_t count)
{
    const int64_t last = from + count < ring->end ? from + count : ring->end;
    double parts[4] = {0};
    for (int64_t at = from > ring->first ? from : ring->first; at < last;) {
        int64_t piece, i = 0;
        const double *values = find_piece(ring, at, last - at, &piece);
        for (; i + 4 <= piece; i += 4)
            for (int q = 0; q < 4; q++) parts[q] += values[i + q];
        for (; i < piece; i++) parts[0] += values[i];
        at += piece;
    }
    return (parts[0] + parts[1] + parts[2] + parts[3]) / (double)count;
}

bool sample_ring_copy_single(const sample_ring *ring, int64_t from, int64_t count, double offset, float *out)
{
    bool all_finite = true;
    for (; count > 0 && from < ring->first; count--, from++) *out++ = 0.0F;
    while (count > 0 && from < ring->end) {
        int64_t piece = count < ring->end - from ? count : ring->end - from;
        const double *values = find_piece(ring, from, piece, &piece);
        all_finite &= convert_piece(values, piece, offset, out);
        from += piece;
        out += piece;
        count -= piece;
    }
    for (; count > 0; count--) *out++ = 0.0F;
    return all_finite;
}

/* Stretches that are finite, as nearly all are, go through a loop without a choice. */
static void subtract_piece(double *samples, int64_t count, const float *values)
{
    enum { STRETCH = 64 };
    for (int64_t first = 0; first < count; first += STRETCH) {
        const int64_t n = count - first < STRETCH ? count - first : STRETCH;
        if (is_finite(samples + first, n)) {
            for (int64_t i = first; i < first + n; i++) samples[i] -= (double)values[i];
            continue;
        }
        for (int64_t i = first; i < first + n; i++)
            if (isfinite(samples[i])) samples[i] -= (double)values[i];
    }
}

void sample_ring_subtract(sample_ring *ring, int64_t from, int64_t count, const float *values)
{
    while (count > 0) {
        int64_t piece;
        double *samples = find_piece(ring, from, count, &piece);
        subtract_piece(samples, piece, values);
        from += piece;
        values += piece;
        count -= piece;
    }
}
