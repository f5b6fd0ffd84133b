/* SPDX-License-Identifier: BSD-3-Clause
 *
 * record.h: the provenance record: what was done to which input, in JSON beside the output.
 */
#ifndef LIMPID_CORE_RECORD_H
#define LIMPID_CORE_RECORD_H

#include "core/chain.h"
#include "core/digest_set.h"
#include "core/recording.h"

/* What a step's `record` callback writes into. */
struct lmp_record {
    json_t *values;   /* object */
    json_t *warnings; /* array of texts */
};

typedef struct record_facts {
    const lmp_recording *recording;
    const lmp_chain *chain;
    const char *command;         /* NULL: the chain's text */
    const char *input_digest;    /* "" if none */
    const char *no_input_digest; /* why there is none; NULL: there is one, or nothing to say */
    json_t *steps;               /* array, one object per step: borrowed */
    json_t *warnings;            /* array: borrowed */
    json_t *run;                 /* seconds, memory, threads: borrowed */
    const char *data_path;       /* the file that was digested; NULL: none, or several */
    const name_list *files;      /* several files that were digested; may be empty */
} record_facts;

/* The record of one output. New reference. */
json_t *record_new(const record_facts *facts, const lmp_stream *output, const char *output_path,
                   const char *output_digest);

/* "OUT.limpid.json"; caller frees. */
char *record_path(const char *output_path);

/* Writes it atomically beside the output, replacing an older one. */
LMP_CHECKED lmp_status record_write(const json_t *record, const char *path, lmp_error *err);

/* Events as JSON: {"count": n, "by label": {label: count}}. */
json_t *record_events(const lmp_stream *stream);

#endif
