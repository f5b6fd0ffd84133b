/* SPDX-License-Identifier: BSD-3-Clause
 *
 * server.h: what the features share: open recordings, the memory budget, news for the page, threads that end.
 */
#ifndef LIMPID_VIEWER_SERVER_H
#define LIMPID_VIEWER_SERVER_H

#include "route.h"

/* ---- Memory: one budget for all that is kept or computed. Any thread ---- */

/* Counts `bytes`; evicts cached blobs to make room. False if even an empty cache would not do. */
bool memory_take(server *s, uint64_t bytes);
void memory_give(server *s, uint64_t bytes);
/* memory_take(), or LMP_ERR_MEMORY with a sentence. */
LMP_CHECKED lmp_status memory_need(server *s, uint64_t bytes, lmp_error *err);
/* The same for what is sent: it is given back by itself when the request is over. */
LMP_CHECKED lmp_status answer_need_memory(request *r, uint64_t bytes, lmp_error *err);
uint64_t memory_limit(const server *s);
uint64_t memory_used(server *s); /* cache included */

/* A cache of finished answers and decoded frames, least recently used first out. */
typedef struct blob {
    size_t size;
    const void *bytes;
} blob;
/* Borrows the blob of `key` until blob_release(); NULL if it is not there. */
const blob *blob_find(server *s, const char *key);
/* Keeps `bytes` (from malloc; taken in any case) under `key` and borrows it; NULL only if memory is out. A blob that
 * does not fit the budget lives until it is released. */
const blob *blob_keep(server *s, const char *key, void *bytes, size_t size);
void blob_release(server *s, const blob *b);
/* Forgets all whose key begins with `prefix`. */
void blob_drop(server *s, const char *prefix);

/* ---- Recordings ---- */

typedef struct opened {
    char id[24]; /* random; never used again, so that answers under it may be cached forever */
    char *path;  /* as shown: absolute; of a preview: what it is made of */
    char *label; /* short name for people */
    lmp_recording *recording;
    const lmp_format *format;
    lmp_open_options how; /* it was opened; texts are the command line's or the session's */
    char *events;         /* absolute path of the events that were added; NULL: none */
    bool is_described;    /* it knows more than its file says */
    bool is_result;  /* made by a job of the page: its files are removed with it if they are in the scratch folder */
    char *source_id; /* of results: of the recording it was made from; "" else */
    char *chain;     /* of results: the chain as a command line says it; "" else */
    char *slot;      /* of results of previews: what it is for; "" else */
    char *scratch;   /* of results in the scratch folder: its path; else NULL */
    uint64_t scratch_bytes;         /* likewise: what it takes there */
    struct movie_scan *scan;        /* scan.h; made when first asked for */
    struct frame_ahead *ahead;      /* frame_store.h; likewise */
    struct signal_pyramid *pyramid; /* pyramid.h; likewise */
} opened;

/* Opens a file and puts it on the list; the path must lie in a root (checked after links are followed). The opened
 * recording is borrowed until recording_release(). */
lmp_status recording_add(server *s, const char *path, opened **made, lmp_error *err);
/* A result of a job, which may lie anywhere. */
typedef struct job_result {
    const char *path, *chain, *label, *slot;
    const lmp_open_options *how; /* to open it: of formats that do not say, the rate and the kind it has */
    const lmp_run *run;          /* that made it and knows what the file does not say; NULL: the file says it all */
    bool in_scratch; /* the file is removed with the recording, and what lies beside it under the same name with other
                      * endings; also if it cannot be opened */
    uint64_t scratch_bytes; /* that were taken for it; given back with the recording, or else by the caller */
} job_result;
/* The same for such a result. Takes nothing; copies all but the texts in `how`, which must be none. */
lmp_status recording_add_result(server *s, const opened *source, const job_result *result, opened **made,
                                lmp_error *err);
/* Opens it once more, in the same way, for an engine and a thread of its own. */
lmp_status recording_reopen(const opened *o, lmp_engine *engine, lmp_recording **again, lmp_error *err);
opened *recording_find(server *s, const char *id); /* borrows; NULL if there is none */
/* The recording of the request's parameter "id", or answers 404 and returns NULL. kind: 0 for any, else answers 400 for
 * the wrong one. */
opened *recording_of(server *s, request *r, lmp_kind kind);
void recording_release(server *s, opened *o);
/* Takes it off the list; it ends when the last borrower is done. False if there is none. */
bool recording_remove(server *s, const char *id);
json_t *recording_json(server *s, const opened *o);
json_t *recordings_json(server *s);
/* True if a path may be opened (must_exist) or written: inside a root once links are followed. Else a sentence. */
bool path_is_allowed(server *s, const char *path, bool must_exist, lmp_error *err);
/* The engine that reads what is looked at; jobs have their own: with the same plug-ins and threads, and so many bytes.
 */
lmp_engine *server_engine(server *s);
lmp_status server_new_engine(const server *s, uint64_t memory_limit, lmp_engine **engine, lmp_error *err);
const lmp_open_options *server_open_options(const server *s);
int64_t server_threads(const server *s);
const char *server_scratch(const server *s);
/* A file or folder, with all that is in it; no complaint if it is not there. Links are not followed. */
void scratch_remove_tree(const char *path);
/* Counts bytes of a result that will lie in the scratch folder, or fails with a sentence if there is no room. */
LMP_CHECKED lmp_status scratch_take(server *s, uint64_t bytes, lmp_error *err);
void scratch_give(server *s, uint64_t bytes);
double server_clock_s(void); /* seconds that pass evenly, since whenever */
/* True once the server is to end: what takes long gives up. Workers ask worker_must_stop(). */
bool server_is_ending(const server *s);

/* ---- News: what the page hears by server-sent events: {"topic": ..., ...}. Any thread; takes the reference ---- */

void news_tell(server *s, const char *topic, json_t *value);

/* ---- Threads that end with the server ---- */

typedef struct worker worker;
/* Starts `body`; it looks at worker_must_stop() at least every 50 ms of work and returns then. */
worker *worker_start(server *s, void (*body)(worker *w, void *user), void *user);
bool worker_must_stop(const worker *w);
void worker_stop(worker *w); /* asks; */
void worker_join(worker *w); /* and waits; frees */

/* ---- Life of the features ---- */

typedef struct jobs jobs;
jobs *jobs_new(server *s);
void jobs_free(jobs *j); /* cancels and waits */
jobs *server_jobs(server *s);

void scan_free(struct movie_scan *scan);           /* stops its thread */
void ahead_free(struct frame_ahead *ahead);        /* likewise */
void pyramid_free(struct signal_pyramid *pyramid); /* likewise */

#endif
