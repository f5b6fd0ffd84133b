/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_lent.h: all frames of a movie that lends them, kept from use to use.
 *
 * Measuring a zone again and again touches the same pages of the file; kept mapped, they are not brought into reach
 * each time. The pages stay the system's, to take back when it needs them, but they show as resident: no more than the
 * memory limit is kept like that.
 */
#ifndef LIMPID_CORE_RECORDING_LENT_H
#define LIMPID_CORE_RECORDING_LENT_H

#include <limpid/step.h>
#include <stdatomic.h>

typedef struct os_mutex os_mutex;

/* What an lmp_recording holds for this; zeros at first. */
typedef struct lent_movie {
    _Atomic(os_mutex *) lock; /* guards the rest */
    lmp_budget *budget;       /* counts what is mapped, without a limit */
    void *lent;               /* NULL: nothing is kept */
    lmp_frames frames;
    int64_t top, bottom; /* rows that may have been touched */
    int64_t users;
    bool *seen; /* rows of all frames that were read before; NULL: none yet */
} lent_movie;

/* All frames, of which rows [row, row + rows) will be read, until recording_lent_end(). False if the source lends none,
 * or they are too many to be kept: then ask for less in another way. Any thread. */
bool recording_lent_begin(lmp_recording *recording, int64_t row, int64_t rows, lmp_frames *frames);
void recording_lent_end(lmp_recording *recording);

/* Rows of (nearly) all frames have been read, so that the system is likely to hold them; true if all these were. What
 * comes from the disk is read faster than touched in a mapping. */
void recording_lent_saw(lmp_recording *recording, int64_t row, int64_t rows);
bool recording_lent_has_seen(lmp_recording *recording, int64_t row, int64_t rows);

/* Before the source is closed. */
void recording_lent_clear(lmp_recording *recording);

#endif
