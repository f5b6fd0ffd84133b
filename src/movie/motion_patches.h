/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_patches.h: where patches of an image lie over the same patches of a template.
 *
 * Each patch is matched by itself, as motion_match.h does it. Where its best match does not stand out, the normalised
 * correlations of the patches around it are added to its own (1/2 of those beside it, 1/4 of those across a corner),
 * and, if that is not enough, those of the patches around these. (The idea is suite2p's, Pachitariu et al. 2017.)
 */
#ifndef LIMPID_MOVIE_MOTION_PATCHES_H
#define LIMPID_MOVIE_MOTION_PATCHES_H

#include "movie/motion_field.h"
#include "movie/motion_match.h"

/* Where patches lie in an image, in its pixels. */
typedef struct patch_layout {
    int64_t image_rows, image_columns;
    int64_t side, first_y, first_x, step_y, step_x;
    int64_t rows, columns; /* of patches */
    int64_t reach;         /* largest shift that is looked for; at most a quarter of a side */
} patch_layout;

/* Patches of `side` that share `overlap` or more; the outermost reach beyond the image by up to a quarter of a side,
 * where a patch's taper leaves next to nothing. */
patch_layout patch_layout_of(int64_t image_rows, int64_t image_columns, int64_t side, int64_t overlap, int64_t reach);
/* Nodes in the patches' centres. */
field_grid patch_grid(const patch_layout *layout);

typedef struct patches patches; /* immutable: any number of threads */

/* smooth, background: of the band-pass, px of the image. */
size_t patches_bytes(const patch_layout *layout);
LMP_CHECKED lmp_status patches_open(const patch_layout *layout, double smooth, double background, lmp_budget *budget,
                                    patches **made, lmp_error *err);
void patches_close(patches *p, lmp_budget *budget);

/* All patches of a template made ready. Floats of targets; scratch of one worker in floats. */
int64_t patches_target_floats(const patch_layout *layout);
int64_t patches_scratch_floats(const patch_layout *layout);
void patches_set_targets(const patches *p, const float *image, float *scratch, float *targets);

/* How far the content of each patch of the image is displaced from the template's, px. NaN is missing. */
void patches_match(const patches *p, const float *targets, const float *image, float *scratch, field_nodes *found);

#endif
