/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_store.c: decoded frames in the cache, each decoded by one thread however many ask for it.
 *
 * Always true while the lock is free: frames in decoding[] are being decoded by that many threads, each frame by one.
 */
#include "frame_store.h"

#include <inttypes.h>
#include <limpid/step.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DECODING = 64, MOST_AHEAD = 8, AHEAD_SHARE = 8, LONGEST_STRIDE = 32, KEY_ROOM = 64 };

struct frame_ahead {
    server *server;
    lmp_recording *recording;
    size_t frame_bytes;
    frame_part whole;
    int64_t n_frames, n_ahead;
    char id[24];
    worker *worker;       /* NULL: not started yet */
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    int64_t decoding[MOST_DECODING];
    int n_decoding;
    int64_t seen, stride; /* the last frame that was looked at, and what brought there from the one before */
    uint64_t turn;        /* counts up with each look */
    bool is_ending;
};

typedef struct frame_ahead frame_ahead;

frame_part frame_whole(const opened *o)
{
    return (frame_part){.width = o->format->width, .height = o->format->height};
}

size_t frame_part_bytes(const opened *o, const frame_part *part)
{
    return (size_t)(part->width * part->height * o->format->n_colours) * lmp_type_bytes(o->format->type);
}

/* ---- Decoding ---- */

static bool is_being_decoded(const frame_ahead *a, int64_t frame)
{
    for (int i = 0; i < a->n_decoding; i++)
        if (a->decoding[i] == frame) return true;
    return a->n_decoding == MOST_DECODING;
}

static void no_longer_decoded(frame_ahead *a, int64_t frame)
{
    int i = 0;
    while (a->decoding[i] != frame) i++;
    a->decoding[i] = a->decoding[--a->n_decoding];
}

static lmp_status decode(frame_ahead *a, int64_t frame, const char *key, const blob **made, lmp_error *err)
{
    const frame_part *w = &a->whole;
    lmp_status status = memory_need(a->server, a->frame_bytes, err);
    if (status != LMP_OK) return status;
    void *values = malloc(a->frame_bytes + 1);
    status = values != NULL
                 ? lmp_recording_read_part(a->recording, frame, 1, w->x, w->y, w->width, w->height, values, err)
                 : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a frame");
    memory_give(a->server, a->frame_bytes); /* the cache counts it from here on */
    if (status != LMP_OK) {
        free(values);
        return status;
    }
    *made = blob_keep(a->server, key, values, a->frame_bytes);
    return *made != NULL ? LMP_OK : lmp_fail(err, LMP_ERR_MEMORY, "there is no memory left for a frame");
}

/* From the cache, or decoded. Borrowed. */
static lmp_status get(frame_ahead *a, int64_t frame, const blob **made, lmp_error *err)
{
    char key[KEY_ROOM];
    snprintf(key, sizeof key, "%s/frame/%" PRId64, a->id, frame);
    pthread_mutex_lock(&a->lock);
    while ((*made = blob_find(a->server, key)) == NULL && is_being_decoded(a, frame))
        pthread_cond_wait(&a->changed, &a->lock);
    if (*made == NULL) a->decoding[a->n_decoding++] = frame;
    pthread_mutex_unlock(&a->lock);
    if (*made != NULL) return LMP_OK;
    const lmp_status status = decode(a, frame, key, made, err);
    pthread_mutex_lock(&a->lock);
    no_longer_decoded(a, frame);
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    return status;
}

/* ---- Ahead of the eye ---- */

/* Until somebody looks elsewhere. */
static void decode_ahead(frame_ahead *a, const worker *w, int64_t from, int64_t stride, uint64_t turn)
{
    for (int64_t i = 1; i <= a->n_ahead && !worker_must_stop(w); i++) {
        const int64_t frame = from + i * stride;
        const blob *made;
        pthread_mutex_lock(&a->lock);
        const bool is_wanted = a->turn == turn;
        pthread_mutex_unlock(&a->lock);
        if (!is_wanted || frame < 0 || frame >= a->n_frames || get(a, frame, &made, NULL) != LMP_OK) return;
        blob_release(a->server, made);
    }
}

