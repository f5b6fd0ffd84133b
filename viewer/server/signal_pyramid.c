/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signal_pyramid.c: the pyramid of an open recording, built in the background while it is looked at.
 *
 * Threads take stretch after stretch: those under what was looked at last, then the others in the order of time. All
 * channels of a stretch are read together, so that what interleaves them in the file is read once.
 */
#include "signal_pyramid.h"

#include <limpid/step.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_WORKERS = 8,
    MEMORY_SHARE = 4,       /* one in so many bytes of the budget */
    MOST_AT_ONCE = 8000000, /* values that the one who asks reads himself */
};

struct signal_pyramid {
    pyramid blocks;
    server *server;
    char id[sizeof((opened *)0)->id];
    uint64_t bytes;
    worker *workers[MOST_WORKERS];
    pthread_mutex_t lock;
    pthread_cond_t built;             /* a stretch is known, or was given back */
    int64_t wanted_first, wanted_end; /* stretches to take first */
    int64_t next;                     /* all before are taken or known */
    double told_s;
    lmp_error failure; /* status LMP_OK: none */
};

/* ---- Threads that build -------------------------------------------------------------------------------------- */

/* Takes the next stretch there is to build; -1 if there is none. */
static int64_t take_next(signal_pyramid *sp)
{
    int64_t found = -1;
    pthread_mutex_lock(&sp->lock);
    const bool has_failed = sp->failure.status != LMP_OK;
    for (int64_t i = sp->wanted_first; i < sp->wanted_end && found < 0 && !has_failed; i++) {
        if (pyramid_take(&sp->blocks, i)) found = i;
        sp->wanted_first = i + 1;
    }
    for (; sp->next < sp->blocks.n_stretches && found < 0 && !has_failed; sp->next++)
        if (pyramid_take(&sp->blocks, sp->next)) found = sp->next;
    pthread_mutex_unlock(&sp->lock);
    return found;
}

static void tell(signal_pyramid *sp)
{
    enum { PER_SECOND = 5 };
    const int64_t n_known = atomic_load(&sp->blocks.n_known), n = sp->blocks.n_stretches;
    const double now_s = server_clock_s();
    pthread_mutex_lock(&sp->lock);
    const bool is_due = n_known == n || (now_s - sp->told_s) * PER_SECOND >= 1;
    if (is_due) sp->told_s = now_s;
    pthread_mutex_unlock(&sp->lock);
    if (is_due)
        news_tell(sp->server, "pyramid", json_pack("{s:s, s:f}", "id", sp->id, "done", (double)n_known / (double)n));
}

static void fail(signal_pyramid *sp, const lmp_error *err)
{
    pthread_mutex_lock(&sp->lock);
    if (sp->failure.status == LMP_OK) sp->failure = *err;
    pthread_mutex_unlock(&sp->lock);
}

/* Builds a stretch that was taken. w: whose wish to stop counts; NULL: none. */
static void build(signal_pyramid *sp, int64_t stretch, double *room, const worker *w)
{
    lmp_status status = LMP_OK;
    lmp_error err = {0};
    int64_t channel = 0;
    for (; channel < sp->blocks.n_channels && status == LMP_OK && (w == NULL || !worker_must_stop(w)); channel++)
        status = pyramid_build(&sp->blocks, stretch, channel, room, &err);
    if (status != LMP_OK) fail(sp, &err);
    if (status == LMP_OK && channel == sp->blocks.n_channels)
        pyramid_publish(&sp->blocks, stretch);
    else
        pyramid_give_back(&sp->blocks, stretch);
    pthread_mutex_lock(&sp->lock);
    pthread_cond_broadcast(&sp->built);
    pthread_mutex_unlock(&sp->lock);
    tell(sp);
}

static double *new_room(const signal_pyramid *sp)
{
    return malloc((size_t)(sp->blocks.stretch + 1) * sizeof(double));
}

static void work(worker *w, void *user)
{
    signal_pyramid *sp = user;
    double *room = new_room(sp);
    int64_t stretch = -1;
    while (room != NULL && !worker_must_stop(w) && (stretch = take_next(sp)) >= 0) build(sp, stretch, room, w);
    free(room);
}

/* ---- Life ---------------------------------------------------------------------------------------------------- */

/* Blocks as fine as their share of memory allows. */
static lmp_status take_memory(signal_pyramid *sp, lmp_recording *recording, lmp_error *err)
{
    const lmp_format *format = lmp_recording_get_format(recording);
    for (int64_t block = PYRAMID_FINEST; block <= PYRAMID_COARSEST; block *= 2) {
        const uint64_t bytes = pyramid_bytes(format, block);
        if (bytes > memory_limit(sp->server) / MEMORY_SHARE || !memory_take(sp->server, bytes)) continue;
        if (pyramid_init(&sp->blocks, recording, block)) {
            sp->bytes = bytes;
            return LMP_OK;
        }
        memory_give(sp->server, bytes);
    }
    return lmp_fail(
        err, LMP_ERR_MEMORY,
        "the memory limit of %llu MB leaves no room for an overview of %lld channels: show a shorter stretch, "
        "or start limpid view with more --memory",
        (unsigned long long)(memory_limit(sp->server) >> 20), (long long)format->n_channels);
}

