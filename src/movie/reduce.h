/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reduce.h: the step `reduce`, for others that learn through it.
 */
#ifndef LIMPID_MOVIE_REDUCE_H
#define LIMPID_MOVIE_REDUCE_H

#include <limpid/step.h>

typedef struct reduce_params {
    char *stat;
    lmp_frame_range range;
    int64_t ddof;
} reduce_params;

extern const lmp_step lmp_step_reduce;

#endif
