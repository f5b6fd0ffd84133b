/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reference.h: an image that each frame is compared with: reduced from a range of the movie itself, or from a file.
 */
#ifndef LIMPID_MOVIE_REFERENCE_H
#define LIMPID_MOVIE_REFERENCE_H

#include <limpid/step.h>

typedef struct reference_image {
    lmp_format format; /* of the movie */
    double *values;    /* height x width x n_colours */
} reference_image;

/* Bytes of an image's values. */
size_t reference_bytes(const lmp_format *format);

/* Asks for one learning pass in which learn_rows gets the statistic `stat` (one of those of reduce) of the range. */
lmp_status reference_plan_range(const char *step, const char *stat, const lmp_frame_range *range, const lmp_stream *in,
                                lmp_step_plan *plan, lmp_error *err);
void reference_learn(reference_image *image, const lmp_frames *in);

/* A recording of one frame, as high and wide as the movie, of one colour or as many. */
lmp_status reference_check_file(const char *step, const char *path, const lmp_format *format, const lmp_step_plan *plan,
                                lmp_error *err);
lmp_status reference_load(const char *step, const char *path, const lmp_step_plan *plan, lmp_budget *budget,
                          reference_image *image, lmp_error *err);

#endif
