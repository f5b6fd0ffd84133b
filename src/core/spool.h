/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spool.h: a scratch file of lanes through time, written once and read back: "spill". It has no name and is gone with
 * the process.
 */
#ifndef LIMPID_CORE_SPOOL_H
#define LIMPID_CORE_SPOOL_H

#include <limpid/step.h>

typedef struct spool spool;

/* value_bytes: bytes of one instant of one lane. */
LMP_CHECKED lmp_status spool_new(const char *dir, int64_t n_times, size_t value_bytes, spool **made, lmp_error *err);
void spool_free(spool *s);

/* Any lane, any stretch, any thread. */
LMP_CHECKED lmp_status spool_write(spool *s, int64_t lane, int64_t first, int64_t count, const void *values,
                                   lmp_error *err);
LMP_CHECKED lmp_status spool_read(const spool *s, int64_t lane, int64_t first, int64_t count, void *values,
                                  lmp_error *err);

#endif
