/* SPDX-License-Identifier: BSD-3-Clause
 *
 * budget.c: memory counted against one limit.
 *
 * Every piece carries a 64-byte head with its size, so that giving it back needs no second number and what the user
 * gets stays aligned to a cache line. Pieces of 256 KiB and more are kept for reuse when given back: taking fresh
 * pages from the kernel costs a fault and a clearing for each, and block buffers come and go all the time. Kept pieces
 * stay counted; they are let go as soon as a take would not fit otherwise.
 *
 * Always true: used <= limit; used = bytes in use + bytes kept.
 */
#include "core/budget.h"

#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 64, KEEP_FROM = 256 * 1024, KEPT_MOST = 32 };

typedef struct head {
    size_t size; /* with the head */
} head;

struct lmp_budget {
    uint64_t limit;
    os_mutex *lock; /* guards all below */
    uint64_t used, peak;
    head *kept[KEPT_MOST];
    int n_kept;
    int64_t fail_at; /* countdown; 0: never */
    pool *workers;   /* lent between passes, while one thread alone is at work; NULL: none */
};

lmp_status budget_new(uint64_t limit, lmp_budget **budget, lmp_error *err)
{
    lmp_budget *b = calloc(1, sizeof *b);
    if (b != NULL) b->lock = os_mutex_new();
    if (b == NULL || b->lock == NULL) {
        free(b);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a new budget");
    }
    b->limit = limit;
    *budget = b;
    return LMP_OK;
}

static void let_go(lmp_budget *b, int i)
{
    head *piece = b->kept[i];
    b->kept[i] = b->kept[--b->n_kept];
    b->used -= piece->size;
    os_memory_give(piece, piece->size);
}

void budget_free(lmp_budget *budget)
{
    if (budget == NULL) return;
    while (budget->n_kept > 0) let_go(budget, budget->n_kept - 1);
    os_mutex_free(budget->lock);
    free(budget);
}

/* The smallest kept piece that holds `size` bytes and is not more than twice as large; NULL if none. */
static head *take_kept(lmp_budget *b, size_t size)
{
    int best = -1;
    for (int i = 0; i < b->n_kept; i++)
        if (b->kept[i]->size >= size && b->kept[i]->size <= 2 * size &&
            (best < 0 || b->kept[i]->size < b->kept[best]->size))
            best = i;
    if (best < 0) return NULL;
    head *piece = b->kept[best];
    b->kept[best] = b->kept[--b->n_kept];
    return piece;
}

/* With the lock held: counts `size` bytes, letting kept pieces go if need be; false if they do not fit. */
static bool reserve(lmp_budget *b, size_t size)
{
    while (b->used + size > b->limit && b->n_kept > 0) let_go(b, b->n_kept - 1);
    if (b->used + size > b->limit) return false;
    b->used += size;
    if (b->used > b->peak) b->peak = b->used;
    return true;
}

static lmp_status refuse(const lmp_budget *b, size_t bytes, lmp_error *err)
{
    char limit[16], more[16];
    return lmp_fail(err, LMP_ERR_MEMORY, "%s more are needed than the memory limit of %s allows: raise --memory",
                    budget_print_size((double)bytes, more), budget_print_size((double)b->limit, limit));
}

lmp_status budget_take_raw(lmp_budget *budget, size_t bytes, void **memory, lmp_error *err)
{
    if (bytes > SIZE_MAX / 2) return refuse(budget, bytes, err);
    const size_t size = bytes + HEAD;
    os_mutex_lock(budget->lock);
    const bool fault = budget->fail_at > 0 && --budget->fail_at == 0;
    head *piece = fault || size < KEEP_FROM ? NULL : take_kept(budget, size);
    const bool fits = !fault && (piece != NULL || reserve(budget, size));
    os_mutex_unlock(budget->lock);
    if (!fits) return refuse(budget, bytes, err);
    if (piece == NULL) {
        piece = os_memory_take(size);
        if (piece == NULL) {
            os_mutex_lock(budget->lock);
            budget->used -= size;
            os_mutex_unlock(budget->lock);
            return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %zu bytes: lower --memory", bytes);
        }
        piece->size = size;
    }
    *memory = (char *)piece + HEAD;
    return LMP_OK;
}

