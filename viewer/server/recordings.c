/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recordings.c: the recordings that are open. Whoever uses one borrows it; it ends when nobody does and it is off the
 * list.
 */
#include "state.h"

#include <limpid/step.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RECORDINGS = 200 };

typedef struct book book;
struct book {
    opened opened; /* first: an opened recording is its book */
    int64_t n_borrowers;
    bool is_listed;
    book *next;
};

struct shelf {
    pthread_mutex_t lock;
    book *first;
    int64_t n;
};

shelf *shelf_new(void)
{
    shelf *made = calloc(1, sizeof *made);
    if (made != NULL) pthread_mutex_init(&made->lock, NULL);
    return made;
}

static void free_book(book *b)
{
    free(b->opened.path);
    free(b->opened.label);
    free(b->opened.events);
    free(b->opened.source_id);
    free(b->opened.chain);
    free(b->opened.slot);
    free(b->opened.scratch);
    free(b);
}

static void destroy(server *s, book *b)
{
    opened *o = &b->opened;
    if (o->scan != NULL) scan_free(o->scan);
    if (o->ahead != NULL) ahead_free(o->ahead);
    if (o->pyramid != NULL) pyramid_free(o->pyramid);
    blob_drop(s, o->id);
    lmp_recording_close(o->recording);
    if (o->scratch != NULL) {
        scratch_remove_result(o->scratch);
        scratch_give(s, o->scratch_bytes);
    }
    free_book(b);
}

/* ---- Making ---- */

typedef struct texts {
    const char *path, *label, *source_id, *chain, *slot, *scratch, *events;
    const lmp_open_options *how;
    bool is_described;
} texts;

