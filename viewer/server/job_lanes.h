/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_lanes.h: the threads that jobs run in: a lane for runs, some for previews, so that a quick one need not wait for
 * a slow one.
 */
#ifndef LIMPID_VIEWER_JOB_LANES_H
#define LIMPID_VIEWER_JOB_LANES_H

#include "job.h"

enum { MOST_WAITING = 16, MOST_KEPT = 50, N_LANES = 4 };

typedef struct lane {
    jobs *jobs;
    bool is_preview, is_busy;
    worker *worker; /* to be joined, also if it is not busy any more */
} lane;

struct jobs {
    server *server;
    json_t *steps; /* of the registry */
    pthread_mutex_t planning;
    pthread_mutex_t lock; /* of all that follows */
    job *first;           /* in the order they came */
    lane lanes[N_LANES];
    int64_t n_made;
    bool is_ending;
};

void lanes_make(jobs *j);
/* Under the lock: sees to it that a thread will take what waits. False if the system has none left. */
bool lanes_start(jobs *j, bool is_preview);
void lanes_join(jobs *j);

/* Tells what a job has come to, and those that have ended meanwhile; unlocks, and lets go of their recordings. */
void jobs_tell_and_unlock(jobs *j, const job *one);

#endif
