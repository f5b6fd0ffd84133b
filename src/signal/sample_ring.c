/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A ring of samples. Every stretch is at most two pieces; the loops run over pieces, never over a modulus.
 */
#include "signal/sample_ring.h"

#include "math/gap.h"

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

bool sample_ring_copy(const sample_ring *ring, int64_t from, int64_t count, double *out)
{
    bool missing = false;
    for (; count > 0 && from < ring->first; count--, from++) *out++ = 0.0;
    while (count > 0 && from < ring->end) {
        int64_t piece = count < ring->end - from ? count : ring->end - from;
        const double *values = find_piece(ring, from, piece, &piece);
        missing |= gap_copy_samples(values, piece, out);
        from += piece;
        out += piece;
        count -= piece;
    }
    for (; count > 0; count--) *out++ = 0.0;
    return !missing;
}

void sample_ring_subtract(sample_ring *ring, int64_t from, int64_t count, const double *values)
{
    while (count > 0) {
        int64_t piece;
        double *samples = find_piece(ring, from, count, &piece);
        for (int64_t i = 0; i < piece; i++) samples[i] = isfinite(samples[i]) ? samples[i] - values[i] : samples[i];
        from += piece;
        values += piece;
        count -= piece;
    }
}
