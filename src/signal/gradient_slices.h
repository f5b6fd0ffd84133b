/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_slices.h: volumes are made of slices, and the slices of a volume repeat the same artifact.
 *
 * Where they do, the template of a volume is averaged over its slices: with some 30 slices a template is as good as one
 * from 30 times as many volumes. Slices are compared in CELLS parts each, so that what differs (a pulse that only some
 * slices have, a pause) stays as it is.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_SLICES_H
#define LIMPID_SIGNAL_GRADIENT_SLICES_H

#include "signal/gradient_model.h"

enum { SLICE_CELLS = 16 };

struct gradient_slices {
    double period;  /* samples */
    int64_t count;  /* slices in a volume */
    int64_t length; /* samples of a slice, rounded up */
    double weight;  /* of the template itself beside the mean over slices; 0: only the mean */
    double n_matching[SLICE_CELLS];
    bool *matches; /* slice k, cell j at k * SLICE_CELLS + j: takes part */
    float *blend;  /* per sample of an epoch: 1 - weight where its cell matches, else 0 */
};

/* Makes the mean over slices, put where the slices are: `mean` (width) gets a value wherever there is anything to
 * blend, the rest stays as it is. `work`: gradient_slices_work() floats. */
void gradient_slices_average(const gradient_slices *slices, const gradient_model *model, const float *shape,
                             float *work, float *mean);
int64_t gradient_slices_work(const gradient_model *model);

/* shape += blend * (mean - shape) */
void gradient_slices_blend(const gradient_slices *slices, const gradient_model *model, const float *mean, float *shape);

/* ---- What finding slices needs too ---- */

enum { SLICE_PAD = 64 };

/* `padded` (width + 2 SLICE_PAD) is `shape` with its ends continued. */
void slice_pad_shape(const float *shape, int64_t width, float *padded);

/* out[m] = shape(time + m), m = 0 .. count - 1; time in samples from the start of the epoch. */
void slice_regrid(const gradient_model *model, const float *padded, double time, float *out, int64_t count);

/* First sample of a cell of a slice; the end of the last cell for SLICE_CELLS. */
static inline int64_t slice_cell_edge(const gradient_slices *s, int64_t cell)
{
    return s->length * cell / SLICE_CELLS;
}

#endif
