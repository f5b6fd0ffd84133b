/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory.c: one budget for all that is kept or computed, and the cache that lives in what nobody else needs.
 */
#include "state.h"

#include <limpid/step.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { N_BUCKETS = 4096 };

typedef struct entry entry;
struct entry {
    blob blob; /* first: a blob is its entry */
    char *key;
    int64_t n_borrowers;
    bool is_counted, is_listed;
    entry *next_in_bucket, *older, *newer;
};

struct memory_store {
    pthread_mutex_t lock;
    uint64_t limit, used;
    entry *buckets[N_BUCKETS];
    entry *oldest, *newest;
};

memory_store *memory_new(uint64_t limit)
{
    memory_store *m = calloc(1, sizeof *m);
    if (m == NULL) return NULL;
    m->limit = limit;
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

/* FNV-1a. */
static entry **bucket_of(memory_store *m, const char *key)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = key; *c != '\0'; c++) hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return &m->buckets[(hash ^ hash >> 32) % N_BUCKETS];
}

static void make_newest(memory_store *m, entry *e)
{
    e->older = m->newest;
    e->newer = NULL;
    if (m->newest != NULL) m->newest->newer = e;
    m->newest = e;
    if (m->oldest == NULL) m->oldest = e;
}

static void take_from_order(memory_store *m, entry *e)
{
    *(e->older != NULL ? &e->older->newer : &m->oldest) = e->newer;
    *(e->newer != NULL ? &e->newer->older : &m->newest) = e->older;
}

static void destroy(memory_store *m, entry *e)
{
    if (e->is_counted) m->used -= e->blob.size;
    free((void *)(uintptr_t)e->blob.bytes);
    free(e->key);
    free(e);
}

/* Takes it out of the cache; whoever borrows it keeps it until the release. */
static void forget(memory_store *m, entry *e)
{
    entry **at = bucket_of(m, e->key);
    while (*at != e) at = &(*at)->next_in_bucket;
    *at = e->next_in_bucket;
    take_from_order(m, e);
    e->is_listed = false;
    if (e->n_borrowers == 0) destroy(m, e);
}

static bool make_room(memory_store *m, uint64_t bytes)
{
    if (bytes > m->limit) return false;
    for (entry *e = m->oldest; e != NULL && m->used > m->limit - bytes;) {
        entry *newer = e->newer;
        if (e->n_borrowers == 0) forget(m, e);
        e = newer;
    }
    return m->used <= m->limit - bytes;
}

static bool take(memory_store *m, uint64_t bytes)
{
    if (!make_room(m, bytes)) return false;
    m->used += bytes;
    return true;
}

bool memory_take(server *s, uint64_t bytes)
{
    pthread_mutex_lock(&s->memory->lock);
    const bool is_taken = take(s->memory, bytes);
    pthread_mutex_unlock(&s->memory->lock);
    return is_taken;
}

void memory_give(server *s, uint64_t bytes)
{
    pthread_mutex_lock(&s->memory->lock);
    s->memory->used -= bytes < s->memory->used ? bytes : s->memory->used;
    pthread_mutex_unlock(&s->memory->lock);
}

lmp_status memory_need(server *s, uint64_t bytes, lmp_error *err)
{
    if (memory_take(s, bytes)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_MEMORY,
                    "%.0f MB are needed, more than is left of the viewer's %.0f MB: look at less at a time, close "
                    "recordings, or start it with a larger --memory",
                    (double)bytes / 1e6, (double)memory_limit(s) / 1e6);
}

uint64_t memory_limit(const server *s)
{
    return s->memory->limit;
}

uint64_t memory_used(server *s)
{
    pthread_mutex_lock(&s->memory->lock);
    const uint64_t used = s->memory->used;
    pthread_mutex_unlock(&s->memory->lock);
    return used;
}

static entry *look_up(memory_store *m, const char *key)
{
    entry *e = *bucket_of(m, key);
    while (e != NULL && strcmp(e->key, key) != 0) e = e->next_in_bucket;
    if (e == NULL) return NULL;
    take_from_order(m, e);
    make_newest(m, e);
    e->n_borrowers++;
    return e;
}

const blob *blob_find(server *s, const char *key)
{
    pthread_mutex_lock(&s->memory->lock);
    entry *e = look_up(s->memory, key);
    pthread_mutex_unlock(&s->memory->lock);
    return e != NULL ? &e->blob : NULL;
}

static entry *new_entry(const char *key, void *bytes, size_t size)
{
    entry *e = calloc(1, sizeof *e);
    char *copy = strdup(key);
    if (e == NULL || copy == NULL) {
        free(e);
        free(copy);
        free(bytes);
        return NULL;
    }
    e->key = copy;
    e->blob = (blob){.size = size, .bytes = bytes};
    e->n_borrowers = 1;
    return e;
}

static void insert(memory_store *m, entry *e)
{
    entry **bucket = bucket_of(m, e->key);
    e->next_in_bucket = *bucket;
    *bucket = e;
    e->is_listed = true;
    make_newest(m, e);
}

const blob *blob_keep(server *s, const char *key, void *bytes, size_t size)
{
    memory_store *m = s->memory;
    entry *made = new_entry(key, bytes, size);
    if (made == NULL) return NULL;
    pthread_mutex_lock(&m->lock);
    entry *e = look_up(m, key);
    if (e != NULL) {
        destroy(m, made); /* somebody was faster; both are the same */
    } else {
        e = made;
        e->is_counted = take(m, size);
        if (e->is_counted) insert(m, e);
    }
    pthread_mutex_unlock(&m->lock);
    return &e->blob;
}

void blob_release(server *s, const blob *b)
{
    if (b == NULL) return;
    entry *e = (entry *)(uintptr_t)b;
    pthread_mutex_lock(&s->memory->lock);
    if (--e->n_borrowers == 0 && !e->is_listed) destroy(s->memory, e);
    pthread_mutex_unlock(&s->memory->lock);
}

static void drop(memory_store *m, const char *prefix)
{
    const size_t n = strlen(prefix);
    for (entry *e = m->oldest; e != NULL;) {
        entry *newer = e->newer;
        if (strncmp(e->key, prefix, n) == 0) forget(m, e);
        e = newer;
    }
}

void blob_drop(server *s, const char *prefix)
{
    pthread_mutex_lock(&s->memory->lock);
    drop(s->memory, prefix);
    pthread_mutex_unlock(&s->memory->lock);
}

void memory_free(memory_store *m)
{
    if (m == NULL) return;
    drop(m, "");
    pthread_mutex_destroy(&m->lock);
    free(m);
}
