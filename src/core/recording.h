/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording.h: an open source with its name.
 */
#ifndef LIMPID_CORE_RECORDING_H
#define LIMPID_CORE_RECORDING_H

#include "core/engine.h"
#include "core/param.h"
#include "core/recording_lent.h"

#include <stdatomic.h>

struct lmp_recording {
    lmp_engine *engine;
    lmp_source source;
    char *path;                     /* "" if simulated */
    const lmp_io *io;               /* NULL if simulated */
    const lmp_simulator *simulator; /* NULL if from a file */
    param_set settings;             /* of the simulator */
    lent_movie lent;
    atomic_bool is_lost; /* part of a file was lost while it was read */
};

/* The format that is surest of a path: of a file by its first bytes and name, of a folder or a pattern by the path. */
LMP_CHECKED lmp_status source_find_format(const lmp_io *const *formats, const char *path, const lmp_io **io,
                                          lmp_error *err);

/* Opens through a format; refuses options that it knows nothing of. On failure `source` holds nothing. */
LMP_CHECKED lmp_status source_open(const lmp_io *io, const char *path, const lmp_open_options *options,
                                   const lmp_limits *limits, lmp_source *source, lmp_error *err);

/* What open() may use; of a source without an engine: a thread for each core and half of the machine's memory. */
lmp_limits source_limits(const lmp_source *source);

/* Reads frames through read_frames, or copies what the source lends. Parts of rows only where it reads rows. */
LMP_CHECKED lmp_status source_read_frames(const lmp_source *source, const lmp_frames *out, lmp_budget *budget,
                                          lmp_error *err);

/* LMP_ERR_USAGE if a recording is no movie, or has not these frames. */
LMP_CHECKED lmp_status recording_check_frames(const lmp_recording *recording, int64_t first, int64_t count,
                                              lmp_error *err);

/* LMP_ERR_IO if part of a file was lost in an earlier use: what a format keeps of that use may be zeros. */
LMP_CHECKED lmp_status recording_check(const lmp_recording *recording, lmp_error *err);
/* How a use ended that began when os_lost_count() was `losses`: lost_check(), remembered. */
LMP_CHECKED lmp_status recording_settle(lmp_recording *recording, uint64_t losses, lmp_status status, lmp_error *err);

/* Closes what a format's open() has filled. */
void source_clear(lmp_source *source);

#endif
