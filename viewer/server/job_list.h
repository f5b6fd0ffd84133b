/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_list.h: jobs in the order they came. Under the lock of the jobs.
 */
#ifndef LIMPID_VIEWER_JOB_LIST_H
#define LIMPID_VIEWER_JOB_LIST_H

#include "job.h"

bool job_has_ended(const job *one);
/* One that waits has ended then; one that runs ends soon. */
void job_cancel(job *one);

job *job_list_find(job *first, const char *id);
job *job_list_next(job *first, bool is_preview); /* that waits */
int64_t job_list_waiting(const job *first);
/* Takes out the oldest that have ended, beyond `most` of them. */
job *job_list_take_old(job **first, int64_t most);
/* Takes out the previews that `next` is in the place of and that have ended and were told. */
job *job_list_take_replaced(job **first, const job *next);
/* True if a new preview takes the place of `one`: the same recording and slot. */
bool job_is_replaced(const job *one, const job *next);
/* Frees them all, with their files. Not under the lock. */
void job_list_free(server *s, job *first);

#endif