static void follow(worker *w, void *user)
{
    frame_ahead *a = user;
    uint64_t turn = 0;
    pthread_mutex_lock(&a->lock);
    while (!a->is_ending) {
        if (turn == a->turn) {
            pthread_cond_wait(&a->changed, &a->lock);
            continue;
        }
        turn = a->turn;
        const int64_t seen = a->seen, stride = a->stride;
        pthread_mutex_unlock(&a->lock);
        decode_ahead(a, w, seen, stride, turn);
        pthread_mutex_lock(&a->lock);
    }
    pthread_mutex_unlock(&a->lock);
}

void ahead_free(struct frame_ahead *a)
{
    if (a == NULL) return;
    pthread_mutex_lock(&a->lock);
    a->is_ending = true;
    if (a->worker != NULL) worker_stop(a->worker);
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    worker_join(a->worker);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

static frame_ahead *make(server *s, const opened *o)
{
    frame_ahead *a = calloc(1, sizeof *a);
    if (a == NULL) return NULL;
    a->server = s;
    a->recording = o->recording;
    a->whole = frame_whole(o);
    a->frame_bytes = frame_part_bytes(o, &a->whole);
    a->n_frames = o->format->n_times;
    a->n_ahead = (int64_t)(memory_limit(s) / AHEAD_SHARE / (a->frame_bytes + 1));
    if (a->n_ahead > MOST_AHEAD) a->n_ahead = MOST_AHEAD;
    a->stride = 1;
    memcpy(a->id, o->id, sizeof a->id);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    return a;
}

/* That of a recording; the first who asks makes it. NULL only if memory is out. */
static frame_ahead *ahead_of(server *s, opened *o)
{
    frame_ahead *there = __atomic_load_n(&o->ahead, __ATOMIC_ACQUIRE);
    if (there != NULL) return there;
    frame_ahead *made = make(s, o);
    if (made == NULL || __atomic_compare_exchange_n(&o->ahead, &there, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    ahead_free(made); /* somebody was faster */
    return there;
}

void frame_look(server *s, opened *o, int64_t frame)
{
    frame_ahead *a = lmp_recording_is_decoded(o->recording) ? ahead_of(s, o) : NULL;
    if (a == NULL || a->n_ahead == 0) return;
    pthread_mutex_lock(&a->lock);
    const int64_t way = frame - a->seen;
    if (a->worker == NULL) a->worker = worker_start(s, follow, a);
    if (way != 0) a->stride = llabs(way) <= LONGEST_STRIDE ? way : 1;
    a->seen = frame;
    a->turn++;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

/* ---- Reading ---- */

static void copy_part(const opened *o, const char *frame, const frame_part *part, char *to)
{
    const size_t pixel = (size_t)o->format->n_colours * lmp_type_bytes(o->format->type),
                 pitch = (size_t)o->format->width * pixel, length = (size_t)part->width * pixel;
    const char *from = frame + (size_t)part->y * pitch + (size_t)part->x * pixel;
    for (int64_t i = 0; i < part->height; i++) memcpy(to + (size_t)i * length, from + (size_t)i * pitch, length);
}

lmp_status frame_hold_make(server *s, opened *o, int64_t frame, frame_hold *h, lmp_error *err)
{
    frame_ahead *a = lmp_recording_is_decoded(o->recording) ? ahead_of(s, o) : NULL;
    *h = (frame_hold){.frame = frame};
    return a != NULL ? get(a, frame, &h->decoded, err) : LMP_OK;
}

lmp_status frame_hold_read(const opened *o, const frame_hold *h, const frame_part *part, void *to, lmp_error *err)
{
    if (h->decoded == NULL)
        return lmp_recording_read_part(o->recording, h->frame, 1, part->x, part->y, part->width, part->height, to, err);
    copy_part(o, h->decoded->bytes, part, to);
    return LMP_OK;
}

void frame_hold_end(server *s, frame_hold *h)
{
    blob_release(s, h->decoded);
    h->decoded = NULL;
}

lmp_status frame_read(server *s, opened *o, int64_t frame, const frame_part *part, void *to, lmp_error *err)
{
    frame_hold h;
    lmp_status status = frame_hold_make(s, o, frame, &h, err);
    if (status == LMP_OK) status = frame_hold_read(o, &h, part, to, err);
    frame_hold_end(s, &h);
    return status;
}
