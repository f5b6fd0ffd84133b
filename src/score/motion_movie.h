/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_movie.h: walking over a movie in batches of grey frames of floats, within the memory limit.
 */
#ifndef LIMPID_SCORE_MOTION_MOVIE_H
#define LIMPID_SCORE_MOTION_MOVIE_H

#include "core/budget.h"
#include "core/pool.h"

typedef struct motion_movie {
    lmp_engine *engine;
    lmp_recording *recording;
    lmp_budget *budget; /* borrowed */
    pool *workers;      /* borrowed */
    int64_t n_frames, height, width;
} motion_movie;

LMP_CHECKED lmp_status motion_movie_open(lmp_engine *engine, const char *path, lmp_budget *budget, pool *workers,
                                         motion_movie *made, lmp_error *err);
void motion_movie_close(motion_movie *movie);

/* Takes `count` frames, one behind the other, in order. Colours have become grey. */
typedef void motion_visit(void *user, const float *frames, int64_t first, int64_t count);
LMP_CHECKED lmp_status motion_movie_walk(const motion_movie *movie, motion_visit *visit, void *user, lmp_error *err);

#endif
