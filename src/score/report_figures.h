/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_figures.h: the pictures of a report, as inline SVG. Each draws nothing and returns false where nothing is
 * known.
 */
#ifndef LIMPID_SCORE_REPORT_FIGURES_H
#define LIMPID_SCORE_REPORT_FIGURES_H

#include "score/report_facts.h"

/* Blocks of the scan, triggers added and removed, status of the epochs, along the recording. */
bool figure_timeline(FILE *out, const score *s, const report_facts *f);

/* How far recorded triggers lie from the epochs that were used, over time and as a histogram. */
bool figure_deviation(FILE *out, const score *s, const report_facts *f);

/* Spectra before and after inside the scan, and without scanning; channel -1: the median over channels. */
bool figure_spectra(FILE *out, const score *s, int64_t channel);

/* Spectra are marked at all multiples of this; 0: at the strongest harmonics of the epochs. */
double figure_marked_hz(const score *s);

bool figure_templates(FILE *out, const report_facts *f);
bool figure_gain(FILE *out, const score *s, const report_facts *f);

#endif
