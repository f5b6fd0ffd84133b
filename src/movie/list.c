/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all steps on movies, one line each, by purpose.
 */
#include "movie/list.h"

extern const lmp_step lmp_step_autocrop, lmp_step_mask, lmp_step_flip, lmp_step_rotate, lmp_step_bin, lmp_step_resize;
extern const lmp_step lmp_step_grey, lmp_step_convert, lmp_step_normalise, lmp_step_clip, lmp_step_log, lmp_step_gamma;
extern const lmp_step lmp_step_subtract, lmp_step_divide, lmp_step_delta_f, lmp_step_detrend, lmp_step_smooth;
extern const lmp_step lmp_step_stripes, lmp_step_denoise, lmp_step_background, lmp_step_glow;
extern const lmp_step lmp_step_motion, lmp_step_motion_apply;
extern const lmp_step lmp_step_reduce, lmp_step_sliding;
extern const lmp_step lmp_step_traces, lmp_step_profile, lmp_step_kymograph, lmp_step_histogram, lmp_step_measure,
    lmp_step_events, lmp_step_correlate;
extern const lmp_step lmp_step_pca, lmp_step_isolines, lmp_step_hillshade, lmp_step_drainage;

const lmp_step *const movie_steps[] = {
    /* Choose pixels, turn, shrink. */
    &lmp_step_autocrop,
    &lmp_step_mask,
    &lmp_step_flip,
    &lmp_step_rotate,
    &lmp_step_bin,
    &lmp_step_resize,
    /* Number types and tones. */
    &lmp_step_grey,
    &lmp_step_convert,
    &lmp_step_normalise,
    &lmp_step_clip,
    &lmp_step_log,
    &lmp_step_gamma,
    /* Correct. */
    &lmp_step_subtract,
    &lmp_step_divide,
    &lmp_step_delta_f,
    &lmp_step_detrend,
    &lmp_step_smooth,
    &lmp_step_stripes,
    &lmp_step_denoise,
    &lmp_step_background,
    &lmp_step_glow,
    /* Motion. */
    &lmp_step_motion,
    &lmp_step_motion_apply,
    /* Over time. */
    &lmp_step_reduce,
    &lmp_step_sliding,
    /* Measure. */
    &lmp_step_traces,
    &lmp_step_profile,
    &lmp_step_kymograph,
    &lmp_step_histogram,
    &lmp_step_measure,
    &lmp_step_events,
    &lmp_step_correlate,
    /* See shapes. */
    &lmp_step_pca,
    &lmp_step_isolines,
    &lmp_step_hillshade,
    &lmp_step_drainage,
    NULL,
};
