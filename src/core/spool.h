/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spool.h: a scratch file of one stream, written once and read back: "spill". It has no name and is gone with the
 * process. Signals lie lane after lane, movies frame after frame.
 */
#ifndef LIMPID_CORE_SPOOL_H
#define LIMPID_CORE_SPOOL_H

#include "core/source.h"

typedef struct spool spool;

LMP_CHECKED lmp_status spool_new(const char *dir, const lmp_stream *stream, spool **made, lmp_error *err);
void spool_free(spool *s);

/* Signals: any lane, any stretch, any thread. */
LMP_CHECKED lmp_status spool_write(spool *s, int64_t lane, int64_t first, int64_t count, const void *values,
                                   lmp_error *err);
LMP_CHECKED lmp_status spool_read(const spool *s, int64_t lane, int64_t first, int64_t count, void *values,
                                  lmp_error *err);

/* Movies: any frames, whole or a band of their rows, any thread. */
LMP_CHECKED lmp_status spool_write_frames(spool *s, const lmp_frames *frames, lmp_error *err);
LMP_CHECKED lmp_status spool_read_frames(const spool *s, const lmp_frames *frames, lmp_error *err);

/* Lets a source read what was written (signals) or be lent it (movies), through its state, a spool; its stream is set
 * by the caller. */
void spool_as_source(lmp_source *source);

#endif
