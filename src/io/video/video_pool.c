/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_pool.c: decoders that keep their places.
 */
#include "io/video/video_pool.h"

#include <stdlib.h>

/* Of pictures that depend on each other few decoders are of use; they hold many pictures each. */
enum { MOST_READERS = 16, MOST_INTER_READERS = 4 };

struct video_pool {
    const video_track *track;
    os_mutex *lock;
    os_condition *given;
    int64_t n_readers, turn;
    video_reader readers[MOST_READERS];
};

lmp_status video_pool_new(const video_track *track, video_pool **pool, lmp_error *err)
{
    video_pool *p = calloc(1, sizeof *p);
    if (p == NULL) return video_no_memory(track, err);
    p->track = track;
    p->n_readers =
        track->is_intra ? (track->threads < MOST_READERS ? track->threads : MOST_READERS) : MOST_INTER_READERS;
    p->lock = os_mutex_new();
    p->given = os_condition_new();
    if (p->lock == NULL || p->given == NULL) {
        video_pool_free(p);
        return video_no_memory(track, err);
    }
    *pool = p;
    return LMP_OK;
}

void video_pool_free(video_pool *pool)
{
    if (pool == NULL) return;
    for (int64_t i = 0; i < pool->n_readers; i++) {
        if (pool->readers[i].is_open) video_decoder_close(&pool->readers[i].decoder);
        video_converter_clear(&pool->readers[i].converter);
    }
    if (pool->given != NULL) os_condition_free(pool->given);
    if (pool->lock != NULL) os_mutex_free(pool->lock);
    free(pool);
}

/* An idle reader that reaches the frame by going on, the nearest; else one that was never used; else the one that was
 * used longest ago. NULL: all are busy. */
static video_reader *choose(video_pool *pool, int64_t start, int64_t frame)
{
    video_reader *nearest = NULL, *fresh = NULL, *oldest = NULL;
    for (int64_t i = 0; i < pool->n_readers; i++) {
        video_reader *r = &pool->readers[i];
        const video_decoder *d = &r->decoder;
        if (r->is_busy) continue;
        if (!r->is_open) {
            fresh = fresh == NULL ? r : fresh;
            continue;
        }
        const bool goes_on = !d->is_ended && d->next_frame <= frame && d->next_packet >= start;
        if (goes_on && (nearest == NULL || d->next_frame > nearest->decoder.next_frame)) nearest = r;
        if (oldest == NULL || r->used < oldest->used) oldest = r;
    }
    return nearest != NULL ? nearest : fresh != NULL ? fresh : oldest;
}

lmp_status video_pool_take(video_pool *pool, int64_t frame, video_reader **reader, lmp_error *err)
{
    const int64_t start = video_decoder_start(pool->track, frame);
    os_mutex_lock(pool->lock);
    video_reader *r = NULL;
    while ((r = choose(pool, start, frame)) == NULL) os_condition_wait(pool->given, pool->lock);
    r->is_busy = true;
    os_mutex_unlock(pool->lock);
    *reader = r;
    if (r->is_open) return LMP_OK;
    const lmp_status status = video_decoder_open(pool->track, video_decoder_threads(pool->track), &r->decoder, err);
    if (status != LMP_OK) {
        video_pool_give(pool, r);
        return status;
    }
    r->is_open = true;
    return LMP_OK;
}

void video_pool_give(video_pool *pool, video_reader *reader)
{
    os_mutex_lock(pool->lock);
    reader->is_busy = false;
    reader->used = ++pool->turn;
    os_condition_wake_all(pool->given);
    os_mutex_unlock(pool->lock);
}
