/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_chain.h: from what the page asked to a chain of the library, and to what one would type for it.
 */
#ifndef LIMPID_VIEWER_JOB_CHAIN_H
#define LIMPID_VIEWER_JOB_CHAIN_H

#include "job_request.h"
#include "server.h"

/* Appends the request's steps. Parameters that name files are "@NAME", a file of the job's folder, or paths that are
 * allowed. folder: NULL: "@NAME" becomes NAME, as it would be typed. Errors name the step. */
LMP_CHECKED lmp_status job_chain_add(server *s, const json_t *steps, const job_request *q, const char *folder,
                                     lmp_chain *chain, lmp_error *err);
/* Appends `write`; of signals that are computed on, as float32 where the format has a choice. */
LMP_CHECKED lmp_status job_chain_write(lmp_chain *chain, const char *path, const char *type, lmp_error *err);
/* Appends what chooses the part of the recording that a preview sees. */
LMP_CHECKED lmp_status job_chain_cut(lmp_chain *chain, const lmp_format *format, const job_request *q, lmp_error *err);

/* The steps as a command line would say them, or as YAML; also finds whether they make a chain. */
LMP_CHECKED lmp_status job_chain_text(server *s, const json_t *steps, const job_request *q, bool as_yaml, char **text,
                                      lmp_error *err);
/* `limpid run IN ... ! write OUT`. out: NULL: a name to be replaced. */
char *job_chain_command(const opened *source, const char *chain, const char *out);

/* True if the last step only makes tables: there is nothing else to write. */
bool job_chain_ends_in_tables(const json_t *steps, const job_request *q);

/* The registry's step of a name; NULL if there is none. `steps` is what lmp_engine_steps() says. */
const json_t *job_chain_step(const json_t *steps, const char *name);

#endif
