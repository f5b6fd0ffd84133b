/* SPDX-License-Identifier: BSD-3-Clause
 *
 * summary.h: one number out of many channels, and the metrics by FACETpy's names.
 */
#ifndef LIMPID_SCORE_SUMMARY_H
#define LIMPID_SCORE_SUMMARY_H

#include "score/measure.h"

/* ---- Of one channel; NaN: unknown ---- */

/* Standard deviation in the scan over that without scanning, both of the result. */
double channel_residual_ratio(const channel_values *v);
/* Locked to the epochs over what chance gives. */
double channel_locked_ratio(const channel_values *v);
double channel_deviation_uv(const channel_values *v, meter_side side, scan_part part);

/* ---- Over the channels that count ---- */

/* Densities in uV^2/Hz as dB; `over`: the line over its surroundings. */
typedef struct line_summary {
    const char *of;
    int64_t harmonic;
    double hz, before_db, after_db, suppression_db, before_over_db, after_over_db;
    bool is_strong; /* one of the strongest before, up to METER_STRONGEST_HZ */
} line_summary;

typedef struct rhythm_summary {
    const char *name;
    double low_hz, high_hz;
    double ratio;                   /* density in the scan over that without scanning: median over channels */
    double spread_low, spread_high; /* one standard deviation among the windows without scanning, over their mean */
    double change_percent;          /* median over channels of the size of the change */
} rhythm_summary;

typedef struct facet_summary {
    double snr, legacy_snr, rms_ratio, rms_residual;
    int64_t n_without_residue; /* channels whose scan has no more variance than their scan-free parts */
    double median_artifact, median_artifact_reference, median_artifact_ratio;
} facet_summary;

typedef struct summary {
    int64_t n_counting; /* channels */
    line_summary
        lines[(METER_FAMILIES + 1) * METER_LINES]; /* the first of each family, then the strongest of the epochs */
    int64_t n_lines;
    int64_t strongest[METER_LINES]; /* indices of harmonics of the epochs */
    int64_t n_strongest;
    double suppression_db; /* of the strongest together: median over channels */
    double residual_ratio;
    double residue_uv, null_uv, residue_before_uv; /* root mean square over channels */
    rhythm_summary rhythms[METER_RHYTHMS];
    error_values all, *bands; /* error and reference: root mean square over channels; correlation: mean */
    double *transfer;         /* median over channels */
    facet_summary facet;
} summary;

LMP_CHECKED lmp_status summary_make(const score_inputs *in, const measures *m, summary *s, lmp_error *err);
void summary_clear(summary *s);

/* Power at the strongest harmonics of the epochs, all together: before over after, in dB. */
double channel_suppression_db(const summary *s, const channel_values *v);

#endif
