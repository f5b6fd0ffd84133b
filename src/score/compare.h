/* SPDX-License-Identifier: BSD-3-Clause
 *
 * compare.h: a result against the known truth, sample by sample: error and correlation, in all and in frequency bands,
 * and how much of injected tones is left.
 *
 * The truth first goes through the filters that the result went through (refilter.h). Then both go through the same
 * zero-phase band filters, so that neither edges nor delays make an error. Only samples inside the scan count.
 */
#ifndef LIMPID_SCORE_COMPARE_H
#define LIMPID_SCORE_COMPARE_H

#include "score/metrics.h"
#include "score/psd.h"
#include "score/refilter.h"
#include "score/tone.h"

typedef struct compare_options {
    double rate_hz;         /* of the result, and of the truth behind its filters */
    int64_t n_result;       /* samples of the result */
    const span_list *spans; /* of the result */
    const refilter *filters;
    const psd_band_edges *bands;
    int64_t n_bands;
    const double *tones_hz;
    int64_t n_tones;
    /* The blocks to come: block i holds the samples [cuts[i], cuts[i + 1]) of each. */
    const int64_t *result_cuts, *truth_cuts;
    int64_t n_blocks;
} compare_options;

typedef struct compare compare; /* read-only once open; borrows all that options point at but the cuts */

LMP_CHECKED lmp_status compare_open(const compare_options *options, lmp_budget *budget, compare **made, lmp_error *err);
void compare_close(compare *c, lmp_budget *budget);

size_t compare_lane_bytes(const compare *c);
size_t compare_scratch_bytes(const compare *c); /* of one worker; aligned to 64 */

typedef struct compare_lane compare_lane;

LMP_CHECKED lmp_status compare_lane_open(const compare *c, int64_t truth_channel, lmp_budget *budget,
                                         compare_lane **lane, lmp_error *err);
void compare_lane_close(const compare *c, compare_lane *lane, lmp_budget *budget);

/* Takes the next block of both; `ended`: it is the last. */
LMP_CHECKED lmp_status compare_lane_add(const compare *c, compare_lane *lane, void *scratch, lmp_budget *budget,
                                        const double *result, int64_t n_result, const double *truth, int64_t n_truth,
                                        bool ended, lmp_error *err);

/* Inside the scan, in all (band -1) or in a band. */
const pair_sums *compare_lane_sums(const compare_lane *lane, int64_t band);

/* Amplitude of tone i in the result over that in the truth; NaN if the truth holds none. */
double compare_lane_transfer(const compare *c, const compare_lane *lane, int64_t i);

#endif
