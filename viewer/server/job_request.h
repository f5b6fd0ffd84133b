/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_request.h: a chain that the page wants planned or run.
 */
#ifndef LIMPID_VIEWER_JOB_REQUEST_H
#define LIMPID_VIEWER_JOB_REQUEST_H

#include "server.h"

enum { MOST_NAME = 64 }; /* bytes of a file's name */

typedef struct job_request {
    const json_t *body; /* owned; the texts below lie in it */
    const char *recording;
    const json_t *chain; /* array of {step, params: {key: text}} */
    const json_t *files; /* object of name: content; NULL: none */
    const char *out;     /* path of the result; NULL: none */
    const char *format;  /* ending of a preview's result; NULL: that fits */
    const char *slot;    /* a preview ends the one before of the same recording and slot */
    bool is_preview, overwrite;
    int64_t part_first, part_count; /* count 0: the whole recording */
    server *counter;                /* whose budget has the body while a job keeps it; NULL: none */
    uint64_t counted;
} job_request;

/* Checks the form of a body, strictly. for_plan: without what it needs to be run alone. Keeps a reference to the body.
 */
LMP_CHECKED lmp_status job_request_parse(const json_t *body, bool for_plan, job_request *q, lmp_error *err);
/* A job keeps the body for longer than the request lives that brought it: it becomes the job's own, and is counted
 * until the job has ended, of which no more is kept than what is told of it. */
void job_request_own(server *s, request *r, job_request *q);
void job_request_shrink(job_request *q);
void job_request_clear(job_request *q);

/* Of files beside the chain: [a-z0-9_.-], up to MOST_NAME, not beginning with a dot. */
bool job_name_is_good(const char *name);

#endif
