/* SPDX-License-Identifier: BSD-3-Clause
 *
 * profile_path.h: intensity along a line of an image: which pixels count for which position, and how much.
 *
 * Shared by profile (each frame's line) and kymograph (the lines of all frames below each other).
 */
#ifndef LIMPID_MOVIE_PROFILE_PATH_H
#define LIMPID_MOVIE_PROFILE_PATH_H

#include <limpid/step.h>

typedef struct profile_params {
    int64_t axis, x, y, width, interpolation;
    char *zones, *zone;
} profile_params;

extern const lmp_param profile_param_table[];

/* The part of the steps' documentation that says where the numbers come from. */
#define PROFILE_DOC                                                                                                    \
    "`axis=horizontal` goes along row `y`, `axis=vertical` along column `x` (default: through the middle, "            \
    "floor(size / 2)), each averaging the rows or columns up to `width` away on both sides: 2 width + 1 of them.\n\n"  \
    "`axis=line` follows the `line` or `polyline` called `zone` in the file `zones` (of a file with one zone, that "   \
    "one; see `limpid help traces`). A segment of length L is sampled at ceil(L) equal steps of at most one pixel, "   \
    "starting at its first point; the last point of the path ends the profile. At each sample the 2 width + 1 points " \
    "one pixel apart along the normal of its segment are averaged. Points between pixels are interpolated linearly "   \
    "from the four around (`bilinear`) or take the nearest (`nearest`).\n\n"                                           \
    "Each value is sum(w x) / sum(w) over the pixels x it touches, w being 1 or the weight of the interpolation, in "  \
    "double precision. Pixels that are NaN or outside the image are left out of both sums; where nothing is left the " \
    "value is NaN. Results are float32, of 32- and 64-bit numbers float64.\n"

typedef struct profile_tap {
    int32_t column, at; /* position along the profile */
    double weight;
} profile_tap;

typedef struct profile_path {
    int64_t length, height, n_taps;
    int64_t *row_begin; /* height + 1: taps of each row of the image, by position */
    profile_tap *taps;
} profile_path;

/* First and last position that a row of the image touches; first > last: none. */
typedef struct profile_reach {
    int64_t first, last;
} profile_reach;

/* Its length and number of taps, without the taps themselves, and (may be NULL) the reach of each row. */
LMP_CHECKED lmp_status profile_path_plan(const char *step, const profile_params *p, const lmp_format *f,
                                         profile_path *path, profile_reach *reach, lmp_error *err);
size_t profile_path_bytes(const profile_path *planned);
/* With its taps; profile_path_close() gives them back. */
LMP_CHECKED lmp_status profile_path_open(const char *step, const profile_params *p, const lmp_format *f,
                                         lmp_budget *budget, profile_path *path, lmp_error *err);
void profile_path_close(profile_path *path, lmp_budget *budget);

/* Adds the pixels of rows [frames->row, + rows) of one frame to sums[2 (at * n_colours + colour)] and their weights to
 * the number behind each. */
void profile_path_add(const profile_path *path, const lmp_frames *frames, const void *frame, double *sums);

/* sum / weight of `count` pairs; NaN without weight. May be in place. */
void profile_path_divide(const double *sums, int64_t count, double *values);

#endif
