/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure_pass.h: the state of a pass over all recordings: what measure_open.c prepares and measure.c runs.
 */
#ifndef LIMPID_SCORE_MEASURE_PASS_H
#define LIMPID_SCORE_MEASURE_PASS_H

#include "core/pool.h"
#include "os/os.h"
#include "score/measure.h"

enum { STREAM_RESULT = SIDE_RESULT, STREAM_BEFORE = SIDE_BEFORE, STREAM_TRUTH, STREAMS };

/* One of the recordings, cut into blocks. */
typedef struct measure_stream {
    lmp_recording *recording; /* NULL: there is none */
    double start_s, rate_hz;
    int64_t n_times;
    int64_t *cuts; /* n_blocks + 1 */
    int64_t room;  /* samples of the longest block */
    /* Of the group that is measured: */
    int64_t *lanes; /* channels in the file, ascending */
    int64_t *slots; /* the channel of the group each belongs to */
    int64_t n_lanes;
    double *data[2]; /* group x room */
} measure_stream;

/* A worker's own memory. */
typedef struct measure_room {
    void *scratch;
    double *clean;
    void **pointers;
} measure_room;

typedef struct measure_pass {
    score_inputs *in;
    measures *out;
    meter meter;
    refilter *filters;
    lmp_budget *budget;
    measure_stream streams[STREAMS];
    int64_t n_blocks, group_size, group_first, group_count;
    meter_lane **lanes; /* of the group */
    pool *workers;
    measure_room *rooms;
    int64_t n_workers;
    int64_t block;     /* that is measured in this round; the one behind it is read */
    int64_t n_readers; /* jobs per stream */
    os_mutex *lock;    /* guards the failure */
    int64_t failed_job;
    lmp_status failed_status;
    lmp_error failed;
} measure_pass;

/* Opens what is measured of each recording, and the filters for the truth. */
LMP_CHECKED lmp_status measure_open(measure_pass *p, lmp_error *err);

/* Chooses blocks, groups of channels and workers within the memory limit, then takes the memory that they share. */
LMP_CHECKED lmp_status measure_fit(measure_pass *p, lmp_error *err);

/* Lets go of everything, also after a failure. */
void measure_close(measure_pass *p);

LMP_CHECKED lmp_status measure_take_doubles(lmp_budget *budget, int64_t count, double **made, lmp_error *err);

/* Gives back memory that the budget keeps for reuse. */
LMP_CHECKED lmp_status measure_let_kept_go(lmp_budget *budget, lmp_error *err);

#endif
