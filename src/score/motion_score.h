/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_score.h: a score of motion correction with all that it was made from: for lmp_score_motion() and the report.
 */
#ifndef LIMPID_SCORE_MOTION_SCORE_H
#define LIMPID_SCORE_MOTION_SCORE_H

#include "score/motion_errors.h"
#include "score/motion_side.h"

typedef struct motion_score {
    lmp_engine *engine;
    lmp_budget *budget;
    pool *workers;
    const char *before_path, *after_path, *shifts_path, *truth_path; /* borrowed; NULL: none */
    bool has_shifts, has_truth;
    motion_series shifts, truth;
    motion_errors errors, errors_of_all; /* of frames that are not flagged; of all */
    motion_side before, after;
    motion_local local;
    uint8_t *groups; /* of each frame: see motion_sums_add() */
    int64_t n_frames, n_flagged;
    json_t *record;   /* beside the movie after correction; NULL: none */
    json_t *warnings; /* texts */
} motion_score;

/* One sentence for the user. */
void motion_score_warn(motion_score *s, const char *sentence, ...) LMP_PRINTF(2, 3);

LMP_CHECKED lmp_status motion_score_open(lmp_engine *engine, const lmp_motion_score_options *options,
                                         motion_score *made, lmp_error *err);
void motion_score_close(motion_score *s);

/* motion_region.c: where pixels are those of the recording in every frame. */
LMP_CHECKED lmp_status motion_score_find_regions(motion_score *s, lmp_error *err);

/* motion_json.c; new reference, NULL if memory is out. */
json_t *motion_score_to_json(const motion_score *s);

#endif
