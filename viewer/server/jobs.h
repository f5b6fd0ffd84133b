/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jobs.h: chains that run in the background: one run and a few previews at a time, the others wait in line.
 */
#ifndef LIMPID_VIEWER_JOBS_H
#define LIMPID_VIEWER_JOBS_H

#include "job_request.h"
#include "server.h"

/* Puts a job in line. Takes the request and the borrowed source, whatever happens. A preview ends the one before of the
 * same recording and slot. *answer: the job as JSON. LMP_ERR_IO: there is no room in line. */
LMP_CHECKED lmp_status jobs_post(jobs *j, job_request *q, opened *source, json_t **answer, lmp_error *err);
json_t *jobs_json(jobs *j);
json_t *jobs_one(jobs *j, const char *id); /* NULL: there is none */
/* Asks it to stop, if it has not ended; as JSON. */
json_t *jobs_cancel(jobs *j, const char *id);
/* Path of a file that a job left, malloc'd; NULL: there is none of this name. */
char *jobs_file(jobs *j, const char *id, const char *name);

/* For plans. */
LMP_CHECKED lmp_status jobs_plan(jobs *j, const job_request *q, opened *source, json_t **answer, lmp_error *err);

#endif