lmp_status lmp_take(lmp_budget *budget, size_t bytes, void **memory, lmp_error *err)
{
    void *made = NULL;
    const lmp_status status = budget_take_raw(budget, bytes, &made, err);
    if (status != LMP_OK) return status;
    memset(made, 0, bytes);
    *memory = made;
    return LMP_OK;
}

void lmp_give(lmp_budget *budget, void *memory)
{
    if (memory == NULL) return;
    head *piece = (head *)(void *)((char *)memory - HEAD);
    const size_t size = piece->size;
    os_mutex_lock(budget->lock);
    const bool keep = size >= KEEP_FROM && budget->n_kept < KEPT_MOST;
    if (keep)
        budget->kept[budget->n_kept++] = piece;
    else
        budget->used -= size;
    os_mutex_unlock(budget->lock);
    if (!keep) os_memory_give(piece, size);
}

lmp_status budget_reserve(lmp_budget *budget, size_t bytes, lmp_error *err)
{
    os_mutex_lock(budget->lock);
    const bool fault = budget->fail_at > 0 && --budget->fail_at == 0;
    const bool fits = !fault && reserve(budget, bytes);
    os_mutex_unlock(budget->lock);
    return fits ? LMP_OK : refuse(budget, bytes, err);
}

void budget_release(lmp_budget *budget, size_t bytes)
{
    os_mutex_lock(budget->lock);
    budget->used -= bytes;
    os_mutex_unlock(budget->lock);
}

void budget_trim(lmp_budget *budget)
{
    os_mutex_lock(budget->lock);
    while (budget->n_kept > 0) let_go(budget, budget->n_kept - 1);
    os_mutex_unlock(budget->lock);
}

uint64_t budget_limit(const lmp_budget *budget)
{
    return budget->limit;
}

uint64_t budget_used(const lmp_budget *budget)
{
    os_mutex_lock(budget->lock);
    const uint64_t used = budget->used;
    os_mutex_unlock(budget->lock);
    return used;
}

uint64_t budget_room(lmp_budget *budget)
{
    os_mutex_lock(budget->lock);
    uint64_t room = budget->limit - budget->used;
    for (int i = 0; i < budget->n_kept; i++) room += budget->kept[i]->size;
    os_mutex_unlock(budget->lock);
    return room;
}

uint64_t budget_peak(const lmp_budget *budget)
{
    os_mutex_lock(budget->lock);
    const uint64_t peak = budget->peak;
    os_mutex_unlock(budget->lock);
    return peak;
}

void budget_fail_at(lmp_budget *budget, int64_t nth)
{
    os_mutex_lock(budget->lock);
    budget->fail_at = nth;
    os_mutex_unlock(budget->lock);
}

void budget_lend_workers(lmp_budget *budget, pool *workers)
{
    budget->workers = workers;
}

int64_t lmp_worker_count(const lmp_budget *budget)
{
    return budget->workers != NULL ? pool_worker_count(budget->workers) : 1;
}

void lmp_run_jobs(lmp_budget *budget, int64_t count, void (*job)(void *user, int64_t i, int64_t worker), void *user)
{
    if (budget->workers != NULL)
        pool_run(budget->workers, count, job, NULL, user);
    else
        for (int64_t i = 0; i < count; i++) job(user, i, 0);
}

const char *budget_print_size(double bytes, char text[16])
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    int u = 0;
    while (bytes >= 1000 && u < 4) {
        bytes /= 1024;
        u++;
    }
    snprintf(text, 16, bytes >= 100 || u == 0 ? "%.0f %s" : "%.3g %s", bytes, units[u]);
    return text;
}
