/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_files.h: the folder of a job: small files that its chain reads, and tables that it writes.
 */
#ifndef LIMPID_VIEWER_JOB_FILES_H
#define LIMPID_VIEWER_JOB_FILES_H

#include <jansson.h>
#include <limpid/limpid.h>

/* Makes the folder, for its owner alone, and writes `files` into it: texts as they are, other values as JSON. */
LMP_CHECKED lmp_status job_files_write(const char *folder, const json_t *files, lmp_error *err);
/* Names of the files that are there and are not among `files`, as an array of texts. */
json_t *job_files_made(const char *folder, const json_t *files);

#endif
