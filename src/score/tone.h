/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tone.h: amplitudes of known frequencies, over all of the scan.
 *
 * Each is the Fourier sum of the scan's samples at that frequency, weighted by a Hann window over each block of the
 * scan so that strong rhythms elsewhere in the spectrum do not leak in. The window is a staircase of 256 samples, on
 * absolute sample numbers.
 */
#ifndef LIMPID_SCORE_TONE_H
#define LIMPID_SCORE_TONE_H

#include "score/span.h"

#include <limpid/step.h>

typedef struct tone_table tone_table; /* read-only once open */

/* `spans` is borrowed for as long as lanes are added to. */
LMP_CHECKED lmp_status tone_table_open(const double *hz, int64_t n, double rate_hz, const span_list *spans,
                                       lmp_budget *budget, tone_table **made, lmp_error *err);
void tone_table_close(tone_table *t, lmp_budget *budget);

typedef struct tone_lane tone_lane;

size_t tone_lane_bytes(const tone_table *t);
LMP_CHECKED lmp_status tone_lane_open(const tone_table *t, lmp_budget *budget, tone_lane **lane, lmp_error *err);
void tone_lane_close(tone_lane *lane, lmp_budget *budget);

/* Takes the next `count` samples, all finite, of which the first is number `first`. */
void tone_lane_add(const tone_table *t, tone_lane *lane, int64_t first, const double *values, int64_t count);

/* Amplitude (peak) of tone i; NaN if the scan is empty. */
double tone_lane_amplitude(const tone_table *t, const tone_lane *lane, int64_t i);

#endif
