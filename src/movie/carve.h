/* SPDX-License-Identifier: BSD-3-Clause
 *
 * carve.h: many arrays in one piece of memory.
 */
#ifndef LIMPID_MOVIE_CARVE_H
#define LIMPID_MOVIE_CARVE_H

#include <stddef.h>

/* Hands out pieces of one block, each aligned to a cache line; without a base only counts. */
typedef struct carver {
    char *base;
    size_t used;
} carver;

static inline void *carve(carver *c, size_t bytes)
{
    enum { CACHE_LINE = 64 };
    void *piece = c->base == NULL ? NULL : c->base + c->used;
    c->used += (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    return piece;
}

#endif
