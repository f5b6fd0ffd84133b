/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template.h: templates learned from a movie, one for each stretch of a long one, tied together.
 *
 *   stretch k: frames spread over it -> the one most like the others -> all registered on it -> mean of the good ones
 *              (centred where most of them lie) -> all registered on that -> the template
 *   offsets:   every template registered on every other; the robust least squares solution of o_k - o_l = s_kl
 *
 * A frame's shift is the one on its stretch's template plus that template's offset, so that a movie may drift by far
 * more than the largest shift of a frame.
 */
#ifndef LIMPID_MOVIE_MOTION_TEMPLATE_H
#define LIMPID_MOVIE_MOTION_TEMPLATE_H

#include "movie/motion.h"
#include "movie/motion_match.h"

typedef struct template_set template_set;

/* What region, parameters and type of a movie make of a matcher. */
match_spec template_match_spec(const motion_context *context);

/* Passes, their frames and the shared memory of a set. */
LMP_CHECKED lmp_status template_plan(const motion_context *context, lmp_step_plan *plan, lmp_error *err);
LMP_CHECKED lmp_status template_open(const motion_context *context, template_set **made, lmp_error *err);
void template_close(template_set *set, lmp_budget *budget);

LMP_CHECKED lmp_status template_learn(template_set *set, int64_t pass, void *scratch, const lmp_frames *in,
                                      lmp_error *err);
LMP_CHECKED lmp_status template_learned(template_set *set, int64_t pass, lmp_error *err);

/* After learning, any number of threads. Scratch: template_scratch_bytes(). */
size_t template_scratch_bytes(const motion_context *context);
void template_find(const template_set *set, void *scratch, const lmp_frames *in, motion_shift *found);

/* The template of the stretch in the middle, in the movie's numbers: region.height x region.width. */
void template_paint(const template_set *set, float *image);
void template_record(const template_set *set, lmp_record *record);

/* The matcher, and the stretch that frame t belongs to: for methods that look closer. */
const matcher *template_matcher(const template_set *set);
int64_t template_stretch(const template_set *set, int64_t frame);
int64_t template_count(const template_set *set);
/* Which of all frames that templates are made from a frame is, counted over all stretches. */
int64_t template_place(const template_set *set, int64_t frame);

/* The mean of a stretch's good frames as a spectrum of match_transform()'s images; its inverse level. */
const float *template_sum(const template_set *set, int64_t stretch);
const float *template_inverse_level(const template_set *set, int64_t stretch);
void template_offset(const template_set *set, int64_t stretch, double *dy, double *dx);

#endif
