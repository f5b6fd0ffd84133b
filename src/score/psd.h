/* SPDX-License-Identifier: BSD-3-Clause
 *
 * psd.h: power spectra of long recordings by Welch's method, while they stream by.
 *
 * Segments of n samples, half of each shared with the next, lie on a grid that starts with each span; every segment
 * has its mean removed, is weighted by a Hann window and transformed. The mean of |X|^2 over the segments of a part,
 * times 2 / (rate * sum of squared weights), is its one-sided power spectral density (Welch 1967).
 */
#ifndef LIMPID_SCORE_PSD_H
#define LIMPID_SCORE_PSD_H

#include "score/span.h"

#include <limpid/step.h>

/* What segments share; read-only once open. */
typedef struct psd psd;

/* n: samples of a segment. Bins from 0 Hz to keep_hz (or half the rate) are kept, n_bands bands are followed: see
 * psd_band(). `bands` is borrowed. */
typedef struct psd_band_edges {
    double low_hz, high_hz;
} psd_band_edges;

typedef struct psd_options {
    double rate_hz, keep_hz;
    int64_t n;
    const psd_band_edges *bands;
    int64_t n_bands;
} psd_options;

LMP_CHECKED lmp_status psd_open(const psd_options *options, lmp_budget *budget, psd **made, lmp_error *err);
void psd_close(psd *p, lmp_budget *budget);

size_t psd_scratch_bytes(const psd *p); /* of one worker; aligned to 64 */
size_t psd_lane_bytes(const psd *p);
int64_t psd_bin_count(const psd *p);
double psd_bin_hz(const psd *p);

/* One channel's sums. */
typedef struct psd_lane psd_lane;

LMP_CHECKED lmp_status psd_lane_open(const psd *p, lmp_budget *budget, psd_lane **lane, lmp_error *err);
void psd_lane_close(psd_lane *lane, lmp_budget *budget);

/* Takes the next `count` samples, of which the first is number `first`. A segment with a missing sample is skipped. */
void psd_lane_add(const psd *p, psd_lane *lane, const span_list *spans, void *scratch, int64_t first,
                  const double *values, int64_t count);

/* Segments seen of a part; its spectrum in (unit of the values)^2/Hz, NaN throughout if there was none. */
int64_t psd_lane_segments(const psd_lane *lane, scan_part part);
void psd_lane_power(const psd *p, const psd_lane *lane, scan_part part, double *power);

/* Mean density of band i over the segments of a part, and the standard deviation from segment to segment (NaN below
 * three segments). */
double psd_lane_band(const psd_lane *lane, scan_part part, int64_t i);
double psd_lane_band_deviation(const psd_lane *lane, scan_part part, int64_t i);

/* ---- Reading a spectrum ---- */

/* Mean density over the bins in [low_hz, high_hz], edges included; NaN if no bin lies there. */
double psd_mean(const double *power, int64_t n_bins, double bin_hz, double low_hz, double high_hz);

/* A line and what surrounds it: the mean density within half_width_hz of `hz`, and the median density of the bins
 * outside that, up to reach_hz away. NaN where there are no bins. */
typedef struct psd_line {
    double peak, around;
} psd_line;

psd_line psd_find_line(const double *power, int64_t n_bins, double bin_hz, double hz, double half_width_hz,
                       double reach_hz);

#endif
