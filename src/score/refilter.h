/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refilter.h: the known truth through the filters that a result went through, so that the two can be compared.
 *
 * From the chain in the result's provenance record the steps are kept that act on every channel by itself, in the same
 * way at all times: filters, changes of rate, scaling, and the cutting of time. A channel streams through them; nothing
 * is written to disk.
 */
#ifndef LIMPID_SCORE_REFILTER_H
#define LIMPID_SCORE_REFILTER_H

#include "core/recording.h"

#include <jansson.h>

typedef struct refilter refilter;

/* chain: the record's "parameters"; NULL: no steps. `others` gets the names of the steps that change data in ways that
 * cannot be repeated on the truth ("reference"), separated by ", "; malloc'd, "" if none. */
LMP_CHECKED lmp_status refilter_open(lmp_engine *engine, const json_t *chain, const lmp_recording *truth,
                                     lmp_budget *budget, refilter **made, char **others, lmp_error *err);
void refilter_close(refilter *r, lmp_budget *budget);

/* The chain as a command line would say it; "" if it is empty. */
const char *refilter_text(const refilter *r);

/* Format of what comes out. */
const lmp_format *refilter_format(const refilter *r);

size_t refilter_lane_bytes(const refilter *r);    /* without what waits where a step leaves the lane alone */
size_t refilter_scratch_bytes(const refilter *r); /* of the steps alone, aligned to 64 */

/* How many values come out for how many that went in: the same for all lanes. Start with a zeroed refilter_count. */
enum { REFILTER_STEPS = 32 };

typedef struct refilter_count {
    int64_t in[REFILTER_STEPS], out[REFILTER_STEPS];
    bool ended[REFILTER_STEPS];
    int64_t widest; /* most values between two steps so far */
} refilter_count;

int64_t refilter_count_next(const refilter *r, refilter_count *counts, int64_t n_in, bool ended);

typedef struct refilter_lane refilter_lane;

LMP_CHECKED lmp_status refilter_lane_open(const refilter *r, int64_t channel, lmp_budget *budget, refilter_lane **lane,
                                          lmp_error *err);
void refilter_lane_close(const refilter *r, refilter_lane *lane, lmp_budget *budget);

/* Takes the next n_in values; *out points at the *n_out that come out: into `in`, the lane, or one of the two rooms,
 * each of which must hold what refilter_count.widest says. */
typedef struct refilter_rooms {
    double *rooms[2];
    void *scratch;
} refilter_rooms;

LMP_CHECKED lmp_status refilter_lane_process(const refilter *r, refilter_lane *lane, const refilter_rooms *rooms,
                                             const double *in, int64_t n_in, bool ended, lmp_budget *budget,
                                             const double **out, int64_t *n_out, lmp_error *err);

#endif
