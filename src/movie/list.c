/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all steps on movies, one line each.
 */
#include "movie/list.h"

extern const lmp_step lmp_step_traces, lmp_step_mask, lmp_step_profile, lmp_step_kymograph;

const lmp_step *const movie_steps[] = {
    &lmp_step_traces, &lmp_step_mask, &lmp_step_profile, &lmp_step_kymograph,
    NULL,
};
