/* SPDX-License-Identifier: BSD-3-Clause
 *
 * doors.c: a connection must have said what it wants within a time, however slowly it drips. That it rests for long is
 * the HTTP library's to notice.
 */
#include "state.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { N_PLACES = 2 * MOST_CONNECTIONS };

typedef struct place {
    bool is_used, is_asking;
    int fd;
    double since_s;
} place;

struct doors {
    pthread_mutex_t lock;
    place places[N_PLACES];
};

doors *doors_new(void)
{
    doors *d = calloc(1, sizeof *d);
    if (d != NULL) pthread_mutex_init(&d->lock, NULL);
    return d;
}

void doors_free(doors *d)
{
    if (d == NULL) return;
    pthread_mutex_destroy(&d->lock);
    free(d);
}

void *doors_enter(doors *d, int fd)
{
    place *found = NULL;
    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < N_PLACES && found == NULL; i++)
        if (!d->places[i].is_used) found = &d->places[i];
    if (found != NULL) *found = (place){.is_used = true, .is_asking = true, .fd = fd, .since_s = server_clock_s()};
    pthread_mutex_unlock(&d->lock);
    return found;
}

void doors_leave(doors *d, void *p)
{
    if (p == NULL) return;
    pthread_mutex_lock(&d->lock);
    ((place *)p)->is_used = false;
    pthread_mutex_unlock(&d->lock);
}

static void set_asking(doors *d, place *p, bool is_asking)
{
    if (p == NULL) return;
    pthread_mutex_lock(&d->lock);
    p->is_asking = is_asking;
    p->since_s = server_clock_s();
    pthread_mutex_unlock(&d->lock);
}

void doors_asking(doors *d, void *p)
{
    set_asking(d, p, true);
}

void doors_serving(doors *d, void *p)
{
    set_asking(d, p, false);
}

void doors_watch(doors *d)
{
    const double latest_s = server_clock_s() - ASK_SECONDS;
    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < N_PLACES; i++) {
        place *p = &d->places[i];
        if (!p->is_used || !p->is_asking || p->since_s > latest_s) continue;
        shutdown(p->fd, SHUT_RDWR); /* its thread sees the end and leaves */
        p->is_asking = false;
    }
    pthread_mutex_unlock(&d->lock);
}
