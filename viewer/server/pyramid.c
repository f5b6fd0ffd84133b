/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pyramid.c: lowest and highest value of every channel over blocks of samples, at several sizes of block.
 */
#include "pyramid.h"

#include <stdlib.h>

/* Blocks of each level in a stretch. */
static const int64_t in_stretch[PYRAMID_LEVELS] = {256, 64, 16, 4, 1};

static int64_t count_stretches(const lmp_format *format, int64_t block)
{
    const int64_t stretch = block * PYRAMID_BLOCKS;
    return format->n_times / stretch + (format->n_times % stretch != 0);
}

uint64_t pyramid_bytes(const lmp_format *format, int64_t block)
{
    const uint64_t of_channel = PYRAMID_NODES * sizeof(extremes) + sizeof(channel_sums);
    return (uint64_t)count_stretches(format, block) * ((uint64_t)format->n_channels * of_channel + 1);
}

bool pyramid_init(pyramid *p, lmp_recording *recording, int64_t block)
{
    const lmp_format *format = lmp_recording_get_format(recording);
    *p = (pyramid){.recording = recording,
                   .n_channels = format->n_channels,
                   .n_times = format->n_times,
                   .block = block,
                   .stretch = block * PYRAMID_BLOCKS,
                   .n_stretches = count_stretches(format, block)};
    const size_t n = (size_t)(p->n_stretches * p->n_channels);
    p->nodes = malloc((n + 1) * PYRAMID_NODES * sizeof *p->nodes); /* pages come when they are written */
    p->sums = malloc((n + 1) * sizeof *p->sums);
    p->states = calloc((size_t)p->n_stretches + 1, sizeof *p->states);
    if (p->nodes != NULL && p->sums != NULL && p->states != NULL) {
        extremes *at = p->nodes;
        for (int level = 0; level < PYRAMID_LEVELS; level++) {
            p->n_blocks[level] = p->n_stretches * in_stretch[level];
            p->levels[level] = at;
            at += p->n_channels * p->n_blocks[level];
        }
        return true;
    }
    pyramid_clear(p);
    return false;
}

void pyramid_clear(pyramid *p)
{
    free(p->nodes);
    free(p->sums);
    free(p->states);
    *p = (pyramid){0};
}

/* ---- Building ------------------------------------------------------------------------------------------------ */

bool pyramid_take(pyramid *p, int64_t stretch)
{
    unsigned char expected = STRETCH_UNKNOWN;
    return atomic_compare_exchange_strong(&p->states[stretch], &expected, STRETCH_TAKEN);
}

void pyramid_give_back(pyramid *p, int64_t stretch)
{
    atomic_store(&p->states[stretch], STRETCH_UNKNOWN);
}

void pyramid_publish(pyramid *p, int64_t stretch)
{
    atomic_store(&p->states[stretch], STRETCH_KNOWN);
    atomic_fetch_add(&p->n_known, 1);
}

stretch_state pyramid_state(const pyramid *p, int64_t stretch)
{
    return (stretch_state)atomic_load(&p->states[stretch]);
}

/* The blocks of a level that a stretch of a channel has. */
static extremes *row_of(const pyramid *p, int level, int64_t stretch, int64_t channel)
{
    return p->levels[level] + channel * p->n_blocks[level] + stretch * in_stretch[level];
}

/* Returns the bounds of all values, unrounded. */
static bounds fill_levels(const pyramid *p, int64_t stretch, int64_t channel, const double *values, int64_t count)
{
    extremes *row = row_of(p, 0, stretch, channel);
    bounds all = bounds_none();
    for (int64_t i = 0; i < PYRAMID_BLOCKS; i++) {
        const int64_t first = i * p->block, left = count - first;
        const int64_t here = left < 0 ? 0 : left < p->block ? left : p->block;
        const bounds b = bounds_widen(bounds_none(), values + (here > 0 ? first : 0), here);
        all = bounds_unite(all, b);
        row[i] = bounds_round(b);
    }
    for (int level = 1; level < PYRAMID_LEVELS; level++) {
        const extremes *below = row;
        row = row_of(p, level, stretch, channel);
        for (int64_t i = 0; i < in_stretch[level]; i++) {
            bounds b = bounds_none();
            for (int64_t k = 0; k < PYRAMID_FACTOR; k++) b = bounds_join(b, below[PYRAMID_FACTOR * i + k]);
            row[i] = bounds_round(b);
        }
    }
    return all;
}

lmp_status pyramid_build(pyramid *p, int64_t stretch, int64_t channel, double *values, lmp_error *err)
{
    const int64_t first = stretch * p->stretch, before = first > 0 ? 1 : 0;
    const int64_t count = p->n_times - first < p->stretch ? p->n_times - first : p->stretch;
    const lmp_status status = lmp_recording_read(p->recording, channel, first - before, count + before, values, err);
    if (status != LMP_OK) return status;
    const int64_t at = stretch * p->n_channels + channel;
    const bounds all = fill_levels(p, stretch, channel, values + before, count);
    p->sums[at] = sums_of(values + before, count, before != 0, all);
    return LMP_OK;
}

/* ---- Asking -------------------------------------------------------------------------------------------------- */

int64_t pyramid_block(const pyramid *p, int level)
{
    return p->stretch / in_stretch[level];
}

/* Blocks [first, end) of a level inside one stretch: climbs to ever bigger blocks, as far as they lie inside. */
static bounds join_inside(const pyramid *p, int64_t stretch, int64_t channel, int level, int64_t first, int64_t end,
                          bounds b)
{
    for (; first < end; level++, first /= PYRAMID_FACTOR, end /= PYRAMID_FACTOR) {
        const extremes *row = row_of(p, level, stretch, channel);
        const bool is_top = level == PYRAMID_LEVELS - 1;
        for (; first < end && (is_top || first % PYRAMID_FACTOR != 0); first++) b = bounds_join(b, row[first]);
        for (; first < end && (is_top || end % PYRAMID_FACTOR != 0); end--) b = bounds_join(b, row[end - 1]);
    }
    return b;
}

bounds pyramid_bounds(const pyramid *p, int64_t channel, int level, int64_t first, int64_t end, bounds b)
{
    const int64_t n = in_stretch[level];
    for (int64_t s = first / n; s * n < end; s++) {
        if (pyramid_state(p, s) != STRETCH_KNOWN) continue;
        const int64_t from = first > s * n ? first - s * n : 0, to = end - s * n < n ? end - s * n : n;
        b = join_inside(p, s, channel, level, from, to, b);
    }
    return b;
}

channel_sums pyramid_sums(const pyramid *p, int64_t channel)
{
    channel_sums all = sums_none();
    for (int64_t s = 0; s < p->n_stretches; s++)
        if (pyramid_state(p, s) == STRETCH_KNOWN) all = sums_join(all, p->sums[s * p->n_channels + channel]);
    return all;
}
