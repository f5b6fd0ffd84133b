/* SPDX-License-Identifier: BSD-3-Clause
 *
 * drive_movie_run.h: a step that is open, and its data. For drive_movie.c alone.
 */
#ifndef LIMPID_TESTS_DRIVE_MOVIE_RUN_H
#define LIMPID_TESTS_DRIVE_MOVIE_RUN_H

#include "core/plan.h"
#include "drive_movie_data.h"

enum { SLACK_PER_LANE = 256 }; /* bytes */

typedef struct drive {
    const lmp_step *step;
    const drive_movie *in; /* in its own type */
    const int64_t *cuts;
    lmp_recording recording;
    run_plan *plan;
    const void *values; /* of the parameters: borrowed */
    lmp_budget *budget;
    drive_movie fed; /* in the type that the step gets */
    void *shared, *scratch;
} drive;

/* The length of the next block, at most `left`; `at` walks through the cuts. */
int64_t drive_next_cut(const int64_t *cuts, int64_t *at, int64_t left);

/* All blocks through the step, into `out`. */
lmp_status drive_run_blocks(drive *d, drive_movie *out, lmp_error *err);

#endif
