/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_spool.c: decoded chunks in a scratch file.
 *
 * A chunk is written by whoever needs it first; others who need it wait, or go on with other chunks.
 */
#include "io/array/chunk_spool.h"

#include "io/unpack.h"

#include "core/budget.h"

#include <stdlib.h>
#include <string.h>

enum { ABSENT, BUSY, DONE };

struct chunk_spool {
    file_input scratch; /* fd -1: not made yet */
    char *path, *folder;
    const char *scratch_dir; /* the engine's, see lmp_limits */
    size_t chunk_bytes;
    os_mutex *lock; /* guards scratch and state */
    os_condition *changed;
    uint8_t *state; /* of each chunk */
};

lmp_status chunk_spool_new(const char *path, const char *scratch_dir, size_t chunk_bytes, int64_t n_chunks,
                           chunk_spool **made, lmp_error *err)
{
    chunk_spool *s = calloc(1, sizeof *s);
    if (s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    *s = (chunk_spool){.scratch = {.file = {-1}},
                       .path = strdup(path),
                       .scratch_dir = scratch_dir,
                       .chunk_bytes = chunk_bytes,
                       .lock = os_mutex_new(),
                       .changed = os_condition_new(),
                       .state = calloc((size_t)n_chunks, 1)};
    s->scratch.info = (os_file_info){.size = n_chunks * (int64_t)chunk_bytes, .is_regular = true};
    if (s->path != NULL && s->lock != NULL && s->changed != NULL && s->state != NULL) {
        *made = s;
        return LMP_OK;
    }
    chunk_spool_free(s);
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

void chunk_spool_free(chunk_spool *s)
{
    if (s == NULL) return;
    file_input_close(&s->scratch);
    os_mutex_free(s->lock);
    os_condition_free(s->changed);
    free(s->path);
    free(s->folder);
    free(s->state);
    free(s);
}

/* With the lock held. */
static lmp_status make_scratch(chunk_spool *s, lmp_error *err)
{
    if (s->scratch.file.fd >= 0) return LMP_OK;
    if (s->scratch.path == NULL && (s->scratch.path = strdup(s->path)) == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", s->path);
    os_file made = {-1};
    const lmp_status status = unpack_create_scratch(s->path, s->scratch_dir, &made, &s->folder, err);
    if (status == LMP_OK) s->scratch.file = made;
    return status;
}

static lmp_status decode(chunk_spool *s, int64_t chunk, chunk_loader *load, void *user, const int64_t *place,
                         lmp_budget *budget, lmp_error *err)
{
    void *bytes = NULL;
    lmp_status status = budget_take_raw(budget, s->chunk_bytes, &bytes, err);
    if (status == LMP_OK) status = load(user, place, bytes, budget, err);
    if (status == LMP_OK) {
        const int code = os_file_write(s->scratch.file, chunk * (int64_t)s->chunk_bytes, bytes, s->chunk_bytes);
        if (code != 0)
            status = lmp_fail(err, LMP_ERR_IO,
                              "%s cannot be unpacked into a scratch file in %s: %s; name a folder with more room with "
                              "--scratch",
                              s->path, s->folder, strerror(code));
    }
    lmp_give(budget, bytes);
    return status;
}

/* True if the caller is to decode the chunk. */
static bool claim(chunk_spool *s, int64_t chunk)
{
    while (s->state[chunk] == BUSY) os_condition_wait(s->changed, s->lock);
    if (s->state[chunk] == DONE) return false;
    s->state[chunk] = BUSY;
    return true;
}

lmp_status chunk_spool_view(chunk_spool *s, int64_t chunk, size_t offset, size_t size, chunk_loader *load, void *user,
                            const int64_t *place, lmp_budget *budget, file_view *view, lmp_error *err)
{
    os_mutex_lock(s->lock);
    lmp_status status = make_scratch(s, err);
    const bool is_ours = status == LMP_OK && claim(s, chunk);
    os_mutex_unlock(s->lock);
    if (is_ours) {
        status = decode(s, chunk, load, user, place, budget, err);
        os_mutex_lock(s->lock);
        s->state[chunk] = status == LMP_OK ? DONE : ABSENT;
        os_condition_wake_all(s->changed);
        os_mutex_unlock(s->lock);
    }
    if (status != LMP_OK) return status;
    return file_view_begin(&s->scratch, chunk * (int64_t)s->chunk_bytes + (int64_t)offset, size, budget, view, err);
}
