/* SPDX-License-Identifier: BSD-3-Clause
 *
 * carve.h: arrays cut from one piece of memory.
 *
 * The function that lays out a state runs twice: with memory NULL it only counts, so that a plan can state the bytes
 * before anything is taken; with the memory taken it places the same arrays.
 */
#ifndef LIMPID_SIGNAL_CARVE_H
#define LIMPID_SIGNAL_CARVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct carve {
    char *memory; /* aligned to 64, or NULL */
    size_t used;
} carve;

/* `count` things of `size` bytes, aligned to 64; NULL while counting. */
static inline void *carve_array(carve *c, int64_t count, size_t size)
{
    void *place = c->memory == NULL ? NULL : c->memory + c->used;
    c->used += ((size_t)count * size + 63) / 64 * 64;
    return place;
}

#endif
