/* SPDX-License-Identifier: BSD-3-Clause
 *
 * epoch_shift.h: by how much each epoch's artifact is early or late, measured on one channel while its samples pass by.
 */
#ifndef LIMPID_SIGNAL_EPOCH_SHIFT_H
#define LIMPID_SIGNAL_EPOCH_SHIFT_H

#include <limpid/step.h>

/* What all channels share; read-only while they measure. Epochs [0, template_first) are kept until the template is
 * known, so there should be few of them. */
typedef struct shift_plan {
    const double *start; /* of each epoch in samples, ascending */
    const double *index; /* of each epoch in its scan block */
    int64_t n;
    int64_t length;                       /* samples of an epoch that are compared */
    int64_t lag;                          /* samples between the two of a difference, which whitens the signal */
    int64_t template_first, template_end; /* scan block that the template is taken from */
    int64_t template_most;                /* epochs in it */
} shift_plan;

typedef struct shift_lane shift_lane;

/* Times needed: epochs that end, with what interpolation needs, before `n_times` are measured. */
int64_t epoch_shift_end(const shift_plan *plan, int64_t n_times);

size_t epoch_shift_bytes(const shift_plan *plan);
LMP_CHECKED lmp_status epoch_shift_new(const shift_plan *plan, lmp_budget *budget, shift_lane **lane, lmp_error *err);
void epoch_shift_free(shift_lane *lane, lmp_budget *budget);

/* Takes the next values of the channel; `first` is the sample number of values[0]. */
LMP_CHECKED lmp_status epoch_shift_add(shift_lane *lane, int64_t first, const double *values, int64_t count,
                                       lmp_error *err);

/* No more values will come: measures what was kept. */
LMP_CHECKED lmp_status epoch_shift_finish(shift_lane *lane, lmp_error *err);

/* Per epoch: by how many samples the artifact begins after its start, relative to the template; NaN if not measured. */
const double *epoch_shift_delays(const shift_lane *lane);
/* Per epoch: correlation with the template, -1 to 1; 0 if not measured. */
const double *epoch_shift_matches(const shift_lane *lane);

#endif
