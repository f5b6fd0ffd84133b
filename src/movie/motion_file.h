/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_file.h: images from files that frames are looked at with: masks, templates.
 */
#ifndef LIMPID_MOVIE_MOTION_FILE_H
#define LIMPID_MOVIE_MOTION_FILE_H

#include "movie/motion.h"

/* An image is as large as the movie, or as its region, as `template-out` writes it. For plan. */
LMP_CHECKED lmp_status motion_file_check(const motion_context *context, const char *path, lmp_error *err);

/* What motion_file_load() takes while it works, and leaves. */
size_t motion_file_bytes(const motion_context *context);

/* The region of the image, in single precision; to be given back to the context's budget. */
LMP_CHECKED lmp_status motion_file_load(const motion_context *context, const char *path, float **region,
                                        lmp_error *err);

#endif