static char *copy_or_null(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static book *new_book(const texts *t)
{
    book *b = calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    opened *o = &b->opened;
    o->path = strdup(t->path);
    o->label = strdup(t->label);
    o->source_id = strdup(t->source_id);
    o->chain = strdup(t->chain);
    o->slot = strdup(t->slot);
    o->scratch = copy_or_null(t->scratch);
    o->how = *t->how;
    o->events = copy_or_null(t->events);
    o->is_described = t->is_described;
    b->n_borrowers = 1;
    const bool is_whole = o->path != NULL && o->label != NULL && o->source_id != NULL && o->chain != NULL &&
                          o->slot != NULL && (t->scratch == NULL || o->scratch != NULL) &&
                          (t->events == NULL || o->events != NULL) && random_hex(o->id, ID_BYTES);
    if (is_whole) return b;
    free_book(b);
    return NULL;
}

static bool put_on_shelf(shelf *all, book *b)
{
    pthread_mutex_lock(&all->lock);
    const bool has_room = all->n < MOST_RECORDINGS;
    book **at = &all->first;
    while (*at != NULL) at = &(*at)->next;
    if (has_room) {
        *at = b;
        all->n++;
        b->is_listed = true;
    }
    pthread_mutex_unlock(&all->lock);
    return has_room;
}

/* Takes the recording, whatever happens. */
static lmp_status add(server *s, lmp_recording *recording, const texts *t, bool is_result, opened **made,
                      lmp_error *err)
{
    book *b = new_book(t);
    if (b == NULL) {
        lmp_recording_close(recording);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", t->path);
    }
    b->opened.recording = recording;
    b->opened.format = lmp_recording_get_format(recording);
    b->opened.is_result = is_result;
    if (!put_on_shelf(s->shelf, b)) {
        free(b->opened.scratch); /* stays the caller's */
        b->opened.scratch = NULL;
        destroy(s, b);
        return lmp_fail(err, LMP_ERR_USAGE, "%d recordings are open already: close some of them", MOST_RECORDINGS);
    }
    *made = &b->opened;
    news_tell(s, "recordings", json_object());
    return LMP_OK;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static lmp_status open_absolute(server *s, const char *path, const lmp_open_options *how, const char *events,
                                opened **made, lmp_error *err)
{
    lmp_recording *recording = NULL;
    const texts t = {
        .path = path, .label = name_of(path), .source_id = "", .chain = "", .slot = "", .how = how, .events = events};
    lmp_status status = lmp_recording_open(s->engine, path, how, &recording, err);
    if (status != LMP_OK) return status;
    if (events != NULL) status = lmp_recording_add_events(recording, events, err);
    if (status == LMP_OK) return add(s, recording, &t, false, made, err);
    lmp_recording_close(recording);
    return status;
}

static lmp_status not_there(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_IO, "%s does not exist", path);
}

/* Checked is where links lead; opened is the path as given, because files that belong together may lie beside the link.
 */
lmp_status recording_add(server *s, const char *path, opened **made, lmp_error *err)
{
    lmp_error why;
    char *real = path_resolve(s, path, true, &why);
    if (real == NULL) {
        if (err != NULL) *err = why;
        return why.status;
    }
    char *absolute = path_absolute(path);
    lmp_status status = absolute != NULL ? path_check_members(s, real, err) : not_there(path, err);
    if (status == LMP_OK) status = open_absolute(s, absolute, &s->open, NULL, made, err);
    free(absolute);
    free(real);
    return status;
}

lmp_status recording_add_trusted(server *s, const char *path, const lmp_open_options *how, const char *events,
                                 opened **made, lmp_error *err)
{
    char *absolute = path_absolute(path), *absolute_events = events != NULL ? path_absolute(events) : NULL;
    lmp_status status = absolute == NULL                            ? not_there(path, err)
                        : events != NULL && absolute_events == NULL ? not_there(events, err)
                                                                    : LMP_OK;
    if (status == LMP_OK) status = open_absolute(s, absolute, how, absolute_events, made, err);
    if (status == LMP_OK) {
        status = roots_add_folders_of(s, absolute, err);
        if (status != LMP_OK) recording_release(s, *made);
    }
    free(absolute_events);
    free(absolute);
    return status;
}

/* Closes what cannot be described. */
static lmp_status describe(const lmp_run *run, lmp_recording **recording, lmp_error *err)
{
    const lmp_status status = lmp_run_describe(run, *recording, err);
    if (status == LMP_OK) return LMP_OK;
    lmp_recording_close(*recording);
    *recording = NULL;
    return status;
}

lmp_status recording_add_result(server *s, const opened *source, const job_result *result, opened **made,
                                lmp_error *err)
{
    lmp_recording *recording = NULL;
    const texts t = {.path = result->path,
                     .label = result->label,
                     .source_id = source->id,
                     .chain = result->chain,
                     .slot = result->slot,
                     .scratch = result->in_scratch ? result->path : NULL,
                     .how = result->how,
                     .is_described = result->run != NULL};
    lmp_status status = lmp_recording_open(s->engine, result->path, result->how, &recording, err);
    if (status == LMP_OK && result->run != NULL) status = describe(result->run, &recording, err);
    if (status == LMP_OK) status = add(s, recording, &t, true, made, err);
    if (status == LMP_OK) (*made)->scratch_bytes = result->scratch_bytes;
    if (status != LMP_OK && result->in_scratch) scratch_remove_result(result->path);
    return status;
}

lmp_status recording_reopen(const opened *o, lmp_engine *engine, lmp_recording **again, lmp_error *err)
{
    lmp_recording *recording = NULL;
    lmp_status status = lmp_recording_open(engine, o->path, &o->how, &recording, err);
    if (status == LMP_OK && o->is_described) status = lmp_recording_describe(recording, o->recording, err);
    if (status == LMP_OK && o->events != NULL) status = lmp_recording_add_events(recording, o->events, err);
    if (status != LMP_OK)
        lmp_recording_close(recording);
    else
        *again = recording;
    return status;
}

/* ---- Borrowing ---- */

static book *look_up(shelf *all, const char *id)
{
    book *b = all->first;
    while (b != NULL && strcmp(b->opened.id, id) != 0) b = b->next;
    return b;
}

opened *recording_find(server *s, const char *id)
{
    pthread_mutex_lock(&s->shelf->lock);
    book *b = look_up(s->shelf, id);
    if (b != NULL) b->n_borrowers++;
    pthread_mutex_unlock(&s->shelf->lock);
    return b != NULL ? &b->opened : NULL;
}

opened *recording_of(server *s, request *r, lmp_kind kind)
{
    opened *o = recording_find(s, request_text(r, "id"));
    if (o == NULL) {
        answer_error(r, 404, "There is no open recording of this id.");
        return NULL;
    }
    if (kind == 0 || o->format->kind == kind) return o;
    answer_error(r, 400, "%s is %s: this address is for %s.", o->label, kind == LMP_MOVIE ? "no movie" : "a movie",
                 kind == LMP_MOVIE ? "movies" : "signals");
    recording_release(s, o);
    return NULL;
}

void recording_release(server *s, opened *o)
{
    if (o == NULL) return;
    book *b = (book *)o;
    pthread_mutex_lock(&s->shelf->lock);
    const bool is_last = --b->n_borrowers == 0 && !b->is_listed;
    pthread_mutex_unlock(&s->shelf->lock);
    if (is_last) destroy(s, b);
}

/* Takes the first, or the one of this id, off the list. */
static book *unlist(shelf *all, const char *id, bool *is_last)
{
    pthread_mutex_lock(&all->lock);
    book *b = id != NULL ? look_up(all, id) : all->first;
    if (b != NULL) {
        book **at = &all->first;
        while (*at != b) at = &(*at)->next;
        *at = b->next;
        all->n--;
        b->is_listed = false;
        *is_last = b->n_borrowers == 0;
    }
    pthread_mutex_unlock(&all->lock);
    return b;
}

bool recording_remove(server *s, const char *id)
{
    bool is_last = false;
    book *b = unlist(s->shelf, id, &is_last);
    if (b == NULL) return false;
    if (is_last) destroy(s, b);
    news_tell(s, "recordings", json_object());
    return true;
}

void shelf_free(server *s)
{
    bool is_last;
    if (s->shelf == NULL) return;
    for (book *b; (b = unlist(s->shelf, NULL, &is_last)) != NULL;) destroy(s, b);
    pthread_mutex_destroy(&s->shelf->lock);
    free(s->shelf);
    s->shelf = NULL;
}

json_t *recordings_json(server *s)
{
    json_t *all = json_array();
    pthread_mutex_lock(&s->shelf->lock);
    for (book *b = s->shelf->first; b != NULL; b = b->next) json_array_append_new(all, recording_json(s, &b->opened));
    pthread_mutex_unlock(&s->shelf->lock);
    return all;
}
