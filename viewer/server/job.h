/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job.h: one chain on its way through a recording.
 */
#ifndef LIMPID_VIEWER_JOB_H
#define LIMPID_VIEWER_JOB_H

#include "job_request.h"
#include "server.h"

#include <pthread.h>

typedef enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED } job_state;

typedef struct job job;
struct job {
    char id[24];
    job_request request;
    opened *source; /* borrowed until the job has ended */
    char source_id[24];
    char *folder; /* of its files; there once it runs */
    char *chain;  /* as a command line says it */
    /* From here on under the lock of the jobs. */
    job_state state;
    char stage[64];
    double fraction, began_s, seconds;
    uint64_t memory_bytes;
    lmp_error error;
    char result_id[24];
    json_t *tables; /* names of files it left in its folder; NULL: none */
    bool is_cancelled;
    lmp_run *run; /* while it goes */
    job *next;
};

/* What a running job tells, and hears. */
typedef struct job_watch {
    server *server;
    const json_t *steps;       /* of the registry */
    pthread_mutex_t *planning; /* a recording is planned for by one thread at a time */
    void *user;
    void (*set_run)(void *user, job *j, lmp_run *run); /* NULL: it is over */
    void (*set_memory)(void *user, job *j, uint64_t bytes);
    bool (*may_wait)(void *user, const job *j); /* another job will give memory back, and this one is still wanted */
    bool (*tell)(void *user, job *j, const lmp_progress *progress); /* false: stop */
} job_watch;

/* Runs a job from its folder to its result, in the calling thread. On success *result is the id of the recording that
 * was made, "" if none, and *tables the names of the files it left. */
LMP_CHECKED lmp_status job_execute(const job_watch *watch, job *j, char result[24], json_t **tables, lmp_error *err);

#endif
