/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all steps on movies, one line each.
 */
#include "movie/list.h"

extern const lmp_step lmp_step_traces, lmp_step_mask, lmp_step_profile, lmp_step_kymograph;
extern const lmp_step lmp_step_reduce, lmp_step_sliding, lmp_step_subtract, lmp_step_divide, lmp_step_delta_f,
    lmp_step_detrend;
extern const lmp_step lmp_step_convert, lmp_step_clip, lmp_step_flip, lmp_step_rotate, lmp_step_grey, lmp_step_log,
    lmp_step_gamma, lmp_step_normalise, lmp_step_bin, lmp_step_resize, lmp_step_smooth, lmp_step_hillshade,
    lmp_step_drainage, lmp_step_isolines;

extern const lmp_step lmp_step_pca;

extern const lmp_step lmp_step_histogram, lmp_step_autocrop;

extern const lmp_step lmp_step_correlate, lmp_step_events, lmp_step_measure;

const lmp_step *const movie_steps[] = {
    &lmp_step_traces, &lmp_step_mask, &lmp_step_profile, &lmp_step_kymograph,
    &lmp_step_reduce, &lmp_step_sliding, &lmp_step_subtract, &lmp_step_divide, &lmp_step_delta_f, &lmp_step_detrend,
    &lmp_step_convert, &lmp_step_clip, &lmp_step_flip, &lmp_step_rotate, &lmp_step_grey, &lmp_step_log,
    &lmp_step_gamma, &lmp_step_normalise, &lmp_step_bin, &lmp_step_resize, &lmp_step_smooth,
    &lmp_step_hillshade, &lmp_step_drainage, &lmp_step_isolines,
    &lmp_step_pca,
    &lmp_step_histogram, &lmp_step_autocrop,
    &lmp_step_correlate, &lmp_step_events, &lmp_step_measure,
    NULL,
};
