/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_piecewise.h: motion that differs from place to place.
 *
 *   rigid shift by the template -> the binned frame moved by it -> each patch on the template's patch -> the field that
 *   is expected from these shifts -> the frame moved by that field -> patches again, what is left is added -> once more
 *
 * The template's patches are learned in a pass behind the templates' own: the same frames, straightened on patches of
 * the rigid template, are averaged. So they are not blurred by what bends, and hold no taper. The same pass learns how
 * the movie bends (motion_prior.h).
 *
 * Fields are displacements of the content beyond the frame's rigid one, in binned pixels; within +-max-deviation.
 */
#ifndef LIMPID_MOVIE_MOTION_PIECEWISE_H
#define LIMPID_MOVIE_MOTION_PIECEWISE_H

#include "movie/motion_patches.h"
#include "movie/motion_prior.h"
#include "movie/motion_template.h"

/* What fields were like; in millionths of a pixel, since whole numbers add up to the same in any order. */
typedef struct piecewise_tally {
    int64_t largest, sum, frames, known;
} piecewise_tally;

typedef struct piecewise {
    template_set *set;
    match_spec spec;
    patch_layout layout;
    field_grid grid;                  /* what is measured, in binned pixels */
    field_grid wide_grid, frame_grid; /* of fields, in binned pixels and in the frame's */
    size_t template_bytes;            /* of scratch */
    patches *patches;
    float most;                               /* binned px */
    int64_t n_stretches, n_values, n_targets; /* floats of all targets of a stretch */
    float *targets;
    float *is_used;         /* rows x columns: 1, or NaN where the mask says no; NULL: all are */
    int64_t *sums, *counts; /* of learning: n_values each; numbers of 1 / scale */
    float *sample;          /* of learning: 2 x nodes of n_sample frames, then a byte for each that is there */
    int64_t n_sample;
    float *smoother;
    bool knows_prior;
    field_prior prior;
    double scale;
    bool learns; /* from frames; else the template's patches as they are */
    image_shift_spec move;
    image_shift *mover; /* for frames without a field */
    char fill[8];
    lmp_budget *budget;
    piecewise_tally *tally;
} piecewise;

/* What find() leaves for move(), besides the field. */
typedef struct piecewise_note {
    int64_t has_field, stretch;
} piecewise_note;

/* Scratch of one worker. */
typedef struct piecewise_scratch {
    void *of_template, *of_mover;
    float *of_patches;
    piecewise_note *note;
    float *image, *moved; /* n_values each */
    field_nodes field, found, work;
    float *line, *to_y, *to_x;
} piecewise_scratch;

/* motion_piecewise_scratch.c */
size_t piecewise_scratch_bytes(size_t of_template, const image_shift_spec *mover, const patch_layout *l);
piecewise_scratch piecewise_split(const piecewise *p, void *scratch);

/* One frame: motion_piecewise_frame.c
 *
 * How the binned frame, levelled (NaN: missing), whose content is displaced by (dy, dx) binned pixels, is bent beyond
 * that: into s->field. s->moved is the frame moved by it. Gives how many patches were known. */
int64_t piecewise_locate(const piecewise *p, int64_t stretch, const piecewise_scratch *s, double dy, double dx);
/* s->image moved into s->moved: by s->field too if it is bent. */
void piecewise_straighten(const piecewise *p, const piecewise_scratch *s, bool is_bent, double dy, double dx);
/* Bins and levels a frame into s->image. */
void piecewise_take(const piecewise *p, int64_t stretch, const piecewise_scratch *s, const lmp_frames *in);

/* After find() with the same scratch: pixel (y, x + i) of the moved frame comes from (y + to_y[i], x + i + to_x[i]). */
void piecewise_field(const piecewise *p, void *scratch, const motion_shift *shift, int64_t y, int64_t x, int64_t n,
                     float *to_y, float *to_x);

/* Learning: motion_piecewise_learn.c */
LMP_CHECKED lmp_status piecewise_first_targets(piecewise *p, lmp_error *err);
void piecewise_add(piecewise *p, const piecewise_scratch *s);
/* Keeps what was measured of the frame last located. */
void piecewise_keep(piecewise *p, int64_t frame, const piecewise_scratch *s);
LMP_CHECKED lmp_status piecewise_learn_prior(piecewise *p, lmp_error *err);
void piecewise_end_lessons(piecewise *p);
LMP_CHECKED lmp_status piecewise_average(piecewise *p, int64_t stretch, lmp_error *err);

#endif
