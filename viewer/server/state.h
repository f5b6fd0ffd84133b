/* SPDX-License-Identifier: BSD-3-Clause
 *
 * state.h: what a running server consists of. For the server's core; features see server.h alone.
 */
#ifndef LIMPID_VIEWER_STATE_H
#define LIMPID_VIEWER_STATE_H

#include "server.h"
#include "viewer.h"

#include <stdatomic.h>

enum { TOKEN_BYTES = 24, TOKEN_LENGTH = 2 * TOKEN_BYTES, ID_BYTES = 10 };

typedef struct memory_store memory_store; /* memory.c */
typedef struct news_desk news_desk;       /* news.c */
typedef struct shelf shelf;               /* recordings.c */
typedef struct doors doors;               /* doors.c */

struct server {
    viewer_options options;
    lmp_open_options open;
    lmp_engine *engine;
    char token[TOKEN_LENGTH + 1];
    char ticket[TOKEN_LENGTH + 1]; /* good once: the browser's arguments can be read by other users of the machine */
    atomic_bool has_ticket;
    int port;
    char **roots; /* real paths without a slash at the end, but "/" */
    int64_t n_roots;
    char *scratch; /* a folder of our own */
    int scratch_lock;
    uint64_t scratch_limit; /* bytes of results in it */
    _Atomic uint64_t scratch_used;
    json_t *session; /* that was given on the command line; NULL: none */
    memory_store *memory;
    shelf *shelf;
    news_desk *news;
    doors *doors;
    jobs *jobs;
    atomic_bool is_ending;
    int end_event; /* an eventfd: written to when the server is to end */
};

/* ---- random.c ---- */

/* 2 * n lower-case hexadecimal digits and a zero; false if the system gives no random bytes. */
bool random_hex(char *text, size_t n);

/* ---- memory.c ---- */

memory_store *memory_new(uint64_t limit);
void memory_free(memory_store *m);

/* ---- news.c ---- */

news_desk *news_new(void);
void news_close(news_desk *n); /* all streams end, no new ones */
void news_free(news_desk *n);
/* Answers with the stream of news, or 429 if there are too many. */
void news_answer(server *s, request *r);

/* ---- recordings.c ---- */

shelf *shelf_new(void);
void shelf_free(server *s);
/* As recording_add(), for a path of the command line or its session: it may lie anywhere. Texts in `how` stay the
 * caller's and must last as long as the server. events: a BIDS events.tsv; NULL: none. */
lmp_status recording_add_trusted(server *s, const char *path, const lmp_open_options *how, const char *events,
                                 opened **made, lmp_error *err);

/* ---- paths.c ---- */

/* Adds the real path of `folder`; twice is once. */
lmp_status roots_add(server *s, const char *folder, lmp_error *err);
/* Adds the folder that an absolute path lies in, and the one that it leads to if it is a link. */
lmp_status roots_add_folders_of(server *s, const char *path, lmp_error *err);
void roots_free(server *s);
/* The real path, malloc'd, if it lies inside a root; a pattern ("*.avi") has its folder resolved. Else NULL. */
char *path_resolve(const server *s, const char *path, bool must_exist, lmp_error *err);
/* Absolute, malloc'd; the last name may be a link or a pattern and stays. NULL: its folder is not there. */
char *path_absolute(const char *path);
bool path_is_inside(const server *s, const char *real);
/* Fails if a member of a folder (or fitting a pattern) is a link that leads out of the roots. */
lmp_status path_check_members(const server *s, const char *real, lmp_error *err);

/* ---- scratch.c ---- */

lmp_status scratch_make(server *s, lmp_error *err);
void scratch_remove(server *s);
/* A file, and what lies beside it under the same name with other endings. */
void scratch_remove_result(const char *path);

/* ---- scratch_budget.c ---- */

void scratch_budget_make(server *s); /* once there is a folder */
uint64_t scratch_limit(const server *s);
uint64_t scratch_used(server *s);

/* ---- doors.c: connections that take too long to say what they want ---- */

enum { MOST_CONNECTIONS = 32, IDLE_SECONDS = 20, ASK_SECONDS = 30 };

doors *doors_new(void);
void doors_free(doors *d);
void *doors_enter(doors *d, int fd);       /* a connection begins: its place; NULL: memory is out */
void doors_leave(doors *d, void *place);   /* it ends; before its socket is closed */
void doors_asking(doors *d, void *place);  /* it is waited for from now on */
void doors_serving(doors *d, void *place); /* it has asked and is being answered */
void doors_watch(doors *d);                /* once a second: shuts those that are late */

/* ---- http.c ---- */

struct MHD_Daemon;
lmp_status http_listen(server *s, int *fd, lmp_error *err); /* and sets s->port */
struct MHD_Daemon *http_start(server *s, int fd);

/* ---- browser.c ---- */

void browser_open(const char *address);

#endif
