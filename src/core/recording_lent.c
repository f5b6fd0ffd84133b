/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_lent.c: one view of the whole movie, given back when too much of it has been touched.
 */
#include "core/recording_lent.h"

#include "core/budget.h"
#include "core/recording.h"
#include "core/stream.h"
#include "os/os.h"

#include <stdlib.h>

/* Linux maps what surrounds a page that is touched, up to so many bytes (fault_around_bytes). */
enum { AROUND_BYTES = 64 << 10 };

static os_mutex *find_lock(lent_movie *l)
{
    os_mutex *lock = atomic_load(&l->lock);
    if (lock != NULL) return lock;
    os_mutex *made = os_mutex_new();
    if (made == NULL || atomic_compare_exchange_strong(&l->lock, &lock, made)) return made;
    os_mutex_free(made);
    return lock;
}

/* Touching these rows of every frame keeps no more than the limit. */
static bool is_little(const lmp_recording *r, int64_t top, int64_t bottom)
{
    const lmp_format *f = &r->source.stream.format;
    const double frame = (double)stream_instant_bytes(&r->source.stream);
    const double band = frame / (double)f->height * (double)(bottom - top) + AROUND_BYTES;
    return (band < frame ? band : frame) * (double)f->n_times <= (double)r->engine->memory_limit;
}

static void give_back(lmp_recording *r)
{
    lent_movie *l = &r->lent;
    if (l->lent != NULL) r->source.view_end(r->source.state, l->lent);
    l->lent = NULL;
    budget_free(l->budget);
    l->budget = NULL;
}

static bool keep_all(lmp_recording *r)
{
    lent_movie *l = &r->lent;
    const lmp_format *f = &r->source.stream.format;
    l->frames = stream_frames(f, 0, f->n_times, NULL);
    l->top = f->height;
    l->bottom = 0;
    if (budget_new(INT64_MAX, &l->budget, NULL) != LMP_OK) return false;
    const lmp_status status = r->source.view(r->source.state, 0, f->n_times, l->budget, &l->frames, &l->lent, NULL);
    if (status == LMP_OK) return true;
    l->lent = NULL;
    give_back(r);
    return false;
}

/* With the lock held. */
static bool begin(lmp_recording *r, int64_t row, int64_t end)
{
    lent_movie *l = &r->lent;
    const int64_t top = row < l->top ? row : l->top, bottom = end > l->bottom ? end : l->bottom;
    if (l->lent != NULL && !is_little(r, top, bottom)) {
        if (l->users > 0) return false;
        give_back(r);
    }
    if (l->lent == NULL && !keep_all(r)) return false;
    if (row < l->top) l->top = row;
    if (end > l->bottom) l->bottom = end;
    l->users++;
    return true;
}

bool recording_lent_begin(lmp_recording *recording, int64_t row, int64_t rows, lmp_frames *frames)
{
    lent_movie *l = &recording->lent;
    if (recording->source.view == NULL || !is_little(recording, row, row + rows)) return false;
    os_mutex *lock = find_lock(l);
    if (lock == NULL) return false;
    os_mutex_lock(lock);
    const bool is_kept = begin(recording, row, row + rows);
    if (is_kept) *frames = l->frames;
    os_mutex_unlock(lock);
    return is_kept;
}

void recording_lent_end(lmp_recording *recording)
{
    os_mutex *lock = atomic_load(&recording->lent.lock);
    os_mutex_lock(lock);
    recording->lent.users--;
    os_mutex_unlock(lock);
}

void recording_lent_saw(lmp_recording *recording, int64_t row, int64_t rows)
{
    lent_movie *l = &recording->lent;
    os_mutex *lock = find_lock(l);
    if (lock == NULL) return;
    os_mutex_lock(lock);
    if (l->seen == NULL) l->seen = calloc((size_t)recording->source.stream.format.height, sizeof *l->seen);
    for (int64_t y = row; y < row + rows && l->seen != NULL; y++) l->seen[y] = true;
    os_mutex_unlock(lock);
}

bool recording_lent_has_seen(lmp_recording *recording, int64_t row, int64_t rows)
{
    lent_movie *l = &recording->lent;
    os_mutex *lock = find_lock(l);
    if (lock == NULL) return false;
    os_mutex_lock(lock);
    bool has_seen = l->seen != NULL;
    for (int64_t y = row; y < row + rows && has_seen; y++) has_seen = l->seen[y];
    os_mutex_unlock(lock);
    return has_seen;
}

void recording_lent_clear(lmp_recording *recording)
{
    os_mutex *lock = atomic_load(&recording->lent.lock);
    if (lock == NULL) return;
    give_back(recording);
    free(recording->lent.seen);
    os_mutex_free(lock);
}
