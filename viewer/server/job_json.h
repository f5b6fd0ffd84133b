/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_json.h: a job as the page hears of it.
 */
#ifndef LIMPID_VIEWER_JOB_JSON_H
#define LIMPID_VIEWER_JOB_JSON_H

#include "job.h"

/* Under the lock of the jobs. now_s: as j->began_s counts. */
json_t *job_json(server *s, const job *j, double now_s);

#endif