void pyramid_free(signal_pyramid *sp)
{
    if (sp == NULL) return;
    for (int i = 0; i < MOST_WORKERS && sp->workers[i] != NULL; i++) worker_stop(sp->workers[i]);
    for (int i = 0; i < MOST_WORKERS; i++) worker_join(sp->workers[i]);
    pyramid_clear(&sp->blocks);
    memory_give(sp->server, sp->bytes);
    pthread_cond_destroy(&sp->built);
    pthread_mutex_destroy(&sp->lock);
    free(sp);
}

static lmp_status make(server *s, const opened *o, signal_pyramid **made, lmp_error *err)
{
    signal_pyramid *sp = calloc(1, sizeof *sp);
    if (sp == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for an overview");
    sp->server = s;
    memcpy(sp->id, o->id, sizeof sp->id);
    pthread_mutex_init(&sp->lock, NULL);
    pthread_cond_init(&sp->built, NULL);
    const lmp_status status = take_memory(sp, o->recording, err);
    if (status != LMP_OK)
        pyramid_free(sp);
    else
        *made = sp;
    return status;
}

static void start(signal_pyramid *sp)
{
    const int64_t threads = server_threads(sp->server);
    for (int64_t i = 0; i < threads && i < MOST_WORKERS; i++) {
        sp->workers[i] = worker_start(sp->server, work, sp);
        if (sp->workers[i] == NULL) return; /* those that look at the recording build what they see */
    }
}

lmp_status signal_pyramid_of(server *s, opened *o, signal_pyramid **made, lmp_error *err)
{
    signal_pyramid *there = __atomic_load_n(&o->pyramid, __ATOMIC_ACQUIRE), *fresh = NULL;
    if (there == NULL) {
        const lmp_status status = make(s, o, &fresh, err);
        if (status != LMP_OK) return status;
        if (__atomic_compare_exchange_n(&o->pyramid, &there, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            there = fresh;
            start(fresh);
        } else {
            pyramid_free(fresh); /* somebody was faster */
        }
    }
    *made = there;
    return LMP_OK;
}

const pyramid *signal_pyramid_blocks(const signal_pyramid *sp)
{
    return &sp->blocks;
}

/* ---- What is looked at --------------------------------------------------------------------------------------- */

static int64_t stretch_end(const signal_pyramid *sp, int64_t end)
{
    return (end - 1) / sp->blocks.stretch + 1;
}

double signal_pyramid_done(const signal_pyramid *sp, int64_t first, int64_t count)
{
    const int64_t from = first / sp->blocks.stretch, to = stretch_end(sp, first + count);
    int64_t n = 0;
    for (int64_t i = from; i < to; i++) n += pyramid_state(&sp->blocks, i) == STRETCH_KNOWN;
    return (double)n / (double)(to - from);
}

/* Waits while others build a stretch. */
static void await(signal_pyramid *sp, int64_t stretch)
{
    pthread_mutex_lock(&sp->lock);
    while (pyramid_state(&sp->blocks, stretch) == STRETCH_TAKEN) pthread_cond_wait(&sp->built, &sp->lock);
    pthread_mutex_unlock(&sp->lock);
}

lmp_status signal_pyramid_check(signal_pyramid *sp, lmp_error *err)
{
    pthread_mutex_lock(&sp->lock);
    const lmp_error failure = sp->failure;
    pthread_mutex_unlock(&sp->lock);
    if (failure.status != LMP_OK) *err = failure;
    return failure.status;
}

static lmp_status build_now(signal_pyramid *sp, int64_t from, int64_t to, lmp_error *err)
{
    double *room = new_room(sp);
    if (room == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for samples");
    for (int64_t i = from; i < to; i++)
        if (pyramid_take(&sp->blocks, i)) build(sp, i, room, NULL);
    for (int64_t i = from; i < to; i++) await(sp, i);
    free(room);
    return LMP_OK;
}

lmp_status signal_pyramid_want(signal_pyramid *sp, int64_t first, int64_t count, lmp_error *err)
{
    const int64_t from = first / sp->blocks.stretch, to = stretch_end(sp, first + count);
    const double missing = (1 - signal_pyramid_done(sp, first, count)) * (double)(to - from);
    if (missing == 0) return LMP_OK;
    pthread_mutex_lock(&sp->lock);
    sp->wanted_first = from;
    sp->wanted_end = to;
    pthread_mutex_unlock(&sp->lock);
    const double values = missing * (double)sp->blocks.stretch * (double)sp->blocks.n_channels;
    lmp_status status = signal_pyramid_check(sp, err);
    if (status == LMP_OK && values <= MOST_AT_ONCE) status = build_now(sp, from, to, err);
    return status == LMP_OK ? signal_pyramid_check(sp, err) : status;
}
