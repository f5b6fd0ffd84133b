/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_series.h: shifts and displacements, one pair a frame, from small files.
 */
#ifndef LIMPID_SCORE_MOTION_SERIES_H
#define LIMPID_SCORE_MOTION_SERIES_H

#include <limpid/step.h>

enum { MOTION_AXES = 2 }; /* 0: y, downwards; 1: x, to the right */

typedef struct motion_series {
    int64_t n;
    double *px[MOTION_AXES]; /* of each frame */
    double *peak;            /* NULL: the file does not say */
    bool *is_flagged;
    char **flags; /* in words, "" if none; NULL: the file does not say */
    char *words;  /* the flags point into it */
} motion_series;

/* A table with the columns dy_px and dx_px, and perhaps peak and flag. A frame is flagged if its flag is other than
 * empty, 0 or "ok", or if its shift is no number. */
LMP_CHECKED lmp_status motion_series_read_csv(const char *path, motion_series *made, lmp_error *err);

/* The same, or an array of frames x 2 (y, x) where the name ends in .npy. */
LMP_CHECKED lmp_status motion_series_read(lmp_engine *engine, const char *path, motion_series *made, lmp_error *err);
void motion_series_clear(motion_series *series);

int64_t motion_series_flagged(const motion_series *series);

/* The largest shifts up, down, left and right, all >= 0, of the frames that are not flagged, or of all. */
typedef struct motion_reach {
    double up, down, left, right;
} motion_reach;
motion_reach motion_series_reach(const motion_series *series, bool with_flagged);

#endif
