/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure.h: one pass over all recordings, and what every channel says.
 */
#ifndef LIMPID_SCORE_MEASURE_H
#define LIMPID_SCORE_MEASURE_H

#include "score/inputs.h"
#include "score/meter.h"

typedef struct measures {
    lmp_budget *budget;
    channel_values *channels; /* in->n_channels */
    int64_t n_channels, n_bands, n_tones;
    line_family families[METER_FAMILIES];
    int64_t n_families;
    bool has_before, has_truth, has_times;
    char *truth_filters; /* the steps that the truth went through; "" if none */
    int64_t n_epochs_averaged, n_grids;
    int64_t n_bins[METER_SIDES]; /* of the spectra */
    double bin_hz[METER_SIDES];
    /* Median over epochs of the mean over channels that count of the peak-to-peak value. */
    double extent_uv[METER_SIDES][SCAN_PARTS];
    uint64_t peak_bytes;
} measures;

/* What cannot be measured becomes a warning in `in`. Within the engine's memory limit: reads in blocks, and in groups
 * of channels where all do not fit. */
LMP_CHECKED lmp_status measures_make(score_inputs *in, measures **made, lmp_error *err);
void measures_free(measures *m);

#endif
