/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spectra.c: threads take channel after channel, the one that asks among them; all give up when nobody waits.
 */
#include "spectra.h"

#include <limpid/step.h>
#include <pthread.h>
#include <stdatomic.h>

enum { MOST_HELPERS = 7 };

typedef struct spectra {
    const spectra_request *request;
    const struct request *asker; /* who may give up */
    lmp_recording *recording;
    double *power;
    atomic_llong next;
    atomic_bool is_over;
    pthread_mutex_t lock; /* of the failure */
    lmp_error failure;    /* the first; status LMP_OK: none */
} spectra;

static void fail(spectra *all, const lmp_error *err)
{
    pthread_mutex_lock(&all->lock);
    if (all->failure.status == LMP_OK) all->failure = *err;
    pthread_mutex_unlock(&all->lock);
    atomic_store(&all->is_over, true);
}

/* Asked on every thread: the one that is waited for may be another than the one that asked. */
static int is_over(void *user, const lmp_progress *progress)
{
    spectra *all = user;
    (void)progress;
    if (request_is_given_up(all->asker)) fail(all, &(lmp_error){LMP_CANCELLED, -1, -1, "nobody waits for the spectra"});
    return atomic_load(&all->is_over);
}

/* False: there is nothing more to do. */
static bool make_next(spectra *all)
{
    const spectra_request *q = all->request;
    lmp_error err = {0};
    const int64_t i = atomic_load(&all->is_over) ? q->n_channels : atomic_fetch_add(&all->next, 1);
    if (i >= q->n_channels) return false;
    if (lmp_recording_spectrum(all->recording, q->channels[i], q->first, q->count, q->segment,
                               all->power + i * (q->segment / 2 + 1), is_over, all, &err) != LMP_OK)
        fail(all, &err);
    return true;
}

static void help(worker *w, void *user)
{
    while (!worker_must_stop(w) && make_next(user)) { /* the next channel */
    }
}

lmp_status spectra_make(server *s, const request *r, const opened *o, const spectra_request *q, double *power,
                        lmp_error *err)
{
    worker *helpers[MOST_HELPERS] = {NULL};
    spectra all = {.request = q, .asker = r, .recording = o->recording, .power = power};
    pthread_mutex_init(&all.lock, NULL);
    for (int64_t i = 0; i < MOST_HELPERS && i + 1 < q->n_channels && i + 1 < server_threads(s); i++)
        helpers[i] = worker_start(s, help, &all);
    while (make_next(&all)) { /* the next channel */
    }
    for (int i = 0; i < MOST_HELPERS; i++) worker_join(helpers[i]);
    pthread_mutex_destroy(&all.lock);
    if (all.failure.status != LMP_OK) *err = all.failure;
    return all.failure.status;
}
