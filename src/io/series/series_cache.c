/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_cache.c: a bounded number of open members of a series.
 *
 * Always true while the lock is free: a slot with refs > 0 is being read or opened by that many threads and stays; a
 * member is in one slot at most. Files are opened and closed outside the lock.
 */
#include "io/series/series_cache.h"

#include "core/recording.h"
#include "os/os.h"

#include <stdlib.h>

typedef struct slot {
    lmp_source source;
    int64_t member; /* -1: none */
    int64_t refs, last_used;
    bool is_opening;
} slot;

struct series_cache {
    series_opener *open;
    const void *user;
    os_mutex *lock; /* guards the rest */
    os_condition *changed;
    int64_t n_slots, clock;
    slot slots[];
};

series_cache *series_cache_new(int64_t n_slots, series_opener *open, const void *user)
{
    series_cache *c = calloc(1, sizeof *c + (size_t)n_slots * sizeof *c->slots);
    if (c == NULL) return NULL;
    c->open = open;
    c->user = user;
    c->n_slots = n_slots;
    c->lock = os_mutex_new();
    c->changed = os_condition_new();
    for (int64_t i = 0; i < n_slots; i++) c->slots[i].member = -1;
    if (c->lock != NULL && c->changed != NULL) return c;
    series_cache_free(c);
    return NULL;
}

void series_cache_free(series_cache *cache)
{
    if (cache == NULL) return;
    for (int64_t i = 0; i < cache->n_slots; i++) source_clear(&cache->slots[i].source);
    os_condition_free(cache->changed);
    os_mutex_free(cache->lock);
    free(cache);
}

/* With the lock held: the slot of the member, else the free one that was used longest ago; NULL if all are lent. */
static slot *find_slot(series_cache *c, int64_t member)
{
    slot *oldest = NULL;
    for (int64_t i = 0; i < c->n_slots; i++) {
        slot *s = &c->slots[i];
        if (s->member == member) return s;
        if (s->refs == 0 && (oldest == NULL || s->last_used < oldest->last_used)) oldest = s;
    }
    return oldest;
}

/* With the lock held on entry and at the end: the slot's file gives way to that of the member. */
static lmp_status open_in(series_cache *c, slot *s, int64_t member, lmp_error *err)
{
    s->member = member;
    s->refs = 1;
    s->is_opening = true;
    os_mutex_unlock(c->lock);
    source_clear(&s->source);
    const lmp_status status = c->open(c->user, member, &s->source, err);
    os_mutex_lock(c->lock);
    s->is_opening = false;
    if (status != LMP_OK) {
        s->source = (lmp_source){0}; /* open freed what it made */
        s->member = -1;
        s->refs = 0;
    }
    os_condition_wake_all(c->changed);
    return status;
}

lmp_status series_cache_borrow(series_cache *cache, int64_t i, const lmp_source **source, lmp_error *err)
{
    lmp_status status = LMP_OK;
    os_mutex_lock(cache->lock);
    slot *s = find_slot(cache, i);
    while (s == NULL || s->is_opening) {
        os_condition_wait(cache->changed, cache->lock);
        s = find_slot(cache, i);
    }
    if (s->member == i)
        s->refs++;
    else
        status = open_in(cache, s, i, err);
    s->last_used = ++cache->clock;
    os_mutex_unlock(cache->lock);
    if (status == LMP_OK) *source = &s->source;
    return status;
}

void series_cache_return(series_cache *cache, const lmp_source *source)
{
    os_mutex_lock(cache->lock);
    for (int64_t i = 0; i < cache->n_slots; i++)
        if (&cache->slots[i].source == source && --cache->slots[i].refs == 0) os_condition_wake_all(cache->changed);
    os_mutex_unlock(cache->lock);
}
