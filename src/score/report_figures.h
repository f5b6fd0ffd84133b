/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_figures.h: the figures of a report. Each tells nothing where nothing is known.
 */
#ifndef LIMPID_SCORE_REPORT_FIGURES_H
#define LIMPID_SCORE_REPORT_FIGURES_H

#include "score/report_data.h"
#include "score/report_facts.h"

/* Blocks of the scan, triggers added and removed, status of the epochs, along the recording. */
void figure_timeline(report_data *d, const score *s, const report_facts *f);

/* How far recorded triggers lie from the epochs that were used, over time and as a histogram. */
void figure_deviation(report_data *d, const score *s, const report_facts *f);

/* Spectra before and after inside the scan, and without scanning; channel -1: the median over channels. */
void figure_spectra(report_data *d, const score *s, int64_t channel);

/* Spectra are marked at all multiples of this; 0: at the strongest harmonics of the epochs. */
double figure_marked_hz(const score *s);

void figure_templates(report_data *d, const report_facts *f);
void figure_gain(report_data *d, const score *s, const report_facts *f);

#endif
