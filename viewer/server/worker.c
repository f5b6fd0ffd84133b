/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker.c: background threads that end with the server.
 */
#include "state.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
    pthread_t thread;
    server *server;
    void (*body)(worker *w, void *user);
    void *user;
    atomic_bool is_stopped;
};

static void *run(void *user)
{
    worker *w = user;
    w->body(w, w->user);
    return NULL;
}

worker *worker_start(server *s, void (*body)(worker *w, void *user), void *user)
{
    worker *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->server = s;
    w->body = body;
    w->user = user;
    if (pthread_create(&w->thread, NULL, run, w) == 0) return w;
    free(w);
    return NULL;
}

bool worker_must_stop(const worker *w)
{
    return atomic_load(&w->is_stopped) || atomic_load(&w->server->is_ending);
}

void worker_stop(worker *w)
{
    atomic_store(&w->is_stopped, true);
}

void worker_join(worker *w)
{
    if (w == NULL) return;
    worker_stop(w);
    pthread_join(w->thread, NULL);
    free(w);
}
