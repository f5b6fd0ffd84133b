/* SPDX-License-Identifier: BSD-3-Clause
 *
 * traces.h: channels as they are drawn: all samples, or lowest and highest value of each column of pixels.
 */
#ifndef LIMPID_VIEWER_TRACES_H
#define LIMPID_VIEWER_TRACES_H

#include "pyramid.h"
#include "route.h"

typedef struct trace_request {
    const int64_t *channels;
    int64_t n_channels;
    int64_t first, count; /* samples; inside the recording, at least one */
    const request *asker; /* who may give up; NULL: nobody does */
    int64_t columns;      /* column i holds samples [first + i * count / columns, first + (i + 1) * count / columns) */
} trace_request;

/* How a request is answered. */
typedef enum trace_layout {
    TRACE_SAMPLES, /* all samples: at most two for each column */
    TRACE_EXACT,   /* columns, from the samples: few enough to be read at once */
    TRACE_BLOCKS   /* columns, from blocks of the pyramid: each ends at the edge of the nearest block */
} trace_layout;
trace_layout trace_choose(const trace_request *t, int64_t block);

/* n_channels rows of `count` values, or of `columns` pairs. */
LMP_CHECKED lmp_status trace_samples(lmp_recording *recording, const trace_request *t, float *values, lmp_error *err);
LMP_CHECKED lmp_status trace_exact(lmp_recording *recording, const trace_request *t, extremes *values, lmp_error *err);
/* Samples that inner edges of columns are rounded to: a block of the biggest level that moves them little. */
int64_t trace_grid(const pyramid *p, const trace_request *t);
/* Columns of which nothing is known yet are NaN. */
LMP_CHECKED lmp_status trace_blocks(const pyramid *p, const trace_request *t, extremes *values, lmp_error *err);

#endif
