/* SPDX-License-Identifier: BSD-3-Clause
 *
 * digest_written.c: the fingerprint of a file while it is written.
 *
 * Every piece counts the bytes that have been written to it. When they are as many as it has, it is hashed: from the
 * caller's bytes if they are the whole piece, else from the file. Whether that is what the file holds in the end is
 * told by the count alone: a count that is still the size of the piece means that all writes to it had ended by then.
 * What is written twice, before or after, makes the count larger and the hash void.
 */
#include "core/digest_written.h"

#include "kernels/xxh3.h"

#include <stdlib.h>
#include <string.h>

typedef struct piece_state {
    int64_t written; /* bytes */
    bool is_hashed;
    XXH128_canonical_t hash;
} piece_state;

struct digest_written {
    os_mutex *lock; /* guards the rest */
    piece_state *pieces;
    int64_t count, room; /* pieces behind the last one written to are not there yet */
    bool is_lost;        /* memory was out: nothing is known */
};

digest_written *digest_written_new(void)
{
    digest_written *w = calloc(1, sizeof *w);
    if (w != NULL) w->lock = os_mutex_new();
    if (w != NULL && w->lock == NULL) {
        free(w);
        return NULL;
    }
    return w;
}

void digest_written_free(digest_written *w)
{
    if (w == NULL) return;
    os_mutex_free(w->lock);
    free(w->pieces);
    free(w);
}

/* With the lock held. */
static bool reach_piece(digest_written *w, int64_t piece)
{
    if (piece >= w->room) {
        const int64_t room = 2 * (piece + 32);
        piece_state *more = realloc(w->pieces, (size_t)room * sizeof *more);
        if (more == NULL) return false;
        w->pieces = more;
        w->room = room;
    }
    if (piece >= w->count) {
        memset(w->pieces + w->count, 0, (size_t)(piece + 1 - w->count) * sizeof *w->pieces);
        w->count = piece + 1;
    }
    return true;
}

/* How much of a piece has been written, with these bytes. */
static int64_t count_bytes(digest_written *w, int64_t piece, int64_t bytes)
{
    int64_t written = 0;
    os_mutex_lock(w->lock);
    w->is_lost = w->is_lost || !reach_piece(w, piece);
    if (!w->is_lost) written = w->pieces[piece].written += bytes;
    os_mutex_unlock(w->lock);
    return written;
}

static void keep_hash(digest_written *w, int64_t piece, XXH128_hash_t hash)
{
    os_mutex_lock(w->lock);
    XXH128_canonicalFromHash(&w->pieces[piece].hash, hash);
    w->pieces[piece].is_hashed = true;
    os_mutex_unlock(w->lock);
}

/* A piece from the file, through memory that stays in the processor's cache. What cannot be read now is read again when
 * the file is complete. */
static void hash_from_file(digest_written *w, os_file file, int64_t piece)
{
    enum { PART = 32 << 10 };
    char bytes[PART];
    const int64_t first = piece * DIGEST_PIECE, end = first + DIGEST_PIECE;
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) return;
    XXH3_128bits_reset(state);
    int64_t at = first;
    for (size_t got = PART; at < end && got == PART; at += (int64_t)got) {
        if (os_file_read(file, at, bytes, PART, &got) != 0) break;
        XXH3_128bits_update(state, bytes, got);
    }
    if (at == end) keep_hash(w, piece, XXH3_128bits_digest(state));
    XXH3_freeState(state);
}

void digest_written_add(digest_written *w, os_file file, int64_t offset, const void *bytes, size_t size)
{
    const char *from = bytes;
    const int64_t end = offset + (int64_t)size;
    for (int64_t at = offset; at < end;) {
        const int64_t piece = at / DIGEST_PIECE, next = (piece + 1) * DIGEST_PIECE, n = (next < end ? next : end) - at;
        const int64_t written = count_bytes(w, piece, n);
        if (written == DIGEST_PIECE && n == DIGEST_PIECE)
            keep_hash(w, piece, xxh3_128(from, DIGEST_PIECE));
        else if (written == DIGEST_PIECE)
            hash_from_file(w, file, piece);
        from += n;
        at += n;
    }
}

bool digest_written_piece(const digest_written *w, int64_t piece, XXH128_canonical_t *hash)
{
    os_mutex_lock(w->lock);
    const piece_state *p = piece < w->count && !w->is_lost ? &w->pieces[piece] : NULL;
    const bool is_known = p != NULL && p->is_hashed && p->written == DIGEST_PIECE;
    if (is_known) *hash = p->hash;
    os_mutex_unlock(w->lock);
    return is_known;
}
