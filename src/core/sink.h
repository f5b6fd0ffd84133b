/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sink.h: one output of a run: a writer, and a spool before it if the writer has to see all data first.
 */
#ifndef LIMPID_CORE_SINK_H
#define LIMPID_CORE_SINK_H

#include "core/digest_set.h"
#include "core/digest_written.h"
#include "core/engine.h"
#include "core/pool.h"

typedef struct sink sink;

typedef struct sink_options {
    const lmp_engine *engine;
    const char *path;
    const lmp_write_options *write;
    const lmp_stream *stream;
    bool overwrite, force_range;
    bool in_groups; /* not all lanes come at once */
    bool digests;   /* the file with the data will be asked for its fingerprint */
} sink_options;

/* The i-th file that writing `path` makes: the path itself, then its companions (BrainVision writes three). Caller
 * frees; NULL past the last. */
char *sink_file(const lmp_engine *engine, const char *path, int64_t i);

/* Refuses an existing file without overwrite, before anything is computed. */
LMP_CHECKED lmp_status sink_check_path(const lmp_engine *engine, const char *path, lmp_kind kind, bool overwrite,
                                       lmp_error *err);

/* Movies: the most that writing frames to `path` takes beyond them; see lmp_io.pack_bytes. */
size_t sink_pack_bytes(const lmp_engine *engine, const char *path, const lmp_format *format,
                       const lmp_write_options *write);

LMP_CHECKED lmp_status sink_open(const sink_options *options, sink **made, lmp_error *err);

/* Any stretch of any lanes, once each; any thread. */
LMP_CHECKED lmp_status sink_write(sink *s, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                                  const void *const *data, lmp_budget *budget, lmp_error *err);

/* Movies: any frames, whole or a band of their rows, once each; any thread. */
LMP_CHECKED lmp_status sink_write_frames(sink *s, const lmp_frames *frames, lmp_budget *budget, lmp_error *err);

/* Where stretches are best cut; 0: not at all. */
int64_t sink_time_grain(const sink *s);

/* Empties the spool into the writer, completes the file and gives it its name. */
LMP_CHECKED lmp_status sink_finish(sink *s, pool *workers, lmp_budget *budget, lmp_error *err);

const char *sink_path(const sink *s);
/* File with the data, NULL if there is no single one; after sink_finish(). */
const char *sink_data_path(const sink *s);
/* What is known of that file's fingerprint from writing it, for digest_file(); NULL: nothing. */
const digest_written *sink_digest(const sink *s);
/* Names of the files of a writer of several; empty for others; after sink_finish(). */
LMP_CHECKED lmp_status sink_list_files(const sink *s, name_list *files, lmp_error *err);
/* Bytes that went through a scratch file; 0 if none. */
int64_t sink_spooled_bytes(const sink *s);

/* After sink_finish(), if something else of the run fails: removes the files it has named. False where sink_file()
 * tells them and the caller does. */
bool sink_withdraw(sink *s);

/* Removes what is unfinished. */
void sink_close(sink *s);

#endif
